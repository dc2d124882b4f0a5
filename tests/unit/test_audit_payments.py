"""The audit of payments: doubt, money that went out twice, and attempts that nobody sends are findings."""

from __future__ import annotations

from dualtrack.app import payments, resend
from dualtrack.app.audit import audit
from dualtrack.app.audited import Audited
from dualtrack.domain.payments import PAID, Receipt
from tests.properties.test_sending_again import rejected, swept
from tests.support.world import World


def found(world: World) -> list[tuple[str, str]]:
    """What the whole audit finds, with what it expects."""
    tenant = Audited(world.table, world.intake, world.payouts, lambda: world.plans())
    return [(each.kind, each.expected) for each in audit(tenant, lambda: None).findings]


def test_a_rejected_payment_that_is_sent_again_is_no_finding() -> None:
    world, run, ids = rejected()
    assert found(world) == []
    batch = resend.prepare(world.table, world.payouts, run, "otto", "r", [ids[0]], world.now)
    assert found(world) == []
    resend.release(world.table, world.payouts, run, batch.name, "olga", batch.digest, world.now)
    assert found(world) == []
    swept(world)
    assert found(world) == []


def test_doubt_and_what_is_owed_back_are_findings_until_somebody_has_settled_them() -> None:
    world, run, ids = rejected()
    batch = resend.prepare(world.table, world.payouts, run, "otto", "r", [ids[0]], world.now)
    resend.release(world.table, world.payouts, run, batch.name, "olga", batch.digest, world.now)
    swept(world)
    payments.receive(world.table, world.payouts, run, [Receipt(ids[0], 1, PAID)])
    assert found(world) == [("payment", "paid or rejected")]
    payments.receive(world.table, world.payouts, run, [Receipt(ids[0], 2, PAID)])
    amount = payments.payable(world.payouts, run)[ids[0]].amount // 100
    assert found(world) == [("overpaid", f"owed back: {amount}.00 USD")]
    payments.settle(world.table, run, ids[0], PAID, "otto", "one came back", world.now)
    assert found(world) == []


def test_an_attempt_whose_batch_nobody_released_to_the_end_is_a_finding() -> None:
    world, run, ids = rejected()
    batch = resend.prepare(world.table, world.payouts, run, "otto", "r", [ids[0]], world.now)
    payments.again(world.table, run.id, ids[0], 2, batch.name)
    assert found(world) == [("batch", "sent")]


def test_a_batch_of_which_something_else_was_sent_is_a_finding() -> None:
    world, run, ids = rejected()
    batch = resend.prepare(world.table, world.payouts, run, "otto", "r", [ids[0]], world.now)
    resend.release(world.table, world.payouts, run, batch.name, "olga", batch.digest, world.now)
    swept(world)
    item = world.table.get(f"OUTBOX#{run.id}", "OUTBOX#R01")
    assert item
    world.table.put_many([item | {"sent": "{}"}])
    assert [kind for kind, _ in found(world)] == ["outbox"]
