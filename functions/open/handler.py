"""First steps of a close: a watermark, is the stream there, is the period ready, who is in which chunk."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from dualtrack.adapters.wiring import Stack
from dualtrack.app import evidence, watermark
from dualtrack.app.opening import Request
from dualtrack.app.schedule import period_of

stack = Stack.from_env("payout_bucket", "intake_bucket", "ingest_queue", "ingest_dlq", "stream_failures")
ASKED = ("period", "starter", "execution", "kind", "group", "of", "reason", "whom", "waiver", "force")


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """``{"task", …}``; the tasks are a table. ``open`` gives the run and its chunks."""
    return TASKS[event["task"]](event)


def _mark(event: dict[str, Any]) -> dict[str, Any]:
    moment = datetime.now(UTC).isoformat()
    watermark.mark(stack.table, moment)
    return {"watermark": moment, "looks": 0, "drained": False}


def _look(event: dict[str, Any]) -> dict[str, Any]:
    drained = watermark.reached(stack.table, event["watermark"])
    return {"watermark": event["watermark"], "looks": event["looks"] + 1, "drained": drained}


def _open(event: dict[str, Any]) -> dict[str, Any]:
    now = datetime.now(UTC)
    asked = {name: event[name] for name in ASKED if event.get(name) is not None}
    asked["period"] = period_of(event)
    stream = event["stream"]
    request = Request(**asked, watermark=stream["watermark"], drained=stream["drained"])
    run = stack.paying().open(request, now)
    chunks = {"bucket": stack.settings.payout_bucket, "key": evidence.list_key(run)}
    return {"run": run.id, "period": run.period, "attempt": run.attempt, "chunks": chunks}


TASKS = {"mark": _mark, "look": _look, "open": _open}
