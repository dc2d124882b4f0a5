"""The models of the services that the simulator uses: the promises of the ports, and every way to fail."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from dualtrack.adapters.dynamodb import DynamoTable
from dualtrack.adapters.s3 import S3Objects
from dualtrack.adapters.sqs import SqsFifo, SqsQueue
from dualtrack.app.ports import Message, Put
from infra.embedded import Embedded
from tests.contract.conftest import on_aws
from tests.simulator.services.dynamodb import DynamoModel
from tests.simulator.services.nerve import Call, Calm
from tests.simulator.services.s3 import S3Model
from tests.simulator.services.sqs import SqsModel


class Once(Calm):
    """One fault at the first call that can have it."""

    def __init__(self, fault: str) -> None:
        super().__init__()
        self.fault = fault

    def before(self, call: Call) -> str:
        """The fault, once."""
        fault, self.fault = (self.fault, "") if self.fault in call.faults else ("", self.fault)
        return fault


def table_of(nerve: Calm) -> tuple[DynamoTable, DynamoModel]:
    """The real adapter on the model."""
    model = DynamoModel(nerve)
    return DynamoTable(model, "table", lambda seconds: None), model


ROW = {"pk": "p", "sk": "s", "r": 1}
Act = Callable[[DynamoTable], Any]
FAULTS: list[tuple[str, str, Act, type[Exception] | None, Any, bool]] = [
    ("a throttled write", "throttled", lambda t: t.put_many([ROW]), ClientError, None, False),
    ("an unavailable service", "unavailable", lambda t: t.put_many([ROW]), ClientError, None, False),
    ("a lost answer of a write", "lost_answer", lambda t: t.put_many([ROW]), ReadTimeoutError, None, True),
    ("a batch that is taken in part", "unprocessed",
     lambda t: t.put_many([ROW, ROW | {"sk": "t"}]), None, None, True),
    ("a conditional write sent twice sees itself", "resent",
     lambda t: t.put_if(Put(ROW, "r", None)), None, False, True),
    ("a write in another's transaction", "conflict",
     lambda t: t.put_if(Put(ROW, "r", None)), ClientError, None, False),
    ("a canceled transaction", "conflict",
     lambda t: t.transact([Put(ROW, "r", None)]), ClientError, None, False),
    ("an update sent twice sees itself", "resent",
     lambda t: t.add("p", "s", "m", {"x"}), None, frozenset("x"), True),
    ("a read whose answer is lost", "lost_answer", lambda t: t.get("p", "s"), ReadTimeoutError, None, False),
]  # fmt: skip


@pytest.mark.parametrize(
    ("what", "fault", "act", "error", "answer", "there"), FAULTS, ids=[f[0] for f in FAULTS]
)
def test_a_fault_of_the_table_shows_as_the_service_shows_it(
    what: str, fault: str, act: Act, error: type[Exception] | None, answer: Any, there: bool
) -> None:
    nerve = Once(fault)
    table, model = table_of(nerve)
    if error is None:
        assert act(table) == answer
    else:
        with pytest.raises(error):
            act(table)
    assert nerve.fault == "", "the fault was not met"
    assert bool(model.rows.get("p")) == there


def test_an_eventually_consistent_read_may_be_old_and_a_consistent_one_never_is() -> None:
    nerve = Calm()
    table, model = table_of(nerve)
    table.put_many([ROW])
    table.put_many([ROW | {"r": 2}])
    model._nerve = Once("stale")
    key = {"pk": {"S": "p"}, "sk": {"S": "s"}}
    assert model.get_item(Key=key, ConsistentRead=True)["Item"]["r"] == {"N": "2"}
    assert model.get_item(Key=key)["Item"]["r"] == {"N": "1"}


def test_the_stream_tells_of_changes_and_of_nothing_else() -> None:
    table, model = table_of(Calm())
    table.put_many([ROW])
    table.put_many([ROW])
    table.delete("p", "s")
    table.delete("p", "s")
    assert [(record.pk, record.sk) for record in model.stream] == [("p", "s"), ("p", "s")]


def test_a_failed_condition_is_billed() -> None:
    table, model = table_of(Calm())
    table.put_many([ROW])
    before = model.billed["write"]
    assert not table.put_if(Put(ROW, "r", 7))
    assert model.billed["write"] == before + 1


@pytest.mark.parametrize(
    ("fault", "error", "there"),
    [
        ("conflict", ClientError, False),
        ("slow_down", ClientError, False),
        ("lost_answer", ReadTimeoutError, True),
    ],
)
def test_a_fault_of_the_bucket_shows_as_the_service_shows_it(
    fault: str, error: type[Exception], there: bool
) -> None:
    model = S3Model(Once(fault))
    with pytest.raises(error):
        S3Objects(model, "bucket").create("key", b"data")
    assert ("key" in model.objects) == there


def test_an_object_that_is_created_twice_by_a_retry_was_there_already() -> None:
    assert S3Objects(S3Model(Once("resent")), "bucket").create("key", b"data") is False


def test_a_queue_refuses_a_part_hides_what_was_received_and_brings_it_again() -> None:
    nerve = Once("partial")
    model = SqsModel(nerve)
    url = model.create("queue")
    assert SqsQueue(model, url).send(["a", "b"]) == [1]
    [message] = model.receive(url, 10, timedelta(minutes=6))
    assert model.receive(url, 10, timedelta(minutes=6)) == []
    nerve.time += timedelta(minutes=6)
    [again] = model.receive(url, 10, timedelta(minutes=6))
    assert (again.id, again.receives) == (message.id, 2)


def test_a_fifo_queue_forgets_an_id_after_five_minutes() -> None:
    nerve = Calm()
    model = SqsModel(nerve)
    queue = SqsFifo(model, model.create("queue", fifo=True))
    for minutes, taken in ((0, 1), (4, 1), (6, 2)):
        nerve.time += timedelta(minutes=minutes)
        queue.send([Message("id", "group", "body")])
        assert len(model.accepted) == taken


def test_every_call_is_billed_as_the_embedded_aws_bills_it(server: Embedded) -> None:
    """The same calls on both, from rows of some bytes to rows of several kilobytes."""
    there = on_aws(server.client).table
    here = table_of(Calm())[0]
    for table in (there, here):
        assert isinstance(table, DynamoTable)
    for n, size in enumerate((1, 100, 900, 1000, 1100, 3000, 9000)):
        item = {"pk": "p", "sk": f"s{n}", "r": n * 1000, "text": "x" * size, "on": True, "none": None,
                "list": ["a", n], "map": {"x": "y", "n": -n}, "set": {"a", "b" * n or "c"}}  # fmt: skip
        for step in STEPS:
            if step not in DEVIATES:
                assert _units(there, step, item) == _units(here, step, item), (step, size)
            else:
                STEPS[step](there, item)


# What the embedded AWS does not bill as the documentation says; the model follows the documentation. It also
# counts characters where AWS counts bytes, so the rows here are ASCII.
DEVIATES = {
    "get": "it bills one unit for a row, whatever its size",
    "get many": "it reports no units for BatchGetItem",
    "query": "it bills one unit for four rows, whatever their size",
}
STEPS: dict[str, Callable[[DynamoTable, dict[str, Any]], Any]] = {
    "put": lambda t, i: t.put_many([i]),
    "put again, smaller": lambda t, i: t.put_many([i | {"text": ""}]),
    "put if": lambda t, i: t.put_if(Put(i, "r", i["r"])),
    "get": lambda t, i: t.get(i["pk"], i["sk"]),
    "get nothing": lambda t, i: t.get("nobody", "s"),
    "get many": lambda t, i: t.get_many([(i["pk"], i["sk"]), ("nobody", "s")]),
    "query": lambda t, i: t.query("p", "a", "z"),
    "query nothing": lambda t, i: t.query("nobody", "a", "z"),
    "add": lambda t, i: t.add(i["pk"], i["sk"], "set", {"more" * 50}),
    "transact": lambda t, i: t.transact(
        [Put(i, "r", i["r"]), Put({"pk": "q", "sk": i["sk"], "r": 1}, "r", None)]
    ),
    "delete": lambda t, i: t.delete("q", i["sk"]),
}


def _units(table: Any, step: str, item: dict[str, Any]) -> tuple[dict[str, int], str]:
    table.units.clear()
    answer = STEPS[step](table, item)
    return dict(table.units), repr(answer) if isinstance(answer, bool) else ""
