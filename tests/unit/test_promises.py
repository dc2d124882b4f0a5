"""What the write path's README promises about failures half-way, each tried once by hand."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from dualtrack.app import operate, quarantine, runs
from dualtrack.app.opening import Request
from dualtrack.domain.errors import Refused
from dualtrack.domain.runs import Run
from tests.support.events import deal, employee, target, ticket
from tests.support.world import World, stored_plan

TERMS = ("revenue", "volume")


class Broken(Exception):
    """A write that did not happen."""


@pytest.fixture
def world() -> World:
    made = World()
    made.take(employee("ann"), employee("bob"))
    return made


def set_targets(world: World, period: str = "2017-10") -> None:
    world.take(*(target(metric, "10", period) for metric in TERMS))


def opened(world: World, execution: str) -> Run:
    return world.paying().open(Request("2017-10", "anna", execution), world.now)


def test_a_period_is_registered_even_if_the_first_write_of_it_failed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.send([deal("D1", "ann")])
    body = world.ingest.bodies.pop()
    with monkeypatch.context() as patch:
        patch.setattr(world.table, "put_many", _broken)
        with pytest.raises(Broken):
            world.measuring.messages([world.delivery(body, "m")], world.now)
    world.measuring.messages([world.delivery(body, "m")], world.now)
    assert world.table.get("PERIODS", "2017-10") is not None


def test_nobody_is_taken_for_hired_whose_terms_were_not_written(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.send([employee("cid")])
    body = world.ingest.bodies.pop()
    with monkeypatch.context() as patch:
        patch.setattr(world.table, "put_many", _broken)
        with pytest.raises(Broken):
            world.measuring.messages([world.delivery(body, "m")], world.now)
    [outcome] = world.take(deal("D1", "cid"))
    assert outcome.problems[0].reason == "unknown_employee"


def _broken(items: object) -> None:
    raise Broken


def test_members_are_told_of_a_team_only_when_its_totals_are_there(world: World) -> None:
    world.send([target("revenue", "10")])
    world.ingest.bodies, [body] = [], world.ingest.bodies
    world.measuring.messages([world.delivery(body, "m")], world.now)
    pk = "EP#T:t1#2017-10"
    waiting, world.changes = [c for c in world.changes if c.pk == pk and c.sk.startswith("F#")], []
    world.scoring.partition(pk, waiting, world.now)
    written = [change.sk.split("#")[0] for change in world.changes]
    assert written == ["M", "R", "R"]


def test_a_plan_published_after_the_targets_scores_with_them() -> None:
    world = World()
    for row in world.table.query("DOC#plan", " ", "~"):
        world.table.delete(row["pk"], row["sk"])
    world.take(employee("ann"))
    world.take(deal("D1", "ann"), *(target(metric, "10") for metric in TERMS))
    operate.publish_plan(world.table, *stored_plan("demo-2017"))
    world.score()
    assert world.card("ann", "2017-10")["holds"] == []


def test_whoever_was_on_hold_is_paid_by_the_next_run(world: World) -> None:
    world.take(deal("D1", "ann"))
    october = world.close("2017-10")
    assert json.loads(october.totals)["held"] == ["ann", "bob"]
    world.publish(october)
    set_targets(world)
    set_targets(world, "2017-11")
    world.publish(world.close("2017-11"))
    found = world.table.query("EP#E:ann#2017-10", "P#", "P#~")
    assert [(row["kind"], row["run"]) for row in found] == [("adjustment", "2017-11-01")]
    assert found[0]["amount"] == world.card("ann", "2017-10")["payout"] > 0
    assert world.table.get("EP#E:ann#-", "D#2017-10") is None


def test_terms_that_begin_later_take_nothing_back_of_what_was_paid(world: World) -> None:
    set_targets(world)
    set_targets(world, "2017-11")
    world.take(deal("D1", "ann"), ticket("bob"), *(ticket(who, "2017-11") for who in ("ann", "bob")))
    world.publish(world.close("2017-10"))
    world.take(employee("ann", version=2, base=400000, **{"from": "2017-11-01"}))
    world.take(deal("D1", "ann", version=4, value="1"))
    november = world.close("2017-11")
    assert json.loads(november.totals)["held"] == ["ann"]
    world.publish(november)
    [paid] = world.table.query("EP#E:ann#2017-10", "P#", "P#~")
    assert paid["run"] == "2017-10-01"
    assert world.table.get("EP#E:ann#-", "D#2017-10") is not None


def test_a_close_that_failed_half_way_is_sent_back_and_started_again(world: World) -> None:
    set_targets(world)
    opened(world, "one")
    with pytest.raises(Refused, match="run_under_way"):
        opened(world, "two")
    operate.reject(world.table, "2017-10-01", "otto", "settling failed", world.now)
    again = opened(world, "two")
    assert (again.state, again.attempt) == ("CLOSING", 2)
    assert again.rejection == "attempt 1, otto: settling failed"


def test_approving_a_run_that_is_not_in_review_says_so(world: World) -> None:
    set_targets(world)
    opened(world, "one")
    with pytest.raises(Refused, match="not ready to approve"):
        operate.approve(world.table, world.payouts, "2017-10-01", "bert", "digest", world.now, print)


def test_an_event_that_is_still_bad_stays_open_however_fast_it_comes_back(world: World) -> None:
    world.take(deal("D1", "zoe"))
    [entry] = quarantine.entries(world.table)

    class Fast:
        """A queue whose messages are measured before the sender goes on."""

        def send(self, bodies: Sequence[str]) -> list[int]:
            world.ingest.send(bodies)
            world.drain()
            return []

        def waiting(self) -> int:
            return 0

    assert quarantine.replay(world.table, world.intake, Fast(), [entry]) == 1
    assert [e.id for e in quarantine.entries(world.table)] == [entry.id]


def test_a_conflict_is_not_replayed(world: World) -> None:
    set_targets(world)
    world.take(deal("D1", "ann"), deal("D1", "ann", value="901"))
    [entry] = quarantine.entries(world.table)
    with pytest.raises(Refused, match="greater version"):
        quarantine.replay(world.table, world.intake, world.ingest, [entry])
    assert quarantine.waive(world.table, [entry], "otto", "version 4 is right") == 1
    assert runs.every(world.table) == []
    assert quarantine.entries(world.table) == []
