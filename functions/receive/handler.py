"""POST /v1/events: CloudEvents in, an answer only when they are durable."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from dualtrack.adapters.door import answer, arrivals
from dualtrack.adapters.telemetry import Metrics
from dualtrack.adapters.wiring import Stack
from dualtrack.app.receive import receive

stack = Stack.from_env("ingest_queue", "intake_bucket")
metrics = Metrics("receive", stack.settings.tenant)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """API Gateway HTTP API, payload format 2.0."""
    now, zone = datetime.now(UTC), stack.settings.tz()
    mapper = stack.mapper(now)

    def check(arrived: Mapping[str, Any]) -> object:
        return mapper(arrived, now, zone)

    events, readable = arrivals(event, check)
    done = receive(events, stack.ingest, stack.intake)
    status, body = answer(done, readable)
    metrics.emit(Received=done.received, Refused=len(done.bad), NotKept=len(done.lost))
    headers = {"content-type": "application/json"} | ({"retry-after": "2"} if done.lost else {})
    return {"statusCode": status, "headers": headers, "body": json.dumps(body)}
