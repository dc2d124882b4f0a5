"""Valuation: the one way from partials to a scorecard and an amount: live, at a close, on trial and audited alike.

A period is cut into parts wherever another plan (or version) begins to hold for the employee. Each part is
scored by its own plan over its own days; what they come to is added up and rounded once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Protocol

from dualtrack.app.ports import Item
from dualtrack.domain import pricing, targets
from dualtrack.domain.employment import Employment, History
from dualtrack.domain.errors import Stopped
from dualtrack.domain.measures import ADDITIVE, RATIO, Measure, Partial, merge, partial, values
from dualtrack.domain.money import exponent, half_up
from dualtrack.domain.numbers import ONE, ZERO
from dualtrack.domain.observations import Observation
from dualtrack.domain.periods import days_in, first_day, last_day, month_of, shifted, window
from dualtrack.domain.plan import TARGET, Metric, Plan
from dualtrack.domain.pricing import Instalment, Spell, Stay
from dualtrack.domain.reasons import Reason
from dualtrack.domain.scoring import Scorecard, worked_out

DAY = timedelta(days=1)


class Read(Protocol):
    """Where partials come from: rows of totals (live) or observations (close, trial, audit)."""

    def __call__(
        self, plan: Plan, subject: str, month: str, first: date, last: date
    ) -> Mapping[str, Partial]:
        """A subject's partials by measure, of the days from first to last of a month, by the plan's definitions."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some days of a period under one plan; ``team`` and ``base`` are those in force on its last day."""

    plan: Plan
    first: date
    last: date
    terms: Employment
    spells: tuple[Spell, ...]


@dataclass(frozen=True, slots=True)
class PartValue:
    """What a part came to: its scorecard and its exact amount in minor units, None while on hold."""

    part: Part
    card: Scorecard
    exactly: Decimal | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Valued:
    """A period's scorecards and what they are worth (minor units); ``due`` is None while something is on hold.

    ``card`` is that of the last part, the one in force at the end of the period.
    """

    employee: str
    card: Scorecard
    due: int | None
    reasons: tuple[Reason, ...]
    parts: tuple[PartValue, ...] = ()
    draw: int = 0
    currency: str = ""

    @property
    def holds(self) -> tuple[str, ...]:
        """What somebody has to decide, in any part."""
        return tuple(dict.fromkeys(each for value in self.parts for each in value.card.holds))


def plan_on(plans: Iterable[Plan], day: date, employee: str, team: str) -> Plan | None:
    """The plan of somebody on a day: the greatest version in force; None before the first.

    Two plans over one day for one employee stop the payout: which one is meant cannot be proven.
    """
    in_force = [
        plan
        for plan in plans
        if plan.start <= day and (plan.end is None or day <= plan.end) and plan.whom.takes(employee, team)
    ]
    if len({plan.id for plan in in_force}) > 1:
        raise Stopped(
            f"two plans for {employee} on {day}: {sorted({p.ref for p in in_force})}; end one of them"
        )
    return max(in_force, key=lambda plan: plan.version, default=None)


def parts(history: History, plans: Sequence[Plan], period: str) -> list[Part]:
    """The parts of an employee's period, in order. Days of other terms under the same plan are one part."""
    found: list[Part] = []
    for terms, first, last in history.spells(period):
        for start, end in _cut(plans, first, last):
            plan = plan_on(plans, start, terms.employee, terms.team)
            if plan is None:
                continue
            spell = Spell(terms.base, history.worked(start, end))
            if found and found[-1].plan is plan:
                before = found.pop()
                found.append(Part(plan, before.first, end, terms, (*before.spells, spell)))
            else:
                found.append(Part(plan, start, end, terms, (spell,)))
    return found


def _cut(plans: Iterable[Plan], first: date, last: date) -> Iterator[tuple[date, date]]:
    """Stretches in which the same plans hold."""
    starts = {plan.start for plan in plans} | {plan.end + DAY for plan in plans if plan.end}
    inside = sorted({first, *(day for day in starts if first < day <= last)})
    ends = [day - DAY for day in inside[1:]] + [last]
    return zip(inside, ends, strict=True)


def value(history: History, plans: Sequence[Plan], period: str, read: Read) -> Valued | None:
    """Score and price an employee's period; None if no plan holds on any employed day of it."""
    read = _once(read)
    valued = _valued(history, plans, period, read)
    if not valued:
        return None
    holds = [each for each in valued if each.exactly is None]
    amount, reasons = (None, ()) if holds else _due(history, plans, period, valued, read)
    last = valued[-1]
    return Valued(
        history.employee, last.card, amount, reasons, tuple(valued), _draw(history, period, valued),
        last.part.plan.currency,
    )  # fmt: skip


def _once(read: Read) -> Read:
    """The same, each answer kept: several measures look at the same months."""
    known: dict[tuple[str, str, str, date, date], Mapping[str, Partial]] = {}

    def kept(plan: Plan, subject: str, month: str, first: date, last: date) -> Mapping[str, Partial]:
        key = (plan.ref, subject, month, first, last)
        if key not in known:
            known[key] = read(plan, subject, month, first, last)
        return known[key]

    return kept


def _valued(history: History, plans: Sequence[Plan], period: str, read: Read) -> list[PartValue]:
    found = parts(history, plans, period)
    return [_Trial(history, period, part, read, len(found) == 1).value() for part in found]


def _due(
    history: History, plans: Sequence[Plan], period: str, valued: Sequence[PartValue], read: Read
) -> tuple[int, tuple[Reason, ...]]:
    before = _before(history, plans, period, valued[-1].part.plan, read)
    exactly = sum((each.exactly or ZERO for each in valued), ZERO)
    amount, rounding = pricing.due(exactly, before)
    reasons = [reason for each in valued for reason in (*_heading(each, len(valued)), *each.reasons)]
    return amount, (*reasons, rounding)


def _heading(each: PartValue, of: int) -> Sequence[Reason]:
    if of == 1:
        return ()
    part = each.part
    return (Reason("part", f"{part.first} to {part.last}, plan {part.plan.ref}", str(each.exactly)),)


def _before(history: History, plans: Sequence[Plan], period: str, plan: Plan, read: Read) -> Decimal:
    """Of a quarter that is paid in instalments, what had come together by the end of the month before."""
    if not plan.payout.limits or month_of(period) % 3 == 1:
        return ZERO
    month = shifted(period, -1)
    return sum((each.exactly or ZERO for each in _valued(history, plans, month, read)), ZERO)


def _draw(history: History, period: str, valued: Sequence[PartValue]) -> int:
    total = ZERO
    for part in (each.part for each in valued):
        draw = part.plan.payout.draw
        if draw is not None and draw.recoverable:
            stay = _stay(history, period, part)
            total += pricing.drawn(draw, stay, Decimal(10) ** exponent(part.plan.currency))
    return half_up(total)


def _stay(history: History, period: str, part: Part) -> Stay:
    service = targets.Service(history.rows[0].start, history.days)
    return Stay(part.spells, days_in(period), service.month(period))


@dataclass(frozen=True, slots=True)
class _Trial:
    """One part on its way to its value."""

    history: History
    period: str
    part: Part
    read: Read
    alone: bool  # the period's only part: then every day of it counts, as its source said it

    def value(self) -> PartValue:
        plan, terms = self.part.plan, self.part.terms
        if terms.currency != plan.currency:
            raise Stopped(f"{terms.employee} is paid in {terms.currency}, plan {plan.ref} in {plan.currency}")
        card, board = worked_out(plan, self._values(), self._targets(), month_of(self.period))
        if card.holds:
            return PartValue(self.part, card, None, ())
        stay = _stay(self.history, self.period, self.part)
        exactly, reasons = pricing.price(plan, card, board, stay, self._accumulated(), self._instalment())
        return PartValue(self.part, card, exactly, reasons)

    def _values(self) -> Mapping[str, Decimal | None]:
        found = {}
        for measure in self.part.plan.measures:
            if measure.kind != RATIO:
                merged = self._merged(measure, window(self.period, measure.window, measure.months))
                found |= {measure.id: merged} if merged is not None else {}
        return values(self.part.plan.measures, found)

    def _merged(self, measure: Measure, months: Sequence[str]) -> Partial | None:
        subject = self._team if measure.scope == "team" else self._own
        found = (self._month(subject, month).get(measure.id) for month in months)
        return merge(measure, [each for each in found if each is not None])

    @property
    def _own(self) -> str:
        return f"E:{self.part.terms.employee}"

    @property
    def _team(self) -> str:
        return f"T:{self.part.terms.team}"

    def _month(self, subject: str, month: str) -> Mapping[str, Partial]:
        """The part's own days of the period, and all days of the months before it."""
        here = month == self.period
        first = first_day(month) if not here or self.alone else self.part.first
        last = last_day(month) if not here or self.alone else self.part.last
        return self.read(self.part.plan, subject, month, first, last)

    def _targets(self) -> Mapping[str, Decimal | None]:
        service = targets.Service(self.history.rows[0].start, self.history.days)
        found = {}
        for _, metric in self.part.plan.metrics:
            whole = targets.target(metric, self._window(metric), self._stated(metric), service)
            found[metric.id] = None if whole is None else whole * self._share(metric)
        return found

    def _window(self, metric: Metric) -> Sequence[str]:
        measure = self._measure(metric)
        return window(self.period, measure.window, measure.months) if measure else [self.period]

    def _measure(self, metric: Metric) -> Measure | None:
        """The measure that decides a metric's window; of a ratio, its numerator."""
        found = self.part.plan.measure_of.get(metric.measure)
        return self.part.plan.measure_of.get(found.numerator) if found and found.kind == RATIO else found

    def _share(self, metric: Metric) -> Decimal:
        """A part of a month has its part of a target that adds up day by day, and all of one that does not."""
        measure = self.part.plan.measure_of.get(metric.measure)
        if self.alone or measure is None or measure.kind not in ADDITIVE or measure.window != "month":
            return ONE
        days = (self.part.last - self.part.first).days + 1
        return Decimal(days) / days_in(self.period)

    def _stated(self, metric: Metric) -> targets.Stated:
        name = TARGET + metric.id

        def stated(month: str) -> Decimal | None:
            for subject in (self._own, self._team):
                found = self.read(self.part.plan, subject, month, first_day(month), last_day(month)).get(name)
                if found is not None:
                    return self._of_month(metric, found, month)
            return None

        return stated

    def _of_month(self, metric: Metric, found: Partial, month: str) -> Decimal:
        if metric.targets.change == "by_days":
            return targets.by_days(found, metric.target, month)
        return Decimal(found[-1])

    def _accumulated(self) -> pricing.Accumulated:
        found = {}
        for _, metric in self.part.plan.metrics:
            if metric.pays is not None and metric.pays.accumulate != "none":
                months = window(self.period, f"{metric.pays.accumulate}_to_date")
                found[metric.id] = (self._over(metric, months[:-1]), self._over(metric, months))
        return found

    def _over(self, metric: Metric, months: Sequence[str]) -> Decimal | None:
        """A metric's measure over some months, whatever its own window is."""
        plan = self.part.plan
        simple = [m for m in plan.measures if m.kind != RATIO]
        merged = {m.id: self._merged(m, months) for m in simple}
        return values(plan.measures, {name: each for name, each in merged.items() if each is not None})[
            metric.measure
        ]

    def _instalment(self) -> Instalment | None:
        limits = self.part.plan.payout.limits
        if not limits:
            return None
        position = (month_of(self.period) - 1) % 3
        months = [shifted(self.period, n - position) for n in range(3)]
        limit = limits[position] if position < len(limits) else None
        return Instalment(sum(map(self._base, months), ZERO), limit, ZERO)

    def _base(self, month: str) -> Decimal:
        """A month's base by days; a month to come counts with what the terms say now."""
        spells = self.history.spells(month)
        return sum((Decimal(t.base) * self.history.worked(a, b) / days_in(month) for t, a, b in spells), ZERO)


def reader(facts: Mapping[tuple[str, str], Sequence[Observation]]) -> Read:
    """Reads partials from folded observations by (subject, month): the fold from scratch."""

    def read(plan: Plan, subject: str, month: str, first: date, last: date) -> Mapping[str, Partial]:
        rows = facts.get((subject, month), ())
        if first != first_day(month) or last != last_day(month):
            rows = [row for row in rows if str(first) <= row.place.day <= str(last)]
        return partials_of(plan, rows)

    return read


def partials_of(plan: Plan, current: Sequence[Observation]) -> dict[str, Partial]:
    """Partials from folded observations directly."""
    by_measure: dict[str, list[Observation]] = {}
    for row in current:
        by_measure.setdefault(row.place.measure, []).append(row)
    found = {m.id: partial(m, rows) for name, rows in by_measure.items() for m in plan.observed(name)}
    return {name: each for name, each in found.items() if each is not None}


def paid(lines: Iterable[Item]) -> int:
    """What was ever paid for a period, in minor units."""
    return sum(int(line["amount"]) for line in lines)
