"""``payout show | history``: one amount, and all that made it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dualtrack.adapters.payfiles import statements
from dualtrack.app import payout as payouts
from dualtrack.app.close import chunk_list
from dualtrack.domain.errors import refuse
from dualtrack.domain.money import major
from infra.cli import rules
from infra.cli.options import Employee, Period, argument, option
from infra.cli.show import line, table
from infra.cli.state import operator

app = typer.Typer(no_args_is_help=True)
Out = Annotated[Path, option("opt.statement_out", "--out")]
PayoutId = Annotated[str, argument("opt.payout", metavar="ID")]


@app.command("show", help="help.payout.show")
def show(context: typer.Context, payout: PayoutId) -> None:
    """From the run's evidence, whatever came since."""
    stack = operator(context).stack
    found = payouts.find(stack.table, stack.payouts, payout)
    paid, run = found.payout, found.run
    line(
        "payout.head", id=paid.id, employee=paid.employee, amount=major(paid.amount, paid.currency),
        currency=paid.currency, run=run.id, kind=run.kind, state=run.state,
    )  # fmt: skip
    line(
        "payout.approved", starter=run.starter, approver=run.approver or "–", at=run.approved_at or "–",
        plans=", ".join(found.plans) or "–", setup=run.setup, manifest=run.manifest or "–",
    )  # fmt: skip
    rows = [(each.kind, each.period, major(each.amount, each.currency), each.id) for each in paid.lines]
    table(("line_kind", "period", "amount", "line"), rows)
    table(("line_kind", "rule", "given", "result"), [
        (each.kind, rules.rule(why.rule), why.given, why.result)
        for each in paid.lines
        for why in each.reasons
    ])  # fmt: skip
    for number, text in found.lines:
        line("payout.file", file=payouts.LINES, number=number, text=text)


@app.command("history", help="help.payout.history")
def history(context: typer.Context, employee: Employee, period: Period) -> None:
    """Version 1, 2, 3 …, each with its run: ``explain --run`` shows any of them."""
    found = payouts.history(operator(context).stack.table, employee, period)
    heads = ("version", "run", "line_kind", "currency", "amount", "due")
    table(heads, [
        (v.number, v.run, v.kind, v.currency, major(v.amount, v.currency), major(v.due, v.currency))
        for v in found
    ])  # fmt: skip


@app.command("statement", help="help.payout.statement")
def statement(context: typer.Context, payout: PayoutId, out: Out) -> None:
    """As it is in the archive of its run, if the run has one."""
    stack = operator(context).stack
    found = payouts.find(stack.table, stack.payouts, payout)
    if not found.run.approved_at:
        raise refuse("wrong_state", f"run {found.run.id}", found.run.state, "approve it first")
    [chunk] = [
        each["chunk"] for each in chunk_list(stack.payouts, found.run)
        if found.payout.employee in each["employees"]
    ]  # fmt: skip
    publication = stack.paying().publishing().publication(found.run, [chunk])
    out.write_bytes(statements.statement(publication, found.payout))
    line("payout.stated", id=found.payout.id, out=out)
