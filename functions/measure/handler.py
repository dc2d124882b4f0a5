"""Ingest queue → observations. A message that could not be made durable is returned, the others are not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from dualtrack.adapters.telemetry import Metrics, failed
from dualtrack.adapters.wiring import Stack
from dualtrack.app.measure import Outcome

stack = Stack.from_env("intake_bucket")
metrics = Metrics("measure", stack.settings.tenant)
measuring = stack.measuring()


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """SQS batch with partial batch response: no message hides behind another one's failure."""
    outcomes: list[Outcome] = []
    again = list(_failures(event["Records"], outcomes))
    refused = sum(1 for outcome in outcomes if outcome.problems)
    metrics.emit(Events=len(outcomes), Quarantined=refused, Returned=len(again), **stack.billed())
    return {"batchItemFailures": [{"itemIdentifier": identifier} for identifier in again]}


def _failures(records: Iterable[Mapping[str, Any]], outcomes: list[Outcome]) -> Iterator[str]:
    for record in records:
        try:
            outcomes += _message(record)
        except Exception as error:  # noqa: BLE001 - whatever it was, the queue keeps the message
            failed("message returned to the queue", error, message_id=record["messageId"])
            yield record["messageId"]


def _message(record: Mapping[str, Any]) -> list[Outcome]:
    sent = datetime.fromtimestamp(int(record["attributes"]["SentTimestamp"]) / 1000, UTC)
    return measuring.message(record["messageId"], record["body"], sent, datetime.now(UTC))
