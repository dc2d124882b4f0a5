"""Stored bank accounts: sealed, versioned by the act that stored them, and bound to whose they are.

Rows: ``EP#E:<employee>#-`` / ``A#<act>``. A publication takes the newest account that was there when the run
was approved, so an account that is changed later, by whomever, gets no money that was approved before.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from dualtrack.app import acts, rows
from dualtrack.app.ports import Item, Table
from dualtrack.app.vault import Vault
from dualtrack.domain.accounts import Account, problems
from dualtrack.domain.errors import Refused
from dualtrack.domain.periods import TIMELESS
from dualtrack.domain.published import Payee

SK = "A#"


def store(
    table: Table, vault: Vault, tenant: str, accounts: Sequence[Account], by: str, reason: str, at: datetime
) -> int:
    """Store accounts, all or none of them; the number of the act. Refuses with everything that is wrong."""
    wrong = [each for n, account in enumerate(accounts, 2) for each in problems(account, f"row {n}")]
    if wrong:
        raise Refused(*wrong)
    about = f"{len(accounts)} accounts"
    number = acts.record(table, by, "account.store", about, reason, at)
    table.put_many([_item(vault, tenant, account, number) for account in accounts])
    return number


def _item(vault: Vault, tenant: str, account: Account, number: int) -> Item:
    text = json.dumps(asdict(account), sort_keys=True, ensure_ascii=False).encode()
    sealed = vault.seal(text, _context(tenant, account.employee))
    return {"pk": _pk(account.employee), "sk": f"{SK}{number:08d}", "sealed": sealed}


def _context(tenant: str, employee: str) -> str:
    return f"{tenant}\x1f{employee}"


def _pk(employee: str) -> str:
    return rows.partition(rows.employee_subject(employee), TIMELESS)


def payees(
    table: Table, vault: Vault, tenant: str, employees: Sequence[str], act: int
) -> Mapping[str, Payee]:
    """Where the money of these goes, by the newest account of up to an act; nobody without one."""
    found = {who: _newest(table, who, act) for who in employees}
    return {
        who: _payee(json.loads(vault.open(item["sealed"], _context(tenant, who))))
        for who, item in found.items()
        if item
    }


def _newest(table: Table, employee: str, act: int) -> Item | None:
    items = table.query(_pk(employee), SK, f"{SK}{act:08d}")
    return items[-1] if items else None


def _payee(said: Mapping[str, str]) -> Payee:
    return Payee(said["name"], said["account"], said["bank"], said["branch"])


def changed(table: Table, employees: Iterable[str], since: int, upto: int) -> list[str]:
    """Whose account is another one than at an earlier act: ask them before money goes there."""
    found = []
    for who in employees:
        items = table.query(_pk(who), SK, f"{SK}{upto:08d}")
        later = [item for item in items if item["sk"] > f"{SK}{since:08d}"]
        if later and len(later) < len(items):
            found.append(who)
    return found
