"""``account import | list``: bank accounts, stored sealed and shown masked."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from dualtrack.adapters import accounts_file
from dualtrack.app import accounts, acts, roster
from dualtrack.domain.accounts import masked
from infra.cli.options import By, Why, argument
from infra.cli.show import line, table
from infra.cli.state import operator

app = typer.Typer(no_args_is_help=True)
AccountsFile = Annotated[Path, argument("opt.accounts_file", metavar="FILE")]


@app.command("import", help="help.account.import")
def import_(context: typer.Context, file: AccountsFile, by: By, reason: Why) -> None:
    """All rows, or none of them."""
    stack = operator(context).stack
    found = accounts_file.read(file.read_bytes())
    name, now = stack.settings.tenant, datetime.now(UTC)
    number = accounts.store(stack.table, stack.vault, name, found, by, reason, now)
    line("account.stored", count=len(found), number=number)


@app.command("list", help="help.account.list")
def list_(context: typer.Context) -> None:
    """Of everybody on the roster; whoever has none is listed too."""
    stack = operator(context).stack
    who = roster.employees(stack.table)
    known = accounts.payees(stack.table, stack.vault, stack.settings.tenant, who, acts.last(stack.table))
    rows = [(e, known[e].name, masked(known[e].account), known[e].bank) if e in known else (e,) for e in who]
    table(("employee", "name", "account", "bank"), [(*row, *[""] * (4 - len(row))) for row in rows])
