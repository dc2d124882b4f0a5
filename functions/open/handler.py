"""First step of a close: is the period ready, and which employees are settled in which chunk."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from dualtrack.adapters.wiring import Stack
from dualtrack.app import evidence
from dualtrack.app.close import open_run
from dualtrack.app.schedule import period_of

stack = Stack.from_env("payout_bucket", "intake_bucket", "ingest_queue")


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """``{"period" | "scheduled", "starter", "waiver", "execution"}`` → the run and its chunks."""
    run = open_run(
        stack.table,
        stack.payouts,
        stack.intake,
        stack.ingest,
        stack.plans(),
        period_of(event, stack.settings.tz(), datetime.now(UTC)),
        event.get("starter", ""),
        event.get("waiver"),
        event["execution"],
    )
    chunks = {"bucket": stack.settings.payout_bucket, "key": evidence.list_key(run)}
    return {"run": run.id, "period": run.period, "attempt": run.attempt, "chunks": chunks}
