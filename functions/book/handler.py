"""Map step of a publication: the payout lines of one chunk, written if absent, and its statements."""

from __future__ import annotations

from typing import Any

from dualtrack.adapters.telemetry import Metrics
from dualtrack.adapters.wiring import Stack
from dualtrack.app.publishing import begin

stack = Stack.from_env("payout_bucket")
metrics = Metrics("book", stack.settings.tenant)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """``{"run", "chunk"}`` → how many lines are booked."""
    lines = stack.paying().book(begin(stack.table, event["run"]), event["chunk"])
    metrics.emit(Lines=lines, **stack.billed())
    return {"chunk": event["chunk"], "lines": lines}
