"""The sales commission plan: what each rule pays, computed by hand; draw and clawback as they are settled."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest

from dualtrack.app.valuation import Valued
from dualtrack.domain.checks import problems
from dualtrack.domain.payouts import Payout, Statement, settle
from tests.support.forms import ROOT, Event, form, scores, shipped, valued

Row = tuple[str, list[Event], str, str, int]
JANUARY = form("deal", "2026-01-15", amount=50000)
FEBRUARY = form("deal", "2026-02-15", amount=30000)
MARCH = form("deal", "2026-03-15", amount=60000)
QUARTER = [JANUARY, FEBRUARY, MARCH]
LONG_AGO, NEW, FOURTH = "2020-01-01", "2026-01-01", "2025-12-01"
SHARED = form(
    "deal", amount=10000, credits=[{"employee": "ann", "share": "0.6"}, {"employee": "bob", "share": "0.4"}]
)

PAID: list[Row] = [
    # what it shows, contracts, employed since, period, due in cents
    ("the quarter's tiers, month by month", QUARTER, LONG_AGO, "2026-01", 300000),  # 50 000 × 5 %, + 500
    ("the quarter's tiers, month by month", QUARTER, LONG_AGO, "2026-02",
     240000),  # 10 000 × 5 % + 20 000 × 7 %, + 500
    ("the quarter's tiers, month by month", QUARTER, LONG_AGO, "2026-03",
     530000),  # 40 000 × 7 % + 20 000 × 10 %, + 500
    ("the quarter's tiers, month by month", [*QUARTER, form("deal", "2026-04-15", amount=10000)], LONG_AGO,
     "2026-04", 50000),  # a new quarter begins at 5 %
    ("24 months count one and a half times", [form("deal", amount=10000, term=24)], LONG_AGO, "2026-03",
     75000),  # 15 000 × 5 %
    ("12 months count once", [form("deal", amount=10000, term=12)], LONG_AGO, "2026-03", 50000),
    ("a contract shared 60 to 40", [SHARED], LONG_AGO, "2026-03", 30000),  # 6 000 × 5 %
    ("the quota is reached", [form("deal", amount=30000)], LONG_AGO, "2026-03", 200000),  # 1 500 + 500
    ("the quota is missed", [form("deal", amount="29999.99")], LONG_AGO, "2026-03", 150000),  # 1 499.9995
    ("a newcomer's guarantee", [], NEW, "2026-03", 250000),  # the third month
    ("a newcomer's guarantee", [], FOURTH, "2026-03", 0),  # the fourth
    ("a newcomer's guarantee", [form("deal", amount=100000)], NEW, "2026-03", 630000),  # 3 000 + 2 800 + 500
    ("the cap", [form("deal", amount=400000)], LONG_AGO, "2026-03", 2500000),  # of 35 700
]  # fmt: skip


def sold(contracts: list[Event], since: str = LONG_AGO, period: str = "2026-03") -> Valued:
    """Ann's period in the sales team."""
    return valued("sales-commission", contracts, period, team="sales", **{"from": since})


@pytest.mark.parametrize("row", PAID, ids=[f"{row[0]}: {row[3]}, {row[4]}" for row in PAID])
def test_what_is_due(row: Row) -> None:
    _, contracts, since, period, due = row
    found = sold(contracts, since, period)
    assert (found.holds, found.due) == ((), due)


QUOTAS = [("2026-03-01", 12000), ("2026-02-01", 18000), ("2026-01-01", 24000), ("2025-12-01", 30000)]


@pytest.mark.parametrize(("since", "quota"), QUOTAS)
def test_a_newcomer_s_quota_grows_to_the_whole_in_the_fourth_month(since: str, quota: int) -> None:
    assert scores(sold([form("deal", amount=18000)], since))["quota"].target == Decimal(quota)


def test_the_plan_is_for_the_sales_team_alone() -> None:
    takes = shipped("sales-commission").whom.takes
    assert (takes("ann", "sales"), takes("ann", "marketing")) == (True, False)


def settled(found: Valued, period: str = "2026-03", **more: Any) -> Payout:
    """What a run of the period pays."""
    usual: dict[str, Any] = {"restated": {}, "balance": 0, "draw": found.draw}
    assert found.due is not None
    known = ("t", f"{period}-01", period, "ann", "USD", (found.due, found.reasons))
    paid = settle(Statement(*known, **usual | more))
    assert paid is not None
    return paid


def lines(paid: Payout) -> list[tuple[str, str, int]]:
    """Kind, period and amount of each line."""
    return [(line.kind, line.period, line.amount) for line in paid.lines]


SECOND_HALF = "2025-09-01"  # month 7 in March: no guarantee any more, and still a draw


def test_a_draw_is_paid_in_a_month_without_a_contract_and_taken_back_later() -> None:
    nothing = settled(sold([], SECOND_HALF))
    assert lines(nothing) == [("regular", "2026-03", 0), ("draw", "2026-03", 200000)]
    earned = settled(sold([form("deal", amount=60000)], SECOND_HALF), drawn=200000)  # 3 000 + 500
    assert lines(earned) == [("regular", "2026-03", 350000), ("recovery", "2026-03", -150000)]
    assert (nothing.amount, earned.amount) == (200000, 200000)  # 500.00 of it are still to be recovered


def test_a_draw_ends_with_the_first_year() -> None:
    assert (sold([], "2025-04-01").draw, sold([], "2025-03-01").draw) == (200000, 0)


def test_a_contract_that_is_cancelled_after_it_was_paid_is_taken_back() -> None:
    paid = sold([JANUARY], period="2026-01").due
    cancelled = JANUARY | {"data": JANUARY["data"] | {"version": 2, "cancelled": True}}
    now = sold([cancelled], period="2026-01").due
    assert (paid, now) == (300000, 0)
    february = settled(
        sold([cancelled, FEBRUARY], period="2026-02"), "2026-02", restated={"2026-01": (now, paid)}
    )
    # 30 000 × 5 % + 500: without January the quarter is still in its first tier
    assert lines(february) == [
        ("regular", "2026-02", 200000),
        ("adjustment", "2026-01", -300000),
        ("carried_out", "2026-02", 100000),
    ]
    assert february.amount == 0


def test_the_plan_is_free_of_faults() -> None:
    assert problems(shipped("sales-commission")) == []


ELSEWHERE = {
    "a newcomer's quota",
    "a draw in a month without a contract",
    "the draw is taken back",
    "a contract is cancelled after it was paid",
}


def test_the_page_names_every_row() -> None:
    page = (ROOT / "events/plans/README.md").read_text("utf-8").split("## The sales commission plan")[1]
    rows = [line.rsplit("|", 2)[1] for line in page.splitlines() if line.startswith("|")]
    named = {name for row in rows for name in re.findall("`([^`]+)`", row)}
    assert named == {row[0] for row in PAID} | ELSEWHERE
