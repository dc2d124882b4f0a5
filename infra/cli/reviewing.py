"""``run ready | watch | review | comment | acts | correct | offcycle``: around a close."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Annotated

import typer

from dualtrack.adapters.wiring import Stack
from dualtrack.app import accounts, acts, readiness, reviewing, roster, runs, watermark
from dualtrack.app.opening import Request, group_of
from dualtrack.app.ports import Table
from dualtrack.domain.accounts import masked
from dualtrack.domain.errors import refuse
from dualtrack.domain.money import major
from dualtrack.domain.periods import a_period
from dualtrack.domain.runs import CORRECTION, OFF_CYCLE, Run
from dualtrack.domain.setup import EVERYBODY
from infra.cli import closing
from infra.cli.options import By, Period, RunId, Why, argument, option
from infra.cli.show import line, table
from infra.cli.state import operator
from infra.cli.words import text
from infra.operator import Operator

app = closing.app
Group = Annotated[str, option("opt.group", "--group")]
Whom = Annotated[str, option("opt.whom", "--employees")]
Comment = Annotated[str, argument("opt.comment", metavar="TEXT")]
All = Annotated[bool, option("opt.all", "--all")]
PATIENCE = 15.0  # seconds until the stream has to have scored what stands in the table


@app.command("ready", help="help.run.ready")
def ready(context: typer.Context, period: Period, group: Group = EVERYBODY) -> None:
    """Changes nothing. Exits with 1 if something is missing."""
    stack = operator(context).stack
    paying = stack.paying()
    wanted = Run("", a_period(period), "OPEN", 0, 0, "", group=group_of(paying.setup, group).id)
    found = readiness.missing(
        stack.table, paying.queues, paying.plans, paying.setup.group(group), wanted, _drained(stack.table)
    )
    found += [each for each in [readiness.quarantined(stack.table)] if each]
    if paying.setup.accounts == "tenant":
        absent = accounts.missing(stack.table, roster.employees(stack.table), acts.last(stack.table))
        found += [text("ready.accounts", names=", ".join(absent))] if absent else []
    _outlook(paying.plans, readiness.outlook(stack.table, wanted.month))
    for each in found:
        line("ready.no", period=period)
        table(("what_missing",), [(each,)])
    if found:
        raise typer.Exit(1)
    line("ready.yes", period=period)


def _drained(rows: Table) -> bool:
    """Whether everything on the stream has been scored, waiting a little for it."""
    moment = datetime.now(UTC).isoformat()
    watermark.mark(rows, moment)
    deadline = time.monotonic() + PATIENCE
    while not watermark.reached(rows, moment):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True


def _outlook(plans: closing.Plans, found: readiness.Outlook) -> None:
    currencies = {plan.ref: plan.currency for plan in plans}
    for (plan, other), (count, amount) in sorted(found.payouts.items()):
        currency = other or currencies[plan]
        line("ready.outlook", count=count, plan=plan, amount=major(amount, currency), currency=currency)
    if found.held:
        line("ready.held", count=len(found.held))
        table(("employee", "said"), [(who, "; ".join(why)) for who, why in found.held.items()])
    if found.unscored:
        line("ready.unscored", names=", ".join(found.unscored))


@app.command("watch", help="help.run.watch")
def watch(context: typer.Context, run: RunId) -> None:
    """Until no chunk is left to settle."""
    closing.follow(operator(context), run)


@app.command("review", help="help.run.review")
def review(context: typer.Context, run: RunId, all_: All = False) -> None:
    """Whom to look at first; with --all everybody."""
    stack = operator(context).stack
    found = runs.get(stack.table, run)
    if not found.totals:
        raise refuse("wrong_state", f"run {run}", found.state, "wait until it is settled: see `run watch`")
    rows = [row for row in reviewing.sheet(stack.table, stack.payouts, found) if row.flags or all_]
    heads = ("employee", "currency", "before", "amount", "change", "why_look", "said")
    table(heads, map(_row, rows))
    _accounts(stack, found)
    said = [a for a in acts.between(stack.table, 0, acts.last(stack.table)) if a.about == run]
    if said:
        table(("at", "who", "what", "why"), [(a.at, a.who, a.what, a.why) for a in said])


def _accounts(stack: Stack, run: Run) -> None:
    """Whose account is another one than at the run before: ask them before money goes there."""
    if stack.paying().setup.accounts != "tenant":
        return
    before = runs.last_published(runs.every(stack.table), run)
    who = [row.employee for row in reviewing.sheet(stack.table, stack.payouts, run) if row.currency]
    changed = accounts.changed(
        stack.table, stack.vault, stack.settings.tenant, who, before.acts if before else 0,
        acts.last(stack.table),
    )  # fmt: skip
    if changed:
        line("run.accounts", count=len(changed))
        rows = [(e, old.name, masked(old.account), masked(now.account)) for e, (old, now) in changed.items()]
        table(("employee", "name", "before", "account"), rows)


def _row(row: reviewing.Row) -> tuple[object, ...]:
    flags = ", ".join(text(f"flag.{flag}") for flag in row.flags)
    if not row.currency:
        return row.employee, "", "", "", "", flags, "; ".join(row.said)
    before = "" if row.before is None else major(row.before, row.currency)
    change = "" if row.before is None else major(row.amount - row.before, row.currency)
    return row.employee, row.currency, before, major(row.amount, row.currency), change, flags, ""


@app.command("comment", help="help.run.comment")
def comment(context: typer.Context, run: RunId, said: Comment, by: By) -> None:
    """Stands in the log of acts, and so beside the run's files."""
    rows = operator(context).stack.table
    runs.get(rows, run)
    number = acts.record(rows, by, "comment", run, said, datetime.now(UTC))
    line("run.commented", number=number, run=run)


@app.command("acts", help="help.run.acts")
def log(context: typer.Context) -> None:
    """Every act, in order. Exits with 1 if the chain is broken."""
    rows = operator(context).stack.table
    found = acts.between(rows, 0, acts.last(rows))
    heads = ("number", "at", "who", "what", "about", "why", "before", "becomes")
    table(heads, [(a.number, a.at, a.who, a.what, a.about, a.why, a.before, a.after) for a in found])
    if broken := acts.broken(found):
        line("acts.broken", numbers=", ".join(map(str, broken)))
        raise typer.Exit(1)
    line("acts.whole", count=len(found))


@app.command("correct", help="help.run.correct")
def correct(context: typer.Context, run: RunId, by: By, reason: Why, whom: Whom = "") -> None:
    """Everybody whose month has changed, or those named."""
    tenant = operator(context)
    corrected = runs.get(tenant.stack.table, run)
    _started(tenant, Request(
        corrected.period, by, "", CORRECTION, corrected.group, run, reason, _names(whom)
    ))  # fmt: skip


@app.command("offcycle", help="help.run.offcycle")
def offcycle(
    context: typer.Context, period: Period, by: By, reason: Why, whom: Whom, group: Group = EVERYBODY
) -> None:
    """Only those named."""
    request = Request(a_period(period), by, "", OFF_CYCLE, group, "", reason, _names(whom))
    _started(operator(context), request)


def _names(whom: str) -> tuple[str, ...]:
    return tuple(sorted({name.strip() for name in whom.split(",") if name.strip()}))


def _started(tenant: Operator, request: Request) -> None:
    given = {"period": request.period, "starter": request.starter, "kind": request.kind,
             "group": request.group, "of": request.of, "reason": request.reason,
             "whom": list(request.whom)}  # fmt: skip
    closing.close(tenant, request.period, given)
