"""``hold``, ``difference``, ``balance``, ``clawback``: what people decide, each by name and reason."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated

import typer

from dualtrack.app import differences, holds, owed, roster, runs
from dualtrack.app.close import chunk_list
from dualtrack.domain.errors import refuse
from dualtrack.domain.money import exponent, major
from dualtrack.domain.numbers import plain
from dualtrack.domain.owing import Clawback
from infra.cli.options import By, Employee, Period, Why, argument, option
from infra.cli.show import line, table
from infra.cli.state import operator
from infra.operator import Operator

hold = typer.Typer(no_args_is_help=True)
difference = typer.Typer(no_args_is_help=True)
balance = typer.Typer(no_args_is_help=True)
clawback = typer.Typer(no_args_is_help=True)

Month = Annotated[str, option("opt.month", "--month")]
Decision = Annotated[str, argument("opt.decision", metavar="DECISION")]
BalanceDecision = Annotated[str, argument("opt.balance_decision", metavar="DECISION")]
Amount = Annotated[str, option("opt.amount", "--amount")]
Periods = Annotated[int, option("opt.periods", "--periods")]
Instalments = Annotated[int, option("opt.instalments", "--instalments")]
Day = Annotated[str, option("opt.day", "--on")]
Name = Annotated[str, argument("opt.clawback", metavar="ID")]


@hold.command("add", help="help.hold.add")
def add_hold(context: typer.Context, employee: Employee, by: By, reason: Why, month: Month = "") -> None:
    """In force from the next settling on; says if a run under way has them already."""
    stack = operator(context).stack
    number = holds.place(stack.table, employee, month, by, reason, datetime.now(UTC))
    line("hold.placed", employee=employee, period=month or "*", number=number)
    for run in runs.under_way(stack.table):
        listed = (who for each in chunk_list(stack.payouts, run) for who in each["employees"])
        if run.state in ("REVIEW", "APPROVED") and employee in set(listed):
            line("hold.approved", run=run.id, state=run.state, employee=employee)


@hold.command("release", help="help.hold.release")
def release_hold(context: typer.Context, employee: Employee, by: By, reason: Why, month: Month = "") -> None:
    """By name and reason."""
    holds.release(operator(context).stack.table, employee, month, by, reason, datetime.now(UTC))
    line("hold.released", employee=employee, period=month or "*")


@hold.command("list", help="help.hold.list")
def list_holds(context: typer.Context) -> None:
    """Of everybody on the roster."""
    rows = operator(context).stack.table
    found = holds.current(rows, roster.employees(rows))
    if not found:
        line("hold.none")
        return
    heads = ("employee", "held_period", "by", "why")
    table(heads, [(each.employee, each.hold.period, each.hold.by, each.hold.reason) for each in found])


@difference.command("list", help="help.difference.list")
def list_differences(context: typer.Context) -> None:
    """Of everybody on the roster."""
    stack = operator(context).stack
    limits = stack.paying().setup.carry_up_to
    found = list(differences.queue(stack.table, roster.employees(stack.table), limits))
    if not found:
        line("difference.none")
        return
    table(("employee", "period", "currency", "paid", "due", "change", "becomes"), map(_difference, found))


def _difference(found: differences.Difference) -> tuple[object, ...]:
    due = "" if found.due is None else major(found.due, found.currency)
    paid, change = (major(each, found.currency) for each in (found.paid, found.change))
    return found.employee, found.period, found.currency, paid, due, change, found.becomes


@difference.command("show", help="help.difference.show")
def show_difference(context: typer.Context, employee: Employee, period: Period) -> None:
    """Observations that count now and did not then (+), and the other way round (−)."""
    tenant = operator(context)
    stack, found = tenant.stack, _one(tenant, employee, period)
    table(("employee", "period", "currency", "paid", "due", "change", "becomes"), [_difference(found)])
    causes = differences.causes(stack.table, stack.payouts, stack.plans(), employee, period)
    if not causes:
        line("difference.nothing")
        return
    heads = ("sign", "measure", "day", "entity", "version", "values", "source", "event")
    table(heads, [
        (c.sign, c.measure, c.day, c.entity, c.version, json.dumps(c.values, ensure_ascii=False), c.source,
         c.event)
        for c in causes
    ])  # fmt: skip


def _one(tenant: Operator, employee: str, period: str) -> differences.Difference:
    limits = tenant.stack.paying().setup.carry_up_to
    return differences.one(tenant.stack.table, employee, period, limits)


@difference.command("decide", help="help.difference.decide")
def decide_difference(
    context: typer.Context, employee: Employee, period: Period, decision: Decision, by: By, reason: Why
) -> None:
    """Void as soon as due or paid change."""
    tenant = operator(context)
    found = _one(tenant, employee, period)
    number = differences.decide(tenant.stack.table, found, decision, by, reason, datetime.now(UTC))
    line("difference.decided", employee=employee, period=period, do=decision, number=number)


@balance.command("list", help="help.balance.list")
def list_balances(context: typer.Context) -> None:
    """Of everybody on the roster."""
    rows = operator(context).stack.table
    found = [each for each in owed.owing(rows, roster.employees(rows)) if each.balance.owed or each.drawn]
    if not found:
        line("balance.none")
        return
    table(("employee", "currency", "owed", "how", "periods", "drawn"), map(_balance, found))


def _balance(found: owed.Owing) -> tuple[object, ...]:
    currency = found.currencies[0]
    how, periods = found.balance.how, found.balance.periods
    shown = (major(each, currency) for each in (found.balance.owed, found.drawn))
    owing, drawn = shown
    return found.employee, currency, owing, how or "plan", periods if how == "spread" else "", drawn


@balance.command("decide", help="help.balance.decide")
def decide_balance(
    context: typer.Context, employee: Employee, decision: BalanceDecision, by: By, reason: Why,
    amount: Amount = "", periods: Periods = 1,
) -> None:  # fmt: skip
    """By name and reason."""
    rows = operator(context).stack.table
    standing = roster.person(rows, employee).standing
    minor = _minor(amount, standing.currencies[0]) if amount and standing.currencies else 0
    number = owed.decide(rows, employee, decision, minor, periods, by, reason, datetime.now(UTC))
    line("balance.decided", employee=employee, do=decision, number=number)


def _minor(amount: str, currency: str) -> int:
    """An amount as people type it, in minor units; refuses one that is finer or no number."""
    try:
        exactly = Decimal(amount).scaleb(exponent(currency))
    except InvalidOperation:
        raise refuse("not_a_number", "--amount", amount, "write it as 120.50") from None
    if exactly != exactly.to_integral_value():
        raise refuse(
            "too_fine", "--amount", amount, f"{currency} has {exponent(currency)} digits after the point"
        )
    return int(exactly)


@clawback.command("add", help="help.clawback.add")
def add_clawback(
    context: typer.Context, employee: Employee, period: Period, by: By, reason: Why, amount: Amount,
    instalments: Instalments = 0, on: Day = "",
) -> None:  # fmt: skip
    """By the schedule of the pay setup, and never more than was paid and is left of it."""
    stack = operator(context).stack
    rule, now = stack.paying().setup.clawbacks, datetime.now(UTC)
    history = roster.person(stack.table, employee).history
    if history is None:
        raise refuse("unknown_employee", "employee", employee, "name somebody on the roster")
    minor = _minor(amount, history.newest.currency)
    claim = owed.Claim(employee, period, minor, instalments or rule.instalments, by, reason)
    made = owed.claw_back(stack.table, claim, rule, date.fromisoformat(on) if on else now.date(), now)
    line(
        "clawback.added", id=made.id, amount=major(made.amount, made.currency), currency=made.currency,
        period=period, share=plain(made.share), instalments=made.instalments,
    )  # fmt: skip


@clawback.command("void", help="help.clawback.void")
def void_clawback(context: typer.Context, employee: Employee, name: Name, by: By, reason: Why) -> None:
    """What was taken stays taken."""
    owed.void(operator(context).stack.table, employee, name, by, reason, datetime.now(UTC))
    line("clawback.voided", id=name)


@clawback.command("list", help="help.clawback.list")
def list_clawbacks(context: typer.Context) -> None:
    """Of everybody on the roster."""
    rows = operator(context).stack.table
    standings = ((who, roster.person(rows, who).standing) for who in roster.employees(rows))
    found = [(who, claw, s.taken(claw.id)) for who, s in standings for claw in s.clawbacks]
    if not found:
        line("clawback.none")
        return
    heads = (
        "employee",
        "clawback",
        "period",
        "currency",
        "amount",
        "share",
        "instalments",
        "taken",
        "by",
        "why",
    )
    table(heads, [_clawback(who, claw, taken) for who, claw, taken in found])


def _clawback(who: str, claw: Clawback, taken: int) -> tuple[object, ...]:
    amount, done = (major(each, claw.currency) for each in (claw.amount, taken))
    return (who, claw.id, claw.period, claw.currency, amount, plain(claw.share), claw.instalments, done,
            claw.by, claw.reason)  # fmt: skip
