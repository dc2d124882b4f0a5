"""The pydantic models of a pay setup as people write it; ``pay_codec.py`` makes the domain's of it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from dualtrack.adapters.plan_fields import Day, Exact, Row, Strict, Texts, Whole, needed, said

Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class MomentModel(Strict):
    """So many days after a period's last one."""

    days: Whole = needed("calendar days, or business days of the calendar")
    time: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = said("00:30", "local time, HH:MM")
    calendar: str = said("", "whose business days are counted; none: calendar days")


class GroupModel(Strict):
    """Employees who are closed together; nobody named means everybody else."""

    id: str = needed("its name")
    every: Annotated[str, Field(pattern="^(month|quarter)$")] = said("month", "month or quarter")
    plans: list[str] = said([], "whoever is paid by these plans")
    teams: list[str] = said([], "these teams")
    employees: list[str] = said([], "these employees")
    since: Annotated[str, Field(pattern=r"^([0-9]{4}-(0[1-9]|1[0-2]))?$")] = said(
        "", "its first month, YYYY-MM"
    )
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
    name: str = needed("whose account it is")
    account: str = needed("IBAN or account number")
    bank: str = needed("BIC or national bank code")


class ColumnModel(Strict):
    """One column of a bank's file."""

    head: str = needed("what stands above it")
    field: str = said("", "which field stands in it")
    constant: str = said("", "or this text")


class BankModel(Strict):
    """How one bank wants its batch file."""

    id: str = needed("its name")
    columns: Annotated[list[ColumnModel], Field(min_length=1)]
    currencies: Annotated[list[Currency], Field(min_length=1)]
    separator: Annotated[str, Field(min_length=1, max_length=1)] = said(",", "between columns")
    encoding: str = said("gb18030", "of the file")
    header: bool = said(True, "whether the heads are a row")
    newline: str = said("\r\n", "at the end of a row")
    text: Annotated[str, Field(pattern="^(none|quote|tab)$")] = said("none", "how an account stays text")
    amount: Annotated[str, Field(pattern="^(major|minor)$")] = said("major", "1234.50 or 123450")
    trailer: list[str] = said([], "fields of a last row")
    name: Texts = said({}, "what people read")


class EntryModel(Strict):
    """Accounts of the general ledger that a positive amount debits and credits."""

    debit: str
    credit: str


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
    accounts: Annotated[str, Field(pattern="^(payroll|tenant)$")] = said(
        "payroll", "who knows bank accounts: payroll, or tenant (stored here, encrypted)"
    )
    debtors: list[DebtorModel] = said([], "accounts that are paid from, one for each currency")
    banks: list[BankModel] = said([], "profiles of batch files")
    files: list[str] = said(["lines", "workbook"], "which kinds of files are written")
    journal: dict[str, EntryModel] = said({}, "by kind of line")
    language: Annotated[str, Field(pattern="^(en|zh)$")] = said("en", "of statements")
