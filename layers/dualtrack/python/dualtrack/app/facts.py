"""Facts of a file: which of them count, and what they come to by the plan's measures.

The partials are the domain's; only the numbers of a measure that looks at nothing else never become
observations, so that a month of a whole company takes half a second.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from functools import cached_property

from dualtrack.app.counting import Counting, Months, elsewhere
from dualtrack.app.sheet import OF_TERMS, Row, Sheet
from dualtrack.app.statements import Reading, Statements
from dualtrack.domain.employment import EMPLOYMENT, employment, leave
from dualtrack.domain.errors import Problem, Refused
from dualtrack.domain.measures import KINDS, OF_NUMBERS, Filter, Measure, Partial, partial, partial_of
from dualtrack.domain.numbers import ONE
from dualtrack.domain.observations import Observation
from dualtrack.domain.periods import TIMELESS, first_day, last_day
from dualtrack.domain.plan import TARGET, Plan


@dataclass(frozen=True)
class Facts:
    """What counts. ``conflicts``: rows of equal versions and different contents, none of which counts."""

    plan: Plan
    stated: Statements
    months: Months
    conflicts: Sequence[tuple[Row, ...]]
    moved: Sequence[tuple[str, Sequence[str]]]  # perhaps: entities of several subjects in different versions

    def read(self, plan: Plan, subject: str, month: str, first: date, last: date) -> Mapping[str, Partial]:
        """A subject's partials: a ``Read`` for valuations."""
        whole = (first, last) == (first_day(month), last_day(month))
        found: dict[str, Partial] = {}
        for name, rows in self.months.get((subject, month), {}).items():
            if not whole:
                rows = [row for row in rows if str(first) <= self.stated.day(row) <= str(last)]
            partials = ((measure.id, self._partial(measure, rows)) for measure in plan.observed(name))
            found |= {measure: each for measure, each in partials if each is not None}
        return found

    @cached_property
    def subjects(self) -> list[str]:
        """Everybody and every team that a fact is about, whether it counts or not."""
        return sorted({subject for subject, _ in self.stated.groups})

    @cached_property
    def periods(self) -> list[str]:
        """The months of all facts that are neither targets nor terms."""
        found = {month for (_, month), by in self.months.items() if not all(n.startswith(TARGET) for n in by)}
        return sorted(found - {TIMELESS})

    @cached_property
    def measures(self) -> Mapping[str, int]:
        """The observed names, and how many facts of each count."""
        counts: Counter[str] = Counter()
        for by in self.months.values():
            counts.update({name: len(rows) for name, rows in by.items()})
        return counts

    def is_read(self, name: str) -> bool:
        """Whether the plan makes anything of observations of this name."""
        if name in OF_TERMS:
            return True
        if name.startswith(TARGET):
            return name.removeprefix(TARGET) in self.plan.metric_of
        return bool(self.plan.observed(name))

    def terms(self, subject: str) -> list[Observation]:
        """What is stated of an employee's terms and leaves."""
        found = self.months.get((subject, TIMELESS), {})
        return [self.stated.observation(subject, name, row) for name in found for row in found[name]]

    def _partial(self, measure: Measure, rows: Sequence[Row]) -> Partial | None:
        if measure.each is not None or measure.kind not in OF_NUMBERS:
            return partial(measure, [self.stated.observation("", measure.observed, row) for row in rows])
        taken = self._taken(measure, rows)
        if measure.kind == "count":
            return partial_of(measure, [ONE] * len(taken))
        return partial_of(measure, self.stated.numbers(measure.value, taken))

    def _taken(self, measure: Measure, rows: Sequence[Row]) -> Sequence[Row]:
        """The rows that belong to a measure: the value is there, and the filters let it pass."""
        sheet, used = self.stated.sheet, self.stated.uses[measure.observed]
        for name in KINDS[measure.kind].needs(measure) - sheet.full:
            column = sheet.column(name)
            rows = [row for row in rows if column[row]]
        for name, wanted in measure.when.items():
            column = sheet.column(name)
            test = wanted if isinstance(wanted, Filter) else Filter((wanted,))
            passing = {c for c in {column[row] for row in rows} if c and test.takes(used.typed(name, c))}
            rows = [row for row in rows if column[row] in passing]
        return rows


def facts(sheet: Sheet, plan: Plan, zone: tzinfo, as_of: str = "") -> Facts:
    """The facts of a sheet that count at a time; refuses with every row that is wrong."""
    stated = Reading(sheet, plan, zone, as_of).statements()
    counting = Counting(stated)
    months = counting.months()
    moved = elsewhere(stated, months) if counting.shared else ()
    found = Facts(plan, stated, months, counting.conflicts, moved)
    problems = [each for row_problems in _terms(stated, found.months) for each in row_problems]
    if problems:
        raise Refused(*problems)
    return found


def _terms(stated: Statements, months: Months) -> Iterator[list[Problem]]:
    """What is wrong with terms of employment and leaves."""
    for (subject, month), by in months.items():
        for measure, rows in by.items() if month == TIMELESS else ():
            understood = employment if measure == EMPLOYMENT else leave
            for row in rows:
                try:
                    understood(stated.observation(subject, measure, row))
                except Refused as refused:
                    yield stated.sheet.wrong(row, "", refused)
