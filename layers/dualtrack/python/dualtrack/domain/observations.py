"""Observations: a grow-only set of facts. Nothing is edited; the greatest version wins.

A fact is one version of one entity (a deal, a campaign day) as its source states it. It puts
observations at places (subject, period, measure, day). A fact that can move leaves tombstones
at every place where an older version was; see ``dualtrack/app/README.md`` for the proof.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256
from typing import NamedTuple

from dualtrack.domain.numbers import plain

Value = Decimal | str
# Version and rank. A version is the source's own number, or its time stamp in microseconds. The rank decides
# among equal ones: 0 for numbers (equal ones then contradict each other, until a person's decision takes the
# next rank), part of the digest for time stamps, which every source repeats now and then.
Order = tuple[int, int]
RANK_DIGITS = 12


class Place(NamedTuple):
    """Where an observation counts: subject ``E:<employee>`` or ``T:<team>``, period, measure, day."""

    subject: str
    period: str
    measure: str
    day: str


@dataclass(frozen=True, slots=True)
class Observation:
    """One fact at one place. ``digest`` is that of the whole fact, so equal versions can be compared."""

    place: Place
    entity: str
    version: int
    digest: str
    values: Mapping[str, Value] = field(default_factory=dict)
    retracted: bool = False
    source: str = ""
    event: str = ""
    rank: int = 0
    kind: str = ""

    @property
    def order(self) -> Order:
        """Where it stands in its entity's history."""
        return self.version, self.rank


class Sighting(NamedTuple):
    """A version of an entity that was seen, and the places it named."""

    version: int
    digest: str
    places: frozenset[Place]
    rank: int = 0

    @property
    def order(self) -> Order:
        """Where it stands in its entity's history."""
        return self.version, self.rank


@dataclass(frozen=True, slots=True)
class Fact:
    """One version of one entity of a source's kind. No parts means that the entity is deleted."""

    kind: str
    entity: str
    version: int
    moves: bool
    source: str
    event: str
    parts: tuple[tuple[Place, Mapping[str, Value]], ...]
    rank: int = 0

    @property
    def digest(self) -> str:
        """What it says, not who sent it: a re-sent fact under a new event id is the same fact."""
        said = sorted((place, sorted(_text(values))) for place, values in self.parts)
        return sha256(repr(said).encode()).hexdigest()[:12]

    def sighting(self) -> Sighting:
        """What the entity's location row keeps of this version."""
        return Sighting(self.version, self.digest, frozenset(place for place, _ in self.parts), self.rank)

    def observations(self) -> list[Observation]:
        """The rows of this version at its own places."""
        digest = self.digest
        said = (self.source, self.event, self.rank, self.kind)
        return [
            Observation(place, self.entity, self.version, digest, values, False, *said)
            for place, values in self.parts
        ]


def _text(values: Mapping[str, Value]) -> Iterable[tuple[str, str]]:
    return ((name, plain(v) if isinstance(v, Decimal) else "s" + v) for name, v in values.items())


def winners(seen: Iterable[Sighting]) -> set[Sighting]:
    """The sightings of the greatest version: one, or several when they conflict."""
    seen = set(seen)
    top = max(s.order for s in seen)
    return {s for s in seen if s.order == top}


def rank_of(digest: str) -> int:
    """The rank of a fact that is ordered by time: of equal times the greater digest counts."""
    return int(digest[:RANK_DIGITS], 16)


def tombstones(fact: Fact, seen: Iterable[Sighting]) -> list[Observation]:
    """What has to stand at the entity's other places so that it counts once.

    ``seen`` holds every version known after this one was added. Without a conflict the greatest
    version overrules every place that is not its own. With one, each version has to overrule
    there, because the fold falls back to the greatest version that is not contested. A tombstone
    names no event: whoever happens to write it may not know the event of the version that overrules.
    """
    seen = set(seen)
    places = {place for sighting in seen for place in sighting.places}
    best = winners(seen)
    overruling = best if len(best) == 1 else seen
    return [
        Observation(place, fact.entity, s.version, s.digest, {}, True, fact.source, "", s.rank, fact.kind)
        for s in sorted(overruling, key=lambda s: (s.order, s.digest))
        for place in sorted(places - s.places)
    ]
