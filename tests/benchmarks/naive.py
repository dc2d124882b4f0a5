"""The naive design, really built: what most teams would write, and what vendors' guides show.

One event in a message; an idempotency table (in progress, then completed: AWS Lambda Powertools,
"Idempotency"); one transaction an event with the fact and a counter of the day; an index by employee
and period with all attributes; the score recomputed by a query over the employee's whole period
through the index, and put. Right in the easy case: no moves, no conflicts, no late facts.

Writes are billed as the service reports them, the index included. The embedded AWS reports a query by
its rows and not by its size, so queries are billed by the documented rule instead.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from tests.simulator.services import capacity

_typed = TypeSerializer().serialize
_read = TypeDeserializer().deserialize
TARGET = Decimal(1_000_000)
BILLED = {"ReturnConsumedCapacity": "INDEXES"}


class Naive:
    """Facts and scores in one table with an index, ids in another. ``units`` are half units."""

    def __init__(self, client: Any, name: str) -> None:
        self._client, self._facts, self._ids = client, f"{name}-facts", f"{name}-ids"
        self.units: Counter[str] = Counter()
        self.calls = 0

    def create(self) -> None:
        """Both tables."""
        key = [{"AttributeName": "id", "KeyType": "HASH"}]
        index = {
            "IndexName": "by-period",
            "KeySchema": [
                {"AttributeName": "period", "KeyType": "HASH"},
                {"AttributeName": "day", "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "ALL"},
        }
        said = {"BillingMode": "PAY_PER_REQUEST", "KeySchema": key}
        named = [{"AttributeName": name, "AttributeType": "S"} for name in ("id", "period", "day")]
        self._client.create_table(
            TableName=self._facts, AttributeDefinitions=named, GlobalSecondaryIndexes=[index], **said
        )
        self._client.create_table(TableName=self._ids, AttributeDefinitions=named[:1], **said)

    def load(self, events: Sequence[Mapping[str, Any]]) -> None:
        """A history without its price: facts only."""
        for start in range(0, len(events), 25):
            items = [self._fact(each, _period(each)) for each in events[start : start + 25]]
            puts = [{"PutRequest": {"Item": _item(item)}} for item in items]
            self._client.batch_write_item(RequestItems={self._facts: puts})

    def take(self, event: Mapping[str, Any]) -> None:
        """One event: claim its id, write, score, complete the id."""
        if not self._claim(event["id"]):
            return
        self._write(event, _period(event))
        self._score(_period(event))
        self._complete(event["id"])

    def _claim(self, name: str) -> bool:
        item = _item({"id": name, "status": "INPROGRESS", "expiration": 1_800_000_000})
        absent = {"ConditionExpression": "attribute_not_exists(id)"}
        try:
            self._put(self._ids, item, **absent)
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def _complete(self, name: str) -> None:
        said = {"id": name, "status": "COMPLETED", "expiration": 1_800_000_000, "data": '{"status":"ok"}'}
        self._put(self._ids, _item(said))

    def _write(self, event: Mapping[str, Any], period: str) -> None:
        data = event["data"]
        counter = {
            "TableName": self._facts,
            "Key": _item({"id": f"day#{period}#{data['day']}"}),
            "UpdateExpression": "ADD spent :spent, events :one",
            "ExpressionAttributeValues": _item({":spent": Decimal(data["spent"]), ":one": Decimal(1)}),
        }
        acts = [
            {"Put": {"TableName": self._facts, "Item": _item(self._fact(event, period))}},
            {"Update": counter},
        ]
        self._wrote(self._client.transact_write_items(TransactItems=acts, **BILLED)["ConsumedCapacity"])

    def _fact(self, event: Mapping[str, Any], period: str) -> dict[str, Any]:
        data = event["data"]
        return {"id": f"fact#{event['id']}", "period": period, "day": data["day"], "source": event["source"],
                "kind": event["type"], "said": json.dumps(data), "spent": Decimal(data["spent"]),
                "net": Decimal(data["net"])}  # fmt: skip

    def _score(self, period: str) -> None:
        facts = list(self._period(period))
        spent = sum((Decimal(fact["spent"]) for fact in facts), Decimal(0))
        net = sum((Decimal(fact["net"]) for fact in facts), Decimal(0))
        points = {"spent": str(round(100 * spent / TARGET, 6)), "roi": str(round(net / spent, 6))}
        said = {"id": f"score#{period}", "points": points, "events": len(facts)}
        self._put(self._facts, _item(said))

    def _period(self, period: str) -> Iterable[Mapping[str, Any]]:
        """All facts of the period, page by page: the history is read for every event."""
        request: dict[str, Any] = {
            "TableName": self._facts,
            "IndexName": "by-period",
            "KeyConditionExpression": "period = :period",
            "ExpressionAttributeValues": _item({":period": period}),
        }
        while True:
            answer = self._client.query(**request)
            self.calls += 1
            self.units["read"] += int(
                2 * capacity.read_units(sum(map(capacity.size, answer["Items"])), False)
            )
            yield from ({name: _read(each) for name, each in item.items()} for item in answer["Items"])
            if "LastEvaluatedKey" not in answer:
                return
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def points(self, period: str) -> Mapping[str, str]:
        """The score of a period as it stands."""
        item = self._client.get_item(TableName=self._facts, Key=_item({"id": f"score#{period}"}))["Item"]
        found: Mapping[str, str] = _read(item["points"])
        return found

    def _put(self, table: str, item: Mapping[str, Any], **condition: Any) -> None:
        answer = self._client.put_item(TableName=table, Item=item, **condition, **BILLED)
        self._wrote([answer["ConsumedCapacity"]])

    def _wrote(self, consumed: Iterable[Mapping[str, float]]) -> None:
        self.calls += 1
        self.units["write"] += int(sum(2 * each["CapacityUnits"] for each in consumed))


def _period(event: Mapping[str, Any]) -> str:
    return f"{event['data']['owner']['id']}#{event['data']['day'][:7]}"


def _item(said: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _typed(each) for name, each in said.items()}
