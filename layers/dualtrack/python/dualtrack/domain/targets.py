"""Targets: what a metric is measured against in a period, from what the plan and observations say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from dualtrack.domain.measures import Partial
from dualtrack.domain.numbers import ZERO, exact
from dualtrack.domain.periods import days_in, first_day, last_day, month_of
from dualtrack.domain.plan import Metric

QUARTERS = 4
WHOLE = Fraction(1)


@dataclass(frozen=True, slots=True)
class Service:
    """How long somebody is there: since when, and how many of a month's days (days, days of the month)."""

    since: date
    days: Callable[[str], tuple[int, int]]

    def month(self, period: str) -> int:
        """Which month of employment a period is; 1 is the first."""
        first = self.since
        return (int(period[:4]) - first.year) * 12 + month_of(period) - first.month + 1


Stated = Callable[[str], Decimal | None]  # the target observed for a month: the employee's, else the team's


@exact
def target(metric: Metric, months: Sequence[str], stated: Stated, service: Service) -> Decimal | None:
    """The target of a window of months (the last one is the period itself); None if one is missing."""
    rule = metric.targets
    counted = months[-1:] if rule.per == "window" else months
    parts = [_month(metric, month, stated(month), service) for month in counted]
    known = [part for part in parts if part is not None]
    return _decimal(sum(known, Fraction())) if len(known) == len(parts) else None


def _decimal(whole: Fraction) -> Decimal:
    return Decimal(whole.numerator) / whole.denominator


def _month(metric: Metric, month: str, stated: Decimal | None, service: Service) -> Fraction | None:
    """A month's target, as a fraction: three months of a third are a whole."""
    whole = Fraction(stated) if stated is not None else _default(metric, month)
    if whole is None:
        return None
    share = Fraction(*service.days(month)) if metric.targets.prorate else WHOLE
    return whole * _ramp(metric.targets.ramp, service.month(month)) * share


@exact
def default(metric: Metric, month: str) -> Decimal | None:
    """What the plan says for a month; None if it says nothing."""
    whole = _default(metric, month)
    return None if whole is None else _decimal(whole)


def _default(metric: Metric, month: str) -> Fraction | None:
    if metric.target is None:
        return None
    share = _season(metric.targets.seasonality, month_of(month)) if metric.targets.per == "year" else WHOLE
    return Fraction(metric.target) * share


def _season(shares: Sequence[Decimal], month: int) -> Fraction:
    """A month's share of the year: of 12 its own, of 4 a third of its quarter's, of none a twelfth."""
    if not shares:
        return Fraction(1, 12)
    if len(shares) == QUARTERS:
        return Fraction(shares[(month - 1) // 3]) / 300
    return Fraction(shares[month - 1]) / 100


def _ramp(ramp: Sequence[Decimal], month: int) -> Fraction:
    return Fraction(ramp[month - 1]) / 100 if 1 <= month <= len(ramp) else WHOLE


@exact
def by_days(changes: Partial, default: Decimal | None, month: str) -> Decimal:
    """A month's target that changed: each value from its day on, weighted by calendar days.

    Before the first change the plan's default counts, or, without one, the first change.
    """
    known = [
        (date.fromisoformat(day), Decimal(value))
        for day, value in zip(changes[::3], changes[2::3], strict=True)
    ]
    start, end = first_day(month), last_day(month)
    values = [(start, default if default is not None else known[0][1]), *known]
    ends = [day for day, _ in values[1:]] + [None]
    total = ZERO
    for (day, value), until in zip(values, ends, strict=True):
        total += value * (((until or end).toordinal() + (until is None)) - max(day, start).toordinal())
    return total / days_in(month)
