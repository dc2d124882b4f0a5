"""Facts of a file: which of them count, and what they come to by the plan's measures.

The fold is the domain's (the greatest uncontested version of an entity counts), and so are the partials; only
a fact that is alone never becomes an ``Observation``, so that a month of a whole company takes half a second.
A file is complete: a greater version of an entity of a subject and measure replaces the older ones wherever
they stood. A target's entity is about one month. Terms and targets may go without one: then their day is it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from decimal import Decimal
from functools import cached_property

from dualtrack.app.sheet import ENTITY, OCCURRED, OF_TERMS, RETRACTED, Row, Sheet
from dualtrack.app.statements import Reading, Statements, stands
from dualtrack.domain.employment import EMPLOYMENT, employment, leave
from dualtrack.domain.errors import Problem, Refused
from dualtrack.domain.fold import settled
from dualtrack.domain.measures import KINDS, OF_NUMBERS, Filter, Measure, Partial, partial, partial_of
from dualtrack.domain.numbers import ONE, plain
from dualtrack.domain.observations import Observation, Value
from dualtrack.domain.periods import TIMELESS, first_day, last_day
from dualtrack.domain.plan import TARGET, Plan

Months = Mapping[tuple[str, str], Mapping[str, Sequence[Row]]]  # by subject and month, then by measure


@dataclass(frozen=True)
class Facts:
    """What counts. ``conflicts``: rows of equal versions and different contents, none of which counts."""

    plan: Plan
    stated: Statements
    months: Months
    conflicts: Sequence[tuple[Row, ...]]

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

    def elsewhere(self) -> list[tuple[str, list[str]]]:
        """Entities of one measure that several subjects have in different versions, as if they had moved."""
        if len(set(self.stated.versions.values())) == 1:
            return []
        entities = self.stated.sheet.column(ENTITY)
        seen: dict[str, dict[str, int]] = defaultdict(dict)
        for (subject, _), by in self.months.items():
            for measure, row in ((m, row) for m, rows in by.items() if not stands(m) for row in rows):
                if measure not in OF_TERMS:
                    seen[f"{measure} {entities[row]}"][subject] = self.stated.version(row)
        return [
            (name, [f"{subject} {version}" for subject, version in sorted(each.items())])
            for name, each in sorted(seen.items())
            if len(set(each.values())) > 1
        ]

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
    found = _Fold(plan, stated).facts()
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


class _Fold:
    """The fold of a sheet's statements."""

    def __init__(self, plan: Plan, stated: Statements) -> None:
        self._plan, self._stated = plan, stated
        self._conflicts: list[tuple[Row, ...]] = []
        entities = stated.sheet.column(ENTITY)
        self._all_differ = len(set(entities)) == len(entities)
        self._retractions = any(stated.flags.values())
        self._months = _months(stated)

    def facts(self) -> Facts:
        months: dict[tuple[str, str], dict[str, Sequence[Row]]] = defaultdict(dict)
        for (subject, measure), rows in self._stated.groups.items():
            counted = rows if self._plain(measure, rows) else self._settled(measure, rows)
            for month, part in self._by_month(measure, counted):
                months[subject, month][measure] = part
        return Facts(self._plan, self._stated, dict(months), self._conflicts)

    def _plain(self, measure: str, rows: Sequence[Row]) -> bool:
        """Whether every row counts: no entity has a second version, none is taken back."""
        sheet = self._stated.sheet
        if self._retractions:
            cells = sheet.column(RETRACTED)
            if any(self._stated.flags[each] for each in {cells[row] for row in rows}):
                return False
        entities = sheet.column(ENTITY)
        return self._all_differ or (not stands(measure) and len({entities[row] for row in rows}) == len(rows))

    def _settled(self, measure: str, rows: Sequence[Row]) -> Sequence[Row]:
        """The rows that count among several versions, in the file's order."""
        same: dict[tuple[str, str], list[Row]] = defaultdict(list)
        entities = self._stated.sheet.column(ENTITY)
        for row in rows:
            day = self._stated.day(row) if stands(measure) else ""
            same[entities[row] or day, day[:7] if measure.startswith(TARGET) else ""].append(row)
        chosen = (each[0] if len(each) == 1 else self._chosen(measure, each) for each in same.values())
        return sorted(row for row in chosen if row is not None and not self._stated.retracted(row))

    def _chosen(self, measure: str, rows: Sequence[Row]) -> Row | None:
        versions: dict[tuple[tuple[int, int], str], Row] = {}
        for row in rows:
            versions.setdefault(((self._stated.version(row), 0), self._said(measure, row)), row)
        chosen, contested = settled(versions)
        self._conflicts += contested
        return chosen

    def _said(self, measure: str, row: Row) -> str:
        """What a row states, so that contents can be compared; of a retraction only that it is one."""
        if self._stated.retracted(row):
            return ""
        values = sorted((name, _text(value)) for name, value in self._stated.values(measure, row).items())
        return repr((self._stated.day(row), values))

    def _by_month(self, measure: str, rows: Sequence[Row]) -> Iterator[tuple[str, Sequence[Row]]]:
        if measure in OF_TERMS:
            return iter([(TIMELESS, rows)])
        found = {self._months[row] for row in rows}
        if len(found) == 1:
            return iter([(found.pop(), rows)])
        months: dict[str, list[Row]] = defaultdict(list)
        for row in rows:
            months[self._months[row]].append(row)
        return iter(months.items())


def _months(stated: Statements) -> Sequence[str]:
    """The month of every row, in the file's order: there it is read faster than row by row later."""
    named = {text: day[:7] for text, day in stated.days.items()}
    found = [named[text] for text in stated.sheet.column(OCCURRED)]
    for row, day in stated.odd_days.items():
        found[row] = day[:7]
    return found


def _text(value: Value) -> str:
    return plain(value) if isinstance(value, Decimal) else "s" + value
