"""Last step of a close: control totals, and the run waits for somebody else's approval."""

from __future__ import annotations

from typing import Any

from dualtrack.adapters.wiring import Stack
from dualtrack.app import runs
from dualtrack.app.close import review

stack = Stack.from_env("payout_bucket")


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """``{"run", "attempt"}`` → the run in REVIEW with its totals."""
    run = runs.get(stack.table, event["run"])
    runs.same_attempt(run, event["attempt"])
    reviewed = review(stack.table, stack.payouts, run)
    return {"run": reviewed.id, "state": reviewed.state}
