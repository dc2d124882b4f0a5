"""The fold: from all observations of a place to what counts now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from dualtrack.domain.observations import Observation, Place


@dataclass(frozen=True, slots=True)
class Folded:
    """What counts now, in a fixed order, and the versions that contradict each other."""

    current: tuple[Observation, ...]
    conflicts: tuple[tuple[Observation, ...], ...]


def fold(observations: Iterable[Observation]) -> Folded:
    """The greatest uncontested version of each entity at each place, retractions left out.

    A place decides alone: a fact that moved has left a tombstone of its greater version there. So
    a day, a month or everything folds to the same result, under any order, batching and
    duplication. Equal versions with different digests are a conflict and neither counts.
    """
    groups: dict[tuple[Place, str], dict[tuple[int, str], Observation]] = defaultdict(dict)
    for row in observations:
        groups[row.place, row.entity][row.version, row.digest] = row
    current: list[Observation] = []
    conflicts: list[tuple[Observation, ...]] = []
    for key in sorted(groups):
        chosen, contested = _settle(groups[key])
        current += [chosen] if chosen and not chosen.retracted else []
        conflicts += contested
    return Folded(tuple(current), tuple(conflicts))


def _settle(
    rows: dict[tuple[int, str], Observation],
) -> tuple[Observation | None, list[tuple[Observation, ...]]]:
    versions: dict[int, list[Observation]] = defaultdict(list)
    for version, digest in sorted(rows):
        versions[version].append(rows[version, digest])
    contested: list[tuple[Observation, ...]] = []
    for version in sorted(versions, reverse=True):
        if len(versions[version]) == 1:
            return versions[version][0], contested
        contested.append(tuple(versions[version]))
    return None, contested
