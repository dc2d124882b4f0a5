"""Bank batch files: the examples that ship, whatever people are called, and files that came to harm."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pandas
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from dualtrack.adapters import pay_file
from dualtrack.adapters.payfiles import bank
from dualtrack.domain.checks_setup import FIELDS
from dualtrack.domain.errors import Refused, Stopped
from dualtrack.domain.money import major
from dualtrack.domain.published import Payee, PayFile, Publication
from dualtrack.domain.setup import BankProfile, Column
from tests.support import payfiles
from tests.support.world import ROOT

SHIPPED = sorted((ROOT / "events/pay/banks").glob("*.yaml"))
NAMES = ["吉𠮷田·㐂", "欧阳修", "古丽·阿布都热依木", "𪚥 Zoë", "镕堃喆"]


@cache
def shipped(name: str) -> BankProfile:
    """An example, as a tenant's pay setup takes it."""
    folder = ROOT / "events/pay"
    profile = yaml.safe_load((folder / f"banks/{name}.yaml").read_text(encoding="utf-8"))
    whole = yaml.safe_load((folder / "acme.yaml").read_text(encoding="utf-8"))
    [found] = pay_file.read(whole | {"banks": [profile]})[0].banks
    return found


def profile(*fields: str, **changed: object) -> BankProfile:
    """A profile of these columns."""
    made = BankProfile("b", tuple(Column(field, field) for field in fields), ("CNY",))
    return replace(made, **changed)  # type: ignore[arg-type]


def publication(found: BankProfile, names: list[str] = NAMES) -> Publication:
    """Somebody of each name, paid at a bank of this profile; some get nothing."""
    payouts = [payfiles.payout(f"E{n}", "CNY", ("regular", payfiles.PERIOD, 1_001 * n)) for n in range(6)]
    payees = {f"E{n}": Payee(names[n % len(names)], f"0{n:018d}", "104100000004", "支行") for n in range(6)}
    setup = replace(payfiles.SETUP, banks=(found,))
    return payfiles.publication(payouts, setup=setup, payees=payees)


def written(found: BankProfile) -> PayFile:
    """Its only file."""
    [file] = bank.write(publication(found))
    return file


def attempted(made: Publication) -> PayFile | set[str]:
    """The file, or which fields are refused."""
    try:
        [file] = bank.write(made)
    except Refused as refused:
        return {each.field for each in refused.problems}
    return file


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_an_example_is_a_profile_whose_file_pandas_reads_back(path: Path) -> None:
    found = shipped(path.stem)
    file, made = written(found), publication(found)
    heads = [column.head for column in found.columns]
    read = pandas.read_csv(
        io.BytesIO(file.data), encoding=found.encoding, sep=found.separator, dtype=str, engine="python",
        header=0 if found.header else None, names=heads, skipfooter=1 if found.trailer else 0,
    )  # fmt: skip
    by_field = {column.field: list(read[column.head]) for column in found.columns if column.field}
    payees = [made.payees[payout.employee] for payout in made.payable]
    assert by_field["name"] == [payee.name for payee in payees]
    assert by_field["account"] == [payee.account for payee in payees]
    assert by_field["payout_id"] == [payout.id for payout in made.payable]
    shown = [str(p.amount) if found.amount == "minor" else major(p.amount, p.currency) for p in made.payable]
    assert by_field["amount"] == shown
    assert bank.sums(file.name, file.data, made.setup) == payfiles.control("bank", made.payouts)


def test_two_examples_ship() -> None:
    assert [path.stem for path in SHIPPED] == ["boc", "icbc"]


def test_every_field_of_a_setup_can_be_written() -> None:
    assert set(bank.CELLS) == set(FIELDS)
    rows = list(csv.DictReader(io.StringIO(written(profile(*FIELDS)).data.decode("gb18030"))))
    assert rows[0] | {"payout_id": ""} == {
        "serial": "1", "payout_id": "", "employee": "E1", "name": NAMES[1], "account": f"0{1:018d}",
        "bank": "104100000004", "branch": "支行", "currency": "CNY", "amount": "10.01", "period": "2026-10",
        "pay_day": "20261110",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "cell"), [("none", f"0{1:018d}"), ("quote", f"'0{1:018d}"), ("tab", f"0{1:018d}\t")]
)
def test_an_account_stays_text(text: str, cell: str) -> None:
    rows = list(csv.reader(io.StringIO(written(profile("account", "amount", text=text)).data.decode())))
    assert rows[1] == [cell, "10.01"]


@given(st.text(max_size=30), st.sampled_from([",", "|", ";"]), st.sampled_from(["gb18030", "gbk", "utf-8"]))
def test_a_name_comes_to_the_bank_as_it_is_or_is_refused_by_name(name: str, sep: str, encoding: str) -> None:
    found = profile("name", "amount", separator=sep, encoding=encoding)
    outcome = attempted(publication(found, [name]))
    if isinstance(outcome, PayFile):
        lines = outcome.data.decode(encoding).split("\r\n")[1:-1]
        assert [line.split(sep)[0] for line in lines] == [name] * 5
    else:
        assert outcome == {f"E{n} name" for n in range(1, 6)}


def test_all_payees_without_an_account_or_a_name_are_named_at_once() -> None:
    made = publication(profile("name", "account", "amount"))
    payees = {who: each for who, each in made.payees.items() if who not in ("E2", "E5")}
    with pytest.raises(Refused) as refused:
        bank.write(replace(made, payees=payees))
    assert [each.field for each in refused.value.problems] == [
        "E2 name", "E2 account", "E5 name", "E5 account"
    ]  # fmt: skip


def test_whoever_gets_nothing_needs_no_account() -> None:
    made = publication(profile("name", "account", "amount"))
    [file] = bank.write(replace(made, payees={who: p for who, p in made.payees.items() if who != "E0"}))
    assert b"E0" not in file.data


def test_heads_that_the_encoding_has_not_are_refused() -> None:
    found = replace(profile("employee", "amount", encoding="ascii"), columns=(Column("金额", "amount"),))
    with pytest.raises(Refused, match=r"banks\.b.*U\+91D1"):
        bank.write(publication(found))


TRAILED = profile("name", "amount", trailer=("total", "count", "结束"))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda data: data.replace(b"10.01", b"10.02"), "its last row says"),
        (lambda data: b"".join(data.splitlines(True)[:-1]), "its last row says"),
        (lambda data: data.replace(b",10.01", b""), "does not read"),
        (lambda data: data.replace(b"10.01", b"a"), "is no amount"),
        (lambda data: data + b"\xff", "does not read"),
        (lambda data: b"", "does not read"),
    ],
)
def test_a_file_that_came_to_harm_stops_the_run(change: Callable[[bytes], bytes], why: str) -> None:
    file, setup = written(TRAILED), publication(TRAILED).setup
    damaged = change(file.data)
    assert damaged != file.data
    with pytest.raises(Stopped, match=why):
        bank.sums(file.name, damaged, setup)


def test_a_file_that_lost_all_its_rows_stops_the_run() -> None:
    found = profile("name", "amount")
    heads = written(found).data.splitlines(True)[0]
    with pytest.raises(Stopped, match="nobody is in it"):
        bank.sums("bank-b-CNY.csv", heads, publication(found).setup)


def test_a_file_is_read_by_the_profile_that_it_is_named_by_and_no_other() -> None:
    file, setup = written(TRAILED), publication(TRAILED).setup
    assert bank.sums(f"resend-R01/{file.name}", file.data, setup)
    with pytest.raises(Stopped, match="no bank profile"):
        bank.sums(f"bank-x-{file.name}", file.data, setup)
