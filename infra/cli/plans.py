"""``plan check`` and ``plan publish``."""

from __future__ import annotations

import typer

from dualtrack.adapters import plan_file
from dualtrack.app import operate
from infra.cli.options import PlanFile
from infra.cli.show import line
from infra.cli.state import operator

app = typer.Typer(no_args_is_help=True)


@app.command("check", help="help.plan.check")
def check(file: PlanFile) -> None:
    """No tenant is needed: only the file is read."""
    plan, _ = plan_file.load(file)
    metrics = sum(1 for _ in plan.metrics)
    line(
        "plan.ok",
        ref=plan.ref,
        start=plan.start,
        currency=plan.currency,
        metrics=metrics,
        tracks=len(plan.tracks),
    )


@app.command("publish", help="help.plan.publish")
def publish(context: typer.Context, file: PlanFile) -> None:
    """A published version never changes."""
    plan, stored = plan_file.load(file)
    scores = operate.publish_plan(operator(context).stack.table, plan, stored)
    line("plan.published", ref=plan.ref, scores=scores)
