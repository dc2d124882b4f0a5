"""A query is no snapshot: what others write while it reads must not end in a wrong scorecard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from dualtrack.app import operate, rows, totals
from dualtrack.app.explain import explain
from dualtrack.app.ports import Put
from dualtrack.app.score import Change, Scoring
from tests.support.events import deal, employee, target
from tests.support.world import World

PK = "EP#E:ann#2017-10"


def busy() -> World:
    """Somebody with so many days that some of them have left the scorecard's row."""
    world = World()
    world.take(employee("ann"), *(target(metric, "1000") for metric in ("revenue", "volume")))
    world.take(*(won(day) for day in range(1, 12)))
    assert world.table.query(PK, "M#", "M#~")
    return world


def won(day: int, name: str = "") -> dict[str, Any]:
    """A deal of a day."""
    return deal(name or f"D{day}", "ann", closed_on=f"2017-10-{day:02d}", value="50")


def measured(world: World, day: int, name: str = "") -> list[Change]:
    """What the stream would tell of one more deal."""
    world.send([won(day, name)])
    world.measuring.messages([world.delivery(world.ingest.bodies.pop(), f"m{day}")], world.now)
    told, world.changes = world.changes, []
    return [change for change in told if change.pk == PK and change.sk.startswith("F#")]


class Torn:
    """A table whose first query of totals lets somebody in between its rows."""

    def __init__(self, world: World, between: Callable[[], object]) -> None:
        self._table, self._between = world.table, between

    def __getattr__(self, name: str) -> Any:
        return getattr(self._table, name)

    def query(self, pk: str, low: str, high: str, last_first: bool = False) -> list[dict[str, Any]]:
        if low != "M#" or not high.startswith("S"):
            return self._table.query(pk, low, high, last_first)
        halves = [(low, "R~"), ("S", high)]
        [first, second] = reversed(halves) if last_first else halves
        found = self._table.query(pk, *first, last_first)
        between, self._between = self._between, lambda: None
        between()
        return found + self._table.query(pk, *second, last_first)


def test_a_fold_that_runs_in_between_two_rows_of_a_query_loses_no_day() -> None:
    world = busy()
    first, second = measured(world, 20), measured(world, 21)
    torn = Torn(world, lambda: world.scoring.partition(PK, first, world.now))
    Scoring(torn, world.intake, world.published).partition(PK, second, world.now)
    assert (
        world.card("ann", "2017-10")["payout"]
        == explain(world.table, world.plans(), "ann", "2017-10")["payout"]
    )


class Stopping:
    """A table that lets somebody in before the scorecard is written."""

    def __init__(self, world: World, between: Callable[[], object]) -> None:
        self._table, self._between = world.table, between

    def __getattr__(self, name: str) -> Any:
        return getattr(self._table, name)

    def put_if(self, put: Put) -> bool:
        if put.item["sk"] == "S":
            between, self._between = self._between, lambda: None
            between()
        return self._table.put_if(put)


@pytest.mark.parametrize("again", ["the first one comes to its end", "the first one is gone"])
def test_a_fold_between_the_writes_of_another_one_overrules_nothing_of_it(
    again: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = busy()
    assert "M#deal#2017-10-11" in world.card("ann", "2017-10")["days"]
    first, second = measured(world, 11, "E11"), measured(world, 20)
    monkeypatch.setattr(totals, "ROOM", 0)  # and has to leave it now
    _, [*earlier, last] = world.scoring._folded("E:ann", "2017-10", first, world.now)
    assert all(map(world.table.put_if, earlier))
    ended: list[bool] = []

    def go_on() -> None:
        if again == "the first one comes to its end":
            ended.append(world.table.put_if(last))

    stopping = Stopping(world, go_on)
    Scoring(stopping, world.intake, world.published).partition(PK, second, world.now)
    if not any(ended):
        world.scoring.partition(PK, first, world.now)
    folded = explain(world.table, world.plans(), "ann", "2017-10")
    assert world.card("ann", "2017-10")["payout"] == folded["payout"]


def test_a_new_fold_of_everything_takes_away_totals_that_no_fact_stands_behind() -> None:
    world = busy()
    right = world.card("ann", "2017-10")["payout"]
    [total, *_] = world.table.query(PK, "M#", "M#~")
    bare = rows.totals_key("deal", "2017-10-30.0")
    world.table.put_many([total | {"sk": bare}])
    operate.refold(world.table, "somebody wrote a row")
    world.score()
    assert world.card("ann", "2017-10")["payout"] == right
