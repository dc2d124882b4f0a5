"""A file of facts as columns of texts, and which of its columns a plan reads in which way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from dualtrack.domain.employment import EMPLOYMENT, LEAVE
from dualtrack.domain.errors import Problem, Refused
from dualtrack.domain.measures import KINDS, RATIO, Filter, Measure
from dualtrack.domain.numbers import PLAIN
from dualtrack.domain.plan import Plan

Row = int  # its place in the columns
SUBJECT, MEASURE, ENTITY, VERSION, RETRACTED = "subject", "measure", "entity", "version", "retracted"
OCCURRED, RECEIVED = "occurred_at", "received_at"
SOURCE, EVENT = "source", "event"  # where a fact came from: no part of what it says
OF_ROW = frozenset({SUBJECT, MEASURE, ENTITY, VERSION, RETRACTED, OCCURRED, RECEIVED, SOURCE, EVENT})


@dataclass(frozen=True)
class Sheet:
    """The columns of a file; an empty text is an absent cell. ``lines``: where each row begins."""

    name: str
    columns: Mapping[str, Sequence[str]]
    lines: Sequence[int]

    def column(self, name: str) -> Sequence[str]:
        """A column; one that the file does not have is empty in every row."""
        return self.columns.get(name, self._absent)

    @cached_property
    def _absent(self) -> Sequence[str]:
        return [""] * len(self.lines)

    @cached_property
    def values(self) -> Mapping[str, Sequence[str]]:
        """The columns of values and labels."""
        return {name: column for name, column in self.columns.items() if name not in OF_ROW}

    @cached_property
    def full(self) -> frozenset[str]:
        """The columns of values without an absent cell."""
        return frozenset(name for name, column in self.values.items() if "" not in column)

    def wrong(self, row: Row, column: str, found: Refused) -> list[Problem]:
        """What was refused, with its place in the file."""
        place = f"{self.name} line {self.lines[row]}"
        return [Problem(p.reason, f"{place}, {column or p.field}", p.value, p.remedy) for p in found.problems]


@dataclass(frozen=True)
class Uses:
    """Which columns of a measure's rows the plan reads as numbers (``flags``: 0 or 1), which as texts."""

    numbers: frozenset[str] = frozenset()
    texts: frozenset[str] = frozenset()
    flags: frozenset[str] = frozenset()

    @cached_property
    def all(self) -> frozenset[str]:
        """All that the plan reads."""
        return self.numbers | self.texts

    def typed(self, name: str, cell: str) -> Decimal | str:
        """A cell as an observation has it; what the plan does not read is a number if it looks like one."""
        return cell if name in self.texts or not PLAIN.match(cell) else Decimal(cell)


OF_TERMS = {
    EMPLOYMENT: Uses(frozenset({"base"}), frozenset({"team", "currency", "from", "to"})),
    LEAVE: Uses(frozenset(), frozenset({"from", "to"})),
}


def uses(plan: Plan, measure: str) -> Uses:
    """What the plan reads of observations of this name. A column that is read in both ways is a number."""
    if measure in OF_TERMS:
        return OF_TERMS[measure]
    numbers: set[str] = set()
    texts: set[str] = set()
    flags: set[str] = set()
    for each in plan.observed(measure):
        needs = KINDS[each.kind].needs(each)
        (texts if each.kind == "distinct" else numbers).update(needs)
        flags |= needs if each.kind == "share" else set()
        for name, wanted in _filters(each):
            (numbers if isinstance(wanted, Filter) and wanted.test else texts).add(name)
    return Uses(frozenset(numbers), frozenset(texts - numbers), frozenset(flags))


def _filters(measure: Measure) -> Iterator[tuple[str, str | Filter]]:
    yield from measure.when.items()
    for _, when in measure.each.factors if measure.each else ():
        yield from when.items()


def read_as_numbers(plan: Plan) -> list[str]:
    """The columns that the plan reads as numbers of any measure."""
    names = {measure.observed for measure in plan.measures if measure.kind != RATIO}
    return sorted({column for name in names for column in uses(plan, name).numbers})
