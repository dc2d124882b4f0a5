"""The reference consumer: repeats, late messages and crashes pay nothing twice and lose nothing."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import boto3
import pytest
from moto import mock_aws

from dualtrack.adapters import receipts
from tests.support.world import ROOT


@pytest.fixture(scope="module")
def consumer() -> ModuleType:
    """The shipped file."""
    spec = importlib.util.spec_from_file_location("consumer", ROOT / "events/payroll/consumer.py")
    assert spec
    assert spec.loader
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def message(payout: str = "A" * 32, attempt: int = 1) -> dict[str, Any]:
    """What is on the queue."""
    return {"payout_id": payout, "attempt": attempt, "run": "2017-10-01", "amount_minor": 100}


class Bank:
    """Pays what it is asked to, once for each payout id, unless it rejects the attempt."""

    def __init__(self, *rejected: int) -> None:
        self.paid: list[str] = []
        self.rejected = rejected

    def __call__(self, asked: dict[str, Any]) -> str:
        if asked["attempt"] in self.rejected:
            return "rejected"
        if asked["payout_id"] not in self.paid:
            self.paid.append(asked["payout_id"])
        return "paid"


STORIES = {
    "repeats": ([1, 1, 1], (), ["paid"] * 3, 1),
    "a reject is sent again": ([1, 2], (1,), ["rejected", "paid"], 1),
    "the old one comes late": ([1, 2, 1], (1,), ["rejected", "paid"], 1),
    "the new one is early": ([2, 1], (), ["paid"], 1),
    "two rejects": ([1, 2, 3], (1, 2), ["rejected"] * 2 + ["paid"], 1),
    "paid already": ([1, 2], (), ["paid"], 1),
}  # fmt: skip


@pytest.mark.parametrize("story", STORIES)
def test_a_payout_is_paid_once(consumer: ModuleType, story: str) -> None:
    attempts, rejected, said, paid = STORIES[story]
    bank, ledger = Bank(*rejected), consumer.Ledger(":memory:")
    found = [consumer.take(ledger, message(attempt=n), bank) for n in attempts]
    assert [each["outcome"] for each in found if each] == said
    assert len(bank.paid) == paid
    for each in found:
        if each:
            receipts.message(json.dumps(each))


def test_a_process_that_dies_after_paying_pays_nothing_twice(consumer: ModuleType, tmp_path: Path) -> None:
    bank, path = Bank(), str(tmp_path / "ledger.sqlite")

    def dies(asked: dict[str, Any]) -> str:
        bank(asked)
        raise ConnectionError

    with pytest.raises(ConnectionError):
        consumer.take(consumer.Ledger(path), message(), dies)
    assert consumer.take(consumer.Ledger(path), message(), bank)["outcome"] == "paid"
    assert len(bank.paid) == 1


def test_it_reads_the_queue_answers_and_deletes(consumer: ModuleType) -> None:
    with mock_aws():
        client = boto3.client("sqs", region_name="us-east-1")
        fifo = {"FifoQueue": "true"}
        queue = client.create_queue(QueueName="payroll.fifo", Attributes=fifo)["QueueUrl"]
        answers = client.create_queue(QueueName="receipts")["QueueUrl"]
        for n in range(2):
            client.send_message(
                QueueUrl=queue,
                MessageBody=json.dumps(message()),
                MessageGroupId="g",
                MessageDeduplicationId=f"{n}",
            )
        bank, ledger = Bank(), consumer.Ledger(":memory:")
        done = [consumer.consume(client, queue, answers, ledger, bank) for _ in range(3)]
        assert (sum(done), len(bank.paid)) == (2, 1)
        assert len(client.receive_message(QueueUrl=answers, MaxNumberOfMessages=10)["Messages"]) == 2
