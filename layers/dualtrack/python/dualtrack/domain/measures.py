"""Measures as data: a kind says how observations become a partial and how partials merge."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256
from typing import NamedTuple

from dualtrack.domain.errors import refuse
from dualtrack.domain.numbers import ONE, ZERO, exact, plain
from dualtrack.domain.observations import Observation

Partial = tuple[str, ...]  # what merges; texts, so that a stored partial is exact


@dataclass(frozen=True, slots=True)
class Measure:
    """A folded number: which observations, which value, how. A ratio names two other measures."""

    id: str
    observed: str
    kind: str
    value: str = "value"
    weight: str = "weight"
    when: Mapping[str, str] = field(default_factory=dict)
    numerator: str = ""
    denominator: str = ""
    scope: str = "employee"  # or "team": observed on the team, counted for every member

    def takes(self, row: Observation) -> bool:
        """Whether an observation belongs to this measure: its labels match and the value is there."""
        if any(row.values.get(name) != wanted for name, wanted in self.when.items()):
            return False
        return KINDS[self.kind].needs(self) <= set(row.values)


class Kind(NamedTuple):
    """A row of the table of kinds."""

    needs: Callable[[Measure], set[str]]
    lift: Callable[[Measure, Observation], Partial]
    merge: Callable[[Partial, Partial], Partial]
    value: Callable[[Partial], Decimal | None]
    absent: str  # the no-data rule that applies unless the plan says otherwise


def _decimal(row: Observation, name: str) -> Decimal:
    value = row.values[name]
    if not isinstance(value, Decimal):
        raise refuse("not_a_number", name, value, "map this value as a number")
    return value


def _add(left: Partial, right: Partial) -> Partial:
    return tuple(plain(Decimal(a) + Decimal(b)) for a, b in zip(left, right, strict=True))


def _quotient(partial: Partial) -> Decimal | None:
    total, count = map(Decimal, partial)
    return total / count if count else None


def _one(measure: Measure, row: Observation) -> Partial:
    return (plain(_decimal(row, measure.value)), "1")


def _weighted(measure: Measure, row: Observation) -> Partial:
    value, weight = _decimal(row, measure.value), _decimal(row, measure.weight)
    return plain(value * weight), plain(weight)


def _flag(measure: Measure, row: Observation) -> Partial:
    value = _decimal(row, measure.value)
    if value not in (ZERO, ONE):
        raise refuse("not_a_flag", measure.value, value, "a share counts values of 0 or 1")
    return plain(value), "1"


def _stamped(measure: Measure, row: Observation) -> Partial:
    return row.place.day, f"{row.version:020d}", row.entity, plain(_decimal(row, measure.value))


def _label(measure: Measure, row: Observation) -> Partial:
    value = row.values[measure.value]
    return (value if isinstance(value, str) else plain(value),)


def _value_only(measure: Measure) -> set[str]:
    return {measure.value}


def _least(left: Partial, right: Partial) -> Partial:
    return min(left, right, key=lambda p: Decimal(p[0]))


def _most(left: Partial, right: Partial) -> Partial:
    return max(left, right, key=lambda p: Decimal(p[0]))


def _first(partial: Partial) -> Decimal | None:
    return Decimal(partial[0])


KINDS: dict[str, Kind] = {
    "sum": Kind(_value_only, lambda m, r: _one(m, r)[:1], _add, _first, "zero"),
    "count": Kind(lambda m: set(), lambda m, r: ("1",), _add, _first, "zero"),
    "mean": Kind(_value_only, _one, _add, _quotient, "exclude"),
    "weighted_mean": Kind(lambda m: {m.value, m.weight}, _weighted, _add, _quotient, "exclude"),
    "share": Kind(_value_only, _flag, _add, _quotient, "exclude"),
    "distinct": Kind(
        _value_only, _label, lambda a, b: tuple(sorted({*a, *b})), lambda p: Decimal(len(p)), "zero"
    ),
    "min": Kind(_value_only, lambda m, r: _one(m, r)[:1], _least, _first, "exclude"),
    "max": Kind(_value_only, lambda m, r: _one(m, r)[:1], _most, _first, "exclude"),
    "last": Kind(_value_only, _stamped, max, lambda p: Decimal(p[3]), "exclude"),
}
RATIO = "ratio"
RATIO_ABSENT = "exclude"


def no_data_rule(measure: Measure) -> str:
    """What a metric on this measure does without data, unless the plan says otherwise."""
    return RATIO_ABSENT if measure.kind == RATIO else KINDS[measure.kind].absent


@exact
def partial(measure: Measure, rows: Iterable[Observation]) -> Partial | None:
    """The partial of one measure over folded observations; None where nothing was observed."""
    kind = KINDS[measure.kind]
    lifted = (kind.lift(measure, row) for row in rows if measure.takes(row))
    return _merged(kind, lifted)


@exact
def merge(measure: Measure, partials: Iterable[Partial]) -> Partial | None:
    """Partials of days into a month, of months into a quarter: the same merge."""
    return _merged(KINDS[measure.kind], partials)


def _merged(kind: Kind, partials: Iterable[Partial]) -> Partial | None:
    result: Partial | None = None
    for each in partials:
        result = each if result is None else kind.merge(result, each)
    return result


@exact
def values(measures: Sequence[Measure], partials: Mapping[str, Partial]) -> dict[str, Decimal | None]:
    """The value of every measure; None has no data. A ratio over 0 or over nothing has no value."""
    simple = {
        m.id: KINDS[m.kind].value(partials[m.id]) if m.id in partials else None
        for m in measures
        if m.kind != RATIO
    }
    ratios = {m.id: _ratio(simple, m) for m in measures if m.kind == RATIO}
    return simple | ratios


def _ratio(simple: Mapping[str, Decimal | None], measure: Measure) -> Decimal | None:
    top, bottom = simple[measure.numerator], simple[measure.denominator]
    return top / bottom if top is not None and bottom else None


def fingerprint(measures: Iterable[Measure]) -> str:
    """Changes when a definition or their order does: totals of another fingerprint are folded anew."""
    said = [repr((m.id, m.observed, m.kind, m.value, m.weight, sorted(m.when.items()))) for m in measures]
    return sha256("".join(said).encode()).hexdigest()[:8]
