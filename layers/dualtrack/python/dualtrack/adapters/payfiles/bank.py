"""Bank batch files (代发工资): only payouts above 0, in the shape that a bank's profile says."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial

from dualtrack.adapters.payfiles.cells import FORMULA, added, minor
from dualtrack.domain.errors import Problem, Refused, Stopped, problem, refuse
from dualtrack.domain.money import major
from dualtrack.domain.payouts import Payout
from dualtrack.domain.published import Payee, PayFile, Publication, Sums
from dualtrack.domain.setup import BankProfile, Column, Setup

Cell = Callable[[Publication, BankProfile, int, Payout, Payee], str]
BROKEN = (ValueError, IndexError, csv.Error)  # a file that is not what was written: bad bytes, short rows


def _amount(publication: Publication, bank: BankProfile, n: int, payout: Payout, payee: Payee) -> str:
    return str(payout.amount) if bank.amount == "minor" else major(payout.amount, payout.currency)


CELLS: Mapping[str, Cell] = {
    "serial": lambda publication, bank, n, payout, payee: str(n),
    "payout_id": lambda publication, bank, n, payout, payee: payout.id,
    "employee": lambda publication, bank, n, payout, payee: payout.employee,
    "name": lambda publication, bank, n, payout, payee: payee.name,
    "account": lambda publication, bank, n, payout, payee: payee.account,
    "bank": lambda publication, bank, n, payout, payee: payee.bank,
    "branch": lambda publication, bank, n, payout, payee: payee.branch,
    "currency": lambda publication, bank, n, payout, payee: payout.currency,
    "amount": _amount,
    "period": lambda publication, bank, n, payout, payee: publication.period,
    "pay_day": lambda publication, bank, n, payout, payee: f"{publication.pay_day:%Y%m%d}",
}
TEXTS: Mapping[str, Callable[[str], str]] = {
    "none": lambda text: text,
    "quote": lambda text: f"'{text}",
    "tab": lambda text: f"{text}\t",
}


def write(publication: Publication) -> list[PayFile]:
    """A file for each profile and each currency that it takes and that is paid.

    Refuses a payable currency that no profile takes: who is paid in it would be in no order. What is wrong
    in any file is said at once.
    """
    taken = {currency for bank in publication.setup.banks for currency in bank.currencies}
    left = sorted({payout.currency for payout in publication.payable} - taken)
    if left:
        raise refuse("missing", "banks.currencies", ", ".join(left), "name the currency in a bank's profile")
    files: list[PayFile] = []
    wrong: list[Problem] = []
    for bank, currency, mine in _wanted(publication):
        try:
            files.append(PayFile(_name(bank, currency), _file(publication, bank, mine)))
        except Refused as refused:
            wrong += refused.problems
    if wrong:
        raise Refused(*wrong)
    return files


def _wanted(publication: Publication) -> Iterator[tuple[BankProfile, str, list[Payout]]]:
    for bank in publication.setup.banks:
        for currency in bank.currencies:
            mine = [payout for payout in publication.payable if payout.currency == currency]
            if mine:
                yield bank, currency, mine


def _name(bank: BankProfile, currency: str) -> str:
    return f"bank-{bank.id}-{currency}.csv"


def _file(publication: Publication, bank: BankProfile, payouts: Sequence[Payout]) -> bytes:
    wrong = list(_unwritable(bank))
    rows = [list(_row(publication, bank, n, payout, wrong)) for n, payout in enumerate(payouts, 1)]
    if wrong:
        raise Refused(*wrong)
    text = io.StringIO()
    writer = csv.writer(
        text, delimiter=bank.separator, lineterminator=bank.newline, quoting=csv.QUOTE_MINIMAL
    )
    if bank.header:
        writer.writerow([column.head for column in bank.columns])
    writer.writerows(rows)
    if bank.trailer:
        total = sum(payout.amount for payout in payouts)
        writer.writerow(_trailer(bank, len(payouts), total, payouts[0].currency))
    return text.getvalue().encode(bank.encoding)


def _unwritable(bank: BankProfile) -> Iterator[Problem]:
    """What the profile itself writes and its encoding does not have."""
    for text in (*(column.head for column in bank.columns if bank.header), *bank.trailer):
        yield from _lost(text, bank, f"banks.{bank.id}")


def _row(
    publication: Publication, bank: BankProfile, number: int, payout: Payout, wrong: list[Problem]
) -> Iterator[str]:
    payee = publication.payees.get(payout.employee, Payee())
    for column in bank.columns:
        said = _cell(column, publication, bank, number, payout, payee)
        wrong += _faults(column, bank, payout, said)
        yield TEXTS[bank.text](said) if column.field == "account" else said


def _cell(
    column: Column, publication: Publication, bank: BankProfile, number: int, payout: Payout, payee: Payee
) -> str:
    if not column.field:
        return column.constant
    return CELLS[column.field](publication, bank, number, payout, payee)


def _faults(column: Column, bank: BankProfile, payout: Payout, said: str) -> Iterable[Problem]:
    """A bank takes a cell as it stands, so what could be taken for something else is refused by name."""
    where = f"{payout.employee} {column.field or column.head}"
    if not said and column.field in ("name", "account"):
        yield problem(f"payee_{column.field}", where, "", "store the account first: account import")
    if said.startswith(FORMULA):
        yield problem(
            "formula_like", where, said[:2] + "…", "a bank file has no cell that begins like a formula"
        )
    if bank.separator in said or '"' in said or not said.isprintable():
        remedy = "take out separators, quotation marks and control characters"
        yield problem("control_character", where, ascii(said[:2])[1:-1] + "…", remedy)
    yield from _lost(said, bank, where)


def _lost(said: str, bank: BankProfile, where: str) -> Iterator[Problem]:
    try:
        said.encode(bank.encoding)
    except UnicodeEncodeError as error:
        lost = f"U+{ord(said[error.start]):04X}"
        yield problem("encoding", where, lost, f"{bank.encoding} does not have it: agree on it with the bank")


def _trailer(bank: BankProfile, rows: int, amount: int, currency: str) -> list[str]:
    shown = str(amount) if bank.amount == "minor" else major(amount, currency)
    return [{"count": str(rows), "total": shown}.get(field, field) for field in bank.trailer]


def sums(name: str, data: bytes, setup: Setup) -> Sums:
    """Rows and sum of one file, by its profile; a trailer that says something else stops the run."""
    bank, currency = _profile(name, setup)
    try:
        found, trailer = _read(data, bank, currency)
    except BROKEN:
        raise Stopped(f"{name}: it does not read as profile {bank.id} writes it") from None
    if currency not in found:
        raise Stopped(f"{name}: nobody is in it, and no such file is written")
    each = found[currency]
    if bank.trailer and trailer != _trailer(bank, each.rows, each.amount, currency):
        raise Stopped(f"{name}: its last row says {trailer}")
    return found


def _read(data: bytes, bank: BankProfile, currency: str) -> tuple[Sums, list[str]]:
    """What the rows come to, and the last row if the profile has a trailer."""
    text = io.StringIO(data.decode(bank.encoding), newline="")
    rows = list(csv.reader(text, delimiter=bank.separator, strict=True))
    rows = rows[1:] if bank.header else rows
    trailer = rows.pop() if bank.trailer else []
    place = [column.field for column in bank.columns].index("amount")
    read = int if bank.amount == "minor" else partial(minor, currency=currency)
    return added((currency, read(row[place])) for row in rows), trailer


def _profile(name: str, setup: Setup) -> tuple[BankProfile, str]:
    own = name.rsplit("/", 1)[-1]
    for bank in setup.banks:
        for currency in bank.currencies:
            if own == _name(bank, currency):
                return bank, currency
    raise Stopped(f"{name} is the file of no bank profile")
