"""DynamoDB as the table's adapter sees it: one table, the operations that are used, every way they fail."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from typing import Any, TypeVar

from botocore.exceptions import ReadTimeoutError

from tests.simulator.services import capacity
from tests.simulator.services.nerve import Call, Nerve
from tests.simulator.services.wire import (
    ERRORS,
    TransactionCanceled,
    Wire,
    error,
    key,
    named,
    page_of,
    target,
)

T = TypeVar("T")
LARGEST = 400 * 1024
READ_FAULTS = ("throttled", "unavailable", "lost_answer")
WRITE_FAULTS = ("throttled", "unavailable", "lost_answer", "resent", "conflict")
# A transaction carries a token: the same one sent again by botocore is answered like the first.
TRANSACTION_FAULTS = ("throttled", "unavailable", "lost_answer", "conflict")
BATCH_FAULTS = ("throttled", "unavailable", "lost_answer", "resent", "unprocessed")


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
        pk, sk = key(ask["Key"])
        consistent = ask.get("ConsistentRead", False)

        def effect(fault: str) -> dict[str, Any]:
            found = self._read(pk, consistent, fault).get(sk)
            units = capacity.read_units(capacity.size(found or {}), consistent)
            return ({"Item": deepcopy(found)} if found else {}) | self._bill("read", units)

        faults = READ_FAULTS if consistent else (*READ_FAULTS, "stale")
        return self._call("get_item", f"{pk} {sk}", faults, effect, pk)

    def query(self, **ask: Any) -> dict[str, Any]:
        """A page of a partition's range. Its rows are read one after another: it is no snapshot."""
        pk, low, high = (ask["ExpressionAttributeValues"][name]["S"] for name in (":pk", ":low", ":high"))
        start = ask.get("ExclusiveStartKey", {}).get("sk", {}).get("S", "")
        consistent = ask.get("ConsistentRead", False)
        back = not ask.get("ScanIndexForward", True)

        def after(last: str, fault: str) -> list[Wire]:
            rows = self._read(pk, consistent, fault)
            wanted = (sk for sk in rows if low <= sk <= high)
            left = (sk for sk in wanted if not last or (sk < last if back else sk > last))
            return [deepcopy(rows[sk]) for sk in sorted(left, reverse=back)]

        def effect(fault: str) -> dict[str, Any]:
            found = after(start, fault)
            first = self._nerve.cut(len(found))
            if first < len(found):
                self._nerve.others()
                found[first:] = after(found[first - 1]["sk"]["S"], fault)
            page, units = page_of(found, consistent)
            more = {"LastEvaluatedKey": named(page[-1])} if len(page) < len(found) else {}
            return {"Items": page} | more | self._bill("read", units)

        faults = READ_FAULTS if consistent else (*READ_FAULTS, "stale")
        return self._call("query", f"{pk} {low}…", faults, effect, pk)

    def scan(self, **ask: Any) -> dict[str, Any]:
        """The keys of all rows, on one page: only an audit asks for them."""

        def effect(fault: str) -> dict[str, Any]:
            found = [{"pk": {"S": pk}} for pk, rows in self.rows.items() for _ in rows]
            total = sum(capacity.size(item) for rows in self.rows.values() for item in rows.values())
            return {"Items": found} | self._bill("read", capacity.read_units(total))

        return self._call("scan", "", READ_FAULTS, effect, "")

    def batch_get_item(self, **ask: Any) -> dict[str, Any]:
        """Up to 100 rows; some may be left over."""
        [(name, wanted)] = ask["RequestItems"].items()
        consistent = wanted.get("ConsistentRead", False)

        def effect(fault: str) -> dict[str, Any]:
            keys, left = self._part(wanted["Keys"], fault, key)
            found, units = [], 0.0
            for pk, sk in map(key, self._one_by_one(keys)):
                item = self.rows.get(pk, {}).get(sk)
                units += capacity.read_units(capacity.size(item or {}), consistent)
                found += [deepcopy(item)] if item else []
            rest = {"UnprocessedKeys": {name: wanted | {"Keys": left}}} if left else {}
            return {"Responses": {name: found}} | rest | self._bill("read", units, many=True)

        where, first = f"{len(wanted['Keys'])} keys", key(wanted["Keys"][0])[0]
        return self._call("batch_get_item", where, (*READ_FAULTS, "unprocessed"), effect, first)

    def batch_write_item(self, **ask: Any) -> dict[str, Any]:
        """Up to 25 puts, one after another in no order; some may be left over."""
        [(name, wanted)] = ask["RequestItems"].items()
        keys = [key(each["PutRequest"]["Item"]) for each in wanted]
        if len(keys) > 25 or len(set(keys)) < len(keys):
            raise error("ValidationException", "batch_write_item")

        def effect(fault: str) -> dict[str, Any]:
            taken, left = self._part(wanted, fault, lambda each: key(each["PutRequest"]["Item"]))
            units = sum(self._write(each["PutRequest"]["Item"]) for each in self._one_by_one(taken))
            rest = {"UnprocessedItems": {name: left}} if left else {}
            return rest | self._bill("write", units, many=True)

        where = " ".join(sk for _, sk in keys)
        return self._call("batch_write_item", where, BATCH_FAULTS, effect, keys[0][0])

    def put_item(self, **ask: Any) -> dict[str, Any]:
        """One row, if its condition holds."""
        item = ask["Item"]

        def effect(fault: str) -> dict[str, Any]:
            self._check(ask, item, "put_item")
            return self._bill("write", self._write(item))

        return self._call("put_item", " ".join(key(item)), WRITE_FAULTS, effect, key(item)[0])

    def update_item(self, **ask: Any) -> dict[str, Any]:
        """ADD members to a set; answers with the row as it was."""
        pk, sk = key(ask["Key"])
        name = ask["ExpressionAttributeNames"]["#name"]
        members = ask["ExpressionAttributeValues"][":members"]["SS"]

        def effect(fault: str) -> dict[str, Any]:
            old = self.rows.get(pk, {}).get(sk)
            before = old.get(name, {}).get("SS", []) if old else []
            new = deepcopy(old or ask["Key"]) | {name: {"SS": sorted({*before, *members})}}
            answer = {"Attributes": deepcopy(old)} if old else {}
            return answer | self._bill("write", self._write(new))

        return self._call("update_item", f"{pk} {sk}", WRITE_FAULTS, effect, pk)

    def delete_item(self, **ask: Any) -> dict[str, Any]:
        """Remove a row."""
        pk, sk = key(ask["Key"])

        def effect(fault: str) -> dict[str, Any]:
            return self._bill("write", self._remove(pk, sk))

        return self._call("delete_item", f"{pk} {sk}", WRITE_FAULTS, effect, pk)

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

        where = " + ".join(" ".join(key(target(act))) for act in acts)
        return self._call("transact_write_items", where, TRANSACTION_FAULTS, effect, key(target(acts[0]))[0])

    def _cancel(self, codes: Sequence[str]) -> None:
        what = {"Code": "TransactionCanceledException", "Message": str(codes)}
        said: Any = {"Error": what, "CancellationReasons": [{"Code": code} for code in codes]}
        raise TransactionCanceled(said, "TransactWriteItems")

    def _allows(self, act: Mapping[str, Any]) -> bool:
        return "Delete" in act or self._holds(act["Put"], act["Put"]["Item"])

    def _act(self, act: Mapping[str, Any]) -> int:
        if "Put" in act:
            return self._write(act["Put"]["Item"])
        return self._remove(*key(act["Delete"]["Key"]))

    def _call(
        self,
        operation: str,
        where: str,
        faults: tuple[str, ...],
        effect: Callable[[str], dict[str, Any]],
        partition: str,
    ) -> dict[str, Any]:
        call = Call("dynamodb", operation, where, faults, partition)
        fault = self._nerve.before(call)
        if fault in ERRORS and not (fault == "conflict" and operation == "transact_write_items"):
            raise error(ERRORS[fault], operation)
        if fault == "resent":  # the answer was lost, and botocore asks again by itself
            effect(fault)
        answer = effect(fault)
        self._nerve.after(call)
        if fault == "lost_answer":
            raise ReadTimeoutError(endpoint_url="dynamodb")
        return answer

    def _part(
        self, wanted: Sequence[Any], fault: str, of: Callable[[Any], tuple[str, str]]
    ) -> tuple[Sequence[Any], Sequence[Any]]:
        """What a batch takes and what it leaves over: rows of hot partitions, and any others."""
        hot = {pk for pk in dict.fromkeys(of(each)[0] for each in wanted) if self._nerve.hot(pk)}
        left = [each for each in wanted if of(each)[0] in hot]
        taken = self._nerve.shuffled([each for each in wanted if of(each)[0] not in hot])
        if fault == "unprocessed" and len(taken) > 1:
            cut = 1 + int(self._nerve.fraction() * (len(taken) - 1))
            taken, left = taken[:cut], left + taken[cut:]
        return taken, left

    def _one_by_one(self, several: Sequence[T]) -> Iterator[T]:
        """A batch is no transaction: somebody may come between two of its rows."""
        first = self._nerve.cut(len(several))
        yield from several[:first]
        if first < len(several):
            self._nerve.others()
        yield from several[first:]

    def _read(self, pk: str, consistent: bool, fault: str) -> Mapping[str, Wire]:
        rows = self.rows.get(pk, {})
        if consistent or fault != "stale" or pk not in self._was:
            return rows
        sk, old = self._was[pk]
        others = {name: item for name, item in rows.items() if name != sk}
        return others | ({sk: old} if old else {})

    def _check(self, ask: Mapping[str, Any], item: Wire, operation: str) -> None:
        if not self._holds(ask, item):
            pk, sk = key(item)
            self.billed["write"] += capacity.write_units(self.rows.get(pk, {}).get(sk), None)
            self.refused += 1
            raise error("ConditionalCheckFailedException", operation)

    def _holds(self, ask: Mapping[str, Any], item: Wire) -> bool:
        condition = ask.get("ConditionExpression")
        pk, sk = key(item)
        old = self.rows.get(pk, {}).get(sk)
        if condition is None:
            return True
        if condition == "attribute_not_exists(pk)":
            return old is None
        name = ask["ExpressionAttributeNames"]["#field"]
        return old is not None and old.get(name) == ask["ExpressionAttributeValues"][":was"]

    def _write(self, item: Wire) -> int:
        if capacity.size(item) > LARGEST:
            raise error("ValidationException", "put")
        pk, sk = key(item)
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
