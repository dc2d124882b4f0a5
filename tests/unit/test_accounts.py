"""Bank accounts: sealed, bound to whose they are and to an approval, shown masked; and the files of banks."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dualtrack.adapters import accounts_file, pay_codec, pay_file, yaml_text
from dualtrack.adapters.memory import MemoryTable
from dualtrack.adapters.pay_model import BankModel
from dualtrack.adapters.payfiles import bank
from dualtrack.adapters.vault import MemoryVault
from dualtrack.app import accounts
from dualtrack.app.ports import Key, Put
from dualtrack.app.vault import NotOpened
from dualtrack.domain.accounts import Account, iban, masked
from dualtrack.domain.errors import Refused, Stopped
from dualtrack.domain.published import Payee, Publication
from dualtrack.domain.setup import Setup
from tests.support import payfiles
from tests.support.world import ROOT

NOW = datetime(2018, 2, 1, tzinfo=UTC)
HEADS = b"employee,name,account,bank,currency\n"
ANN = Account("ann", "安·㐂𠮷", "6222021234567890123", "102100099996", "CNY", "北京支行")


def test_a_publication_takes_the_account_that_was_there_when_it_was_approved() -> None:
    table, vault = MemoryTable(), MemoryVault()
    first = accounts.store(table, vault, "acme", [ANN], "hr", "new", NOW)
    second = accounts.store(table, vault, "acme", [replace(ANN, account="999")], "eve", "please", NOW)
    assert accounts.payees(table, vault, "acme", ["ann", "bob"], first)["ann"].account == ANN.account
    assert accounts.payees(table, vault, "acme", ["ann"], second)["ann"].account == "999"
    assert accounts.missing(table, ["ann", "bob"], second) == ["bob"]
    assert accounts.missing(table, ["ann"], first - 1) == ["ann"]


def test_a_changed_account_is_told_and_neither_a_first_nor_a_repeated_one() -> None:
    table, vault = MemoryTable(), MemoryVault()
    other = replace(ANN, account="999")
    acts = [
        accounts.store(table, vault, "acme", [account], "hr", "monthly", NOW) for account in (ANN, ANN, other)
    ]

    def told(since: int, upto: int) -> dict[str, tuple[str, str]]:
        found = accounts.changed(table, vault, "acme", ["ann", "bob"], since, upto)
        return {who: (before.account, now.account) for who, (before, now) in found.items()}

    assert told(0, acts[0]) == told(acts[0], acts[1]) == {}
    assert told(acts[1], acts[2]) == {"ann": (ANN.account, "999")}


def test_a_list_that_did_not_get_to_its_act_counts_for_nobody() -> None:
    class Dies(MemoryTable):
        def transact(self, puts: Sequence[Put], delete: Sequence[Key] = ()) -> bool:
            raise ConnectionError

    table, vault = MemoryTable(), MemoryVault()
    first = accounts.store(table, vault, "acme", [ANN], "hr", "new", NOW)
    dying = Dies()
    dying.put_many(each for pk in table.partitions() for each in table.query(pk, "0", "~"))
    with pytest.raises(ConnectionError):
        accounts.store(dying, vault, "acme", [replace(ANN, account="999")], "eve", "please", NOW)
    assert len(dying.query("EP#E:ann#-", "A#", "A#~")) == 2
    for act in (first, first + 1):
        assert accounts.payees(dying, vault, "acme", ["ann"], act)["ann"].account == ANN.account


def test_an_account_moved_to_somebody_else_or_another_tenant_does_not_open() -> None:
    table, vault = MemoryTable(), MemoryVault()
    number = accounts.store(table, vault, "acme", [ANN], "hr", "new", NOW)
    row = table.query("EP#E:ann#-", "A#", "A#~")[0]
    assert ANN.account.encode() not in row["sealed"]
    table.put_many([row | {"pk": "EP#E:bob#-"}])
    with pytest.raises(NotOpened):
        accounts.payees(table, vault, "acme", ["bob"], number)
    with pytest.raises(NotOpened):
        accounts.payees(table, vault, "other", ["ann"], number)


def test_a_list_is_stored_whole_or_not_at_all_and_shows_no_number() -> None:
    table = MemoryTable()
    bad = [
        ANN, replace(ANN, employee="", account="12 34"), replace(ANN, account="GB82WEST12345698765433"),
        replace(ANN, employee="bob", name="＝1", bank="a\tb"),
    ]  # fmt: skip
    wanted = r"row 3 employee.*row 3 account.*row 4 account.*row 5 name.*row 5 bank.*employee"
    with pytest.raises(Refused, match=wanted) as refused:
        accounts.store(table, MemoryVault(), "acme", bad, "hr", "new", NOW)
    assert "698765433" not in str(refused.value)
    assert table.partitions() == set()


@pytest.mark.parametrize(
    ("number", "good"),
    [("GB82WEST12345698765432", True), ("GB82WEST12345698765433", False), ("DE89370400440532013000", True)],
)
def test_the_check_digits_of_an_iban(number: str, good: bool) -> None:
    assert iban(number) is good


@given(st.text(min_size=0, max_size=40))
def test_a_mask_shows_four_characters_at_most(number: str) -> None:
    shown = masked(number).removeprefix("••••").strip()
    assert len(shown) <= 4
    assert not shown or len(number) > 8


@given(st.binary(max_size=200), st.text(max_size=20))
def test_what_is_sealed_opens_again_in_its_context_only(data: bytes, context: str) -> None:
    vault = MemoryVault()
    sealed = vault.seal(data, context)
    assert vault.open(sealed, context) == data
    with pytest.raises(NotOpened):
        vault.open(sealed, context + "x")
    with pytest.raises(NotOpened):
        vault.open(sealed[:-1] + bytes([sealed[-1] ^ 1]), context)


def test_accounts_are_read_from_a_list_in_either_language() -> None:
    said = "工号,姓名,账号,银行,币种,开户行\nann,安·㐂𠮷,6222 0212 3456 7890 123,102100099996,cny,北京支行\n"
    assert accounts_file.read(said.encode("gb18030")) == [ANN]
    assert accounts_file.read(said.encode() + b",,,,,\n\n") == [ANN]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (b"", "no rows"), (b"employee,name,account,bank\n", "currency"), (HEADS, "no row"),
        (HEADS + b"ann,Lee, Ann,1,2,CNY\nbob,Bob,1,2,CNY\neve,Lee, Eve,1,2,CNY\n", "row 2.*row 4"),
        (b"account," + HEADS, "twice"), (HEADS + b'ann,"Ann,1,2,CNY\n', "not_csv"), (b"\xff\xff", "not_csv"),
    ],
)  # fmt: skip
def test_a_list_that_could_be_misread_is_refused(said: bytes, why: str) -> None:
    with pytest.raises(Refused, match=why):
        accounts_file.read(said)


def acme() -> Setup:
    """The Chinese tenant's setup that ships."""
    setup = pay_file.load(Path(ROOT / "events/pay/acme.yaml"))[0]
    boc = yaml_text.parsed((ROOT / "events/pay/banks/boc.yaml").read_text("utf-8"))
    model = BankModel.model_validate(boc).model_dump(mode="json")
    return replace(setup, banks=(*setup.banks, pay_codec.bank(model)))


def publication(name: str = "安·㐂𠮷", account: str = ANN.account) -> Publication:
    """Everybody with an account at a bank."""
    made = payfiles.publication([p for p in payfiles.PAYOUTS if p.currency == "CNY"])
    payees = {p.employee: Payee(name, account, ANN.bank, ANN.branch) for p in made.payouts}
    return replace(made, setup=acme(), payees=payees)


def test_bank_files_keep_rare_characters_accounts_as_text_and_add_up() -> None:
    made = publication()
    files = {file.name: file.data for file in bank.write(made)}
    assert sorted(files) == ["bank-boc-CNY.csv", "bank-icbc-CNY.csv"]
    mine = [p for p in made.payable if p.currency == "CNY"]
    icbc = pandas.read_csv(io.BytesIO(files["bank-icbc-CNY.csv"]), encoding="gb18030", dtype=str)
    assert list(icbc["收款户名"].unique()) == ["安·㐂𠮷"]
    assert list(icbc["收款账号"].unique()) == [ANN.account]
    wanted = sum(p.amount for p in mine)
    assert sum(int(each.replace(".", "")) for each in icbc["金额"]) == wanted
    for name, data in files.items():
        found = bank.sums(name, data, made.setup)["CNY"]
        assert (found.rows, found.amount) == (len(mine), wanted)
    last = list(csv.reader(io.StringIO(files["bank-boc-CNY.csv"].decode("gb18030")), delimiter="|"))[-1]
    assert last == [str(len(mine)), str(wanted)]


@pytest.mark.parametrize(
    ("name", "account", "why"),
    [
        ("=cmd|'/c calc'!A0", "1", "formula_like"), ("＋安", "1", "formula_like"),
        ("a|b", "1", "control_character"),
        ("a\nb", "1", "control_character"), ("", "1", "payee_name"), ("安", "", "payee_account"),
    ],
)  # fmt: skip
def test_a_bank_file_refuses_what_could_be_taken_for_something_else(
    name: str, account: str, why: str
) -> None:
    with pytest.raises(Refused, match=why):
        bank.write(publication(name, account))


def test_a_character_that_the_encoding_has_not_is_named() -> None:
    made = publication("安𠮷")
    banks = tuple(replace(each, encoding="gbk") for each in made.setup.banks)
    with pytest.raises(Refused, match=r"U\+20BB7"):
        bank.write(replace(made, setup=replace(made.setup, banks=banks)))


def test_a_bank_file_whose_last_row_says_something_else_stops_the_run() -> None:
    made = publication()
    [boc] = [file for file in bank.write(made) if "boc" in file.name]
    wrong = boc.data.replace(boc.data.splitlines()[-1], b"1|1")
    with pytest.raises(Stopped, match="its last row says"):
        bank.sums(boc.name, wrong, made.setup)
