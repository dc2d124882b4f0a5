"""Speeds as ratios: against a floor of the same run, repeated, medians with their spread."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from infra import embedded
from infra.bundling import ROOT
from tests.benchmarks.path import batches, reports
from tests.support.events import employee, report, target
from tests.support.tenant import Tenant, wait_for
from tests.support.world import World

EVENTS, EMPLOYEES = 1000, 100
REPEATS = 9
RATES = (1, 50, 200)
SECONDS = 15


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


def latencies() -> list[tuple[int, int, dict[str, float]]]:
    """At each rate: how many events were posted, and seconds from the post to the visible score."""
    with embedded.start("bench") as server:
        os.environ.update(server.environment())
        tenant = Tenant(server, embedded.deploy(server, ["demo"])["demo"])
        tenant.furnish()
        return [_at(tenant, rate) for rate in RATES]


def _at(tenant: Tenant, rate: int) -> tuple[int, int, dict[str, float]]:
    """One employee for each sender, so that an answer can be told from another's."""
    number = max(20, min(rate * SECONDS, 600))
    crew = [f"r{rate}n{n}" for n in range(min(number, 40))]
    tenant.post([employee(name) for name in crew])
    wait_for(lambda: tenant.stack.table.get("TEAM#t1", crew[-1]))
    found: list[float] = []
    background = threading.Thread(
        target=_background, args=(tenant, crew[1:], rate, stop := threading.Event())
    )
    background.start()
    for n in range(20):
        _probe(tenant, crew[0], found, n)
    stop.set()
    background.join()
    ordered = sorted(found)
    shown = {
        "median": statistics.median(ordered),
        "p95": ordered[int(0.95 * len(ordered))],
        "max": ordered[-1],
    }
    return rate, len(found), shown


def _probe(tenant: Tenant, name: str, found: list[float], n: int = 0) -> None:
    """Seconds from one post until the scorecard's row has it."""
    before: Any = (tenant.card(name) or {}).get("r", 0)
    started = time.monotonic()
    tenant.send([report(f"{name}-{n}", name, f"2017-10-{n % 28 + 1:02d}", f"{n + 1}.5")])
    while (tenant.card(name) or {}).get("r", 0) == before:
        time.sleep(0.005)
    found.append(time.monotonic() - started)


def _background(tenant: Tenant, crew: Sequence[str], rate: int, stop: threading.Event) -> None:
    """The other events of that rate, a tenth of a second's worth at once where it is more than ten."""
    size = max(1, rate // 10)
    n = 0
    while not stop.wait(size / rate):
        names = (crew[(n + k) % len(crew)] for k in range(size))
        tenant.send([report(f"b{rate}-{n + k}", name, "2017-10-09", "1.5") for k, name in enumerate(names)])
        n += size
