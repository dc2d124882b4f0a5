"""What a workbook says, read back from its own XML: no spreadsheet and no library takes part."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element, fromstring, iterparse
from zipfile import ZipFile

from dualtrack.adapters.payfiles.cells import added, minor
from dualtrack.adapters.payfiles.workbook_sheets import (
    AMOUNT,
    CONTROL,
    CURRENCY,
    ITEM,
    LINES,
    LIVE,
    MINOR,
    PAYOUTS,
    SUM,
)
from dualtrack.domain.errors import Stopped
from dualtrack.domain.published import Sums

DIGITS = "0123456789"
SPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
TEXT, VALUE = f"{SPACE}t", f"{SPACE}v"


def sums(data: bytes) -> Sums:
    """Rows and sums of the sheet of lines; stops if the other sheets come to something else."""
    with ZipFile(io.BytesIO(data)) as archive:
        booked, paid = (added(_amounts(archive, sheet)) for sheet in (LINES, PAYOUTS))
        stated = [row for row in _table(archive, CONTROL) if row[ITEM] == SUM]
    control = {row[CURRENCY]: minor(row[LIVE], row[CURRENCY]) for row in stated}
    wanted = {currency: each.amount for currency, each in booked.items()}
    for sheet, found in ((PAYOUTS, {c: each.amount for c, each in paid.items()}), (CONTROL, control)):
        if found != wanted:
            raise Stopped(f"the sheet {sheet} comes to {found}, the lines to {wanted} (minor units)")
    return booked


def _amounts(archive: ZipFile, sheet: str) -> Iterator[tuple[str, int]]:
    """Currency and minor units of each row; both columns of amounts have to say the same."""
    for number, row in enumerate(_table(archive, sheet), 2):
        amount = minor(row[AMOUNT], row[CURRENCY])
        if str(amount) != row[MINOR]:
            raise Stopped(f"the sheet {sheet} says two amounts in row {number}")
        yield row[CURRENCY], amount


def _table(archive: ZipFile, sheet: str) -> Iterator[Mapping[str, str]]:
    """The rows below the head that has a currency, by the texts of the head."""
    heads: Mapping[str, str] = {}
    with archive.open(_path(archive, sheet)) as stream:
        for _, element in iterparse(stream):
            if element.tag != f"{SPACE}row":
                continue
            cells = {cell.get("r", "").rstrip(DIGITS): _content(cell) for cell in element}
            element.clear()
            if heads:
                yield {head: cells.get(column, "") for column, head in heads.items()}
            elif CURRENCY in cells.values():
                heads = cells


def _path(archive: ZipFile, sheet: str) -> str:
    named = [each.get("name") for each in fromstring(archive.read("xl/workbook.xml")).iter(f"{SPACE}sheet")]
    if sheet not in named:
        raise Stopped(f"the workbook has no sheet {sheet}")
    return f"xl/worksheets/sheet{named.index(sheet) + 1}.xml"


def _content(cell: Element) -> str:
    """The text or the number of a cell; of a formula, its stored result."""
    inline = cell.get("t") == "inlineStr"
    return next((each.text or "" for each in cell.iter(TEXT if inline else VALUE)), "")
