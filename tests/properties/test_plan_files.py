"""Whatever document the models let through is printed and read again as the same plan, and can be checked."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Sequence
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dualtrack.adapters import plan_codec, plan_file, yaml_text
from dualtrack.adapters.formula_faults import faults
from dualtrack.adapters.plan_model import PlanModel
from dualtrack.domain.checks import formulas, problems
from dualtrack.domain.errors import Problem, Refused
from dualtrack.domain.vocabulary import CHOICES
from tests.support.documents import WHOLE

Some = st.SearchStrategy[Any]
NAMES = st.sampled_from(["a", "b", "deals", "deal-size", "team.deals", "course.c.score", "x y", "价格", ""])
TEXT = st.text(st.characters(categories=("L", "N", "P", "S", "Zs")), max_size=8)
TEXTS = st.dictionaries(st.sampled_from(["en", "zh", "fr"]), TEXT, max_size=3)
NUMBERS = st.one_of(
    st.integers(-(10**6), 10**6),
    st.decimals(-(10**9), 10**9, places=6, allow_nan=False).map(str),
    st.from_regex(r"-?[0-9]{1,24}(\.[0-9]{1,14})?", fullmatch=True, alphabet="-.0123456789"),
)
BOUNDS = st.sampled_from(["at_least", "above", "at_most", "below", "equals"])
ROWS = st.lists(st.tuples(NUMBERS, NUMBERS).map(list), max_size=3)
FORMULAS = st.sampled_from(
    ["a", "deals + 1", "min([a, b])", "value * ", "metrics.a.points > 1", "1/0", "'x'", "a-b"]
)


def word(name: str) -> Some:
    """A choice, now and then one that does not exist."""
    return st.sampled_from([*CHOICES[name], "else"])


def places(node: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Every place inside of a document."""
    inside = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for step, value in inside:
        yield (*way, step), value
        yield from places(value, (*way, step))


def words(*names: str) -> dict[str, Some]:
    """Fields that are called by their choice."""
    return {name: word(name) for name in names}


def parts(needed: dict[str, Some], **optional: Some) -> Some:
    """A mapping; ``for_`` is the field ``for``."""
    return st.fixed_dictionaries(needed, optional={name.rstrip("_"): each for name, each in optional.items()})


def several(of: Some, most: int = 2) -> Some:
    return st.lists(of, max_size=most)


def one_of_fields(**fields: Some) -> Some:
    """A mapping with exactly one of these fields."""
    return st.one_of(*(st.fixed_dictionaries({name: each}) for name, each in fields.items()))


def joined(*mappings: Some) -> Some:
    """One mapping of several."""
    return st.tuples(*mappings).map(lambda each: {key: value for part in each for key, value in part.items()})


BOUND = st.tuples(BOUNDS, NUMBERS).map(lambda pair: {pair[0]: pair[1]})
CONDITION = st.one_of(
    joined(
        parts({"metric": NAMES.filter(bool), "what": st.sampled_from(["value", "attainment", "points"])}),
        BOUND,
    ),
    joined(
        one_of_fields(measure=NAMES.filter(bool), track=NAMES.filter(bool), total=st.just("score")), BOUND
    ),
    joined(
        parts({"course": NAMES.filter(bool), "what": st.sampled_from(["score", "hours", "progress"])}), BOUND
    ),
    parts({"course": NAMES.filter(bool), "what": st.sampled_from(["passed", "completed"])}),
)
CONDITIONS = st.one_of(CONDITION, st.lists(CONDITION, min_size=1, max_size=2))
FILTERS = st.dictionaries(TEXT, st.one_of(TEXT, st.lists(TEXT, min_size=1, max_size=2), BOUND), max_size=2)
GATE = joined(
    one_of_fields(when=CONDITIONS, any=CONDITIONS),
    parts({}, otherwise=word("otherwise"), cap=NUMBERS, name=TEXTS),
)
MODIFIER = joined(
    one_of_fields(add=NUMBERS, multiply=NUMBERS, deduct=NUMBERS),
    parts(
        {},
        per=NAMES,
        when=CONDITIONS,
        order=st.integers(-3, 3),
        compound=st.booleans(),
        may_pass_cap=st.booleans(),
    ),
)
CURVE = parts({}, kind=word("curve"), table=ROWS, formula=FORMULAS, **words("tie"))
FACTORS = {"by": NUMBERS, "when": FILTERS}
EACH = parts({}, table=ROWS, factors=several(parts(FACTORS)), **words("how", "tie"))
MEASURE = parts(
    {"id": NAMES, "kind": word("kind")},
    months=st.integers(-1, 40), when=FILTERS, each=EACH, **words("scope", "window"),
    **dict.fromkeys(("observed", "value", "weight", "numerator", "denominator"), NAMES),
)  # fmt: skip
COURSE = parts(
    {"id": NAMES, "name": TEXTS},
    hours=NUMBERS, pass_score=NUMBERS, months=st.integers(0, 40), **words("attempts"),
)  # fmt: skip
TARGET = st.one_of(
    NUMBERS,
    parts({}, value=NUMBERS, seasonality=several(NUMBERS, 5), ramp=several(NUMBERS), prorate=st.booleans(),
          **words("per", "change")),
)  # fmt: skip
PAYS = parts(
    {"table": ROWS},
    factors=several(parts(FACTORS | {"when": CONDITIONS})), cap=NUMBERS,
    **words("how", "on", "edges", "tie", "accumulate"),
)  # fmt: skip
RULES = {"gates": several(GATE), "modifiers": several(MODIFIER)}
METRIC = joined(
    one_of_fields(measure=NAMES, formula=FORMULAS),
    parts({"id": NAMES, "weight": NUMBERS, "name": TEXTS},
          description=TEXTS, unit=TEXT, target=TARGET, curve=CURVE, cap=NUMBERS, floor=NUMBERS, pays=PAYS,
          round_attainment=st.integers(0, 10), **words("direction", "falling", "no_data"), **RULES),
)  # fmt: skip
NAMED = {"id": NAMES, "weight": NUMBERS, "name": TEXTS}
TRACK = parts(NAMED | {"metrics": several(METRIC, 3)}, cap=NUMBERS, **RULES)
GUARANTEE = parts({"amount": NUMBERS}, months=st.integers(0, 5))
PAYOUT = parts(
    {}, curve=CURVE, gates=several(GATE), guarantee=GUARANTEE, limits=several(NUMBERS, 3),
    draw=joined(GUARANTEE, parts({}, recoverable=st.booleans())), **words("basis", "proration"),
    **dict.fromkeys(("threshold", "cap", "cap_amount"), NUMBERS),
)  # fmt: skip
AWARD = parts(
    {"id": NAMES, "name": TEXTS},
    month=st.integers(0, 13), amount=NUMBERS, share=NUMBERS, gates=several(GATE),
)  # fmt: skip
DAYS = st.dates().map(str)
PLANS = parts(
    {"id": NAMES, "version": st.integers(1, 9), "effective": parts({"from": DAYS}, to=DAYS), "name": TEXTS,
     "currency": st.sampled_from(["CNY", "JPY", "XXX"]), "measures": several(MEASURE, 3),
     "tracks": several(TRACK)},
    for_=parts({}, teams=several(NAMES), employees=several(NAMES)), zone=st.sampled_from(["", "UTC", "Mars"]),
    description=TEXTS, cap=NUMBERS, floor=NUMBERS, round_attainment=st.integers(0, 10),
    courses=several(COURSE), payout=PAYOUT, awards=several(AWARD),
)  # fmt: skip
JUNK = st.one_of(
    st.none(), st.booleans(), st.floats(), st.integers(), TEXT, st.just([]), st.just({}), st.just([[1]]),
    st.just({"id": 1}), st.just([{"id": "a"}]),
)  # fmt: skip
PLACES = tuple(place for place, _ in places(WHOLE))
MANY = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@MANY
@given(PLANS)
def test_what_was_printed_is_read_as_the_same_and_printed_the_same(document: dict[str, Any]) -> None:
    model = PlanModel.model_validate(document)
    text = plan_file.stored(model)
    again = PlanModel.model_validate(json.loads(text))
    assert again == model
    assert plan_file.stored(again) == text
    assert yaml_text.parsed(text) == json.loads(text)
    assert plan_codec.plan(text) == plan_codec.plan(plan_file.stored(again))


@MANY
@given(PLANS)
def test_whatever_the_models_let_through_can_be_checked(document: dict[str, Any]) -> None:
    plan = plan_codec.plan(plan_file.stored(PlanModel.model_validate(document)))
    found = problems(plan) + [each for place, formula in formulas(plan) for each in faults(formula, place)]
    assert all(each.field and each.remedy for each in found)


@settings(MANY, max_examples=300)
@given(st.lists(st.tuples(st.sampled_from(PLACES), JUNK), min_size=1, max_size=3))
def test_whatever_stands_in_a_document_is_taken_or_refused_with_place_and_remedy(
    changes: list[tuple[tuple[Any, ...], Any]],
) -> None:
    document = copy.deepcopy(WHOLE)
    for place, junk in changes:
        put(document, place, junk)
    for each in told(document):
        assert each.field
        assert each.remedy


def told(document: object) -> Sequence[Problem]:
    """What a document is refused for."""
    try:
        plan, text = plan_file.read(document)
    except Refused as refused:
        return refused.problems
    assert plan_codec.plan(text) == plan
    return ()


def put(node: Any, place: tuple[Any, ...], value: Any) -> None:
    """Another value at a place, if that is still there."""
    *way, last = place
    for step in way:
        if not has(node, step):
            return
        node = node[step]
    if has(node, last):
        node[last] = copy.deepcopy(value)


def has(node: Any, step: int | str) -> bool:
    """Whether a place is there."""
    if isinstance(node, list):
        return isinstance(step, int) and step < len(node)
    return isinstance(node, dict) and step in node
