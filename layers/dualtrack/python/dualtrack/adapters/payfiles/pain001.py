"""pain001.xml: the order to the bank, ISO 20022 pain.001.001.09, one payment information per currency.

Written as text and read as a stream: 100 000 transactions as a tree would take a gigabyte.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC
from decimal import Decimal
from xml.etree.ElementTree import Element, iterparse

from dualtrack.adapters.payfiles.cells import added, minor
from dualtrack.adapters.payfiles.parties import check, creditor, debtor, short, tag, text
from dualtrack.domain.errors import Stopped
from dualtrack.domain.money import major
from dualtrack.domain.numbers import ZERO, exact
from dualtrack.domain.payouts import Payout
from dualtrack.domain.published import Payee, PayFile, Publication, Sums
from dualtrack.domain.setup import Debtor

NAME = "pain001.xml"
SPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
ID_LENGTH, TEXT_LENGTH = 35, 140  # Max35Text, Max140Text


def write(publication: Publication) -> list[PayFile]:
    """The order for all payable payouts; no file if there are none, for the schema wants one at least."""
    payable = publication.payable
    if not payable:
        return []
    out = io.BytesIO()
    for part in _document(publication, payable, check(publication)):
        out.write(f"{part}\n".encode())
    return [PayFile(NAME, out.getvalue())]


def _document(
    publication: Publication, payable: Sequence[Payout], payers: Mapping[str, Debtor]
) -> Iterator[str]:
    yield f'{HEAD}<Document xmlns="{SPACE}"><CstmrCdtTrfInitn>'
    yield _group(publication, payable)
    for currency in sorted({payout.currency for payout in payable}):
        own = [payout for payout in payable if payout.currency == currency]
        yield from _payment(publication, payers[currency], own)
    yield "</CstmrCdtTrfInitn></Document>"


def message_id(publication: Publication) -> str:
    """``2026-10-01``, or ``2026-10-01-R01`` for the first sending of what was rejected."""
    sending = f"-R{publication.batch:02d}" if publication.batch else ""
    return short("run", f"{publication.run}{sending}", ID_LENGTH - len("-CNY"))


def _group(publication: Publication, payable: Sequence[Payout]) -> str:
    created = publication.approved_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return tag(
        "GrpHdr",
        text("MsgId", message_id(publication)),
        text("CreDtTm", created),
        text("NbOfTxs", str(len(payable))),
        text("CtrlSum", _control(major(p.amount, p.currency) for p in payable)),
        tag("InitgPty", text("Nm", short("tenant", publication.tenant, TEXT_LENGTH))),
    )


@exact
def _control(amounts: Iterable[str]) -> str:
    """ISO 20022: the sum of all amounts, irrespective of currencies."""
    return f"{sum(map(Decimal, amounts), ZERO):f}"


def _payment(publication: Publication, payer: Debtor, payouts: Sequence[Payout]) -> Iterator[str]:
    yield "<PmtInf>"
    yield text("PmtInfId", f"{message_id(publication)}-{payer.currency}")
    yield text("PmtMtd", "TRF")
    yield text("BtchBookg", "true")
    yield text("NbOfTxs", str(len(payouts)))
    yield text("CtrlSum", major(sum(payout.amount for payout in payouts), payer.currency))
    yield tag("PmtTpInf", tag("CtgyPurp", text("Cd", "SALA")))
    yield tag("ReqdExctnDt", text("Dt", publication.pay_day.isoformat()))
    yield debtor(payer)
    said = short("tenant, period", f"{publication.tenant} {publication.period}", TEXT_LENGTH)
    for payout in payouts:
        yield _transfer(publication, payout, said)
    yield "</PmtInf>"


def _transfer(publication: Publication, payout: Payout, said: str) -> str:
    """EndToEndId is the payout's for ever; InstrId adds the attempt, so that a status report names it."""
    attempt = publication.attempts.get(payout.id, 1)
    instruction = short(f"payout {payout.id}: attempt", f"{payout.id}-{attempt}", ID_LENGTH)
    amount = f'<InstdAmt Ccy="{payout.currency}">{major(payout.amount, payout.currency)}</InstdAmt>'
    return tag(
        "CdtTrfTxInf",
        tag("PmtId", text("InstrId", instruction), text("EndToEndId", payout.id)),
        tag("Amt", amount),
        creditor(publication.payees.get(payout.employee, Payee()), payout),
        tag("RmtInf", text("Ustrd", said)),
    )


def sums(data: bytes) -> Sums:
    """Transactions and their sum by currency; stops if a count or control sum of the file is another one."""
    found: list[tuple[str, int]] = []
    stated: list[tuple[str, str]] = []
    of_payment: list[tuple[str, int]] = []
    for _, element in iterparse(io.BytesIO(data)):
        match element.tag.rpartition("}")[2]:
            case "CdtTrfTxInf":
                of_payment.append(_amount(element))
                element.clear()
            case "PmtInf":
                _agrees(_stated(element), of_payment)
                found, of_payment = found + of_payment, []
                element.clear()
            case "GrpHdr":
                stated.append(_stated(element))
    for each in stated:
        _agrees(each, found)
    if len(stated) != 1 or of_payment:
        raise Stopped(f"{NAME} is not one group header with its payments")
    return added(found)


def _find(element: Element, path: str) -> Element:
    found = element.find(path, {"": SPACE})
    if found is None or not found.text:
        raise Stopped(f"{NAME} has no {path} where it has to have one")
    return found


def _amount(transfer: Element) -> tuple[str, int]:
    amount = _find(transfer, "Amt/InstdAmt")
    currency = amount.get("Ccy", "")
    return currency, minor(amount.text or "", currency)


def _stated(element: Element) -> tuple[str, str]:
    return _find(element, "NbOfTxs").text or "", _find(element, "CtrlSum").text or ""


@exact
def _agrees(stated: tuple[str, str], found: Sequence[tuple[str, int]]) -> None:
    count, control = stated
    total = _control(major(amount, currency) for currency, amount in found)
    if count != str(len(found)) or Decimal(control) != Decimal(total):
        raise Stopped(f"{NAME} states {count} transactions of {control}; they are {len(found)} of {total}")
