"""The worked examples, to the cent: money, curves, scores, proration, carried differences."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import permutations

import pytest

from dualtrack.domain.curves import CURVES
from dualtrack.domain.employment import Employment
from dualtrack.domain.errors import Refused
from dualtrack.domain.money import allot, half_up, major
from dualtrack.domain.payouts import Statement, payout_id, settle
from dualtrack.domain.plan import Metric, Plan, Track
from dualtrack.domain.pricing import Spell, Stay, due, price
from dualtrack.domain.scoring import attainment, score, worked_out

D = Decimal


def metric(name: str, weight: str = "100", target: str | None = "100", **rule: object) -> Metric:
    return Metric(name, name, D(weight), {}, None if target is None else D(target), **rule)  # type: ignore[arg-type]


def plan(*tracks: tuple[str, str, tuple[Metric, ...]]) -> Plan:
    made = tuple(Track(name, D(weight), {}, metrics) for name, weight, metrics in tracks)
    return Plan("p", 1, date(2017, 1, 1), None, "USD", {}, (), made)


TWO = plan(("business", "60", (metric("b"),)), ("management", "40", (metric("m"),)))
ANN = Employment("ann", "t", 1_000_000, "USD", date(2017, 1, 1), None)


def test_business_90_and_management_80_of_10_000_are_8_600() -> None:
    card, board = worked_out(TWO, {"b": D(90), "m": D(80)}, {})
    assert card.total == 86
    days, whole = ANN.factor("2017-10")
    exactly, _ = price(TWO, card, board, Stay((Spell(ANN.base, days),), whole), {}, None)
    assert due(exactly, "USD")[0] == 860_000


def test_joined_on_15_january_is_17_of_31() -> None:
    assert Employment("a", "t", 1, "USD", date(2018, 1, 15), None).factor("2018-01") == (17, 31)


@pytest.mark.parametrize(
    ("value", "direction", "falling", "expected"),
    [
        ("80", "down", "linear", "1.2"),
        ("100", "down", "linear", "1"),
        ("250", "down", "linear", "0"),
        ("100", "down", "inverse", "1"),
        ("50", "down", "inverse", "2"),
        ("50", "up", "linear", "0.5"),
        ("100", "up", "linear", "1"),
        ("-5", "up", "linear", "0"),
    ],
)
def test_attainment(value: str, direction: str, falling: str, expected: str) -> None:
    assert attainment(D(value), D(100), direction, falling) == D(expected)


def test_cac_80_against_100_is_capped_at_120() -> None:
    one = plan(("business", "100", (metric("cac", direction="down"),)))
    assert score(one, {"cac": D(80)}, {}).total == 120
    assert score(one, {"cac": D(10)}, {}).total == 120
    assert score(one, {"cac": D(250)}, {}).total == 0


def test_two_parts_at_5_and_a_third_without_data_are_5_when_it_is_excluded() -> None:
    parts = tuple(metric(n, w, no_data="exclude") for n, w in (("a", "30"), ("b", "30"), ("c", "40")))
    one = plan(("business", "100", parts))
    assert score(one, {"a": D(5), "b": D(5), "c": None}, {}).total == 5
    counted = tuple(metric(n, w, no_data="zero") for n, w in (("a", "30"), ("b", "30"), ("c", "40")))
    assert score(plan(("business", "100", counted)), {"a": D(5), "b": D(5), "c": None}, {}).total == 3


@pytest.mark.parametrize("target", [None, "0"])
def test_without_a_target_the_employee_is_held_and_never_scored_zero_silently(target: str | None) -> None:
    card = score(plan(("business", "100", (metric("a", target=target),))), {"a": D(5)}, {})
    assert card.holds == ("a: no target",)


TIERS = ((D(0), D("0.01")), (D(1000), D("0.02")), (D(3000), D("0.03")), (D(8000), D("0.05")))
SALES = [D(x) for x in (200, 300, 1500, 1200, 2000, 4500)]


def test_marginal_tiers_alone_and_summed_give_285() -> None:
    alone = sum(CURVES["marginal"](s, TIERS, "upper") for s in SALES)
    assert alone == D("164.00")
    assert CURVES["marginal"](sum(SALES, D(0)), TIERS, "upper") == D("285.00")


def test_marginal_slices_add_up_in_any_order() -> None:
    for order in list(permutations(SALES))[::60]:
        run, paid = D(0), D(0)
        for sale in order:
            paid += CURVES["marginal"](run + sale, TIERS, "upper") - CURVES["marginal"](run, TIERS, "upper")
            run += sale
        assert paid == D("285.00")


STEPS = ((D(0), D(0)), (D("0.8"), D(60)), (D(1), D(100)))


@pytest.mark.parametrize(
    ("reached", "tie", "points"),
    [
        ("0.79", "upper", 0),
        ("0.8", "upper", 60),
        ("0.8", "lower", 0),
        ("1", "upper", 100),
        ("2", "upper", 100),
    ],
)
def test_an_exact_edge_belongs_where_the_plan_says(reached: str, tie: str, points: int) -> None:
    assert CURVES["steps"](D(reached), STEPS, tie) == points


def test_an_interpolated_curve_is_straight_between_its_nodes() -> None:
    nodes = ((D("0.5"), D(0)), (D(1), D(100)), (D("1.5"), D(120)))
    points = [CURVES["interpolated"](D(x), nodes, "upper") for x in ("0.4", "0.75", "1", "1.25", "9")]
    assert points == [0, 50, 100, 110, 120]


def test_100_01_split_60_40() -> None:
    assert allot(10001, [D("0.6"), D("0.4")]) == [6001, 4000]
    assert allot(100, [D(1) / 4] * 4) == [25] * 4
    with pytest.raises(Refused, match="exactly 1"):
        allot(100, [D("0.6"), D("0.3")])


def test_half_a_cent_goes_up_and_money_is_written_in_its_own_unit() -> None:
    assert [half_up(D(x)) for x in ("0.5", "1.4999", "-0.5")] == [1, 1, -1]
    assert [major(860_000, "USD"), major(5, "JPY"), major(-5, "KWD")] == ["8600.00", "5", "-0.005"]


def statement(
    run: str, regular: int | None, restated: dict[str, tuple[int, int]], balance: int = 0
) -> Statement:
    earned = None if regular is None else (regular, ())
    return Statement("t", run, run[:7], "ann", "USD", earned, restated, balance)


def test_january_amended_to_8_000_makes_february_carry_minus_200() -> None:
    payout = settle(statement("2018-02-01", 100_000, {"2018-01": (80_000, 100_000)}))
    assert payout
    assert [(line.kind, line.period, line.amount) for line in payout.lines] == [
        ("regular", "2018-02", 100_000),
        ("adjustment", "2018-01", -20_000),
    ]
    assert payout.amount == 80_000


def test_paid_500_in_june_and_clawed_back_in_august_pays_0_then_200() -> None:
    august = settle(statement("2018-08-01", 30_000, {"2018-06": (0, 50_000)}))
    assert august
    assert august.amount == 0
    carried = [line.amount for line in august.lines if line.kind == "carried_out"]
    assert carried == [20_000]
    september = settle(statement("2018-09-01", 40_000, {}, balance=20_000))
    assert september
    assert september.amount == 20_000


def test_nothing_due_is_no_payout_and_ids_are_short_and_stable() -> None:
    assert settle(statement("2018-02-01", None, {"2018-01": (5, 5)})) is None
    identity = payout_id("demo", "2017-10", "ann", "regular", "2017-10-01")
    assert identity == payout_id("demo", "2017-10", "ann", "regular", "2017-10-01")
    assert len(identity) <= 35
    assert identity != payout_id("demo", "2017-1", "0ann", "regular", "2017-10-01")
