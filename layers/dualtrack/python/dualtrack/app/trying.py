"""Trying a plan on facts from a file: valued and settled by the same code as live, and nothing is stored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from dualtrack.app.facts import Facts
from dualtrack.app.sheet import OF_TERMS
from dualtrack.app.valuation import Valued, in_force, value
from dualtrack.domain.employment import Employment, History, history, leave
from dualtrack.domain.errors import Stopped, refuse
from dualtrack.domain.measures import RATIO
from dualtrack.domain.money import exponent
from dualtrack.domain.payouts import CARRIED_OUT, DRAW, RECOVERY, Payout, Statement, settle
from dualtrack.domain.periods import MONTH, first_day, month
from dualtrack.domain.plan import Plan

NO_TEAM = "-"
QUARTERS = {"": (1, 12), "Q1": (1, 3), "Q2": (4, 6), "Q3": (7, 9), "Q4": (10, 12)}
NAMED = 3  # of many names in a note


@dataclass(frozen=True, slots=True)
class Note:
    """Something that was assumed or left aside: which sentence of the texts, and what it is about."""

    key: str
    given: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Result:
    """An employee's month; ``payout`` is None while something is on hold."""

    employee: str
    period: str
    valued: Valued
    payout: Payout | None


@dataclass(frozen=True, slots=True)
class Tried:
    """Results by employee and month; ``months`` were asked for and are covered by the plan."""

    results: Sequence[Result]
    months: Sequence[str]
    notes: Sequence[Note]


def months_of(period: str) -> list[str]:
    """The months of a month, a quarter (2026Q4) or a year (2026)."""
    year, part = period[:4], period[4:]
    if MONTH.match(period):
        return [period]
    if part not in QUARTERS or not MONTH.match(f"{year}-01"):
        raise refuse("bad_period", "--period", period, "write 2026-10, 2026Q4 or 2026")
    first, last = QUARTERS[part]
    return [month(f"{year}-{n:02d}") for n in range(first, last + 1)]


@dataclass(frozen=True, slots=True)
class Trying:
    """A plan and facts; ``base``: everybody's, in the currency's own unit, instead of what terms say."""

    plan: Plan
    facts: Facts
    base: Decimal | None = None

    def tried(self, period: str = "", employee: str = "") -> Tried:
        """Everybody's months; without a period all months of the facts."""
        wanted = months_of(period) if period else self.facts.periods
        months = [each for each in wanted if in_force([self.plan], each)]
        if not months:
            remedy = f"the plan holds from {self.plan.start} to {self.plan.end or '…'}: try a month of these"
            raise refuse("no_plan", "--period", ", ".join(wanted) or "no month in the facts", remedy)
        people = {name: self._terms(name) for name in self._employees(employee)}
        results = [each for terms in people.values() for each in self._results(terms, months)]
        notes = [*self._about_months(wanted, months), *self._about_facts()]
        return Tried(results, months, [*notes, *self._about_people(people, results)])

    # ---- who

    def _employees(self, wanted: str) -> list[str]:
        found = [each[2:] for each in self.facts.subjects if each.startswith("E:")]
        name = wanted.removeprefix("E:")
        if not wanted:
            return found
        if name not in found:
            raise refuse("unknown_employee", "--employee", wanted, f"the facts have {_some(found)}")
        return [name]

    def _terms(self, employee: str) -> History:
        stated = self.facts.terms(f"E:{employee}")
        known = history(stated) or History((self._assumed(employee),), tuple(map(leave, stated)))
        if self.base is None:
            return known
        rows = tuple(replace(each, base=self._minor(each.currency)) for each in known.rows)
        return replace(known, rows=rows)

    def _assumed(self, employee: str) -> Employment:
        """Terms of whoever has none in the facts: since the plan's first day, or that of the first facts."""
        start = min([self.plan.start, *(first_day(each) for each in self.facts.periods[:1])])
        return Employment(employee, NO_TEAM, 0, self.plan.currency, start, None)

    def _minor(self, currency: str) -> int:
        amount = (self.base or Decimal(0)).scaleb(exponent(currency))
        if amount < 0 or amount % 1:
            raise refuse("bad_base", "--base", str(self.base), f"an amount of {currency}, such as 10000.00")
        return int(amount)

    # ---- what it comes to

    def _results(self, terms: History, months: Sequence[str]) -> list[Result]:
        """Months in turn: what was advanced or is owed goes from one to the next."""
        found, balance, drawn, currency = [], 0, 0, ""
        for period in [*self._earlier(months), *months]:
            valued = value(terms, [self.plan], period, self.facts.read)
            if valued is None:
                continue
            if balance or drawn:
                _in_one(terms.employee, period, currency, valued.currency)
            currency = valued.currency
            payout = self._settled(valued, period, balance, drawn)
            if payout is not None:
                balance = sum(line.amount for line in payout.lines if line.kind == CARRIED_OUT)
                drawn += sum(line.amount for line in payout.lines if line.kind in (DRAW, RECOVERY))
            found += [Result(terms.employee, period, valued, payout)] if period in months else []
        return found

    def _earlier(self, months: Sequence[str]) -> list[str]:
        """Months before, if what they left open changes what is paid out now."""
        draw = self.plan.payout.draw
        if draw is None or not draw.recoverable:
            return []
        return [each for each in self.facts.periods if each < months[0]]

    def _settled(self, valued: Valued, period: str, balance: int, drawn: int) -> Payout | None:
        if valued.due is None:
            return None
        said = "trial", period, period, valued.employee, valued.currency, (valued.due, valued.reasons)
        return settle(Statement(*said, {}, balance, valued.draw, drawn))

    # ---- what has to be said

    def _about_months(self, wanted: Sequence[str], months: Sequence[str]) -> Iterator[Note]:
        left = [each for each in wanted if each not in months]
        if left:
            yield Note("not_in_force", {"plan": self.plan.ref, "months": ", ".join(left)})

    def _about_facts(self) -> Iterator[Note]:
        for name, count in sorted(self.facts.measures.items()):
            if name not in OF_TERMS and not self.facts.is_read(name):
                known = {measure.observed for measure in self.plan.measures if measure.kind != RATIO}
                yield Note("unread", {"measure": name, "count": count, "known": ", ".join(sorted(known))})
        if self.facts.moved:
            named = [f"{entity} ({_some(places)})" for entity, places in self.facts.moved]
            yield Note("elsewhere", {"count": len(named), "named": _some(named)})

    def _about_people(self, people: Mapping[str, History], results: Sequence[Result]) -> Iterator[Note]:
        assumed = [name for name, terms in people.items() if terms.newest.team == NO_TEAM]
        if assumed:
            since, base = people[assumed[0]].newest.start, f"{self.base or 0} {self.plan.currency}"
            yield Note("assumed", {"names": _some(assumed), "since": since, "base": base})
        if self.base is not None:
            yield Note("base", {"base": self.base})
        valued = {each.employee for each in results}
        without = [name for name in people if name not in valued]
        if without:
            yield Note("without", {"names": _some(without), "plan": self.plan.ref})
        teams = {f"T:{row.team}" for terms in people.values() for row in terms.rows}
        alone = [each[2:] for each in self.facts.subjects if each.startswith("T:") and each not in teams]
        if alone:
            yield Note("alone", {"teams": _some(alone)})


def _in_one(employee: str, period: str, owed: str, paid: str) -> None:
    """What is owed in one currency is not taken in another."""
    if owed != paid:
        said = f"{employee} owes {owed} from before {period} and is paid in {paid} then"
        raise Stopped(f"{said}: try the months apart")


def _some(names: Sequence[str]) -> str:
    more = f" + {len(names) - NAMED}" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more
