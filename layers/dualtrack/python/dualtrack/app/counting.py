"""Which rows of a file count: the greatest uncontested version of each entity, as on the live route.

A file is complete: a greater version of an entity of a subject and measure replaces the older ones wherever
they stood. A target's entity is about one month. Terms and targets may go without one: then their day is it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from dualtrack.app.sheet import (
    ENTITY,
    EVENT,
    MEASURE,
    OCCURRED,
    OF_TERMS,
    RECEIVED,
    RETRACTED,
    SOURCE,
    SUBJECT,
    VERSION,
    Row,
)
from dualtrack.app.statements import Statements, stands
from dualtrack.domain.fold import settled
from dualtrack.domain.numbers import plain
from dualtrack.domain.observations import Value
from dualtrack.domain.periods import TIMELESS
from dualtrack.domain.plan import TARGET

Months = Mapping[tuple[str, str], Mapping[str, Sequence[Row]]]  # by subject and month, then by measure
# What rows of one entity may differ in without saying something else.
UNTOLD = frozenset({SUBJECT, MEASURE, ENTITY, RECEIVED, SOURCE, EVENT})


class Counting:
    """The fold of a file's statements."""

    def __init__(self, stated: Statements) -> None:
        self._stated = stated
        self.conflicts: list[tuple[Row, ...]] = []
        entities = stated.sheet.column(ENTITY)
        self._names = len(set(entities))
        self._all_differ = self._names == len(entities)
        self._found = 0  # entities, those that no longer count included
        self._telling = [each for name, each in stated.sheet.columns.items() if name not in UNTOLD]
        self._retractions = any(stated.flags.values())
        self._months = _months(stated)
        self._all_months = set(self._months)

    def months(self) -> Months:
        """The rows that count; ``conflicts`` are told of the others."""
        months: dict[tuple[str, str], dict[str, Sequence[Row]]] = defaultdict(dict)
        for (subject, measure), rows in self._stated.groups.items():
            alone = self._alone(measure, rows)
            self._found += len(rows) if alone else 0
            counted = rows if alone else self._settled(measure, rows)
            for month, part in self._by_month(measure, counted):
                months[subject, month][measure] = part
        return dict(months)

    @property
    def shared(self) -> bool:
        """Whether one name may stand for entities of several subjects or measures."""
        return self._found > self._names

    def _alone(self, measure: str, rows: Sequence[Row]) -> bool:
        """Whether every row counts: no entity has a second version, none is taken back."""
        sheet = self._stated.sheet
        if self._retractions:
            cells = sheet.column(RETRACTED)
            if any(self._stated.flags[each] for each in {cells[row] for row in rows}):
                return False
        entities = sheet.column(ENTITY)
        return self._all_differ or (not stands(measure) and len({entities[row] for row in rows}) == len(rows))

    def _settled(self, measure: str, rows: Sequence[Row]) -> Sequence[Row]:
        """The rows that count among several versions."""
        counting: dict[tuple[str, str] | str, Row] = {}
        again: dict[tuple[str, str] | str, list[Row]] = {}
        for row, entity in zip(rows, self._entities(measure, rows), strict=True):
            first = counting.setdefault(entity, row)
            if first != row:
                again.setdefault(entity, [first]).append(row)
        self._found += len(counting)
        for entity, versions in again.items():
            chosen = self._chosen(measure, versions)
            if chosen is None:
                del counting[entity]
            else:
                counting[entity] = chosen
        if not self._retractions:
            return list(counting.values())
        return [row for row in counting.values() if not self._stated.retracted(row)]

    def _entities(self, measure: str, rows: Sequence[Row]) -> Sequence[tuple[str, str] | str]:
        """What tells the facts of a subject's measure apart."""
        entities = self._stated.sheet.column(ENTITY)
        if not stands(measure):
            return [entities[row] for row in rows]
        days = [(row, self._stated.day(row)) for row in rows]
        return [(entities[r] or day, day[:7] if measure.startswith(TARGET) else "") for r, day in days]

    def _chosen(self, measure: str, rows: Sequence[Row]) -> Row | None:
        """What rows say is looked at only where neither their texts nor their versions decide."""
        different: dict[tuple[str, ...], Row] = {}
        for row in rows:
            different.setdefault(tuple([column[row] for column in self._telling]), row)
        numbers = {row: self._stated.version(row) for row in different.values()}
        decided = len(set(numbers.values())) == len(numbers)
        versions: dict[tuple[tuple[int, int], str], Row] = {}
        for row, number in numbers.items():
            versions.setdefault(((number, 0), "" if decided else self._said(measure, row)), row)
        chosen, contested = settled(versions)
        self.conflicts += contested
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
        found = self._all_months if len(self._all_months) == 1 else {self._months[row] for row in rows}
        if len(found) == 1:
            [only] = found
            return iter([(only, rows)])
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


def elsewhere(stated: Statements, months: Months) -> list[tuple[str, list[str]]]:
    """Entities of one measure that several subjects have in different versions, as if they had moved."""
    first = min(stated.versions.values(), default=0)
    later = {text for text, number in stated.versions.items() if number > first}
    versions, entities = stated.sheet.column(VERSION), stated.sheet.column(ENTITY)
    counting = [
        (subject, measure, rows)
        for (subject, _), by in months.items()
        for measure, rows in by.items()
        if later and not stands(measure) and measure not in OF_TERMS
    ]
    moved = {(m, entities[row]) for _, m, rows in counting for row in rows if versions[row] in later}
    seen: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for subject, measure, rows in counting if moved else ():
        for row in rows:
            if (measure, entities[row]) in moved:
                seen[measure, entities[row]][subject] = stated.version(row)
    return [
        (f"{measure} {entity}", [f"{subject} {version}" for subject, version in sorted(each.items())])
        for (measure, entity), each in sorted(seen.items())
        if len(set(each.values())) > 1
    ]
