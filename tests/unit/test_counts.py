"""Counts: every event that arrived is exactly one of five things, and they add up."""

from __future__ import annotations

from typing import Any

import pytest

from dualtrack.app import quarantine
from dualtrack.app.counts import STATES, counts, line, log_lines
from tests.support.events import deal, employee
from tests.support.world import World

FIRST = deal("D1", "ann", version=1)
OTHER = deal("D1", "ann", version=1, value="7")
NEWER = deal("D1", "ann", version=2)
BAD = deal("D2", "ann", value="much")
UNKNOWN = deal("D3", "zoe")

ARRIVALS: dict[str, tuple[list[dict[str, Any]], dict[str, int]]] = {
    "one": ([FIRST], {"applied": 1}),
    "the very same twice": ([FIRST, FIRST], {"applied": 1, "duplicate": 1}),
    "the same under another id": ([FIRST, FIRST | {"id": "again"}], {"applied": 1, "duplicate": 1}),
    "older and newer": ([FIRST, NEWER], {"applied": 1, "superseded": 1}),
    "newer and older": ([NEWER, FIRST], {"applied": 1, "superseded": 1}),
    "a contradiction": ([FIRST, OTHER], {"conflict": 2}),
    "a contradiction that was settled": ([FIRST, OTHER, NEWER], {"conflict": 2, "applied": 1}),
    "a bad one": ([BAD], {"quarantined": 1}),
    "a bad one twice": ([BAD, BAD], {"quarantined": 1, "duplicate": 1}),
    "somebody unknown": ([UNKNOWN, FIRST], {"quarantined": 1, "applied": 1}),
    "all of it": ([FIRST, FIRST, OTHER, NEWER, BAD, BAD, UNKNOWN],
                  {"applied": 1, "conflict": 2, "quarantined": 2, "duplicate": 2}),
}  # fmt: skip


def counted(world: World) -> dict[str, Any]:
    """What became of everything but the employee."""
    found = counts(log_lines(world.intake))
    assert found["received"] == sum(found[state] for state in STATES)
    return found | {"received": found["received"] - 1, "applied": found["applied"] - 1}


def expected(events: list[dict[str, Any]], parts: dict[str, int]) -> dict[str, int]:
    return dict.fromkeys(STATES, 0) | parts | {"received": len(events)}


@pytest.mark.parametrize("batching", ["in one message", "one by one", "backwards"])
@pytest.mark.parametrize("name", ARRIVALS)
def test_the_counts_add_up(name: str, batching: str) -> None:
    events, parts = ARRIVALS[name]
    world = World()
    world.take(employee("ann"))
    ordered = events[::-1] if batching == "backwards" else events
    for message in [ordered] if batching == "in one message" else [[each] for each in ordered]:
        world.take(*message)
    found = counted(world)
    assert {state: found[state] for state in ("received", *STATES)} == expected(events, parts)


LINE = {"replay": "", "status": "quarantined", "reason": "not_json"}
# What no tenant brings about: lines of the log that were lost or forged.
BROKEN: dict[str, list[dict[str, str]]] = {
    "a replay of what never came": [LINE | {"instance": "m1#0", "text_id": "b", "replay": "a"}],
    "two events at one place of a message": [
        LINE | {"instance": "m1#0", "text_id": "a"}, LINE | {"instance": "m1#0", "text_id": "b"},
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_duplicates_are_counted_and_not_what_is_left_over(name: str) -> None:
    found = counts(BROKEN[name])
    assert found["received"] != sum(found[state] for state in STATES)


KEPT = (
    '{"status": "kept", "instance": "i", "replay": "", "text_id": "a",'
    ' "entity": ["s", "k", "e", []], "order": [1, 0], "digest": "d"}'
)
UNUSABLE = {
    "no JSON": "{",
    "no object": "[]",
    "no known status": '{"status": "lost"}',
    "no instance": '{"status": "quarantined", "replay": "", "text_id": "a", "reason": "x"}',
    "no place": KEPT.replace("[]", '[["E:ann"]]'),
    "no order": KEPT.replace("[1, 0]", "[1]"),
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_a_line_that_does_not_say_what_a_line_has_to_say_is_not_counted_over(name: str) -> None:
    assert line(KEPT)["digest"] == "d"
    with pytest.raises((ValueError, KeyError, TypeError)):
        line(UNUSABLE[name])


def test_a_message_delivered_twice_is_counted_once() -> None:
    world = World()
    world.take(employee("ann"), FIRST)
    world.send([NEWER])
    body = world.ingest.bodies.pop()
    for _ in range(2):
        world.measuring.messages([world.delivery(body, "m9")], world.now)
    assert counted(world)["received"] == 2


def test_a_replay_changes_what_became_of_an_event_and_not_how_many_came() -> None:
    world = World()
    world.take(employee("ann"), UNKNOWN)
    assert counted(world)["quarantined"] == 1
    world.take(employee("zoe"))
    quarantine.replay(world.table, world.intake, world.ingest, quarantine.entries(world.table))
    world.drain()
    found = counted(world)
    assert (found["received"], found["quarantined"], found["applied"]) == (2, 0, 2)
    assert quarantine.entries(world.table) == []


def test_a_replay_of_what_is_still_bad_comes_back_under_its_own_id() -> None:
    world = World()
    world.take(employee("ann"), BAD)
    [before] = quarantine.entries(world.table)
    quarantine.replay(world.table, world.intake, world.ingest, [before])
    world.drain()
    [after] = quarantine.entries(world.table)
    assert after.id == before.id
    assert counted(world)["quarantined"] == 1
    assert counts(log_lines(world.intake))["reasons"] == {"not_a_number": 1}
