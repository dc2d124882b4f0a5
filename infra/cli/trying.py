"""``plan try``: a plan on facts from a file, without a tenant."""

from __future__ import annotations

import csv
import gc
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from dualtrack.adapters import facts_file, plan_file
from dualtrack.app.facts import Facts, facts
from dualtrack.app.sheet import ENTITY, MEASURE, SUBJECT, Row, read_as_numbers
from dualtrack.app.trying import Tried, Trying
from dualtrack.domain.numbers import number
from dualtrack.domain.plan import Plan
from infra.cli import plans, tried
from infra.cli.options import PlanFile, argument, option
from infra.cli.show import complaint, console
from infra.cli.sources import zone_named
from infra.cli.words import text

app = plans.app  # one group, of which these commands are a part
STDIN = "-"
ENOUGH = 10_000  # facts; with fewer, reading them takes too little time to compare with


class Form(StrEnum):
    """For people or for programs."""

    TABLE = "table"
    JSON = "json"


FactsFile = Annotated[str, argument("opt.facts_file", metavar="FACTS")]
Period = Annotated[str, option("opt.try_period", "--period", show_default=False)]
Employee = Annotated[str, option("opt.try_employee", "--employee", show_default=False)]
AsOf = Annotated[str, option("opt.as_of", "--as-of", show_default=False)]
AsForm = Annotated[Form, option("opt.try_format", "--format")]
Zone = Annotated[str, option("opt.try_zone", "--zone", show_default=False)]
Base = Annotated[str, option("opt.try_base", "--base", show_default=False)]


@app.command("try", help="help.plan.try")
def try_(
    file: PlanFile,
    facts_file_: FactsFile,
    period: Period = "",
    employee: Employee = "",
    as_of: AsOf = "",
    form: AsForm = Form.TABLE,
    zone: Zone = "",
    base: Base = "",
) -> None:
    """The floor is measured first: whatever warms up, warms up for it."""
    plan, _ = plan_file.load(file)
    source = Source.of(facts_file_, plan)
    with uncollected():
        floor = source.floor()
        started = time.perf_counter()
        found = source.facts(zone, as_of)
        amount = number(base, "--base") if base else None
        results = Trying(plan, found, amount).tried(period, employee)
        said = tried.as_json(results, period) if form is Form.JSON else ""
        seconds = time.perf_counter() - started
    if form is Form.JSON:
        typer.echo(said)
    else:
        tried.as_tables(results, period, plan)
    _told(results, found, seconds, floor)
    if found.conflicts:
        raise typer.Exit(2)


@contextmanager
def uncollected() -> Iterator[None]:
    """Without collections of garbage: there is none yet, and looking for it takes longer than reading."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()  # what was read is no garbage either: nobody has to look through it later
        gc.enable()


@dataclass(frozen=True, slots=True)
class Source:
    """Where facts come from: a file, or standard input (``given``), which can be read only once."""

    name: str
    plan: Plan
    given: str | None = None

    @classmethod
    def of(cls, name: str, plan: Plan) -> Source:
        """The source of a name."""
        return cls(name, plan, sys.stdin.buffer.read().decode("utf-8") if name == STDIN else None)

    def facts(self, zone: str, as_of: str) -> Facts:
        """The facts that count."""
        where = zone_named(zone or self.plan.zone or "UTC")
        return facts(facts_file.read(self.name, self._text()), self.plan, where, as_of)

    def floor(self) -> float | None:
        """Seconds that the least there is to do takes; None where it cannot be done."""
        numbers = read_as_numbers(self.plan)
        started = time.perf_counter()
        try:
            facts_file.floor(self.name, self._text(), numbers)
        except (ArithmeticError, ValueError, TypeError, AttributeError, csv.Error):
            return None  # something is wrong with a row: the reading itself will say what, and where
        return time.perf_counter() - started

    def _text(self) -> str:
        return Path(self.name).read_text("utf-8") if self.given is None else self.given


def _told(results: Tried, found: Facts, seconds: float, floor: float | None) -> None:
    """On standard error: what was assumed, what contradicts itself, how long it took."""
    for note in results.notes:
        _said(text(f"try.note.{note.key}", **note.given))
    for conflict in found.conflicts:
        complaint(text("try.conflict", **_conflict(found, conflict)))
    if found.conflicts:
        complaint(text("try.conflicts", count=len(found.conflicts)))
    count = len(found.stated.sheet.lines)
    took = {"count": f"{count:,}".replace(",", " "), "seconds": f"{seconds:.2f}"}
    if floor is None or count < ENOUGH:
        _said(text("try.few", **took))
    else:
        _said(text("try.speed", **took, ratio=f"{seconds / floor:.1f}"))


def _conflict(found: Facts, rows: Sequence[Row]) -> dict[str, object]:
    sheet = found.stated.sheet
    about = " ".join(sheet.column(name)[rows[0]] for name in (SUBJECT, MEASURE, ENTITY))
    lines = ", ".join(str(sheet.lines[row]) for row in rows)
    return {"file": sheet.name, "lines": lines, "about": about, "version": found.stated.version(rows[0])}


def _said(sentence: str) -> None:
    console(stderr=True).print(sentence, markup=False, soft_wrap=True)
