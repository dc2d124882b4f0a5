"""Stored bank accounts: sealed, versioned by the act that stored them, and bound to whose they are.

Rows: ``EP#E:<employee>#-`` / ``A#<list>``, and ``ACCOUNTS`` / ``<act>`` once the whole list is there: a list
counts from its act on, all of it or nothing. A publication takes the newest account that was there when the
run was approved, so an account that is changed later, by whomever, gets no money that was approved before.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from hashlib import sha256

from dualtrack.app import acts, rows
from dualtrack.app.ports import Item, Put, Table
from dualtrack.app.vault import NotOpened, Vault
from dualtrack.domain.accounts import Account, problems
from dualtrack.domain.errors import Problem, Refused, problem
from dualtrack.domain.periods import TIMELESS
from dualtrack.domain.published import Payee

LISTS, SK = "ACCOUNTS", "A#"


def store(
    table: Table, vault: Vault, tenant: str, accounts: Sequence[Account], by: str, reason: str, at: datetime
) -> int:
    """Store accounts, all or none of them; the number of the act. Refuses with everything that is wrong.

    The rows come first and the act that makes them count comes last: nobody sees a part of a list, and what
    an act has made known never changes.
    """
    if wrong := list(_faults(accounts)):
        raise Refused(*wrong)
    sealed = {account.employee: _sealed(vault, tenant, account) for account in accounts}
    name = sha256(b"".join(sealed.values())).hexdigest()[:32]
    table.put_many([{"pk": _pk(who), "sk": f"{SK}{name}", "sealed": each} for who, each in sealed.items()])
    about = f"{len(accounts)} accounts"
    return acts.done(
        table, lambda number: [_counts(number, name)], by, "account.store", about, reason, at, after=name
    )


def _faults(accounts: Sequence[Account]) -> Iterator[Problem]:
    for number, account in enumerate(accounts, 2):
        yield from problems(account, f"row {number}")
    for employee, times in Counter(account.employee for account in accounts).items():
        if employee and times > 1:
            yield problem("twice", "employee", employee, "one account for each employee")


def _counts(number: int, name: str) -> Put:
    return Put({"pk": LISTS, "sk": f"{number:08d}", "list": name}, "list", None)


def _sealed(vault: Vault, tenant: str, account: Account) -> bytes:
    text = json.dumps(asdict(account), sort_keys=True, ensure_ascii=False).encode()
    return vault.seal(text, _context(tenant, account.employee))


def _context(tenant: str, employee: str) -> str:
    return f"{tenant}\x1f{employee}"


def _pk(employee: str) -> str:
    return rows.partition(rows.employee_subject(employee), TIMELESS)


def payees(
    table: Table, vault: Vault, tenant: str, employees: Iterable[str], act: int
) -> Mapping[str, Payee]:
    """Where the money of these goes, by the newest account of up to an act; nobody without one.

    Raises ``NotOpened``, which names the employee.
    """
    return {who: _opened(vault, tenant, who, item) for who, item in _newest(table, employees, act).items()}


def _newest(table: Table, employees: Iterable[str], act: int) -> Mapping[str, Item]:
    """The sealed row of whoever has one that counts."""
    known = {row["list"]: row["sk"] for row in table.query(LISTS, "0", f"{act:08d}")}
    found = {}
    for who in employees:
        mine = [row for row in table.query(_pk(who), SK, SK + rows.END) if _list(row) in known]
        if mine:
            found[who] = max(mine, key=lambda row: known[_list(row)])
    return found


def _list(row: Item) -> str:
    return str(row["sk"]).removeprefix(SK)


def _opened(vault: Vault, tenant: str, employee: str, item: Item) -> Payee:
    try:
        said = json.loads(vault.open(item["sealed"], _context(tenant, employee)))
    except NotOpened:
        remedy = "was changed in the table, or is somebody else's: store it again"
        raise NotOpened(f"the account of {employee} ({item['sk']}) {remedy}") from None
    return Payee(said["name"], said["account"], said["bank"], said["branch"])


def missing(table: Table, employees: Sequence[str], act: int) -> list[str]:
    """Who has no account at an act; nothing is opened for that."""
    there = _newest(table, employees, act)
    return [who for who in employees if who not in there]


def changed(
    table: Table, vault: Vault, tenant: str, employees: Sequence[str], since: int, upto: int
) -> Mapping[str, tuple[Payee, Payee]]:
    """Whose account is another one than at an earlier act, before and now: ask them before money goes there.

    A list that repeats an account changes nothing, and a first account is not a changed one.
    """
    before = payees(table, vault, tenant, employees, since)
    now = payees(table, vault, tenant, before, upto)
    return {who: (before[who], now[who]) for who in before if now[who] != before[who]}
