"""Receipts as banks and payroll send them: ISO 20022 pain.002, a CSV list, or messages of our own schema."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import ValidationError

from dualtrack.adapters import receipts_csv, receipts_xml
from dualtrack.adapters.receipt_model import ReceiptMessage
from dualtrack.adapters.refusals import refusal
from dualtrack.domain.payments import Receipt, Whole


def read(data: bytes) -> Sequence[Receipt | Whole]:
    """What a file says, by its content; refuses it with everything that is wrong, by row or by payment."""
    xml = data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
    return receipts_xml.read(data) if xml else receipts_csv.read(data)


def message(body: str) -> tuple[str, Receipt]:
    """The run and the receipt of one message ``dualtrack.receipt.v1``."""
    try:
        said = ReceiptMessage.model_validate_json(body)
    except ValidationError as error:
        raise refusal(error) from None
    return said.run, Receipt(said.payout_id, said.attempt, said.outcome, said.code, said.text, said.at)
