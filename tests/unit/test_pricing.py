"""From a scorecard to money: base, metrics that pay, bounds, parts of a month, instalments, awards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pytest

from dualtrack.domain.plan import Award, Curve, Draw, Factor, Metric, PayoutRule, Pays, Plan, Track
from dualtrack.domain.pricing import Accumulated, Instalment, Spell, Stay, due, price, so_far
from dualtrack.domain.reasons import Reason
from dualtrack.domain.scoring import worked_out
from tests.support.plans import (
    Number,
    card,
    gate,
    metric,
    modifier,
    number,
    numbers,
    plan,
    rules,
    table,
    track,
    when,
)

D = Decimal
BASE = 1_000_000  # 10 000.00
JANUARY = Stay((Spell(BASE, 31),), 31)
TWO = track("business", 60, metric("a")), track("management", 40, metric("b"))


def exactly(
    written: Plan,
    stay: Stay = JANUARY,
    accumulated: Accumulated | None = None,
    instalment: Instalment | None = None,
    month: int = 1,
    **given: Any,
) -> tuple[Decimal, Sequence[Reason]]:
    """What these values are worth in minor units, and why."""
    values: dict[str, Decimal | None] = dict.fromkeys(written.measure_of)
    found, board = worked_out(written, values | numbers(given), {}, month)
    return price(written, found, board, stay, accumulated or {}, instalment)


def paid(*of: Metric | Track, stay: Stay = JANUARY, given: Mapping[str, Any], **rule: Any) -> int:
    """The amount on the line."""
    return due(exactly(plan(*of, payout=PayoutRule(**rule)), stay, **given)[0], "USD")[0]


# Base × tracks.


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [(90, 80, 860_000), (90, 56, 764_000), (0, 0, 0), (120, 120, 1_200_000), (100, 100, 1_000_000)],
)
def test_the_base_by_tracks(a: int, b: int, expected: int) -> None:
    assert paid(*TWO, given={"a": a, "b": b}) == expected


def test_three_violations_cost_30_percent_of_the_management_track() -> None:
    deduct = modifier("deduct", 10, per="violations")
    management = track("management", 40, metric("b"), modifiers=(deduct,))
    written = plan(TWO[0], management, kinds={"violations": "count"})
    assert due(exactly(written, a=90, b=80, violations=3)[0], "USD")[0] == 764_000


CURVE = Curve("steps", table((0, 0), (60, 50), (80, 100), (100, 150)))
LINES = Curve("interpolated", table((50, 0), (100, 100), (120, 200)))


@pytest.mark.parametrize(
    ("curve", "value", "percent"),
    [
        (CURVE, "59.99", "0"),
        (CURVE, "60", "50"),
        (CURVE, "80", "100"),
        (CURVE, "120", "150"),
        (Curve("steps", CURVE.table, "lower"), "80", "50"),
        (LINES, "75", "50"),
        (LINES, "110", "150"),
        (Curve("linear"), "85", "85"),
        (Curve("pass_fail"), "99", "0"),
        (Curve("pass_fail"), "100", "100"),
        (None, "85", "85"),
    ],
)
def test_the_base_by_a_curve_of_the_total(curve: Curve | None, value: str, percent: str) -> None:
    assert paid(metric(), given={"m": value}, basis="total", curve=curve) == D(percent) * 10_000


@pytest.mark.parametrize(
    ("rule", "value", "expected"),
    [
        ({"threshold": D(60)}, "60", 600_000),
        ({"threshold": D(60)}, "59.99", 0),
        ({"cap": D(100)}, "110", 1_000_000),
        ({"cap": D(100)}, "90", 900_000),
        ({"cap_amount": D("9500.00")}, "110", 950_000),
        ({"cap_amount": D("9500.00")}, "90", 900_000),
        ({"gates": (gate("metric m points at_least 90"),)}, "90", 900_000),
        ({"gates": (gate("metric m points at_least 90"),)}, "89", 0),
        ({"gates": (gate("total score at_least 90", otherwise="cap", cap=D(50)),)}, "89", 500_000),
        ({"gates": (gate("total score at_least 90", otherwise="cap", cap=D(50)),)}, "40", 400_000),
        ({"basis": "none"}, "110", 0),
        ({"guarantee": Draw(D("7000.00"))}, "60", 700_000),
        ({"guarantee": Draw(D("7000.00"))}, "80", 800_000),
        ({"guarantee": Draw(D("7000.00")), "threshold": D(61)}, "60", 700_000),
        ({"guarantee": Draw(D("7000.00")), "cap_amount": D("500.00")}, "60", 700_000),
        ({"draw": Draw(D("7000.00"), recoverable=False)}, "60", 700_000),
        ({"draw": Draw(D("7000.00"), recoverable=True)}, "60", 600_000),
    ],
)  # fmt: skip
def test_threshold_gates_caps_and_guarantee(rule: Any, value: str, expected: int) -> None:
    assert paid(metric(), given={"m": value}, **rule) == expected


@pytest.mark.parametrize(
    ("month", "months", "least"), [(1, 3, True), (3, 3, True), (4, 3, False), (99, 0, True)]
)
def test_a_guarantee_holds_for_its_months_of_employment(month: int, months: int, least: bool) -> None:
    stay = Stay(JANUARY.spells, 31, month)
    found = paid(metric(), stay=stay, given={"m": 10}, guarantee=Draw(D(7000), months=months))
    assert found == (700_000 if least else 100_000)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({}, -1000),
        ({"guarantee": Draw(D(5), months=3)}, -1000),
        ({"guarantee": Draw(D(5), months=4)}, 500),
        ({"cap_amount": D(5)}, -1000),
    ],
)
def test_more_may_be_taken_back_than_was_earned(rule: Any, expected: int) -> None:
    """A negative month is carried on by the run; here it is not lost."""
    stay = Stay(JANUARY.spells, 31, 4)
    pays = Pays(COMMISSION, "whole")
    assert paid(metric(pays=pays), stay=stay, given={"m": -1000}, basis="none", **rule) == expected


# Days.


@pytest.mark.parametrize(
    ("spells", "whole", "proration", "expected"),
    [
        ([(BASE, 17)], 31, "calendar_days", 548_387),  # joined on 15 January
        ([(BASE, 17)], 31, "none", 1_000_000),
        ([(BASE, 10), (2 * BASE, 21)], 31, "calendar_days", 1_677_419),
        ([(BASE, 10), (2 * BASE, 21)], 31, "none", 1_677_419),
        ([(BASE, 10), (2 * BASE, 10)], 31, "none", 1_500_000),
        ([(BASE, 21, 10)], 31, "calendar_days", 677_419),  # ten days of unpaid leave
        ([(BASE, 21, 10)], 31, "none", 1_000_000),
        ([(BASE, 0, 31)], 31, "calendar_days", 0),
        ([(BASE, 0, 31)], 31, "none", 1_000_000),
    ],
)
def test_the_base_by_days(spells: Any, whole: int, proration: str, expected: int) -> None:
    stay = Stay(tuple(Spell(*each) for each in spells), whole)
    assert paid(metric(), stay=stay, given={"m": 100}, proration=proration) == expected


@pytest.mark.parametrize("proration", ["calendar_days", "none"])
@pytest.mark.parametrize("first", [1, 9, 17, 30])
@pytest.mark.parametrize("bounds", [{}, {"cap_amount": D(500)}, {"guarantee": Draw(D(99999))}])
@pytest.mark.parametrize("cap", [None, D(400)])
def test_a_month_cut_in_two_is_worth_the_month(cap: Any, bounds: Any, first: int, proration: str) -> None:
    rule = PayoutRule(proration=proration, **bounds)
    bonus = Pays(table((0, 0), (1, 500)), how="amount", cap=cap)
    written = plan(metric(target=3, cap=D(300), pays=bonus), payout=rule)
    days = (first, 31 - first), (31 - first, first)
    parts = [exactly(written, Stay((Spell(1_000_005, n),), 31, 1, other), m=1)[0] for n, other in days]
    whole = exactly(written, Stay((Spell(1_000_005, 31),), 31), m=1)[0]
    assert due(sum(parts, D(0)), "USD") == due(whole, "USD")


def test_half_a_cent_that_is_made_of_thirds_is_half_a_cent() -> None:
    """10 and 21 of 31 days of the same base: the sum of the rounded parts would be 499.49…9."""
    stay = Stay((Spell(999, 10), Spell(999, 21)), 31)
    assert paid(metric(), stay=stay, given={"m": 50}) == 500
    assert paid(metric("a", 70, target=3), metric("b", 30, target=3, no_data="exclude"),
                stay=Stay((Spell(1500, 31),), 31), given={"a": "0.001"}) == 1  # fmt: skip


@pytest.mark.parametrize("days", [1, 17, 31])
def test_a_guarantee_and_an_award_in_part_of_a_month(days: int) -> None:
    stay = Stay((Spell(BASE, days),), 31)
    awards = (Award("annual", {}, (gate("total score at_least 1"),), 1, D("100.00"), D(10)),)
    written = plan(metric(), payout=PayoutRule(guarantee=Draw(D(3100))), awards=awards)
    assert due(exactly(written, stay, m=10)[0], "USD")[0] == 10_000 * days + 10_000 + 100_000


def test_awards_are_won_in_their_month_by_who_passes_all_gates() -> None:
    gates = (gate("metric m points at_least 90"), gate("measure barred equals 0"))
    written = plan(metric(), kinds={"barred": "count"}, payout=PayoutRule("none"),
                   awards=(Award("annual", {}, gates, 12, D("500.00"), D(5)),))  # fmt: skip
    cases = [(12, 90, 0, 100_000), (11, 90, 0, 0), (12, 89, 0, 0), (12, 90, 1, 0)]
    for month, value, barred, expected in cases:
        assert exactly(written, month=month, m=value, barred=barred)[0] == expected


# What metrics pay by themselves.

COMMISSION = table((0, "0.01"), (1000, "0.02"), (3000, "0.03"), (8000, "0.05"))
AMOUNTS = table((0, 0), (1000, 50), (3000, 200))
CURRENCIES = {"EUR": 100, "JPY": 1, "KWD": 1000}


def commission(
    value: Number, pays: Pays, target: Number = 1000, accumulated: Any = None, **fields: Any
) -> Decimal:
    """What one metric pays, in the currency's own unit."""
    written = plan(metric(target=target, pays=pays, **fields), payout=PayoutRule("none"))
    known = {"m": tuple(map(number, accumulated))} if accumulated else {}
    return exactly(written, accumulated=known, m=value)[0] / 100  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("how", "on", "edges", "tie", "value", "expected"),
    [
        ("marginal", "value", "number", "upper", 0, "0"),
        ("marginal", "value", "number", "upper", 200, "2"),
        ("marginal", "value", "number", "upper", 1000, "10"),
        ("marginal", "value", "number", "lower", 1000, "10"),
        ("marginal", "value", "number", "upper", 9700, "285"),
        ("whole", "value", "number", "upper", 999, "9.99"),
        ("whole", "value", "number", "upper", 1000, "20"),
        ("whole", "value", "number", "lower", 1000, "10"),
        ("whole", "value", "number", "upper", -1000, "-10"),  # more taken back than sold
        ("amount", "value", "number", "upper", 2999, "50"),
        ("amount", "value", "number", "upper", 3000, "200"),
        ("amount", "value", "number", "lower", 3000, "50"),
        ("interpolated", "value", "number", "upper", 2000, "125"),
        ("interpolated", "value", "number", "upper", 9000, "200"),
        ("marginal", "value", "target", "upper", 1_500_000, "20000"),
        ("whole", "value", "target", "upper", 1_000_000, "20000"),
        ("amount", "attainment", "number", "upper", 3_000_000, "200"),
        ("amount", "points", "number", "upper", 3_000_000, "0"),
        ("interpolated", "attainment", "number", "upper", 500_000, "25"),
    ],
)
def test_what_a_metric_pays(how: str, on: str, edges: str, tie: str, value: int, expected: str) -> None:
    given = COMMISSION if how in ("marginal", "whole") else AMOUNTS
    assert commission(value, Pays(given, how, on, edges, tie)) == D(expected)


@pytest.mark.parametrize(("currency", "unit"), CURRENCIES.items())
def test_a_metric_pays_in_the_currency_s_own_unit(currency: str, unit: int) -> None:
    written = plan(metric(pays=Pays(COMMISSION)), currency=currency, payout=PayoutRule("none"))
    assert exactly(written, m=9700)[0] == 285 * unit


def test_transactions_alone_and_cumulative() -> None:
    """Alone each sale starts in the first tier again (that is what `each` of a measure is for)."""
    sales = (200, 300, 1500, 1200, 2000, 4500)
    assert sum(commission(each, Pays(COMMISSION)) for each in sales) == 164
    run = 0
    for each in sales:
        run += each
    assert commission(run, Pays(COMMISSION)) == 285


@pytest.mark.parametrize(
    ("how", "before", "upto", "expected"),
    [
        ("marginal", None, 500, "5"),
        ("marginal", 500, 1500, "15"),
        ("marginal", 1500, 1500, "0"),
        ("marginal", 1500, 500, "-15"),  # a deal of an earlier month was taken back
        ("whole", None, 500, "5"),
        ("whole", 500, 1500, "20"),
        ("whole", 1500, 1200, "-6"),
        ("amount", None, 500, "7"),
        ("amount", 500, 1500, "43"),
        ("amount", 1500, 1600, "0"),
        ("interpolated", 1000, 2000, "75"),
        ("marginal", None, None, "0"),
    ],
)
def test_the_rate_from_the_quarter_so_far_and_the_money_from_this_month(
    how: str, before: Number, upto: Number, expected: str
) -> None:
    first = ((D(0), D(7)), *AMOUNTS[1:]) if how == "amount" else AMOUNTS
    given = COMMISSION if how in ("marginal", "whole") else first
    pays = Pays(given, how, accumulate="quarter")
    assert commission(1, pays, accumulated=(before, upto)) == D(expected)


@pytest.mark.parametrize(("stage", "expected"), [(13, "427.5"), (12, "285"), (None, "285")])
def test_factors_multiply_while_their_conditions_hold(stage: Number, expected: str) -> None:
    pays = Pays(COMMISSION, factors=(Factor(D("1.5"), (when("measure term above 12"),)),))
    written = plan(metric(pays=pays), kinds={"term": "mean"}, payout=PayoutRule("none"))
    assert exactly(written, m=9700, term=stage)[0] == D(expected) * 100


def test_factors_follow_each_other_and_the_cap_comes_last() -> None:
    twice = Factor(D(2), (when("metric m points above 0"),))
    assert commission(1000, Pays(COMMISSION, factors=(twice, twice))) == 40
    assert commission(1000, Pays(COMMISSION, factors=(twice, twice), cap=D(25))) == 25


@pytest.mark.parametrize(
    ("fields", "value", "state"),
    [
        ({"gates": (gate("metric m value above 9999"),)}, 1000, "ineligible"),
        ({"gates": (gate("metric m value above 9999", otherwise="exclude"),)}, 1000, "excluded"),
        ({"no_data": "exclude"}, None, "excluded"),
        ({}, None, "zero"),
    ],
)
def test_what_is_not_scored_pays_nothing(fields: Any, value: Number, state: str) -> None:
    written = plan(
        metric("m", 50, pays=Pays(COMMISSION), **fields), metric("o", 50), payout=PayoutRule("none")
    )
    assert card(written, m=value, o=1).metrics[0].state == state
    assert exactly(written, m=value, o=1)[0] == 0


def test_metrics_pay_beside_the_base_and_nothing_below_the_threshold() -> None:
    of = metric(target=10_000, pays=Pays(COMMISSION))
    assert paid(of, given={"m": 9700}) == 970_000 + 28_500
    assert paid(of, given={"m": 9700}, threshold=D(98)) == 0
    _, reasons = exactly(plan(of, payout=PayoutRule(threshold=D(98))), m=9700)
    assert "pays" not in rules(reasons), "what is not paid is not explained as paid"


# A quarter in instalments.


def quarter(
    shares: Sequence[Number], limits: Sequence[str | None], base: int = BASE, **fields: Any
) -> list[int]:
    """What three months pay, whose totals so far are these."""
    written = plan(metric(**fields), payout=PayoutRule(guarantee=fields.pop("guarantee", None)))
    before, amounts = D(0), []
    for share, limit in zip(shares, limits, strict=True):
        instalment = Instalment(D(3 * base), number(limit), before)
        found, _ = exactly(written, instalment=instalment, m=share)
        amounts.append(due(found, "USD", before)[0])
        result, board = worked_out(written, {"m": number(share)}, {})
        before = so_far(written, result, board, instalment)
    return amounts


@pytest.mark.parametrize(
    ("shares", "expected"),
    [
        ((20, 60, 90), [600_000, 1_200_000, 900_000]),
        ((50, 60, 90), [999_900, 800_100, 900_000]),  # a third at most after the first month
        ((50, 80, 90), [999_900, 1_000_200, 699_900]),
        ((50, 40, 40), [999_900, 200_100, 0]),
        ((30, 20, 10), [900_000, -300_000, -300_000]),
    ],
)
def test_a_quarter_paid_in_instalments_is_limited_and_then_trued_up(shares: Any, expected: list[int]) -> None:
    found = quarter(shares, ("33.33", "66.67", None))
    assert found == expected
    assert sum(found) == shares[-1] * 30_000


def test_rounding_loses_nothing_of_a_quarter() -> None:
    found = quarter((10, 20, 50), (None, None, None), base=111)
    assert (found, sum(found)) == ([33, 34, 100], 167)


def test_what_metrics_pay_in_a_quarter_of_instalments_is_for_each_month() -> None:
    plain = quarter((20, 60, 90), ("33.33", "66.67", None))
    paying = quarter((20, 60, 90), ("33.33", "66.67", None), pays=Pays(table((0, "1"))))
    assert [b - a for a, b in zip(plain, paying, strict=True)] == [2000, 6000, 9000]


# Rounding and reasons.


@pytest.mark.parametrize(
    ("exact", "before", "expected"),
    [
        ("0.5", "0", 1),
        ("0.4999", "0", 0),
        ("-0.5", "0", -1),
        ("1.4", "0.4", 2),
        ("499.49999999999999999999999999999", "0", 499),
        ("499.49999999999999999999999999999999999999999999998", "0", 500),  # what fifty digits cut off
    ],
)
def test_an_amount_is_rounded_half_up_once(exact: str, before: str, expected: int) -> None:
    assert due(D(exact), "USD", D(before))[0] == expected


def test_an_amount_is_explained_line_by_line() -> None:
    rule = PayoutRule(cap=D(100), cap_amount=D(9000), guarantee=Draw(D(9500)))
    found, reasons = exactly(plan(metric(), payout=rule), m=110)
    assert [(r.rule, r.given, r.result) for r in reasons] == [
        ("payout cap", "100 % of the base", "1"),
        ("base × tracks × days", "10000 × 1 × 31/31", "10000"),
        ("payout cap", "9000", "9000"),
        ("guarantee", "at least 9500", "9500"),
    ]
    assert due(found, "USD")[1] == Reason("rounding", "half up", "9500.00 USD")
