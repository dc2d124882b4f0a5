"""A crash between any two port calls, followed by a retry, ends in the state of no crash."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from dualtrack.adapters.memory import MemoryFifo
from dualtrack.app import payments, resend, runs
from dualtrack.app.close import chunk_list
from dualtrack.app.measure import Measuring
from dualtrack.app.opening import Request
from dualtrack.app.paying import Paying
from dualtrack.app.publishing import begin
from dualtrack.app.relay import relay
from dualtrack.app.score import Scoring, grouped
from dualtrack.domain.payments import REJECTED, Receipt
from dualtrack.domain.runs import Run
from tests.properties.states import objects, table_rows
from tests.properties.tripwire import Crash, Tripwire, every_call
from tests.support.events import deal, employee, target
from tests.support.windows import document
from tests.support.world import Document, World

OUT_OF_REACH = 10_000
PERIOD = "2017-10"


TERMS = [
    employee("ann"), employee("bob", team="t2"),
    *(target(m, "900", subject={"team": team}) for m in ("revenue", "volume") for team in ("t1", "t2")),
    deal("D1", "ann"),
]  # fmt: skip


def furnished(*documents: Document) -> World:
    """Two people, targets, and a deal of Ann's; always the very same events."""
    world = World(documents=documents)
    world.take(*TERMS)
    return world


def twice(attempt: Callable[[], Any]) -> None:
    """Once until it crashes, then again from the start."""
    try:
        attempt()
    except Crash:
        attempt()


MESSAGE = [
    deal("D1", "bob", version=4),
    deal("D2", "ann", value="1.5"),
    deal("D2", "ann", value="2.5"),
    deal("D3", "nobody"),
    employee("cid", version=2),
    deal("D4", "cid", closed_on="2017-11-02"),
    {"no": "event"},
]


def test_measure_can_die_anywhere() -> None:
    def run(wire: Tripwire) -> World:
        world = furnished()
        measuring = Measuring(wire.wrap(world.table), wire.wrap(world.intake), world.mapper, world.zone)
        body = json.dumps({"events": MESSAGE})
        twice(lambda: measuring.messages([world.delivery(body, "m9")], world.now))
        world.score()
        return world

    def same(wire: Tripwire) -> None:
        world = run(wire)
        assert table_rows(world.table) == wanted, f"table after a crash at call {wire.at}"
        assert objects(world.intake) == kept, f"objects after a crash at call {wire.at}"

    calm = run(Tripwire(OUT_OF_REACH))
    wanted, kept = table_rows(calm.table), objects(calm.intake)
    assert every_call(same) > 10


def test_a_warm_process_that_died_still_registers_the_period() -> None:
    """What is remembered must have been durable: the second try of the same process writes it all."""
    body = json.dumps({"events": [deal("D8", "ann", closed_on="2017-12-02", engaged_on="2017-12-01")]})

    def same(wire: Tripwire) -> None:
        world = furnished()
        measuring = Measuring(wire.wrap(world.table), wire.wrap(world.intake), world.mapper, world.zone)
        twice(lambda: measuring.messages([world.delivery(body, "m9")], world.now))
        assert world.table.get("PERIODS", "2017-12"), f"after a crash at call {wire.at}"

    assert every_call(same) > 5


@pytest.mark.parametrize("documents", [[], [document()]], ids=["a month", "looking back over months"])
def test_score_can_die_anywhere(documents: Sequence[Document]) -> None:
    target_now = target("revenue", "450", version=2)

    def run(wire: Tripwire) -> World:
        world = furnished(*documents)
        world.send([*MESSAGE, target_now])
        world.measuring.messages([world.delivery(world.ingest.bodies.pop(), "m9")], world.now)
        scoring = Scoring(wire.wrap(world.table), wire.wrap(world.intake), world.published)
        while world.changes:
            changes, world.changes = [c for c in world.changes if c.sk[:2] in ("F#", "R#", "P#")], []
            for pk, found in grouped(changes).items():
                twice(lambda pk=pk, found=found: scoring.partition(pk, found, world.now))  # type: ignore[misc]
        return world

    def same(wire: Tripwire) -> None:
        assert table_rows(run(wire).table) == wanted, f"after a crash at call {wire.at}"

    wanted = table_rows(run(Tripwire(OUT_OF_REACH)).table)
    assert every_call(same) > 10


def wired(world: World, wire: Tripwire) -> Paying:
    """The steps over ports whose calls are counted."""
    calm = world.paying()
    return replace(calm, table=wire.wrap(calm.table), objects=wire.wrap(calm.objects))


def closed(world: World, wire: Tripwire) -> Run:
    """Open, settle and review through the wire, each step retried."""
    paying, request, run = wired(world, wire), Request(PERIOD, "anna", "x"), list[Run]()
    twice(lambda: run.append(paying.open(request, world.now)))
    for chunk in chunk_list(world.payouts, run[-1]):
        twice(lambda c=chunk: paying.settle(run[-1], c["chunk"], c["employees"]))  # type: ignore[misc]
    twice(lambda: run.append(paying.review(runs.get(world.table, run[-1].id))))
    return run[-1]


def published(world: World, run: Run, wire: Tripwire) -> MemoryFifo:
    """Approve, then book, files, proof, release and relay through the wire, each step retried."""
    world.approve(run)
    paying, payroll = wired(world, wire), wire.wrap(world.payroll)
    chunks = [each["chunk"] for each in chunk_list(world.payouts, run)]

    def begun() -> Run:
        return begin(paying.table, run.id)

    for chunk in chunks:
        twice(lambda c=chunk: paying.book(begun(), c))  # type: ignore[misc]
    twice(lambda: paying.publishing().files(begun()))
    twice(lambda: paying.proving().prove(begun()))
    twice(lambda: paying.proving().release(begun()))
    done = runs.get(world.table, run.id)
    for chunk in chunks:
        twice(lambda c=chunk: relay(paying.table, paying.objects, payroll, "demo", done, c))  # type: ignore[misc]
    world.score()
    return world.payroll


def test_a_close_can_die_anywhere() -> None:
    def run(wire: Tripwire) -> World:
        world = furnished()
        closed(world, wire)
        return world

    def same(wire: Tripwire) -> None:
        world = run(wire)
        assert objects(world.payouts) == bytes_of, f"evidence after a crash at call {wire.at}"
        assert table_rows(world.table) == wanted, f"table after a crash at call {wire.at}"

    calm = run(Tripwire(OUT_OF_REACH))
    bytes_of, wanted = objects(calm.payouts), table_rows(calm.table)
    assert every_call(same) > 8


def test_a_publication_can_die_anywhere() -> None:
    def run(wire: Tripwire) -> World:
        world = furnished()
        published(world, closed(world, Tripwire(OUT_OF_REACH)), wire)
        return world

    def same(wire: Tripwire) -> None:
        world = run(wire)
        assert objects(world.payouts) == bytes_of, f"files after a crash at call {wire.at}"
        assert world.payroll.messages == sent, f"messages after a crash at call {wire.at}"
        assert table_rows(world.table) == wanted, f"table after a crash at call {wire.at}"

    calm = run(Tripwire(OUT_OF_REACH))
    bytes_of, sent, wanted = objects(calm.payouts), calm.payroll.messages, table_rows(calm.table)
    assert len(sent) == 1, "Ann has sold; Bob has not"
    assert every_call(same) > 10


def test_sending_again_can_die_anywhere() -> None:
    """Receipts, the list, its release and the messages: a rejected payment goes out once more, and once."""

    def run(wire: Tripwire) -> World:
        world = furnished()
        published(world, closed(world, Tripwire(OUT_OF_REACH)), Tripwire(OUT_OF_REACH))
        table, objects = wire.wrap(world.table), wire.wrap(world.payouts)
        done = runs.get(world.table, f"{PERIOD}-01")
        [payout] = payments.payable(world.payouts, done)
        rejected = [Receipt(payout, 1, REJECTED, "AC04")]
        batch: list[resend.Batch] = []
        twice(lambda: payments.receive(table, objects, done, rejected))
        twice(lambda: batch.append(prepared(world, table, objects, done)))
        name, digest = batch[-1].name, batch[-1].digest
        twice(lambda: released(world, table, objects, done, name, digest))
        twice(lambda: relay(table, objects, wire.wrap(world.payroll), "demo", done, name))
        return world

    def same(wire: Tripwire) -> None:
        world = run(wire)
        assert world.payroll.messages == sent, f"messages after a crash at call {wire.at}"
        assert payments.every(world.table, f"{PERIOD}-01") == known, f"payments after a crash at {wire.at}"

    calm = run(Tripwire(OUT_OF_REACH))
    sent, known = calm.payroll.messages, payments.every(calm.table, f"{PERIOD}-01")
    assert [json.loads(m.body)["attempt"] for m in sent] == [1, 2]
    assert every_call(same) > 10


def prepared(world: World, table: Any, objects: Any, run: Run) -> resend.Batch:
    """The list; a person whose command broke off looks for what is there before preparing another."""
    if world.table.get(f"OUTBOX#{run.id}", "OUTBOX#R01"):
        return resend.stored(world.payouts, run, "R01")
    return resend.prepare(table, objects, run, "otto", "account mended", [], world.now)


def released(world: World, table: Any, objects: Any, run: Run, name: str, digest: str) -> None:
    """The release, unless it has come through already."""
    item = world.table.get(f"OUTBOX#{run.id}", f"OUTBOX#{name}")
    if item and item["state"] in resend.UNSENT:
        resend.release(table, objects, run, name, "olga", digest, world.now)
