"""What only the real table does to its adapter: it leaves part of a batch over, it bills, it fails."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from dualtrack.adapters.dynamodb import DynamoTable, Throttled
from tests.contract.conftest import KEYS, no_pause

Raw = dict[str, Any]


class LeavesOver:
    """A client that takes only the first part of each batch, a number of times."""

    def __init__(self, client: Any, times: int) -> None:
        self._client, self._times = client, times

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def batch_write_item(self, RequestItems: Raw, **rest: Any) -> Any:  # noqa: N803 - boto3's name
        [(table, wanted)] = RequestItems.items()
        if not self._times:
            return self._client.batch_write_item(RequestItems=RequestItems, **rest)
        self._times -= 1
        answer = self._client.batch_write_item(RequestItems={table: wanted[:1]}, **rest)
        return answer | {"UnprocessedItems": {table: wanted[1:]} if wanted[1:] else {}}

    def batch_get_item(self, RequestItems: Raw, **rest: Any) -> Any:  # noqa: N803
        [(table, wanted)] = RequestItems.items()
        if not self._times:
            return self._client.batch_get_item(RequestItems=RequestItems, **rest)
        self._times -= 1
        first, others = wanted["Keys"][:1], wanted["Keys"][1:]
        answer = self._client.batch_get_item(RequestItems={table: wanted | {"Keys": first}}, **rest)
        return answer | {"UnprocessedKeys": {table: wanted | {"Keys": others}} if others else {}}


@pytest.fixture
def client() -> Iterator[Any]:
    with mock_aws():
        made = boto3.client("dynamodb", region_name="us-east-1")
        made.create_table(TableName="t", **KEYS)
        yield made


ROWS = [{"pk": "P", "sk": str(n)} for n in range(9)]


def test_what_a_batch_left_over_is_sent_again(client: Any) -> None:
    table = DynamoTable(LeavesOver(client, 3), "t", no_pause)
    table.put_many(ROWS)
    assert len(table.query("P", "0", "9")) == 9


def test_what_a_read_left_over_is_asked_for_again(client: Any) -> None:
    DynamoTable(client, "t", no_pause).put_many(ROWS)
    table = DynamoTable(LeavesOver(client, 3), "t", no_pause)
    assert len(table.get_many([("P", str(n)) for n in range(9)])) == 9


def test_a_batch_that_is_never_taken_is_an_error_and_not_a_loss(client: Any) -> None:
    table = DynamoTable(LeavesOver(client, 99), "t", no_pause)
    with pytest.raises(Throttled, match="1 rows unwritten"):
        table.put_many(ROWS)
