"""From a value to points, from points to a track's score, as tables: one row is one case."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from graphlib import CycleError
from typing import Any

import pytest

from dualtrack.domain.curves import CURVES
from dualtrack.domain.dependencies import circle
from dualtrack.domain.formulas import Incalculable, Names
from dualtrack.domain.plan import Award, Curve, Gate, Metric
from dualtrack.domain.scoring import attainment
from tests.support.plans import card, formula, gate, metric, modifier, named, plan, points, table, track

D = Decimal
INFINITE = D("1E+6")  # as good as it gets
TIERS = table(("0", 0), ("0.8", 60), ("1", 100), ("1.2", 150))
NODES = table(("0.5", 0), ("1", 100), ("1.5", 120))
RATES = table(("0", 50), ("0.5", 100), ("1", 200))


# Attainment.


@pytest.mark.parametrize(
    ("direction", "falling", "value", "target", "expected"),
    [
        ("up", "linear", 50, 100, "0.5"),
        ("up", "linear", 100, 100, "1"),
        ("up", "linear", 0, 100, "0"),
        ("up", "linear", -5, 100, "0"),
        ("down", "linear", 80, 100, "1.2"),
        ("down", "linear", 100, 100, "1"),
        ("down", "linear", 250, 100, "0"),
        ("down", "linear", 0, 100, "2"),
        ("down", "linear", -100, 100, "3"),
        ("down", "inverse", 80, 100, "1.25"),
        ("down", "inverse", 100, 100, "1"),
        ("down", "inverse", 400, 100, "0.25"),
        ("down", "inverse", 0, 100, INFINITE),
        ("down", "inverse", -5, 100, INFINITE),
        ("down", "inverse", "0.00000000000001", 100, INFINITE),
    ],
)
def test_attainment(
    direction: str, falling: str, value: str | int, target: str | int, expected: str | Decimal
) -> None:
    assert attainment(D(value), D(target), direction, falling) == D(expected)


@pytest.mark.parametrize("direction", ["up", "down"])
@pytest.mark.parametrize("falling", ["linear", "inverse"])
def test_exactly_the_target_is_attained_in_every_direction(direction: str, falling: str) -> None:
    for target in ("0.00000000000001", "3", "17.23", "999999999999999999999999"):
        assert attainment(D(target), D(target), direction, falling) == 1


# Curves.


@pytest.mark.parametrize(
    ("kind", "nodes", "tie", "reached", "expected"),
    [
        ("linear", (), "upper", "0.955", "95.5"),
        ("pass_fail", (), "upper", "0.9999", 0),
        ("pass_fail", (), "upper", "1", 100),
        ("pass_fail", (), "lower", "1", 0),
        ("pass_fail", (), "lower", "1.0001", 100),
        ("steps", TIERS, "upper", "0", 0),
        ("steps", TIERS, "upper", "0.7999", 0),
        ("steps", TIERS, "upper", "0.8", 60),
        ("steps", TIERS, "lower", "0.8", 0),
        ("steps", TIERS, "lower", "0.8001", 60),
        ("steps", TIERS, "upper", "1.2", 150),
        ("steps", TIERS, "lower", "1.2", 100),
        ("steps", TIERS, "upper", "7", 150),
        ("steps", TIERS, "lower", "0", 0),
        ("interpolated", NODES, "upper", "0.2", 0),
        ("interpolated", NODES, "upper", "0.5", 0),
        ("interpolated", NODES, "upper", "0.75", 50),
        ("interpolated", NODES, "upper", "1", 100),
        ("interpolated", NODES, "lower", "1", 100),
        ("interpolated", NODES, "upper", "1.25", 110),
        ("interpolated", NODES, "upper", "9", 120),
        ("marginal", RATES, "upper", "0", 0),
        ("marginal", RATES, "upper", "0.25", "12.5"),
        ("marginal", RATES, "upper", "0.5", 25),
        ("marginal", RATES, "lower", "0.5", 25),
        ("marginal", RATES, "upper", "0.75", 50),
        ("marginal", RATES, "upper", "1", 75),
        ("marginal", RATES, "upper", "1.25", 125),
    ],
)  # fmt: skip
def test_curves(kind: str, nodes: Any, tie: str, reached: str, expected: str | int) -> None:
    assert CURVES[kind](D(reached), nodes, tie) == D(expected)


@pytest.mark.parametrize(
    ("fields", "value", "expected"),
    [
        ({}, 130, 120),
        ({"cap": D(200)}, 130, 130),
        ({"floor": D(40)}, 10, 40),
        ({"floor": D(40)}, 50, 50),
        ({"cap": D(100)}, 100, 100),
    ],
)
def test_points_stay_between_floor_and_cap(fields: Any, value: int, expected: int) -> None:
    assert points(card(plan(metric(**fields)), m=value)) == expected


@pytest.mark.parametrize(
    ("places", "value", "target", "expected"),
    [
        (None, "0.94999", 1, "0.94999"),
        (2, "0.94999", 1, "0.95"),
        (2, "0.945", 1, "0.95"),
        (2, "0.9449999", 1, "0.94"),
        (0, "0.5", 1, "1"),
        (0, "0.4999", 1, "0"),
        (3, 1, 3, "0.333"),
        (2, 2, 3, "0.67"),
    ],
)
def test_attainment_is_rounded_half_up_only_if_the_plan_says_so(
    places: int | None, value: str | int, target: int, expected: str
) -> None:
    found = named(card(plan(metric(target=target, round_attainment=places)), m=value))
    assert found.attainment == D(expected)


def test_a_rounded_attainment_reaches_the_edge_it_was_rounded_to() -> None:
    steps = Curve("steps", table(("0", 0), ("0.95", 100)))
    assert points(card(plan(metric(target=1, curve=steps, round_attainment=2)), m="0.9451")) == 100
    assert points(card(plan(metric(target=1, curve=steps)), m="0.9451")) == 0


# No data, no target.


@pytest.mark.parametrize(
    ("rule", "state", "total"),
    [("zero", "zero", 40), ("exclude", "excluded", 80), ("hold", "hold", 40)],
)
def test_what_has_no_data_is_zero_left_out_or_held(rule: str, state: str, total: int) -> None:
    found = card(plan(metric("a", 50), metric("b", 50, no_data=rule)), a=80)
    assert named(found, "b").state == state
    assert found.total == total
    assert found.holds == (("b: no data",) if rule == "hold" else ())


@pytest.mark.parametrize(
    ("target", "why"),
    [(None, "no target"), ("0", "no target"), ("0.00", "no target"), ("-10", "target below 0")],
)
def test_without_a_target_somebody_has_to_decide(target: str | None, why: str) -> None:
    found = card(plan(metric(target=target)), m=5)
    assert (named(found).state, found.holds) == ("hold", (f"m: {why}",))


def test_a_target_for_the_employee_comes_before_the_plan_s() -> None:
    assert points(card(plan(metric(target=100)), targets={"m": 50}, m=25)) == 50
    assert card(plan(metric(target=100)), targets={"m": None}, m=25).holds == ("m: no target",)


# Tracks and the total.


def test_the_weights_in_play_carry_what_is_left_out() -> None:
    written = plan(metric("a", 30), metric("b", 30), metric("c", 40, no_data="exclude"))
    assert card(written, a=5, b=5).total == 5
    assert card(written, a=5, b=5, c=0).total == 3


def test_a_track_with_nothing_in_play_is_held_and_not_zero() -> None:
    written = plan(track("x", 50, metric("a", no_data="exclude")), track("y", 50, metric("b")))
    found = card(written, b=80)
    assert found.holds == ("x: no metric in play",)
    assert found.tracks[0].held == "no metric in play"


def test_the_total_weighs_the_tracks() -> None:
    written = plan(track("business", 60, metric("a")), track("management", 40, metric("b")))
    found = card(written, a=90, b=80)
    assert [t.score for t in found.tracks] == [90, 80]
    assert found.total == 86


@pytest.mark.parametrize(("a", "passed"), [("1", True), ("0.99999999999999", False)])
def test_what_a_division_cut_off_does_not_decide_about_an_edge(a: str, passed: bool) -> None:
    """1 of 3 at weight 30 is exactly 10 points, and 9.99…9 at fifty digits."""
    award = Award("a", {}, (gate("total score at_least 10"),), month=12)
    found = card(plan(metric("a", 30, target=3), metric("b", 70), awards=(award,)), 12, a=a, b=0)
    assert found.total < 10
    assert found.awards[0].qualifies is passed


# Gates on a metric.

SELF = "metric m points at_least 90"
OTHER = "metric o attainment at_least 0.9"


def gated(value: int, *gates: Gate, other: int = 50, **fields: Any) -> Any:
    """A metric with gates beside another one, half the weight each."""
    fields = {"no_data": "exclude"} | fields
    return card(plan(metric("m", 50, gates=gates, **fields), metric("o", 50)), m=value, o=other)


@pytest.mark.parametrize(
    ("said", "fields", "value", "other", "state", "expected", "total"),
    [
        (OTHER, {}, 80, 90, "scored", 80, 85),
        (OTHER, {}, 80, 89, "ineligible", 0, "44.5"),
        (OTHER, {"otherwise": "exclude"}, 80, 89, "excluded", 0, 89),
        (OTHER, {"otherwise": "cap", "cap": D(70)}, 80, 89, "scored", 70, "79.5"),
        (OTHER, {"otherwise": "cap", "cap": D(70)}, 60, 89, "scored", 60, "74.5"),
        (OTHER, {"otherwise": "hold"}, 80, 89, "hold", 0, "44.5"),
        (SELF, {}, 90, 50, "scored", 90, 70),
        (SELF, {}, 89, 50, "ineligible", 0, 25),
        ("metric m value above 89", {}, 90, 50, "scored", 90, 70),
        ("measure o equals 50", {}, 90, 50, "scored", 90, 70),
        ("measure o below 50", {}, 90, 50, "ineligible", 0, 25),
        ("measure o at_most 50", {}, 90, 50, "scored", 90, 70),
    ],
)  # fmt: skip
def test_a_failed_gate(
    said: str, fields: Any, value: int, other: int, state: str, expected: int, total: str | int
) -> None:
    found = gated(value, gate(said, **fields), other=other)
    assert named(found).state == state
    assert (points(found), found.total) == (D(expected), D(total))
    assert named(found).eligible is (state != "ineligible")


def test_a_hold_by_a_gate_says_what_the_gate_saw() -> None:
    found = gated(80, gate(OTHER, otherwise="hold"), other=89)
    assert found.holds == ("m: metric o attainment 0.89, at_least 0.9",)


@pytest.mark.parametrize(
    ("any_of", "m", "o", "state"),
    [
        (False, 90, 90, "scored"),
        (False, 90, 89, "ineligible"),
        (True, 90, 89, "scored"),
        (True, 89, 90, "scored"),
        (True, 89, 89, "ineligible"),
    ],
)
def test_all_conditions_have_to_hold_or_any(any_of: bool, m: int, o: int, state: str) -> None:
    assert named(gated(m, gate(SELF, OTHER, any_of=any_of), other=o)).state == state


@pytest.mark.parametrize(
    ("gates", "state", "expected"),
    [
        ([("zero", 100), ("hold", 100)], "ineligible", 0),
        ([("hold", 100), ("zero", 100)], "hold", 0),
        ([("exclude", 100), ("zero", 100)], "excluded", 0),
        ([("zero", 50), ("exclude", 100)], "excluded", 0),
        ([("cap", 100), ("zero", 75)], "ineligible", 0),
        ([("cap", 100), ("cap", 75)], "scored", 60),
    ],
)
def test_gates_are_tested_as_written_and_the_first_that_shuts_decides(
    gates: Sequence[tuple[str, int]], state: str, expected: int
) -> None:
    caps = {"cap": D(70)}, {"cap": D(60)}
    written = [
        gate(f"metric m points at_least {bound}", otherwise=act, **(cap if act == "cap" else {}))
        for (act, bound), cap in zip(gates, caps, strict=True)
    ]
    found = gated(80, *written)
    assert (named(found).state, points(found)) == (state, D(expected))


def test_a_later_gate_sees_the_points_that_an_earlier_one_left() -> None:
    found = gated(80, gate(OTHER, otherwise="cap", cap=D(70)), gate("metric m points at_least 75"))
    assert named(found).state == "ineligible"


@pytest.mark.parametrize(("may", "expected"), [(False, 100), (True, 110)])
def test_a_gate_s_cap_also_holds_back_modifiers_unless_they_may_pass_the_cap(
    may: bool, expected: int
) -> None:
    cap = gate(OTHER, otherwise="cap", cap=D(100))
    found = gated(115, cap, modifiers=(modifier("add", 10, may_pass_cap=may),))
    assert points(found) == expected


def test_a_gate_s_cap_goes_below_the_floor() -> None:
    cap = gate(OTHER, otherwise="cap", cap=D(30))
    assert points(gated(10, cap, floor=D(50), modifiers=(modifier("add", 0),))) == 30


@pytest.mark.parametrize(
    ("said", "no_data", "state"),
    [
        ("measure course at_least 1", "exclude", "ineligible"),
        ("measure course at_least 1", "zero", "ineligible"),
        ("measure course at_least 1", "hold", "hold"),
        ("metric m points at_least 1", "exclude", "excluded"),
        ("metric m value at_least 1", "zero", "zero"),
    ],
)
def test_who_is_ineligible_is_so_without_data_too(said: str, no_data: str, state: str) -> None:
    """Doing nothing at all must not be better than failing; a metric's own numbers are not there to fail."""
    written = plan(
        metric("m", 50, no_data=no_data, gates=(gate(said),)), metric("o", 50), kinds={"course": "last"}
    )
    found = named(card(written, o=80))
    assert (found.state, found.points) == (state, D(0))


@pytest.mark.parametrize(
    ("kind", "said", "good"),
    [
        ("count", "measure x equals 0", True),
        ("sum", "measure x at_most 0", True),
        ("distinct", "measure x at_least 1", False),
        ("mean", "measure x at_most 100", False),
        ("last", "measure x at_least 0", False),
    ],
)
def test_without_a_number_a_condition_does_not_hold_but_a_count_of_nothing_is_0(
    kind: str, said: str, good: bool
) -> None:
    found = named(card(plan(metric(gates=(gate(said),)), kinds={"x": kind}), m=80))
    assert found.eligible is good


@pytest.mark.parametrize(("what", "good"), [("points", True), ("attainment", False), ("value", False)])
def test_what_has_no_data_and_counts_as_zero_has_points_and_no_value(what: str, good: bool) -> None:
    written = plan(metric("m", 50, gates=(gate(f"metric o {what} at_most 100"),)), metric("o", 50))
    assert named(card(written, m=80)).eligible is good


def test_a_metric_that_is_left_out_has_no_points_to_compare() -> None:
    written = plan(
        metric("m", 50, gates=(gate("metric o points at_most 100"),)), metric("o", 50, no_data="exclude")
    )
    assert not named(card(written, m=80)).eligible


def test_gates_across_tracks_are_tested_after_what_they_read() -> None:
    """EBITDA counts above 100 only if the management track has 80; written before it."""
    above = gate("track management at_least 80", otherwise="cap", cap=D(100))
    written = plan(
        track("business", 60, metric("ebitda", gates=(above,))),
        track("management", 40, metric("files", modifiers=(modifier("deduct", 10, per="violations"),))),
        kinds={"violations": "count"},
    )
    assert points(card(written, ebitda=115, files=85), "ebitda") == 115
    assert points(card(written, ebitda=115, files=85, violations=1), "ebitda") == 100


# Gates and modifiers on a track.


@pytest.mark.parametrize(
    ("said", "fields", "value", "score", "held"),
    [
        ("track business at_least 60", {}, 60, 60, ""),
        ("track business at_least 60", {}, 59, 0, ""),
        ("metric m value above 70", {"otherwise": "cap", "cap": D(50)}, 70, 50, ""),
        ("metric m value above 70", {"otherwise": "cap", "cap": D(50)}, 71, 71, ""),
        ("measure m at_least 60", {"otherwise": "hold"}, 59, 0, "measure m 59, at_least 60"),
    ],
)
def test_a_track_has_gates_and_may_read_its_own_score(
    said: str, fields: Any, value: int, score: int, held: str
) -> None:
    found = card(plan(track("business", 100, metric(), gates=(gate(said, **fields),))), m=value)
    assert (found.tracks[0].score, found.tracks[0].held) == (D(score), held)
    assert found.holds == ((f"business: {held}",) if held else ())


def test_a_track_that_is_shut_stays_shut_whatever_its_modifiers_add() -> None:
    shut = gate("measure m at_least 60")
    written = plan(track("business", 100, metric(), gates=(shut,), modifiers=(modifier("add", 5),)))
    assert card(written, m=60).total == 65
    assert card(written, m=59).total == 0


def test_a_track_s_modifiers_act_on_its_score() -> None:
    deduct = modifier("deduct", 10, per="violations")
    written = plan(track("management", 100, metric("a", 50), metric("b", 50), modifiers=(deduct,)),
                   kinds={"violations": "count"})  # fmt: skip
    assert card(written, a=70, b=90, violations=3).total == 56


# Awards.


def test_awards_of_the_month_say_who_qualifies_and_why_not() -> None:
    gates = (gate("measure rectified equals 1"), gate("total score at_least 80"))
    written = plan(metric(), kinds={"rectified": "last"}, awards=(Award("annual", {}, gates),))
    assert card(written, 11, m=90, rectified=1).awards == ()
    assert card(written, 12, m=90, rectified=1).awards[0].qualifies
    found = card(written, 12, m=90, rectified="0.5").awards[0]
    assert not found.qualifies
    assert [(r.given, r.result) for r in found.reasons] == [
        ("measure rectified 0.5, equals 1", "not passed"),
        ("total score 90, at_least 80", "passed"),
    ]


# Formulas.


def doubled(names: Names) -> Decimal:
    return (names["deals"] or D(0)) * 2


def summed(names: Names) -> Decimal:
    return sum((each for each in names.values() if each is not None), D(0))


def broken(names: Names) -> Decimal:
    raise Incalculable("division by zero")


def lacking(names: Names) -> Decimal:
    if None in names.values():
        raise Incalculable("null")
    return D(7)


def test_a_metric_s_value_may_be_a_formula() -> None:
    written = plan(metric(formula=formula("deals * 2", "deals", doubled)), kinds={"deals": "mean"})
    found = named(card(written, deals=40))
    assert found.reasons[0].given == "deals * 2"
    assert (found.value, found.points) == (D(80), D(80))


@pytest.mark.parametrize(
    ("calculate", "kind", "no_data", "state", "holds"),
    [
        (lacking, "mean", "hold", "hold", ("m: no data",)),
        (lacking, "mean", "exclude", "excluded", ("business: no metric in play",)),
        (lacking, "mean", "zero", "zero", ()),
        (lacking, "sum", "hold", "scored", ()),
        (broken, "sum", "zero", "hold", ("m: division by zero",)),
    ],
)
def test_a_formula_without_a_number_has_no_data_and_one_that_fails_is_held(
    calculate: Any, kind: str, no_data: str, state: str, holds: tuple[str, ...]
) -> None:
    written = plan(metric(formula=formula("x", "deals", calculate), no_data=no_data), kinds={"deals": kind})
    found = card(written)
    assert (named(found).state, found.holds) == (state, holds)


def test_a_formula_reads_metrics_and_tracks_worked_out_before_it() -> None:
    names = "metrics.b.points metrics.b.attainment tracks.other.score"
    total = formula("…", names, summed)
    written = plan(track("one", 50, metric("m", formula=total)), track("other", 50, metric("b", target=50)))
    assert named(card(written, b=40)).value == 80 + D("0.8") + 80


def test_a_curve_s_formula_reads_value_target_and_attainment() -> None:
    curve = Curve("formula", formula=formula("…", "value target attainment deals", summed))
    written = plan(metric(target=50, curve=curve), kinds={"deals": "sum"})
    assert points(card(written, m=40, deals=2)) == 40 + 50 + D("0.8") + 2
    assert points(card(written, m=90, deals=2)) == 120, "capped like any other"


@pytest.mark.parametrize(
    ("calculate", "why"),
    [(broken, "division by zero"), (lacking, "needs a number that is not there")],
)
def test_a_curve_s_formula_that_comes_to_nothing_is_held(calculate: Any, why: str) -> None:
    names = "value deals" if calculate is lacking else "value"
    written = plan(
        metric(curve=Curve("formula", formula=formula("…", names, calculate))), kinds={"deals": "mean"}
    )
    assert card(written, m=40).holds == (f"m: {why}",)


# In which order.


def circular(a: Metric, b: Metric) -> Sequence[tuple[str, str]]:
    return circle(plan(track("t", 100, a, b)))


def test_metrics_that_read_each_other_are_a_circle() -> None:
    a = metric("a", 50, gates=(gate("metric b points above 1"),))
    assert not circular(a, metric("b", 50))
    assert set(circular(a, metric("b", 50, gates=(gate("metric a points above 1"),)))) == {
        ("metric", "a"),
        ("metric", "b"),
    }
    assert circular(a, metric("b", 50, modifiers=(modifier("add", 1, "metric a points above 1"),)))
    assert circular(a, metric("b", 50, gates=(gate("track t above 1"),)))
    with pytest.raises(CycleError):
        card(plan(a, metric("b", 50, gates=(gate("metric a points above 1"),))), a=1, b=1)


def test_metrics_may_cap_each_other_by_what_they_attained() -> None:
    """Attainment does not depend on gates (MBO plans cap each of two goals by the other)."""
    capped = [
        metric(name, 50, gates=(gate(f"metric {other} attainment at_least 1", otherwise="cap", cap=D(100)),))
        for name, other in (("a", "b"), ("b", "a"))
    ]
    assert not circular(*capped)
    assert [m.points for m in card(plan(track("t", 100, *capped)), a=120, b=90).metrics] == [100, 90]
    assert [m.points for m in card(plan(track("t", 100, *capped)), a=120, b=110).metrics] == [120, 110]


def test_a_formula_cannot_read_its_own_metric() -> None:
    own = metric("m", formula=formula("metrics.m.points", "metrics.m.points", doubled))
    assert set(circle(plan(own))) == {("metric", "m")}
    curve = Curve("formula", formula=formula("metrics.m.points", "metrics.m.points", doubled))
    assert circle(plan(metric(curve=curve)))


def test_every_number_is_explained() -> None:
    found = named(
        card(
            plan(metric(gates=(gate("metric m points at_least 1"),), modifiers=(modifier("add", 5),))), m=150
        )
    )
    assert [(r.rule, r.given, r.result) for r in found.reasons] == [
        ("value", "m", "150"),
        ("target", "m", "100"),
        ("attainment", "up 150 / 100", "1.5"),
        ("curve", "linear", "150"),
        ("cap and floor", "0 to 120", "120"),
        ("add", "120, add 5", "120"),
    ]
