"""Quarantine: events that cannot be used are kept whole, with the reason, until somebody mends the cause."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from dualtrack.app import rows
from dualtrack.app.ports import Item, Objects, Put, Queue, Table
from dualtrack.domain.errors import Problem, refuse

OPEN, REPLAYED, WAIVED, RESOLVED, ENDED = "open", "replayed", "waived", "resolved", "ended"


@dataclass(frozen=True, slots=True)
class Quarantined:
    """One refused event: what is wrong, where its body lies, what became of it.

    ``seen`` is the queue message that refused it last: whoever closes an entry closes that refusal
    and no later one.
    """

    id: str
    source: str
    type: str
    event: str
    problem: Problem
    body: str
    state: str = OPEN
    note: str = ""
    seen: str = ""


def identity(*parts: str) -> str:
    """The same refused event has the same id, however often it comes."""
    return sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:24]


def item(entry: Quarantined) -> Item:
    """The row of an entry."""
    problem = entry.problem
    return {"pk": f"QUARANTINE#{rows.shard(entry.id)}", "sk": entry.id, "source": entry.source,
            "type": entry.type, "event": entry.event, "reason": problem.reason, "field": problem.field,
            "value": problem.value, "remedy": problem.remedy, "body": entry.body, "state": entry.state,
            "note": entry.note, "seen": entry.seen}  # fmt: skip


def _entry(row: Mapping[str, Any]) -> Quarantined:
    problem = Problem(row["reason"], row["field"], row["value"], row["remedy"])
    return Quarantined(
        row["sk"], row["source"], row["type"], row["event"], problem, row["body"], row["state"], row["note"],
        row["seen"],
    )  # fmt: skip


def entries(table: Table, state: str = OPEN) -> list[Quarantined]:
    """Every entry in a state, in the order of reason and id."""
    shards = (table.query(f"QUARANTINE#{n:02d}", " ", rows.END) for n in range(rows.SHARDS))
    found = [_entry(row) for shard in shards for row in shard if row["state"] == state]
    return sorted(found, key=lambda e: (e.problem.reason, e.problem.field, e.id))


def get(table: Table, entry_id: str) -> Quarantined:
    """One entry in whatever state; refuses an id that does not exist."""
    row = table.get(f"QUARANTINE#{rows.shard(entry_id)}", entry_id)
    if row is None:
        raise refuse("unknown_entry", "quarantine", entry_id, "take an id from the list of entries")
    return _entry(row)


def replay(table: Table, intake: Objects, queue: Queue, chosen: Sequence[Quarantined]) -> int:
    """Send the bodies through the route again; an entry is closed only once its body is on the queue.

    An event that is still bad comes back under the same id, be it before this call has ended. How
    many were sent. Conflicts are refused: the same two versions would only meet again.
    """
    conflicts = [entry.id for entry in chosen if entry.problem.reason == "conflict"]
    if conflicts:
        remedy = "send a greater version with what is right, or resolve it"
        raise refuse("not_a_conflict", "quarantine", ", ".join(conflicts), remedy)
    for entry in chosen:
        body = intake.read(entry.body).decode("utf-8", "surrogateescape")
        if queue.send([json.dumps({"replay": entry.id, "body": body})]):
            raise refuse("queue_refused", "quarantine", entry.id, "nothing changed for it: replay again")
        close(table, entry, REPLAYED, "")
    return len(chosen)


def waive(table: Table, chosen: Sequence[Quarantined], by: str, reason: str) -> int:
    """Close entries for good, under a name and a reason."""
    if not by or not reason:
        raise refuse("missing", "by, reason", f"{by}, {reason}", "name who waives and why")
    for entry in chosen:
        close(table, entry, WAIVED, f"{by}: {reason}")
    return len(chosen)


def close(table: Table, entry: Quarantined, state: str, note: str) -> None:
    """Close an entry, unless a later message has refused its event since."""
    row = item(entry) | {"state": state, "note": note, "seen": f"{state} {entry.seen}"}
    table.put_if(Put(row, "seen", entry.seen))
