"""What the simulator found, each as the shortest story that shows it."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from dualtrack.app import close, opening, operate, runs
from dualtrack.app.explain import explain
from dualtrack.app.opening import NotReady
from dualtrack.app.ports import Put
from dualtrack.app.relay import relay, unsent
from dualtrack.app.score import Change, Scoring
from dualtrack.domain.numbers import exact
from dualtrack.domain.pricing import due
from tests.support.events import deal, employee, target
from tests.support.world import World

OCTOBER, NOVEMBER, DECEMBER = "2017-10", "2017-11", "2017-12"


def furnished(*people: str) -> World:
    """People with targets for two months."""
    world = World()
    goals = [
        target(metric, "100", period) for metric in ("revenue", "volume") for period in (OCTOBER, NOVEMBER)
    ]
    world.take(*map(employee, people), *goals)
    return world


def amount(world: World, who: str, period: str) -> int:
    """What was booked for somebody's period."""
    found = world.table.query(f"EP#E:{who}#{period}", "P#", "P#~")
    return sum(int(row["amount"]) for row in found)


def test_who_joins_while_a_run_is_under_way_is_paid_by_the_next_one() -> None:
    world = furnished("ann")
    run = world.close(OCTOBER)
    world.take(employee("bob"), deal("D1", "bob"))
    world.publish(run)
    assert amount(world, "bob", OCTOBER) == 0
    world.publish(world.close(NOVEMBER))
    assert amount(world, "bob", OCTOBER) == world.card("bob", OCTOBER)["payout"] > 0


def test_a_month_is_not_closed_before_the_one_before_it() -> None:
    world = furnished("ann")
    world.take(deal("D1", "ann"), deal("D2", "ann", closed_on="2017-11-02"))
    with pytest.raises(NotReady, match="2017-10 is not published; close it first"):
        world.close(NOVEMBER)
    world.publish(world.close(OCTOBER))
    assert world.close(NOVEMBER).state == "REVIEW"


@pytest.mark.parametrize("dies_after", range(1, 5))
def test_a_release_that_dies_leaves_nobody_unpaid(dies_after: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "CHUNK", 1)
    world = furnished("ann", "bob")
    world.take(deal("D1", "ann"), deal("D2", "bob"))
    run = world.close(OCTOBER)
    approved, paying = world.approve(run), world.paying()
    for each in close.chunk_list(world.payouts, approved):
        paying.book(approved, each["chunk"])
    paying.publishing().files(approved)
    paying.proving().prove(approved)
    dying = replace(paying, table=Dying(world.table, dies_after)).proving()
    with pytest.raises(ConnectionError):
        dying.release(approved)
    if runs.get(world.table, run.id).state == "APPROVED":  # the operator publishes it again
        paying.proving().release(approved)
    for found, chunk in unsent(world.table):  # the sweeper
        relay(world.table, world.payouts, world.payroll, world.tenant, found, chunk)
    assert sorted(json.loads(m.body)["employee"] for m in world.payroll.messages) == ["ann", "bob"]


class Dying:
    """A table that breaks off after so many conditional writes."""

    def __init__(self, table: Any, writes: int) -> None:
        self._table, self._left = table, writes

    def __getattr__(self, name: str) -> Any:
        return getattr(self._table, name)

    def put_if(self, put: Put) -> bool:
        """One of the writes that are left."""
        self._left -= 1
        if self._left < 0:
            raise ConnectionError("gone")
        return bool(self._table.put_if(put))

    def transact(self, *given: Any, **named: Any) -> bool:
        """Counts as one."""
        self._left -= 1
        if self._left < 0:
            raise ConnectionError("gone")
        return bool(self._table.transact(*given, **named))


def test_a_fold_that_changes_nothing_invalidates_a_slower_one_that_read_less() -> None:
    world = furnished("ann")
    world.take(deal("D1", "ann", value="50"))
    pk = f"EP#E:ann#{OCTOBER}"
    overtaken: list[bool] = []

    class Slow:
        """A table on which another fold comes first, between this one's reads and its writes."""

        def __getattr__(self, name: str) -> Any:
            return getattr(world.table, name)

        def put_if(self, put: Put) -> bool:
            if not overtaken:
                overtaken.append(True)
                world.take(
                    deal("D1", "ann", version=4, value="999")
                )  # a contradiction: version 3 counts again
            return world.table.put_if(put)

    world.send([deal("D1", "ann", version=4, value="60")])
    world.measuring.messages([world.delivery(world.ingest.bodies.pop())], world.now)
    waiting, world.changes = [c for c in world.changes if c.pk == pk and c.sk.startswith("F#")], []
    Scoring(Slow(), world.intake, world.published).partition(pk, waiting, world.now)
    assert world.card("ann", OCTOBER)["points"]["revenue"] == "50"


def test_a_fold_of_everything_also_looks_at_terms() -> None:
    world = furnished("ann")
    world.publish(world.close(OCTOBER))
    world.send([employee("bob"), deal("D1", "bob")])
    world.measuring.messages([world.delivery(world.ingest.bodies.pop())], world.now)
    world.changes = [
        Change(c.pk, c.sk) for c in world.changes if not c.pk.endswith("#-")
    ]  # the stream forgot
    world.score()
    assert operate.refold(world.table, "the stream forgot") > 0
    world.score()
    world.publish(world.close(NOVEMBER))
    assert amount(world, "bob", OCTOBER) > 0


def goals(period: str, value: str = "100", version: int = 1) -> list[dict[str, Any]]:
    """The team's targets of a month."""
    return [target(metric, value, period, version=version) for metric in ("revenue", "volume")]


def before_its_month() -> World:
    """November is being closed, and only then anything is known of October."""
    world = World()
    world.take(employee("ann"), *goals(NOVEMBER), *goals(DECEMBER))
    world.close(NOVEMBER)
    world.take(deal("D1", "ann"), *goals(OCTOBER))
    return world


def test_a_rejected_run_can_be_closed_again_whatever_has_come_for_an_earlier_month() -> None:
    world = before_its_month()
    operate.reject(world.table, f"{NOVEMBER}-01", "bert", "something looks odd", world.now)
    world.publish(world.close(NOVEMBER, "carl"))
    assert amount(world, "ann", OCTOBER) == world.card("ann", OCTOBER)["payout"] > 0


def test_a_month_of_which_something_comes_after_a_later_one_was_published_is_paid_by_the_next_run() -> None:
    world = before_its_month()
    world.publish(runs.get(world.table, f"{NOVEMBER}-01"))
    assert amount(world, "ann", OCTOBER) == 0
    world.publish(world.close(DECEMBER))
    assert amount(world, "ann", OCTOBER) == world.card("ann", OCTOBER)["payout"] > 0


def test_every_fold_of_everything_reaches_the_members_of_a_team() -> None:
    world = furnished("ann")
    world.take(deal("D1", "ann", value="50"))
    for version, value in ((2, "200"), (3, "400")):
        world.send(goals(OCTOBER, value, version))
        world.measuring.messages([world.delivery(world.ingest.bodies.pop(), f"m{version}")], world.now)
        world.changes = []  # the stream forgot
        operate.refold(world.table, f"audit {version}")
        world.changes.sort(key=lambda change: change.pk.startswith("EP#T:"))  # members come first
        world.score()
        folded = explain(world.table, world.plans(), "ann", OCTOBER)
        assert world.card("ann", OCTOBER)["payout"] == folded["payout"]


def test_exactly_half_a_cent_is_rounded_up_also_if_thirds_lead_to_it() -> None:
    def earned() -> Decimal:
        """Two tracks of half the weight each, of which one scored a third of 74.8."""
        return 300_600 * (50 * Decimal("22.9") + 50 * (Decimal("74.8") / 3)) / 10_000

    assert due(exact(earned)(), "USD")[0] == 71_894  # 71 893.5
