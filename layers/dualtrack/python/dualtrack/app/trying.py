"""Trying a plan on facts from a file: the same valuation and settlement as live, nothing stored, nobody paid."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from dualtrack.app.facts import Facts
from dualtrack.app.sheet import OF_TERMS
from dualtrack.app.valuation import Valued, parts, value
from dualtrack.domain.employment import Employment, History
from dualtrack.domain.errors import refuse
from dualtrack.domain.money import exponent, half_up
from dualtrack.domain.payouts import BALANCES, CARRIED_IN, CARRIED_OUT, DRAW, RECOVERY, Payout, Statement, settle
from dualtrack.domain.periods import MONTH, first_day, last_day, shifted
from dualtrack.domain.plan import TARGET, Plan

NOBODY = "-"  # the team of whoever has no terms
MONTHS_OF = {"Q1": (1, 3), "Q2": (4, 6), "Q3": (7, 9), "Q4": (10, 12)}


@dataclass(frozen=True, slots=True)
class Note:
    """Something that was assumed or left aside: which sentence, and what it says about."""

    key: str
    given: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Result:
    """An employee's month; ``payout`` is what would be paid out, None while something is on hold."""

    employee: str
    period: str
    valued: Valued
    payout: Payout | None


@dataclass(slots=True)
class Tried:
    """All results by employee, then by month, and what has to be said about them."""

    results: list[Result] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


def months_of(period: str) -> list[str]:
    """The months of a month, a quarter (2026Q4) or a year (2026)."""
    year, rest = period[:4], period[4:]
    if MONTH.match(period):
        return [period]
    if MONTH.match(f"{year}-01") and (rest in MONTHS_OF or not rest):
        first, last = MONTHS_OF.get(rest, (1, 12))
        return [f"{year}-{n:02d}" for n in range(first, last + 1)]
    raise refuse("bad_period", "--period", period, "write 2026-10, 2026Q4 or 2026")


@dataclass(frozen=True)
class Trying:
    """A plan, the facts, and perhaps one base for everybody (in the currency's own unit)."""

    plan: Plan
    facts: Facts
    base: Decimal | None = None

    def all(self, period: str = "", employee: str = "") -> Tried:
        """Everybody's months; all months of the facts, if none is asked for."""
        tried = Tried(notes=list(self._unread()))
        months = months_of(period) if period else self.facts.periods
        valued = [month for month in months if self._in_force(month)]
        if valued != months:
            left = ", ".join(month for month in months if month not in valued)
            tried.notes.append(Note("not_in_force", {"plan": self.plan.ref, "months": left}))
        histories = {name: self._history(name, tried) for name in self._employees(employee)}
        self._say_assumed(histories, tried)
        for terms in histories.values():
            tried.results += self._results(terms[0], valued)
        self._say_without(histories, valued, tried)
        return tried
