"""The fold: from all observations of a place to what counts now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from dualtrack.domain.observations import Observation, Order, Place

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Folded:
    """What counts now, in a fixed order, and the versions that contradict each other."""

    current: tuple[Observation, ...]
    conflicts: tuple[tuple[Observation, ...], ...]


def fold(observations: Iterable[Observation]) -> Folded:
    """The greatest uncontested version of each entity at each place, retractions left out.

    An entity is named within its source and kind: deal 7 and ticket 7 have nothing to do with each other.
    A place decides alone: a fact that moved has left a tombstone of its greater version there. So
    a day, a month or everything folds to the same result, under any order, batching and
    duplication. Equal versions with different digests are a conflict and neither counts.
    """
    groups: dict[tuple[Place, str, str, str], dict[tuple[Order, str], Observation]] = defaultdict(dict)
    for row in observations:
        same = groups[row.place, row.entity, row.source, row.kind]
        known = same.get((row.order, row.digest))
        if known is None or row.event < known.event:  # one fact under two event ids: always the same one
            same[row.order, row.digest] = row
    current: list[Observation] = []
    conflicts: list[tuple[Observation, ...]] = []
    for key in sorted(groups):
        chosen, contested = settled(groups[key])
        current += [chosen] if chosen and not chosen.retracted else []
        conflicts += contested
    return Folded(tuple(current), tuple(conflicts))


def settled(rows: Mapping[tuple[Order, str], T]) -> tuple[T | None, list[tuple[T, ...]]]:
    """Of one entity's versions, by order and digest: the one that counts, and those that contradict it.

    What counts is the greatest version of which there is one content; the contradictions are those above it.
    """
    versions: dict[Order, list[T]] = defaultdict(list)
    for order, digest in sorted(rows):
        versions[order].append(rows[order, digest])
    contested: list[tuple[T, ...]] = []
    for order in sorted(versions, reverse=True):
        if len(versions[order]) == 1:
            return versions[order][0], contested
        contested.append(tuple(versions[order]))
    return None, contested
