"""Accounts as people send them: a CSV list."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from dualtrack.domain.accounts import Account, looks_like_iban
from dualtrack.domain.errors import Problem, Refused, problem, refuse

HEADS = {
    "employee": "employee", "name": "name", "account": "account", "bank": "bank", "branch": "branch",
    "currency": "currency", "工号": "employee", "姓名": "name", "账号": "account", "银行": "bank",
    "开户行": "branch", "币种": "currency",
}  # fmt: skip
NEEDED = ("employee", "name", "account", "bank", "currency")


def read(data: bytes) -> list[Account]:
    """One account a row; refuses heads that are missing or there twice, and rows that are too long."""
    try:
        first, *rows = csv.reader(io.StringIO(_text(data), newline=""), strict=True)
    except (csv.Error, ValueError):
        raise refuse("not_csv", "file", "no rows", "write a row of heads, and one for each account") from None
    heads = _heads(first)
    while rows and not any(cell.strip() for cell in rows[-1]):
        rows.pop()  # spreadsheets leave empty rows at the end; one between keeps its number and is refused
    if wrong := [_long(n, len(first)) for n, row in enumerate(rows, 2) if len(row) > len(first)]:
        raise Refused(*wrong)
    if not rows:
        raise refuse("missing", "file", "no row", "write a row for each account")
    return [_account(heads, row) for row in rows]


def _heads(first: Sequence[str]) -> list[str]:
    """What stands in each column; "" where nothing of an account does."""
    heads = [HEADS.get(head.strip().lower(), "") for head in first]
    if missing := [name for name in NEEDED if name not in heads]:
        raise refuse("missing", "first row", ", ".join(missing), f"heads are {', '.join(NEEDED)}, branch")
    if twice := [name for name in dict.fromkeys(HEADS.values()) if heads.count(name) > 1]:
        raise refuse("twice", "first row", ", ".join(twice), "one column for each")
    return heads


def _long(number: int, cells: int) -> Problem:
    remedy = "put a text with a comma into quotes"
    return problem("not_csv", f"row {number}", f"more than {cells} cells", remedy)


def _account(heads: Sequence[str], cells: Sequence[str]) -> Account:
    row = dict(zip(heads, (cell.strip() for cell in cells), strict=False))
    row = {name: row.get(name, "") for name in HEADS.values()}
    number = row["account"].replace(" ", "")
    number = number.upper() if looks_like_iban(number) else number  # as ISO 13616 writes them
    return Account(row["employee"], row["name"], number, row["bank"], row["currency"].upper(), row["branch"])


def _text(data: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise refuse("not_csv", "file", data[:20], "save it as UTF-8 or GB18030")
