"""Ingest queue → observations. A message that could not be made durable is returned, the others are not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from dualtrack.adapters.telemetry import Metrics, failed
from dualtrack.adapters.wiring import Stack
from dualtrack.app.measure import Delivery, Outcome

stack = Stack.from_env("intake_bucket")
metrics = Metrics("measure", stack.settings.tenant)
measuring = stack.measuring()


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """SQS batch with partial batch response: no message hides behind another one's failure."""
    outcomes: list[Outcome] = []
    again = list(_failures([_delivery(record) for record in event["Records"]], outcomes))
    refused = sum(1 for outcome in outcomes if outcome.problems)
    metrics.emit(Events=len(outcomes), Quarantined=refused, Returned=len(again), **stack.billed())
    return {"batchItemFailures": [{"itemIdentifier": identifier} for identifier in again]}


def _failures(deliveries: Sequence[Delivery], outcomes: list[Outcome]) -> Iterator[str]:
    """All messages together; if that fails, each by itself, so that only the faulty ones come again."""
    try:
        outcomes += measuring.messages(deliveries, datetime.now(UTC))
    except Exception as error:  # noqa: BLE001 - whatever it was, the queue keeps the messages
        failed("messages returned to the queue", error, message_ids=" ".join(d.id for d in deliveries))
        if len(deliveries) == 1:
            yield deliveries[0].id
        else:
            for delivery in deliveries:
                yield from _failures([delivery], outcomes)


def _delivery(record: Mapping[str, Any]) -> Delivery:
    sent = datetime.fromtimestamp(int(record["attributes"]["SentTimestamp"]) / 1000, UTC)
    return Delivery(record["messageId"], record["body"], sent)
