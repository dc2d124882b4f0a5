"""What payroll, or a bank's gateway, says about one payment: a message on the receipts queue."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class ReceiptMessage(BaseModel):
    """``payout_id`` and ``attempt`` are those of the payout message that it answers."""

    model_config = ConfigDict(extra="forbid", strict=True)

    schema_: Literal["dualtrack.receipt.v1"] = Field(alias="schema")
    run: Annotated[str, Field(pattern=r"^[0-9]{4}(-(0[1-9]|1[0-2])|Q[1-4])-[0-9]{2,}$")]
    payout_id: Annotated[str, Field(pattern=r"^[A-Z2-7]{32}$")]
    attempt: Annotated[int, Field(ge=1)]
    outcome: Literal["paid", "rejected"]
    code: Annotated[str, Field(max_length=35)] = ""
    text: Annotated[str, Field(max_length=500)] = ""
    at: Annotated[str, Field(max_length=40)] = ""
