"""Windows live: right whatever order months come in, and for nothing where nothing looks back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from itertools import permutations
from random import Random
from typing import Any

import pytest

from dualtrack.adapters import plan_file
from dualtrack.adapters.plan_codec import plan as parsed
from dualtrack.app import operate, roster
from dualtrack.app.audit import audit
from dualtrack.app.audited import Audited
from dualtrack.app.documents import Library
from dualtrack.app.explain import as_settled, explain
from dualtrack.app.score import Change, Scoring, grouped
from dualtrack.app.telling import begun
from dualtrack.domain.errors import Refused
from tests.support.events import deal, employee, event, target
from tests.support.windows import document
from tests.support.world import Document, World

OCTOBER, NOVEMBER, DECEMBER, JANUARY = MONTHS = ("2017-10", "2017-11", "2017-12", "2018-01")


def sold(name: str, day: str, value: str = "100", owner: str = "ann", **said: Any) -> dict[str, Any]:
    """A deal that was won on a day."""
    return deal(name, owner, closed_on=day, engaged_on=day, value=value, **said)


def tenant(*documents: Document) -> World:
    """Ann and Bob under these plans."""
    world = World(documents=documents or [document()])
    world.take(employee("ann"), employee("bob", team="t2"))
    return world


def live(world: World, who: str = "ann") -> dict[str, tuple[Any, Any]]:
    """Total and payout of every month that has a scorecard."""
    found = {month: world.table.get(f"EP#E:{who}#{month}", "S") for month in MONTHS}
    return {month: (card["total"], card["payout"]) for month, card in found.items() if card}


def scratch(world: World, months: Sequence[str], who: str = "ann") -> dict[str, tuple[Any, Any]]:
    """The same, folded from all facts."""
    found = {month: explain(world.table, world.plans(), who, month) for month in months}
    return {
        month: (f"{round(Decimal(card['total']), 10).normalize():f}", card["payout"])
        for month, card in found.items()
    }


FACTS = {
    OCTOBER: [sold("A", "2017-10-05"), sold("B", "2017-10-20", "40", days=30)],
    NOVEMBER: [sold("C", "2017-11-05", "70"), target("revenue", "150", NOVEMBER)],
    DECEMBER: [sold("D", "2017-12-05", "900"), sold("E", "2017-12-06", "90", stage="Lost", won="0")],
    JANUARY: [sold("F", "2018-01-05", "20"), target("revenue", "50", JANUARY)],
}


@pytest.mark.parametrize(
    "order", list(permutations(MONTHS)), ids=lambda order: " ".join(m[5:] for m in order)
)
def test_in_any_order_of_months_live_is_what_a_fold_from_scratch_gives(order: tuple[str, ...]) -> None:
    world = tenant()
    for month in order:
        world.take(*FACTS[month])
        assert live(world) == scratch(world, list(live(world)))
    assert list(live(world)) == list(MONTHS)


@pytest.mark.parametrize("seed", range(12))
def test_whatever_the_stream_tells_first_live_is_what_a_fold_from_scratch_gives(seed: int) -> None:
    random = Random(f"windows {seed}")
    world = tenant()
    events = [each for found in FACTS.values() for each in found]
    moved = [sold("A", "2017-12-11", version=4), sold("C", "2017-10-30", "70", version=4)]
    for group in (events, moved):
        random.shuffle(group)
        for each in group:
            world.send([each])
            while world.ingest.bodies:
                body = world.ingest.bodies.pop(0)
                world.measuring.messages([world.delivery(body, f"m{each['id']}")], world.now)
            told(world, random, until=random.randint(0, 3))
    told(world, random)
    assert live(world) == scratch(world, MONTHS)


def told(world: World, random: Random, until: int = 10_000) -> None:
    """So many records of the stream, of any partition, come to score; those of one row stay in order."""
    while world.changes and until:
        found = grouped(c for c in world.changes if c.sk.startswith(("F#", "R#", "P#")))
        if not found:
            world.changes = []
            return
        pk = random.choice(sorted(found))
        some = found[pk][: random.randint(1, len(found[pk]))]
        for change in some:
            world.changes.remove(change)
        world.scoring.partition(pk, some, world.now)
        until -= 1


def test_a_team_s_target_of_october_counts_in_its_members_december() -> None:
    world = tenant()
    world.take(*FACTS[OCTOBER], *FACTS[DECEMBER])
    before = world.card("ann", DECEMBER)["points"]["revenue"]
    world.take(target("revenue", "800", OCTOBER))
    assert live(world) == scratch(world, [OCTOBER, DECEMBER])
    assert Decimal(world.card("ann", DECEMBER)["points"]["revenue"]) < Decimal(before)


def test_a_late_october_fact_restates_published_months_and_scores_december_again() -> None:
    world = tenant()
    world.take(*FACTS[OCTOBER], *FACTS[NOVEMBER])
    for month in (OCTOBER, NOVEMBER):
        world.publish(world.close(month))
    world.take(*FACTS[DECEMBER], sold("Z", "2017-12-09", "10", "bob"))
    before = live(world)
    world.take(sold("G", "2017-10-31", "30", days=3))
    assert {month for month, card in live(world).items() if card != before[month]} == {
        OCTOBER, NOVEMBER, DECEMBER,
    }  # fmt: skip
    assert roster.person(world.table, "ann").restated == (OCTOBER, NOVEMBER)
    world.publish(world.close(DECEMBER))
    lines = [
        (line["kind"], line["period"])
        for month in MONTHS[:3]
        for line in world.table.query(f"EP#E:ann#{month}", "P#2017-12", "P#~")
    ]
    assert lines == [("adjustment", OCTOBER), ("adjustment", NOVEMBER), ("regular", DECEMBER)]
    assert roster.person(world.table, "ann").restated == ()
    for month in MONTHS[:3]:
        paid = sum(int(line["amount"]) for line in world.table.query(f"EP#E:ann#{month}", "P#", "P#~"))
        assert paid == explain(world.table, world.plans(), "ann", month)["payout"]


def test_the_evidence_of_a_close_has_the_facts_of_every_month_that_counted() -> None:
    world = tenant()
    world.take(*FACTS[OCTOBER], *FACTS[NOVEMBER])
    world.publish(world.close(OCTOBER))
    run = world.publish(world.close(NOVEMBER))
    world.take(sold("A", "2017-10-05", "7777", version=9))
    card = as_settled(world.payouts, run, "ann", NOVEMBER)
    assert sorted({(row[1], row[4]) for row in card["observations"] if row[2] == "deal"}) == [
        (OCTOBER, "A"), (OCTOBER, "B"), (NOVEMBER, "C"),
    ]  # fmt: skip
    assert card["metrics"]["revenue"]["value"] == "210"
    assert not [row for row in card["observations"] if row[0] == "E:bob"]


def test_an_explanation_can_be_narrowed_to_a_metric_and_what_fed_it() -> None:
    world = tenant()
    goals = [target(name, "5", DECEMBER) for name in ("deals", "best")]
    world.take(*FACTS[OCTOBER], *FACTS[DECEMBER], *goals, ticket_of("ann"))
    whole = explain(world.table, world.plans(), "ann", DECEMBER)
    card = explain(world.table, world.plans(), "ann", DECEMBER, "deals")
    assert list(card["metrics"]) == ["deals"]
    assert card["metrics"]["deals"] == whole["metrics"]["deals"]
    assert {row[2] for row in card["observations"]} == {"deal", "target.deals"}
    assert {row[2] for row in whole["observations"]} == {
        "deal",
        "opportunity",
        "ticket",
        "target.deals",
        "target.best",
    }
    with pytest.raises(
        Refused, match="unknown_metric: metric is profit; name one of revenue, deals, days, best"
    ):
        explain(world.table, world.plans(), "ann", DECEMBER, "profit")


def ticket_of(owner: str) -> dict[str, Any]:
    """Something that the plan does not measure."""
    said = {"ticket": "t", "version": 1, "owner": {"id": owner}, "closed_on": "2017-12-07", "in_time": "1"}
    return event("desk.ticket.closed", said)


def test_totals_that_are_mended_last_reach_the_months_that_were_mended_first() -> None:
    world = tenant()
    world.take(*FACTS[OCTOBER], *FACTS[NOVEMBER], *FACTS[DECEMBER])
    right = live(world)
    damaged = world.table.get("EP#E:ann#2017-10", "S")
    world.table.put_many([{**(damaged or {}), "days": {}}])
    for row in world.table.query("EP#E:ann#2017-10", "M#", "M#~"):
        world.table.delete(row["pk"], row["sk"])
    world.changes = []
    operate.refold(world.table, "totals were lost")
    found = grouped(c for c in world.changes if c.sk.startswith("R#"))
    world.changes = []
    for pk in sorted(found, reverse=True):  # December, November, October
        world.scoring.partition(pk, found[pk], world.now)
        world.score()
    assert live(world) == right


# What it costs.


class Counting:
    """A table that notes what is asked of it."""

    def __init__(self, world: World) -> None:
        self._world, self.asked = world, list[str]()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._world.table, name)

    def query(self, pk: str, low: str, high: str, last_first: bool = False) -> list[dict[str, Any]]:
        """Noted."""
        self.asked.append(f"{pk} {low}")
        return self._world.table.query(pk, low, high, last_first)


def asked_for(world: World, *events: dict[str, Any]) -> list[str]:
    """What the fold of these events reads, besides their cells."""
    world.send(events)
    world.measuring.messages([world.delivery(world.ingest.bodies.pop(), "counted")], world.now)
    changes, world.changes = [c for c in world.changes if c.sk.startswith("F#")], []
    table = Counting(world)
    for pk, found in grouped(changes).items():
        Scoring(table, world.intake, world.published).partition(pk, found, world.now)
    world.score()
    return [each for each in table.asked if " F#" not in each]


def test_an_event_of_today_reads_one_month_however_long_the_windows() -> None:
    world = tenant()
    for month in (OCTOBER, NOVEMBER):
        world.take(*FACTS[month])
    first = asked_for(world, sold("D", "2017-12-05"))
    again = asked_for(world, sold("H", "2017-12-06"))
    one_month = ["EP#E:ann#2017-12 M#", "EP#E:ann#- B#", "EP#T:t1#2017-12 M#", "PERIODS 0"]
    assert set(one_month) < set(first)
    assert {"EP#E:ann#2017-10 M#", "EP#E:ann#2017-11 M#", "EP#T:t1#2017-10 M#"} < set(first)
    assert sorted(again) == sorted(one_month)


def test_in_its_own_month_an_event_reads_what_it_would_read_without_windows() -> None:
    world = tenant()
    world.now = datetime(2017, 11, 10, tzinfo=UTC)
    world.take(*FACTS[OCTOBER], *FACTS[NOVEMBER], target("revenue", "100", DECEMBER))
    asked = asked_for(world, sold("H", "2017-11-09"))
    assert asked == ["EP#E:ann#2017-11 M#", "EP#E:ann#- B#", "EP#T:t1#2017-11 M#"]


def test_without_longer_windows_nothing_more_is_read() -> None:
    plain = document()
    plain["measures"] = [
        {k: v for k, v in m.items() if k not in ("window", "months")} for m in plain["measures"]
    ]
    world = tenant(plain)
    world.take(*FACTS[OCTOBER], *FACTS[NOVEMBER])
    asked = asked_for(world, sold("H", "2017-10-06"))
    assert asked == ["EP#E:ann#2017-10 M#", "EP#E:ann#- B#", "EP#T:t1#2017-10 M#"]
    assert world.table.get("EP#E:ann#2017-10", "O") is None


def test_months_that_have_not_begun_are_neither_scored_nor_told() -> None:
    world = tenant()
    world.now = datetime(2017, 10, 10, tzinfo=UTC)
    goals = [target("revenue", "100", month) for month in MONTHS]
    world.take(*goals, sold("A", "2017-10-05"))
    assert list(live(world)) == [OCTOBER]
    assert not [pk for pk, found in world.table._rows.items() if "R#window" in found]
    assert audited(world) == []
    world.now = datetime(2017, 11, 3, tzinfo=UTC)
    world.take(sold("B", "2017-10-30"))
    assert list(live(world)) == [OCTOBER, NOVEMBER], "November has begun, and October's deal counts there"
    assert live(world) == scratch(world, [OCTOBER, NOVEMBER])
    world.take(sold("C", "2017-11-02"))
    assert live(world) == scratch(world, [OCTOBER, NOVEMBER])
    assert audited(world) == []


@pytest.mark.parametrize(
    ("now", "period", "expected"),
    [("2017-10-29", NOVEMBER, False), ("2017-10-30", NOVEMBER, True), ("2017-11-01", NOVEMBER, True),
     ("2017-12-31", JANUARY, True), ("2017-12-29", JANUARY, False), ("2026-01-01", OCTOBER, True)],
)  # fmt: skip
def test_a_month_has_begun_two_days_before_its_first(now: str, period: str, expected: bool) -> None:
    assert begun(period, datetime.fromisoformat(now).replace(tzinfo=UTC)) is expected


def audited(world: World) -> list[str]:
    """What an audit finds."""
    tenant = Audited(world.table, world.intake, world.payouts, world.plans)
    return [str(each) for each in audit(tenant, lambda: None).findings]


# Plans that begin to look back.


def monthly(version: int = 1) -> Document:
    """A plan whose only window is the month."""
    made = document(version)
    made["measures"] = [
        {k: v for k, v in m.items() if k not in ("window", "months")} for m in made["measures"]
    ]
    return made


def published(world: World, made: Document) -> None:
    """A new version."""
    operate.publish_plan(world.table, *plan_file.read(made))


def test_a_plan_that_begins_later_reads_what_was_before_it_from_its_facts() -> None:
    world = tenant(monthly())
    world.take(*FACTS[OCTOBER], *FACTS[NOVEMBER], *FACTS[DECEMBER])
    published(world, document(2, "2017-12-01"))
    world.score()
    assert live(world) == scratch(world, MONTHS[:3])
    assert world.card("ann", DECEMBER)["plan"] == "windows@2"
    assert world.card("ann", NOVEMBER)["plan"] == "windows@1"
    world.take(sold("G", "2017-10-31", "30", days=3))
    assert live(world) == scratch(world, MONTHS[:3])


def test_months_that_a_new_plan_looks_at_are_told_so_and_not_scored_by_it() -> None:
    world = tenant(monthly())
    world.take(*FACTS[OCTOBER], *FACTS[NOVEMBER], *FACTS[DECEMBER])
    published(world, document(2, "2017-12-01"))
    asked = {
        (pk, sk) for pk, found in world.table._rows.items() for sk in found if sk in ("R#plan", "R#looked_at")
    }
    assert asked == {
        (f"EP#{subject}#{month}", why)
        for subject in ("E:ann", "E:bob", "T:t1")
        for month, why in ((OCTOBER, "R#looked_at"), (NOVEMBER, "R#looked_at"), (DECEMBER, "R#plan"))
    }


@pytest.mark.parametrize("first", ["the late fact", "the new plan"])
def test_a_process_with_yesterday_s_plans_tells_the_later_months_all_the_same(first: str) -> None:
    world = tenant(monthly())
    world.take(*FACTS[OCTOBER], *FACTS[DECEMBER])
    library = Library(world.table, "plan", parsed)
    library.recent(world.now, 0)
    published(world, document(2, "2017-12-01"))
    asked, world.changes = world.changes, []
    world.send([sold("G", "2017-10-31", "30", days=3)])
    world.measuring.messages([world.delivery(world.ingest.bodies.pop(), "late")], world.now)
    late, world.changes = [c for c in world.changes if c.sk.startswith("F#")], []
    forgetful = Scoring(world.table, world.intake, library.recent)
    steps: dict[str, list[Change]] = {"the new plan": asked, "the late fact": late}
    for name in sorted(steps, key=lambda name: name != first):
        for pk, found in grouped(c for c in steps[name] if c.sk.startswith(("F#", "R#"))).items():
            forgetful.partition(pk, found, world.now)
    world.score()
    assert live(world) == scratch(world, [OCTOBER, DECEMBER])
