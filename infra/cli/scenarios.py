"""``scenario``: acceptance scenarios as text tables, in memory or on a deployed tenant."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from dualtrack.domain.errors import Problem, Refused
from infra.cli.options import argument, option
from infra.cli.show import console, line
from infra.cli.state import operator
from infra.cli.words import text
from infra.scenario.memory import MemoryTenant
from infra.scenario.parse import Scenario, parse
from infra.scenario.play import Failure, play
from infra.scenario.stack import StackTenant
from infra.scenario.tenant import Tenant


class Format(StrEnum):
    """For people or for programs."""

    TEXT = "text"
    JSON = "json"


Files = Annotated[list[Path], argument("opt.scenario_files", metavar="FILE…")]
OnStack = Annotated[bool, option("opt.stack", "--stack")]
How = Annotated[Format, option("opt.format", "--format")]
Played = tuple[Scenario, Sequence[Failure]]


def scenarios(
    context: typer.Context,
    files: Files,
    stack: OnStack = False,
    format: How = Format.TEXT,  # noqa: A002
) -> None:
    """Every file is read before the first scenario begins: a mistake in one of them starts nothing."""
    read = _read(files)
    tenant = _on_stack(context) if stack else _in_memory
    played = [(each, play(each, tenant(each))) for each in read]
    if format is Format.JSON:
        console().print_json(json.dumps([_data(each, failures) for each, failures in played]))
    else:
        _told(played)
    raise typer.Exit(1 if any(failures for _, failures in played) else 0)


def _read(files: Sequence[Path]) -> list[Scenario]:
    found: list[Scenario] = []
    wrong: list[Problem] = []
    for file in files:
        try:
            found += parse(file.read_text("utf-8"), str(file))
        except Refused as refused:
            wrong += refused.problems
    if wrong:
        raise Refused(*wrong)
    return found


def _in_memory(scenario: Scenario) -> Tenant:
    return MemoryTenant(datetime.now(UTC))


def _on_stack(context: typer.Context) -> Callable[[Scenario], Tenant]:
    found = operator(context)
    return lambda scenario: StackTenant(found, scenario.title)


def _data(scenario: Scenario, failures: Sequence[Failure]) -> dict[str, object]:
    return {
        "file": scenario.file,
        "title": scenario.title,
        "passed": not failures,
        "failures": [asdict(each) for each in failures],
    }


def _told(played: Sequence[Played]) -> None:
    for scenario, failures in played:
        said = text("scenario.failed" if failures else "scenario.passed")
        line("scenario.result", said=said, file=scenario.file, title=scenario.title)
        for each in failures:
            line("scenario.row", file=scenario.file, line=each.line, row=each.row)
            line("scenario.difference", expected=each.expected, found=each.found)
    failed = sum(1 for _, failures in played if failures)
    line("scenario.sum", count=len(played), failed=failed)
