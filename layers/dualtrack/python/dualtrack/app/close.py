"""Close: the chunks of a run, and what has been settled put up for review with its control totals."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, replace
from hashlib import sha256
from typing import Any

from dualtrack.app import evidence, runs
from dualtrack.app.ports import Objects, Table
from dualtrack.domain.errors import Stopped
from dualtrack.domain.runs import Run, after, totals


def chunk_list(objects: Objects, run: Run) -> list[dict[str, Any]]:
    """The chunks of an attempt, as they were listed when it was opened."""
    listed: list[dict[str, Any]] = json.loads(objects.read(evidence.list_key(run)))
    return listed


def review(table: Table, objects: Objects, run: Run) -> Run:
    """All chunks settled: state the control totals and wait for a second pair of eyes."""
    if run.state == "REVIEW":
        return run
    chunks = chunk_list(objects, run)
    settled = [evidence.stored(objects, run, each["chunk"]) for each in chunks]
    for listed, found in zip(chunks, settled, strict=True):
        if tuple(listed["employees"]) != found.employees:
            raise Stopped(f"chunk {listed['chunk']} of run {run.id} settled other employees than were listed")
    summary = control_totals(settled)
    return runs.move(table, run, replace(after(run, "review"), totals=summary))


def control_totals(chunks: Iterable[evidence.Chunk]) -> str:
    """What an approver sees and is bound to: totals per currency, who is held, who has no plan, a digest."""
    chunks = list(chunks)
    payouts = [payout for chunk in chunks for payout in chunk.payouts]
    said = {
        "totals": [asdict(row) for row in totals(payouts)],
        "held": sorted(e for chunk in chunks for e in chunk.held),
        "undecided": sorted(e for chunk in chunks for e in chunk.undecided),
        "unplanned": sorted(e for chunk in chunks for e in chunk.unplanned),
    }
    seen = json.dumps(said, sort_keys=True) + repr([(p.id, p.amount) for p in payouts])
    return json.dumps(said | {"digest": sha256(seen.encode()).hexdigest()[:16]}, sort_keys=True)
