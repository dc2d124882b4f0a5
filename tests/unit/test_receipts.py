"""Receipts as they come: a bank's pain.002, of payments or of whole orders, and a CSV list."""

from __future__ import annotations

import pytest

from dualtrack.adapters import receipts
from dualtrack.app import acts, payments, resend
from dualtrack.app.relay import relay
from dualtrack.domain.errors import Refused
from dualtrack.domain.payments import PAID, REJECTED, Receipt
from tests.unit.test_payments import NOW, published, released

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
    found = [each for each in receipts.read(PAIN002.encode()) if isinstance(each, Receipt)]
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


def report(level: str, more: str = "") -> bytes:
    """A pain.002 that speaks of an order of October, at the level of the group or of a part."""
    group = f"<GrpSts>{level}</GrpSts>" if "<" not in level else level
    return (
        "<Document><CstmrPmtStsRpt><GrpHdr><CreDtTm>2017-11-06T09:00:00Z</CreDtTm></GrpHdr><OrgnlGrpInfAndSts>"
        f"<OrgnlMsgId>2017-10-01</OrgnlMsgId>{group}</OrgnlGrpInfAndSts>{more}</CstmrPmtStsRpt></Document>"
    ).encode()


@pytest.mark.parametrize(
    ("data", "state"),
    [
        (report("RJCT"), {"rejected": 1}),
        (report("ACSC"), {"paid": 1}),
        (report("PART", "<OrgnlPmtInfAndSts><OrgnlPmtInfId>2017-10-01-USD</OrgnlPmtInfId>"
                "<PmtInfSts>RJCT</PmtInfSts></OrgnlPmtInfAndSts>"), {"rejected": 1}),
        (report("PART", "<OrgnlPmtInfAndSts><OrgnlPmtInfId>2017-10-01-CNY</OrgnlPmtInfId>"
                "<PmtInfSts>RJCT</PmtInfSts></OrgnlPmtInfAndSts>"), {}),
        (report("RJCT", "<OrgnlPmtInfAndSts><TxInfAndSts><OrgnlEndToEndId>PAYOUT</OrgnlEndToEndId>"
                "<TxSts>PDNG</TxSts></TxInfAndSts></OrgnlPmtInfAndSts>"), {}),
        (report("PART", "<OrgnlPmtInfAndSts><TxInfAndSts><OrgnlEndToEndId>PAYOUT</OrgnlEndToEndId>"
                "<TxSts>ACSC</TxSts><OrgnlTxRef><Amt><InstdAmt Ccy='USD'>3000.00</InstdAmt></Amt>"
                "</OrgnlTxRef></TxInfAndSts></OrgnlPmtInfAndSts>"), {"paid": 1}),
    ],
)  # fmt: skip
def test_a_status_of_a_whole_order_is_that_of_each_payment_without_its_own(
    data: bytes, state: dict[str, int]
) -> None:
    world, run, [payout] = published()
    said = receipts.read(data.replace(b"PAYOUT", payout.encode()))
    found = resend.spread(world.payouts, run, said)
    assert payments.receive(world.table, world.payouts, run, found) == state


def test_a_whole_order_that_was_sent_again_is_about_its_own_attempts() -> None:
    world, run, payout, batch = released()
    relay(world.table, world.payouts, world.payroll, "demo", run, batch.name)
    said = receipts.read(report("RJCT").replace(b"2017-10-01</", b"2017-10-01-R01</"))
    found = resend.spread(world.payouts, run, said)
    assert [(each.payout, each.attempt) for each in found] == [(payout, 2)]


@pytest.mark.parametrize(
    ("order", "why"),
    [(b"2017-11-01", "an order of run 2017-11-01"), (b"2017-10-01-R07", "no such batch")],
)
def test_a_status_of_another_order_is_refused(order: bytes, why: str) -> None:
    world, run, _ = published()
    said = receipts.read(report("RJCT").replace(b"2017-10-01</", order + b"</"))
    with pytest.raises(Refused, match=why):
        resend.spread(world.payouts, run, said)


@pytest.mark.parametrize("level", ["<Other/>", "<GrpSts>ACTC</GrpSts>"])
def test_a_report_that_ends_nothing_is_refused(level: str) -> None:
    with pytest.raises(Refused, match="neither of a payment nor of an order"):
        receipts.read(report(level))


def test_a_report_about_a_batch_need_not_say_the_attempt() -> None:
    world, run, payout, _ = released()
    said = (
        f"<Document><CstmrPmtStsRpt><OrgnlGrpInfAndSts><OrgnlMsgId>{run.id}-R01</OrgnlMsgId></OrgnlGrpInfAndSts>"
        f"<OrgnlPmtInfAndSts><TxInfAndSts><OrgnlEndToEndId>{payout}</OrgnlEndToEndId><TxSts>ACSC</TxSts>"
        "</TxInfAndSts></OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>"
    )
    [found] = resend.spread(world.payouts, run, receipts.read(said.encode()))
    assert (found.attempt, found.outcome) == (2, PAID)


def test_a_file_is_named_in_the_log_before_anything_changes() -> None:
    world, run, [payout] = published()
    good = [Receipt(payout, 1, REJECTED)]
    with pytest.raises(Refused, match="name who does it"):
        payments.bring(world.table, world.payouts, run, good, " ", "list.csv", NOW)
    assert payments.every(world.table, run.id) == []
    payments.bring(world.table, world.payouts, run, good, "otto", "list.csv", NOW)
    last = acts.last(world.table)
    [act] = acts.between(world.table, last - 1, last)
    assert (act.who, act.what, act.why) == ("otto", "payment.receipts", "list.csv")
