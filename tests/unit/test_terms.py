"""Terms of employment, allotment and payout lines at their edges."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from dualtrack.app.valuation import reader, value
from dualtrack.domain.employment import Employment, History, employment
from dualtrack.domain.errors import Refused
from dualtrack.domain.measures import Measure
from dualtrack.domain.money import allot
from dualtrack.domain.observations import Observation, Place, Value
from dualtrack.domain.plan import Metric, PayoutRule, Plan, Track

TERMS: dict[str, Value] = {
    "base": Decimal(300000), "team": "t1", "currency": "USD", "from": "2026-01-15", "to": "2026-03-10",
}  # fmt: skip
ANN = Employment("ann", "t1", 300000, "USD", date(2026, 1, 15), date(2026, 3, 10))


def stated(**changed: Value | None) -> Observation:
    """Terms as an observation."""
    values = {name: value for name, value in (TERMS | changed).items() if value is not None}
    return Observation(Place("E:ann", "-", "employment", "2026-01-15"), "ann", 1, "", values)


def test_terms_are_read_as_they_were_stated() -> None:
    assert employment(stated()) == ANN


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("base", Decimal("0.5"), "bad_base"),
        ("base", Decimal(-1), "bad_base"),
        ("base", None, "bad_base"),
        ("team", None, "missing"),
        ("currency", None, "missing"),
        ("currency", "XXX", "unknown_currency"),
        ("from", None, "missing"),
        ("from", "2026-02-30", "bad_time"),
        ("to", "2026-01-14", "bad_range"),
        ("to", "never", "bad_time"),
    ],
)
def test_terms_that_nobody_can_be_paid_by_are_refused(name: str, value: Value | None, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        employment(stated(**{name: value}))


@pytest.mark.parametrize(
    ("period", "factor", "covers"),
    [
        ("2025-12", (0, 31), False),
        ("2026-01", (17, 31), True),
        ("2026-02", (28, 28), True),
        ("2026-03", (10, 31), True),
        ("2026-04", (0, 30), False),
    ],
)
def test_days_in_employment_are_counted_both_ends_included(
    period: str, factor: tuple[int, int], covers: bool
) -> None:
    assert ANN.factor(period) == factor
    assert ANN.covers(period) is covers


def test_a_single_day_is_a_day() -> None:
    assert replace(ANN, start=date(2024, 2, 29), end=date(2024, 2, 29)).factor("2024-02") == (1, 29)


METRIC = Metric("m", "m", Decimal(100), {}, Decimal(100))
PLAN = Plan(
    "p", 1, date(2025, 1, 1), None, "USD", {}, (Measure("m", "m", "sum"),),
    (Track("t", Decimal(100), {}, (METRIC,)),), PayoutRule(proration="none"),
)  # fmt: skip


@pytest.mark.parametrize(("period", "amount"), [("2025-12", None), ("2026-01", 300000), ("2026-04", None)])
def test_without_proration_a_month_is_whole_or_nothing(period: str, amount: int | None) -> None:
    sold = Observation(Place("E:ann", period, "m", f"{period}-20"), "d", 1, "", {"value": Decimal(100)})
    valued = value(History((ANN,)), [PLAN], period, reader({("E:ann", period): [sold]}))
    assert (valued.due if valued else None) == amount


@pytest.mark.parametrize(
    ("total", "shares", "parts"),
    [
        (10001, ("0.6", "0.4"), [6001, 4000]),
        (-10001, ("0.6", "0.4"), [-6001, -4000]),
        (100, ("0.333", "0.333", "0.334"), [33, 33, 34]),
        (1, ("0.5", "0.5"), [1, 0]),
        (-1, ("0.5", "0.5"), [0, -1]),
        (0, ("1",), [0]),
        (5, ("0", "1"), [0, 5]),
    ],
)
def test_parts_are_the_whole(total: int, shares: tuple[str, ...], parts: list[int]) -> None:
    found = allot(total, [Decimal(share) for share in shares])
    assert sum(found) == total
    assert found == parts


@pytest.mark.parametrize("shares", [("0.6", "0.3"), ("1.5", "-0.5"), ()])
def test_shares_that_are_not_a_whole_are_refused(shares: tuple[str, ...]) -> None:
    with pytest.raises(Refused, match="exactly 1"):
        allot(100, [Decimal(share) for share in shares])
