"""Valuation: the one way from partials to a scorecard and an amount: live, at a close, on trial, audited.

A period is cut into parts wherever another plan (or version) begins to hold for the employee. Each part is
scored by its own plan over its own days; what they come to is added up and rounded once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from dualtrack.app.parts import Part, in_force, looks_at, looks_back, parts, plan_on
from dualtrack.app.ports import Item
from dualtrack.app.trial import PartValue, Read, Trial
from dualtrack.domain import pricing
from dualtrack.domain.employment import History
from dualtrack.domain.measures import Partial, partial
from dualtrack.domain.money import exponent, half_up
from dualtrack.domain.numbers import ZERO, dusted, exact, plain
from dualtrack.domain.observations import Observation
from dualtrack.domain.periods import first_day, last_day
from dualtrack.domain.plan import Plan
from dualtrack.domain.reasons import Reason
from dualtrack.domain.scoring import Scorecard

__all__ = [
    "Current", "Part", "PartValue", "Read", "Valued", "in_force", "looks_at", "looks_back", "paid",
    "partials_of", "parts", "plan_on", "reader", "value",
]  # fmt: skip
Current = Mapping[tuple[str, str], Sequence[Observation]]  # folded observations by subject and month


@dataclass(frozen=True, slots=True)
class Valued:
    """A period's scorecards and their worth in minor units; ``due`` is None while something is on hold.

    ``card`` is that of the last part, the one in force at the end of the period; ``draw`` what is paid at
    least and may be recovered; ``read`` the subjects and months whose facts it is made of.
    """

    employee: str
    card: Scorecard
    due: int | None
    reasons: tuple[Reason, ...]
    parts: tuple[PartValue, ...] = ()
    draw: int = 0
    currency: str = ""
    read: tuple[tuple[str, str], ...] = ()

    @property
    def holds(self) -> tuple[str, ...]:
        """What somebody has to decide, in any part."""
        return tuple(dict.fromkeys(each for value in self.parts for each in value.holds))


@exact
def value(history: History, plans: Sequence[Plan], period: str, read: Read) -> Valued | None:
    """Score and price an employee's period; None if no plan holds on any employed day of it.

    Paid in the currency of the terms. An amount that cannot be proven is on hold: no rate into that currency,
    or two currencies in one sum. Raises ``Stopped`` for two plans over one day.
    """
    found = parts(history, plans, period)
    if not found:
        return None
    kept = _Kept(read)
    trials = [Trial(history, plans, period, found, n, kept) for n in range(len(found))]
    valued = tuple(trial.value() for trial in trials)
    amount, reasons = _due(valued)
    last = valued[-1]
    return Valued(
        history.employee, last.card, amount, reasons, valued, _draw(trials), last.part.currency, kept.asked
    )  # fmt: skip


class _Kept:
    """A ``Read`` that keeps each answer: several measures look at the same months."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._known: dict[tuple[str, str, str, date, date], Mapping[str, Partial]] = {}

    def __call__(
        self, plan: Plan, subject: str, month: str, first: date, last: date
    ) -> Mapping[str, Partial]:
        key = (plan.ref, subject, month, first, last)
        if key not in self._known:
            self._known[key] = self._read(plan, subject, month, first, last)
        return self._known[key]

    @property
    def asked(self) -> tuple[tuple[str, str], ...]:
        """The subjects and months that were asked for."""
        return tuple(sorted({(subject, month) for _, subject, month, _, _ in self._known}))


def _due(valued: Sequence[PartValue]) -> tuple[int | None, tuple[Reason, ...]]:
    """All parts together, rounded once; None while one of them is on hold."""
    amounts = [each.exactly for each in valued if each.exactly is not None]
    if len(amounts) < len(valued):
        return None, ()
    currency = valued[-1].part.currency
    before = sum((each.before for each in valued), ZERO)
    amount, rounding = pricing.due(sum(amounts, ZERO), currency, before)
    reasons = [reason for each in valued for reason in (*_heading(each, len(valued)), *each.reasons)]
    return amount, (*reasons, rounding)


def _heading(each: PartValue, of: int) -> Sequence[Reason]:
    if of == 1 or each.exactly is None:
        return ()
    part = each.part
    amount = plain(each.exactly.scaleb(-exponent(part.currency)))
    return (Reason("part", f"{part.first} to {part.last}, plan {part.plan.ref}", amount),)


def _draw(trials: Iterable[Trial]) -> int:
    """What is paid at least, to be recovered later, by the days of each part."""
    total = ZERO
    for trial in trials:
        draw, money = trial.part.plan.payout.draw, trial.money
        if draw is not None and draw.recoverable and money is not None:
            total += pricing.drawn(draw, trial.stay, money.worth)
    return half_up(dusted(total))


def reader(facts: Current) -> Read:
    """Reads partials from folded observations: the fold from scratch."""

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
