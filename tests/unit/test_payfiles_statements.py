"""Statements: one page each, everybody in them, nothing left out unseen, the same bytes again."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from dataclasses import replace
from hashlib import sha256

import pytest
from pypdf import PdfReader

from dualtrack.adapters.payfiles import statements
from dualtrack.domain.errors import Stopped
from dualtrack.domain.money import major
from dualtrack.domain.payouts import KINDS, Payout
from dualtrack.domain.reasons import Reason
from dualtrack.domain.runs import CORRECTION, OFF_CYCLE, REGULAR_RUN
from tests.support.payfiles import PAYEES, PERIOD, control, payout, publication
from tests.support.world import ROOT


def archive(data: bytes) -> dict[str, bytes]:
    """The entries of an archive."""
    with zipfile.ZipFile(io.BytesIO(data)) as found:
        return {name: found.read(name) for name in found.namelist()}


def packed(entries: dict[str, bytes]) -> bytes:
    """An archive of entries."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as out:
        for name, data in entries.items():
            out.writestr(name, data)
    return made.getvalue()


def said(made: Payout, reasons: int = 0) -> list[str]:
    """The rows of a payout's only page, as other software reads them; each line with so many reasons."""
    why = tuple(Reason("track", "x" * 300, str(n)) for n in range(reasons))
    full = replace(made, lines=tuple(replace(line, reasons=why) for line in made.lines))
    [page] = PdfReader(io.BytesIO(statements.statement(publication(), full))).pages
    low = min(
        y
        for y in (float(op[0][5]) for op in page.get_contents().operations if op[1] == b"Tm")  # type: ignore[union-attr]
    )
    assert low > 36, "a row stands where no printer prints"
    return page.extract_text().splitlines()


def test_every_payout_has_a_page_and_they_come_to_the_control_totals() -> None:
    made = publication()
    [file] = statements.write(made, "0001")
    pages = [data for name, data in archive(file.data).items() if name.endswith(".pdf")]
    assert file.name == "statements/0001.zip"
    assert len(pages) == len(made.payouts)
    assert all(page.startswith(b"%PDF") and page.count(b"/Type /Page\n") == 1 for page in pages)
    assert max(map(len, pages)) < 60_000
    assert statements.sums(file.data) == control("statements")


def test_a_page_that_is_missing_or_another_one_stops_the_run() -> None:
    [file] = statements.write(publication(), "0001")
    entries = archive(file.data)
    name = next(each for each in entries if each.endswith(".pdf"))
    with pytest.raises(Stopped, match="other pages than it lists"):
        statements.sums(packed({each: data for each, data in entries.items() if each != name}))
    with pytest.raises(Stopped, match="is not the one"):
        statements.sums(packed(entries | {name: b"%PDF"}))


@pytest.mark.parametrize("made", publication().payouts, ids=lambda made: made.employee)
def test_a_page_says_who_for_what_each_line_and_the_net(made: Payout) -> None:
    rows = said(made)
    about = publication()
    name = f" {statements.shown(PAYEES[made.employee].name)}" if made.employee in PAYEES else ""
    for wanted in (f"{made.employee}{name}", about.tenant, PERIOD, made.id, str(about.pay_day)):
        assert wanted in rows
    amounts = [line.amount for line in made.lines]
    shown = [f"{major(amount, made.currency)} {made.currency}" for amount in [*amounts, made.amount]]
    assert [row for row in rows if row.endswith(f" {made.currency}")] == shown


def test_names_of_people_are_shown_and_what_the_font_has_not_is_named() -> None:
    names = "镕堃喆玥 髙橋 陳大文 Müller·Zoë"
    assert statements.shown(names) == names
    assert statements.shown("安𠮷·A\n") == "安[U+20BB7]·A[U+000A]"


def test_every_kind_of_line_and_of_run_has_a_name() -> None:
    assert set(statements.KINDS) == set(KINDS)
    assert set(statements.RUNS) == {REGULAR_RUN, CORRECTION, OFF_CYCLE}


@pytest.mark.parametrize("lines", [1, 2, 31, 32, 33, 500])
@pytest.mark.parametrize("reasons", [0, 1, 1000])
def test_a_page_comes_to_its_net_and_counts_what_it_leaves_out(lines: int, reasons: int) -> None:
    made = payout("ann", "CNY", *(("regular", PERIOD, 101 + n) for n in range(lines)))
    rows = said(made, reasons)
    *parts, net = [int(row.removesuffix(" CNY").replace(".", "")) for row in rows if row.endswith(" CNY")]
    assert sum(parts) == net == made.amount
    shown = sum(row.startswith("本期薪酬") for row in rows)
    unseen = [row for row in rows if row.endswith("more lines")]
    assert unseen == ([f"… 另有 {lines - shown} 行 {lines - shown} more lines"] if shown < lines else [])
    left = lines * reasons - sum(row.startswith("track: ") for row in rows)
    uncounted = [row for row in rows if row.endswith("more reasons")]
    assert uncounted == ([f"… 另有 {left} 条理由 {left} more reasons"] if left else [])


def test_one_statement_is_the_page_of_the_archive() -> None:
    made = publication()
    [file] = statements.write(made, "0001")
    entries = archive(file.data)
    assert [statements.statement(made, each) for each in made.payouts] == [
        data for name, data in entries.items() if name.endswith(".pdf")
    ]


def test_another_process_writes_the_same_bytes() -> None:
    code = (
        "from hashlib import sha256\n"
        "from dualtrack.adapters.payfiles import statements\n"
        "from tests.support.payfiles import publication\n"
        "print(sha256(statements.write(publication(), '0001')[0].data).hexdigest())"
    )
    here = sha256(statements.write(publication(), "0001")[0].data).hexdigest()
    path = f"{ROOT}:{ROOT / 'layers/dualtrack/python'}"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT,
        env={"PYTHONPATH": path, "PYTHONHASHSEED": "77", "TZ": "Asia/Shanghai", "PATH": "/usr/bin"},
    )  # fmt: skip
    assert done.stdout.strip() == here
