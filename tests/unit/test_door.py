"""The HTTP door: what it answers, and that nothing that was acknowledged is lost."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from dualtrack.adapters.door import EVENT_BYTES, answer, arrivals
from dualtrack.adapters.memory import MemoryObjects, MemoryQueue
from dualtrack.app import quarantine
from dualtrack.app.counts import counts, log_lines
from dualtrack.app.events import unpack
from dualtrack.app.receive import Arrival, receive
from tests.support.events import deal, employee
from tests.support.world import World

GOOD = deal("D1", "ann")


class Deaf(MemoryQueue):
    """A queue that accepts only some of the messages."""

    def __init__(self, refused: Sequence[int]) -> None:
        super().__init__()
        self.refused = refused

    def send(self, bodies: Sequence[str]) -> list[int]:
        super().send([body for i, body in enumerate(bodies) if i not in self.refused])
        return list(self.refused)


def post(world: World, body: bytes) -> tuple[int, dict[str, Any]]:
    """A request, through the door, until everything is still."""

    def check(event: Mapping[str, Any]) -> object:
        return world.mapper(world.now)(event, world.now, world.zone)

    found, readable = arrivals({"body": b64encode(body).decode(), "isBase64Encoded": True}, check)
    status, said = answer(receive(found, world.ingest, world.intake), readable)
    json.dumps(said).encode()
    world.drain()
    return status, said


def nested(depth: int) -> bytes:
    """A deal with a list so deep in its data."""
    text = json.dumps(GOOD).replace(
        '"account": "Acme"', '"account": "Acme", "deep": ' + "[" * depth + "]" * depth
    )
    return text.encode()


def valued(number: str) -> bytes:
    """A deal whose value is written as this number."""
    return json.dumps(GOOD).replace('"900"', number).encode()


BODIES: dict[str, tuple[bytes, int, str]] = {
    "one good event": (json.dumps(GOOD).encode(), 202, ""),
    "an array of good events": (json.dumps([GOOD, deal("D2", "ann")]).encode(), 202, ""),
    "good and bad": (json.dumps([GOOD, {"id": "x"}]).encode(), 207, "bad_envelope"),
    "another source": (json.dumps(GOOD | {"source": "erp"}).encode(), 207, "unknown_source"),
    "bad UTF-8": (b'{"id":"\xff\xfe"}', 400, "not_utf8"),
    "bare surrogates": (b'{"id":"\xed\xa0\x80"}', 400, "not_utf8"),
    "an escaped half character": (json.dumps(GOOD | {"id": "\ud800"}).encode(), 207, "missing"),
    "a half character in the data": (json.dumps(deal("D\ud800", "ann")).encode(), 207, "bad_id"),
    "no JSON": (b"hello", 400, "not_json"),
    "nothing": (b"", 400, "not_json"),
    "half of it": (json.dumps(GOOD).encode()[:-5], 400, "not_json"),
    "a number": (b"12", 207, "not_an_object"),
    "NaN": (json.dumps(deal("D1", "ann", value=float("nan"))).encode(), 207, "not_a_number"),
    "infinity": (json.dumps(deal("D1", "ann", value=float("inf"))).encode(), 207, "not_a_number"),
    "1e400": (valued("1e400"), 207, "not_a_number"),
    "an exponent beyond all": (valued("1e" + "9" * 30), 207, "not_a_number"),
    "a thousand digits": (valued("9" * 1000), 207, "not_a_number"),
    "five thousand digits": (valued("9" * 5000), 207, "not_a_number"),
    "400 KB": (json.dumps(deal("D1", "ann", account="x" * 400_000)).encode(), 207, "too_large"),
    "a year before the first": (
        json.dumps(GOOD | {"time": "0001-01-01T00:00:00+14:00"}).encode(), 207, "bad_time",
    ),
    "the last hour of all": (
        json.dumps(deal("D1", "ann", closed_on="9999-12-31T23:59:00-12:00")).encode(), 207, "bad_time",
    ),
    "nested a little": (nested(50), 202, ""),
    "nested beyond reading": (nested(100_000), 400, "not_json"),
}  # fmt: skip


@pytest.mark.parametrize("name", BODIES)
def test_every_body_has_its_answer_and_its_events_end_somewhere(name: str) -> None:
    body, status, reason = BODIES[name]
    world = World()
    world.take(employee("ann"))
    found, said = post(world, body)
    assert (found, [r["reason"] for r in said["results"]][:1]) == (status, [reason] if reason else [])
    ended = counts(log_lines(world.intake))
    assert ended["received"] == 1 + said["received"]
    assert ended["quarantined"] == len(quarantine.entries(world.table)) == len(said["results"])
    for entry in quarantine.entries(world.table):
        assert status == 207 or world.intake.read(entry.body) == body
        json.dumps(entry.event, ensure_ascii=False).encode()


@pytest.mark.parametrize("depth", [*range(60, 1010, 19), *range(930, 1000, 4)])
def test_no_depth_takes_its_neighbours_into_quarantine(depth: int) -> None:
    """Whatever the door lets in, measure can read."""
    world = World()
    world.take(employee("ann"))
    status, said = post(world, nested(depth))
    assert status in (202, 400)
    reasons = [r["reason"] for r in said["results"]]
    assert [e.problem.reason for e in quarantine.entries(world.table)] == reasons


def test_an_empty_array_is_refused() -> None:
    status, said = post(World(), b"[]")
    assert (status, said["received"]) == (400, 0)


def test_what_the_queue_did_not_take_is_not_acknowledged() -> None:
    found = [Arrival(json.dumps(deal(f"D{n}", "ann")), f"e{n}") for n in range(150)]
    done = receive(found, Deaf([1]), MemoryObjects())
    status, said = answer(done, True)
    assert status == 503
    assert said["accepted"] == 100
    assert [r["index"] for r in said["results"]] == list(range(100, 150))
    assert {r["status"] for r in said["results"]} == {"not_kept"}


def test_messages_stay_below_what_a_queue_carries() -> None:
    queue = MemoryQueue()
    text = json.dumps(deal("D1", "ann", account="x" * (EVENT_BYTES - 1000)))
    receive([Arrival(text, "e")] * 3, queue, MemoryObjects())
    assert len(queue.bodies) == 3
    assert all(len(body.encode()) < 250_000 for body in queue.bodies)


def test_a_refusal_names_field_value_and_remedy() -> None:
    _, said = post(World(), json.dumps({"specversion": "0.3"}).encode())
    [result] = said["results"]
    assert result["status"] == "quarantined"
    assert {"reason", "field", "value", "remedy"} <= set(result)
    assert {each["field"] for each in result["also"]} == {"id", "source", "type", "data", "time"}


# What comes out of the queue.

REPLAY = json.dumps({"replay": "q1", "body": json.dumps(GOOD)})
BUS = json.dumps(
    {"detail-type": "crm.x", "source": "crm", "id": "1", "time": "2017-10-05T08:00:00Z", "detail": {}}
)


@pytest.mark.parametrize(
    ("body", "reasons"),
    [
        (json.dumps({"events": [GOOD, GOOD]}), ["", ""]),
        (json.dumps({"events": [GOOD, 7]}), ["", "not_an_object"]),
        (json.dumps({"events": []}), []),
        (REPLAY, [""]),
        (json.dumps({"replay": "q1", "body": "{"}), ["not_json"]),
        (json.dumps({"replay": "q1", "body": "7"}), ["not_an_object"]),
        (BUS, [""]),
        ("hello", ["not_json"]),
        ("7", ["not_an_object"]),
        ("{}", ["unknown_envelope"]),
        ('{"events": 7}', ["unknown_envelope"]),
        ("[" * 100_000, ["not_json"]),
        ('{"events": [{"id": 1e' + "9" * 30 + "}]}", [""]),
    ],
)
def test_every_queue_message_becomes_events(body: str, reasons: list[str]) -> None:
    found = unpack(body)
    assert [next((p.reason for p in each.problems), "") for each in found] == reasons


@pytest.mark.parametrize("depth", range(900, 1000, 3))
def test_a_bus_event_of_any_depth_is_kept_or_refused(depth: int) -> None:
    [arrived] = unpack(BUS.replace("{}", '{"a":' + "[" * depth + "]" * depth + "}"))
    assert arrived.text


def test_a_log_line_may_hold_any_line_separator() -> None:
    world = World()
    world.ingest.send(["\u2028 not JSON \x85"])
    world.drain()
    assert counts(log_lines(world.intake))["quarantined"] == 1


def test_a_number_keeps_its_digits_on_the_way() -> None:
    [arrived] = unpack('{"events":[{"data":{"value":0.1000000000000000055511151231257827}}]}')
    assert str(arrived.event["data"]["value"]) == "0.1000000000000000055511151231257827"


def test_an_event_of_the_bus_is_a_cloud_event() -> None:
    [arrived] = unpack(BUS)
    assert arrived.event == {"specversion": "1.0", "id": "1", "source": "crm", "type": "crm.x",
                             "time": "2017-10-05T08:00:00Z", "data": {}}  # fmt: skip
