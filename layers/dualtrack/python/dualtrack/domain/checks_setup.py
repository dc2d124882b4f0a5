"""What is wrong with a pay setup, all at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from dualtrack.domain.checks_parts import identities, text
from dualtrack.domain.errors import Problem, problem
from dualtrack.domain.money import EXPONENTS
from dualtrack.domain.numbers import HUNDRED, plain
from dualtrack.domain.payouts import KINDS
from dualtrack.domain.setup import FILES, BankProfile, Column, Group, Setup

FIELDS = (  # what a column of a bank's batch file can hold
    "serial", "payout_id", "employee", "name", "account", "bank", "branch", "currency", "amount", "period",
    "pay_day",
)  # fmt: skip
LONGEST = 40  # of a group's id: it is part of the name of a scheduled execution, which has at most 80
ENCODINGS = ("gb18030", "gbk", "utf-8", "utf-8-sig", "ascii", "big5", "shift_jis")


def problems(setup: Setup) -> Iterator[Problem]:
    """Every problem, in the order of the document."""
    yield from identities("", [setup.id])
    yield from _groups(setup)
    yield from _calendars(setup)
    yield from _clawbacks(setup)
    yield from _currencies(setup)
    yield from _files(setup)
    yield from _banks(setup)


def _groups(setup: Setup) -> Iterator[Problem]:
    yield from identities("groups", [group.id for group in setup.groups])
    everybody = [group.id for group in setup.groups if group.everybody]
    if len(everybody) != 1:
        shown = ", ".join(everybody) or "none"
        yield problem("everybody", "groups", shown, "exactly one group has nobody named: it takes all others")
    for name in ("plans", "teams", "employees"):
        yield from _once(f"groups.{name}", [each for group in setup.groups for each in getattr(group, name)])
    for group in setup.groups:
        if len(group.id) > LONGEST:
            yield problem("bad_id", f"groups.{group.id}.id", group.id, f"write 1 to {LONGEST} characters")
        yield from text(f"groups.{group.id}.name", group.name, needed=False)
        yield from _moments(setup, group)


def _moments(setup: Setup, group: Group) -> Iterator[Problem]:
    known = {calendar.id for calendar in setup.calendars}
    for name, moment in (("close", group.close), ("pay", group.pay)):
        where = f"groups.{group.id}.{name}"
        if moment is None:
            continue
        if moment.calendar and moment.calendar not in known:
            there = ", ".join(sorted(known)) or "none yet"
            yield problem("unknown_name", f"{where}.calendar", moment.calendar, f"calendars: {there}")


def _calendars(setup: Setup) -> Iterator[Problem]:
    yield from identities("calendars", [calendar.id for calendar in setup.calendars])
    for calendar in setup.calendars:
        where = f"calendars.{calendar.id}"
        if any(not 0 <= day <= 6 for day in calendar.weekend) or len(calendar.weekend) > 6:
            shown = ", ".join(map(str, sorted(calendar.weekend)))
            yield problem(
                "bad_range", f"{where}.weekend", shown, "days from 0 (Monday) to 6, and not all seven"
            )
        for day in sorted(calendar.holidays & calendar.workdays):
            yield problem("twice", f"{where}.workdays", str(day), "a day is a holiday or worked, not both")


def _clawbacks(setup: Setup) -> Iterator[Problem]:
    shares = setup.clawbacks.shares
    months, percents = [m for m, _ in shares], [p for _, p in shares]
    falling = percents == sorted(set(percents), reverse=True)
    bounded = all(0 < percent <= HUNDRED for percent in percents)
    if not shares or months != sorted(set(months)) or not falling or not bounded:
        shown = ", ".join(f"{m}: {plain(p)}" for m, p in shares)
        remedy = "rows of [months, percent]: rising months, falling percents of at most 100"
        yield problem("table", "clawbacks.shares", shown, remedy)


def _currencies(setup: Setup) -> Iterator[Problem]:
    named = [("debtors", each.currency) for each in setup.debtors]
    named += [(f"banks.{bank.id}.currencies", each) for bank in setup.banks for each in bank.currencies]
    for where, currency in named:
        yield from currency_known(where, currency)
    yield from _once("debtors", [debtor.currency for debtor in setup.debtors])


def currency_known(where: str, currency: str) -> Iterator[Problem]:
    """A currency that nobody can be paid in."""
    if currency not in EXPONENTS:
        yield problem("unknown_currency", where, currency, f"use one of {', '.join(sorted(EXPONENTS))}")


def _files(setup: Setup) -> Iterator[Problem]:
    for kind in setup.files:
        if kind not in FILES:
            yield problem("unknown_choice", "files", kind, f"use some of {', '.join(FILES)}")
    yield from _once("files", setup.files)
    if "lines" not in setup.files:
        yield problem("missing", "files", "lines", "lines.csv is what amounts are shown by: write it too")
    yield from _needs(setup)


def _needs(setup: Setup) -> Iterator[Problem]:
    """What kinds of files need besides."""
    paid = {debtor.currency for debtor in setup.debtors}
    unpaid = sorted(set(setup.carry_up_to or ()) - paid) or (["none"] if not paid else [])
    if "pain001" in setup.files and unpaid:
        remedy = "pain001 needs the account of each currency that is paid"
        yield problem("missing", "debtors", ", ".join(unpaid), remedy)
    if "bank" in setup.files and (not setup.banks or setup.accounts != "tenant"):
        yield problem("missing", "banks, accounts", setup.accounts, "bank needs banks, and accounts: tenant")
    absent = [kind for kind in KINDS if kind not in setup.journal]
    if "journal" in setup.files and absent:
        yield problem(
            "missing", "journal", ", ".join(absent), "write debit and credit for every kind of line"
        )
    for kind in setup.journal:
        if kind not in KINDS:
            yield problem("unknown_kind", "journal", kind, f"use {', '.join(KINDS)}")


def _banks(setup: Setup) -> Iterator[Problem]:
    yield from identities("banks", [bank.id for bank in setup.banks])
    yield from _orders(setup)
    for bank in setup.banks:
        yield from _bank(f"banks.{bank.id}", bank)


def _orders(setup: Setup) -> Iterator[Problem]:
    """Each payout is ordered from one bank once: two files of it would pay it twice."""
    taken = Counter(currency for bank in setup.banks for currency in bank.currencies)
    for currency in (each for each, count in taken.items() if count > 1):
        remedy = "one profile for each currency: two would pay everybody twice"
        yield problem("twice", "banks.currencies", currency, remedy)
    if {"bank", "pain001"} <= set(setup.files):
        remedy = "order by one of them: both would pay everybody twice"
        yield problem("twice", "files", "bank, pain001", remedy)


def _bank(where: str, bank: BankProfile) -> Iterator[Problem]:
    yield from text(f"{where}.name", bank.name, needed=False)
    if bank.encoding.lower() not in ENCODINGS:
        yield problem("unknown_choice", f"{where}.encoding", bank.encoding, f"use {', '.join(ENCODINGS)}")
    if bank.text == "tab" and bank.separator == "\t":
        yield problem("not_here", f"{where}.text", bank.text, "the separator is a tab already")
    if bank.newline not in ("\r\n", "\n"):
        yield problem("unknown_choice", f"{where}.newline", bank.newline, r"use \r\n or \n")
    if "amount" not in [column.field for column in bank.columns]:
        yield problem("missing", f"{where}.columns", "amount", "a bank has to be told how much")
    for column in bank.columns:
        yield from _column(f"{where}.columns", column)


def _column(where: str, column: Column) -> Iterator[Problem]:
    if column.field and column.constant:
        yield problem("not_here", where, column.head, "give field or constant, not both")
    if column.field and column.field not in FIELDS:
        yield problem("unknown_name", where, column.field, f"use {', '.join(FIELDS)}")


def _once(where: str, names: Iterable[str]) -> Iterator[Problem]:
    for name, count in Counter(names).items():
        if count > 1:
            yield problem("twice", where, name, "name each once")
