"""The workbook in LibreOffice: it opens, calculates for itself, and comes to the same totals.

Needs the Debian package libreoffice-calc.
"""

from __future__ import annotations

import csv
import io
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook

from dualtrack.adapters.payfiles import workbook
from dualtrack.adapters.payfiles.workbook_sheets import BAD, CHECKED, CONTROL, LINES, PAYOUTS, SUM
from dualtrack.domain.money import major
from dualtrack.domain.runs import totals
from tests.support.payfiles import PAYOUTS as SAMPLE
from tests.support.payfiles import many, publication

SHEETS_AS_CSV = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,-1"
MANY = [*SAMPLE, *many(3000)]


def office() -> str:
    """LibreOffice's program; without it these tests fail: the workbook would be unproven."""
    found = shutil.which("soffice")
    if found is None:
        pytest.fail("LibreOffice is missing: apt-get install --no-install-recommends libreoffice-calc")
    return found


def converted(data: bytes, to: str, folder: Path) -> list[Path]:
    """What LibreOffice makes of a workbook."""
    source = folder / "workbook.xlsx"
    source.write_bytes(data)
    profile = f"-env:UserInstallation=file://{folder}/profile"
    command = [
        office(),
        profile,
        "--headless",
        "--convert-to",
        to,
        "--outdir",
        str(folder / "out"),
        str(source),
    ]
    subprocess.run(command, capture_output=True, check=True, timeout=300)
    return sorted((folder / "out").iterdir())


def changed(data: bytes, sheet: int, change: Callable[[str], str]) -> bytes:
    """A workbook whose formulas have no stored results, after a change to a sheet."""
    out = io.BytesIO()
    with ZipFile(io.BytesIO(data)) as source, ZipFile(out, "w") as target:
        for name in source.namelist():
            xml = source.read(name)
            if name == f"xl/worksheets/sheet{sheet}.xml":
                xml = change(xml.decode()).encode()
            if name == "xl/worksheets/sheet1.xml":
                xml = re.sub(rb"</f><v>[^<]*</v>", b"</f>", xml)
            target.writestr(name, xml)
    return out.getvalue()


def control(data: bytes, folder: Path) -> list[list[str]]:
    """The control sheet as LibreOffice calculates it."""
    (path,) = [p for p in converted(data, SHEETS_AS_CSV, folder) if CONTROL in p.name]
    return list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))


def written() -> bytes:
    """The sample run with 3 000 payouts more."""
    (file,) = workbook.write(publication(MANY))
    return file.data


def test_every_formula_comes_to_the_control_totals(tmp_path: Path) -> None:
    data = written()
    bare = changed(data, 1, lambda xml: xml)
    assert bare != data
    found = control(bare, tmp_path)
    assert found[1][:2] == ["核对 Check", "OK"]
    said = {(row[0], row[1]): row[2:5] for row in found[15:]}
    for total in totals(MANY):
        own = major(total.amount, total.currency)
        items = (own, own, *map(str, (total.payouts, total.payable, total.lines, 0)))
        wanted = {
            (total.currency, item): [text, text, "OK"] for item, text in zip(CHECKED, items, strict=True)
        }
        assert {key: plain(said[key]) for key in wanted} == {key: plain(row) for key, row in wanted.items()}


def plain(row: list[str]) -> list[str]:
    """Numbers without the signs that group their digits and without zeros at the end."""
    return [re.sub(r"(\.\d*?)0+$", r"\1", each.replace(",", "")).rstrip(".") for each in row]


@pytest.mark.parametrize(
    ("sheet", "change"),
    [
        (3, lambda xml: xml.replace("<v>-500.00</v>", "<v>-500.01</v>")),
        (3, lambda xml: xml.replace("<v>-50000</v>", "<v>-50001</v>")),
        (2, lambda xml: xml.replace("<v>840000</v>", "<v>840001</v>")),
        (2, lambda xml: re.sub(r'<row r="5".*?</row>', "", xml)),
    ],
)
def test_the_check_sees_a_changed_amount_and_a_row_that_is_gone(
    sheet: int, change: Callable[[str], str], tmp_path: Path
) -> None:
    found = control(changed(written(), sheet, change), tmp_path)
    assert found[1][:2] == ["核对 Check", BAD]
    assert BAD in {row[4] for row in found[15:]}
    assert SUM in {row[1] for row in found[15:]}


def test_text_that_begins_like_a_formula_is_text_there_too(tmp_path: Path) -> None:
    (path,) = converted(written(), "xlsx", tmp_path)
    book = load_workbook(path)
    for name in (PAYOUTS, LINES):
        cells = [cell for row in book[name].iter_rows() for cell in row]
        assert not [cell for cell in cells if cell.data_type == "f"]
        assert [cell for cell in cells if cell.value == "=cmd|'/c calc'!A1"]
