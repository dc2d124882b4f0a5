"""The pydantic models of a pay setup as people write it; ``pay_codec.py`` makes the domain's of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from dualtrack.adapters.plan_fields import Day, Exact, Row, Strict, Texts, needed, said

MOST_DAYS = 366


def _like(pattern: str, reason: str, remedy: str) -> Callable[[str], str]:
    """Checks a text's form; says what mends it instead of the pattern."""

    def checked(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise PydanticCustomError(reason, remedy)
        return text

    return checked


def _among(text: str, *words: str) -> str:
    if text not in words:
        raise PydanticCustomError("unknown_choice", f"use one of {', '.join(words)}")
    return text


def _one(*words: str) -> tuple[AfterValidator, object]:
    """A text that is one of some words; the editor completes it."""
    return AfterValidator(lambda text: _among(text, *words)), Field(json_schema_extra={"enum": list(words)})


Currency = Annotated[str, Field(json_schema_extra={"pattern": "^[A-Z]{3}$"})]  # the domain knows which
Written = Annotated[str, AfterValidator(_like(r"(?s).*\S.*", "bad_label", "write it"))]
Time = Annotated[
    str, AfterValidator(_like("([01][0-9]|2[0-3]):[0-5][0-9]", "bad_time", "write a time as HH:MM"))
]
FirstMonth = Annotated[
    str,
    AfterValidator(_like("((?!000[01])[0-9]{4}-(0[1-9]|1[0-2]))?", "bad_period", "write a month as YYYY-MM")),
]
Every = Annotated[str, *_one("month", "quarter")]
AsText = Annotated[str, *_one("none", "quote", "tab")]
Amount = Annotated[str, *_one("major", "minor")]
Accounts = Annotated[str, *_one("payroll", "tenant")]
Language = Annotated[str, *_one("en", "zh")]
Character = Annotated[str, AfterValidator(_like("(?s).", "bad_label", "write one character"))]


class MomentModel(Strict):
    """So many days after a period's last one."""

    days: Annotated[int, Field(ge=1, le=MOST_DAYS)] = needed(
        "calendar days, or business days of the calendar"
    )
    time: Time = said("00:30", "local time, HH:MM")
    calendar: str = said("", "whose business days are counted; none: calendar days")


class GroupModel(Strict):
    """Employees who are closed together; nobody named means everybody else."""

    id: str = needed("its name")
    every: Every = said("month", "month or quarter")
    plans: list[str] = said([], "whoever is paid by these plans")
    teams: list[str] = said([], "these teams")
    employees: list[str] = said([], "these employees")
    since: FirstMonth = said("", "its first month, YYYY-MM")
    close: MomentModel | None = said(None, "when its close starts by itself; none: people start it")
    pay: MomentModel | None = said(None, "the day on which the money is to arrive; none: 10 days after")
    name: Texts = said({}, "what people read")


class CalendarModel(Strict):
    """Which days are no business days."""

    id: str = needed("its name")
    weekend: list[int] = said([5, 6], "days of the week, 0 is Monday")
    holidays: list[Day] = said([], "closed although no weekend")
    workdays: list[Day] = said([], "open although weekend")


class ClawbacksModel(Strict):
    """How much may be taken back."""

    shares: list[Row] = needed("rows of [months since payment, percent]")
    instalments: Annotated[int, Field(ge=1, le=36)] = said(1, "in so many runs")


class DebtorModel(Strict):
    """The account that a currency is paid from."""

    currency: Currency
    name: Written = needed("whose account it is")
    account: Written = needed("IBAN or account number")
    bank: Written = needed("BIC or national bank code")


class ColumnModel(Strict):
    """One column of a bank's file."""

    head: str = needed("what stands above it")
    field: str = said("", "which field stands in it")
    constant: str = said("", "or this text")


class BankModel(Strict):
    """How one bank wants its batch file."""

    id: Annotated[str, Field(pattern="^[a-z0-9-]{1,40}$")] = needed("its name, and that of its files")
    columns: Annotated[list[ColumnModel], Field(min_length=1)]
    currencies: Annotated[list[Currency], Field(min_length=1)]
    separator: Character = said(",", "between columns")
    encoding: str = said("gb18030", "of the file")
    header: bool = said(True, "whether the heads are a row")
    newline: str = said("\r\n", "at the end of a row")
    text: AsText = said("none", "how an account stays text")
    amount: Amount = said("major", "1234.50 or 123450")
    trailer: list[str] = said([], "fields of a last row")
    name: Texts = said({}, "what people read")


class EntryModel(Strict):
    """Accounts of the general ledger that a positive amount debits and credits."""

    debit: Written
    credit: Written


class SetupModel(Strict):
    """One version of a tenant's pay setup."""

    id: str = needed("its name")
    version: Annotated[int, Field(ge=1, le=999_999)] = needed("1, 2, …: a published version never changes")
    groups: Annotated[list[GroupModel], Field(min_length=1)]
    calendars: list[CalendarModel] = said([], "business days")
    carry_up_to: dict[Currency, Exact] | None = said(
        None, "differences up to this are carried without a decision; none: all are"
    )
    clawbacks: ClawbacksModel | None = said(None, "how much of a payment may be taken back")
    accounts: Accounts = said(
        "payroll", "who knows bank accounts: payroll, or tenant (stored here, encrypted)"
    )
    debtors: list[DebtorModel] = said([], "accounts that are paid from, one for each currency")
    banks: list[BankModel] = said([], "profiles of batch files")
    files: list[str] = said(["lines", "workbook"], "which kinds of files are written")
    journal: dict[str, EntryModel] = said({}, "by kind of line")
    language: Language = said("en", "of statements")
