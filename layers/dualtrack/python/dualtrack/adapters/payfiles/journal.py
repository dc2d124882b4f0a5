"""journal.csv: what the general ledger books for a run. Two rows an entry: a debit and its credit."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from itertools import groupby

from dualtrack.adapters.payfiles.cells import escaped, minor
from dualtrack.adapters.payfiles.lines import rows
from dualtrack.domain.errors import Stopped
from dualtrack.domain.journal import Entry, entries
from dualtrack.domain.money import major
from dualtrack.domain.published import PayFile, Publication, Sum, Sums

NAME = "journal.csv"
ABOUT = ("entry", "pay_day", "run", "period", "kind", "currency", "lines", "net")  # alike on both rows
COLUMNS = (*ABOUT, "account", "debit", "credit")
Row = dict[str, str]


def write(publication: Publication) -> list[PayFile]:
    """The entries of all lines; refuses kinds of lines that have no accounts in the setup."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    booked = entries((line for _, line in rows(publication)), publication.setup.journal)
    for number, entry in enumerate(booked, 1):
        writer.writerows(_rows(publication, number, entry))
    return [PayFile(NAME, text.getvalue().encode("utf-8-sig"))]


def _rows(publication: Publication, number: int, entry: Entry) -> Iterator[Sequence[str]]:
    def own(amount: int) -> str:
        return major(amount, entry.currency)

    about = (str(number), publication.pay_day.isoformat(), publication.run, entry.period, entry.kind,
             entry.currency, str(entry.lines), own(entry.net))  # fmt: skip
    for posting in entry.postings:
        yield (*about, escaped(posting.account), own(posting.debit), own(posting.credit))


def sums(data: bytes) -> Sums:
    """Booked lines and their sum, by currency; stops at an entry that is not balanced."""
    found: dict[str, Sum] = {}
    read = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    for number, pair in groupby(read, lambda row: row["entry"]):
        currency, lines, net = _entry(number, list(pair))
        before = found.get(currency, Sum(0, 0))
        found[currency] = Sum(before.rows + lines, before.amount + net)
    return found


def _entry(number: str, pair: Sequence[Row]) -> tuple[str, int, int]:
    """Currency, lines and sum of an entry: one debit and one credit, both of the sum that it states."""
    first = pair[0]
    currency, net = first["currency"], minor(first["net"], first["currency"])
    alike = len({tuple(row[name] for name in ABOUT) for row in pair}) == 1
    posted = [(minor(row["debit"], currency), minor(row["credit"], currency)) for row in pair]
    if not alike or posted != [(abs(net), 0), (0, abs(net))]:
        raise Stopped(f"{NAME}: entry {number} is not one debit and one credit of its sum")
    return currency, int(first["lines"]), net
