"""``training show`` and ``training list``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

import typer

from dualtrack.app import training
from dualtrack.app.training import OPEN, Attempt, Behind, Effect, Feed, Standing
from dualtrack.domain.numbers import HUNDRED, plain
from dualtrack.domain.plan import Plan
from infra.cli.options import Employee, Period, option
from infra.cli.show import line, table
from infra.cli.state import operator
from infra.cli.words import language, text

app = typer.Typer(no_args_is_help=True)


class Format(StrEnum):
    """For people or for programs."""

    TEXT = "text"
    JSON = "json"


How = Annotated[Format, option("opt.format", "--format")]


@app.command("show", help="help.training.show")
def show(
    context: typer.Context,
    employee: Employee,
    period: Period,
    format: How = Format.TEXT,  # noqa: A002
) -> None:
    """Folded from the observations as they are now."""
    stack = operator(context).stack
    plan, found = training.shown(stack.table, stack.plans(), employee, period)
    if format is Format.JSON:
        said = {
            "employee": employee,
            "period": period,
            "plan": plan.ref,
            "courses": list(map(_standing, found)),
        }
        typer.echo(json.dumps(said, indent=2, ensure_ascii=False))
        return
    line("training.head", employee=employee, period=period, plan=plan.ref)
    if not found:
        line("training.none", plan=plan.ref)
        return
    heads = ("course", "since", "progress", "hours", "attempts", "pass_score", "state", "until")
    table(heads, [_row(each) for each in found])
    table(
        ("course", "feeds", "state", "points", "effect"), [_fed(plan, s, f) for s in found for f in s.feeds]
    )


@app.command("list", help="help.training.list")
def missing(context: typer.Context, period: Period, format: How = Format.TEXT) -> None:  # noqa: A002
    """Everybody on the roster whose plan has courses."""
    stack = operator(context).stack
    found = training.behind(stack.table, stack.plans(), period)
    if format is Format.JSON:
        typer.echo(json.dumps(list(map(_behind, found)), indent=2, ensure_ascii=False))
    elif found:
        heads = ("employee", "team", "course", "since", "progress", "hours", "attempts", "state")
        table(heads, [(b.employee, b.team, *_row(b.standing)[:5], _state(b)) for b in found])
    else:
        line("training.nobody")


def _row(found: Standing) -> tuple[str, ...]:
    """Course, since, progress, hours, attempts, pass score, state, until."""
    course = found.course
    required = "" if course.hours is None else f" / {plain(course.hours)}"
    return (
        _name(course.name),
        found.enrolled,
        "" if found.progress is None else f"{plain(found.progress * HUNDRED)} %",
        f"{_hours(found.hours)}{required}",
        ", ".join(map(_attempt, found.attempts)),
        "" if course.pass_score is None else plain(course.pass_score),
        text(f"state.{found.state}"),
        found.until,
    )


def _hours(hours: Decimal) -> str:
    """To the second place, for reading; ``--format json`` has all."""
    return plain(round(hours, 2))


def _attempt(exam: Attempt) -> str:
    return text("training.counts", score=plain(exam.score)) if exam.counts else plain(exam.score)


def _state(found: Behind) -> str:
    said = text(f"state.{found.standing.state}")
    return text("training.ends", state=said) if found.ends else said


def _fed(plan: Plan, found: Standing, feed: Feed) -> tuple[str, ...]:
    effects = "; ".join(map(_effect, feed.effects))
    state = text(f"state.{feed.state}") if feed.state else ""
    return _name(found.course.name), _fed_name(plan, feed), state, feed.points, effects


def _fed_name(plan: Plan, feed: Feed) -> str:
    match feed.of:
        case "metric":
            return _name(plan.metric_of[feed.id][1].name)
        case "track":
            return _name(plan.track_of[feed.id].name)
        case "award":
            return next(_name(award.name) for award in plan.awards if award.id == feed.id)
        case _:
            return text(f"feed.{feed.of}")


def _effect(effect: Effect) -> str:
    said = text("training.open") if effect.result == OPEN else f"{effect.given} → {effect.result}"
    return f"{_name(effect.name) if effect.name else effect.rule}: {said}"


def _name(names: Mapping[str, str]) -> str:
    return names.get(language()) or next(iter(names.values()))


def _standing(found: Standing) -> dict[str, Any]:
    """Everything, decimals as texts."""
    course = found.course
    feeds = [{"of": f.of, "id": f.id, "state": f.state, "points": f.points,
              "effects": [asdict(effect) for effect in f.effects]} for f in found.feeds]  # fmt: skip
    return {
        "course": course.id,
        "name": dict(course.name),
        "state": found.state,
        "enrolled": found.enrolled,
        "progress": _text(found.progress),
        "hours": _text(found.hours),
        "hours_required": _text(course.hours),
        "attempts": [asdict(exam) | {"score": plain(exam.score)} for exam in found.attempts],
        "score": _text(found.score),
        "pass_score": _text(course.pass_score),
        "completed": found.completed,
        "passed": found.passed,
        "valid_until": found.until,
        "feeds": feeds,
    }


def _behind(found: Behind) -> dict[str, Any]:
    said = _standing(found.standing)
    return {"employee": found.employee, "team": found.team, "ends": found.ends} | said


def _text(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)
