"""Sending rejected payments again: prepared by one person, released by another, under the same payout ids."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from dualtrack.app import acts, evidence, payments, rows
from dualtrack.app.ports import Item, Missing, Objects, Put, Table
from dualtrack.app.proving import PREPARED, RELEASED, SENT
from dualtrack.app.publishing import Again, Publishing
from dualtrack.app.relay import DISCARDED, RELEASING, counted
from dualtrack.domain.errors import refuse
from dualtrack.domain.payments import REJECTED, Receipt, Whole, stopped
from dualtrack.domain.payouts import Payout
from dualtrack.domain.published import PayFile
from dualtrack.domain.runs import Run, same_person

UNSENT = (PREPARED, RELEASING)


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
    batch = _listed(table, objects, run, _chosen(table, objects, run, which), by.strip(), reason, at)
    said = json.dumps(batch.totals, sort_keys=True)
    item = {"pk": f"OUTBOX#{run.id}", "sk": f"OUTBOX#{batch.name}", "state": PREPARED, "expected": said}
    about = f"{run.id} {batch.name}"
    acts.done(table, lambda n: [Put(item, "state", None)], by, "resend.prepare", about, reason, at, "", said)
    return batch


def _chosen(table: Table, objects: Objects, run: Run, which: Sequence[str]) -> dict[str, int]:
    """Next attempts of those named, or of all that are rejected. A payment is in one open batch at most."""
    waiting = {p.payout: p.attempt + 1 for p in payments.waiting(table, run.id)}
    taken = {each: batch.name for batch, _ in open_batches(table, objects, run) for each in batch.attempts}
    free = {payout: attempt for payout, attempt in waiting.items() if payout not in taken}
    strangers = [each for each in which if each not in free]
    if strangers or not free:
        listed = ", ".join(f"{each} in {taken[each]}" for each in waiting if each in taken)
        remedy = f"rejected are {', '.join(free) or 'none'}" + (
            f"; listed already: {listed}" if listed else ""
        )
        raise refuse("nothing_rejected", f"run {run.id}", ", ".join(strangers) or "nothing", remedy)
    return {payout: free[payout] for payout in which or free}


def _listed(
    table: Table, objects: Objects, run: Run, chosen: Mapping[str, int], by: str, reason: str, at: datetime
) -> Batch:
    """The batch, under the next free name; the same one that a dead command has left behind is taken up."""
    known = payments.payable(objects, run)
    totals = counted([known[each] for each in sorted(chosen)])
    number = max([0, *(int(_name(item)[1:]) for item in _items(table, run))])
    moment = at.isoformat(timespec="seconds")
    while True:
        number += 1
        name = f"R{number:02d}"
        seen = json.dumps([run.id, name, chosen, totals], sort_keys=True)
        digest = sha256(seen.encode()).hexdigest()[:16]
        batch = Batch(name, run.id, by, reason, chosen, totals, digest, moment)
        said = json.dumps(_data(batch), sort_keys=True, ensure_ascii=False).encode()
        if objects.create(key(run, batch.name), said):
            return batch
        there = stored(objects, run, batch.name)
        if (there.digest, there.by, there.reason) == (digest, by, reason):
            return there


def _name(item: Item) -> str:
    return str(item["sk"]).removeprefix("OUTBOX#")


def _data(batch: Batch) -> Mapping[str, Any]:
    return {name: getattr(batch, name) for name in Batch.__dataclass_fields__}


def spread(objects: Objects, run: Run, found: Sequence[Receipt | Whole]) -> list[Receipt]:
    """Receipts of single payments: what is said of a whole order is said of each payment in it."""
    single = [_numbered(objects, run, each) for each in found if isinstance(each, Receipt)]
    whole = [each for each in found if isinstance(each, Whole)]
    return [*single, *(receipt for each in whole for receipt in _of_each(objects, run, each))]


def _numbered(objects: Objects, run: Run, said: Receipt) -> Receipt:
    """A receipt that says no attempt is about that of the batch which it names."""
    if said.attempt or not said.batch:
        return said
    return replace(said, attempt=_batch(objects, run, said.batch).attempts.get(said.payout, 0))


def _batch(objects: Objects, run: Run, name: str) -> Batch:
    try:
        return stored(objects, run, name)
    except Missing:
        raise refuse("unknown_choice", "batch", name, f"run {run.id} has no such batch") from None


def _of_each(objects: Objects, run: Run, said: Whole) -> Iterator[Receipt]:
    if said.run != run.id:
        raise refuse("unknown_choice", "run", run.id, f"the file is about an order of run {said.run}")
    known = payments.payable(objects, run)
    attempts = _batch(objects, run, said.batch).attempts if said.batch else dict.fromkeys(known, 1)
    for payout, attempt in sorted(attempts.items()):
        if payout not in said.but and said.currency in ("", known[payout].currency):
            yield Receipt(payout, attempt, said.outcome, said.code, said.text, said.at)


def open_batches(table: Table, objects: Objects, run: Run) -> list[tuple[Batch, str]]:
    """Batches that wait for their release, or for the end of one that died, with their state."""
    items = [item for item in _items(table, run) if item["state"] in UNSENT]
    return [(stored(objects, run, _name(item)), str(item["state"])) for item in items]


def _items(table: Table, run: Run) -> list[Item]:
    return table.query(f"OUTBOX#{run.id}", "OUTBOX#R", "OUTBOX#R" + rows.END)


def release(table: Table, objects: Objects, run: Run, name: str, by: str, digest: str, at: datetime) -> Batch:
    """Four eyes: send what was listed and seen. Each payment has to be rejected still, or nothing is sent.

    May be repeated after it died half-way: a payment makes its attempt once for a batch. One that was paid
    since then makes none, and the relay keeps it back.
    """
    item = _open(table, run, name, UNSENT, "a batch is released once")
    batch = stored(objects, run, name)
    if not by.strip() or same_person(by, batch.by):
        raise refuse("four_eyes", "by", by, f"somebody other than {batch.by}, who prepared it")
    if digest != batch.digest:
        raise refuse("totals_changed", "digest", digest, f"look again: it is {batch.digest}")
    if item["state"] == PREPARED:
        _still_rejected(table, run, batch)
        item = _claimed(table, item)
    for payout, attempt in sorted(batch.attempts.items()):
        payments.again(table, run.id, payout, attempt, name)

    def puts(number: int) -> list[Put]:
        return [Put(item | {"state": RELEASED, "act": number}, "state", RELEASING)]

    acts.done(table, puts, by, "resend.release", f"{run.id} {name}", f"digest {digest}", at)
    return batch


def _claimed(table: Table, item: Item) -> Item:
    """From here on the batch cannot be discarded: its payments begin to make their attempts."""
    claimed = item | {"state": RELEASING}
    if not table.put_if(Put(claimed, "state", PREPARED)):
        raise refuse(
            "stale", f"batch {_name(item)}", item["state"], "it has changed since it was read: look again"
        )
    return claimed


def _open(table: Table, run: Run, name: str, states: Sequence[str], remedy: str) -> Item:
    item = table.get(f"OUTBOX#{run.id}", f"OUTBOX#{name}")
    if item is None or not name.startswith("R"):
        known = ", ".join(map(_name, _items(table, run))) or "none"
        raise refuse("unknown_choice", "batch", name, f"batches of run {run.id}: {known}")
    if item["state"] not in states:
        raise refuse("wrong_state", f"batch {name}", item["state"], remedy)
    return item


def _still_rejected(table: Table, run: Run, batch: Batch) -> None:
    """Nothing of a batch is sent if one of its payments has been paid since, or is out already."""
    for payout in sorted(batch.attempts):
        found = payments.get(table, run.id, payout)
        if (found.state, found.attempt + 1) != (REJECTED, batch.attempts[payout]):
            remedy = "discard the batch and prepare another"
            raise refuse("wrong_state", f"payout {payout}", f"{found.state}, attempt {found.attempt}", remedy)


def files(table: Table, objects: Objects, run: Run, name: str, publishing: Publishing) -> list[PayFile]:
    """What a bank takes of a batch that was sent, with the accounts of its release: the same again and again.

    Without what the relay kept back. Refused once one of its payments has turned out to be paid before.
    """
    item = _open(table, run, name, (SENT,), "somebody has to release it first; then it is sent in a moment")
    batch, back = stored(objects, run, name), json.loads(item.get("stopped", "[]"))
    out = [payout for payout in payouts(objects, run, batch) if payout.id not in back]
    for payout in out:
        found = payments.get(table, run.id, payout.id)
        if stopped(found, batch.attempts[payout.id]):
            remedy = "its bank must not get this order: if it has it, have the payment taken out"
            raise refuse("wrong_state", f"payout {payout.id}", found.state, remedy)
    again = Again(int(name[1:]), out, batch.attempts, batch.prepared_at)
    return publishing.again(run, again, int(item["act"])) if out else []


def discard(table: Table, run: Run, name: str, by: str, reason: str, at: datetime) -> None:
    """Send nothing of a prepared batch."""
    item = _open(table, run, name, (PREPARED,), "only a prepared batch is discarded")
    put = Put(item | {"state": DISCARDED}, "state", PREPARED)
    acts.done(table, lambda n: [put], by, "resend.discard", f"{run.id} {name}", reason, at)
