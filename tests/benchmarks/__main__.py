"""``./dev bench cost``: billed units against the budgets. ``./dev bench speed``: ratios against a floor."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from infra import embedded
from infra.bundling import ROOT
from tests.benchmarks.path import Counted, fixed_events, movable_events
from tests.support.events import employee, report, target
from tests.support.world import World

say = Console()
app = typer.Typer(add_completion=False, no_args_is_help=True)
WRITE, READ, REQUEST, CALL = (Decimal(x) for x in ("0.625", "0.125", "0.40", "1.00"))
EVENTS, EMPLOYEES = 1000, 100
REPEATS = 5


def dollars(units: dict[str, float], requests: float, calls: float) -> Decimal:
    """For a million events, from units, queue requests and calls an event (list prices in design order)."""
    table = WRITE * Decimal(units["write"]) + READ * Decimal(units["read"])
    return table + REQUEST * Decimal(requests) + CALL * Decimal(calls)


@app.command()
def cost(report_to: Annotated[Path | None, typer.Option("--report")] = None) -> None:
    """Request units of one event in three situations, on the embedded AWS, whose figures are exact."""
    with embedded.start("bench") as server:
        rows = [
            (
                "batches of 100, 10 an employee, cannot move",
                "1.10",
                0.03,
                0.01,
                _batched(server, fixed_events),
            ),
            ("the same, can move", "1.80", 0.03, 0.01, _batched(server, movable_events)),
            ("one by one, each another employee", "4.00", 3.0, 1.0, _single(server)),
        ]
    table = Table("work", "write units", "read units", "$ a million", "budget $")
    found = []
    for name, budget, requests, calls, units in rows:
        price = dollars(units, requests, calls)
        table.add_row(name, f"{units['write']:.2f}", f"{units['read']:.2f}", f"{price:.2f}", budget)
        found.append({"work": name, "units": units, "dollars": f"{price:.4f}", "budget": budget})
    say.print(table)
    if report_to:
        report_to.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


def _batched(server: embedded.Embedded, make: Callable[[int, int], list[dict[str, Any]]]) -> dict[str, float]:
    path = Counted(server, EMPLOYEES)
    return path.units([make(EVENTS, EMPLOYEES)[i : i + 100] for i in range(0, EVENTS, 100)], EVENTS)


def _single(server: embedded.Embedded) -> dict[str, float]:
    path = Counted(server, EMPLOYEES)
    return path.units([[each] for each in fixed_events(EMPLOYEES, EMPLOYEES)], EMPLOYEES)


@app.command()
def speed() -> None:
    """Events a second in one process, and import times, against floors of the same run."""
    table = Table("what", "ours (median)", "floor (median)", "ratio")
    ours, floor = _repeated(_route), _repeated(_floor)
    table.add_row(
        "measure and score, events a second", f"{ours:,.0f}", f"{floor:,.0f}", f"{floor / ours:.1f}"
    )
    base = _import("import boto3")
    for name in ("measure", "score"):
        taken = _import(f"import sys; sys.path.insert(0, 'functions/{name}'); import handler")
        table.add_row(f"import of {name}, seconds", f"{taken:.3f}", f"{base:.3f}", f"{taken / base:.2f}")
    say.print(table)


def _repeated(rate: Callable[[], float]) -> float:
    return statistics.median(rate() for _ in range(REPEATS))


def _route() -> float:
    world = World()
    world.take(
        *(employee(f"e{n}") for n in range(EMPLOYEES)), target("revenue", "100"), target("volume", "9")
    )
    events = fixed_events(EVENTS, EMPLOYEES)
    started = time.perf_counter()
    for start in range(0, EVENTS, 100):
        world.take(*events[start : start + 100])
    return EVENTS / (time.perf_counter() - started)


def _floor() -> float:
    text = json.dumps([report(f"r{n}", f"e{n % EMPLOYEES}", "2017-10-05", "1.01") for n in range(EVENTS)])
    started = time.perf_counter()
    sums: dict[str, Decimal] = {}
    for event in json.loads(text, parse_float=Decimal):
        owner = event["data"]["owner"]["id"]
        sums[owner] = sums.get(owner, Decimal(0)) + Decimal(event["data"]["spent"])
    return EVENTS / (time.perf_counter() - started)


def _import(code: str) -> float:
    settings = ("TENANT", "TABLE", "INTAKE_BUCKET", "CURRENCY")
    environment = {**os.environ, "DUALTRACK_ZONE": "UTC", "AWS_DEFAULT_REGION": "us-east-1"}
    environment |= {f"DUALTRACK_{name}": "x" for name in settings}

    def once() -> float:
        started = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, check=True)
        return time.perf_counter() - started

    return _repeated(once)


if __name__ == "__main__":
    app()
