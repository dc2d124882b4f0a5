"""Accounts as people send them: a CSV list."""

from __future__ import annotations

import csv
import io

from dualtrack.domain.accounts import Account
from dualtrack.domain.errors import refuse

HEADS = {
    "employee": "employee", "name": "name", "account": "account", "bank": "bank", "branch": "branch",
    "currency": "currency", "工号": "employee", "姓名": "name", "账号": "account", "银行": "bank",
    "开户行": "branch", "币种": "currency",
}  # fmt: skip
NEEDED = ("employee", "name", "account", "bank", "currency")


def read(data: bytes) -> list[Account]:
    """One account a row; refuses a list without the heads that are needed."""
    rows = csv.DictReader(io.StringIO(_text(data), newline=""))
    heads = {
        head: HEADS[head.strip().lower()] for head in rows.fieldnames or () if head.strip().lower() in HEADS
    }
    missing = [name for name in NEEDED if name not in heads.values()]
    if missing:
        raise refuse("missing", "first row", ", ".join(missing), f"heads are {', '.join(NEEDED)}, branch")
    found = [_account({heads[h]: (v or "").strip() for h, v in row.items() if h in heads}) for row in rows]
    if not found:
        raise refuse("missing", "file", "no row", "write a row for each account")
    return found


def _account(row: dict[str, str]) -> Account:
    number = row["account"].replace(" ", "")
    return Account(
        row["employee"], row["name"], number, row["bank"], row["currency"].upper(), row.get("branch", "")
    )


def _text(data: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise refuse("not_csv", "file", data[:20], "save it as UTF-8 or GB18030")
