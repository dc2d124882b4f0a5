"""Sending again: at every port call somebody dies, or the bank or a colleague goes first."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from dualtrack.app import acts, payments, resend, runs
from dualtrack.app.ports import Table
from dualtrack.app.relay import relay, unsent
from dualtrack.domain.errors import Refused
from dualtrack.domain.payments import DOUBT, OUT, PAID, REJECTED, SENT, TWICE, Receipt, attempts
from dualtrack.domain.runs import Run
from tests.properties.tripwire import Crash, Tripwire, every_call
from tests.support.events import employee
from tests.support.world import World
from tests.unit.test_draws_and_plans import document, sold

RUN = "2017-10-01"
OUT_OF_REACH = 10_000


def rejected() -> tuple[World, Run, list[str]]:
    """October is published, and the bank has rejected Ann's and Bob's payments."""
    world = World(documents=[document()])
    world.take(employee("ann"), employee("bob"))
    world.take(sold("100", "2017-10-05"), sold("50", "2017-10-06", "bob"))
    world.publish(world.close("2017-10"))
    run = runs.get(world.table, RUN)
    ids = sorted(payments.payable(world.payouts, run))
    payments.receive(world.table, world.payouts, run, [Receipt(each, 1, REJECTED) for each in ids])
    return world, run, ids


def again(act: Callable[[], object]) -> None:
    """A person tries once more after a crash; an answer that it is done already is good."""
    for _ in range(2):
        try:
            act()
        except Crash:
            continue
        except Refused as refused:
            _late(refused)
        return


def _late(refused: Refused) -> None:
    """The only refusals that may be: somebody else, or oneself before, was faster."""
    if not {each.reason for each in refused.problems} <= {"wrong_state", "stale"}:
        raise refused


def sent(world: World) -> list[tuple[str, int]]:
    """Every message that ever was on the queue: payout and attempt."""
    said = [json.loads(message.body) for message in world.payroll.messages]
    return sorted((each["payout_id"], each["attempt"]) for each in said)


def swept(world: World) -> None:
    """What the relay's clock does."""
    for run, chunk in unsent(world.table):
        relay(world.table, world.payouts, world.payroll, world.tenant, run, chunk)


def sound(world: World, run: Run) -> None:
    """No attempt is made that nobody sends, and at most one is out; all acts are in their chain."""
    messages = sent(world)
    assert len(messages) == len(set(messages))
    for each in payments.every(world.table, run.id):
        mine = {attempt for payout, attempt in messages if payout == each.payout}
        assert list(attempts(each).values()).count(OUT) <= 1
        if each.state == SENT:
            assert mine == set(range(1, each.attempt + 1)), "an attempt is out that nobody sends"
    assert not acts.broken(acts.between(world.table, 0, acts.last(world.table)))


def test_every_step_can_die_anywhere_and_is_simply_done_again() -> None:
    def run(wire: Tripwire) -> World:
        world, about, _ = rejected()
        table, objects, now = wire.wrap(world.table), wire.wrap(world.payouts), world.now
        again(lambda: resend.prepare(table, objects, about, "otto", "mended", [], now))
        [(batch, _)] = resend.open_batches(world.table, world.payouts, about)
        again(lambda: resend.release(table, objects, about, batch.name, "olga", batch.digest, now))
        again(lambda: relay(table, objects, wire.wrap(world.payroll), world.tenant, about, batch.name))
        sound(world, about)
        return world

    def same(wire: Tripwire) -> None:
        world = run(wire)
        assert sent(world) == wanted, f"messages after a crash at call {wire.at}"
        assert payments.every(world.table, RUN) == known, f"payments after a crash at call {wire.at}"

    calm = run(Tripwire(OUT_OF_REACH))
    wanted, known = sent(calm), payments.every(calm.table, RUN)
    assert [attempt for _, attempt in wanted] == [1, 2, 1, 2]
    assert every_call(same) > 20


def test_receipts_can_die_anywhere_and_come_again() -> None:
    def run(wire: Tripwire) -> World:
        world, about, ids = rejected()
        said = [Receipt(each, 1, PAID) for each in ids]
        again(lambda: payments.receive(wire.wrap(world.table), wire.wrap(world.payouts), about, said))
        return world

    calm = payments.every(run(Tripwire(OUT_OF_REACH)).table, RUN)
    assert [each.state for each in calm] == [PAID, PAID]

    def same(wire: Tripwire) -> None:
        assert payments.every(run(wire).table, RUN) == calm

    assert every_call(same) > 5


def test_a_late_success_at_any_moment_of_a_release_pays_nothing_twice_and_leaves_nobody_unpaid() -> None:
    def run(wire: Tripwire) -> None:
        world, about, ids = rejected()
        late = ids[-1]
        wire.act = lambda: heard(world, about, late)
        table, objects, now = wire.wrap(world.table), wire.wrap(world.payouts), world.now
        batch = resend.prepare(world.table, world.payouts, about, "otto", "mended", [], now)
        try:
            resend.release(table, objects, about, batch.name, "olga", batch.digest, now)
        except Refused:
            resend.discard(world.table, about, batch.name, "olga", "one was paid", now)
        swept(world)
        sound(world, about)
        if not wire.sprung:
            return
        found = {each.payout: each for each in payments.every(world.table, RUN)}
        assert found[late].state in (PAID, DOUBT)
        assert (late, 2) not in sent(world), "what was paid before it was sent is not sent"
        if found[ids[0]].state == REJECTED:
            second = resend.prepare(world.table, world.payouts, about, "otto", "mended", [], now)
            assert second.attempts == {ids[0]: 2}
        else:
            assert (ids[0], 2) in sent(world)

    assert every_call(run) >= 8


def heard(world: World, run: Run, payout: str) -> None:
    """The bank: attempt 1 was paid after all."""
    payments.receive(world.table, world.payouts, run, [Receipt(payout, 1, PAID)])


def test_a_discard_at_any_moment_of_a_release_is_all_or_nothing() -> None:
    def run(wire: Tripwire) -> None:
        world, about, ids = rejected()
        batch = resend.prepare(world.table, world.payouts, about, "otto", "mended", [], world.now)
        wire.act = lambda: quietly(
            lambda: resend.discard(world.table, about, batch.name, "ines", "not now", world.now)
        )
        table, objects = wire.wrap(world.table), wire.wrap(world.payouts)
        quietly(lambda: resend.release(table, objects, about, batch.name, "olga", batch.digest, world.now))
        swept(world)
        sound(world, about)
        once = [(each, 1) for each in ids]
        assert sent(world) in (once, sorted([*once, *((each, 2) for each in ids)])), "both again, or neither"
        assert {each.state for each in payments.every(world.table, RUN)} in ({SENT}, {REJECTED})

    assert every_call(run) >= 8


def test_two_people_release_at_once_and_it_is_sent_once() -> None:
    def run(wire: Tripwire) -> None:
        world, about, ids = rejected()
        batch = resend.prepare(world.table, world.payouts, about, "otto", "mended", [], world.now)

        def once(table: Table) -> None:
            quietly(
                lambda: resend.release(
                    table, world.payouts, about, batch.name, "olga", batch.digest, world.now
                )
            )

        wire.act = lambda: once(world.table)
        once(wire.wrap(world.table))
        swept(world)
        sound(world, about)
        assert sent(world) == sorted((each, attempt) for each in ids for attempt in (1, 2))

    assert every_call(run) >= 8


def test_a_discard_can_die_anywhere_and_is_done_again() -> None:
    def run(wire: Tripwire) -> None:
        world, about, ids = rejected()
        batch = resend.prepare(world.table, world.payouts, about, "otto", "mended", [], world.now)
        again(lambda: resend.discard(wire.wrap(world.table), about, batch.name, "ines", "no", world.now))
        swept(world)
        sound(world, about)
        assert sent(world) == [(each, 1) for each in ids]
        assert [p.state for p in payments.every(world.table, RUN)] == [REJECTED, REJECTED]

    assert every_call(run) >= 3


def quietly(act: Callable[[], object]) -> None:
    """Somebody who is refused leaves it at that."""
    try:
        act()
    except Refused as refused:
        _late(refused)


def test_what_was_paid_between_release_and_relay_is_kept_back_alone() -> None:
    world, run, ids = rejected()
    batch = resend.prepare(world.table, world.payouts, run, "otto", "mended", [], world.now)
    resend.release(world.table, world.payouts, run, batch.name, "olga", batch.digest, world.now)
    heard(world, run, ids[0])
    swept(world)
    assert sent(world) == sorted([(ids[0], 1), (ids[1], 1), (ids[1], 2)])
    item = world.table.get(f"OUTBOX#{RUN}", "OUTBOX#R01")
    assert item
    assert (item["state"], json.loads(item["stopped"])) == ("sent", [ids[0]])
    assert unsent(world.table) == []


def test_a_relay_that_died_after_sending_counts_what_was_answered_as_sent() -> None:
    world, run, ids = rejected()
    batch = resend.prepare(world.table, world.payouts, run, "otto", "mended", [], world.now)
    resend.release(world.table, world.payouts, run, batch.name, "olga", batch.digest, world.now)
    wire = Tripwire(OUT_OF_REACH)

    class Dies:
        def send(self, messages: object) -> list[int]:
            world.payroll.send(messages)  # type: ignore[arg-type]
            raise Crash

    with pytest.raises(Crash):
        relay(wire.wrap(world.table), world.payouts, Dies(), world.tenant, run, batch.name)
    payments.receive(world.table, world.payouts, run, [Receipt(each, 2, PAID) for each in ids])
    swept(world)
    assert sent(world) == sorted((each, attempt) for each in ids for attempt in (1, 2))
    item = world.table.get(f"OUTBOX#{RUN}", "OUTBOX#R01")
    assert item
    assert item["sent"] == item["expected"]


def test_what_the_bank_pays_twice_is_never_hidden() -> None:
    world, run, ids = rejected()
    batch = resend.prepare(world.table, world.payouts, run, "otto", "mended", [], world.now)
    resend.release(world.table, world.payouts, run, batch.name, "olga", batch.digest, world.now)
    swept(world)
    said = [Receipt(ids[0], n, PAID) for n in (2, 1)]
    payments.receive(world.table, world.payouts, run, said)
    assert sorted(each.state for each in payments.every(world.table, RUN)) == [TWICE, SENT]
