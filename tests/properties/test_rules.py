"""What holds for every plan and every fact: rising, steady, additive, explained to the last digit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dualtrack.app.valuation import Valued, reader, value
from dualtrack.domain.curves import CURVES, WITH_TABLE
from dualtrack.domain.employment import Employment, History
from dualtrack.domain.fold import fold
from dualtrack.domain.measures import KINDS, Each, Measure, merge, partial, values
from dualtrack.domain.money import half_up
from dualtrack.domain.numbers import EXACT, exact
from dualtrack.domain.observations import Observation, Place, Value
from dualtrack.domain.payouts import Statement, settle
from dualtrack.domain.periods import days_in
from dualtrack.domain.plan import Award, Curve, Draw, PayoutRule, Pays, Plan, Table
from dualtrack.domain.scoring import Scorecard
from dualtrack.domain.tables import marginal
from tests.support.plans import card, gate, metric, modifier, plan, points, track

MANY = settings(max_examples=150, deadline=None)
FEW = settings(max_examples=50, deadline=None)
DUST = Decimal("1E-40")
D = Decimal


def decimals(least: int = 0, most: int = 10_000, places: int = 2) -> st.SearchStrategy[Decimal]:
    """Decimals with a fixed number of places."""
    unit = 10**places
    return st.integers(least * unit, most * unit).map(lambda n: D(n) / unit)


@st.composite
def rising(draw: st.DrawFn, slopes: int = 150) -> Table:
    """A table whose edges and given numbers rise, from 0 on."""
    edges = sorted(draw(st.sets(decimals(0, 3), min_size=2, max_size=6)))
    given_ = sorted(draw(st.lists(decimals(0, slopes), min_size=len(edges), max_size=len(edges))))
    return ((D(0), given_[0]), *((e, g) for e, g in zip(edges, given_, strict=True) if e > 0))


# Rising and steady.


@MANY
@given(
    st.sampled_from(sorted(CURVES)), rising(), st.sampled_from(["upper", "lower"]), decimals(), decimals(),
    decimals(0, 200, 3).filter(bool), st.sampled_from([None, 0, 2]),
)  # fmt: skip
@pytest.mark.parametrize(
    ("direction", "falling"), [("up", "linear"), ("down", "linear"), ("down", "inverse")]
)
def test_a_better_value_never_has_fewer_points(
    direction: str, falling: str, kind: str, nodes: Table, tie: str, a: Decimal, b: Decimal, target: Decimal,
    places: int | None,
) -> None:  # fmt: skip
    one = plan(metric(target=target, direction=direction, falling=falling, round_attainment=places,
                      curve=Curve(kind, nodes if kind in WITH_TABLE else (), tie)))  # fmt: skip
    less, more = (points(card(one, m=each)) for each in sorted((a, b)))
    assert less <= more if direction == "up" else less >= more


@MANY
@given(rising(), decimals(0, 5, 4), decimals(0, 5, 4))
def test_an_interpolated_curve_never_jumps(nodes: Table, a: Decimal, b: Decimal) -> None:
    steepest = max(
        (Fraction(y1 - y0) / Fraction(x1 - x0) for (x0, y0), (x1, y1) in pairwise(nodes)), default=0
    )
    jump = abs(CURVES["interpolated"](a, nodes, "upper") - CURVES["interpolated"](b, nodes, "upper"))
    assert Fraction(jump) <= steepest * Fraction(abs(a - b)) + Fraction(1, 10**25)


@MANY
@given(rising(), decimals(0, 5, 4), decimals(0, 5, 4))
def test_a_marginal_curve_never_jumps(rates: Table, a: Decimal, b: Decimal) -> None:
    steepest = max(rate for _, rate in rates)
    jump = abs(CURVES["marginal"](a, rates, "upper") - CURVES["marginal"](b, rates, "lower"))
    assert jump <= steepest * abs(a - b)


# Adding up.


@MANY
@given(rising(), st.lists(decimals(0, 2), min_size=1, max_size=8))
def test_slices_of_an_amount_are_worth_the_amount(rates: Table, slices: list[Decimal]) -> None:
    """Each slice from where the one before it ended; a tier's slice by hand, tier by tier."""
    run, worth = D(0), D(0)
    for each in slices:
        for (low, rate), high in zip(rates, [*(edge for edge, _ in rates[1:]), D(10**9)], strict=True):
            worth += max(D(0), min(run + each, high) - max(run, low)) * rate
        run += each
    assert worth == marginal(run, rates, "upper")


DAYS = [date(2026, 1, 1) + timedelta(days=n) for n in range(90)]


@st.composite
def observed(draw: st.DrawFn) -> list[Observation]:
    """Versions of some entities over a quarter, tombstones among them."""
    found: list[Observation] = []
    for _ in range(draw(st.integers(1, 12))):
        day = draw(st.sampled_from(DAYS[::7]))
        entity, version = draw(st.sampled_from("abcd")), draw(st.integers(1, 3))
        said: dict[str, Value] = {
            "v": draw(decimals(-100, 1000)),
            "w": draw(decimals(0, 9)),
            "f": D(draw(st.integers(0, 1))),
            "label": draw(st.sampled_from(["x", "y"])),
        }
        digest = draw(st.sampled_from("pq"))
        place = Place("E:ann", f"{day:%Y-%m}", "deal", f"{day}")
        # One digest says one thing: what is said follows from entity, version and digest.
        key = (place, entity, version, digest)
        known = next(
            (each for each in found if (each.place, each.entity, each.version, each.digest) == key), None
        )
        gone = draw(st.booleans()) and draw(st.booleans())
        found.append(
            known
            or Observation(place, entity, version, digest, said, gone, event=draw(st.sampled_from("12")))
        )
    return found


THIRDS = Each(
    ((D(0), D(0)), (D(3), D(1)), (D(700), D(2))), "interpolated", factors=((D("1.1"), {"label": "x"}),)
)
MEASURES = [
    *(Measure(kind, "deal", kind, "f" if kind == "share" else "v", "w") for kind in KINDS),
    *(Measure(f"each_{kind}", "deal", kind, "v", "w", each=THIRDS) for kind in ("sum", "mean", "max")),
    Measure("each_weighted_mean", "deal", "weighted_mean", "v", "w", each=THIRDS),
    Measure("only_x", "deal", "sum", "v", when={"label": "x"}),
    Measure("ratio", "", "ratio", numerator="only_x", denominator="count"),
]  # fmt: skip
SIMPLE = [measure for measure in MEASURES if measure.kind != "ratio"]


def partials(rows: Sequence[Observation]) -> dict[str, tuple[str, ...]]:
    """Partials of all measures over what counts of these rows."""
    current = fold(rows).current
    found = {measure.id: partial(measure, current) for measure in SIMPLE}
    return {name: each for name, each in found.items() if each is not None}


@MANY
@given(observed(), st.randoms(use_true_random=False))
def test_order_and_duplicates_of_facts_change_nothing(rows: list[Observation], chance: Any) -> None:
    again = [*rows, *chance.choices(rows, k=len(rows))]
    chance.shuffle(again)
    assert partials(again) == partials(rows)
    assert values(MEASURES, partials(again)) == values(MEASURES, partials(rows))


@MANY
@given(observed(), st.integers(1, 30))
def test_days_weeks_and_months_merge_to_the_quarter(rows: list[Observation], size: int) -> None:
    current = fold(rows).current
    whole = {measure.id: partial(measure, current) for measure in SIMPLE}
    chunks = [DAYS[n : n + size] for n in range(0, len(DAYS), size)]
    for measure in SIMPLE:
        parts = [[r for r in current if date.fromisoformat(r.place.day) in chunk] for chunk in chunks]
        found = [each for part in parts if (each := partial(measure, part))]
        assert merge(measure, found) == whole[measure.id]
        halves = [merge(measure, found[:1]), merge(measure, found[1:])]
        assert merge(measure, [half for half in halves[::-1] if half]) == whole[measure.id]


# Explained to the last digit.

WEIGHTS = ("12.5", "37.5", "20", "30")
STATES = st.lists(st.sampled_from(["value", "nothing", "gate", "exclude", "cap"]), min_size=4, max_size=4)
GATES = {
    "gate": gate("measure never at_least 1"),
    "exclude": gate("measure never at_least 1", otherwise="exclude"),
    "cap": gate("measure never at_least 1", otherwise="cap", cap=D(50)),
}


@st.composite
def scorecards(draw: st.DrawFn) -> Scorecard:
    """Two tracks of four metrics, in all states that a metric can be in but a hold."""
    tracks: list[Any] = []
    seen: dict[str, Any] = {}
    for identity, weight in (("business", "60"), ("management", "40")):
        metrics = []
        for n, (each, state) in enumerate(zip(WEIGHTS, draw(STATES), strict=True)):
            name = f"{identity}_{n}"
            bonus = (modifier("add", draw(decimals(0, 9)), f"metric {name} points below 100"),)
            gates = (GATES[state],) if state in GATES else ()
            metrics.append(
                metric(name, each, draw(decimals(1, 7, 0)), no_data="exclude", gates=gates, modifiers=bonus)
            )
            seen[name] = None if state == "nothing" and n else draw(decimals(0, 9))
        deduct = modifier("deduct", "10", per="violations", compound=draw(st.booleans()))
        tracks.append(track(identity, weight, *metrics, modifiers=(deduct,)))
    written = plan(*tracks, kinds={"violations": "count", "never": "count"})
    return card(written, violations=draw(st.integers(0, 3)), **seen)


@MANY
@given(scorecards())
def test_weights_that_are_shared_out_are_a_hundred_percent_again(found: Scorecard) -> None:
    for scored in found.tracks:
        in_play = [m for m in found.metrics if m.track == scored.id and m.state != "excluded"]
        whole = sum((Fraction(m.weight) for m in in_play), Fraction())
        if not whole:
            assert scored.held
            continue
        shares = [Fraction(m.weight) * 100 / whole for m in in_play]
        assert sum(shares) == 100
        parts = [share * Fraction(m.points) / 100 for share, m in zip(shares, in_play, strict=True)]
        weighed = sum(parts, Fraction())
        assert abs(weighed - Fraction(D(scored.reasons[0].result))) < Fraction(DUST)


@exact
def readded(given_: str) -> Decimal:
    """``(30 × 5 + 30 × 7) / 60`` worked out again from the text."""
    above, _, below = given_.partition(" / ")
    terms = [each.split(" × ") for each in above.strip("()").split(" + ")]
    return sum((D(weight) * D(worth) for weight, worth in terms), D(0)) / D(below)


@MANY
@given(scorecards())
def test_a_total_is_re_added_from_its_reasons_to_the_last_digit(found: Scorecard) -> None:
    total = D(0)
    for scored in found.tracks:
        assert scored.held or readded(scored.reasons[0].given) == D(scored.reasons[0].result)
        last = D(0) if scored.held else D(scored.reasons[-1].result)
        assert last == scored.score
        total = EXACT.add(total, EXACT.divide(EXACT.multiply(scored.weight, last), D(100)))
    assert total == found.total


@MANY
@given(scorecards())
def test_a_metric_s_points_are_those_of_its_last_reason(found: Scorecard) -> None:
    for each in found.metrics:
        if each.state == "scored":
            said = [r for r in each.reasons if r.result != "does not apply"][-1]
            assert D(said.result.rpartition(": ")[2]) == each.points
        else:
            assert each.points == 0


# Through the whole valuation.

LONG_AGO = date(2020, 1, 1)
MONTHS = ("2026-01", "2026-02", "2026-03")


def history(who: str, base: int = 1_000_000, start: date = LONG_AGO) -> History:
    """Somebody who is employed since then."""
    return History((Employment(who, "t", base, "EUR", start, None),))


def sold(who: str, amounts: Mapping[str, Sequence[Decimal]]) -> dict[tuple[str, str], list[Observation]]:
    """Sales by month."""
    return {
        (f"E:{who}", month): [
            Observation(
                Place(f"E:{who}", month, "sales", f"{month}-{n + 1:02d}"),
                f"{who}{n}",
                1,
                "x",
                {"value": amount},
            )
            for n, amount in enumerate(each)
        ]
        for month, each in amounts.items()
    }


AMOUNTS = st.fixed_dictionaries({month: st.lists(decimals(-500, 9000), max_size=3) for month in MONTHS})


def valued(who: History, written: Plan, month: str, facts: Any) -> Valued:
    """A month's value."""
    found = value(who, [written], month, reader(facts))
    assert found
    return found


def selling(window: str = "month", **fields: Any) -> Plan:
    """A plan on sales."""
    whole: dict[str, Any] = {"payout": PayoutRule("none")}
    whole |= {name: fields.pop(name) for name in ("payout", "awards") if name in fields}
    return plan(metric("sales", **fields), **whole,
                defined=(Measure("sales", "sales", "sum", window=window),))  # fmt: skip


@FEW
@given(AMOUNTS, rising(), st.sampled_from(["marginal", "interpolated", "amount"]))
def test_three_months_of_commission_are_the_quarter_s(amounts: Any, rates: Table, how: str) -> None:
    rates = tuple((edge * 3000, rate) for edge, rate in rates)
    facts = sold("ann", amounts)
    paying = selling(pays=Pays(rates, how, accumulate="quarter"))
    months = [valued(history("ann"), paying, month, facts).parts[0].exactly for month in MONTHS]
    every = sold("ann", {"2026-03": [each for month in MONTHS for each in amounts[month]]})
    whole = valued(history("ann"), selling(pays=Pays(rates, how)), "2026-03", every).parts[0].exactly
    assert whole is not None
    together = sum((Fraction(each) for each in months if each is not None), Fraction())
    assert abs(together - Fraction(whole)) < Fraction(DUST)


@FEW
@given(AMOUNTS, decimals(0, 60), st.integers(0, 10**7), st.integers(0, 70))
def test_instalments_add_up_to_the_quarter(amounts: Any, limit: Decimal, base: int, late: int) -> None:
    """Whoever joins late is paid by the days."""
    rule = PayoutRule(limits=(limit, limit + 30))
    written = selling("quarter_to_date", target=9000, payout=rule)
    start = date(2026, 1, 1) + timedelta(days=late)
    who = history("ann", base, start)
    months = [month for month in MONTHS if month >= f"{start:%Y-%m}"]
    found = [valued(who, written, month, sold("ann", amounts)) for month in months]
    whole = sum((base * Fraction(*who.days(month)) for month in MONTHS), Fraction())
    share = Fraction(found[-1].card.total) / 100
    assert sum(each.due or 0 for each in found) == half_up(rounded(whole * share))


def rounded(whole: Fraction) -> Decimal:
    """A fraction at forty digits."""
    return exact(lambda: (D(whole.numerator) / whole.denominator).quantize(D("1E-30")))()


LUMP = Pays(((D(0), D(0)), (D(1), D(500))), "amount", "attainment", cap=D(450))
EVERY_DAY = {"target": 310, "pays": Pays(((D(0), D(1)), (D(400), D(2))), accumulate="quarter")}
CUT: list[dict[str, Any]] = [
    {"target": 310, "payout": PayoutRule()},
    {"target": 900, "window": "quarter_to_date"},
    {"target": 310, "payout": PayoutRule(proration="none")},
    {"target": 310, "payout": PayoutRule(cap_amount=D(4000))},
    {"target": 9999, "payout": PayoutRule(guarantee=Draw(D(6000)))},
    {"target": 310, "pays": LUMP},
    EVERY_DAY,
    {"target": 310, "awards": (Award("annual", {}, (gate("total score at_least 1"),), 3, D(100)),)},
]


@pytest.mark.parametrize("fields", CUT)
@given(st.integers(2, 31), st.integers(0, 10**7))
@settings(max_examples=20, deadline=None)
def test_a_new_version_that_says_the_same_pays_the_same(fields: Any, day: int, base: int) -> None:
    """A month cut in two, with the same sales on every day of it."""
    one = selling(**fields)
    two = replace(one, version=2, start=date(2026, 3, day))
    facts = sold("ann", {month: [D(10)] * days_in(month) for month in MONTHS})
    whole = valued(history("ann", base), one, "2026-03", facts)
    cut = value(history("ann", base), [one, two], "2026-03", reader(facts))
    assert cut
    assert len(cut.parts) == 2
    assert cut.due == whole.due


@FEW
@given(st.dictionaries(st.sampled_from("abcdef"), AMOUNTS, min_size=1), st.sampled_from(MONTHS))
def test_everybody_at_once_and_one_by_one_are_the_same(people: Any, month: str) -> None:
    written = selling("quarter_to_date", target=9000, pays=Pays(((D(0), D("0.05")),), accumulate="quarter"))
    together: dict[tuple[str, str], list[Observation]] = {}
    for who, amounts in people.items():
        together |= sold(who, amounts)
    read = reader(together)
    for who, amounts in people.items():
        alone = valued(history(who), written, month, sold(who, amounts))
        assert value(history(who), [written], month, read) == alone


@MANY
@given(
    st.lists(st.tuples(st.integers(-900, 2000), st.integers(-300, 300)), min_size=1, max_size=12),
    st.integers(0, 600), st.integers(0, 12),
)  # fmt: skip
def test_what_was_drawn_and_carried_is_all_that_net_and_gross_differ_by(
    months: list[tuple[int, int]], draw: int, until: int
) -> None:
    """Once draw and balance are back at 0, Σ net = Σ gross."""
    drawn = balance = gross = net = 0
    for n, (earned, difference) in enumerate([*months, (10**6, 0), (10**6, 0)]):
        restated = {"2025-12": (difference, 0)}
        least = draw if n < until else 0
        payout = settle(
            Statement("t", f"{n}", "2026-01", "ann", "EUR", (earned, ()), restated, balance, least, drawn)
        )
        assert payout
        by = {line.kind: line.amount for line in payout.lines}
        drawn += by.get("draw", 0) + by.get("recovery", 0)
        balance += by.get("carried_in", 0) + by.get("carried_out", 0)
        gross, net = gross + earned + difference, net + payout.amount
        assert payout.amount >= 0
        assert drawn >= 0
        assert net == gross + drawn + balance
    assert (drawn, balance, net) == (0, 0, gross)
