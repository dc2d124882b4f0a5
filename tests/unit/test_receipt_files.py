"""Receipts as files: what a pain.002 or a list says, and what is wrong with it."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dualtrack.adapters import receipts
from dualtrack.domain.errors import Refused
from dualtrack.domain.payments import PAID, REJECTED, Receipt, Whole

AT = "2017-11-06T09:00:00Z"
REJECT = (
    "<StsRsnInf><Rsn><Cd>AC04</Cd></Rsn><AddtlInf>Closed</AddtlInf><AddtlInf>account</AddtlInf></StsRsnInf>"
)


def single(payout: str, status: str, more: str = "", instruction: str = "") -> str:
    """The status of one payment."""
    named = f"<OrgnlInstrId>{instruction}</OrgnlInstrId>" if instruction else ""
    said = f"<TxSts>{status}</TxSts>" if status else ""
    return f"<TxInfAndSts>{named}<OrgnlEndToEndId>{payout}</OrgnlEndToEndId>{said}{more}</TxInfAndSts>"


def part(name: str, *inside: str, status: str = "", more: str = "") -> str:
    """A payment information."""
    said = f"<PmtInfSts>{status}</PmtInfSts>" if status else ""
    found = "".join(inside)
    return f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>{name}</OrgnlPmtInfId>{said}{more}{found}</OrgnlPmtInfAndSts>"


def report(
    *parts: str, order: str = "2017-10-01", group: str = "", more: str = "", version: str = "10"
) -> bytes:
    """A pain.002."""
    said = f"<GrpSts>{group}</GrpSts>" if group else ""
    space = f"urn:iso:std:iso:20022:tech:xsd:pain.002.001.{version}"
    head = f"<GrpHdr><MsgId>B1</MsgId><CreDtTm>{AT}</CreDtTm></GrpHdr>"
    about = f"<OrgnlGrpInfAndSts><OrgnlMsgId>{order}</OrgnlMsgId>{said}{more}</OrgnlGrpInfAndSts>"
    inside = f"<CstmrPmtStsRpt>{head}{about}{''.join(parts)}</CstmrPmtStsRpt>"
    return f'<?xml version="1.0"?><Document xmlns="{space}">{inside}</Document>'.encode()


@pytest.mark.parametrize("version", ["03", "10"])
def test_a_pain_002_says_what_was_settled_and_what_was_rejected(version: str) -> None:
    data = report(
        part(
            "2017-10-01-CNY",
            single("AAA", "RJCT", REJECT, "AAA-2"),
            single("BBB", "ACSC"),
            single("CCC", "PDNG"),
        ),
        version=version,
    )
    assert receipts.read(data) == [
        Receipt("AAA", 2, REJECTED, "AC04", "Closed account", AT), Receipt("BBB", 1, PAID, at=AT),
    ]  # fmt: skip


def test_an_amount_that_the_bank_gives_back_is_kept_to_be_compared() -> None:
    amount = '<OrgnlTxRef><Amt><InstdAmt Ccy="CNY">2400.00</InstdAmt></Amt></OrgnlTxRef>'
    [found] = receipts.read(report(part("2017-10-01-CNY", single("AAA", "ACCC", amount))))
    assert found == Receipt("AAA", 1, PAID, at=AT, amount="2400.00", currency="CNY")


@pytest.mark.parametrize(
    ("order", "instruction", "attempt"),
    [
        ("2017-10-01", "", 1), ("2017-10-01-R02", "", 0), ("2017-10-01-R02", "AAA-3", 3), ("", "", 0),
        ("2017Q4-01", "other", 1), ("2017-10-01", f"AAA-{'9' * 5000}", 1),
    ],
)  # fmt: skip
def test_the_attempt_is_that_of_the_instruction_else_of_the_order(
    order: str, instruction: str, attempt: int
) -> None:
    data = report(part("x", single("AAA", "ACSC", instruction=instruction)), order=order)
    [found] = receipts.read(data)
    assert isinstance(found, Receipt)
    assert found.attempt == attempt


def test_a_group_that_is_rejected_is_every_payment_but_those_with_a_status_of_their_own() -> None:
    assert receipts.read(report(group="RJCT", more=REJECT)) == [
        Whole("2017-10-01", "", "", REJECTED, "AC04", "Closed account", AT)
    ]
    data = report(
        part("2017-10-01-R01-CNY", single("AAA", "ACSC"), single("BBB", "")),
        order="2017-10-01-R01",
        group="RJCT",
    )
    assert receipts.read(data) == [
        Receipt("AAA", 0, PAID, at=AT, batch="R01"),
        Whole("2017-10-01", "R01", "", REJECTED, at=AT, but=frozenset(["AAA"])),
    ]


def test_a_payment_information_is_what_an_order_pays_in_one_currency() -> None:
    data = report(
        part("2017-10-01-CNY", single("AAA", "PDNG"), status="ACSC"), part("2017-10-01-EUR"), group="PART"
    )
    assert receipts.read(data) == [Whole("2017-10-01", "", "CNY", PAID, at=AT, but=frozenset(["AAA"]))]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"<a", "not_xml"), (b"<a/>", "send a pain.002"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "not_xml"),
        (report(part("x", single("", "RJCT"), single("", "RJCT"))), "OrgnlEndToEndId 1.*OrgnlEndToEndId 2"),
        (report(part("x", single("AAA", "WHAT"))), "AAA status is WHAT"),
        (report(group="NOPE"), "GrpSts status is NOPE"),
        (report(part("x", single("AAA", "PDNG"))), "neither of a payment nor of an order"),
        (report(part("2017-10-01-CNY", status="ACSC"), group="RJCT"), "the group says otherwise"),
        (report(part("2017-09-01-CNY", status="RJCT")), "no part of order 2017-10-01"),
    ],
)  # fmt: skip
def test_a_bad_report_is_refused_with_its_faults(data: bytes, why: str) -> None:
    with pytest.raises(Refused, match=why):
        receipts.read(data)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_list_may_speak_chinese(encoding: str) -> None:
    text = "付款编号,次数,结果,说明,金额,柜员\r\nAAA,1,失败,账户已注销,24.00,7\r\n\r\nBBB,,成功,,,\r\n"
    assert receipts.read(text.encode(encoding)) == [
        Receipt("AAA", 1, REJECTED, "", "账户已注销", amount="24.00"), Receipt("BBB", 0, PAID),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "payout_id, outcome"), (b"a,b\n1,2\n", "payout_id, outcome"),
        (b"payout_id,outcome\n", "no row"),
        (b"payout_id,outcome,attempt\nA,lost,x\n,paid,\n", "row 2 outcome.*row 2 attempt.*row 3 payout_id"),
        (b"payout_id,outcome,text\nA,rejected,closed, they say\n", "line 2 is 4 cells; .* a comma in a text"),
        (b"payout_id,outcome\nA\n", "line 2 is 1 cells"),
        (b"payout_id,outcome,outcome\nA,paid,rejected\n", "twice: first row is outcome"),
        (b'payout_id,outcome\n"A"x,paid\n', "not_csv: line 2"),
        (b"payout_id,outcome\n" + b"A" * 200_000 + b",paid\n", "not_csv: line"),
        (b"payout_id,outcome,text\nA,paid," + b"x" * 2001 + b"\n", "row 2 text"),
        (b"payout_id,outcome,attempt\nA,paid," + b"9" * 5000 + b"\n", "row 2 attempt"),
        ("payout_id,outcome,attempt\nA,paid,²\n".encode(), "row 2 attempt"),
        (b"payout_id,outcome,attempt\nA,paid,0\n", "row 2 attempt"), (b"\xff\xff\xff", "not_csv"),
    ],
)  # fmt: skip
def test_a_bad_list_is_refused_with_its_faults(data: bytes, why: str) -> None:
    with pytest.raises(Refused, match=why):
        receipts.read(data)


@given(
    st.binary(max_size=200) | st.text(max_size=200).map(lambda text: f"payout_id,outcome\n{text}".encode())
)
def test_whatever_comes_is_read_or_refused(data: bytes) -> None:
    with contextlib.suppress(Refused):
        assert all(isinstance(each, Receipt) and each.payout for each in receipts.read(data))


@given(st.text(max_size=200))
def test_whatever_a_message_says_it_is_read_or_refused(body: str) -> None:
    with pytest.raises(Refused):
        receipts.message(body)
