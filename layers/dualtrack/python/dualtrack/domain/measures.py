"""Measures as data: a kind says how observations become a partial and how partials merge."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256
from typing import NamedTuple

from dualtrack.domain.errors import refuse
from dualtrack.domain.numbers import ONE, TESTS, ZERO, exact, folding, plain
from dualtrack.domain.observations import Observation, Value
from dualtrack.domain.tables import WAYS, Table

Partial = tuple[str, ...]  # what merges; texts, so that a stored partial is exact
FINEST = Decimal("1E-20")  # of one observation's amount: thirds would add up differently in another order


@dataclass(frozen=True, slots=True)
class Filter:
    """What a value has to be: one of some texts, or a number on the right side of a bound."""

    texts: tuple[str, ...] = ()
    test: str = ""  # at_least, above, at_most, below, equals
    bound: Decimal = ZERO

    def takes(self, value: Value | None) -> bool:
        """Whether a value passes; an absent one does not."""
        if isinstance(value, Decimal) and self.test:
            return TESTS[self.test](value, self.bound)
        return value in self.texts


Filters = Mapping[str, "str | Filter"]  # by the value's name; a text is a filter of that text


def passes(when: Filters, row: Observation) -> bool:
    """Whether all filters let an observation through."""
    return all(
        wanted.takes(row.values.get(name)) if isinstance(wanted, Filter) else row.values.get(name) == wanted
        for name, wanted in when.items()
    )


@dataclass(frozen=True, slots=True)
class Each:
    """What is made of every single observation's value: a table, then factors whose filters it passes."""

    table: Table = ()
    how: str = "marginal"
    tie: str = "upper"
    factors: tuple[tuple[Decimal, Filters], ...] = ()

    def of(self, value: Decimal, row: Observation) -> Decimal:
        """The observation's own amount, to 20 digits after the point."""
        result = WAYS[self.how](value, self.table, self.tie) if self.table else value
        for factor, when in self.factors:
            result *= factor if passes(when, row) else ONE
        return result.quantize(FINEST)


@dataclass(frozen=True, slots=True)
class Measure:
    """A folded number: which observations, which value, how. A ratio names two other measures.

    ``window``: month, quarter_to_date, year_to_date, or rolling over ``months`` months.
    """

    id: str
    observed: str
    kind: str
    value: str = "value"
    weight: str = "weight"
    when: Filters = field(default_factory=dict)
    numerator: str = ""
    denominator: str = ""
    scope: str = "employee"  # or "team": observed on the team, counted for every member
    window: str = "month"
    months: int = 1
    each: Each | None = None

    def takes(self, row: Observation) -> bool:
        """Whether an observation belongs to this measure: its labels match and the value is there."""
        return KINDS[self.kind].needs(self) <= row.values.keys() and passes(self.when, row)


class Kind(NamedTuple):
    """A row of the table of kinds."""

    needs: Callable[[Measure], set[str]]
    fold: Callable[[Measure, Sequence[Observation]], Partial]  # of at least one observation
    merge: Callable[[Sequence[Partial]], Partial]  # of at least one partial
    value: Callable[[Partial], Decimal | None]
    absent: str  # the no-data rule that applies unless the plan says otherwise


def _decimal(row: Observation, name: str) -> Decimal:
    value = row.values[name]
    if not isinstance(value, Decimal):
        raise refuse("not_a_number", name, value, "map this value as a number")
    return value


def _numbers(measure: Measure, rows: Sequence[Observation]) -> list[Decimal]:
    name, each = measure.value, measure.each
    if each is None:
        return [_decimal(row, name) for row in rows]
    return [each.of(_decimal(row, name), row) for row in rows]


def _total(numbers: Sequence[Decimal]) -> Partial:
    return (plain(sum(numbers, ZERO)),)


def _averaged(numbers: Sequence[Decimal]) -> Partial:
    return (*_total(numbers), str(len(numbers)))


def _sum(measure: Measure, rows: Sequence[Observation]) -> Partial:
    return _total(_numbers(measure, rows))


def _mean(measure: Measure, rows: Sequence[Observation]) -> Partial:
    return _averaged(_numbers(measure, rows))


def _weighted(measure: Measure, rows: Sequence[Observation]) -> Partial:
    weights = [_decimal(row, measure.weight) for row in rows]
    products = (value * weight for value, weight in zip(_numbers(measure, rows), weights, strict=True))
    return plain(sum(products, ZERO)), plain(sum(weights, ZERO))


def _share(measure: Measure, rows: Sequence[Observation]) -> Partial:
    _flags(measure, [_decimal(row, measure.value) for row in rows])
    return _mean(measure, rows)


def _flags(measure: Measure, numbers: Sequence[Decimal]) -> Partial:
    wrong = next((number for number in numbers if number not in (ZERO, ONE)), None)
    if wrong is not None:
        raise refuse("not_a_flag", measure.value, wrong, "a share counts values of 0 or 1")
    return _averaged(numbers)


def _distinct(measure: Measure, rows: Sequence[Observation]) -> Partial:
    found = {row.values[measure.value] for row in rows}
    return tuple(sorted({each if isinstance(each, str) else plain(each) for each in found}))


def _stamp(measure: Measure, row: Observation) -> Partial:
    return row.place.day, f"{row.version:020d}", row.entity, plain(_decimal(row, measure.value))


def _timeline(measure: Measure, rows: Sequence[Observation]) -> Partial:
    """Every change of a month: day, stamp and value in turn; of one day the newest."""
    stamps = (_stamp(measure, row) for row in rows)
    return _joined([(day, f"{version}/{entity}", value) for day, version, entity, value in stamps])


def _value_only(measure: Measure) -> set[str]:
    return {measure.value}


def _added(parts: Sequence[Partial]) -> Partial:
    return tuple(plain(sum(map(Decimal, column), ZERO)) for column in zip(*parts, strict=True))


def _united(parts: Sequence[Partial]) -> Partial:
    return tuple(sorted({each for part in parts for each in part}))


def _least(parts: Sequence[Partial]) -> Partial:
    return min(parts, key=lambda part: Decimal(part[0]))


def _most(parts: Sequence[Partial]) -> Partial:
    return max(parts, key=lambda part: Decimal(part[0]))


def _joined(parts: Sequence[Partial]) -> Partial:
    changes = sorted(part[n : n + 3] for part in parts for n in range(0, len(part), 3))
    newest = {change[0]: change for change in changes}
    return tuple(text for change in newest.values() for text in change)


def _first(partial: Partial) -> Decimal | None:
    return Decimal(partial[0])


def _last(partial: Partial) -> Decimal | None:
    return Decimal(partial[-1])


def _quotient(partial: Partial) -> Decimal | None:
    total, count = map(Decimal, partial)
    return total / count if count else None


KINDS: dict[str, Kind] = {
    "sum": Kind(_value_only, _sum, _added, _first, "zero"),
    "count": Kind(lambda m: set(), lambda m, rows: (str(len(rows)),), _added, _first, "zero"),
    "mean": Kind(_value_only, _mean, _added, _quotient, "exclude"),
    "weighted_mean": Kind(lambda m: {m.value, m.weight}, _weighted, _added, _quotient, "exclude"),
    "share": Kind(_value_only, _share, _added, _quotient, "exclude"),
    "distinct": Kind(_value_only, _distinct, _united, lambda p: Decimal(len(p)), "zero"),
    "min": Kind(_value_only, lambda m, rows: (plain(min(_numbers(m, rows))),), _least, _first, "exclude"),
    "max": Kind(_value_only, lambda m, rows: (plain(max(_numbers(m, rows))),), _most, _first, "exclude"),
    "last": Kind(_value_only, lambda m, rows: max(_stamp(m, r) for r in rows), max, _last, "exclude"),
    "first": Kind(_value_only, lambda m, rows: min(_stamp(m, r) for r in rows), min, _last, "exclude"),
    "timeline": Kind(_value_only, _timeline, _joined, _last, "exclude"),
}
# Kinds that look at one number of each observation, for whoever has these numbers in a column.
OF_NUMBERS: Mapping[str, Callable[[Measure, Sequence[Decimal]], Partial]] = {
    "sum": lambda m, numbers: _total(numbers),
    "count": lambda m, numbers: (str(len(numbers)),),
    "mean": lambda m, numbers: _averaged(numbers),
    "share": _flags,
    "min": lambda m, numbers: (plain(min(numbers)),),
    "max": lambda m, numbers: (plain(max(numbers)),),
}
ADDITIVE = frozenset({"sum", "count", "distinct"})  # what half a month has about half of
RATIO = "ratio"
RATIO_ABSENT = "exclude"


def no_data_rule(measure: Measure) -> str:
    """What a metric on this measure does without data, unless the plan says otherwise."""
    return RATIO_ABSENT if measure.kind == RATIO else KINDS[measure.kind].absent


@folding
def partial(measure: Measure, rows: Iterable[Observation]) -> Partial | None:
    """The partial of one measure over folded observations; None where nothing was observed."""
    taken = [row for row in rows if measure.takes(row)]
    return KINDS[measure.kind].fold(measure, taken) if taken else None


@folding
def partial_of(measure: Measure, numbers: Sequence[Decimal]) -> Partial | None:
    """The same from the numbers of the observations that the measure takes; for kinds in ``OF_NUMBERS``."""
    return OF_NUMBERS[measure.kind](measure, numbers) if numbers else None


@folding
def merge(measure: Measure, partials: Iterable[Partial]) -> Partial | None:
    """Partials of days into a month, of months into a quarter: the same merge."""
    found = list(partials)
    return KINDS[measure.kind].merge(found) if found else None


@exact
def values(measures: Sequence[Measure], partials: Mapping[str, Partial]) -> dict[str, Decimal | None]:
    """The value of every measure; None has no data.

    A ratio over 0 or over nothing has no value. Over something, a sum or a count of nothing is 0: of five
    complaints none was handled in time.
    """
    simple = {
        m.id: KINDS[m.kind].value(partials[m.id]) if m.id in partials else None
        for m in measures
        if m.kind != RATIO
    }
    nothing = {m.id: ZERO for m in measures if no_data_rule(m) == "zero"}
    ratios = {m.id: _ratio(simple, nothing, m) for m in measures if m.kind == RATIO}
    return simple | ratios


def _ratio(
    simple: Mapping[str, Decimal | None], nothing: Mapping[str, Decimal], measure: Measure
) -> Decimal | None:
    top, bottom = simple[measure.numerator], simple[measure.denominator]
    top = nothing.get(measure.numerator) if top is None else top
    return top / bottom if top is not None and bottom else None


def fingerprint(measures: Iterable[Measure]) -> str:
    """Changes when a definition or their order does: totals of another fingerprint are folded anew."""
    said = [
        repr((m.id, m.observed, m.kind, m.value, m.weight, sorted(m.when.items()), m.each)) for m in measures
    ]
    return sha256("".join(said).encode()).hexdigest()[:8]
