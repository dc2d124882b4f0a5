"""Steps of a publication: begin, files (manifest last), release."""

from __future__ import annotations

from typing import Any

from dualtrack.adapters.wiring import Stack
from dualtrack.app import evidence
from dualtrack.app.parts import in_force
from dualtrack.app.pay import begin
from dualtrack.domain.runs import Run

stack = Stack.from_env("payout_bucket")


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """``{"task", "run"}``; the tasks are a table."""
    return TASKS[event["task"]](begin(stack.table, event["run"]))


def _begin(run: Run) -> dict[str, Any]:
    chunks = {"bucket": stack.settings.payout_bucket, "key": evidence.list_key(run)}
    return {"run": run.id, "chunks": chunks}


def _files(run: Run) -> dict[str, Any]:
    plans = ", ".join(plan.ref for plan in in_force(stack.plans(), run.period))
    return {"run": run.id, "manifest": stack.publishing(plans).files(run)}


def _release(run: Run) -> dict[str, Any]:
    published = stack.publishing("").release(run)
    return {"run": published.id, "state": published.state, "manifest": published.manifest}


TASKS = {"begin": _begin, "files": _files, "release": _release}
