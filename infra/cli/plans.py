"""``plan check``, ``plan diff`` and ``plan publish``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from dualtrack.adapters import plan_file
from dualtrack.adapters.plan_diff import changes
from dualtrack.app import operate
from dualtrack.app.documents import Library
from dualtrack.domain.checks import problems_among
from dualtrack.domain.errors import Problem, Refused, refuse
from dualtrack.domain.plan import Plan
from infra.cli.options import PlanFile, PlanFiles, argument, option
from infra.cli.show import line, problems, table
from infra.cli.state import operator
from infra.cli.words import remedy

app = typer.Typer(no_args_is_help=True)
Old = Annotated[Path, argument("opt.plan_old", metavar="OLD")]
New = Annotated[Path, argument("opt.plan_new", metavar="NEW")]


class Form(StrEnum):
    """How findings are written."""

    TEXT = "text"
    JSON = "json"


@app.command("check", help="help.plan.check")
def check(files: PlanFiles, form: Annotated[Form, option("opt.format", "--format")] = Form.TEXT) -> None:
    """No tenant is needed: only the files are read. Exits with 2 if anything is wrong."""
    plans, found = _loaded(files)
    found += problems_among(plans)
    if form is Form.JSON:
        said = [asdict(replace(each, remedy=remedy(each.remedy))) for each in found]
        typer.echo(json.dumps(said, indent=2, ensure_ascii=False))
    else:
        for plan in plans:
            _sound(plan)
        problems(found)
    if found:
        raise typer.Exit(2)


def _loaded(files: Sequence[Path]) -> tuple[list[Plan], list[Problem]]:
    """The plans that can be read, and what is wrong with the others; of several files, each by its name."""
    plans, found = [], []
    for file in files:
        try:
            plans.append(plan_file.load(file)[0])
        except Refused as refused:
            name = f"{file}: " if len(files) > 1 else ""
            found += [replace(each, field=f"{name}{each.field}") for each in refused.problems]
    return plans, found


def _sound(plan: Plan) -> None:
    line(
        "plan.ok",
        ref=plan.ref,
        start=plan.start,
        currency=plan.currency,
        metrics=sum(1 for _ in plan.metrics),
        tracks=len(plan.tracks),
    )


@app.command("diff", help="help.plan.diff")
def diff(old: Old, new: New) -> None:
    """Both have to be sound; only what they say counts, not how it is written."""
    (before, said), (after, says) = plan_file.load(old), plan_file.load(new)
    _differences(before.ref, after.ref, said, says)


@app.command("publish", help="help.plan.publish")
def publish(context: typer.Context, file: PlanFile) -> None:
    """A published version never changes. What it changes is shown before."""
    plan, stored = plan_file.load(file)
    tenant = operator(context)
    if plan.zone and plan.zone != tenant.outputs["Zone"]:
        raise refuse("other_zone", "zone", plan.zone, f"the tenant's zone is {tenant.outputs['Zone']}")
    for ref, before in _before(Library(tenant.stack.table, "plan", str).current(), plan):
        _differences(ref, plan.ref, before, stored)
    scores = operate.publish_plan(tenant.stack.table, plan, stored)
    line("plan.published", ref=plan.ref, scores=scores)


def _before(texts: Sequence[str], plan: Plan) -> Iterator[tuple[str, str]]:
    """The version that it follows, with its name: the greatest one below it."""
    versions = {said["version"]: text for text in texts if (said := json.loads(text))["id"] == plan.id}
    if earlier := [version for version in versions if version < plan.version]:
        yield f"{plan.id}@{max(earlier)}", versions[max(earlier)]


def _differences(before: str, after: str, said: str, says: str) -> None:
    found = changes(said, says)
    line("plan.changes" if found else "plan.same", before=before, after=after, count=len(found))
    if found:
        table(("place", "before", "after"), found)
