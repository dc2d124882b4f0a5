"""What becomes of a payment: receipts in any order, rejects sent again, nothing paid twice."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from dualtrack.adapters import receipts
from dualtrack.app import payments, resend, runs
from dualtrack.app.relay import relay, unsent
from dualtrack.domain.errors import Refused
from dualtrack.domain.payments import (
    PAID,
    REJECTED,
    STANDS,
    Payment,
    Receipt,
    heard,
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


PAIN002 = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt>
<GrpHdr><MsgId>B1</MsgId><CreDtTm>2017-11-06T09:00:00Z</CreDtTm></GrpHdr>
<OrgnlGrpInfAndSts><OrgnlMsgId>2017-10-01</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId></OrgnlGrpInfAndSts>
<OrgnlPmtInfAndSts><OrgnlPmtInfId>x</OrgnlPmtInfId>
<TxInfAndSts><OrgnlInstrId>AAA-2</OrgnlInstrId><OrgnlEndToEndId>AAA</OrgnlEndToEndId><TxSts>RJCT</TxSts>
<StsRsnInf><Rsn><Cd>AC04</Cd></Rsn><AddtlInf>Closed account</AddtlInf></StsRsnInf></TxInfAndSts>
<TxInfAndSts><OrgnlEndToEndId>BBB</OrgnlEndToEndId><TxSts>ACSC</TxSts></TxInfAndSts>
<TxInfAndSts><OrgnlEndToEndId>CCC</OrgnlEndToEndId><TxSts>PDNG</TxSts></TxInfAndSts>
</OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>"""


def test_a_pain_002_says_what_was_settled_and_what_was_rejected() -> None:
    found = receipts.read(PAIN002.encode())
    assert [(r.payout, r.attempt, r.outcome, r.code, r.text) for r in found] == [
        ("AAA", 2, "rejected", "AC04", "Closed account"), ("BBB", 1, "paid", "", ""),
    ]  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_csv_list_may_speak_chinese(encoding: str) -> None:
    data = "付款编号,次数,结果,说明\r\nAAA,1,失败,账户已注销\r\nBBB,,成功,\r\n".encode(encoding)
    assert receipts.read(data) == [Receipt("AAA", 1, REJECTED, "", "账户已注销"), Receipt("BBB", 0, PAID)]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"a,b\n1,2\n", "payout_id, outcome"),
        (b"payout_id,outcome,attempt\nA,lost,x\n,paid,\n", "row 2 outcome.*row 2 attempt.*row 3 payout_id"),
        (b"payout_id,outcome\n", "no row"),
        (b"<a", "not_xml"),
        (b"<a/>", "send a pain.002"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "not_xml"),
        (PAIN002.replace("OrgnlEndToEndId", "Other").encode(), "every status names the payment"),
    ],
)
def test_a_bad_file_is_refused_with_its_faults(data: bytes, why: str) -> None:
    with pytest.raises(Refused, match=why):
        receipts.read(data)
