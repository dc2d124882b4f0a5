"""lines.csv and journal.csv: what stands in them, what is escaped, what is refused; which files there are."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256

import pandas
import pytest

from dualtrack.adapters.payfiles import journal, lines
from dualtrack.adapters.payfiles.cells import escaped, minor
from dualtrack.adapters.payfiles.registry import KINDS, PayFiles
from dualtrack.domain.errors import Refused, Stopped
from dualtrack.domain.payouts import KINDS as LINE_KINDS
from dualtrack.domain.published import COVERS, PayFile
from tests.support.payfiles import ACCOUNTS, PERIOD, SETUP, control, many, payout, publication
from tests.support.world import ROOT

PACKAGE = ROOT / "layers/dualtrack/python"

WHOLE = [kind for kind in KINDS if kind not in ("bank", "statements")]  # one file of the whole run


def written(kind: str) -> PayFile:
    """The sample run's file of a kind."""
    (file,) = KINDS[kind].write(publication())
    return file


def table(file: PayFile) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    return list(csv.DictReader(io.StringIO(file.data.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("kind", WHOLE)
def test_a_file_read_back_comes_to_the_control_totals(kind: str) -> None:
    file = written(kind)
    assert KINDS[kind].sums(file.name, file.data, SETUP) == control(kind)


@pytest.mark.parametrize("kind", WHOLE)
def test_three_thousand_payouts_come_to_their_control_totals(kind: str) -> None:
    payouts = many(3000)
    made = replace(publication(payouts), setup=replace(SETUP, accounts="payroll"), payees={})
    (file,) = KINDS[kind].write(made)
    assert KINDS[kind].sums(file.name, file.data, SETUP) == control(kind, payouts)


@pytest.mark.parametrize("seed", ["1", "77"])
def test_another_process_writes_the_same_bytes(seed: str) -> None:
    code = (
        "from hashlib import sha256\n"
        "from dualtrack.adapters.payfiles.registry import PayFiles\n"
        "from tests.support.payfiles import publication\n"
        "print([(f.name, sha256(f.data).hexdigest()) for f in PayFiles().files(publication())])"
    )
    env = {"PYTHONHASHSEED": seed, "PYTHONPATH": f"{ROOT}:{PACKAGE}", "TZ": "Asia/Shanghai", "LANG": "C"}
    found = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    mine = [(file.name, sha256(file.data).hexdigest()) for file in PayFiles().files(publication())]
    assert found.stdout.strip() == str(mine)


def test_every_name_says_its_kind_also_in_the_folder_of_a_later_sending() -> None:
    files = PayFiles()
    for file, kind in zip(files.files(publication()), SETUP.files, strict=True):
        assert files.kind(file.name) == files.kind(f"resend-R01/{file.name}") == kind
    assert files.kind("acts.jsonl") == files.kind("manifest.json") == ""


def test_a_later_sending_has_only_what_banks_take() -> None:
    again = PayFiles().files(publication(batch=1))
    assert {COVERS[PayFiles().kind(file.name)] for file in again} == {"payable"}


def test_only_the_files_that_the_setup_asks_for_are_written() -> None:
    asked = replace(SETUP, files=("journal",))
    assert [file.name for file in PayFiles().files(publication(setup=asked))] == ["journal.csv"]


# Cells.


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("=cmd|'/c calc'!A1", "'=cmd|'/c calc'!A1"),
        ("+86 1", "'+86 1"), ("-1", "'-1"), ("@SUM(A1)", "'@SUM(A1)"), ("＝1", "'＝1"),
        ("\t=1", "'\\u0009=1"), ("\r=1", "'\\u000d=1"), ("\n=1", "'\\u000a=1"),
        ("a=1", "a=1"), ("吉𠮷", "吉𠮷"), ("", ""), ("a\x00\ud800b", "a\\u0000\\ud800b"),
        ("a\u202eb", "a\\u202eb"), ("\u2066a", "\\u2066a"), ("\ufeff=1", "\\ufeff=1"),
    ],
)  # fmt: skip
def test_text_of_human_files_is_escaped_and_readable(text: str, shown: str) -> None:
    assert escaped(text) == shown


@pytest.mark.parametrize(
    ("text", "currency"), [("1.234", "CNY"), ("1.5", "JPY"), ("", "CNY"), ("1,0", "CNY"), ("NaN", "CNY")]
)
def test_what_is_no_amount_of_its_currency_stops(text: str, currency: str) -> None:
    with pytest.raises(Stopped):
        minor(text, currency)


# Lines.


def test_lines_have_these_columns_in_the_order_of_employees() -> None:
    found = table(written("lines"))
    assert tuple(found[0]) == lines.COLUMNS
    assert [row["employee"] for row in found[:3]] == ["'=cmd|'/c calc'!A1", "'@SUM(A1:A9)", "ann"]


def test_negative_amounts_stay_numbers() -> None:
    read = pandas.read_csv(io.BytesIO(written("lines").data), dtype={"currency": str})
    assert read["amount"].dtype == float
    assert read["amount"].min() == -500.0
    assert read.groupby("currency")["amount"].sum().round(2).to_dict() == {
        "CNY": 21245.66,
        "JPY": 400001,
        "USD": 1000000.9,
    }


# Journal.


def test_an_entry_is_a_debit_and_a_credit_of_what_its_lines_come_to() -> None:
    found = [row for row in table(written("journal")) if (row["currency"], row["kind"]) == ("CNY", "regular")]
    assert [(r["account"], r["debit"], r["credit"], r["lines"]) for r in found] == [
        ("660001", "21445.72", "0.00", "4"),
        ("221101", "0.00", "21445.72", "4"),
    ]


def test_a_negative_sum_is_booked_the_other_way_round() -> None:
    found = [row for row in table(written("journal")) if row["kind"] == "clawback"]
    assert [(r["account"], r["debit"], r["credit"]) for r in found] == [
        ("221101", "0.01", "0.00"),
        ("660601", "0.00", "0.01"),
    ]


def test_the_journal_names_nobody() -> None:
    assert b"ann" not in written("journal").data


def test_a_run_of_nothing_but_zeros_has_told_the_ledger_so() -> None:
    payouts = [payout("ann", "CNY", ("regular", PERIOD, 0))]
    (file,) = journal.write(publication(payouts))
    assert journal.sums(file.data) == control("journal", payouts)


@pytest.mark.parametrize(
    ("accounts", "missing"),
    [
        ({}, {"regular", "adjustment", "draw", "recovery", "carried_in", "carried_out", "clawback"}),
        ({k: each for k, each in ACCOUNTS.items() if k not in ("draw", "clawback")}, {"draw", "clawback"}),
        (ACCOUNTS | {"regular": ("6601", "")}, {"regular"}),
    ],
)  # fmt: skip
def test_kinds_without_accounts_are_refused_all_at_once(
    accounts: Mapping[str, tuple[str, str]], missing: set[str]
) -> None:
    with pytest.raises(Refused) as caught:
        journal.write(publication(setup=replace(SETUP, journal=accounts)))
    assert {p.field for p in caught.value.problems} == {f"journal.{kind}" for kind in missing}
    assert {p.reason for p in caught.value.problems} == {"no_ledger_account"}


def test_the_sample_has_every_kind_of_line() -> None:
    assert {row["kind"] for row in table(written("lines"))} == set(LINE_KINDS)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"660001,21445.72", b"660001,21445.73"),
        (b"4,21445.72,660001", b"4,21445.71,660001"),
        (b"221101,0.00,21445.72", b"221101,21445.72,0.00"),
        (b"2026-10,draw,JPY,1,99999,660401,99999,0\r\n", b""),
    ],
)
def test_a_journal_that_is_not_balanced_stops(old: bytes, new: bytes) -> None:
    data = written("journal").data
    damaged = (
        data.replace(old, new) if new else b"".join(x for x in data.splitlines(True) if b"660401" not in x)
    )
    assert damaged != data
    with pytest.raises(Stopped, match="entry"):
        journal.sums(damaged)
