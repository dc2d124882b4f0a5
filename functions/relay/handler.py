"""Outbox → payroll queue: woken by the stream, swept by the clock."""

from __future__ import annotations

from typing import Any

from dualtrack.adapters.telemetry import Metrics
from dualtrack.adapters.wiring import Stack
from dualtrack.app import runs
from dualtrack.app.relay import relay, unsent
from dualtrack.domain.errors import Stopped
from dualtrack.domain.runs import Run

stack = Stack.from_env("payout_bucket", "payroll_queue")
metrics = Metrics("relay", stack.settings.tenant)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """A stream batch of outbox rows, or ``{"sweep": true}``.

    One chunk that cannot be proven raises the alarm, and does not hold up those behind it.
    """
    sent, stopped = 0, []
    for chunk in unsent(stack.table) if event.get("sweep") else _woken(event):
        try:
            sent += relay(stack.table, stack.payouts, stack.payroll, stack.settings.tenant, *chunk)
        except Stopped as error:
            stopped.append(error)
    metrics.emit(Messages=sent)
    if stopped:
        raise stopped[0]
    return {"batchItemFailures": []}


def _woken(event: dict[str, Any]) -> list[tuple[Run, str]]:
    keys = [record["dynamodb"]["Keys"] for record in event["Records"]]
    return [
        (
            runs.get(stack.table, key["pk"]["S"].removeprefix("OUTBOX#")),
            key["sk"]["S"].removeprefix("OUTBOX#"),
        )
        for key in keys
    ]
