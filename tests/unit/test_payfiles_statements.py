"""Statements: one page each, everybody in them, nothing left out unseen, the same bytes again."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from dataclasses import replace
from hashlib import sha256

import pytest

from dualtrack.adapters.payfiles import statements
from dualtrack.domain.errors import Stopped
from dualtrack.domain.reasons import Reason
from tests.support.payfiles import control, publication
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


def test_a_character_that_the_font_has_not_is_named() -> None:
    assert statements.shown("安𠮷·A") == "安[U+20BB7]·A"


def test_a_thousand_reasons_still_fit_on_one_page() -> None:
    made = publication()
    first = made.payouts[0]
    reasons = tuple(Reason("track", "x" * 300, str(n)) for n in range(1000))
    long = replace(first, lines=tuple(replace(line, reasons=reasons) for line in first.lines))
    page = statements.statement(made, long)
    assert page.count(b"/Type /Page\n") == 1


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
