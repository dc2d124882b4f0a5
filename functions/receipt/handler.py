"""Receipts queue → payments: what became of each payout after it was sent."""

from __future__ import annotations

from typing import Any

from dualtrack.adapters import receipts
from dualtrack.adapters.telemetry import Metrics
from dualtrack.adapters.wiring import Stack
from dualtrack.app import payments, runs
from dualtrack.domain.errors import Refused
from dualtrack.domain.payments import ALARMS

stack = Stack.from_env("payout_bucket")
metrics = Metrics("receipt", stack.settings.tenant)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """An SQS batch; what cannot be used comes again, and ends in the dead-letter queue."""
    failed, doubtful = [], 0
    for record in event["Records"]:
        try:
            doubtful += _take(record["body"])
        except Refused:
            failed.append({"itemIdentifier": record["messageId"]})
    metrics.emit(Receipts=len(event["Records"]), Doubtful=doubtful, ReceiptsRefused=len(failed))
    return {"batchItemFailures": failed}


def _take(body: str) -> int:
    """One receipt; 1 if its payment is now in doubt."""
    run, receipt = receipts.message(body)
    found = payments.receive(stack.table, stack.payouts, runs.get(stack.table, run), [receipt])
    return sum(count for state, count in found.items() if state in ALARMS)
