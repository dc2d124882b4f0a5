"""Receipts as banks and payroll send them: ISO 20022 pain.002, a CSV list, or messages of our own schema."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from pydantic import ValidationError

from dualtrack.adapters.receipt_model import ReceiptMessage
from dualtrack.adapters.refusals import refusal
from dualtrack.domain.errors import Problem, Refused, problem, refuse
from dualtrack.domain.payments import OUTCOMES, PAID, REJECTED, Receipt, Whole

# ExternalPaymentTransactionStatus1Code of ISO 20022: settled, or rejected. All others say that it goes on.
SETTLED = ("ACCC", "ACSC")
REFUSED = ("RJCT", "CANC")
HEADS = {
    "payout_id": "payout_id", "attempt": "attempt", "outcome": "outcome", "code": "code", "text": "text",
    "at": "at", "付款编号": "payout_id", "次数": "attempt", "结果": "outcome", "代码": "code", "说明": "text",
    "时间": "at", "amount": "amount", "currency": "currency", "金额": "amount", "币种": "currency",
}  # fmt: skip
LONGEST = 500  # characters of a text that are kept
ORDER = re.compile(
    r"(?P<run>.+?-[0-9]{2,})(-(?P<batch>R[0-9]{2,}))?(-(?P<currency>[A-Z]{3}))?\Z"
)  # as pain001.py
NEEDED = ("payout_id", "outcome")
ALSO = ("code", "text", "at", "amount", "currency")
WORDS = {"成功": PAID, "失败": REJECTED, "已付": PAID, "退回": REJECTED}


def read(data: bytes) -> list[Receipt | Whole]:
    """What a file says, by its content; refuses with everything that is wrong, by row."""
    return _xml(data) if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") else _csv(data)


def message(body: str) -> tuple[str, Receipt]:
    """The run and the receipt of one message ``dualtrack.receipt.v1``."""
    try:
        said = ReceiptMessage.model_validate_json(body)
    except ValidationError as error:
        raise refusal(error) from None
    return said.run, Receipt(said.payout_id, said.attempt, said.outcome, said.code, said.text, said.at)


def _csv(data: bytes) -> list[Receipt | Whole]:
    rows = csv.DictReader(io.StringIO(_text(data), newline=""))
    heads = {
        head: HEADS[head.strip().lower()] for head in rows.fieldnames or () if head.strip().lower() in HEADS
    }
    missing = [name for name in NEEDED if name not in heads.values()]
    if missing:
        raise refuse("missing", "first row", ", ".join(missing), f"heads are {', '.join(HEADS)}")
    named = [
        {heads[head]: (value or "").strip() for head, value in row.items() if head in heads} for row in rows
    ]
    found: list[Receipt | Whole] = []
    wrong: list[Problem] = []
    for number, row in enumerate(named, 2):
        problems = list(_faults(number, row))
        wrong += problems
        if not problems:
            found.append(_receipt(row))
    if wrong:
        raise Refused(*wrong)
    if not found:
        raise refuse("missing", "file", "no row", "a row for each payment that something is known of")
    return found


def _text(data: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise refuse("not_csv", "file", data[:20], "save it as UTF-8 or GB18030")


def _faults(number: int, row: Mapping[str, str]) -> Iterator[Problem]:
    outcome = WORDS.get(row["outcome"], row["outcome"].lower())
    if not row["payout_id"]:
        yield problem("missing", f"row {number} payout_id", "", "every row names a payout")
    if outcome not in OUTCOMES:
        yield problem("unknown_choice", f"row {number} outcome", row["outcome"], f"use {', '.join(OUTCOMES)}")
    attempt = row.get("attempt", "")
    if attempt and not (attempt.isascii() and attempt.isdigit() and int(attempt) > 0):
        yield problem(
            "not_a_number", f"row {number} attempt", attempt, "a whole number from 1 on, or nothing"
        )


def _receipt(row: Mapping[str, str]) -> Receipt:
    outcome = WORDS.get(row["outcome"], row["outcome"].lower())
    attempt = int(row.get("attempt") or 0)
    code, text, at, amount, currency = (row.get(name, "") for name in ALSO)
    return Receipt(
        row["payout_id"], attempt, outcome, code, text[:LONGEST], at, amount.replace(",", ""), currency
    )


def _xml(data: bytes) -> list[Receipt | Whole]:
    try:
        root = fromstring(data, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise refuse("not_xml", "file", type(error).__name__, "send the bank's pain.002 as it came") from None
    report = next((each for each in root if _tag(each) == "CstmrPmtStsRpt"), None)
    if report is None:
        raise refuse("not_xml", "document", _tag(root), "send a pain.002 (CstmrPmtStsRpt)")
    single = [each for each in report.iter() if _tag(each) == "TxInfAndSts"]
    whole = list(_wholes(report, frozenset(_path(each, "OrgnlEndToEndId") for each in single)))
    found: list[Receipt | Whole] = [*_transactions(report, single), *whole]
    if not found and not single:
        remedy = "it says neither of a payment nor of an order that it is settled or rejected"
        raise refuse("missing", "TxInfAndSts", "none", remedy)
    return found


def _wholes(report: Element, but: frozenset[str]) -> Iterator[Whole]:
    """Statuses of a whole order, or of its part in one currency: they hold for payments without their own.

    A part's status goes before the order's.
    """
    at = _path(report, "GrpHdr", "CreDtTm")
    parts = [
        each for each in report if _tag(each) == "OrgnlPmtInfAndSts" and _ended(_path(each, "PmtInfSts"))
    ]
    for part in parts:
        yield _whole(part, "OrgnlPmtInfId", "PmtInfSts", at, but)
    group = next((each for each in report if _tag(each) == "OrgnlGrpInfAndSts"), None)
    if group is not None and not parts and _ended(_path(group, "GrpSts")):
        yield _whole(group, "OrgnlMsgId", "GrpSts", at, but)


def _whole(said: Element, name: str, status: str, at: str, but: frozenset[str]) -> Whole:
    order = _path(said, name)
    named = ORDER.match(order)
    if named is None:
        raise refuse("unknown_choice", name, order, "it is no order of ours: use a CSV list")
    code, text = _why(said)
    return Whole(
        named["run"], named["batch"] or "", named["currency"] or "", _ended(_path(said, status)), code, text,
        at, but,
    )  # fmt: skip


def _why(said: Element) -> tuple[str, str]:
    code = _path(said, "StsRsnInf", "Rsn", "Cd") or _path(said, "StsRsnInf", "Rsn", "Prtry")
    return code, _path(said, "StsRsnInf", "AddtlInf")[:LONGEST]


def _ended(status: str) -> str:
    """The outcome that a status code means; empty if it only says that it goes on."""
    return PAID if status in SETTLED else REJECTED if status in REFUSED else ""


def _transactions(report: Element, single: Sequence[Element]) -> list[Receipt]:
    at = _path(report, "GrpHdr", "CreDtTm")
    original = _path(report, "OrgnlGrpInfAndSts", "OrgnlMsgId")
    found = (_transaction(each, _attempt(original), at) for each in single)
    return [each for each in found if each is not None]


def _transaction(said: Element, attempt: int, at: str) -> Receipt | None:
    """One status; None if it only says that the payment goes on."""
    payout, outcome = _path(said, "OrgnlEndToEndId"), _ended(_path(said, "TxSts"))
    if not payout:
        raise refuse("missing", "OrgnlEndToEndId", "none", "every status names the payment that it is about")
    if not outcome:
        return None
    code, text = _why(said)
    attempt = _numbered(_path(said, "OrgnlInstrId")) or attempt
    money = _at(said, "OrgnlTxRef", "Amt", "InstdAmt")
    amount, currency = ((money.text or "").strip(), money.get("Ccy", "")) if money is not None else ("", "")
    return Receipt(payout, attempt, outcome, code, text, at, amount, currency)


def _attempt(original: str) -> int:
    """Which attempt a file was: the first of a run, unless its name says that it is the n-th sending."""
    return 0 if "-R" in original else 1


def _numbered(instruction: str) -> int:
    """The attempt that our own files write behind the payout id; 0 if the bank does not give it back."""
    number = instruction.rpartition("-")[2]
    return int(number) if "-" in instruction and number.isascii() and number.isdigit() else 0


def _tag(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _path(element: Element, *names: str) -> str:
    """The text at the end of a path of children, whatever the namespace; empty if there is none."""
    here = _at(element, *names)
    return (here.text or "").strip() if here is not None else ""


def _at(element: Element, *names: str) -> Element | None:
    here: Element | None = element
    for name in names:
        here = next((child for child in here if _tag(child) == name), None) if here is not None else None
    return here
