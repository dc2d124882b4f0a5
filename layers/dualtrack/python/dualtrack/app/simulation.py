"""Simulation: a draft against a period's real facts, beside the plans in force; it reads and never writes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from dualtrack.app import roster, rows, runs
from dualtrack.app.folded import FoldedFacts
from dualtrack.app.ports import Table
from dualtrack.app.valuation import Valued, paid, reader, value
from dualtrack.domain.errors import refuse
from dualtrack.domain.numbers import ZERO, exact
from dualtrack.domain.periods import first_day, month, shifted
from dualtrack.domain.plan import Plan

BACK = -12  # months: as far as any measure of a draft looks
STEPS = (1, 2, 5)
MOST_BARS = 12
COUNTED = ("scored", "zero", "ineligible")  # states of a metric whose points count


@dataclass(frozen=True, slots=True)
class Compared:
    """An employee under the plans in force and under the draft; ``paid``: minor units, once published."""

    employee: str
    team: str
    currency: str
    before: Valued | None
    after: Valued | None
    paid: int | None

    @property
    def difference(self) -> int | None:
        """Minor units gained (or lost, below 0); None while either is on hold. No plan at all is worth 0."""
        before, after = due(self.before), due(self.after)
        return None if before is None or after is None else after - before


def due(valued: Valued | None) -> int | None:
    """What a month is worth: 0 without a plan, None while on hold."""
    return 0 if valued is None else valued.due


@dataclass(frozen=True, slots=True)
class Bar:
    """How many differences lie from ``low`` to below ``high`` (minor units); both 0: unchanged."""

    low: int
    high: int
    count: int


@dataclass(frozen=True, slots=True)
class Simulation:
    """Everybody on the roster who is paid by a plan now or would be by the draft."""

    period: str
    draft: Plan
    plans: Sequence[Plan]
    published: bool
    people: Sequence[Compared]

    @property
    def currencies(self) -> list[str]:
        """Currencies in which anybody is paid."""
        return sorted({each.currency for each in self.people})

    def cost(self, currency: str, of: Callable[[Compared], int | None]) -> int:
        """Minor units in all; what is on hold costs nothing yet."""
        return sum(of(each) or 0 for each in self.people if each.currency == currency)

    def differing(self, sign: int) -> list[Compared]:
        """Who gains (1) or loses (-1), most first."""
        found = [each for each in self.people if (each.difference or 0) * sign > 0]
        return sorted(found, key=lambda each: (-(each.difference or 0) * sign, each.employee))

    @property
    def held(self) -> list[Compared]:
        """Whoever is on hold before or after."""
        return [each for each in self.people if each.difference is None]

    def means(self) -> Iterator[tuple[str, Decimal | None, Decimal | None]]:
        """Of every metric the mean points before and after, of those for whom it counts."""
        before, after = _points(p.before for p in self.people), _points(p.after for p in self.people)
        for name in dict.fromkeys([*before, *after]):
            yield name, _mean(before.get(name, ())), _mean(after.get(name, ()))

    def bars(self, currency: str) -> list[Bar]:
        """Differences by their size, those of 0 apart."""
        found = [p.difference for p in self.people if p.currency == currency and p.difference is not None]
        moved = [each for each in found if each]
        bars = [Bar(0, 0, len(found) - len(moved))] if len(moved) < len(found) else []
        step = _step(max(moved) - min(moved)) if moved else 1
        places = {each // step for each in moved}
        for place in range(min(places), max(places) + 1) if places else ():
            count = sum(1 for each in moved if each // step == place)
            bars.append(Bar(place * step, (place + 1) * step, count))
        return sorted(bars, key=lambda bar: (bar.low, bar.high))


def simulate(table: Table, plans: Sequence[Plan], draft: Plan, period: str) -> Simulation:
    """The draft as if it had always been in force, for whomever it is for; all others stay as they are."""
    month(period)
    published = any(run.period == period and run.state == "PUBLISHED" for run in runs.every(table))
    facts = FoldedFacts(table)
    drafted = [replace(draft, start=first_day(shifted(period, BACK)), end=None)]
    people = []
    for employee in roster.employees(table):
        history = roster.person(table, employee).history
        if history is None or not history.covers(period):
            continue
        before = value(history, plans, period, reader(facts))
        after = value(history, drafted, period, reader(facts)) or before
        if after is not None:
            team = after.parts[-1].part.terms.team
            sum_ = _paid(table, employee, period) if published else None
            people.append(Compared(employee, team, after.currency, before, after, sum_))
    if not people:
        raise refuse("nobody", "--period", period, "name a period in which somebody is employed under a plan")
    return Simulation(period, draft, plans, published, people)


def _paid(table: Table, employee: str, period: str) -> int:
    pk = rows.partition(rows.employee_subject(employee), period)
    return paid(table.query(pk, "P#", "P#" + rows.END))


def _points(valued: Iterable[Valued | None]) -> Mapping[str, list[Decimal]]:
    found: dict[str, list[Decimal]] = {}
    for each in valued:
        for metric in each.card.metrics if each else ():
            points = found.setdefault(metric.id, [])
            points += [metric.points] if metric.state in COUNTED else []
    return found


@exact
def _mean(numbers: Sequence[Decimal]) -> Decimal | None:
    return sum(numbers, ZERO) / len(numbers) if numbers else None


def _step(span: int) -> int:
    """1, 2, 5, 10, 20 …: the smallest that makes few enough bars."""
    power = 1
    while True:
        for step in STEPS:
            if span // (step * power) < MOST_BARS:
                return step * power
        power *= 10
