"""Last steps of a publication: prove every control total (manifest last), then release."""

from __future__ import annotations

from typing import Any

from dualtrack.adapters.wiring import Stack
from dualtrack.app.publishing import begin
from dualtrack.domain.runs import Run

stack = Stack.from_env("payout_bucket")


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """``{"task", "run"}``; the tasks are a table."""
    return TASKS[event["task"]](begin(stack.table, event["run"]))


def _prove(run: Run) -> dict[str, Any]:
    return {"run": run.id, "manifest": stack.paying().proving().prove(run)}


def _release(run: Run) -> dict[str, Any]:
    published = stack.paying().proving().release(run)
    return {"run": published.id, "state": published.state, "manifest": published.manifest}


TASKS = {"prove": _prove, "release": _release}
