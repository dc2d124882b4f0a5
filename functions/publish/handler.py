"""Steps of a publication that write: begin, files. What they have written they cannot read."""

from __future__ import annotations

from typing import Any

from dualtrack.adapters.wiring import Stack
from dualtrack.app import evidence
from dualtrack.app.publishing import begin
from dualtrack.domain.runs import Run

stack = Stack.from_env("payout_bucket")


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """``{"task", "run"}``; the tasks are a table."""
    return TASKS[event["task"]](begin(stack.table, event["run"]))


def _begin(run: Run) -> dict[str, Any]:
    chunks = {"bucket": stack.settings.payout_bucket, "key": evidence.list_key(run)}
    return {"run": run.id, "chunks": chunks}


def _files(run: Run) -> dict[str, Any]:
    return {"run": run.id, "files": stack.paying().publishing().files(run)}


TASKS = {"begin": _begin, "files": _files}
