"""The live scorecard: what wakes it, what it reads, when a settled period is looked at again."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from dualtrack.adapters.plan_codec import plan as parsed
from dualtrack.app import documents, quarantine, roster
from dualtrack.app.explain import explain
from dualtrack.app.score import Change, Scoring, grouped
from dualtrack.domain.measures import Measure
from dualtrack.domain.plan import Plan
from tests.support.events import deal, employee, target, ticket
from tests.support.world import World, stored_plan

TARGETS = [target(m, "900", p) for m in ("revenue", "volume") for p in ("2017-10", "2017-11")]
PERIOD = "2017-10"


def peopled(*names: str) -> World:
    """A tenant with these people in one team, and its targets."""
    world = World()
    world.take(*(employee(name) for name in names), *TARGETS)
    return world


def marks(world: World, who: str) -> tuple[str, ...]:
    """The settled periods that the next run looks at again."""
    return roster.person(world.table, who).restated


def points(world: World, who: str, metric: str = "revenue") -> Decimal:
    """What the live row shows."""
    return Decimal(world.card(who, PERIOD)["points"][metric])


def test_a_fold_reads_the_changed_cell_and_not_the_history() -> None:
    world = peopled("ann")
    world.take(*(deal(f"D{n}", "ann", closed_on=f"2017-10-{n % 28 + 1:02d}") for n in range(60)))
    read: list[str] = []

    class Counting:
        def __getattr__(self, name: str) -> Any:
            return getattr(world.table, name)

        def query(self, pk: str, low: str, high: str, last_first: bool = False) -> list[dict[str, Any]]:
            found = world.table.query(pk, low, high)
            read.extend(item["sk"] for item in found if pk == f"EP#E:ann#{PERIOD}")
            return found

    world.send([deal("D99", "ann", closed_on="2017-10-31")])
    world.measuring.messages([world.delivery(world.ingest.bodies.pop(), "m9")], world.now)
    scoring = Scoring(Counting(), world.intake, world.published)
    for pk, changes in grouped([c for c in world.changes if c.sk.startswith("F#deal")]).items():
        scoring.partition(pk, changes, world.now)
    assert len([sk for sk in read if sk.startswith("F#")]) == 1


def test_members_are_asked_only_when_the_team_s_totals_are_there_to_be_read() -> None:
    world = peopled("ann")
    world.take(deal("D1", "ann"))
    seen: list[str] = []

    class Listening:
        def __getattr__(self, name: str) -> Any:
            return getattr(world.table, name)

        def put_if(self, put: Any) -> bool:
            seen.append(put.item["sk"])
            return world.table.put_if(put)

        def put_many(self, items: Any) -> None:
            for item in items:
                seen.append(item["sk"])
                world.table.put_many([item])

    world.send([target("revenue", "450", version=2)])
    world.measuring.messages([world.delivery(world.ingest.bodies.pop(), "m9")], world.now)
    scoring = Scoring(Listening(), world.intake, world.published)
    for pk, changes in grouped([c for c in world.changes if c.pk.startswith("EP#T:")]).items():
        scoring.partition(pk, changes, world.now)
    assert seen == ["M#target.revenue#2017-10-01", "R#team"]


@pytest.mark.parametrize("order", ["first the fact", "first the target", "first the person"])
def test_a_team_s_target_reaches_every_member_in_any_order(order: str) -> None:
    events = {"the target": TARGETS, "the person": [employee("ann")], "the fact": [deal("D1", "ann")]}
    world = World()
    first = order.removeprefix("first ")
    world.take(*events.pop(first))
    for found in events.values():
        world.take(*found)
    quarantine.replay(world.table, world.intake, world.ingest, quarantine.entries(world.table))
    world.drain()
    assert points(world, "ann") == 100


def test_whoever_changes_team_is_measured_by_the_new_team_s_target() -> None:
    world = peopled("ann")
    world.take(target("revenue", "1800", subject={"team": "t2"}), deal("D1", "ann"))
    assert points(world, "ann") == 100
    world.take(employee("ann", team="t2", version=2))
    assert points(world, "ann") == 50


def test_the_employee_s_own_target_is_nearest() -> None:
    world = peopled("ann")
    world.take(deal("D1", "ann"), target("revenue", "3600", subject={"employee": "ann"}))
    assert points(world, "ann") == 25


def test_contradicting_terms_are_seen_in_quarantine_and_not_applied() -> None:
    world = peopled("ann")
    world.take(employee("ann", base=400000, version=2), employee("ann", base=500000, version=2))
    person = roster.person(world.table, "ann")
    assert person.history is not None
    assert person.history.newest.base == 300000
    assert [e.problem.reason for e in quarantine.entries(world.table)] == ["conflict"]


def test_a_replay_of_a_contradiction_needs_a_greater_version() -> None:
    world = peopled("ann")
    world.take(deal("D1", "ann", value="1"), deal("D1", "ann", value="2"))
    assert {e.problem.reason for e in quarantine.entries(world.table)} == {"conflict"}
    world.take(deal("D1", "ann", value="3", version=4))
    assert points(world, "ann") == Decimal("0.333333")


# A settled period and late facts.


def test_what_was_paid_and_still_holds_is_not_looked_at_again() -> None:
    world = peopled("ann")
    world.take(deal("D1", "ann"))
    world.publish(world.close(PERIOD))
    assert marks(world, "ann") == ()


def test_a_late_fact_marks_the_period_it_belongs_to() -> None:
    world = peopled("ann")
    world.publish(world.close(PERIOD))
    world.take(deal("D1", "ann"))
    assert marks(world, "ann") == (PERIOD,)


def test_a_paid_adjustment_takes_the_mark_away() -> None:
    world = peopled("ann")
    world.publish(world.close(PERIOD))
    world.take(deal("D1", "ann"), ticket("ann", "2017-11"))
    world.publish(world.close("2017-11"))
    assert marks(world, "ann") == ()


def test_somebody_held_at_the_close_is_paid_by_the_run_after_the_decision() -> None:
    world = World()
    world.take(employee("ann"), deal("D1", "ann"))
    run = world.publish(world.close(PERIOD))
    assert "ann" in run.totals
    assert world.payroll.messages == []
    world.take(*TARGETS)
    world.publish(world.close("2017-11"))
    assert amounts(world, PERIOD, "ann") == [explained(world, "ann")]


def test_somebody_who_joins_the_roster_after_the_close_is_paid_by_the_next_run() -> None:
    world = peopled("ann")
    world.publish(world.close(PERIOD))
    world.take(employee("bob"), deal("D1", "bob"))
    world.publish(world.close("2017-11"))
    assert amounts(world, PERIOD, "bob") == [explained(world, "bob")]
    assert explained(world, "bob") > 0


def amounts(world: World, period: str, who: str) -> list[int]:
    """The lines about a period, adjustment before regular."""
    return [int(row["amount"]) for row in sorted(world.table.query(f"EP#E:{who}#{period}", "P#", "P#~"),
                                                 key=lambda row: str(row["kind"]))]  # fmt: skip


def explained(world: World, who: str) -> int:
    """What the current facts say is due."""
    found = explain(world.table, world.plans(), who, PERIOD)["payout"]
    assert isinstance(found, int)
    return found


# Plans that change.


def with_team_measure(version: int) -> tuple[Plan, str]:
    """The demo's plan with its first measure counted for the whole team."""
    import json

    text = json.loads(stored_plan("demo-2017")[1])
    text["version"] = version
    text["measures"][0]["scope"] = "team"
    text["measures"][0]["observed"] = "awareness"
    text["measures"][0]["value"] = "value"
    text["measures"][0]["when"] = {}
    stored = json.dumps(text)
    return parsed(stored), stored


def test_a_new_plan_folds_the_open_periods_anew() -> None:
    from dualtrack.app.operate import publish_plan

    world = peopled("ann")
    world.take(deal("D1", "ann"))
    plan, text = with_team_measure(2)
    assert publish_plan(world.table, plan, text) == 2
    world.score()
    assert world.card("ann", PERIOD)["plan"] == "demo-marketing@2"
    assert points(world, "ann") == 0, "the team's awareness was never observed"


def test_a_new_plan_finds_what_a_team_had_observed_before() -> None:
    from dualtrack.app.operate import publish_plan

    world = peopled("ann")
    world.take(target("revenue", "900", version=3))
    aware = {"subject": {"team": "t1"}, "metric": "x", "period": PERIOD, "value": "450", "version": 1}
    mapping = world.mapper(world.now)
    fact = mapping(target("x", "450") | {"data": aware}, world.now, world.zone)
    place = fact.parts[0][0]._replace(measure="awareness")
    moved = replace(fact, parts=((place, fact.parts[0][1]),), entity="aware")
    world.measuring.mapper = lambda asked: lambda event, now, zone: moved
    world.take(target("x", "450"))
    publish_plan(world.table, *with_team_measure(2))
    world.score()
    assert points(world, "ann") == 50


def test_a_measure_the_plan_no_longer_has_does_not_cost_a_full_fold_every_time() -> None:
    world = peopled("ann")
    world.take(deal("D1", "ann"))
    plan = world.plans()[0]
    assert isinstance(plan.measures[0], Measure)
    slim = replace(plan, version=2, measures=tuple(m for m in plan.measures if m.observed != "opportunity"),
                   tracks=tuple(replace(t, metrics=tuple(m for m in t.metrics if m.id != "file_coverage"))
                                for t in plan.tracks))  # fmt: skip
    asked: list[tuple[str, str]] = []

    class Counting:
        def __getattr__(self, name: str) -> Any:
            return getattr(world.table, name)

        def query(self, pk: str, low: str, high: str, last_first: bool = False) -> list[dict[str, Any]]:
            asked.append((low, high))
            return world.table.query(pk, low, high)

    scoring = Scoring(Counting(), world.intake, lambda now, rev: documents.Published(rev, [slim]))
    scoring.partition(f"EP#E:ann#{PERIOD}", [Change("", "R#plan")], world.now)
    asked.clear()
    scoring.partition(f"EP#E:ann#{PERIOD}", [Change("", "R#team")], world.now)
    assert ("F#", "F#~") not in asked


def test_a_plan_is_not_changed_under_a_run() -> None:
    from dualtrack.app.operate import publish_plan
    from dualtrack.domain.errors import Refused

    world = peopled("ann")
    world.close(PERIOD)
    with pytest.raises(Refused, match="run_under_way"):
        publish_plan(world.table, *with_team_measure(2))
    assert documents.Library(world.table, "plan", parsed).current()[-1].version == 1
