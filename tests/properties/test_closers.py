"""Two closers at once: whoever comes between any two port calls of the other changes nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dualtrack.app import runs
from dualtrack.app.close import chunk_list
from dualtrack.app.opening import Request
from dualtrack.app.publishing import begin
from dualtrack.app.relay import relay
from dualtrack.domain.errors import Refused
from dualtrack.domain.runs import Run
from tests.properties.states import objects, table_rows
from tests.properties.test_crashes import OUT_OF_REACH, PERIOD, closed, furnished, published
from tests.properties.tripwire import Tripwire, every_call
from tests.support.events import deal
from tests.support.world import World


def attempted(step: Callable[[], object]) -> None:
    """A closer that may be told that it comes too late."""
    refused: list[str] = []
    try:
        step()
    except Refused as refusal:
        refused = [p.reason for p in refusal.problems]
    assert set(refused) <= {"stale", "run_under_way", "wrong_state"}


def test_one_period_has_one_run_whoever_starts_it() -> None:
    def race(wire: Tripwire) -> None:
        world = furnished()
        wire.act = lambda: attempted(lambda: start(world, world, "rival"))
        attempted(lambda: start(world, _wired(world, wire), "first"))
        assert [run.state for run in runs.every(world.table)] == ["CLOSING"]
        assert runs.every(world.table)[0].attempt == 1

    assert every_call(race) > 3


def _wired(world: World, wire: Tripwire) -> World:
    other = World.__new__(World)
    other.__dict__ |= world.__dict__ | {"table": wire.wrap(world.table), "payouts": wire.wrap(world.payouts)}
    return other


def start(world: World, seen: World, name: str) -> Run:
    return seen.paying().open(Request(PERIOD, name, name), world.now)


def test_two_settlers_leave_one_result_even_if_facts_come_in_between() -> None:
    """The later one reads other facts, and yet everything is paid from one object."""

    def race(wire: Tripwire) -> None:
        world = furnished()
        run = start(world, world, "anna")
        listed = chunk_list(world.payouts, run)[0]

        def rival() -> None:
            world.take(deal("D7", "ann", value="450"))
            world.paying().settle(run, listed["chunk"], listed["employees"])

        wire.act = rival
        won = _wired(world, wire).paying().settle(run, listed["chunk"], listed["employees"])
        assert won != wire.sprung, "exactly one of the two settled"
        done = world.publish(world.paying().review(runs.get(world.table, run.id)))
        assert len(world.payroll.messages) == 1
        assert done.state == "PUBLISHED"

    assert every_call(race) > 3


@pytest.mark.parametrize("step", ["book", "files", "prove", "release", "relay"])
def test_two_publishers_write_the_same_bytes_and_messages(step: str) -> None:
    calm = furnished()
    published(calm, closed(calm, Tripwire(OUT_OF_REACH)), Tripwire(OUT_OF_REACH))

    def race(wire: Tripwire) -> None:
        world = furnished()
        run = closed(world, Tripwire(OUT_OF_REACH))
        world_steps = steps(world, world, run)
        wired = steps(world, _wired(world, wire), run)
        payroll = wire.wrap(world.payroll)
        seen = _wired(world, wire)
        wired["relay"] = lambda: relay(
            seen.table, seen.payouts, payroll, "demo", runs.get(world.table, run.id), "0001"
        )
        wire.act = lambda: attempted(world_steps[step])
        world_steps["approve"]()
        for name in ("book", "files", "prove", "release", "relay"):
            attempted(wired[name] if name == step else world_steps[name])
        if step == "release":  # the loser of the last transition runs again
            attempted(world_steps["release"])
            world_steps["relay"]()
        world.score()
        assert objects(world.payouts) == objects(calm.payouts)
        assert world.payroll.messages == calm.payroll.messages
        assert table_rows(world.table) == table_rows(calm.table)

    assert every_call(race) > 2


def steps(world: World, seen: World, run: Run) -> dict[str, Callable[[], object]]:
    """The steps of a publication by name."""

    def begun() -> Run:
        return begin(world.table, run.id)

    def approved() -> object:
        return world.approve(run)

    paying = seen.paying()
    return {
        "approve": approved,
        "book": lambda: paying.book(begun(), "0001"),
        "files": lambda: paying.publishing().files(begun()),
        "prove": lambda: paying.proving().prove(begun()),
        "release": lambda: paying.proving().release(begun()),
        "relay": lambda: relay(seen.table, seen.payouts, world.payroll, "demo", begun(), "0001"),
    }
