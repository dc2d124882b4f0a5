"""Relay: outbox rows become messages on the payroll queue, as often as it takes, with one effect.

Of a batch that is sent again, an attempt stays back whose payment has turned out to be paid, or is in doubt.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from dualtrack.app import evidence, payments, rows, runs
from dualtrack.app.close import chunk_list
from dualtrack.app.ports import Fifo, Item, Message, Objects, Put, Table
from dualtrack.app.proving import PREPARED, SENT
from dualtrack.domain import payments as states
from dualtrack.domain.errors import Stopped
from dualtrack.domain.money import major
from dualtrack.domain.payouts import Payout
from dualtrack.domain.runs import Run, totals

SCHEMA = "dualtrack.payout.v1"
DISCARDED, RELEASING = "discarded", "releasing"  # of batches, beside those of proving.py
DONE = (SENT, DISCARDED)


def relay(table: Table, objects: Objects, queue: Fifo, tenant: str, run: Run, chunk: str) -> int:
    """Send one message per payable payout of a chunk, or of a batch that is sent again; may be repeated.

    Payout id and attempt are the de-duplication id, the payout id is the consumer's key: a repeat has no
    effect. Stops if what is to be sent is not what was released, per currency.
    """
    item = table.get(f"OUTBOX#{run.id}", f"OUTBOX#{chunk}")
    if item is None:
        raise Stopped(f"chunk {chunk} of run {run.id} was not released")
    if item["state"] in DONE or _waits(item) or run.state != "PUBLISHED":
        return 0
    payable = _payable(objects, run, chunk)
    if counted([payout for payout, _ in payable]) != json.loads(item["expected"]):
        raise Stopped(f"chunk {chunk} of run {run.id} is not what was released")
    out, back = _sorted(table, run, payable)
    if queue.send([_message(tenant, run, payout, attempt) for payout, attempt in out]):
        raise Stopped(f"the payroll queue did not take every payout of chunk {chunk} of run {run.id}")
    sent = [payout for payout, _ in payable if payout.id not in back]
    done = {"state": SENT, "sent": json.dumps(counted(sent), sort_keys=True)}
    kept = {"stopped": json.dumps(sorted(back))} if back else {}
    table.put_if(Put(item | done | kept, "state", item["state"]))
    return len(out)


def _sorted(
    table: Table, run: Run, payable: Sequence[tuple[Payout, int]]
) -> tuple[list[tuple[Payout, int]], set[str]]:
    """What may go out, and the ids of what has to stay back.

    Read at the last moment: a success of the attempt before may have come since two people released this one.
    What was answered already, after a send that died, is in neither.
    """
    out: list[tuple[Payout, int]] = []
    back: set[str] = set()
    for payout, attempt in payable:
        payment = payments.get(table, run.id, payout.id) if attempt > 1 else None
        if payment is None or states.due(payment, attempt):
            out.append((payout, attempt))
        elif states.stopped(payment, attempt):
            back.add(payout.id)
    return out, back


def _payable(objects: Objects, run: Run, chunk: str) -> list[tuple[Payout, int]]:
    """Payouts with the number of the attempt; a batch's name begins with R."""
    if chunk.startswith("R"):
        batch = json.loads(objects.read(f"{evidence.folder(run)}/resend-{chunk}.json"))
        named = _of_run(objects, run, set(batch["attempts"]))
        return [(payout, int(batch["attempts"][payout.id])) for payout in named]
    return [(payout, 1) for payout in evidence.stored(objects, run, chunk).payouts if payout.amount > 0]


def _of_run(objects: Objects, run: Run, wanted: set[str]) -> list[Payout]:
    chunks = (evidence.stored(objects, run, each["chunk"]) for each in chunk_list(objects, run))
    return [payout for chunk in chunks for payout in chunk.payouts if payout.id in wanted]


def _message(tenant: str, run: Run, payout: Payout, attempt: int) -> Message:
    again = f"-{attempt}" if attempt > 1 else ""
    return Message(
        payout.id + again, f"payout-{rows.shard(payout.employee)}", body(tenant, run, payout, attempt)
    )


def counted(payable: Sequence[Payout]) -> Mapping[str, list[int]]:
    """How many payouts, and their sum in minor units, by currency."""
    return {t.currency: [t.payouts, t.amount] for t in totals(payable)}


def body(tenant: str, run: Run, payout: Payout, attempt: int) -> str:
    """The message that pays a payout; ``attempt`` grows when a bank has rejected the one before."""
    said: dict[str, Any] = {
        "schema": SCHEMA,
        "tenant": tenant,
        "payout_id": payout.id,
        "run": run.id,
        "period": run.period,
        "employee": payout.employee,
        "currency": payout.currency,
        "amount_minor": payout.amount,
        "amount": major(payout.amount, payout.currency),
        "attempt": attempt,
    }
    return json.dumps(said, sort_keys=True)


def unsent(table: Table) -> list[tuple[Run, str]]:
    """Chunks of published runs that were not sent: what a crash or the stream lost, for the sweeper."""
    done = [run for run in runs.every(table) if run.state == "PUBLISHED"]
    return [
        (run, item["sk"].removeprefix("OUTBOX#"))
        for run in done
        for item in table.query(f"OUTBOX#{run.id}", "OUTBOX#", "OUTBOX#" + rows.END)
        if item["state"] not in DONE and not _waits(item)
    ]


def _waits(item: Item) -> bool:
    """Whether it is a batch that nobody has released yet."""
    return bool(item["sk"].startswith("OUTBOX#R") and item["state"] in (PREPARED, RELEASING))
