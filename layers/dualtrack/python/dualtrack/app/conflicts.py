"""Conflicts: one version of an entity that was stated twice, differently.

Neither statement counts; the greatest version below that is not contested does. Score puts every place
where a statement wanted to count into quarantine. Two things end a conflict: a greater version, or a
person who says by name and reason which statement is right. That decision is an observation like all
others: the chosen statement again, with the next rank of the same version.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from dualtrack.app import quarantine, rows
from dualtrack.app.ports import Objects, Put, Table
from dualtrack.app.quarantine import Quarantined
from dualtrack.domain.errors import problem, refuse
from dualtrack.domain.fold import fold
from dualtrack.domain.numbers import plain
from dualtrack.domain.observations import Fact, Observation, Order, Place, Value

CONFLICT = "conflict"
REMEDY = "send a greater version with what is right, or resolve it: name the content to keep"
Parts = tuple[tuple[Place, dict[str, Value]], ...]


def report(table: Table, intake: Objects, contested: Sequence[Observation]) -> bool:
    """Put a contradiction at one place into quarantine; True if it is new there."""
    first = contested[0]
    shown = f"version {first.version} with contents {', '.join(row.digest for row in contested)}"
    wrong = problem(CONFLICT, f"{first.place.measure} {first.entity}", shown, REMEDY)
    moves = table.get(*rows.location_key(first.source, first.kind, first.entity)) is not None
    where = () if moves else first.place  # one entry for a fact that can move, wherever it wants to count
    said = (first.source, first.kind, first.entity, str(first.version), str(first.rank))
    identity = quarantine.identity(CONFLICT, *said, *where)
    body = f"quarantine/{identity}"
    intake.put(body, json.dumps(_data(contested), sort_keys=True).encode())
    entry = Quarantined(identity, first.source, CONFLICT, first.event, wrong, body)
    return table.put_if(Put(quarantine.item(entry), "pk", None))


def _data(contested: Sequence[Observation]) -> dict[str, Any]:
    first = contested[0]
    return {
        "place": [*first.place],
        "source": first.source,
        "kind": first.kind,
        "entity": first.entity,
        "order": [*first.order],
        "contents": {row.digest: _shown(row) for row in contested},
    }


def _shown(row: Observation) -> dict[str, Any]:
    values = {name: plain(v) if isinstance(v, Decimal) else v for name, v in row.values.items()}
    return {"event": row.event, "elsewhere": row.retracted, "values": values}


def contents(intake: Objects, entry: Quarantined) -> dict[str, Any]:
    """What contradicts: place, entity, and for each digest the event and its values there."""
    found: dict[str, Any] = json.loads(intake.read(entry.body))
    return found


def close_ended(table: Table, intake: Objects) -> int:
    """Close the entries of conflicts that a greater version has ended; how many."""
    ended = [e for e in quarantine.entries(table) if e.type == CONFLICT and not _contested(table, intake, e)]
    for entry in ended:
        quarantine.close(table, entry, quarantine.ENDED, "a greater version came")
    return len(ended)


def _contested(table: Table, intake: Objects, entry: Quarantined) -> Sequence[Observation]:
    said = contents(intake, entry)
    seen = _at(table, Place(*said["place"]), _name(said))
    contested = [rows_ for rows_ in fold(seen).conflicts if [*rows_[0].order] == said["order"]]
    return contested[0] if contested else ()


def _open(seen: Sequence[Observation], order: list[int], fact: Fact) -> bool:
    """Whether it is still contested, or this very decision was begun before."""
    contested = any([*rows_[0].order] == order for rows_ in fold(seen).conflicts)
    begun = ((fact.version, fact.rank), fact.digest)
    return contested or any((row.order, row.digest) == begun for row in seen)


Name = tuple[str, str, str]  # source, kind, entity


def _name(said: Mapping[str, Any]) -> Name:
    return said["source"], said["kind"], said["entity"]


def _at(table: Table, place: Place, name: Name) -> list[Observation]:
    """All versions of an entity at a place."""
    cell = rows.cell(place.day, name[2])
    found = table.query(rows.partition(place.subject, place.period), *rows.facts_of(place.measure, cell))
    return [row for row in rows.facts(found) if (row.source, row.kind, row.entity) == name]


def resolve(
    table: Table,
    intake: Objects,
    keep: Callable[[Sequence[Fact]], None],
    entry: Quarantined,
    digest: str,
    by: str,
    reason: str,
) -> Fact:
    """Let one of the contradicting contents count, under a name and a reason; what counts now.

    ``keep`` makes facts durable (``Measuring.keep``). A repeat writes the same rows again.
    """
    if not by or not reason:
        raise refuse("missing", "by, reason", f"{by}, {reason}", "name who decides and why")
    if entry.type != CONFLICT:
        raise refuse(
            "no_conflict", "quarantine", entry.id, "only a conflict is resolved; replay or waive this"
        )
    said = contents(intake, entry)
    seen = _at(table, Place(*said["place"]), _name(said))
    chosen = [row for row in seen if [*row.order] == said["order"] and row.digest == digest]
    fact = _decided(table, chosen[0], f"resolution:{entry.id}") if chosen else None
    if fact is None or not _open(seen, said["order"], fact):
        known = ", ".join(said["contents"])
        remedy = f"choose one of {known}, unless it is decided already"
        raise refuse("unknown_content", "keep", digest, remedy)
    keep([fact])
    intake.put(f"log/resolutions/{entry.id}.jsonl", json.dumps(_line(entry, fact, chosen[0].order)).encode())
    quarantine.close(table, entry, quarantine.RESOLVED, f"{by}: {reason} (kept {digest})")
    return fact


def _decided(table: Table, chosen: Observation, event: str) -> Fact:
    """The chosen statement with the next rank, at all of its places."""
    pk, sk = rows.location_key(chosen.source, chosen.kind, chosen.entity)
    location = table.get(pk, sk)
    parts: Parts = ((chosen.place, dict(chosen.values)),)
    if location is not None:
        sightings = map(rows.decode_sighting, location["s"])
        mine = next(s for s in sightings if (s.order, s.digest) == (chosen.order, chosen.digest))
        parts = tuple((place, _values(table, place, chosen)) for place in sorted(mine.places))
    return Fact(
        chosen.kind, chosen.entity, chosen.version, location is not None, chosen.source, event, parts,
        chosen.rank + 1,
    )  # fmt: skip


def _values(table: Table, place: Place, chosen: Observation) -> dict[str, Value]:
    for row in _at(table, place, (chosen.source, chosen.kind, chosen.entity)):
        if (row.order, row.digest, row.retracted) == (chosen.order, chosen.digest, False):
            return dict(row.values)
    raise refuse(
        "not_complete", f"{place.measure} {chosen.entity}", place.day, "it is being written: try again"
    )


def _line(entry: Quarantined, fact: Fact, order: Order) -> dict[str, Any]:
    """The decision's line in the event log: no arrival, but it says what became of two of them."""
    places = [[*place] for place, _ in fact.parts] if not fact.moves else []
    return {
        "instance": f"resolution:{entry.id}",
        "replay": entry.id,
        "status": "resolved",
        "entity": [fact.source, fact.kind, fact.entity, places],
        "settles": [*order],
        "digest": fact.digest,
    }
