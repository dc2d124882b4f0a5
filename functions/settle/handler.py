"""Map step of a close: one chunk of employees, each priced once."""

from __future__ import annotations

from typing import Any

from dualtrack.adapters.telemetry import Metrics
from dualtrack.adapters.wiring import Stack
from dualtrack.app import runs

stack = Stack.from_env("payout_bucket")
metrics = Metrics("settle", stack.settings.tenant)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """``{"run", "attempt", "chunk", "employees"}`` → whether this call settled it."""
    run = runs.get(stack.table, event["run"])
    runs.same_attempt(run, event["attempt"])
    settled = stack.paying().settle(run, event["chunk"], event["employees"])
    metrics.emit(Employees=len(event["employees"]), **stack.billed())
    return {"chunk": event["chunk"], "settled": settled}
