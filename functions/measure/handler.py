"""Ingest queue → observations. A message that could not be made durable is returned, the others are not."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from dualtrack.adapters.telemetry import Metrics
from dualtrack.adapters.wiring import Stack
from dualtrack.app.measure import Outcome

stack = Stack.from_env("intake_bucket")
metrics = Metrics("measure", stack.settings.tenant)
processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
measuring = stack.measuring()


def handler(event: dict[str, Any], context: Any) -> Any:
    """SQS batch with partial batch response."""
    return process_partial_response(event=event, record_handler=one, processor=processor, context=context)


def one(record: SQSRecord) -> None:
    """One message, whole: all of its events are durable afterwards, or it comes again."""
    sent = datetime.fromtimestamp(int(record.attributes.sent_timestamp or 0) / 1000, UTC)
    outcomes = measuring.message(record.message_id, record.body, sent, datetime.now(UTC))
    report(outcomes)


def report(outcomes: list[Outcome]) -> None:
    """Counts only: no names, no amounts."""
    refused = sum(1 for outcome in outcomes if outcome.problems)
    metrics.emit(Events=len(outcomes), Quarantined=refused)
