"""What a service refuses, loses or never does: said to the caller, and nothing is taken for done."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from moto import mock_aws

from dualtrack.adapters.dynamodb import ROUNDS, DynamoTable, Throttled
from dualtrack.adapters.s3 import S3Objects
from dualtrack.adapters.sqs import SqsFifo, SqsQueue
from dualtrack.app.ports import Message, Put
from tests.contract.conftest import KEYS, no_pause


class Refusing:
    """A queue client that refuses every third entry, counted over all calls."""

    def __init__(self) -> None:
        self.calls: list[list[dict[str, Any]]] = []

    def send_message_batch(self, QueueUrl: str, Entries: list[dict[str, Any]]) -> Any:  # noqa: N803
        self.calls.append(Entries)
        return {"Failed": [{"Id": entry["Id"]} for entry in Entries if int(entry["Id"]) % 3 == 0]}


def test_a_queue_names_what_was_refused_by_its_place_in_the_whole() -> None:
    client = Refusing()
    assert SqsQueue(client, "url").send([f"{n}" for n in range(23)]) == [0, 3, 6, 9, 12, 15, 18, 21]
    assert [len(call) for call in client.calls] == [10, 10, 3]
    messages = [Message(f"id{n}", "g", "body") for n in range(11)]
    assert SqsFifo(client, "url").send(messages) == [0, 3, 6, 9]


def test_no_call_carries_more_than_the_queue_takes() -> None:
    client = Refusing()
    SqsQueue(client, "url").send(["张" * 25_000 for _ in range(9)])
    sizes = [sum(len(entry["MessageBody"].encode()) for entry in call) for call in client.calls]
    assert len(sizes) == 3
    assert max(sizes) <= 256 * 1024


class NeverReads:
    """A table client that leaves every key over."""

    def __init__(self) -> None:
        self.rounds = 0

    def batch_get_item(self, RequestItems: dict[str, Any], **_: Any) -> Any:  # noqa: N803
        self.rounds += 1
        return {"Responses": {}, "UnprocessedKeys": RequestItems}


def test_a_read_that_is_never_answered_is_an_error_and_not_an_absence() -> None:
    client = NeverReads()
    pauses: list[float] = []
    with pytest.raises(Throttled, match="2 keys unread"):
        DynamoTable(client, "t", pauses.append).get_many([("P", "1"), ("P", "2")])
    assert client.rounds == ROUNDS
    assert pauses == sorted(pauses)


class LosesAnswers:
    """A client whose service does what it is asked, but whose answer to one operation is lost once."""

    def __init__(self, client: Any, operation: str) -> None:
        self._client, self._operation, self._lost = client, operation, False

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._client, name)
        if name != self._operation or self._lost:
            return real

        def lost(**request: Any) -> Any:
            self._lost = True
            real(**request)
            raise ReadTimeoutError(endpoint_url="https://dynamodb")

        return lost


@pytest.fixture
def client() -> Iterator[Any]:
    with mock_aws():
        made = boto3.client("dynamodb", region_name="us-east-1")
        made.create_table(TableName="t", **KEYS)
        yield made


def test_a_lost_answer_is_an_error_and_the_repeat_has_no_further_effect(client: Any) -> None:
    table = DynamoTable(LosesAnswers(client, "update_item"), "t", no_pause)
    with pytest.raises(ReadTimeoutError):
        table.add("L", "L", "s", {"one"})
    assert table.add("L", "L", "s", {"one"}) == {"one"}


def test_a_conditional_write_whose_answer_was_lost_says_no_when_repeated(client: Any) -> None:
    table = DynamoTable(LosesAnswers(client, "put_item"), "t", no_pause)
    put = Put({"pk": "P", "sk": "x", "r": 1}, "r", None)
    with pytest.raises(ReadTimeoutError):
        table.put_if(put)
    assert not table.put_if(put)
    assert table.get("P", "x") == put.item


def test_other_errors_are_not_taken_for_a_condition(client: Any) -> None:
    absent = DynamoTable(client, "no-such-table", no_pause)
    with pytest.raises(ClientError, match="ResourceNotFound"):
        absent.put_if(Put({"pk": "P", "sk": "x"}, "sk", None))
    with pytest.raises(ClientError, match="ResourceNotFound"):
        absent.transact([Put({"pk": "P", "sk": "x"}, "sk", None)])


class Denies:
    """A bucket client that may do nothing."""

    def __getattr__(self, name: str) -> Any:
        def denied(**_: Any) -> Any:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "denied"}}, name)

        return denied


def test_a_denied_object_is_neither_there_nor_missing() -> None:
    objects = S3Objects(Denies(), "b")
    with pytest.raises(ClientError, match="AccessDenied"):
        objects.create("k", b"x")
    with pytest.raises(ClientError, match="AccessDenied"):
        objects.read("k")
