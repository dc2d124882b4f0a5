"""Parts of a month: bases, teams, plans and leave that change within it. Days add up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

import pytest

from dualtrack.app.valuation import Valued, in_force, plan_on, reader, value
from dualtrack.domain.employment import Employment, History
from dualtrack.domain.errors import Stopped
from dualtrack.domain.measures import Measure
from dualtrack.domain.observations import Observation, Place
from dualtrack.domain.plan import Award, PayoutRule, Pays, Plan, Whom
from tests.support.plans import gate, metric, plan, table

D = Decimal
OCTOBER, NOVEMBER, DECEMBER = "2024-10", "2024-11", "2024-12"
Row = tuple[int, str, str, str | None]  # base, team, from, to
MONTH: Row = (310_000, "t1", "2024-01-01", None)


def terms(base: int, team: str, start: str, end: str | None) -> Employment:
    """A row of ann's history."""
    last = None if end is None else date.fromisoformat(end)
    return Employment("ann", team, base, "EUR", date.fromisoformat(start), last)


def worked(*rows: Row, leave: Sequence[tuple[str, str]] = ()) -> History:
    """Ann's history."""
    days = tuple((date.fromisoformat(first), date.fromisoformat(last)) for first, last in leave)
    return History(tuple(terms(*row) for row in rows), days)


def sold(day: str, amount: str | int) -> Observation:
    """A sale of ann's."""
    place = Place("E:ann", day[:7], "m", day)
    return Observation(place, f"{day} {amount}", 1, "", {"value": D(amount)})


def valued(history: History, plans: Sequence[Plan], period: str, *sales: tuple[str, str | int]) -> Valued:
    """The period of these sales."""
    months: dict[tuple[str, str], list[Observation]] = {}
    for day, amount in sales:
        months.setdefault(("E:ann", day[:7]), []).append(sold(day, amount))
    found = value(history, plans, period, reader(months))
    assert found is not None
    return found


def version(number: int, start: str, goal: str | int = 100, **fields: Any) -> Plan:
    """A version with one sum against a target."""
    made = plan(metric(target=goal), start=date.fromisoformat(start), **fields)
    return Plan(**{**_fields(made), "version": number})


def named(identity: str, made: Plan) -> Plan:
    """The same plan under another id."""
    return Plan(**{**_fields(made), "id": identity})


def _fields(made: Plan) -> dict[str, Any]:
    return {name: getattr(made, name) for name in Plan.__dataclass_fields__}


ONE = version(1, "2024-01-01")
TWO_TEAMS = [
    named("a", version(1, "2024-01-01", whom=Whom(teams=frozenset({"t1"})))),
    named("b", version(1, "2024-01-01", 200, whom=Whom(teams=frozenset({"t2"})))),
]


class Case(NamedTuple):
    """Who is employed how, by which plans, what was sold, the parts it is cut into, and the amount."""

    history: History
    plans: Sequence[Plan]
    sales: Sequence[tuple[str, str | int]]
    parts: Sequence[tuple[str, int]]  # plan and paid days
    amount: int


CASES = {
    "the whole month": Case(worked(MONTH), [ONE], [("2024-10-20", 100)], [("test@1", 31)], 310_000),
    "joined on the 15th": Case(
        worked((310_000, "t1", "2024-10-15", None)), [ONE], [("2024-10-20", 100)], [("test@1", 17)], 170_000
    ),
    "another base from the 16th": Case(
        worked(MONTH, (620_000, "t1", "2024-10-16", None)),
        [ONE], [("2024-10-20", 100)], [("test@1", 31)], 470_000,  # 15 days of 310 000, 16 of 620 000
    ),
    "the same base under new terms": Case(
        worked(MONTH, (310_000, "t1", "2024-10-16", None)),
        [ONE], [("2024-10-20", 50)], [("test@1", 31)], 155_000,
    ),
    "left, and came back": Case(
        worked((310_000, "t1", "2024-01-01", "2024-10-10"), (310_000, "t1", "2024-10-22", None)),
        [ONE], [("2024-10-20", 100)], [("test@1", 20)], 200_000,
    ),
    "ten days of unpaid leave": Case(
        worked(MONTH, leave=[("2024-10-22", "2024-11-05")]),
        [ONE], [("2024-10-20", 100)], [("test@1", 21)], 210_000,
    ),
    "leaves that overlap count once": Case(
        worked(MONTH, leave=[("2024-10-01", "2024-10-10"), ("2024-10-06", "2024-10-15")]),
        [ONE], [("2024-10-20", 100)], [("test@1", 16)], 160_000,
    ),
    "the whole month on leave": Case(
        worked(MONTH, leave=[("2024-09-01", "2024-12-01")]), [ONE], [("2024-10-20", 100)], [("test@1", 0)], 0
    ),
    "a new version from the 16th": Case(
        worked(MONTH), [ONE, version(2, "2024-10-16", 200)],
        # 50 against 15/31 of 100, and 100 against 16/31 of 200: half a base each
        [("2024-10-10", 50), ("2024-10-20", 100)], [("test@1", 15), ("test@2", 16)], 310_000,
    ),
    "another team with another plan": Case(
        worked(MONTH, (310_000, "t2", "2024-10-16", None)), TWO_TEAMS,
        [("2024-10-10", 50), ("2024-10-20", 100)], [("a@1", 15), ("b@1", 16)], 310_000,
    ),
    "another team and another base": Case(
        worked(MONTH, (620_000, "t2", "2024-10-16", None)), TWO_TEAMS,
        [("2024-10-10", 50), ("2024-10-20", 100)], [("a@1", 15), ("b@1", 16)], 465_000,
    ),
    "another team under the same plan": Case(
        worked(MONTH, (310_000, "t2", "2024-10-16", None)),
        [ONE], [("2024-10-10", 100)], [("test@1", 31)], 310_000,
    ),
    "a new version while on leave": Case(
        worked(MONTH, leave=[("2024-10-11", "2024-10-20")]), [ONE, version(2, "2024-10-16")],
        # 103.33 points on 10 days, 116.25 on 11
        [("2024-10-01", 50), ("2024-10-31", 60)], [("test@1", 10), ("test@2", 11)], 231_208,
    ),
    "a plan that begins on the 22nd pays from then on": Case(
        worked(MONTH), [version(1, "2024-10-22")], [("2024-10-25", 100)], [("test@1", 10)], 100_000
    ),
    "a version with an end ends the plan": Case(
        worked(MONTH), [ONE, version(2, "2024-10-01", end=date(2024, 10, 10))],
        [("2024-10-05", 100)], [("test@2", 10)], 100_000,
    ),
    "without proration the parts of a month are one base": Case(
        worked(MONTH),
        [version(1, "2024-01-01", payout=PayoutRule(proration="none")),
         version(2, "2024-10-16", 200, payout=PayoutRule(proration="none"))],
        [("2024-10-10", 50), ("2024-10-20", 100)], [("test@1", 15), ("test@2", 16)], 310_000,
    ),
    "a cap is divided among the parts": Case(
        worked(MONTH),
        [version(1, "2024-01-01", payout=PayoutRule(cap_amount=D("310.00"))),
         version(2, "2024-10-16", payout=PayoutRule(cap_amount=D("310.00")))],
        [("2024-10-10", 50), ("2024-10-20", 50)], [("test@1", 15), ("test@2", 16)], 31_000,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_each_part_is_paid_by_its_own_plan_and_days(name: str) -> None:
    case = CASES[name]
    found = valued(case.history, case.plans, OCTOBER, *case.sales)
    assert [(p.part.plan.ref, sum(s.days for s in p.part.spells)) for p in found.parts] == case.parts
    assert found.due == case.amount


@pytest.mark.parametrize("name", [name for name in CASES if "22nd" not in name and "ends" not in name])
def test_days_in_plan_add_up_to_the_days_employed(name: str) -> None:
    case = CASES[name]
    found = valued(case.history, case.plans, OCTOBER, *case.sales)
    assert sum(days for _, days in case.parts) == case.history.days(OCTOBER)[0]
    assert sum(part.part.days for part in found.parts) == sum(
        (last - first).days + 1 for _, first, last in case.history.spells(OCTOBER)
    )


def test_the_reasons_name_each_part() -> None:
    case = CASES["a new version from the 16th"]
    found = valued(case.history, case.plans, OCTOBER, *case.sales)
    assert [reason.given for reason in found.reasons if reason.rule == "part"] == [
        "2024-10-01 to 2024-10-15, plan test@1",
        "2024-10-16 to 2024-10-31, plan test@2",
    ]


def test_a_version_that_says_the_same_pays_the_same_over_a_window() -> None:
    quarter = {"defined": [Measure("m", "m", "sum", window="quarter_to_date")]}
    first = version(1, "2024-01-01", 200, **quarter)
    sales = [("2024-10-05", 60), ("2024-11-05", 50), ("2024-11-25", 40)]
    alone = valued(worked(MONTH), [first], NOVEMBER, *sales)
    cut = valued(worked(MONTH), [first, version(2, "2024-11-16", 200, **quarter)], NOVEMBER, *sales)
    assert cut.due == alone.due == 232_500  # 150 of 200
    assert len(cut.parts) == 2


def test_what_accumulates_is_paid_once_whatever_is_cut() -> None:
    rates = Pays(table((0, "0.10"), (100, "0.20")), accumulate="quarter")
    payout = PayoutRule(basis="none")
    first = plan(metric(pays=rates), payout=payout)
    second = Plan(**{**_fields(first), "version": 2, "start": date(2024, 11, 16)})
    sales = [("2024-10-05", 80), ("2024-11-05", 50), ("2024-11-25", 40), ("2024-12-01", 30)]
    months = [
        valued(worked(MONTH), [first, second], month, *sales).due for month in (OCTOBER, NOVEMBER, DECEMBER)
    ]
    # 80 at 10 %; 20 at 10 % and 70 at 20 %; 30 at 20 %
    assert months == [800, 1_600, 600]


def test_an_award_is_decided_once_by_the_plan_at_the_end_of_the_year() -> None:
    prize = Award("best", {}, (gate("total score at_least 90"),), amount=D("500.00"))
    plans = [version(1, "2024-01-01", awards=(prize,)), version(2, "2024-12-16", awards=(prize,))]
    found = valued(worked(MONTH), plans, DECEMBER, ("2024-12-10", 60), ("2024-12-20", 60))
    awards = [reason.result for reason in found.reasons if reason.rule == "award"]
    assert awards == ["500"]


@pytest.mark.parametrize(
    ("day", "ref"), [("2023-12-31", None), ("2024-01-01", "test@1"), ("2024-10-09", "test@1"),
                     ("2024-10-10", "test@2"), ("2024-10-20", "test@2"), ("2024-10-21", None)],
)  # fmt: skip
def test_a_version_holds_until_a_greater_one_starts_or_it_ends(day: str, ref: str | None) -> None:
    plans = [ONE, version(2, "2024-10-10", end=date(2024, 10, 20))]
    found = plan_on(plans, date.fromisoformat(day), "ann", "t1")
    assert (found.ref if found else None) == ref


def test_a_month_has_the_plans_that_hold_on_any_of_its_days() -> None:
    plans = [ONE, version(2, "2024-10-10"), named("b", version(1, "2024-11-01", end=date(2024, 11, 5)))]
    months = {
        month: [p.ref for p in in_force(plans, month)] for month in ("2024-09", OCTOBER, NOVEMBER, DECEMBER)
    }
    assert months == {
        "2024-09": ["test@1"], OCTOBER: ["test@1", "test@2"],
        NOVEMBER: ["test@2", "b@1"], DECEMBER: ["test@2"],
    }  # fmt: skip


def test_two_plans_over_one_person_stop_with_both_names() -> None:
    other = named("other", version(3, "2024-10-16", whom=Whom(employees=frozenset({"ann"}))))
    with pytest.raises(Stopped, match="two plans for ann on 2024-10-16: other@3, test@1; publish"):
        valued(worked(MONTH), [ONE, other], OCTOBER)
    assert valued(worked(MONTH), [ONE, other], "2024-09", ("2024-09-20", 100)).due == 310_000


# A quarter paid in instalments: a third at most after a month, two thirds after two, and the rest.

LIMITS = PayoutRule(limits=(D("33.33"), D("66.67")))
QUARTER = plan(
    metric(target=300), defined=[Measure("m", "m", "sum", window="quarter_to_date")], payout=LIMITS
)
STAYS: Row = (100_000, "t1", "2024-01-01", None)
LEFT_IN_NOVEMBER: Row = (100_000, "t1", "2024-01-01", "2024-11-30")
INSTALMENTS: dict[str, tuple[Row, list[tuple[str, str | int]], list[int]]] = {
    "all in the first month": (STAYS, [("2024-10-05", 300)], [99_990, 100_020, 99_990]),
    "a slow start": (
        STAYS,
        [("2024-10-05", 60), ("2024-11-05", 60), ("2024-12-05", 240)],
        [60_000, 60_000, 240_000],
    ),
    "more than the target in the end": (
        STAYS, [("2024-10-05", 150), ("2024-12-30", 600)], [99_990, 50_010, 210_000],
    ),
    "a sale that is taken back": (
        STAYS, [("2024-10-05", 300), ("2024-11-05", -270)], [99_990, -69_990, 0],
    ),
    "left after two months, trued up then": (LEFT_IN_NOVEMBER, [("2024-10-05", 300)], [66_660, 133_340]),
}  # fmt: skip


@pytest.mark.parametrize("name", INSTALMENTS)
def test_a_quarter_in_instalments_is_trued_up_in_its_last_month(name: str) -> None:
    row, sales, amounts = INSTALMENTS[name]
    months = (OCTOBER, NOVEMBER, DECEMBER)[: len(amounts)]
    found = []
    for month in months:
        known = [sale for sale in sales if sale[0][:7] <= month]
        found.append(valued(worked(row), [QUARTER], month, *known).due)
    assert found == amounts


def test_an_instalment_is_restated_when_the_months_before_it_change() -> None:
    first = valued(worked(MONTH), [QUARTER], NOVEMBER, ("2024-11-05", 90))
    late = valued(worked(MONTH), [QUARTER], NOVEMBER, ("2024-11-05", 90), ("2024-10-05", 30))
    october = valued(worked(MONTH), [QUARTER], OCTOBER, ("2024-10-05", 30))
    assert first.due is not None
    assert late.due is not None
    assert october.due is not None
    assert first.due == 279_000  # 90 of 300, of a base of 930 000
    assert late.due + october.due == 372_000  # 120 of 300


def test_a_new_version_within_a_quarter_is_trued_up_by_itself() -> None:
    second = Plan(**{**_fields(QUARTER), "version": 2, "start": date(2024, 11, 1)})
    sales = [("2024-10-05", 300)]
    found = [valued(worked(STAYS), [QUARTER, second], m, *sales).due for m in (OCTOBER, NOVEMBER, DECEMBER)]
    # October is the first version's last month; two thirds of the second one's 200 000 are due in November
    assert found == [100_000, 133_340, 66_660]
