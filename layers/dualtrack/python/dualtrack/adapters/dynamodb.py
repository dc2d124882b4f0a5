"""The table port on DynamoDB; sums the request units that every call was billed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from typing import Any, TypeVar

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

from dualtrack.app.ports import Item, Key, Put

T = TypeVar("T")
WRITE_BATCH, READ_BATCH = 25, 100
ROUNDS = 8
BILLED = {"ReturnConsumedCapacity": "TOTAL"}
_serialize = TypeSerializer().serialize


class _Plain(TypeDeserializer):  # type: ignore[misc]
    """Bytes come back as bytes, and not in boto3's wrapping."""

    def _deserialize_b(self, value: bytes) -> bytes:
        return bytes(value)


_deserialize = _Plain().deserialize


class Throttled(Exception):
    """The service did not take a batch after several rounds; nothing is lost, the caller tries again."""


class DynamoTable:
    """``units`` counts consumed capacity: ``read`` and ``write``, as the service reports it."""

    def __init__(self, client: Any, name: str, pause: Callable[[float], None]) -> None:
        self._client, self._name, self._pause = client, name, pause
        self.units: Counter[str] = Counter()
        self.calls: Counter[str] = Counter()

    def query(self, pk: str, low: str, high: str, last_first: bool = False) -> list[Item]:
        """Rows of a partition with low ≤ sk ≤ high, page by page, strongly consistent."""
        asked = {
            "KeyConditionExpression": "pk = :pk AND sk BETWEEN :low AND :high",
            "ExpressionAttributeValues": _raw({":pk": pk, ":low": low, ":high": high}),
            "ScanIndexForward": not last_first,
        }
        return [_item(raw) for page in self._pages("query", asked) for raw in page]

    def partitions(self) -> set[str]:
        """Every partition key. Reads the whole table: for the operator, no function may do this."""
        pages = self._pages("scan", {"ProjectionExpression": "pk"})
        return {raw["pk"]["S"] for page in pages for raw in page}

    def _pages(self, operation: str, asked: Mapping[str, Any]) -> Iterator[Sequence[Mapping[str, Any]]]:
        request = {**asked, "ConsistentRead": True}
        while True:
            answer = self._call(operation, "read", **request)
            yield answer["Items"]
            if "LastEvaluatedKey" not in answer:
                return
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def get(self, pk: str, sk: str) -> Item | None:
        """One row or None, strongly consistent."""
        answer = self._call("get_item", "read", Key=_raw({"pk": pk, "sk": sk}), ConsistentRead=True)
        return _item(answer["Item"]) if "Item" in answer else None

    def get_many(self, keys: Sequence[Key]) -> list[Item]:
        """The rows that exist among the keys, strongly consistent."""
        return [item for batch in _batches(keys, READ_BATCH) for item in self._get_batch(batch)]

    def _get_batch(self, keys: Sequence[Key]) -> list[Item]:
        found: list[Item] = []
        wanted: Any = {"Keys": [_raw({"pk": pk, "sk": sk}) for pk, sk in keys], "ConsistentRead": True}
        for attempt in range(ROUNDS):
            answer = self._batch("batch_get_item", "read", wanted)
            found += map(_item, answer["Responses"].get(self._name, []))
            wanted = answer.get("UnprocessedKeys", {}).get(self._name)
            if not wanted:
                return found
            self._pause(0.05 * 2**attempt)
        raise Throttled(f"{len(wanted['Keys'])} keys unread")

    def put_many(self, items: Iterable[Item]) -> None:
        """Write all rows; what the service left over is sent again."""
        for batch in _batches(list(items), WRITE_BATCH):
            self._put_batch([{"PutRequest": {"Item": _raw(item)}} for item in batch])

    def _put_batch(self, wanted: Sequence[Any]) -> None:
        for attempt in range(ROUNDS):
            answer = self._batch("batch_write_item", "write", wanted)
            wanted = answer.get("UnprocessedItems", {}).get(self._name, [])
            if not wanted:
                return
            self._pause(0.05 * 2**attempt)
        raise Throttled(f"{len(wanted)} rows unwritten")

    def put_if(self, put: Put) -> bool:
        """Write one row if its condition holds."""
        return self._conditional("put_item", Item=_raw(put.item), **_condition(put))

    def transact(self, puts: Sequence[Put], delete: Sequence[Key] = ()) -> bool:
        """All or nothing, up to 100 rows."""
        named = {"TableName": self._name}
        acts: list[Any] = [{"Put": named | {"Item": _raw(put.item)} | _condition(put)} for put in puts]
        acts += [{"Delete": named | {"Key": _raw({"pk": pk, "sk": sk})}} for pk, sk in delete]
        try:
            answer = self._client.transact_write_items(TransactItems=acts, **BILLED)
        except self._client.exceptions.TransactionCanceledException as canceled:
            if any(
                r.get("Code") == "ConditionalCheckFailed" for r in canceled.response["CancellationReasons"]
            ):
                return False
            raise
        self._bill("transact_write_items", "write", answer["ConsumedCapacity"])
        return True

    def add(self, pk: str, sk: str, name: str, members: Set[str]) -> frozenset[str]:
        """Add texts to a row's set atomically; the set as it was before."""
        answer = self._call(
            "update_item",
            "write",
            Key=_raw({"pk": pk, "sk": sk}),
            UpdateExpression="ADD #name :members",
            ExpressionAttributeNames={"#name": name},
            ExpressionAttributeValues={":members": {"SS": sorted(members)}},
            ReturnValues="ALL_OLD",
        )
        return frozenset(_item(answer.get("Attributes", {})).get(name, ()))

    def delete(self, pk: str, sk: str) -> None:
        """Remove a row; nothing happens if there is none."""
        self._call("delete_item", "write", Key=_raw({"pk": pk, "sk": sk}))

    def _conditional(self, operation: str, **request: Any) -> bool:
        try:
            self._call(operation, "write", **request)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            return False
        return True

    def _call(self, operation: str, side: str, **request: Any) -> Any:
        answer = getattr(self._client, operation)(TableName=self._name, **BILLED, **request)
        self._bill(operation, side, [answer["ConsumedCapacity"]] if "ConsumedCapacity" in answer else [])
        return answer

    def _batch(self, operation: str, side: str, wanted: Any) -> Any:
        answer = getattr(self._client, operation)(RequestItems={self._name: wanted}, **BILLED)
        self._bill(operation, side, answer.get("ConsumedCapacity", []))
        return answer

    def _bill(self, operation: str, side: str, consumed: Iterable[Mapping[str, float]]) -> None:
        self.calls[operation] += 1
        # Half units exist on the bill, so a count in half units stays whole.
        self.units[side] += int(sum(2 * each["CapacityUnits"] for each in consumed))


def _condition(put: Put) -> dict[str, Any]:
    if put.was is None:
        return {"ConditionExpression": "attribute_not_exists(pk)"}
    return {
        "ConditionExpression": "#field = :was",
        "ExpressionAttributeNames": {"#field": put.field},
        "ExpressionAttributeValues": _raw({":was": put.was}),
    }


def _raw(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _serialize(_sendable(each)) for name, each in item.items()}


def _sendable(value: Any) -> Any:
    return set(value) if isinstance(value, frozenset) else value


def _item(raw: Mapping[str, Any]) -> Item:
    return {name: _deserialize(each) for name, each in raw.items()}


def _batches(whole: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (whole[i : i + size] for i in range(0, len(whole), size))
