"""A reference consumer of the payroll queue: pays each payout once, however often and whenever it comes.

``python consumer.py QUEUE_URL RECEIPTS_URL LEDGER.sqlite``. Replace ``pay`` with a call of your payroll
system, and give it the payout id as its idempotency key: then a crash between paying and writing it down pays
nothing twice either.
"""

from __future__ import annotations

import json
import sqlite3
import sys
from collections.abc import Callable
from typing import Any

TABLE = """CREATE TABLE IF NOT EXISTS payment (
    payout_id TEXT PRIMARY KEY, attempt INTEGER NOT NULL, state TEXT NOT NULL, run TEXT NOT NULL)"""
PAYING, PAID, REJECTED = "paying", "paid", "rejected"
Pay = Callable[
    [dict[str, Any]], str
]  # the message to PAID or REJECTED; asked again for the same id, the same answer


class Ledger:
    """What was taken, by payout id."""

    def __init__(self, path: str) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute(TABLE)

    def state(self, payout: str) -> tuple[int, str]:
        """The newest attempt that was taken and what became of it; 0 if none was."""
        found = self._db.execute(
            "SELECT attempt, state FROM payment WHERE payout_id = ?", (payout,)
        ).fetchone()
        return (int(found[0]), str(found[1])) if found else (0, REJECTED)

    def write(self, message: dict[str, Any], state: str) -> None:
        """The message's attempt is in that state now."""
        self._db.execute(
            "INSERT INTO payment VALUES (?, ?, ?, ?) "
            "ON CONFLICT (payout_id) DO UPDATE SET attempt = ?, state = ?",
            (message["payout_id"], message["attempt"], state, message["run"], message["attempt"], state),
        )


class StillOut(Exception):
    """An attempt before is being paid, and how it ends is not known: the message has to wait."""


def take(ledger: Ledger, message: dict[str, Any], pay: Pay) -> list[dict[str, Any]]:
    """Pay a message, unless it was paid, or an older attempt is still out; the receipts about it.

    An attempt that was begun and not ended (the process died) is asked for once more, under the same id. One
    that has ended gets the same receipt again: the first one may have been lost. If an attempt before was
    paid after all, this one is rejected, and both are said.
    """
    attempt, outcome = ledger.state(message["payout_id"])
    if message["attempt"] < attempt:
        return []  # a message that came late
    if message["attempt"] > attempt and outcome == PAYING:
        raise StillOut(message["payout_id"])
    if message["attempt"] > attempt and outcome == PAID:
        return [_receipt(message, attempt, PAID), _receipt(message, message["attempt"], REJECTED)]
    if message["attempt"] > attempt or outcome == PAYING:
        ledger.write(message, PAYING)
        outcome = pay(message)
        ledger.write(message, outcome)
    return [_receipt(message, message["attempt"], outcome)]


def _receipt(message: dict[str, Any], attempt: int, outcome: str) -> dict[str, Any]:
    return {"schema": "dualtrack.receipt.v1", "run": message["run"], "payout_id": message["payout_id"],
            "attempt": attempt, "outcome": outcome}  # fmt: skip


def consume(client: Any, queue: str, receipts: str, ledger: Ledger, pay: Pay) -> int:
    """Take what waits on the queue; how many receipts were sent. A message is deleted after its receipts.

    One whose attempt before is still out is left: it comes again, and at last in the dead-letter queue.
    """
    done = 0
    answer = client.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=1)
    for each in answer.get("Messages", []):
        try:
            said = take(ledger, json.loads(each["Body"]), pay)
        except StillOut:
            continue
        for receipt in said:
            client.send_message(QueueUrl=receipts, MessageBody=json.dumps(receipt))
        done += len(said)
        client.delete_message(QueueUrl=queue, ReceiptHandle=each["ReceiptHandle"])
    return done


def main(queue: str, receipts: str, path: str) -> None:
    """Run until it is stopped; here every payment is called paid."""
    import boto3

    client, ledger = boto3.client("sqs"), Ledger(path)
    while True:
        consume(client, queue, receipts, ledger, lambda message: PAID)


if __name__ == "__main__":
    main(*sys.argv[1:])
