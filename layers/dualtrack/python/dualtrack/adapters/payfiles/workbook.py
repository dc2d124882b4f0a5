"""workbook.xlsx: a run for people in finance. Control sheet with live formulas, payouts, lines, who is held.

Sums are exact although spreadsheets calculate in binary: they add up whole minor units, which binary numbers
hold exactly up to 15 digits, and divide once. What is larger is refused.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from datetime import UTC
from decimal import Decimal
from typing import Any

from xlsxwriter import Workbook  # type: ignore[import-untyped]

from dualtrack.adapters.payfiles.cells import formula, visible
from dualtrack.adapters.payfiles.lines import rows
from dualtrack.adapters.payfiles.workbook_sheets import (
    BAD,
    CHECKED,
    CONTROL,
    HEADS,
    HELD,
    KINDS,
    LINES,
    PAYOUTS,
    TITLE,
    WIDTHS,
    Cell,
    about,
    checks,
    live,
)
from dualtrack.adapters.payfiles.workbook_sums import sums
from dualtrack.domain.errors import Stopped, refuse
from dualtrack.domain.money import exponent
from dualtrack.domain.published import Payee, PayFile, Publication
from dualtrack.domain.runs import totals

__all__ = ["NAME", "sums", "write"]
NAME = "workbook.xlsx"
MOST = 10**15 - 1  # minor units: 15 digits survive every spreadsheet
ROWS = 2**20 - 1  # of a sheet, without its head
OPTIONS = {"constant_memory": True, "strings_to_urls": False, "strings_to_formulas": False}
LOOKS: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 16},
    "head": {"bold": True, "bg_color": "#DCE6F1", "bottom": 1, "text_wrap": True, "valign": "vcenter"},
    "text": {"num_format": "@", "valign": "top"},
    "wrapped": {"num_format": "@", "valign": "top", "text_wrap": True},
    "quoted": {"num_format": "@", "valign": "top", "text_wrap": True, "quote_prefix": True},
    "count": {"num_format": "#,##0", "valign": "top"},
    "0": {"num_format": "#,##0", "valign": "top"},
    "2": {"num_format": "#,##0.00", "valign": "top"},
    "3": {"num_format": "#,##0.000", "valign": "top"},
    "check": {"bold": True, "valign": "top"},
    "good": {"font_color": "#006100", "bg_color": "#C6EFCE"},
    "bad": {"font_color": "#9C0006", "bg_color": "#FFC7CE"},
}


def write(publication: Publication) -> list[PayFile]:
    """One workbook; refuses amounts and numbers of lines that it cannot hold exactly."""
    _fits(publication)
    out = io.BytesIO()
    with Workbook(out, OPTIONS) as book:  # also takes its temporary files away, whatever happens
        created = publication.approved_at.astimezone(UTC).replace(tzinfo=None)
        book.set_properties({"title": f"{publication.tenant} {publication.run}", "created": created})
        looks = {name: book.add_format(look) for name, look in LOOKS.items()}
        sheets = {name: _Sheet(book.add_worksheet(name), looks) for name in WIDTHS}
        _control(sheets[CONTROL], publication)
        _list(sheets[PAYOUTS], PAYOUTS, _payouts(publication))
        _list(sheets[LINES], LINES, _lines(publication))
        _list(sheets[HELD], HELD, _held(publication))
    return [PayFile(NAME, out.getvalue())]


def _fits(publication: Publication) -> None:
    remedy = "leave workbook out of the pay setup's files: a spreadsheet cannot hold it exactly"
    count = sum(len(payout.lines) for payout in publication.payouts)
    if count > ROWS:
        raise refuse("too_large", "lines", count, remedy)
    sizes: dict[str, int] = {}
    for _, line in rows(publication):
        sizes[line.currency] = sizes.get(line.currency, 0) + abs(line.amount)
    for currency, size in sizes.items():
        if size > MOST:
            raise refuse("too_large", f"amounts in {currency}", size, remedy)


class _Sheet:
    """A sheet that is written row by row; a cell that is not written as it was meant stops the file."""

    def __init__(self, sheet: Any, looks: dict[str, Any]) -> None:
        self.sheet, self.looks = sheet, looks
        self.next = 0

    def row(self, cells: Sequence[Cell]) -> None:
        """The next row of cells."""
        for column, cell in enumerate(cells):
            if self._put(column, cell):
                raise Stopped(f"{NAME}: row {self.next + 1}, column {column + 1} was not written whole")
        self.next += 1

    def heads(self, name: str) -> None:
        """The next row: the heads of a table."""
        self.sheet.set_row(self.next, 24)
        self.row([Cell(head, "head") for head in HEADS[name]])

    def _put(self, column: int, cell: Cell) -> int:
        look = self.looks[cell.look]
        if cell.formula:
            done = self.sheet.write_formula(self.next, column, cell.formula, look, cell.value)
        elif isinstance(cell.value, str):
            done = self.sheet.write_string(self.next, column, *self._text(cell.value, look))
        else:
            done = self.sheet.write_number(self.next, column, cell.value, look)
        return int(done)

    def _text(self, text: str, look: Any) -> tuple[str, Any]:
        """A formula stays text when somebody edits it; what XlsxWriter took for marked-up text does not."""
        shown = visible(text)
        if shown.startswith("<r>") and shown.endswith("</r>"):
            shown += " "
        return shown, self.looks["quoted"] if formula(text) else look


def _control(to: _Sheet, publication: Publication) -> None:
    _page(to, CONTROL)
    found = totals(publication.payouts)
    said = about(publication)
    first = len(said) + 5  # below the title, the check, what the run is, a gap and the heads
    last = first + max(1, len(found)) * (len(CHECKED) + 1) - 1
    for where in ("B2:B2", f"E{first}:E{last}"):
        for result, look in (("OK", "good"), (BAD, "bad")):
            rule = {"type": "cell", "criteria": "==", "value": f'"{result}"', "format": to.looks[look]}
            to.sheet.conditional_format(where, rule)
    to.row([Cell(TITLE, "title")])
    to.row([Cell("核对 Check", "head"), checks(first, len(found))])
    for name, text in said:
        to.row([Cell(name, "head"), Cell(text)])
    to.row([])
    to.heads(CONTROL)
    lines = sum(total.lines for total in found)
    for total in found:
        for row in live(total, to.next + 1, len(publication.payouts), lines):
            to.row(row)


def _page(to: _Sheet, name: str) -> None:
    for column, width in enumerate(WIDTHS[name]):
        to.sheet.set_column(column, column, width)
    to.sheet.set_paper(9)  # A4
    to.sheet.fit_to_pages(1, 0)


def _list(to: _Sheet, name: str, cells: Iterator[Sequence[Cell]]) -> None:
    """A sheet that is one table: head, filter, the head on every printed page."""
    _page(to, name)
    to.sheet.set_landscape()
    to.sheet.freeze_panes(1, 0)
    to.sheet.repeat_rows(0)
    to.heads(name)
    for each in cells:
        to.row(each)
    to.sheet.autofilter(0, 0, max(1, to.next - 1), len(HEADS[name]) - 1)


def _payouts(publication: Publication) -> Iterator[Sequence[Cell]]:
    for payout in publication.payouts:
        name = publication.payees.get(payout.employee, Payee()).name
        texts = (payout.employee, name, payout.id, payout.currency)
        count = Cell(Decimal(len(payout.lines)), "count")
        yield [*map(Cell, texts), *_money(payout.amount, payout.currency), count]


def _lines(publication: Publication) -> Iterator[Sequence[Cell]]:
    for payout, line in rows(publication):
        texts = (line.employee, payout.id, line.id, line.period, line.kind, KINDS[line.kind], line.currency)
        yield [*map(Cell, texts), *_money(line.amount, line.currency)]


def _money(amount: int, currency: str) -> tuple[Cell, Cell]:
    """In the currency's unit and in minor units. A decimal is written as its own digits, not as a float."""
    places = exponent(currency)
    return Cell(Decimal(amount).scaleb(-places), str(places)), Cell(Decimal(amount), "count")


def _held(publication: Publication) -> Iterator[Sequence[Cell]]:
    for employee, reasons in sorted(publication.held.items()):
        yield [Cell(employee), Cell("; ".join(reasons), "wrapped")]
