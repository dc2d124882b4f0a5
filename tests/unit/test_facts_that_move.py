"""Facts that move: each counts once, where its greatest version puts it, whatever order they come in."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest

from dualtrack.adapters import mapping_file
from dualtrack.app import conflicts, quarantine
from dualtrack.app.counts import counts, log_lines
from dualtrack.app.documents import publish
from dualtrack.app.explain import explain
from dualtrack.domain.errors import Refused
from tests.support.events import employee, event, target, ticket
from tests.support.world import World

OBSERVED: dict[str, Any] = {
    "measure": "deal", "day": "day", "values": {"amount": "amount"}, "labels": {"stage": "stage"},
    "required": ["amount"],
}  # fmt: skip
SHARED = {"split": {"over": "people", "employee": "id", "share": "share", "values": ["amount"]}}
DEALS: dict[str, Any] = {
    "type": ["shop.deal"], "kind": "deal", "entity": ["id"], "version": "v", "deleted": "deleted",
    "observe": [OBSERVED | SHARED],
}  # fmt: skip
TIMED: dict[str, Any] = {"type": ["shop.timed"], "kind": "timed", "entity": ["id"], "changed": "changed",
         "observe": [OBSERVED | {"employee": "owner"}]}  # fmt: skip
DELTAS: dict[str, Any] = {"type": ["shop.sale"], "kind": "sale", "append": True, "moves": False,
          "observe": [OBSERVED | {"employee": "owner"}]}  # fmt: skip
SHOP: dict[str, Any] = {"source": "shop", "version": 1, "events": [DEALS, TIMED, DELTAS]}
PEOPLE = ("ann", "bob", "cid")
MONTHS = ("2017-10", "2017-11")


def shop() -> World:
    """Three people with targets, and a source whose deals are shared, timed or sent as differences."""
    world = World()
    publish(
        world.table, "source", "shop", 1, mapping_file.stored(mapping_file.MappingModel.model_validate(SHOP))
    )
    goals = [target(metric, "100", month) for metric in ("revenue", "volume") for month in MONTHS]
    world.take(*map(employee, PEOPLE), *goals)
    return world


def version(number: int, amount: str = "100", day: str = "2017-10-05", **shares: str) -> dict[str, Any]:
    """A version of deal D; no shares means deleted."""
    people = [{"id": who, "share": share} for who, share in shares.items()]
    said = {"id": "D", "v": number, "day": day, "amount": amount, "stage": "Won", "people": people}
    return event("shop.deal", said | {"deleted": not shares})


def timed(changed: str, amount: str, owner: str = "ann") -> dict[str, Any]:
    """A deal whose source knows no versions."""
    said = {
        "id": "T",
        "changed": changed,
        "day": "2017-10-05",
        "amount": amount,
        "stage": "Won",
        "owner": owner,
    }
    return event("shop.timed", said)


def sale(name: str, amount: str, **envelope: Any) -> dict[str, Any]:
    """A difference: an event that is a fact of its own."""
    said = {"day": "2017-10-05", "amount": amount, "stage": "Won", "owner": "ann"}
    return event("shop.sale", said, id=name, **envelope)


def counted(world: World) -> dict[str, str]:
    """What counts as revenue: ``ann 2017-10`` → amount, from a fold of everything."""
    found = {}
    for who in PEOPLE:
        for month in MONTHS:
            value = explain(world.table, world.plans(), who, month)["metrics"]["revenue"]["value"]
            if Decimal(value or 0):
                found[f"{who} {month}"] = value
            live = world.table.get(f"EP#E:{who}#{month}", "S")
            if live is not None:
                assert Decimal(live["points"]["revenue"]) == min(120, Decimal(value or 0)), (who, month)
    return found


STORIES: dict[str, tuple[Sequence[dict[str, Any]], Mapping[str, str]]] = {
    "a deal changes owner": ([version(1, ann="1"), version(2, bob="1")], {"bob 2017-10": "100"}),
    "its close date slips into November": (
        [version(1, ann="1"), version(2, day="2017-11-02", ann="1")], {"ann 2017-11": "100"},
    ),
    "a 60/40 split becomes 100/0": (
        [version(1, ann="0.6", bob="0.4"), version(2, ann="1", bob="0")], {"ann 2017-10": "100"},
    ),
    "then a third person joins": (
        [
            version(1, ann="0.6", bob="0.4"),
            version(2, ann="1", bob="0"),
            version(3, ann="0.5", bob="0.3", cid="0.2"),
        ],
        {"ann 2017-10": "50", "bob 2017-10": "30", "cid 2017-10": "20"},
    ),
    "a cent that cannot be divided": ([version(1, "100.01", ann="0.6", bob="0.4")],
                                      {"ann 2017-10": "60.01", "bob 2017-10": "40"}),
    "a deal is deleted": ([version(1, ann="1"), version(2)], {}),
    "and restored": ([version(1, ann="1"), version(2), version(3, bob="1")], {"bob 2017-10": "100"}),
    "only the amount changes": ([version(1, ann="1"), version(2, "70", ann="1")], {"ann 2017-10": "70"}),
    "there and back again": (
        [version(1, ann="1"), version(2, bob="1"), version(3, "80", ann="1")], {"ann 2017-10": "80"},
    ),
    "a source without versions: the later time counts": (
        [timed("2017-10-05T08:00:00Z", "10"), timed("2017-10-05T09:00:00.000001+01:00", "20", "bob")],
        {"bob 2017-10": "20"},
    ),
    "differences add up": ([sale("a", "5"), sale("b", "7"), sale("c", "-2")], {"ann 2017-10": "10"}),
}  # fmt: skip


@pytest.mark.parametrize("story", STORIES)
def test_it_counts_once_in_every_order_and_however_often_it_comes(story: str) -> None:
    events, wanted = STORIES[story]
    for order in permutations(events):
        apart, together = shop(), shop()
        for each in (*order, order[0]):
            apart.take(each)
        together.take(*order, *order)
        assert counted(apart) == counted(together) == wanted, [e["data"].get("v") for e in order]


def test_of_two_contents_at_one_time_the_same_one_counts_in_any_order() -> None:
    events = [timed("2017-10-05T08:00:00Z", amount) for amount in ("10", "20", "30")]
    results = []
    for order in permutations(events):
        world = shop()
        world.take(*order)
        assert quarantine.entries(world.table) == []
        results.append(counted(world))
    assert all(result == results[0] for result in results)
    assert len(results[0]) == 1


def test_a_difference_that_comes_twice_counts_once_and_one_that_contradicts_itself_not_at_all() -> None:
    world = shop()
    world.take(sale("a", "5"), sale("a", "5"))
    assert counted(world) == {"ann 2017-10": "5"}
    world.take(sale("a", "6"))
    assert counted(world) == {}
    assert [entry.problem.reason for entry in quarantine.entries(world.table)] == ["conflict"]


WRONG_MAPPINGS: dict[str, tuple[dict[str, Any], str]] = {
    "no order": ({"version": None}, "differences"),
    "two orders": ({"changed": "changed"}, "exactly one|by one of"),
    "append with an entity": ({"version": None, "append": True}, "leave out entity"),
}


@pytest.mark.parametrize("what", WRONG_MAPPINGS)
def test_a_mapping_has_to_say_how_versions_are_ordered(what: str) -> None:
    changed, said = WRONG_MAPPINGS[what]
    with pytest.raises(ValueError, match=said):
        mapping_file.MappingModel.model_validate(SHOP | {"events": [DEALS | changed]})


WRONG_EVENTS = {
    "shares of 90 %": (version(1, ann="0.5", bob="0.4"), "shares", "data.people"),
    "a negative share": (version(1, ann="1.5", bob="-0.5"), "shares", "data.people"),
    "no share": (event("shop.deal", {"id": "D", "v": 1, "day": "2017-10-05", "amount": "1",
                                     "people": [{"id": "ann"}]}), "missing", "data.share"),
    "no people": (event("shop.deal", {"id": "D", "v": 1, "day": "2017-10-05", "amount": "1"}),
                  "missing", "data.people"),
    "people in a text": (event("shop.deal", {"id": "D", "v": 1, "day": "2017-10-05", "amount": "1",
                                             "people": "ann"}), "bad_split", "data.people"),
    "a change from tomorrow's clock": (timed("2027-01-01T00:00:00Z", "1"), "future", "data.changed"),
    "a change before 1970": (timed("1969-12-31T00:00:00Z", "1"), "bad_time", "data.changed"),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG_EVENTS)
def test_what_cannot_be_placed_is_quarantined_by_name(what: str) -> None:
    wrong, reason, field = WRONG_EVENTS[what]
    world = shop()
    world.take(wrong)
    [entry] = quarantine.entries(world.table)
    assert (entry.problem.reason, entry.problem.field) == (reason, field)
    assert counted(world) == {}


def contested(*more: dict[str, Any]) -> World:
    """Version 1 is Ann's; version 2 came twice, as Bob's and as Cid's."""
    world = shop()
    world.take(version(1, ann="1"))
    world.take(version(2, bob="1"))
    world.take(version(2, "90", cid="1"), *more)
    return world


def test_a_contradiction_does_not_count_and_the_version_before_it_does() -> None:
    world = contested()
    assert counted(world) == {"ann 2017-10": "100"}
    [entry] = quarantine.entries(world.table)
    assert entry.problem.reason == "conflict"
    assert len(conflicts.contents(world.intake, entry)["contents"]) == 2


@pytest.mark.parametrize(("who", "amount"), [("bob", "100"), ("cid", "90")])
def test_a_contradiction_is_resolved_by_name_and_reason(who: str, amount: str) -> None:
    world = contested()
    [entry] = quarantine.entries(world.table)
    [row] = [o for o in found_at(world, who) if not o[1]]
    conflicts.resolve(world.table, world.intake, world.measuring.keep, entry, row[0], "eva", "asked sales")
    world.score()
    assert counted(world) == {f"{who} 2017-10": amount}
    assert quarantine.entries(world.table) == []
    closed = quarantine.get(world.table, entry.id)
    assert (closed.state, closed.note) == ("resolved", f"eva: asked sales (kept {row[0]})")
    found = counts(log_lines(world.intake))
    assert found["conflict"] == 0
    assert found["received"] == sum(found[s] for s in ("applied", "superseded", "duplicate", "quarantined"))


def found_at(world: World, who: str) -> list[tuple[str, bool]]:
    """Digest and tombstone of what stands at somebody's place as version 2."""
    from dualtrack.app import rows

    seen = rows.facts(world.table.query(f"EP#E:{who}#2017-10", *rows.FACTS))
    return [(o.digest, o.retracted) for o in seen if o.version == 2 and o.entity == "D"]


def test_a_resolution_outlives_a_repeat_and_gives_way_to_a_greater_version() -> None:
    world = contested()
    [entry] = quarantine.entries(world.table)
    [(digest, _)] = [o for o in found_at(world, "bob") if not o[1]]
    for _ in range(2):  # a repeat changes nothing
        conflicts.resolve(
            world.table, world.intake, world.measuring.keep, entry, digest, "eva", "asked sales"
        )
    world.take(version(2, "90", cid="1"), version(2, bob="1"))
    assert counted(world) == {"bob 2017-10": "100"}
    world.take(version(3, ann="1"))
    assert counted(world) == {"ann 2017-10": "100"}


def test_a_greater_version_ends_a_contradiction_and_its_entry() -> None:
    world = contested(version(3, bob="1"))
    assert counted(world) == {"bob 2017-10": "100"}
    assert conflicts.close_ended(world.table, world.intake) <= 1
    assert quarantine.entries(world.table) == []


REFUSALS = {
    "without a name": ({"by": ""}, "missing"),
    "without a reason": ({"reason": ""}, "missing"),
    "a content that nobody stated": ({"digest": "nothing"}, "unknown_content"),
}


@pytest.mark.parametrize("what", REFUSALS)
def test_a_resolution_is_refused(what: str) -> None:
    changed, reason = REFUSALS[what]
    world = contested()
    [entry] = quarantine.entries(world.table)
    said = {"digest": found_at(world, "bob")[0][0], "by": "eva", "reason": "asked sales"} | changed
    with pytest.raises(Refused, match=reason):
        conflicts.resolve(
            world.table, world.intake, world.measuring.keep, entry, said["digest"], said["by"], said["reason"]
        )
    assert len(quarantine.entries(world.table)) == 1
    assert counted(world) == {"ann 2017-10": "100"}


def test_an_old_version_after_a_close_changes_nothing_and_a_newer_one_is_the_next_run_s_difference() -> None:
    world = shop()
    world.take(*(ticket(who, month, "0") for who in PEOPLE for month in MONTHS), version(2, ann="1"))
    before = world.publish(world.close("2017-10"))
    world.take(version(1, bob="1"))
    assert counted(world) == {"ann 2017-10": "100"}
    assert world.table.query("EP#E:ann#-", "D#", "D#~") == []
    world.take(version(3, "50", ann="1"))
    november = json.loads(world.close("2017-11").totals)
    assert before.state == "PUBLISHED"
    assert november["totals"][0]["lines"] == 5, (
        "three regular ones, the difference, and what it leaves to carry"
    )
