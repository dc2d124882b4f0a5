"""Plays a scenario row by row, and says what came out otherwise than expected."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from dualtrack.app.opening import NotReady
from dualtrack.domain.errors import Refused, Stopped
from infra.operator import Failed
from infra.scenario import acts, expects
from infra.scenario.facts import Event, Facts, mapping
from infra.scenario.grammar import SENT
from infra.scenario.names import Names, digest
from infra.scenario.parse import Row, Scenario
from infra.scenario.tenant import Tenant, publish_source, refusals

EVENTS = frozenset(each.name for each in SENT)
TURNED_AWAY = (Refused, NotReady, Stopped, Failed)
FIRST = frozenset({"employee", "leave"})  # without these nothing can be observed of anybody
DONE = "done"


@dataclass(frozen=True, slots=True)
class Failure:
    """A row that came out otherwise: its line and text, what was expected, what was found."""

    line: int
    row: str
    expected: str
    found: str


@dataclass(slots=True)
class Stage:
    """A scenario on its way: its tenant, what waits to be sent, what was sent."""

    scenario: Scenario
    tenant: Tenant
    names: Names
    facts: Facts
    waiting: list[Row] = field(default_factory=list)
    sent: list[Event] = field(default_factory=list)
    shuffled: bool = False
    again: bool = False
    failures: list[Failure] = field(default_factory=list)

    @property
    def folder(self) -> Path:
        """Where the files that it names lie."""
        return Path(self.scenario.file).parent

    def fails(self, row: Row, expected: str, found: str) -> None:
        """Note that a row came out otherwise."""
        self.failures.append(Failure(row.line, row.text, expected, found))


def play(scenario: Scenario, tenant: Tenant) -> list[Failure]:
    """Every row that did not come out as expected; empty if the scenario holds.

    A row that fails does not end it, unless it is a plan: without that nothing that follows means anything.
    """
    names = Names(tenant.tail)
    stage = Stage(scenario, tenant, names, Facts(names, digest(scenario.title)))
    publish_source(tenant, lambda version: mapping(scenario.rows, version))
    for row in scenario.rows:
        before = len(stage.failures)
        _row(stage, row)
        if row.command == "plan" and len(stage.failures) > before:
            return stage.failures
    _send(stage)
    return stage.failures


def _row(stage: Stage, row: Row) -> None:
    if row.command in EVENTS:
        stage.waiting.append(row)
        return
    if row.command in MARKS:
        MARKS[row.command](stage)
        return
    _send(stage)
    if row.command in expects.EXPECTS:
        _expect(stage, row)
    else:
        _judge(stage, row, _refusal(lambda: acts.ACTS[row.command](stage, row)))


def _refusal(act: Callable[[], None]) -> str:
    """Why something was turned away; empty if it was done."""
    try:
        act()
    except TURNED_AWAY as why:
        return str(why)
    return ""


def _judge(stage: Stage, row: Row, refusal: str) -> None:
    """A row against whether it was expected to be refused, and why."""
    if row.refused is None:
        if refusal:
            stage.fails(row, DONE, f"refused: {refusal}")
        return
    missing = [part for part in row.refused if part.lower() not in refusal.lower()]
    if missing or not refusal:
        stage.fails(row, f"refused: {' | '.join(row.refused)}", f"refused: {refusal}" if refusal else DONE)


def _expect(stage: Stage, row: Row) -> None:
    try:
        differences = list(expects.EXPECTS[row.command](stage, row))
    except TURNED_AWAY as why:
        stage.fails(row, expects.wanted(row), str(why))
        return
    for expected, found in differences:
        stage.fails(row, expected, found)


def _shuffle(stage: Stage) -> None:
    stage.shuffled = True


def _again(stage: Stage) -> None:
    stage.again = True


MARKS: Mapping[str, Callable[[Stage], None]] = {"shuffle": _shuffle, "again": _again}


def _send(stage: Stage) -> None:
    """Send what waits: as written in one batch, or shuffled one by one; then all of it again, if asked."""
    rows, stage.waiting = stage.waiting, []
    made = [(row, event) for row in rows for event in _made(stage, row)]
    fresh = [event for _, event in made]
    batches = [fresh] if fresh else []
    if stage.shuffled and fresh:
        batches = _disordered(stage, made)
    stage.sent += fresh
    if stage.again and stage.sent:
        batches.append(list(stage.sent))
    stage.shuffled = stage.again = False
    if batches:
        stage.tenant.send(batches)
    turned_away = refusals(stage.tenant) if made else {}
    for row, event in made:
        _judge(stage, row, turned_away.get(event["id"], ""))


def _made(stage: Stage, row: Row) -> list[Event]:
    """A row's event; none if the row itself cannot be used."""
    try:
        return [stage.facts.event(row)]
    except Refused as why:
        _judge(stage, row, str(why))
        return []


def _disordered(stage: Stage, made: list[tuple[Row, Event]]) -> list[list[Event]]:
    """Employments first, then every other event in a request of its own, in an order that the text seeds."""
    first = [event for row, event in made if row.command in FIRST]
    rest = [[event] for row, event in made if row.command not in FIRST]
    Random(digest(stage.scenario.text, stage.scenario.title)).shuffle(rest)
    return [first, *rest] if first else rest
