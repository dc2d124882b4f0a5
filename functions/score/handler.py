"""Table stream → scorecards. A batch that fails is bisected by the stream until the fault stands alone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from dualtrack.adapters.telemetry import Metrics
from dualtrack.adapters.wiring import Stack
from dualtrack.app.score import Change, Scoring, grouped

stack = Stack.from_env("intake_bucket")
metrics = Metrics("score", stack.settings.tenant)
scoring: Scoring = stack.scoring()


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """DynamoDB stream batch: every partition once, with all of its changes."""
    changes = [_change(record["dynamodb"]["Keys"]) for record in event["Records"]]
    partitions = grouped(changes)
    for pk, found in partitions.items():
        scoring.partition(pk, found, datetime.now(UTC))
    conflicts = scoring.found.pop("conflicts", 0)
    metrics.emit(Changes=len(changes), Partitions=len(partitions), Quarantined=conflicts, **stack.billed())
    return {"batchItemFailures": []}


def _change(keys: dict[str, Any]) -> Change:
    return Change(keys["pk"]["S"], keys["sk"]["S"])
