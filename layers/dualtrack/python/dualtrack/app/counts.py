"""Counts: what became of every event that arrived, as a fold of the event log.

Each arrival is exactly one of: duplicate (an equal event or an equal fact came before), applied
(the greatest version of its entity), superseded (an older version), conflict (an equal version
with other content), quarantined. The log is the list of arrivals, so a re-delivered queue message
counts once; a replay is not a new arrival but changes what became of the first.

Each of the five is counted by itself, duplicates too: whether they add up to what was received is a finding.
A replay of what never arrived, or a place of a message that holds two events, makes them differ.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import Any, NamedTuple

from dualtrack.app.ports import Objects
from dualtrack.domain.observations import Order, Place

Line = Mapping[str, Any]
Entity = tuple[str, str, str]  # source, kind, name
Version = tuple[Entity, Order, str]  # with the digest of its content
STATES = ("applied", "superseded", "duplicate", "conflict", "quarantined")
LOG = "log/"
# What a line of each status says beside its status, its instance and whether it is a replay.
FIELDS = {
    "kept": ("text_id", "entity", "order", "digest"),
    "quarantined": ("text_id", "reason"),
    "resolved": ("entity", "settles", "digest"),
}


class Logged(NamedTuple):
    """A fact that was kept. One that can move names no places: its location row has them."""

    entity: Entity
    places: frozenset[Place]
    order: Order
    digest: str

    @property
    def version(self) -> Version:
        """Which version of which entity it is, with what content."""
        return self.entity, self.order, self.digest


def log_lines(intake: Objects) -> list[Line]:
    """Every line of the event log."""
    return [line(text) for key in intake.list(LOG) for text in texts(intake.read(key))]


def texts(data: bytes) -> list[str]:
    """The lines of an object of the log, as they are written."""
    return [text for text in data.decode("utf-8", "surrogatepass").split("\n") if text]


def line(text: str) -> Line:
    """One line of the log; fails if it does not say what a line has to say."""
    found: Line = json.loads(text)
    missing = {"instance", "replay", *FIELDS[found["status"]]} - set(found)
    if missing:
        raise ValueError(f"a line without {', '.join(sorted(missing))}")
    if found["status"] != "quarantined":
        logged(found)
    return found


def logged(found: Line) -> Logged:
    """The fact that a line says was kept; a decision is kept with the next rank of what it settles."""
    source, kind, name, places = found["entity"]
    version, rank = found["order"] if found["status"] == "kept" else _decided(found["settles"])
    at = frozenset(Place(*place) for place in places)
    return Logged((source, kind, name), at, (version, rank), found["digest"])


def _decided(settles: Sequence[int]) -> Order:
    version, rank = settles
    return version, rank + 1


def event(found: Line) -> str:
    """The event that a line is about; a replay is about the one that is in quarantine under this name."""
    name: str = found["replay"] or found["text_id"]
    return name


def counts(lines: Iterable[Line]) -> dict[str, Any]:
    """``received`` and its parts, and the reasons of what is in quarantine."""
    lines = list(lines)
    decided = {(json.dumps(e["entity"]), tuple(e["settles"])) for e in lines if e["status"] == "resolved"}
    arrived = [each for each in lines if each["status"] != "resolved"]
    kept, refused = _distinct(arrived)
    found: Counter[str] = Counter(dict.fromkeys(STATES, 0))
    found.update(_facts(kept, decided))
    found["quarantined"] = len(refused)
    found["duplicate"] = sum(_again(arrived)) + len(kept) - len(_distinct_facts(kept))
    reasons = Counter(each["reason"] for each in refused)
    received = {each["instance"] for each in arrived if not each["replay"]}
    return {"received": len(received)} | dict(found) | {"reasons": dict(sorted(reasons.items()))}


def _distinct(lines: Iterable[Line]) -> tuple[list[Line], list[Line]]:
    """One line for each distinct event: kept if it was ever kept, else refused."""
    by_event: dict[str, list[Line]] = defaultdict(list)
    for each in lines:
        by_event[event(each)].append(each)
    last = [next((e for e in same if e["status"] == "kept"), same[0]) for same in by_event.values()]
    return [e for e in last if e["status"] == "kept"], [e for e in last if e["status"] != "kept"]


def _again(lines: Iterable[Line]) -> Iterator[int]:
    """Of each event, how often it arrived after the first time."""
    arrivals: dict[str, set[str]] = defaultdict(set)
    for each in lines:
        if not each["replay"]:
            arrivals[event(each)].add(each["instance"])
    return (len(instances) - 1 for instances in arrivals.values())


def _distinct_facts(kept: Iterable[Line]) -> set[str]:
    return {json.dumps([each["entity"], each["order"], each["digest"]]) for each in kept}


def _facts(kept: Iterable[Line], decided: Set[tuple[str, Order]]) -> Counter[str]:
    """States of distinct facts: by entity, the greatest version that is not contested is applied."""
    entities: dict[str, dict[Order, set[str]]] = defaultdict(lambda: defaultdict(set))
    for each in kept:
        version, rank = each["order"]
        entities[json.dumps(each["entity"])][version, rank].add(each["digest"])
    found: Counter[str] = Counter()
    for entity, versions in entities.items():
        contested = {o for o in versions if len(versions[o]) > 1 and (entity, o) not in decided}
        facts = sum(len(digests) for order, digests in versions.items() if order not in contested)
        found["conflict"] += sum(len(versions[order]) for order in contested)
        found["applied"] += min(1, facts)
        found["superseded"] += max(0, facts - 1)
    return found
