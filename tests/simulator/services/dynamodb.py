"""DynamoDB as the table's adapter sees it: one table, the operations that are used, every way they fail."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError, ReadTimeoutError

from tests.simulator.services import capacity
from tests.simulator.services.nerve import Call, Nerve

Wire = dict[str, Any]
PAGE = 1_000_000
LARGEST = 400 * 1024
READ_FAULTS = ("throttled", "unavailable", "lost_answer")
WRITE_FAULTS = ("throttled", "unavailable", "lost_answer", "resent", "conflict")
BATCH_FAULTS = ("throttled", "unavailable", "lost_answer", "resent", "unprocessed")
ERRORS = {
    "throttled": "ProvisionedThroughputExceededException",
    "unavailable": "InternalServerError",
    "conflict": "TransactionConflictException",
}


class TransactionCanceled(ClientError):  # type: ignore[misc]
    """What boto3 makes of a canceled transaction."""


@dataclass(frozen=True, slots=True)
class Record:
    """One change of one row, as the stream tells it."""

    sequence: int
    pk: str
    sk: str
    time: datetime


class DynamoModel:
    """A boto3 client of one table. ``billed`` counts units, those of failed conditions included."""

    exceptions = SimpleNamespace(TransactionCanceledException=TransactionCanceled)

    def __init__(self, nerve: Nerve) -> None:
        self._nerve = nerve
        self.rows: dict[str, dict[str, Wire]] = {}
        self.stream: list[Record] = []
        self.refused = 0
        self.billed: dict[str, float] = {"read": 0, "write": 0}
        self._was: dict[str, tuple[str, Wire | None]] = {}  # by partition: the row written last, before that

    def get_item(self, **ask: Any) -> dict[str, Any]:
        """One row."""
        pk, sk = _key(ask["Key"])
        consistent = ask.get("ConsistentRead", False)

        def effect(fault: str) -> dict[str, Any]:
            found = self._read(pk, consistent, fault).get(sk)
            units = capacity.read_units(capacity.size(found or {}), consistent)
            return ({"Item": deepcopy(found)} if found else {}) | self._bill("read", units)

        faults = READ_FAULTS if consistent else (*READ_FAULTS, "stale")
        return self._call("get_item", f"{pk} {sk}", faults, effect)

    def query(self, **ask: Any) -> dict[str, Any]:
        """A page of a partition's range."""
        pk, low, high = (ask["ExpressionAttributeValues"][name]["S"] for name in (":pk", ":low", ":high"))
        start = ask.get("ExclusiveStartKey", {}).get("sk", {}).get("S", "")
        consistent = ask.get("ConsistentRead", False)
        back = not ask.get("ScanIndexForward", True)

        def effect(fault: str) -> dict[str, Any]:
            rows = self._read(pk, consistent, fault)
            found, total = [], 0
            wanted = (sk for sk in rows if low <= sk <= high)
            after = [sk for sk in wanted if not start or (sk < start if back else sk > start)]
            for sk in sorted(after, reverse=back):
                found.append(deepcopy(rows[sk]))
                total += capacity.size(rows[sk])
                if total > PAGE:
                    last = {"LastEvaluatedKey": {"pk": {"S": pk}, "sk": {"S": sk}}}
                    return (
                        {"Items": found} | last | self._bill("read", capacity.read_units(total, consistent))
                    )
            return {"Items": found} | self._bill("read", capacity.read_units(total, consistent))

        faults = READ_FAULTS if consistent else (*READ_FAULTS, "stale")
        return self._call("query", f"{pk} {low}…", faults, effect)

    def batch_get_item(self, **ask: Any) -> dict[str, Any]:
        """Up to 100 rows; some may be left over."""
        [(name, wanted)] = ask["RequestItems"].items()
        consistent = wanted.get("ConsistentRead", False)

        def effect(fault: str) -> dict[str, Any]:
            keys, left = self._part(wanted["Keys"], fault)
            found, units = [], 0.0
            for pk, sk in map(_key, keys):
                item = self.rows.get(pk, {}).get(sk)
                units += capacity.read_units(capacity.size(item or {}), consistent)
                found += [deepcopy(item)] if item else []
            rest = {"UnprocessedKeys": {name: wanted | {"Keys": left}}} if left else {}
            return {"Responses": {name: found}} | rest | self._bill("read", units, many=True)

        return self._call(
            "batch_get_item", f"{len(wanted['Keys'])} keys", (*READ_FAULTS, "unprocessed"), effect
        )

    def batch_write_item(self, **ask: Any) -> dict[str, Any]:
        """Up to 25 puts, in no order; some may be left over."""
        [(name, wanted)] = ask["RequestItems"].items()
        keys = [_key(each["PutRequest"]["Item"]) for each in wanted]
        if len(keys) > 25 or len(set(keys)) < len(keys):
            raise _error("ValidationException", "batch_write_item")

        def effect(fault: str) -> dict[str, Any]:
            taken, left = self._part(wanted, fault)
            units = sum(self._write(each["PutRequest"]["Item"]) for each in taken)
            rest = {"UnprocessedItems": {name: left}} if left else {}
            return rest | self._bill("write", units, many=True)

        return self._call("batch_write_item", " ".join(sk for _, sk in keys), BATCH_FAULTS, effect)

    def put_item(self, **ask: Any) -> dict[str, Any]:
        """One row, if its condition holds."""
        item = ask["Item"]

        def effect(fault: str) -> dict[str, Any]:
            self._check(ask, item, "put_item")
            return self._bill("write", self._write(item))

        return self._call("put_item", " ".join(_key(item)), WRITE_FAULTS, effect)

    def update_item(self, **ask: Any) -> dict[str, Any]:
        """ADD members to a set; answers with the row as it was."""
        pk, sk = _key(ask["Key"])
        name = ask["ExpressionAttributeNames"]["#name"]
        members = ask["ExpressionAttributeValues"][":members"]["SS"]

        def effect(fault: str) -> dict[str, Any]:
            old = self.rows.get(pk, {}).get(sk)
            before = old.get(name, {}).get("SS", []) if old else []
            new = deepcopy(old or ask["Key"]) | {name: {"SS": sorted({*before, *members})}}
            answer = {"Attributes": deepcopy(old)} if old else {}
            return answer | self._bill("write", self._write(new))

        return self._call("update_item", f"{pk} {sk}", WRITE_FAULTS, effect)

    def delete_item(self, **ask: Any) -> dict[str, Any]:
        """Remove a row."""
        pk, sk = _key(ask["Key"])
        return self._call(
            "delete_item", f"{pk} {sk}", WRITE_FAULTS, lambda _: self._bill("write", self._remove(pk, sk))
        )

    def transact_write_items(self, **ask: Any) -> dict[str, Any]:
        """All or nothing."""
        acts = ask["TransactItems"]

        def effect(fault: str) -> dict[str, Any]:
            if fault == "conflict":
                self._cancel(["TransactionConflict"] + ["None"] * (len(acts) - 1))
            codes = ["None" if self._allows(act) else "ConditionalCheckFailed" for act in acts]
            if set(codes) != {"None"}:
                self.billed["write"] += capacity.TRANSACTION * len(acts)
                self._cancel(codes)
            units = sum(self._act(act) for act in acts)
            return self._bill("write", capacity.TRANSACTION * units, many=True)

        where = " + ".join(" ".join(_key(_target(act))) for act in acts)
        return self._call("transact_write_items", where, WRITE_FAULTS, effect)

    def _cancel(self, codes: Sequence[str]) -> None:
        error = {"Code": "TransactionCanceledException", "Message": str(codes)}
        reasons = [{"Code": code} for code in codes]
        said: Any = {"Error": error, "CancellationReasons": reasons}
        raise TransactionCanceled(said, "TransactWriteItems")

    def _allows(self, act: Mapping[str, Any]) -> bool:
        return "Delete" in act or self._holds(act["Put"], act["Put"]["Item"])

    def _act(self, act: Mapping[str, Any]) -> int:
        if "Put" in act:
            return self._write(act["Put"]["Item"])
        return self._remove(*_key(act["Delete"]["Key"]))

    def _call(
        self, operation: str, where: str, faults: tuple[str, ...], effect: Callable[[str], dict[str, Any]]
    ) -> dict[str, Any]:
        call = Call("dynamodb", operation, where, faults)
        fault = self._nerve.before(call)
        if fault in ERRORS and not (fault == "conflict" and operation == "transact_write_items"):
            raise _error(ERRORS[fault], operation)
        if fault == "resent":  # the answer was lost, and botocore asks again by itself
            effect(fault)
        answer = effect(fault)
        self._nerve.after(call)
        if fault == "lost_answer":
            raise ReadTimeoutError(endpoint_url="dynamodb")
        return answer

    def _part(self, wanted: Sequence[Any], fault: str) -> tuple[Sequence[Any], Sequence[Any]]:
        if fault != "unprocessed" or len(wanted) < 2:
            return wanted, []
        cut = 1 + int(self._nerve.fraction() * (len(wanted) - 1))
        return wanted[:cut], wanted[cut:]

    def _read(self, pk: str, consistent: bool, fault: str) -> Mapping[str, Wire]:
        rows = self.rows.get(pk, {})
        if consistent or fault != "stale" or pk not in self._was:
            return rows
        sk, old = self._was[pk]
        others = {name: item for name, item in rows.items() if name != sk}
        return others | ({sk: old} if old else {})

    def _check(self, ask: Mapping[str, Any], item: Wire, operation: str) -> None:
        if not self._holds(ask, item):
            pk, sk = _key(item)
            self.billed["write"] += capacity.write_units(self.rows.get(pk, {}).get(sk), None)
            self.refused += 1
            raise _error("ConditionalCheckFailedException", operation)

    def _holds(self, ask: Mapping[str, Any], item: Wire) -> bool:
        condition = ask.get("ConditionExpression")
        pk, sk = _key(item)
        old = self.rows.get(pk, {}).get(sk)
        if condition is None:
            return True
        if condition == "attribute_not_exists(pk)":
            return old is None
        name = ask["ExpressionAttributeNames"]["#field"]
        return old is not None and old.get(name) == ask["ExpressionAttributeValues"][":was"]

    def _write(self, item: Wire) -> int:
        if capacity.size(item) > LARGEST:
            raise _error("ValidationException", "put")
        pk, sk = _key(item)
        rows = self.rows.setdefault(pk, {})
        old = rows.get(sk)
        if old != item:
            rows[sk] = deepcopy(item)
            self._tell(pk, sk, old)
        return capacity.write_units(old, item)

    def _remove(self, pk: str, sk: str) -> int:
        old = self.rows.get(pk, {}).pop(sk, None)
        if old is not None:
            self._tell(pk, sk, old)
        return capacity.write_units(old, None)

    def _tell(self, pk: str, sk: str, old: Wire | None) -> None:
        self._was[pk] = sk, old
        self.stream.append(Record(len(self.stream), pk, sk, self._nerve.now()))

    def _bill(self, side: str, units: float, many: bool = False) -> dict[str, Any]:
        self.billed[side] += units
        consumed = {"CapacityUnits": float(units)}
        return {"ConsumedCapacity": [consumed] if many else consumed}


def _key(item: Wire) -> tuple[str, str]:
    return item["pk"]["S"], item["sk"]["S"]


def _target(act: Mapping[str, Any]) -> Wire:
    found: Wire = act["Put"]["Item"] if "Put" in act else act["Delete"]["Key"]
    return found


def _error(code: str, operation: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": code}}, operation)
