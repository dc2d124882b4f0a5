"""Speeds in one process, as ratios: against a floor of the same run, repeated, medians with their spread."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from infra.bundling import ROOT
from tests.benchmarks.path import batches, reports
from tests.support.events import employee, target
from tests.support.world import World

EVENTS, EMPLOYEES = 1000, 100
REPEATS = 15


@dataclass(frozen=True, slots=True)
class Spread:
    """A median and the quartiles around it."""

    low: float
    median: float
    high: float


def spread(values: Sequence[float]) -> Spread:
    """Of repeated measurements."""
    low, median, high = statistics.quantiles(values, n=4)
    return Spread(low, median, high)


def interleaved(*measured: Callable[[], float]) -> list[Spread]:
    """Each in turn, again and again: a slow moment of the machine hits all. The first turn is warm-up."""
    turns = [[once() for once in measured] for _ in range(REPEATS + 1)][1:]
    return [spread([turn[n] for turn in turns]) for n in range(len(measured))]


def route() -> float:
    """Events a second through measure and score, in one process and in memory."""
    world = World()
    goals = (target("revenue", "100"), target("volume", "9"))
    world.take(*(employee(f"e{n}") for n in range(EMPLOYEES)), *goals)
    messages = batches(reports(EVENTS, EMPLOYEES), 100)
    started = time.perf_counter()
    for message in messages:
        world.take(*message)
    return EVENTS / (time.perf_counter() - started)


def floor() -> float:
    """The same events parsed and their decimals added up, and nothing else."""
    text = json.dumps(reports(EVENTS, EMPLOYEES))
    started = time.perf_counter()
    sums: dict[str, Decimal] = {}
    for event in json.loads(text, parse_float=Decimal):
        owner = event["data"]["owner"]["id"]
        sums[owner] = sums.get(owner, Decimal(0)) + Decimal(event["data"]["spent"])
    return EVENTS / (time.perf_counter() - started)


def imported(code: str) -> Callable[[], float]:
    """Seconds of a fresh process that imports this."""
    names = ("TENANT", "TABLE", "INTAKE_BUCKET", "INGEST_QUEUE", "CURRENCY")
    environment = {**os.environ, "DUALTRACK_ZONE": "UTC", "AWS_DEFAULT_REGION": "us-east-1"}
    environment |= {f"DUALTRACK_{name}": "x" for name in names}

    def once() -> float:
        started = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, check=True)
        return time.perf_counter() - started

    return once


def handler(name: str) -> Callable[[], float]:
    """Seconds that a function's module takes."""
    return imported(f"import sys; sys.path.insert(0, 'functions/{name}'); import handler")
