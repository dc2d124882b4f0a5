"""A fact that can move counts exactly once, where its greatest uncontested version puts it."""

from __future__ import annotations

import gzip
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings

from dualtrack.app import evidence, quarantine
from dualtrack.app.close import chunk_list
from dualtrack.app.explain import explain
from dualtrack.app.opening import Request
from dualtrack.domain.runs import Run
from tests.properties import facts
from tests.properties.facts import PEOPLE, PERIODS, Version, contested, deliveries, due, furnished
from tests.properties.tripwire import Tripwire
from tests.support.events import deal, employee
from tests.support.world import World

MANY = settings(max_examples=150, deadline=None)
Delivered = tuple[list[Version], list[list[Version]]]


def deliver(world: World, messages: list[list[Version]]) -> None:
    for message in messages:
        world.take(*(each.event() for each in message))


def folded(world: World, who: str, period: str) -> tuple[int, int]:
    """Sum and count of somebody's deals, from a fold of everything."""
    metrics = explain(world.table, world.plans(), who, period)["metrics"]
    value = {name: Decimal(metrics[name]["value"] or 0) for name in ("revenue", "volume")}
    return int(value["revenue"]), int(value["volume"])


def shown(world: World, who: str, period: str) -> dict[str, Any]:
    """The live row, without when and how often it was written."""
    card = world.card(who, period)
    return {name: card[name] for name in ("plan", "total", "tracks", "points", "holds", "payout")}


def recomputed(world: World, who: str, period: str) -> dict[str, Any]:
    """The same from a fold of everything."""
    full = explain(world.table, world.plans(), who, period)
    places = {"points": 6, "total": 10}

    def brief(text: str, kind: str) -> Decimal:
        return round(Decimal(text), places[kind])

    scored = {m: each for m, each in full["metrics"].items() if each["state"] != "excluded"}
    return {
        "plan": full["plan"],
        "total": brief(full["total"], "total"),
        "tracks": {name: brief(each["score"], "total") for name, each in full["tracks"].items()},
        "points": {name: brief(each["points"], "points") for name, each in scored.items()},
        "holds": full["holds"],
        "payout": full["payout"],
    }


def as_numbers(row: dict[str, Any]) -> dict[str, Any]:
    """Texts of a row as the numbers that they are."""
    maps = {name: {k: Decimal(v) for k, v in row[name].items()} for name in ("tracks", "points")}
    return row | maps | {"total": Decimal(row["total"])}


def settled_values(world: World, period: str) -> dict[str, tuple[int, int]]:
    """What a close folds: sum and count by person, out of its evidence."""
    paying = world.paying()
    run = paying.open(Request(period, "anna", "x"), world.now)
    data: list[dict[str, Any]] = []
    for chunk in chunk_list(world.payouts, run):
        paying.settle(run, chunk["chunk"], chunk["employees"])
        data += cards(world, run, chunk["chunk"])
    return {
        card["employee"]: (
            int(Decimal(card["metrics"]["revenue"]["value"] or 0)),
            int(Decimal(card["metrics"]["volume"]["value"] or 0)),
        )
        for card in data
    }


def cards(world: World, run: Run, chunk: str) -> list[dict[str, Any]]:
    """The scorecards of a chunk's evidence."""
    found: list[dict[str, Any]] = json.loads(
        gzip.decompress(world.payouts.read(evidence.chunk_key(run, chunk)))
    )["cards"]
    return found


@given(deliveries())
@MANY
def test_any_delivery_of_a_history_counts_what_the_model_counts(delivered: Delivered) -> None:
    history, messages = delivered
    world = furnished()
    deliver(world, messages)
    wanted = due(history)
    for who in PEOPLE:
        for period in PERIODS:
            assert folded(world, who, period) == wanted.get((who, period), (0, 0)), (who, period)


@given(deliveries())
@MANY
def test_the_live_scorecard_is_always_the_full_fold(delivered: Delivered) -> None:
    _, messages = delivered
    world = furnished()
    for message in messages:
        world.take(*(each.event() for each in message))
        for who in PEOPLE:
            for period in PERIODS:
                live = as_numbers(shown(world, who, period))
                assert live == recomputed(world, who, period), (who, period)


@given(deliveries())
@MANY
def test_a_contradiction_is_never_applied_and_always_seen(delivered: Delivered) -> None:
    history, messages = delivered
    world = furnished()
    deliver(world, messages)
    # A deletion against another deletion is no contradiction; one that names no place has none to be seen at.
    expected = {entity for entity, number in contested(history) if _stated_somewhere(history, entity, number)}
    seen = {entry.problem.field.removeprefix("deal ") for entry in quarantine.entries(world.table)}
    assert seen >= expected
    assert not contested(history) or due(history) == {
        (who, period): folded(world, who, period)
        for who in PEOPLE
        for period in PERIODS
        if folded(world, who, period) != (0, 0)
    }


def _stated_somewhere(history: list[Version], entity: str, number: int) -> bool:
    return any(each.parts for each in history if (each.entity, each.number) == (entity, number))


@given(deliveries())
@settings(max_examples=60, deadline=None)
def test_a_close_folds_what_the_model_counts(delivered: Delivered) -> None:
    history, messages = delivered
    world = furnished()
    deliver(world, messages)
    entries = quarantine.entries(world.table)
    quarantine.waive(world.table, entries, "eve", "shown to finance")
    wanted = due(history)
    found = settled_values(world, "2017-10")
    assert found == {who: wanted.get((who, "2017-10"), (0, 0)) for who in PEOPLE}


@given(deliveries())
@settings(max_examples=40, deadline=None)
def test_two_writers_at_once_leave_each_fact_counted_once(delivered: Delivered) -> None:
    """Every message is overtaken by the next one, between any two of its port calls."""
    history, messages = delivered
    for at in range(12):
        world = furnished()
        for i in range(0, len(messages), 2):
            _overtaken(world, messages[i], messages[i + 1 : i + 2], at)
        world.score()
        wanted = due(history)
        for who in PEOPLE:
            for period in PERIODS:
                assert folded(world, who, period) == wanted.get((who, period), (0, 0)), (at, who, period)


def _overtaken(world: World, first: list[Version], second: list[list[Version]], at: int) -> None:
    def other() -> None:
        for message in second:
            world.send([each.event() for each in message])
            world.measuring.messages(
                [world.delivery(world.ingest.bodies.pop(), f"n{id(message)}")], world.now
            )

    wire = Tripwire(at, other)
    measuring = type(world.measuring)(
        wire.wrap(world.table), wire.wrap(world.intake), lambda now: facts.Splits(world), world.zone
    )
    body = json.dumps({"events": [each.event() for each in first]})
    measuring.messages([world.delivery(body, f"m{id(first)}")], world.now)
    if not wire.sprung:
        other()


@pytest.mark.parametrize("first", ["A", "B"])
def test_a_deal_that_moves_is_lost_by_one_and_gained_by_the_other(first: str) -> None:
    events = {"A": deal("D1", "ann", version=3), "B": deal("D1", "bob", version=4)}
    world = furnished()
    world.take(events.pop(first))
    world.take(*events.values())
    assert folded(world, "ann", "2017-10") == (0, 0)
    assert folded(world, "bob", "2017-10") == (900, 1)


def test_a_late_joiner_of_the_roster_is_known_in_the_same_message() -> None:
    world = furnished()
    outcomes = world.take(deal("D1", "dan"), employee("dan"))
    assert not any(outcome.problems for outcome in outcomes)
    assert folded(world, "dan", "2017-10") == (900, 1)
