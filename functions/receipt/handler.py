"""Receipts queue → payments: what became of each payout after it was sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dualtrack.adapters import receipts
from dualtrack.adapters.telemetry import Metrics
from dualtrack.adapters.wiring import Stack
from dualtrack.app import payments, runs
from dualtrack.app.ports import Missing
from dualtrack.domain.errors import Refused, Stopped
from dualtrack.domain.payments import ALARMS

stack = Stack.from_env("payout_bucket")
metrics = Metrics("receipt", stack.settings.tenant)
REMEMBERED = 4  # runs: a bank answers those of the last days
_due: dict[str, Mapping[str, payments.Due]] = {}


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """An SQS batch; what cannot be used comes again, and ends in the dead-letter queue."""
    failed, doubtful = [], 0
    for record in event["Records"]:
        try:
            doubtful += _take(record["body"])
        except (Refused, Stopped, Missing):
            failed.append({"itemIdentifier": record["messageId"]})
    metrics.emit(Receipts=len(event["Records"]), Doubtful=doubtful, ReceiptsRefused=len(failed))
    return {"batchItemFailures": failed}


def _take(body: str) -> int:
    """One receipt; 1 if its payment is now in doubt."""
    run, receipt = receipts.message(body)
    found = payments.take(stack.table, run, _known(run), [receipt])
    return sum(count for state, count in found.items() if state in ALARMS)


def _known(run: str) -> Mapping[str, payments.Due]:
    """What was due in a published run: read once, for reading it is reading all of the run's evidence."""
    if run not in _due:
        found = payments.due(stack.payouts, runs.get(stack.table, run))
        while len(_due) >= REMEMBERED:
            _due.pop(next(iter(_due)))
        _due[run] = found
    return _due[run]
