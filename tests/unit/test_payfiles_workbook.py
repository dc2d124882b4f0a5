"""workbook.xlsx, read by other software (openpyxl) and by our own reader of its XML."""

from __future__ import annotations

import io
import re
import tempfile
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from dualtrack.adapters.payfiles import workbook
from dualtrack.adapters.payfiles.workbook_sheets import (
    BAD,
    CHECKED,
    CONTROL,
    HEADS,
    HELD,
    KINDS,
    LINES,
    PAYOUTS,
    SUM,
)
from dualtrack.domain.errors import Refused, Stopped
from dualtrack.domain.money import exponent
from dualtrack.domain.payouts import KINDS as LINE_KINDS
from dualtrack.domain.published import Payee, Publication
from tests.support.payfiles import PERIOD, payout, publication

Row = tuple[object, ...]


def book(made: Publication | None = None) -> bytes:
    """The workbook's bytes."""
    (file,) = workbook.write(made or publication())
    return file.data


def sheet(name: str, made: Publication | None = None, values: bool = True) -> Worksheet:
    """A sheet as openpyxl reads it: stored values, or formulas."""
    return load_workbook(io.BytesIO(book(made)), data_only=values)[name]


def rows(name: str, made: Publication | None = None, values: bool = True) -> list[Row]:
    """Its cells."""
    return list(sheet(name, made, values).iter_rows(values_only=True))


def stated() -> Mapping[tuple[str, str], Row]:
    """The control sheet's rows by currency and item."""
    return {(str(row[0]), str(row[1])): row[2:] for row in rows(CONTROL)[14:]}


def edited(edit: Callable[[str], str], number: int) -> bytes:
    """The workbook after somebody changed the XML of a sheet."""
    out = io.BytesIO()
    with ZipFile(io.BytesIO(book())) as source, ZipFile(out, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name == f"xl/worksheets/sheet{number}.xml":
                data = edit(data.decode()).encode()
            target.writestr(name, data)
    assert out.getvalue() != book()
    return out.getvalue()


def test_the_control_sheet_says_what_the_run_is_and_who_approved_it() -> None:
    said = {str(row[0]).split()[-1]: row[1] for row in rows(CONTROL)[:13]}
    assert said["Tenant"] == "acme"
    assert said["Run"] == "2026-10-01"
    assert said["by"] == "Ada Prover, 李雷"
    assert said["at"] == "2026-11-03 09:30:00 UTC"
    assert said["Plans"] == "marketing@4, sales@2"
    assert said["setup"] == "pay@3"
    assert said["Check"] == "OK"


def test_sums_stand_in_figures_and_in_capitals_and_are_right_before_anything_is_calculated() -> None:
    found = stated()
    assert found["CNY", SUM] == (21245.66, 21245.66, "OK")
    assert found["JPY", SUM] == (400001, 400001, "OK")
    assert found["USD", SUM] == (1000000.9, 1000000.9, "OK")
    assert found["CNY", "大写 In capitals"][0] == "人民币贰万壹仟贰佰肆拾伍元陆角陆分"
    assert found["JPY", "大写 In capitals"][0] == "日元肆拾万零壹元整"
    assert found["USD", "大写 In capitals"][0] == "美元壹佰万元零玖角整"
    assert [found["USD", item][0] for item in CHECKED[2:]] == [3, 2, 6, 0]


def test_what_the_workbook_comes_to_are_formulas_over_the_other_sheets() -> None:
    live = [row[2] for row in rows(CONTROL, values=False)[14:] if row[1] in CHECKED]
    assert len(live) == 3 * len(CHECKED)
    assert all(
        str(each).startswith("=") and ("付款 Payouts" in str(each) or "明细 Lines" in str(each))
        for each in live
    )


def test_the_only_formulas_are_those_of_the_control_sheet() -> None:
    for name in (PAYOUTS, LINES, HELD):
        assert not [c for row in sheet(name, values=False).iter_rows() for c in row if c.data_type == "f"]


def test_text_that_begins_like_a_formula_stays_text_also_when_it_is_edited() -> None:
    made = publication(payees={"ann": Payee('=HYPERLINK("http://x")')})
    cells = {c.value: c for row in sheet(PAYOUTS, made).iter_rows() for c in row}
    for text in ("=cmd|'/c calc'!A1", "@SUM(A1:A9)", '=HYPERLINK("http://x")'):
        assert (cells[text].data_type, cells[text].quotePrefix) == ("s", True)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("吉𠮷田·㐂", "吉𠮷田·㐂"),
        ("Zoë 𪚥 <b>&amp;</b>", "Zoë 𪚥 <b>&amp;</b>"),
        ("<r>李</r>", "<r>李</r> "),  # XlsxWriter would take it for its own mark-up
        ("_x0041_", "_x0041_"),
        ("a\x07b\ud800", "a\\u0007b\\ud800"),
    ],
)
def test_names_are_shown_as_they_are(name: str, shown: str) -> None:
    made = publication([payout("ann", "CNY", ("regular", PERIOD, 1))], payees={"ann": Payee(name)})
    found = rows(PAYOUTS, made)[1][1]
    assert re.sub("_x005F_", "_", str(found)) == shown


def test_payouts_and_lines_are_all_there_with_their_amounts_as_numbers() -> None:
    paid = {row[0]: row for row in rows(PAYOUTS)[1:]}
    assert paid["ann"][3:] == ("CNY", 8400, 840000, 2)
    assert paid["bob"][3:] == ("CNY", 0, 0, 1)
    booked = [row[3:] for row in rows(LINES)[1:] if row[0] == "eva"]
    assert booked == [
        ("2026-10", "regular", KINDS["regular"], "USD", 300, 30000),
        ("2026-08", "adjustment", KINDS["adjustment"], "USD", -500, -50000),
        ("2026-10", "carried_out", KINDS["carried_out"], "USD", 200, 20000),
    ]


def test_amounts_are_shown_with_the_places_of_their_currency() -> None:
    looks = {(row[3].value, row[4].number_format) for row in sheet(PAYOUTS).iter_rows(min_row=2)}
    assert looks == {("CNY", "#,##0.00"), ("JPY", "#,##0"), ("USD", "#,##0.00")}


def test_who_is_held_is_listed_with_every_reason() -> None:
    assert rows(HELD)[1:] == [("kim", "no target: revenue; =1+1"), ("rob", "held by hr")]


def test_every_kind_of_line_has_a_meaning() -> None:
    assert KINDS.keys() == set(LINE_KINDS)


def test_the_heads_are_in_both_languages() -> None:
    assert all(re.search("[一-龥].* [A-Z]", head) for heads in HEADS.values() for head in heads)


def test_the_workbook_is_as_old_as_its_approval() -> None:
    found = load_workbook(io.BytesIO(book())).properties
    assert found.created == found.modified == datetime(2026, 11, 3, 9, 30)  # noqa: DTZ001
    with ZipFile(io.BytesIO(book())) as archive:
        assert {info.date_time[0] for info in archive.infolist()} == {1980}


def test_nobody_paid_is_a_workbook_too() -> None:
    assert workbook.sums(book(publication([], held={}))) == {}


# Amounts.


@pytest.mark.parametrize("currency", ["CNY", "JPY", "KWD"])
@pytest.mark.parametrize(
    "minor", [1, 7, 29, 10**13 - 1, 10**13, 9_999_999_999_999, 123_456_789_012_345, 10**15 - 1]
)
def test_amounts_come_back_to_the_minor_unit(currency: str, minor: int) -> None:
    made = publication([payout("ann", currency, ("regular", PERIOD, minor))])
    ((*_, amount, units, _),) = rows(PAYOUTS, made)[1:]
    places = exponent(currency)
    assert (round(Decimal(repr(amount)) * 10**places), units) == (minor, minor)
    assert workbook.sums(book(made))[currency].amount == minor


@pytest.mark.parametrize(
    "lines",
    [
        [("regular", PERIOD, 10**15)],
        [("regular", PERIOD, 10**15 - 1), ("adjustment", "2026-09", 1)],
        [("regular", PERIOD, 10**15 - 1), ("adjustment", "2026-09", -1)],
    ],
)
def test_what_a_spreadsheet_cannot_add_up_exactly_is_refused(lines: list[tuple[str, str, int]]) -> None:
    with pytest.raises(Refused, match="too_large"):
        workbook.write(publication([payout("ann", "CNY", *lines)]))


def test_more_lines_than_a_sheet_has_rows_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "ROWS", 15)
    with pytest.raises(Refused, match="too_large: lines is 16"):
        workbook.write(publication())


def test_text_that_would_be_cut_off_stops_the_file_and_leaves_nothing_behind(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(Stopped, match="not written whole"):
        workbook.write(publication(held={"kim": ["x" * 40_000]}))
    assert not list(tmp_path.iterdir())


# Damage.


@pytest.mark.parametrize(
    ("number", "edit", "says"),
    [
        (3, lambda xml: xml.replace("<v>-500.00</v>", "<v>-500.01</v>"), "two amounts in row"),
        (3, lambda xml: xml.replace("<v>8600.00</v>", "<v>8600.001</v>"), "finer"),
        (3, lambda xml: re.sub(r'<row r="4".*?</row>', "", xml), "comes to"),
        (2, lambda xml: re.sub(r'<row r="4".*?</row>', "", xml), f"the sheet {PAYOUTS} comes to"),
        (1, lambda xml: xml.replace("<v>21245.66</v>", "<v>21245.67</v>"), f"the sheet {CONTROL} comes to"),
    ],
)
def test_a_damaged_workbook_stops(number: int, edit: Callable[[str], str], says: str) -> None:
    with pytest.raises(Stopped, match=says):
        workbook.sums(edited(edit, number))


def test_a_workbook_without_its_sheets_stops() -> None:
    out = io.BytesIO()
    with ZipFile(io.BytesIO(book())) as source, ZipFile(out, "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name).replace("明细 Lines".encode(), b"Other"))
    with pytest.raises(Stopped, match="no sheet"):
        workbook.sums(out.getvalue())


def test_every_check_has_a_word_for_what_does_not_hold() -> None:
    assert all(BAD in str(row[4]) for row in rows(CONTROL, values=False)[14:] if row[1] in CHECKED)
