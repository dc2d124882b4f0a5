"""``pay check | publish | show``: the pay setup."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from dualtrack.adapters import pay_file
from dualtrack.app import acts, documents
from dualtrack.domain.setup import Setup
from infra.cli.options import By, Why, argument
from infra.cli.show import line, table
from infra.cli.state import operator

app = typer.Typer(no_args_is_help=True)
SetupFile = Annotated[Path, argument("opt.setup_file", metavar="FILE")]


@app.command("check", help="help.pay.check")
def check(file: SetupFile) -> None:
    """No tenant is needed: only the file is read."""
    _show(pay_file.load(file)[0])


@app.command("publish", help="help.pay.publish")
def publish(context: typer.Context, file: SetupFile, by: By, reason: Why) -> None:
    """A published version never changes; runs that are under way keep the one they were started with."""
    setup, text = pay_file.load(file)
    rows = operator(context).stack.table
    if documents.publish(rows, "pay", setup.id, setup.version, text):
        acts.record(rows, by, "setup.publish", setup.ref, reason, datetime.now(UTC))
    line("pay.published", ref=setup.ref)


@app.command("show", help="help.pay.show")
def show(context: typer.Context) -> None:
    """What holds for the next run."""
    _show(operator(context).stack.paying().setup)


def _show(setup: Setup) -> None:
    line("pay.head", ref=setup.ref, files=", ".join(setup.files), accounts=setup.accounts)
    rows = []
    for group in setup.groups:
        whom = ", ".join(sorted(group.plans | group.teams | group.employees)) or "–"
        close = f"+{group.close.days} {group.close.time} {group.close.calendar}" if group.close else "–"
        rows.append((group.id, group.every, whom, close, f"+{group.pay.days} {group.pay.calendar}"))
    table(("group", "every", "whom", "closes", "pays"), rows)
