"""``score show``, ``score refold`` and ``explain``."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any

import typer

from dualtrack.app import explain, operate, runs
from dualtrack.app.events import dump
from dualtrack.domain.money import major
from dualtrack.domain.plan import Plan
from infra.cli import cards
from infra.cli.options import Employee, Period, argument, option
from infra.cli.show import line, table
from infra.cli.state import operator

app = typer.Typer(no_args_is_help=True)
Card = Mapping[str, Any]


class Format(StrEnum):
    """How an explanation is written."""

    TEXT = "text"
    JSON = "json"


Metric = Annotated[str, argument("opt.metric", show_default=False)]
AsSettled = Annotated[str, option("opt.as_settled", "--run")]
AsFormat = Annotated[Format, option("opt.format", "--format")]


@app.command("show", help="help.score.show")
def show(context: typer.Context, employee: Employee, period: Period) -> None:
    """As it stands in the table now."""
    stack = operator(context).stack
    card = explain.live(stack.table, employee, period)
    if card is None:
        line("score.none", employee=employee, period=period)
        raise typer.Exit(2)
    plan = _plan(stack.plans(), card["plan"])
    line("score.head", employee=employee, period=period, plan=card["plan"])
    names = {track.id: track.name for track in plan.tracks} | {m.id: m.name for _, m in plan.metrics}
    table(
        ("track", "score"), [(cards.name(names[each], each), score) for each, score in card["tracks"].items()]
    )
    table(
        ("metric", "points"),
        [(cards.name(names[each], each), points) for each, points in card["points"].items()],
    )
    _end({"currency": plan.currency, **card})


@app.command("refold", help="help.score.refold")
def refold(context: typer.Context) -> None:
    """For what ``audit`` finds and for records in ``stream-failures``; it may be repeated."""
    line("score.refold", count=operate.refold(operator(context).stack.table, secrets.token_hex(8)))


def explained(
    context: typer.Context,
    employee: Employee,
    period: Period,
    metric: Metric = "",
    run: AsSettled = "",
    format: AsFormat = Format.TEXT,  # noqa: A002
) -> None:
    """Folded from scratch, or read from a run's evidence."""
    stack = operator(context).stack
    if run:
        card = explain.as_settled(stack.payouts, runs.get(stack.table, run), employee, period)
        card = explain.narrowed(card, stack.plans(), metric) if metric else card
    else:
        card = explain.explain(stack.table, stack.plans(), employee, period, metric)
    if format is Format.JSON:
        typer.echo(json.dumps(json.loads(dump(card)), indent=2, ensure_ascii=False))
        return
    if run:
        line("score.as_settled", run=run)
    _explain(card, stack.plans(), metric)


def _explain(card: Card, plans: Sequence[Plan], metric: str) -> None:
    """The parts of the period in turn, what it came to, and the facts of which that is made."""
    for part in (*card["parts"], card):
        line("score.head", employee=card["employee"], period=card["period"], plan=part["plan"])
        if "from" in part:
            line("score.part", first=part["from"], last=part["to"])
        cards.printed(part, _plan(plans, part["plan"]), metric)
    if not metric:
        _end(card)
    facts = [(o[0], o[2], o[3], o[4], str(o[5]), dump(o[7]), o[8], o[9]) for o in card["observations"]]
    cards.columns(("subject", "measure", "day", "entity", "version", "values", "source", "event"), facts)


def _end(card: Card) -> None:
    if card["holds"]:
        line("score.held", holds="; ".join(card["holds"]))
    else:
        payout = major(int(card["payout"]), card["currency"])
        line("score.total", total=cards.short(card["total"]), payout=payout, currency=card["currency"])


def _plan(plans: Sequence[Plan], ref: str) -> Plan:
    return next(plan for plan in plans if plan.ref == ref)
