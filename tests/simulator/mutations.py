"""Realistic bugs, planted one at a time. A simulator that does not find them proves nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from unittest.mock import patch

from dualtrack.adapters import mapping
from dualtrack.adapters.dynamodb import DynamoTable
from dualtrack.adapters.memory import MemoryObjects
from dualtrack.app import measure, proving, publishing, receive, rows, score, settling
from dualtrack.app.ports import Put
from dualtrack.app.totals import Totals
from dualtrack.domain.fold import fold
from dualtrack.domain.measures import fingerprint, merge
from dualtrack.domain.periods import TIMELESS
from dualtrack.domain.plan import Plan
from tests.simulator.life import live

Patch = Any


def _drop_tombstones() -> Patch:
    """A fact that has moved still counts at its old place."""
    return patch.object(measure, "tombstones", lambda fact, seen: [])


def _window() -> Patch:
    """Events are remembered for ten minutes, from before their work is durable."""
    seen: dict[str, Any] = {}
    real = measure.Measuring.messages

    def fresh(body: str, now: Any) -> str:
        events = [json.dumps(each) for each in json.loads(body).get("events", [])]
        kept = [e for e in events if e not in seen or now - seen[e] > timedelta(minutes=10)]
        seen.update(dict.fromkeys(kept, now))
        return '{"events":[' + ",".join(kept) + "]}" if events else body

    def messages(self: measure.Measuring, deliveries: Sequence[measure.Delivery], now: Any) -> Any:
        return real(self, [replace(each, body=fresh(each.body, now)) for each in deliveries], now)

    return patch.object(measure.Measuring, "messages", messages)


def _stream_order() -> Patch:
    """What the stream told last of an entity is taken for its newest version."""
    last: dict[Any, Any] = {}
    real_partition, real_cell = score.Scoring.partition, score.Scoring._cell

    def partition(self: Any, pk: str, changes: Any, now: Any) -> Any:
        changes = list(changes)
        for change in changes:
            item = self.table.get(change.pk, change.sk) if change.sk.startswith("F#") else None
            for row in rows.facts([item] if item else []):
                last[id(self.table._client), row.place, row.entity] = row
        return real_partition(self, pk, changes, now)

    def cell(self: Any, found: Any, definitions: Any) -> Any:
        newest = {(row.place, row.entity): row for row in found}
        told = [last.get((id(self.table._client), *key), row) for key, row in newest.items()]
        return real_cell(self, told, definitions)

    return _both(
        patch.object(score.Scoring, "partition", partition), patch.object(score.Scoring, "_cell", cell)
    )


def _manifest_first() -> Patch:
    """The manifest is written before the files that it names, and trusts that they will be there."""
    waiting: list[Any] = []
    real = publishing.write_once

    def keep(self: Any, run: Any, name: str, files: Any) -> int:
        waiting.extend((self.objects, f"{publishing.folder(run)}/{file.name}", file.data) for file in files)
        said = {file.name: sha256(file.data).hexdigest() for file in files}
        publishing.write_once(self.objects, publishing.listed(run, name), json.dumps(said).encode())
        return len(files)

    def trust(self: Any, run: Any, payouts: Any) -> Any:
        named = publishing.wanted_files(self.objects, run)
        return [{"name": name, "sha256": each, "bytes": 0, "rows": 0} for name, each in named.items()]

    def write(objects: Any, key: str, data: bytes) -> None:
        real(objects, key, data)
        while waiting:
            late, name, content = waiting.pop()
            late.create(name, content)

    return _both(
        patch.object(publishing.Publishing, "_write", keep),
        _both(patch.object(proving.Proving, "_files", trust), patch.object(proving, "write_once", write)),
    )


def _reprice() -> Patch:
    """A chunk that is settled again is priced again."""
    real = settling.Settling.chunk

    class Overwriting(MemoryObjects):
        def __init__(self, objects: Any) -> None:
            self._real = objects

        def create(self, key: str, data: bytes) -> bool:
            self._real.put(key, data)
            return True

    def chunk(self: settling.Settling, *given: Any) -> bool:
        return real(replace(self, objects=Overwriting(self.objects)), *given)

    return patch.object(settling.Settling, "chunk", chunk)


def _ack_early() -> Patch:
    """The door says yes whatever the queue has said."""
    real = receive.receive
    return patch.object(receive, "receive", lambda *given: replace(real(*given), lost=[]))


def _counter() -> Patch:
    """A day's totals are raised by what came, not folded from what is there."""

    def day(self: Any, pk: str, name: str, cells: set[str], old: Totals | None, plan: Plan) -> Totals:
        definitions = plan.observed(name)
        content = dict(old.content) if old else {}
        observed = self._observed(pk, name, cells)
        for cell in sorted(cells):
            added = self._cell(observed[cell], definitions)
            before = (
                rows.decode_partials(content.get(rows.bucket_of(cell), "null") or "null")
                if content.get(rows.bucket_of(cell))
                else [None] * len(added)
            )
            both = [
                merge(m, [x for x in pair if x])
                for m, pair in zip(definitions, zip(before, added, strict=True), strict=True)
            ]
            content[rows.bucket_of(cell)] = rows.encode_partials(both)
        return Totals({bucket: text for bucket, text in content.items() if text}, fingerprint(definitions))

    return patch.object(score.Scoring, "_day", day)


def _arrival_time() -> Patch:
    """A fact counts in the period and on the day in which it was taken in."""
    real = mapping._place

    def place(subject: str, observed: Mapping[str, Any], event: Any, now: datetime, zone: Any) -> Any:
        found = real(subject, observed, event, now, zone)
        today = now.astimezone(zone).date().isoformat()
        happened = found.period != TIMELESS and "day" in observed
        return found._replace(period=today[:7], day=today) if happened else found

    return patch.object(mapping, "_place", place)


def _unprocessed() -> Patch:
    """What a batch write leaves over is forgotten."""

    def put_batch(self: DynamoTable, wanted: Sequence[Any]) -> None:
        self._batch("batch_write_item", "write", wanted)

    return patch.object(DynamoTable, "_put_batch", put_batch)


def _last_writer() -> Patch:
    """Scorecards and totals are written without looking at their revision."""
    real = DynamoTable.put_if

    def put_if(self: DynamoTable, put: Put) -> bool:
        if put.item["sk"] == "S" or put.item["sk"].startswith("M#"):
            self.put_many([put.item])
            return True
        return real(self, put)

    return patch.object(DynamoTable, "put_if", put_if)


def _snapshot() -> Patch:
    """The scorecard's row is read after the totals that have left it, as if a query were a snapshot."""
    real = DynamoTable.query

    def query(self: DynamoTable, pk: str, low: str, high: str, last_first: bool = False) -> Any:
        return real(self, pk, low, high)

    return patch.object(DynamoTable, "query", query)


def _old_reads() -> Patch:
    """Reads are eventually consistent, which costs half."""
    real = DynamoTable._call

    def call(self: DynamoTable, operation: str, side: str, **request: Any) -> Any:
        eventual = {"ConsistentRead": False} if "ConsistentRead" in request else {}
        return real(self, operation, side, **request | eventual)

    return patch.object(DynamoTable, "_call", call)


def _by_id() -> Patch:
    """Facts of different kinds and sources that have one id are taken for one."""
    return patch.object(score, "fold", lambda seen: fold(replace(row, source="", kind="") for row in seen))


@contextmanager
def _both(*patches: Patch) -> Iterator[None]:
    with patches[0], patches[1]:
        yield


MUTATIONS: dict[str, Callable[[], Patch]] = {
    "drop the old place's tombstone": _drop_tombstones,
    "de-duplicate by a window": _window,
    "trust the order of the stream": _stream_order,
    "write the manifest first": _manifest_first,
    "price again on a retry": _reprice,
    "acknowledge before it is durable": _ack_early,
    "a counter instead of a fold": _counter,
    "use the time of arrival": _arrival_time,
    "ignore UnprocessedItems": _unprocessed,
    "the last writer wins on the scorecard": _last_writer,
    "take a query for a snapshot": _snapshot,
    "read what may be old": _old_reads,
    "name a fact by its id alone": _by_id,
}

BOUND = 400


def seeds_needed(name: str) -> tuple[int | None, str]:
    """How many lives it takes until a planted bug is found, and what is wrong then."""
    for seed in range(BOUND):
        with MUTATIONS[name]():
            violation = live(seed).violation
        if violation:
            return seed + 1, violation
    return None, ""
