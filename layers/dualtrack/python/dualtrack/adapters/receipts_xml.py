"""Receipts as ISO 20022 pain.002 (.03 to .14 read alike): of single payments, or of a whole order.

A status is final (settled, rejected), or says that the payment goes on. A final status of the group, or of a
payment information, is that of all its payments but those which have a status of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from dualtrack.domain.errors import Problem, Refused, problem, refuse
from dualtrack.domain.payments import PAID, REJECTED, Receipt, Whole

# ISO 20022: ExternalPaymentTransactionStatus1Code and ExternalPaymentGroupStatus1Code.
FINAL = {"ACCC": PAID, "ACSC": PAID, "RJCT": REJECTED, "CANC": REJECTED}
GOES_ON = frozenset(
    ("ACCP", "ACFC", "ACFW", "ACIS", "ACPD", "ACSP", "ACTC", "ACWC", "ACWP", "BLCK", "PART", "PATC", "PDNG",
     "PRES", "RCVC", "RCVD", "RVCM", "RVNC")
)  # fmt: skip
ORDER = re.compile(r"(?P<run>.+?)(-(?P<batch>R[0-9]{2,}))?", re.ASCII)  # as pain001.message_id writes it
LONGEST = 500  # characters of a text that are kept
NUMBER = re.compile(r".+-([0-9]{1,4})", re.ASCII)  # payout id and attempt, as pain001 writes InstrId


@dataclass(frozen=True, slots=True)
class Order:
    """Which of our orders a report is about, and when it was made."""

    message: str
    at: str

    @property
    def run(self) -> str:
        """The run's id."""
        return self._part("run")

    @property
    def batch(self) -> str:
        """``R01``, or "" for the run's own order."""
        return self._part("batch")

    def _part(self, name: str) -> str:
        found = ORDER.fullmatch(self.message)
        return (found[name] or "") if found else ""


def read(data: bytes) -> Sequence[Receipt | Whole]:
    """Everything final that the report says; refuses it with every fault, or if nothing in it is final."""
    report = _report(data)
    order = Order(_path(report, "OrgnlGrpInfAndSts", "OrgnlMsgId"), _path(report, "GrpHdr", "CreDtTm"))
    wrong: list[Problem] = []
    found: list[Receipt | Whole] = [*_single(report, order, wrong), *_wholes(report, order, wrong)]
    if wrong:
        raise Refused(*wrong)
    if not found:
        remedy = "it says neither of a payment nor of an order that it is settled or rejected"
        raise refuse("missing", "TxSts", "no final status", remedy)
    return found


def _report(data: bytes) -> Element:
    try:
        root = fromstring(data, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise refuse("not_xml", "file", type(error).__name__, "send the bank's pain.002 as it came") from None
    report = next((each for each in root if _tag(each) == "CstmrPmtStsRpt"), None)
    if report is None:
        raise refuse("not_xml", "document", _tag(root), "send a pain.002 (CstmrPmtStsRpt)")
    return report


def _single(report: Element, order: Order, wrong: list[Problem]) -> Iterator[Receipt]:
    for number, each in enumerate(_all(report, "TxInfAndSts"), 1):
        payout = _path(each, "OrgnlEndToEndId")
        status = _path(each, "TxSts")
        if not payout:
            remedy = "every status names the payment that it is about"
            wrong.append(problem("missing", f"OrgnlEndToEndId {number}", "none", remedy))
        elif status and _known(status, payout, wrong) and status in FINAL:
            yield _receipt(each, payout, FINAL[status], order)


def _known(status: str, where: str, wrong: list[Problem]) -> bool:
    """Whether we know what a status means; one that nobody knows stops the file: it could be a reject."""
    if status in FINAL or status in GOES_ON:
        return True
    remedy = f"use a status of ISO 20022: {', '.join(sorted({*FINAL, *GOES_ON}))}; or bring a CSV list"
    wrong.append(problem("unknown_choice", f"{where} status", status, remedy))
    return False


def _receipt(said: Element, payout: str, outcome: str, order: Order) -> Receipt:
    """The attempt is the one behind the payout id in InstrId, else that of the order."""
    named = NUMBER.fullmatch(_path(said, "OrgnlInstrId"))
    attempt = int(named[1]) if named else 0 if order.batch or not order.message else 1
    amount = _element(said, "OrgnlTxRef", "Amt", "InstdAmt")
    return Receipt(
        payout, attempt, outcome, *_reason(said), order.at,
        (amount.text or "").strip() if amount is not None else "",
        amount.get("Ccy", "") if amount is not None else "", order.batch,
    )  # fmt: skip


def _wholes(report: Element, order: Order, wrong: list[Problem]) -> Iterator[Whole]:
    group = next(_all(report, "OrgnlGrpInfAndSts"), None)
    status = _path(group, "GrpSts")
    outcome = FINAL.get(status, "") if status and _known(status, "GrpSts", wrong) else ""
    if outcome:
        yield _whole(report, group, order, "", outcome)
    for each in _all(report, "OrgnlPmtInfAndSts"):
        name, status = _path(each, "OrgnlPmtInfId"), _path(each, "PmtInfSts")
        if not status or not _known(status, name, wrong):
            continue
        if outcome and FINAL.get(status) != outcome:
            remedy = "the group says otherwise: ask the bank, or bring a CSV list"
            wrong.append(problem("unknown_choice", f"{name} PmtInfSts", status, remedy))
        elif not outcome and status in FINAL:
            yield from _part(each, order, name, FINAL[status], wrong)


def _part(said: Element, order: Order, name: str, outcome: str, wrong: list[Problem]) -> Iterator[Whole]:
    """A payment information is all that an order pays in one currency: ``<message>-CNY``."""
    message, _, currency = name.rpartition("-")
    if message != order.message:
        wrong.append(
            problem("unknown_choice", "OrgnlPmtInfId", name, f"it is no part of order {order.message}")
        )
    else:
        yield _whole(said, said, order, currency, outcome)


def _whole(about: Element, said: Element | None, order: Order, currency: str, outcome: str) -> Whole:
    single = (each for each in _all(about, "TxInfAndSts") if _path(each, "TxSts"))
    but = frozenset(_path(each, "OrgnlEndToEndId") for each in single)
    return Whole(order.run, order.batch, currency, outcome, *_reason(said), order.at, but)


def _reason(said: Element | None) -> tuple[str, str]:
    """Code and text; banks write a long text as several."""
    info = _element(said, "StsRsnInf")
    code = _path(info, "Rsn", "Cd") or _path(info, "Rsn", "Prtry")
    more = (each.text or "" for each in _all(info, "AddtlInf"))
    return code, " ".join(each.strip() for each in more)[:LONGEST]


def _tag(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _all(element: Element | None, name: str) -> Iterator[Element]:
    return (each for each in element.iter() if _tag(each) == name) if element is not None else iter(())


def _element(element: Element | None, *names: str) -> Element | None:
    """What stands at the end of a path of children, whatever the namespace."""
    here = element
    for name in names:
        here = next((child for child in here if _tag(child) == name), None) if here is not None else None
    return here


def _path(element: Element | None, *names: str) -> str:
    """The text there; empty if there is none."""
    found = _element(element, *names)
    return (found.text or "").strip() if found is not None else ""
