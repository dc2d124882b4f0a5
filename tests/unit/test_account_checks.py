"""Accounts that would only be found wrong by the bank, and accounts that somebody has moved."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from dualtrack.adapters import accounts_file
from dualtrack.adapters.memory import MemoryTable
from dualtrack.adapters.payfiles import bank
from dualtrack.adapters.vault import MemoryVault
from dualtrack.app import accounts
from dualtrack.domain.accounts import Account, problems
from dualtrack.domain.errors import Refused, Stopped
from dualtrack.domain.published import Payee
from dualtrack.domain.setup import BankProfile, Column
from tests.support import payfiles

NOW = datetime(2018, 2, 1, tzinfo=UTC)
ANN = Account("ann", "Ann", "6222021234567890123", "102100099996", "CNY")


@pytest.mark.parametrize(
    ("employee", "why"),
    [("ann", ""), ("+8613800000000", ""), ("a\tb", "control_character"), ("x" * 141, "too_long")],
)
def test_an_employee_s_id_may_begin_with_a_plus_and_has_to_be_readable(employee: str, why: str) -> None:
    found = [each.reason for each in problems(replace(ANN, employee=employee), "row 2")]
    assert found == ([why] if why else [])


def test_an_iban_in_small_letters_is_stored_as_banks_write_it() -> None:
    heads = b"employee,name,account,bank,currency\n"
    [found] = accounts_file.read(heads + b"ann,Ann,gb82 west 1234 5698 7654 32,IRVTUS3N,usd\n")
    assert found.account == "GB82WEST12345698765432"
    [other] = accounts_file.read(heads + b"ann,Ann,ab-12,IRVTUS3N,USD\n")
    assert other.account == "ab-12", "what is no IBAN stays as it was sent"


def test_an_account_that_was_moved_in_the_table_stops_the_run_and_says_whose() -> None:
    table, vault = MemoryTable(), MemoryVault()
    act = accounts.store(table, vault, "acme", [ANN], "hr", "new", NOW)
    [row] = table.query("EP#E:ann#-", "A#", "A#~")
    table.put_many([row | {"pk": "EP#E:eve#-"}])
    with pytest.raises(Stopped, match=r"the account of eve .* is somebody else's") as stopped:
        accounts.payees(table, vault, "acme", ["eve"], act)
    assert ANN.account not in str(stopped.value)


def test_what_is_wrong_in_any_bank_s_file_is_said_at_once() -> None:
    columns = (Column("name", "name"), Column("account", "account"), Column("amount", "amount"))
    banks = (BankProfile("a", columns, ("CNY",)), BankProfile("b", columns, ("JPY", "USD")))
    payouts = [payfiles.payout(f"E-{c}", c, ("regular", payfiles.PERIOD, 100)) for c in ("CNY", "JPY", "USD")]
    payees = {"E-CNY": Payee("=1", "1"), "E-JPY": Payee("健", "")}
    setup = replace(payfiles.SETUP, banks=banks)
    with pytest.raises(Refused) as refused:
        bank.write(payfiles.publication(payouts, payees=payees, setup=setup))
    assert [each.field for each in refused.value.problems] == [
        "E-CNY name", "E-JPY account", "E-USD name", "E-USD account",
    ]  # fmt: skip
