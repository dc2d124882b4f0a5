"""Parts: the stretches of a period that are paid by one plan, and which months a plan looks at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import NamedTuple

from dualtrack.domain.employment import Employment, History
from dualtrack.domain.errors import Stopped
from dualtrack.domain.measures import RATIO
from dualtrack.domain.periods import first_day, last_day, month_of, shifted, window
from dualtrack.domain.plan import Plan
from dualtrack.domain.pricing import Spell

DAY = timedelta(days=1)


class Held(NamedTuple):
    """A version of a plan, and the first and last day on which it holds in some stretch."""

    plan: Plan
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Part:
    """Some days of a period under one plan; ``terms`` are those in force on its last day."""

    plan: Plan
    first: date
    last: date
    terms: Employment
    spells: tuple[Spell, ...]

    @property
    def currency(self) -> str:
        """In which its bases are, and it is paid."""
        return self.terms.currency

    @property
    def days(self) -> int:
        """Employed days of the part, on leave or not."""
        return sum(spell.days + spell.away for spell in self.spells)


def held(plans: Iterable[Plan], first: date, last: date) -> list[Held]:
    """The versions that hold on any day of a stretch: each until it ends or a greater one starts.

    A version that has ended is not followed by the one before it: the plan is over.
    """
    plans = list(plans)
    found = []
    for plan in plans:
        after = [p.start - DAY for p in plans if p.id == plan.id and p.version > plan.version]
        since, until = max(plan.start, first), min([plan.end or last, last, *after])
        found += [Held(plan, since, until)] if since <= until else []
    return found


def in_force(plans: Iterable[Plan], period: str) -> list[Plan]:
    """The versions that hold for anybody on any day of a period."""
    return [each.plan for each in held(plans, first_day(period), last_day(period))]


def plan_on(plans: Iterable[Plan], day: date, employee: str, team: str) -> Plan | None:
    """The plan of somebody on a day: the greatest version that has started; None if there is none.

    Two plans over one day for one employee stop the payout: which one is meant cannot be proven.
    """
    return _only(held(plans, day, day), day, employee, team)


def _only(found: Iterable[Held], day: date, employee: str, team: str) -> Plan | None:
    here = [h.plan for h in found if h.first <= day <= h.last and h.plan.whom.takes(employee, team)]
    if len(here) > 1:
        named = ", ".join(sorted(plan.ref for plan in here))
        raise Stopped(f"two plans for {employee} on {day}: {named}; publish a version that ends one of them")
    return here[0] if here else None


def parts(history: History, plans: Sequence[Plan], period: str) -> list[Part]:
    """The parts of an employee's period, in order.

    Days of other terms under the same plan and in the same currency are one part. Raises ``Stopped`` for two
    plans over one day.
    """
    known = held(plans, first_day(period), last_day(period))
    found: list[Part] = []
    for terms, first, last in history.spells(period):
        for start, end in _stretches(known, first, last):
            plan = _only(known, start, terms.employee, terms.team)
            if plan is not None:
                spell = _spell(history, terms.base, start, end)
                found[-1:] = _joined(found[-1:], Part(plan, start, end, terms, (spell,)))
    return found


def _spell(history: History, base: int, start: date, end: date) -> Spell:
    worked = history.worked(start, end)
    return Spell(base, worked, (end - start).days + 1 - worked)


def _stretches(known: Iterable[Held], first: date, last: date) -> list[tuple[date, date]]:
    """Days cut wherever a plan begins or ends to hold."""
    starts = {day for each in known for day in (each.first, each.last + DAY)}
    inside = sorted({first, *(day for day in starts if first < day <= last)})
    return list(zip(inside, [*(day - DAY for day in inside[1:]), last], strict=True))


def _joined(before: Sequence[Part], part: Part) -> list[Part]:
    """One part where plan and currency go on; one spell where the base does too."""
    if not before or (before[0].plan is not part.plan or before[0].currency != part.currency):
        return [*before, part]
    *spells, last = before[0].spells
    spell = part.spells[0]
    if last.base == spell.base:
        spells.append(Spell(last.base, last.days + spell.days, last.away + spell.away))
    else:
        spells += [last, spell]
    return [replace(part, first=before[0].first, spells=tuple(spells))]


def looks_back(plan: Plan) -> bool:
    """Whether a scorecard of the plan is made of more than the facts of its own month."""
    longer = any(measure.window != "month" for measure in plan.measures if measure.kind != RATIO)
    return longer or bool(plan.payout.limits) or any(accumulates(plan))


def looks_at(plan: Plan, period: str) -> set[str]:
    """The months whose facts a scorecard of a period is made of."""
    kinds = {(m.window, m.months) for m in plan.measures if m.kind != RATIO}
    kinds |= {(f"{each}_to_date", 1) for each in accumulates(plan)}
    months = {month for kind, count in kinds for month in window(period, kind, count)}
    if plan.payout.limits and month_of(period) % 3 != 1:  # what the quarter had come to before
        months |= looks_at(plan, shifted(period, -1))
    return months | {period}


def accumulates(plan: Plan) -> set[str]:
    """Over what metrics accumulate what they pay for: quarter, year."""
    paying = (metric.pays.accumulate for _, metric in plan.metrics if metric.pays is not None)
    return {each for each in paying if each != "none"}
