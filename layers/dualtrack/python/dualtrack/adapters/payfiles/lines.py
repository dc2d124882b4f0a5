"""lines.csv: every payout line, for people and Excel: UTF-8 with a byte order mark, by employee and line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from dualtrack.adapters.payfiles.cells import added, escaped, minor
from dualtrack.domain.money import major
from dualtrack.domain.payouts import Line, Payout
from dualtrack.domain.published import PayFile, Publication, Sums

NAME = "lines.csv"
COLUMNS = ("payout_id", "line_id", "employee", "run", "period", "kind", "currency", "amount")


def write(publication: Publication) -> list[PayFile]:
    """One row for each line."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows(_row(payout, line) for payout, line in rows(publication))
    return [PayFile(NAME, text.getvalue().encode("utf-8-sig"))]


def rows(publication: Publication) -> Iterator[tuple[Payout, Line]]:
    """Every line with its payout, in the order of employees."""
    return ((payout, line) for payout in publication.payouts for line in payout.lines)


def _row(payout: Payout, line: Line) -> list[str]:
    about = [payout.id, line.id, escaped(line.employee), line.run, line.period, line.kind, line.currency]
    return [*about, major(line.amount, line.currency)]


def sums(data: bytes) -> Sums:
    """Rows and sums, read back from the bytes."""
    found = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    return added((row["currency"], minor(row["amount"], row["currency"])) for row in found)
