"""What every adapter of a port has to do."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from dualtrack.app.ports import Item, Message, Missing, Put
from tests.contract.conftest import Ports


def row(sk: str, **attributes: Any) -> Item:
    return {"pk": "P", "sk": sk} | attributes


def test_a_query_gives_a_range_of_one_partition_in_order(ports: Ports) -> None:
    ports.table.put_many([row(f"A#{n:03d}", n=Decimal(n)) for n in reversed(range(120))])
    ports.table.put_many([row("B#1"), {"pk": "Q", "sk": "A#001"}])
    assert [r["sk"] for r in ports.table.query("P", "A#", "A#~")] == [f"A#{n:03d}" for n in range(120)]
    assert [r["sk"] for r in ports.table.query("P", "A#010", "A#011")] == ["A#010", "A#011"]


@pytest.mark.parametrize("last_first", [False, True])
def test_a_query_reads_all_pages_in_either_order(ports: Ports, last_first: bool) -> None:
    ports.table.put_many([row(f"{n:03d}", text="x" * 20_000) for n in range(70)])
    found = [item["sk"] for item in ports.table.query("P", "0", "~", last_first)]
    assert found == sorted((f"{n:03d}" for n in range(70)), reverse=last_first)


def test_the_partitions_of_a_table_are_listed_from_all_of_its_pages(ports: Ports) -> None:
    ports.table.put_many([row(f"{n:03d}", text="x" * 20_000) for n in range(70)])
    ports.table.put_many([{"pk": "Q", "sk": "1"}, {"pk": "gone", "sk": "1"}])
    ports.table.delete("gone", "1")
    assert ports.table.partitions() == {"P", "Q"}


def test_decimals_texts_sets_and_maps_come_back_as_they_were(ports: Ports) -> None:
    item = row("x", v={"amount": Decimal("12.50"), "name": "张三"}, x=True, sealed=b"\x00\xff")
    ports.table.put_many([item])
    assert ports.table.get("P", "x") == item
    assert ports.table.get("P", "nothing") is None


def test_get_many_gives_those_that_exist(ports: Ports) -> None:
    ports.table.put_many([row(f"{n:03d}") for n in range(150)])
    keys = [("P", f"{n:03d}") for n in range(0, 300, 2)]
    assert len(ports.table.get_many(keys)) == 75


def test_a_row_is_put_only_if_it_is_absent_or_as_expected(ports: Ports) -> None:
    assert ports.table.put_if(Put(row("x", r=1), "r", None))
    assert not ports.table.put_if(Put(row("x", r=5), "r", None))
    assert not ports.table.put_if(Put(row("x", r=5), "r", 4))
    assert ports.table.put_if(Put(row("x", r=2), "r", 1))
    assert ports.table.get("P", "x")["r"] == 2


def test_a_transaction_is_all_or_nothing(ports: Ports) -> None:
    ports.table.put_many([row("lock")])
    assert not ports.table.transact([Put(row("a"), "pk", None), Put(row("lock"), "pk", None)])
    assert ports.table.get("P", "a") is None
    assert ports.table.transact([Put(row("a"), "pk", None)], delete=[("P", "lock")])
    assert ports.table.get("P", "lock") is None


def test_adding_to_a_set_tells_what_was_there_before(ports: Ports) -> None:
    assert ports.table.add("P", "L", "s", {"one"}) == frozenset()
    assert ports.table.add("P", "L", "s", {"two", "three"}) == {"one"}
    assert ports.table.add("P", "L", "s", {"two"}) == {"one", "two", "three"}


def test_deleting_what_is_not_there_changes_nothing(ports: Ports) -> None:
    ports.table.delete("P", "x")
    ports.table.put_many([row("x")])
    ports.table.delete("P", "x")
    assert ports.table.get("P", "x") is None


def test_an_object_is_created_once(ports: Ports) -> None:
    assert ports.objects.create("a/1", b"first")
    assert not ports.objects.create("a/1", b"second")
    assert ports.objects.read("a/1") == b"first"


def test_objects_are_listed_by_prefix_and_missing_ones_are_said_so(ports: Ports) -> None:
    for key in ("b/2", "b/1", "c/1"):
        ports.objects.put(key, b"x")
    assert ports.objects.list("b/") == ["b/1", "b/2"]
    with pytest.raises(Missing):
        ports.objects.read("b/3")


def test_a_queue_takes_more_than_a_batch_and_more_than_a_call_can_carry(ports: Ports) -> None:
    assert ports.queue.send([f"{n}" for n in range(23)]) == []
    assert ports.queue.send(["x" * 150_000 for _ in range(4)]) == []
    assert ports.queue.waiting() == 27


def test_a_fifo_queue_takes_the_same_payout_again_without_effect(ports: Ports) -> None:
    messages = [Message(f"id{n}", f"g{n % 3}", f"body {n}") for n in range(12)]
    assert ports.fifo.send(messages) == []
    assert ports.fifo.send(messages) == []
