"""A trial: one part of an employee's period on its way from partials to a scorecard and an exact amount."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Protocol

from dualtrack.app.parts import DAY, Part, parts
from dualtrack.domain import pricing, targets
from dualtrack.domain.conditions import Board
from dualtrack.domain.employment import History
from dualtrack.domain.measures import ADDITIVE, RATIO, Measure, Partial, merge, values
from dualtrack.domain.numbers import ONE, ZERO
from dualtrack.domain.periods import (
    days_in,
    first_day,
    last_day,
    month_of,
    months_of,
    period_in,
    window,
)
from dualtrack.domain.plan import TARGET, Metric, Plan
from dualtrack.domain.pricing import Instalment, Stay
from dualtrack.domain.rates import Money, money_on
from dualtrack.domain.reasons import Reason
from dualtrack.domain.scoring import Scorecard, worked_out

Numbers = Mapping[str, Decimal | None]


class Read(Protocol):
    """Where partials come from: rows of totals (live) or observations (close, trial, audit)."""

    def __call__(
        self, plan: Plan, subject: str, month: str, first: date, last: date
    ) -> Mapping[str, Partial]:
        """A subject's partials by the plan's measures, of the days from first to last of a month."""


@dataclass(frozen=True, slots=True)
class PartValue:
    """What a part came to: its scorecard and its exact amount in minor units, None while on hold.

    ``before``: of a quarter paid in instalments, what it had come to by the end of the month before.
    ``holds``: what somebody has to decide.
    """

    part: Part
    card: Scorecard
    exactly: Decimal | None
    reasons: tuple[Reason, ...]
    before: Decimal = ZERO
    holds: tuple[str, ...] = ()


@dataclass(frozen=True)
class Trial:
    """The part of a period with the index ``n``, among all of its parts."""

    history: History
    plans: Sequence[Plan]
    period: str
    found: Sequence[Part]
    n: int
    read: Read

    def value(self) -> PartValue:
        """Scored and priced."""
        plan = self.part.plan
        card, board = self._worked_out
        if holds := (*card.holds, *self._unpayable):
            return PartValue(self.part, card, None, (), holds=holds)
        instalment = self._instalment()
        exactly, reasons = pricing.price(
            plan, card, board, self.stay, self._accumulated(), instalment, self.money
        )
        return PartValue(self.part, card, exactly, reasons, instalment.before if instalment else ZERO)

    @property
    def part(self) -> Part:
        """The part itself."""
        return self.found[self.n]

    @cached_property
    def stay(self) -> Stay:
        """The part as it is priced."""
        elsewhere = sum(part.days for part in self.found) - self.part.days
        return Stay(self.part.spells, days_in(self.period), self._service.month(self.period), elsewhere)

    @cached_property
    def money(self) -> Money | None:
        """What the plan's amounts are paid in, at the rate of the period's last day; None without a rate."""
        plan = self.part.plan
        return money_on(plan.rates, plan.currency, self.part.currency, last_day(self.period))

    @property
    def _unpayable(self) -> tuple[str, ...]:
        """Why there is no amount that could be proven, whatever the score is."""
        plan, currency, apart = self.part.plan, self.part.currency, self._currencies()
        if len(apart) > 1:
            return (f"payout: {' and '.join(apart)} cannot be added up: pay it by hand",)
        if self.money is None:
            day = last_day(self.period)
            return (f"{currency}: no rate from {plan.currency} (plan {plan.ref}) that holds on {day}",)
        return ()

    def _currencies(self) -> list[str]:
        """In which the parts are paid that are added up: the period's, and of instalments the quarter's."""
        months = self._quarter if self.part.plan.payout.limits else []
        elsewhere = (part for month in months for part in parts(self.history, self.plans, month))
        others = [part for part in elsewhere if part.plan is self.part.plan]
        return sorted({part.currency for part in (*self.found, *others)})

    @property
    def _service(self) -> targets.Service:
        return targets.Service(self.history.rows[0].start, self.history.days)

    @cached_property
    def _worked_out(self) -> tuple[Scorecard, Board]:
        # An award is decided once, by the plan that holds at the end.
        month = month_of(self.period) if self.part is self.found[-1] else 0
        return worked_out(self.part.plan, self._values(), self._targets(), month)

    # ---- what was observed

    @property
    def _first(self) -> date:
        """The first part also has the days before it: what was observed then counts as its source said it."""
        return self.part.first if self.n else first_day(self.period)

    @property
    def _last(self) -> date:
        return last_day(self.period) if self.part is self.found[-1] else self.part.last

    def _values(self) -> Numbers:
        """Of a month the part's own days count. A longer window is not the part's: all of its days count.

        So a version that says the same from the 15th on pays the same, whatever its measures look back over.
        """
        found: dict[str, Partial] = {}
        for measure in self._simple:
            own = measure.window == "month"
            days = (self._first, self._last) if own else (first_day(self.period), last_day(self.period))
            merged = self._merged(measure, window(self.period, measure.window, measure.months), *days)
            found |= {measure.id: merged} if merged is not None else {}
        return values(self.part.plan.measures, found)

    @property
    def _simple(self) -> Sequence[Measure]:
        return [measure for measure in self.part.plan.measures if measure.kind != RATIO]

    def _merged(self, measure: Measure, months: Sequence[str], first: date, last: date) -> Partial | None:
        """Of earlier months every day, of the period itself those from first to last."""
        subject = self._subjects[measure.scope == "team"]
        found = []
        for month in months:
            here = month == self.period
            days = (first, last) if here else (first_day(month), last_day(month))
            if days[0] <= days[1]:
                found.append(self.read(self.part.plan, subject, month, *days).get(measure.id))
        return merge(measure, [each for each in found if each is not None])

    @property
    def _subjects(self) -> tuple[str, str]:
        return f"E:{self.part.terms.employee}", f"T:{self.part.terms.team}"

    # ---- what it is measured against

    def _targets(self) -> Numbers:
        found = {}
        for _, metric in self.part.plan.metrics:
            whole = targets.target(metric, self._window(metric), self._stated(metric), self._service)
            found[metric.id] = None if whole is None else whole * self._share(metric)
        return found

    def _window(self, metric: Metric) -> Sequence[str]:
        """The metric's window; that of a ratio is its numerator's."""
        known = self.part.plan.measure_of
        measure = known.get(metric.measure)
        measure = known.get(measure.numerator) if measure and measure.kind == RATIO else measure
        return window(self.period, measure.window, measure.months) if measure else [self.period]

    def _share(self, metric: Metric) -> Decimal:
        """A part of a month has its part of a target that adds up by days, and all of one that does not."""
        measure = self.part.plan.measure_of.get(metric.measure)
        adds_up = measure is not None and measure.kind in ADDITIVE and measure.window == "month"
        return self.stay.portion if adds_up else ONE

    def _stated(self, metric: Metric) -> targets.Stated:
        name = TARGET + metric.id

        def stated(month: str) -> Decimal | None:
            for subject in self._subjects:
                found = self.read(self.part.plan, subject, month, first_day(month), last_day(month)).get(name)
                if found is not None:
                    return self._of_month(metric, found, month)
            return None

        return stated

    def _of_month(self, metric: Metric, found: Partial, month: str) -> Decimal:
        if metric.targets.change == "by_days":
            return targets.by_days(found, targets.default(metric, month), month)
        return Decimal(found[-1])

    # ---- what has come together

    def _accumulated(self) -> pricing.Accumulated:
        """Up to the day before this part, and up to its last day."""
        found = {}
        for _, metric in self.part.plan.metrics:
            if metric.pays is not None and metric.pays.accumulate != "none":
                months = window(self.period, f"{metric.pays.accumulate}_to_date")
                found[metric.id] = (
                    self._until(metric, months, self._first - DAY),
                    self._until(metric, months, self._last),
                )
        return found

    def _until(self, metric: Metric, months: Sequence[str], last: date) -> Decimal | None:
        """A metric's measure over some months, whatever its own window is."""
        merged = {m.id: self._merged(m, months, first_day(self.period), last) for m in self._simple}
        found = {name: each for name, each in merged.items() if each is not None}
        return values(self.part.plan.measures, found)[metric.measure]

    def _instalment(self) -> Instalment | None:
        """The last month of a quarter in which the plan holds is trued up: it has no limit."""
        limits = self.part.plan.payout.limits
        if not limits:
            return None
        position = (month_of(self.period) - 1) % 3
        quarter = [self._in(month) for month in self._quarter]
        base = sum((trial._base for trial in quarter if trial), Fraction())
        limit = limits[position] if position < len(limits) and any(quarter[position + 1 :]) else None
        before = [trial._so_far for trial in quarter[:position] if trial]
        return Instalment(Decimal(base.numerator) / base.denominator, limit, before[-1] if before else ZERO)

    @property
    def _quarter(self) -> list[str]:
        """The months of the period's quarter."""
        return months_of(period_in(self.period, "quarter"))

    def _in(self, month: str) -> Trial | None:
        """The same plan's part of another month, if it has one there."""
        found = parts(self.history, self.plans, month)
        here = [n for n, part in enumerate(found) if part.plan is self.part.plan]
        return Trial(self.history, self.plans, month, found, here[0], self.read) if here else None

    @property
    def _base(self) -> Fraction:
        bases, whole = pricing.days(self.stay, self.part.plan.payout)
        return Fraction(sum(base * days for base, days in bases), whole)

    @property
    def _so_far(self) -> Decimal:
        """What a quarter has come to by the end of this month; nothing while it is on hold."""
        card, board = self._worked_out
        instalment = self._instalment()
        if card.holds or instalment is None:
            return ZERO
        return pricing.so_far(self.part.plan, card, board, instalment)
