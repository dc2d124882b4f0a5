"""Folded: the observations of subjects and months that count, from all of their facts, when asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from dualtrack.app import rows
from dualtrack.app.ports import Table
from dualtrack.domain.fold import fold
from dualtrack.domain.observations import Observation


class FoldedFacts(Mapping[tuple[str, str], Sequence[Observation]]):
    """By subject and month; iterating over it gives those that were asked for."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._known: dict[tuple[str, str], Sequence[Observation]] = {}

    def __getitem__(self, key: tuple[str, str]) -> Sequence[Observation]:
        if key not in self._known:
            found = self._table.query(rows.partition(*key), *rows.FACTS)
            self._known[key] = fold(rows.facts(found)).current
        return self._known[key]

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)

    def observations(self) -> list[Observation]:
        """All that was asked for."""
        return [row for found in self._known.values() for row in found]
