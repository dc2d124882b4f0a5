"""Relay: outbox rows become messages on the payroll queue, as often as it takes, with one effect."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from dualtrack.app import evidence, rows, runs
from dualtrack.app.ports import Fifo, Message, Objects, Put, Table
from dualtrack.app.proving import SENT
from dualtrack.domain.errors import Stopped
from dualtrack.domain.money import major
from dualtrack.domain.payouts import Payout
from dualtrack.domain.runs import Run, totals

SCHEMA = "dualtrack.payout.v1"


def relay(table: Table, objects: Objects, queue: Fifo, tenant: str, run: Run, chunk: str) -> int:
    """Send one message per payable payout of a chunk; repeated, it sends the same messages again.

    The payout id is the de-duplication id and the consumer's key, so a repeat has no effect. Stops if what
    is to be sent is not what was released, per currency.
    """
    item = table.get(f"OUTBOX#{run.id}", f"OUTBOX#{chunk}")
    if item is None:
        raise Stopped(f"chunk {chunk} of run {run.id} was not released")
    if item["state"] == SENT or run.state != "PUBLISHED":
        return 0
    payable = [p for p in evidence.stored(objects, run, chunk).payouts if p.amount > 0]
    if counted(payable) != json.loads(item["expected"]):
        raise Stopped(f"chunk {chunk} of run {run.id} is not what was released: {counted(payable)}")
    messages = [Message(p.id, f"payout-{rows.shard(p.employee)}", body(tenant, run, p, 1)) for p in payable]
    if queue.send(messages):
        raise Stopped(f"the payroll queue did not take every payout of chunk {chunk} of run {run.id}")
    table.put_if(Put(item | {"state": SENT, "sent": item["expected"]}, "state", item["state"]))
    return len(payable)


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
        if item["state"] != SENT
    ]
