"""Sending rejected payments again: prepared by one person, released by another, under the same payout ids."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from dualtrack.app import acts, evidence, payments, rows
from dualtrack.app.ports import Item, Objects, Put, Table
from dualtrack.app.proving import PREPARED, RELEASED, SENT
from dualtrack.app.publishing import Again, Publishing
from dualtrack.app.relay import counted
from dualtrack.domain.errors import Stopped, refuse
from dualtrack.domain.payments import REJECTED
from dualtrack.domain.payouts import Payout
from dualtrack.domain.published import PayFile
from dualtrack.domain.runs import Run, same_person

DISCARDED = "discarded"


@dataclass(frozen=True, slots=True)
class Batch:
    """Payments of a run that are sent again: payouts, the number of the attempt of each, who prepared it."""

    name: str
    run: str
    by: str
    reason: str
    attempts: Mapping[str, int]
    totals: Mapping[str, Sequence[int]]
    digest: str
    prepared_at: str


def key(run: Run, name: str) -> str:
    """The object that says what a batch is; created once."""
    return f"{evidence.folder(run)}/resend-{name}.json"


def stored(objects: Objects, run: Run, name: str) -> Batch:
    """A batch; raises ``Missing``."""
    said: dict[str, Any] = json.loads(objects.read(key(run, name)))
    return Batch(**said)


def payouts(objects: Objects, run: Run, batch: Batch) -> list[Payout]:
    """The payouts of a batch, in the order of employees."""
    known = payments.payable(objects, run)
    return sorted((known[each] for each in batch.attempts), key=lambda payout: payout.employee)


def prepare(
    table: Table, objects: Objects, run: Run, by: str, reason: str, which: Sequence[str], at: datetime
) -> Batch:
    """List the rejected payments, or those named; nothing is sent before somebody else releases it."""
    if not by.strip() or not reason.strip():
        raise refuse("missing", "by, reason", f"{by}, {reason}", "name who sends again, and why")
    found = {p.payout: p.attempt + 1 for p in payments.waiting(table, run.id)}
    strangers = [each for each in which if each not in found]
    if strangers or not found:
        shown = ", ".join(strangers) or "nothing"
        raise refuse("nothing_rejected", f"run {run.id}", shown, f"rejected are {', '.join(found) or 'none'}")
    chosen = {each: found[each] for each in which or found}
    known = payments.payable(objects, run)
    totals = counted([known[each] for each in sorted(chosen)])
    said = json.dumps([chosen, totals], sort_keys=True)
    name = f"R{1 + len(_items(table, run)):02d}"
    moment = at.isoformat(timespec="seconds")
    batch = Batch(
        name, run.id, by.strip(), reason, chosen, totals, sha256(said.encode()).hexdigest()[:16], moment
    )
    if not objects.create(
        key(run, name), json.dumps(_data(batch), sort_keys=True, ensure_ascii=False).encode()
    ):
        batch = stored(objects, run, name)  # somebody, or a try that broke off, has listed it already
    item = {"pk": f"OUTBOX#{run.id}", "sk": f"OUTBOX#{name}", "state": PREPARED,
            "expected": json.dumps(batch.totals, sort_keys=True)}  # fmt: skip
    acts.done(
        table, lambda n: [Put(item, "state", None)], by, "resend.prepare", f"{run.id} {name}", reason, at, "",
        json.dumps(batch.totals, sort_keys=True),
    )  # fmt: skip
    return batch


def _data(batch: Batch) -> Mapping[str, Any]:
    return {name: getattr(batch, name) for name in Batch.__dataclass_fields__}


def _items(table: Table, run: Run) -> list[Item]:
    return table.query(f"OUTBOX#{run.id}", "OUTBOX#R", "OUTBOX#R" + rows.END)


def release(table: Table, objects: Objects, run: Run, name: str, by: str, digest: str, at: datetime) -> Batch:
    """Four eyes: send what was listed and seen. Each payment has to be rejected still, or the batch stops.

    May be repeated: a payment makes its attempt once for a batch.
    """
    item = _prepared(table, run, name)
    batch = stored(objects, run, name)
    if not by.strip() or same_person(by, batch.by):
        raise refuse("four_eyes", "by", by, f"somebody other than {batch.by}, who prepared it")
    if digest != batch.digest:
        raise refuse("totals_changed", "digest", digest, f"look again: it is {batch.digest}")
    _still_rejected(table, run, batch)
    for payout in sorted(batch.attempts):
        payments.again(table, run.id, payout, name)

    def puts(number: int) -> list[Put]:
        return [Put(item | {"state": RELEASED, "act": number}, "state", PREPARED)]

    acts.done(table, puts, by, "resend.release", f"{run.id} {name}", f"digest {digest}", at)
    return batch


def _prepared(table: Table, run: Run, name: str) -> Item:
    item = table.get(f"OUTBOX#{run.id}", f"OUTBOX#{name}")
    if item is None:
        known = ", ".join(each["sk"].removeprefix("OUTBOX#") for each in _items(table, run)) or "none"
        raise refuse("unknown_entry", "batch", name, f"batches of run {run.id}: {known}")
    if item["state"] != PREPARED:
        raise refuse("wrong_state", f"batch {name}", item["state"], "a batch is released once")
    return item


def _still_rejected(table: Table, run: Run, batch: Batch) -> None:
    """Nothing of a batch is sent if one of its payments has been paid since, or is out already."""
    for payout in sorted(batch.attempts):
        found = payments.get(table, run.id, payout)
        if found.batch != batch.name and (found.state, found.attempt + 1) != (
            REJECTED,
            batch.attempts[payout],
        ):
            remedy = "discard the batch and prepare another"
            raise refuse("wrong_state", f"payout {payout}", f"{found.state}, attempt {found.attempt}", remedy)


def files(table: Table, objects: Objects, run: Run, name: str, publishing: Publishing) -> list[PayFile]:
    """What a bank takes of a released batch, with the accounts of its release: the same again and again."""
    item = table.get(f"OUTBOX#{run.id}", f"OUTBOX#{name}")
    if item is None or item["state"] not in (RELEASED, SENT):
        state = item["state"] if item else "none"
        raise refuse("wrong_state", f"batch {name}", state, "somebody has to release it first")
    batch = stored(objects, run, name)
    again = Again(int(name[1:]), payouts(objects, run, batch), batch.attempts, batch.prepared_at)
    return publishing.again(run, again, int(item["act"]))


def discard(table: Table, run: Run, name: str, by: str, reason: str, at: datetime) -> None:
    """Send nothing of a prepared batch."""
    item = _prepared(table, run, name)
    begun = [p.payout for p in payments.every(table, run.id) if p.batch == name]
    if begun:
        raise Stopped(f"batch {name} of run {run.id} is being released: {', '.join(begun)}; release it again")
    put = Put(item | {"state": DISCARDED}, "state", PREPARED)
    acts.done(table, lambda n: [put], by, "resend.discard", f"{run.id} {name}", reason, at)
