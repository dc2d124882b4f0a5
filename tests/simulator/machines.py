"""The two state machines of ``infra/machines`` as generators: stages of tasks that may run at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from dualtrack.app import runs
from dualtrack.app.close import chunk_list
from dualtrack.app.opening import Request
from dualtrack.app.publishing import begin
from dualtrack.domain.runs import Run
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
        run = p.paying(tenant).open(Request(period, starter, execution, waiver=WAIVER), p.now)
        opened[:] = [run, chunk_list(p.payouts, run)]

    yield [(f"open {period}", open_)]
    run, chunks = opened

    def settle(p: Process, chunk: dict[str, Any]) -> None:
        now = runs.get(p.table, run.id)
        runs.same_attempt(now, run.attempt)
        if not p.paying(tenant).settle(now, chunk["chunk"], chunk["employees"]):
            reached["chunk was settled already"] += 1

    yield [(f"settle {c['chunk']}", partial(settle, chunk=c)) for c in chunks]

    def review(p: Process) -> None:
        now = runs.get(p.table, run.id)
        runs.same_attempt(now, run.attempt)
        p.paying(tenant).review(now)

    yield [(f"review {period}", review)]
    reviewed(run.id)


def publish_stages(tenant: str, run_id: str) -> Iterator[list[Task]]:
    """begin → book each chunk → files → prove → release."""
    chunks: list[str] = []

    def begun(p: Process) -> Run:
        return begin(p.table, run_id)

    def first(p: Process) -> None:
        chunks[:] = [c["chunk"] for c in chunk_list(p.payouts, begun(p))]

    def book(p: Process, chunk: str) -> None:
        p.paying(tenant).book(begun(p), chunk)

    yield [("begin", first)]
    yield [(f"book {chunk}", partial(book, chunk=chunk)) for chunk in chunks]
    yield [("files", lambda p: p.paying(tenant).publishing().files(begun(p)))]
    yield [("prove", lambda p: p.paying(tenant).proving().prove(begun(p)))]
    yield [("release", lambda p: p.paying(tenant).proving().release(begun(p)))]
