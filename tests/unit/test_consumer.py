"""The reference consumer: repeats, late messages and crashes pay nothing twice and lose nothing."""

from __future__ import annotations

import importlib.util
import json
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import uuid4

import boto3
import pytest
from moto import mock_aws

from dualtrack.adapters import receipts
from dualtrack.domain.payments import Payment, Receipt, heard, resent
from infra.cli.payroll import redriven
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
    "paid already": ([1, 2], (), ["paid", "paid", "rejected"], 1),
}  # fmt: skip


@pytest.mark.parametrize("story", STORIES)
def test_a_payout_is_paid_once(consumer: ModuleType, story: str) -> None:
    attempts, rejected, said, paid = STORIES[story]
    bank, ledger = Bank(*rejected), consumer.Ledger(":memory:")
    found = [each for n in attempts for each in consumer.take(ledger, message(attempt=n), bank)]
    assert [each["outcome"] for each in found] == said
    assert len(bank.paid) == paid
    for each in found:
        receipts.message(json.dumps(each))


def test_what_it_says_of_a_payment_that_was_paid_already_ends_the_doubt(consumer: ModuleType) -> None:
    ledger = consumer.Ledger(":memory:")
    consumer.take(ledger, message(), Bank())
    payment = resent(heard(Payment("A" * 32), Receipt("A" * 32, 1, "rejected")), "R01")
    for said in consumer.take(ledger, message(attempt=2), Bank()):
        payment = heard(payment, receipts.message(json.dumps(said))[1])
    assert (payment.state, payment.attempt) == ("paid", 2)


def test_a_process_that_dies_after_paying_pays_nothing_twice(consumer: ModuleType, tmp_path: Path) -> None:
    bank, path = Bank(), str(tmp_path / "ledger.sqlite")

    def dies(asked: dict[str, Any]) -> str:
        bank(asked)
        raise ConnectionError

    with pytest.raises(ConnectionError):
        consumer.take(consumer.Ledger(path), message(), dies)
    assert consumer.take(consumer.Ledger(path), message(), bank)[0]["outcome"] == "paid"
    assert len(bank.paid) == 1


def test_a_later_attempt_waits_while_nobody_knows_how_the_one_before_ended(consumer: ModuleType) -> None:
    ledger, bank = consumer.Ledger(":memory:"), Bank()
    ledger.write(message(), consumer.PAYING)
    with pytest.raises(consumer.StillOut):
        consumer.take(ledger, message(attempt=2), bank)
    assert bank.paid == []


class Dies:
    """An SQS client whose process dies before its n-th call; the calls after it are the next process's."""

    def __init__(self, client: Any, at: int) -> None:
        self._client, self.left = client, at

    def __getattr__(self, name: str) -> Any:
        def called(**given: Any) -> Any:
            self.left -= 1
            if self.left == -1:
                raise ConnectionError(name)
            waits = {"WaitTimeSeconds": 0} if name == "receive_message" else {}
            return getattr(self._client, name)(**given | waits)

        return called


def test_it_survives_repeats_other_orders_and_its_own_death_at_every_call(
    consumer: ModuleType, tmp_path: Path
) -> None:
    """Two groups; the first message of each twice, under another name, as after five minutes."""
    with mock_aws():
        client = boto3.client("sqs", region_name="us-east-1")
        for at in range(12):
            queue, answers = queues(client, str(at))
            for name, group in (("A", "g1"), ("B", "g2"), ("A", "g1"), ("B", "g2"), ("C", "g1")):
                put(client, queue, message(name * 32), group)
            path, dies, paid = str(tmp_path / f"{at}.sqlite"), Dies(client, at), list[str]()

            def pay(asked: dict[str, Any], paid: list[str] = paid) -> str:
                paid.append(asked["payout_id"])
                return "paid"

            for _ in range(8):
                with suppress(ConnectionError):
                    consumer.consume(dies, queue, answers, consumer.Ledger(path), pay)
            assert sorted(paid) == [name * 32 for name in "ABC"], f"died before call {at}"
            assert answered(client, answers) == {(name * 32, 1, "paid") for name in "ABC"}


def queues(client: Any, name: str) -> tuple[str, str]:
    """The payroll queue, whose messages come again at once, and the receipts queue."""
    attributes = {"FifoQueue": "true", "VisibilityTimeout": "0"}
    queue = client.create_queue(QueueName=f"payroll-{name}.fifo", Attributes=attributes)["QueueUrl"]
    return queue, client.create_queue(QueueName=f"receipts-{name}")["QueueUrl"]


def put(client: Any, queue: str, said: dict[str, Any], group: str) -> None:
    """One message under a name of its own."""
    client.send_message(
        QueueUrl=queue, MessageBody=json.dumps(said), MessageGroupId=group, MessageDeduplicationId=uuid4().hex
    )


def answered(client: Any, answers: str) -> set[tuple[str, int, str]]:
    """What the receipts say; the same one may be there twice."""
    found = set()
    while messages := client.receive_message(QueueUrl=answers, MaxNumberOfMessages=10).get("Messages"):
        said = [json.loads(each["Body"]) for each in messages]
        found |= {(each["payout_id"], each["attempt"], each["outcome"]) for each in said}
    return found


def test_dead_letters_come_back_whenever_they_died(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        client = boto3.client("sqs", region_name="us-east-1")
        queue, _ = queues(client, "live")
        dead, _ = queues(client, "dead")
        for _ in range(2):
            put(client, dead, message(), "g1")
            put(client, dead, message("B" * 32), "g2")
            assert redriven(dead, queue) == 2
        assert redriven(dead, queue) == 0
        count = client.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
        assert count["ApproximateNumberOfMessages"] == "4"
