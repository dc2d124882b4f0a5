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
from infra.cli.options import Employee, Period, option
from infra.cli.show import line, table
from infra.cli.state import operator
from infra.cli.words import language

app = typer.Typer(no_args_is_help=True)
Card = Mapping[str, Any]


class Format(StrEnum):
    """How an explanation is written."""

    TEXT = "text"
    JSON = "json"


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
    table(("track", "score"), [(_name(names[each]), score) for each, score in card["tracks"].items()])
    table(("metric", "points"), [(_name(names[each]), points) for each, points in card["points"].items()])
    _end(card, plan)


@app.command("refold", help="help.score.refold")
def refold(context: typer.Context) -> None:
    """For what ``audit`` finds and for records in ``stream-failures``; it may be repeated."""
    line("score.refold", count=operate.refold(operator(context).stack.table, secrets.token_hex(8)))


def explained(
    context: typer.Context,
    employee: Employee,
    period: Period,
    run: AsSettled = "",
    format: AsFormat = Format.TEXT,  # noqa: A002
) -> None:
    """Folded from scratch, or read from a run's evidence."""
    stack = operator(context).stack
    if run:
        card = explain.as_settled(stack.payouts, runs.get(stack.table, run), employee, period)
    else:
        card = explain.explain(stack.table, stack.plans(), employee, period)
    if format is Format.JSON:
        typer.echo(json.dumps(json.loads(dump(card)), indent=2, ensure_ascii=False))
        return
    if run:
        line("score.as_settled", run=run)
    _print(card, _plan(stack.plans(), card["plan"]))


def _print(card: Card, plan: Plan) -> None:
    line("score.head", employee=card["employee"], period=card["period"], plan=card["plan"])
    heads = ("track", "metric", "weight", "value", "target", "attainment", "points", "state")
    found = [(metric, card["metrics"][metric.id]) for _, metric in plan.metrics]
    table(
        heads,
        [
            (m["track"], _name(metric.name), *map(_short, (m[head] for head in heads[2:])))
            for metric, m in found
        ],
    )
    reasons = [(_name(metric.name), reason) for metric, m in found for reason in m["reasons"]]
    reasons += [(_name(t.name), reason) for t in plan.tracks for reason in card["tracks"][t.id]["reasons"]]
    reasons += [("", reason) for reason in card["reasons"]]
    rules = [(about, rule, given, _short(result)) for about, (rule, given, result) in reasons]
    table(("about", "rule", "given", "result"), rules)
    _end(card, plan)
    facts = ("measure", "day", "entity", "version", "values", "source", "event")
    table(facts, [(o[2], o[3], o[4], o[5], dump(o[7]), o[8], o[9]) for o in card["observations"]])


def _short(text: str | None) -> str | None:
    """At most ten digits after the point, for reading; ``--format json`` has them all."""
    whole, point, rest = (text or "").partition(".")
    return f"{whole}.{rest[:10]}…" if point and rest.isdigit() and len(rest) > 10 else text


def _end(card: Card, plan: Plan) -> None:
    if card["holds"]:
        line("score.held", holds="; ".join(card["holds"]))
    else:
        payout = major(int(card["payout"]), plan.currency)
        line("score.total", total=card["total"], payout=payout, currency=plan.currency)


def _name(names: Mapping[str, str]) -> str:
    return names.get(language()) or next(iter(names.values()))


def _plan(plans: Sequence[Plan], ref: str) -> Plan:
    return next(plan for plan in plans if plan.ref == ref)
