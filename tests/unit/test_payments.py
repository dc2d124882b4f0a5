"""What becomes of a payment: receipts in any order, rejects sent again, nothing paid twice."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from dualtrack.app import payments, resend, runs
from dualtrack.app.relay import relay, unsent
from dualtrack.domain.errors import Refused
from dualtrack.domain.payments import (
    KEPT,
    PAID,
    REJECTED,
    STANDS,
    Payment,
    Receipt,
    heard,
    owed_back,
    resent,
    settled,
)
from dualtrack.domain.runs import Run
from dualtrack.domain.setup import DEFAULT, Debtor
from tests.support.world import World
from tests.unit.test_finance import OCTOBER, closed, tenant

NOW = datetime(2018, 2, 1, tzinfo=UTC)
# p1: attempt 1 is reported paid; r1: rejected; l1: rejected, said of a later time; s: sent again;
# w: a person says that it was paid; n: that it was not
STORIES = {
    "p1": ("paid", 1), "r1": ("rejected", 1), "r1 r1": ("rejected", 1), "p1 p1": ("paid", 1),
    "r1 s": ("sent", 2), "r1 s r1": ("sent", 2), "r1 s p2": ("paid", 2), "r1 s p2 p2": ("paid", 2),
    "r1 p1": ("paid", 1), "r1 s p1": ("doubt", 2), "r1 s p1 r2": ("paid", 2), "r1 s p1 p2": ("paid twice", 2),
    "r1 s p2 p1": ("paid twice", 2), "p1 r1": ("doubt", 1), "r1 s r2": ("rejected", 2),
    "r1 s r2 p1": ("paid", 2), "r1 s r2 s p3": ("paid", 3), "p1 r1 w": ("paid", 1),
    "r1 s p1 r2 p2": ("paid twice", 2), "r1 s p1 p2 r2": ("doubt", 2), "r1 s r2 s p1": ("doubt", 3),
    "r1 s p1 w": ("paid", 2), "r1 s p1 w p2": ("paid twice", 2), "r1 s p1 w r2": ("paid", 2),
    "r1 s p1 p2 w": ("paid", 2), "r1 s p1 n": ("rejected", 2), "r1 s p1 n s": ("sent", 3),
    "r1 s p1 n s p2": ("doubt", 3), "r1 s p1 n s p3": ("paid", 3), "r1 p1 r1": ("paid", 1),
    "r1 p1 l1": ("doubt", 1), "r1 l1": ("rejected", 1), "r1 p1 l1 n s p2": ("paid", 2),
}  # fmt: skip


def told(story: str) -> Payment:
    """A payment after a story."""
    payment = Payment("P")
    for n, word in enumerate(story.split()):
        if word == "s":
            payment = resent(payment, f"R{n}")
        elif word in "wn":
            payment = settled(payment, PAID if word == "w" else REJECTED, "otto", "asked the bank", "now")
        else:
            outcome, at = {"p": (PAID, "1"), "r": (REJECTED, "1"), "l": (REJECTED, "2")}[word[0]]
            payment = heard(payment, Receipt("P", int(word[1]), outcome, at=at))
    return payment


@pytest.mark.parametrize("story", STORIES)
def test_a_story_of_receipts(story: str) -> None:
    found = told(story)
    assert (found.state, found.attempt) == STORIES[story]


def test_only_a_rejected_payment_is_sent_again_and_once_for_a_batch() -> None:
    once = resent(told("r1"), "R01")
    assert resent(once, "R01") == once
    for story in ("p1", "r1 s", "p1 r1", "r1 p1"):
        with pytest.raises(Refused, match="only a rejected payment"):
            resent(told(story), "R99")


@pytest.mark.parametrize(
    ("receipt", "why"),
    [
        (Receipt("P", 3, PAID), "2 were sent"), (Receipt("P", 0, PAID), "say which: 1 to 2"),
        (Receipt("P", -1, PAID), "2 were sent"), (Receipt("P", 1, "lost"), "use paid, rejected"),
    ],
)  # fmt: skip
def test_a_receipt_that_cannot_be_is_refused(receipt: Receipt, why: str) -> None:
    with pytest.raises(Refused, match=why):
        heard(told("r1 s"), receipt)


def test_every_state_of_the_table_can_be_reached() -> None:
    assert set(STANDS.values()) <= {state for state, _ in STORIES.values()}


def published() -> tuple[World, Run, list[str]]:
    """October is published: Ann's payment."""
    world = tenant()
    closed(world, OCTOBER)
    run = runs.get(world.table, "2017-10-01")
    return world, run, sorted(payments.payable(world.payouts, run))


def test_a_reject_is_sent_again_by_two_people_under_the_same_id() -> None:
    world, run, [payout] = published()
    payments.receive(world.table, world.payouts, run, [Receipt(payout, 1, REJECTED, "AC04")])
    batch = resend.prepare(world.table, world.payouts, run, "otto", "account mended", [], NOW)
    assert relay(world.table, world.payouts, world.payroll, "demo", run, batch.name) == 0, "not released yet"
    assert unsent(world.table) == []
    with pytest.raises(Refused, match="somebody other than otto"):
        resend.release(world.table, world.payouts, run, batch.name, "OTTO", batch.digest, NOW)
    with pytest.raises(Refused, match="look again"):
        resend.release(world.table, world.payouts, run, batch.name, "olga", "other", NOW)
    resend.release(world.table, world.payouts, run, batch.name, "olga", batch.digest, NOW)
    for _ in range(2):
        relay(world.table, world.payouts, world.payroll, "demo", run, batch.name)
    said = [json.loads(m.body) for m in world.payroll.messages]
    assert [(m["payout_id"], m["attempt"]) for m in said] == [(payout, 1), (payout, 2)]
    payments.receive(world.table, world.payouts, run, [Receipt(payout, 2, PAID)])
    assert payments.waiting(world.table, run.id) == []
    with pytest.raises(Refused, match="nothing_rejected"):
        resend.prepare(world.table, world.payouts, run, "otto", "again", [], NOW)


def test_a_bank_gets_a_file_of_what_is_sent_again_once_it_is_released() -> None:
    world = tenant()
    debtor = Debtor("USD", "Acme", "GB33BUKB20201555555555", "BUKBGB22")
    files = ("lines", "workbook", "pain001")
    world.setups.append(replace(DEFAULT, id="pay", version=1, files=files, debtors=(debtor,)))
    closed(world, OCTOBER)
    run, publishing = runs.get(world.table, "2017-10-01"), world.paying().publishing()
    [payout] = payments.payable(world.payouts, run)
    payments.receive(world.table, world.payouts, run, [Receipt(payout, 1, REJECTED)])
    batch = resend.prepare(world.table, world.payouts, run, "otto", "r", [], NOW)
    with pytest.raises(Refused, match="release it first"):
        resend.files(world.table, world.payouts, run, batch.name, publishing)
    resend.release(world.table, world.payouts, run, batch.name, "olga", batch.digest, NOW)
    relay(world.table, world.payouts, world.payroll, "demo", run, batch.name)
    [first] = resend.files(world.table, world.payouts, run, batch.name, publishing)
    [again] = resend.files(world.table, world.payouts, run, batch.name, publishing)
    assert (first.name, first.data) == ("resend-R01/pain001.xml", again.data)
    assert f"{payout}-2".encode() in first.data
    assert world.payouts.read(f"payouts/period=2017-10/run=2017-10-01/{first.name}") == first.data


def test_a_late_success_before_the_release_keeps_the_batch_from_being_sent() -> None:
    world, run, [payout] = published()
    payments.receive(world.table, world.payouts, run, [Receipt(payout, 1, REJECTED)])
    batch = resend.prepare(world.table, world.payouts, run, "otto", "r", [payout], NOW)
    payments.receive(world.table, world.payouts, run, [Receipt(payout, 1, PAID)])
    with pytest.raises(Refused, match="discard the batch"):
        resend.release(world.table, world.payouts, run, batch.name, "olga", batch.digest, NOW)
    resend.discard(world.table, run, batch.name, "olga", "it was paid", NOW)
    assert relay(world.table, world.payouts, world.payroll, "demo", run, batch.name) == 0
    assert len(world.payroll.messages) == 1


def released() -> tuple[World, Run, str, resend.Batch]:
    """Ann's payment is rejected and released again; nothing has gone out yet."""
    world, run, [payout] = published()
    payments.receive(world.table, world.payouts, run, [Receipt(payout, 1, REJECTED)])
    batch = resend.prepare(world.table, world.payouts, run, "otto", "r", [], NOW)
    resend.release(world.table, world.payouts, run, batch.name, "olga", batch.digest, NOW)
    return world, run, payout, batch


def test_a_late_success_after_the_release_stops_the_attempt_that_has_not_gone_out() -> None:
    world, run, payout, batch = released()
    payments.receive(world.table, world.payouts, run, [Receipt(payout, 1, PAID)])
    assert [p.payout for p in payments.in_doubt(world.table, run.id)] == [payout]
    assert relay(world.table, world.payouts, world.payroll, "demo", run, batch.name) == 0
    row = world.table.get(f"OUTBOX#{run.id}", "OUTBOX#R01") or {}
    assert (row["state"], json.loads(row["stopped"]), json.loads(row["sent"])) == ("sent", [payout], {})
    assert len(world.payroll.messages) == 1
    assert resend.files(world.table, world.payouts, run, batch.name, world.paying().publishing()) == []
    assert unsent(world.table) == []


def test_a_late_success_after_the_sending_keeps_the_banks_file_back() -> None:
    world, run, payout, batch = released()
    relay(world.table, world.payouts, world.payroll, "demo", run, batch.name)
    payments.receive(world.table, world.payouts, run, [Receipt(payout, 1, PAID)])
    with pytest.raises(Refused, match="must not get this order"):
        resend.files(world.table, world.payouts, run, batch.name, world.paying().publishing())


def test_a_release_that_died_is_ended_although_a_payment_was_paid_since() -> None:
    world, run, [payout] = published()
    payments.receive(world.table, world.payouts, run, [Receipt(payout, 1, REJECTED)])
    batch = resend.prepare(world.table, world.payouts, run, "otto", "r", [], NOW)
    row = world.table.get(f"OUTBOX#{run.id}", "OUTBOX#R01") or {}
    world.table.put_many([row | {"state": "releasing"}])
    payments.receive(world.table, world.payouts, run, [Receipt(payout, 1, PAID)])
    with pytest.raises(Refused, match="only a prepared batch"):
        resend.discard(world.table, run, batch.name, "otto", "r", NOW)
    resend.release(world.table, world.payouts, run, batch.name, "olga", batch.digest, NOW)
    assert relay(world.table, world.payouts, world.payroll, "demo", run, batch.name) == 0
    assert payments.get(world.table, run.id, payout).state == PAID


def test_a_payment_is_listed_once_and_again_after_its_list_is_discarded() -> None:
    world, run, [payout] = published()
    payments.receive(world.table, world.payouts, run, [Receipt(payout, 1, REJECTED)])
    resend.prepare(world.table, world.payouts, run, "otto", "r", [], NOW)
    for which in ([], [payout]):
        with pytest.raises(Refused, match=f"listed already: {payout} in R01"):
            resend.prepare(world.table, world.payouts, run, "olga", "r", which, NOW)
    resend.discard(world.table, run, "R01", "olga", "wrong", NOW)
    assert resend.prepare(world.table, world.payouts, run, "otto", "r", [], NOW).name == "R02"


def test_a_list_that_a_dead_command_left_is_taken_up_by_the_same_and_passed_by_another() -> None:
    for by, name in (("otto", "R01"), ("olga", "R02")):
        world, run, [payout] = published()
        payments.receive(world.table, world.payouts, run, [Receipt(payout, 1, REJECTED)])
        resend.prepare(world.table, world.payouts, run, "otto", "r", [], NOW)
        world.table.delete(f"OUTBOX#{run.id}", "OUTBOX#R01")
        assert resend.prepare(world.table, world.payouts, run, by, "r", [], NOW).name == name


@pytest.mark.parametrize(
    ("amount", "currency", "why"),
    [
        ("1.00", "", "unknown_payout: .*amount is 1.00; it is 3000.00"),
        ("", "CNY", "currency.*it is USD"),
        ("much", "USD", "amount"),
    ],
)
def test_a_receipt_of_other_money_is_refused(amount: str, currency: str, why: str) -> None:
    world, run, [payout] = published()
    said = Receipt(payout, 1, PAID, amount=amount, currency=currency)
    with pytest.raises(Refused, match=why):
        payments.receive(world.table, world.payouts, run, [said])
    assert payments.every(world.table, run.id) == []


def test_what_the_bank_paid_too_often_is_owed_back() -> None:
    stories = {"r1 s p2": 0, "r1 s p1": 0, "r1 s p1 p2": 1, "r1 s p1 p2 w": 0}
    assert {story: owed_back(told(story)) for story in stories} == stories


def test_a_bank_that_says_the_same_every_day_fills_no_row() -> None:
    payment = Payment("P")
    for day in range(3 * KEPT):
        payment = heard(payment, Receipt("P", 1, REJECTED, at=str(day)))
    assert len(payment.heard) == KEPT
    assert heard(payment, Receipt("P", 1, PAID)).state == PAID


def test_a_file_with_one_bad_row_changes_nothing() -> None:
    world, run, [payout] = published()
    with pytest.raises(Refused, match="unknown_payout"):
        payments.receive(
            world.table, world.payouts, run, [Receipt(payout, 1, REJECTED), Receipt("X" * 32, 1, PAID)]
        )
    assert payments.every(world.table, run.id) == []


def test_a_person_settles_what_is_in_doubt_by_name_and_reason() -> None:
    world, run, [payout] = published()
    payments.receive(
        world.table, world.payouts, run, [Receipt(payout, 1, PAID), Receipt(payout, 1, REJECTED)]
    )
    assert [p.payout for p in payments.in_doubt(world.table, run.id)] == [payout]
    with pytest.raises(Refused, match="name who has found out"):
        payments.settle(world.table, run, payout, PAID, "", "", NOW)
    payments.settle(world.table, run, payout, REJECTED, "otto", "the money came back", NOW)
    assert [p.payout for p in payments.waiting(world.table, run.id)] == [payout]
