"""The two state machines of ``infra/machines`` as generators: stages of tasks that may run at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from dualtrack.app import close, pay, runs
from tests.simulator.cloud import Process

WAIVER = {"by": "eva", "reason": "seen"}
Task = tuple[str, Callable[[Process], Any]]


@dataclass
class Machine:
    """An execution of a state machine: a generator of stages, each a list of tasks that may run at once."""

    name: str
    stages: Iterator[list[Task]]
    waiting: list[Task] = field(default_factory=list)
    running: int = 0
    failed: BaseException | None = None
    done: bool = False
    tries: Counter[str] = field(default_factory=Counter)


def close_stages(
    tenant: str,
    period: str,
    starter: str,
    execution: str,
    reached: Counter[str],
    reviewed: Callable[[str], None],
) -> Iterator[list[Task]]:
    """open → settle each chunk → review; then somebody looks at it."""
    opened: list[Any] = []

    def open_(p: Process) -> None:
        run = close.open_run(
            p.table, p.payouts, p.intake, p.ingest, p.plans.current(), period, starter, WAIVER, execution
        )
        opened[:] = [run, close.chunk_list(p.payouts, run)]

    yield [(f"open {period}", open_)]
    run, chunks = opened

    def settle(p: Process, chunk: dict[str, Any]) -> None:
        now = runs.get(p.table, run.id)
        runs.same_attempt(now, run.attempt)
        mine = close.Settling(p.table, p.payouts, p.plans.current(), tenant)
        if not mine.chunk(now, chunk["chunk"], chunk["employees"]):
            reached["chunk was settled already"] += 1

    yield [(f"settle {c['chunk']}", partial(settle, chunk=c)) for c in chunks]

    def review(p: Process) -> None:
        now = runs.get(p.table, run.id)
        runs.same_attempt(now, run.attempt)
        close.review(p.table, p.payouts, now)

    yield [(f"review {period}", review)]
    reviewed(run.id)


def publish_stages(tenant: str, run_id: str) -> Iterator[list[Task]]:
    """begin → book each chunk → files → release."""
    chunks: list[str] = []

    def begin(p: Process) -> None:
        chunks[:] = [c["chunk"] for c in close.chunk_list(p.payouts, pay.begin(p.table, run_id))]

    def book(p: Process, chunk: str) -> None:
        pay.book(p.table, p.payouts, pay.begin(p.table, run_id), chunk)

    def publishing(p: Process) -> pay.Publishing:
        return pay.Publishing(p.table, p.payouts, tenant, "sim")

    yield [("begin", begin)]
    yield [(f"book {chunk}", partial(book, chunk=chunk)) for chunk in chunks]
    yield [("files", lambda p: publishing(p).files(pay.begin(p.table, run_id)))]
    yield [("release", lambda p: publishing(p).release(pay.begin(p.table, run_id)))]
