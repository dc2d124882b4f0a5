"""pain001.xml against the official schema, and what is refused before a bank refuses it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from importlib.resources import files
from xml.etree.ElementTree import Element, fromstring

import pytest
import xmlschema

from dualtrack.adapters.payfiles import pain001
from dualtrack.adapters.payfiles.parties import iban
from dualtrack.domain.errors import Refused, Stopped
from dualtrack.domain.published import Payee, Publication
from dualtrack.domain.setup import Debtor, Setup
from tests.support.payfiles import DEBTORS, PAYEES, PERIOD, SETUP, many, payout, publication

SPACE = {"": pain001.SPACE}
PAYROLL = replace(SETUP, accounts="payroll")


@cache
def schema() -> xmlschema.XMLSchema:
    """The schema of ISO 20022, as the wheel of sepaxml carries it."""
    return xmlschema.XMLSchema(str(files("sepaxml") / "schemas/pain.001.001.09.xsd"))


def data(made: Publication | None = None) -> bytes:
    """The file's bytes, valid."""
    (file,) = pain001.write(made or publication())
    schema().validate(file.data.decode())
    return file.data


def order(made: Publication | None = None) -> Element:
    """The file's root."""
    return fromstring(data(made))


def texts(element: Element, path: str) -> list[str]:
    """The texts at a path."""
    return [found.text or "" for found in element.findall(f".//{path}", SPACE)]


def one(payee: Payee, currency: str = "CNY", employee: str = "ann", setup: Setup = SETUP) -> Publication:
    """A run of one payout."""
    paid = payout(employee, currency, ("regular", PERIOD, 1))
    return publication([paid], payees={employee: payee}, setup=setup)


def refused(made: Publication) -> list[tuple[str, str]]:
    """Reason and field of everything that is wrong."""
    with pytest.raises(Refused) as caught:
        pain001.write(made)
    return [(problem.reason, problem.field) for problem in caught.value.problems]


def test_the_head_says_which_run_it_is_and_what_it_comes_to() -> None:
    root = order()
    assert texts(root, "GrpHdr/MsgId") == ["2026-10-01"]
    assert texts(root, "GrpHdr/CreDtTm") == ["2026-11-03T09:30:00Z"]
    assert texts(root, "GrpHdr/NbOfTxs") == ["7"]
    assert texts(root, "GrpHdr/CtrlSum") == ["1421247.56"]
    assert texts(root, "InitgPty/Nm") == ["acme"]


def test_there_is_one_payment_information_a_currency_each_a_salary_on_the_pay_day() -> None:
    root = order()
    assert texts(root, "PmtInf/PmtInfId") == ["2026-10-01-CNY", "2026-10-01-JPY", "2026-10-01-USD"]
    assert texts(root, "PmtInf/NbOfTxs") == ["3", "2", "2"]
    assert texts(root, "PmtInf/CtrlSum") == ["21245.66", "400001", "1000000.90"]
    assert set(texts(root, "CtgyPurp/Cd")) == {"SALA"}
    assert set(texts(root, "ReqdExctnDt/Dt")) == {"2026-11-10"}
    assert texts(root, "Dbtr/Nm") == ["示例科技有限公司", "Example KK", "Example Inc"]


def test_only_payouts_above_nothing_are_ordered_under_their_own_ids() -> None:
    root = order()
    assert texts(root, "PmtId/EndToEndId") == [
        paid.id for c in ("CNY", "JPY", "USD") for paid in publication().payable if paid.currency == c
    ]
    assert set(texts(root, "RmtInf/Ustrd")) == {"acme 2026-10"}


def test_a_later_sending_has_another_message_id_and_the_next_attempt_of_the_same_payout() -> None:
    paid = publication().payable[0]
    root = order(publication([paid], batch=1, attempts={paid.id: 2}))
    assert texts(root, "GrpHdr/MsgId") == ["2026-10-01-R01"]
    assert texts(root, "PmtInf/PmtInfId") == ["2026-10-01-R01-CNY"]
    assert texts(root, "PmtId/InstrId") == [f"{paid.id}-2"]
    assert texts(root, "PmtId/EndToEndId") == [paid.id]


def test_amounts_have_the_places_of_their_currency() -> None:
    found = {(e.get("Ccy"), e.text) for e in order().findall(".//InstdAmt", SPACE)}
    assert found == {
        ("CNY", "12345.67"), ("CNY", "8400.00"), ("CNY", "499.99"),
        ("JPY", "400000"), ("JPY", "1"), ("USD", "1.00"), ("USD", "999999.90"),
    }  # fmt: skip


def test_names_are_kept_in_every_script() -> None:
    assert {payee.name for payee in PAYEES.values()} == set(texts(order(), "Cdtr/Nm"))


@pytest.mark.parametrize(
    ("account", "found"),
    [
        ("DE89370400440532013000", "IBAN"),
        ("GB82WEST12345698765432", "IBAN"),
        ("6222021234567890123", "Othr/Id"),
        ("000123", "Othr/Id"),
        ("AB12", "Othr/Id"),
    ],
)
def test_an_account_is_an_iban_if_it_is_one(account: str, found: str) -> None:
    assert texts(order(one(Payee("Ann", account))), f"CdtrAcct/Id/{found}") == [account]


@pytest.mark.parametrize(
    ("bank", "currency", "said"),
    [
        ("COBADEFFXXX", "USD", {"BICFI": "COBADEFFXXX"}),
        ("ICBKCNBJ", "CNY", {"BICFI": "ICBKCNBJ"}),
        ("102100099996", "CNY", {"ClrSysMmbId/ClrSysId/Cd": "CNAPS", "ClrSysMmbId/MmbId": "102100099996"}),
        ("026009593", "USD", {"ClrSysMmbId/ClrSysId/Cd": "USABA", "ClrSysMmbId/MmbId": "026009593"}),
        ("0005001", "JPY", {"ClrSysMmbId/ClrSysId/Cd": "JPZGN", "ClrSysMmbId/MmbId": "0005001"}),
        ("37040044", "USD", {"ClrSysMmbId/MmbId": "37040044"}),
    ],
)
def test_a_bank_is_named_by_its_bic_or_its_national_code(
    bank: str, currency: str, said: Mapping[str, str]
) -> None:
    agent = order(one(Payee("Ann", "1", bank), currency)).find(".//CdtrAgt/FinInstnId", SPACE)
    assert agent is not None
    paths = ("BICFI", "ClrSysMmbId/ClrSysId/Cd", "ClrSysMmbId/MmbId")
    assert {
        path: agent.findtext(path, None, SPACE) for path in paths if agent.find(path, SPACE) is not None
    } == said


def test_whose_account_payroll_knows_is_named_by_the_employee_alone() -> None:
    root = order(publication(setup=PAYROLL, payees={}))
    who = [
        paid.employee for c in ("CNY", "JPY", "USD") for paid in publication().payable if paid.currency == c
    ]
    assert texts(root, "CdtrAcct/Id/Othr/Id") == texts(root, "Cdtr/Id/PrvtId/Othr/Id") == who
    assert set(texts(root, "CdtrAcct/Id/Othr/SchmeNm/Prtry")) == {"EMPLOYEE"}
    assert not texts(root, "Cdtr/Nm")


def test_an_employee_whose_id_looks_like_an_iban_is_none() -> None:
    root = order(one(Payee(), employee="DE89370400440532013000", setup=PAYROLL))
    assert not texts(root, "CdtrAcct/Id/IBAN")


def test_the_time_is_that_of_the_approval_in_utc() -> None:
    there = datetime(2026, 11, 3, 17, 30, tzinfo=timezone(timedelta(hours=8)))
    assert data(publication(approved_at=there)) == data(publication())
    assert there.astimezone(UTC) == publication().approved_at


def test_nothing_payable_is_no_order() -> None:
    assert pain001.write(publication([payout("ann", "CNY", ("regular", PERIOD, 0))])) == []


def test_three_thousand_transactions_are_valid() -> None:
    payouts = many(3000)
    root = order(publication(payouts, setup=PAYROLL, payees={}))
    assert texts(root, "GrpHdr/NbOfTxs") == [str(sum(paid.amount > 0 for paid in payouts))]


# Refused.


@pytest.mark.parametrize(
    ("payee", "wrong"),
    [
        (Payee(), [("payee_name", "name"), ("payee_account", "account")]),
        (Payee("Ann"), [("payee_account", "account")]),
        (Payee("", "123"), [("payee_name", "name")]),
        (Payee("A" * 141, "123"), [("payee_name", "name")]),
        (Payee("A\x07nn", "123"), [("control_character", "name")]),
        (Payee("A\ud800nn", "123"), [("control_character", "name")]),
        (Payee("Ann\u202e", "123"), [("control_character", "name")]),
        (Payee("=1+1", "123"), [("formula_like", "name")]),
        (Payee("Ann", "1" * 35), [("payee_account", "account")]),
        (Payee("Ann", "12\n3"), [("payee_account", "account")]),
        (Payee("Ann", "DE88370400440532013000"), [("iban_check", "account")]),
        (Payee("Ann", "123", "icbk cn"), [("bank_code", "bank")]),
    ],
)
def test_what_a_bank_would_refuse_is_refused(payee: Payee, wrong: list[tuple[str, str]]) -> None:
    assert refused(one(payee)) == [(reason, f"employee ann: {field}") for reason, field in wrong]


def test_everybody_without_an_account_is_named_at_once() -> None:
    found = refused(publication(payees={}))
    assert len(found) == 2 * len(publication().payable)


def test_a_refusal_never_shows_a_whole_account() -> None:
    with pytest.raises(Refused) as caught:
        pain001.write(one(Payee("Ann", "DE88370400440532013000")))
    assert "…3000" in str(caught.value)
    assert "0532013000" not in str(caught.value)


@pytest.mark.parametrize("name", ["", "Ann Muster" * 15, "Ann Mus\x07ter", "=Ann Muster"])
def test_a_refusal_never_shows_a_whole_name(name: str) -> None:
    with pytest.raises(Refused) as caught:
        pain001.write(one(Payee(name, "123")))
    assert "employee ann: name" in str(caught.value)
    assert "Ann" not in str(caught.value)


def test_an_attempt_that_an_id_has_no_room_for_is_refused() -> None:
    paid = publication().payable[0]
    data(publication([paid], batch=1, attempts={paid.id: 99}))
    made = publication([paid], batch=1, attempts={paid.id: 100})
    assert refused(made) == [("too_long", f"payout {paid.id}: attempt")]


@pytest.mark.parametrize(
    ("debtors", "wrong"),
    [
        ((), [("no_debtor", "debtors")] * 3),
        (DEBTORS[1:], [("no_debtor", "debtors")]),
        (
            (Debtor("CNY", "", "", ""), *DEBTORS[1:]),
            [("payee_name", "debtors.CNY.name"), ("payee_account", "debtors.CNY.account"),
             ("bank_code", "debtors.CNY.bank")],
        ),
    ],
)  # fmt: skip
def test_a_currency_that_nobody_pays_is_refused(
    debtors: tuple[Debtor, ...], wrong: list[tuple[str, str]]
) -> None:
    assert refused(publication(setup=replace(SETUP, debtors=debtors))) == wrong


def test_an_employee_id_that_is_no_account_id_is_refused() -> None:
    assert refused(one(Payee(), employee="e" * 35, setup=PAYROLL)) == [("payee_account", "employee")]


# Accounts.


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("GB82WEST12345698765432", True), ("DE89370400440532013000", True), ("NO9386011117947", True),
        ("MT84MALT011000012345MTLCAST001S", True), ("GB82WEST12345698765433", False),
        ("GB82 WEST 1234 5698 7654 32", False), ("gb82west12345698765432", False),
        ("6222021234567890123", False), ("", False), ("ＧＢ82WEST12345698765432", False),
    ],
)  # fmt: skip
def test_an_iban_is_known_by_its_check_digits(text: str, right: bool) -> None:
    assert iban(text) is right


# Damage.


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (rb"<NbOfTxs>7<", b"<NbOfTxs>8<"),
        (rb"<NbOfTxs>3<", b"<NbOfTxs>2<"),
        (rb"<CtrlSum>1421247.56<", b"<CtrlSum>1421247.57<"),
        (rb"<CtrlSum>21245.66<", b"<CtrlSum>21245.67<"),
        (rb">8400.00<", b">8400.01<"),
        (rb">8400.00<", b">8400.001<"),
        (rb"<CdtTrfTxInf>.*?</CdtTrfTxInf>", b""),
        (rb"<PmtInf>.*?</PmtInf>", b""),
        (rb"<GrpHdr>.*?</GrpHdr>", b""),
        (rb"<InstdAmt[^>]*>8400.00</InstdAmt>", b""),
        (rb"pain.001.001.09", b"pain.001.001.08"),
    ],
)
def test_a_damaged_order_stops(old: bytes, new: bytes) -> None:
    damaged = re.sub(old, new, data(), count=1, flags=re.DOTALL)
    assert damaged != data()
    with pytest.raises(Stopped):
        pain001.sums(damaged)
