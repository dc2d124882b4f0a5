"""What the table's stream sets off: batches for score and relay, their retries, and warm processes.

Records of one row stay in order, of others not. A failing batch is halved until the fault stands alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from dualtrack.app import runs
from dualtrack.app.relay import relay, unsent
from dualtrack.app.score import Change, grouped
from tests.simulator import releases
from tests.simulator.cloud import Cloud, Process
from tests.simulator.dice import Crash
from tests.simulator.services.dynamodb import Record
from tests.simulator.simulation import Scheduler

RETENTION = timedelta(hours=24)
ATTEMPTS = 5
LATER = timedelta(minutes=6)
Ended = Callable[[BaseException | None], None]


@dataclass
class Batch:
    """Records of the stream that go to a function together, and how often they went."""

    records: list[Record]
    tries: int = 0


@dataclass
class Streams:
    """A tenant's functions as the stream finds them. ``lost`` are partitions of which score was not told."""

    cloud: Cloud
    scheduler: Scheduler
    told: int = 0
    batches: dict[str, list[Batch]] = field(default_factory=lambda: {"score": [], "relay": []})
    busy: dict[str, int] = field(default_factory=lambda: {"measure": 0, "score": 0, "relay": 0})
    warm: dict[str, list[Process]] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)
    deploying: bool = False
    processes: int = 0
    inflight: set[tuple[str, str]] = field(default_factory=set)

    def invoke(self, function: str, work: Callable[[Process], object], then: Ended) -> None:
        """In a warm process if one is free; a crash takes the process away."""
        pool = self.warm.setdefault(function, [])
        process = pool.pop() if pool else self._process(function)

        def ended(error: BaseException | None) -> None:
            if not isinstance(error, Crash):
                pool.append(process)
            then(error)

        self.scheduler.start(function, lambda: releases.run(process.old, lambda: work(process)), ended)

    def _process(self, function: str) -> Process:
        self.processes += 1
        old = self.deploying and self.scheduler.dice.roll(f"release of process {self.processes}") < 0.5
        self.scheduler.reached["process of the release before"] += old and function == "score"
        return Process(self.cloud, old)

    def free(self, function: str) -> None:
        """One invocation of a function has ended."""
        self.busy[function] -= 1

    def route_stream(self) -> None:
        """New records go to their functions, in batches."""
        stream = self.cloud.dynamo.stream
        fresh, self.told = stream[self.told :], len(stream)
        dice = self.scheduler.dice
        for function, prefixes in (("score", ("F#", "R#", "P#")), ("relay", ("OUTBOX#",))):
            mine = [r for r in fresh if r.sk.startswith(prefixes)]
            while mine:
                size = 1 + int(dice.roll(f"batch {function} {mine[0].sequence}") * 6)
                self.batches[function].append(Batch(mine[:size]))
                mine = mine[size:]

    def _take(self, function: str) -> Batch:
        """Any batch whose rows nobody is working on; often one whose partition somebody is working on."""
        waiting = self.batches[function]
        dice, now = self.scheduler.dice, self.scheduler.steps
        turn = int(dice.roll(f"turn {now}") * len(waiting))
        free = [n for n in [*range(turn, len(waiting)), *range(turn)] if self._free(waiting, n)]
        busy = {pk for pk, _ in self.inflight}
        meeting = [n for n in free if busy & {r.pk for r in waiting[n].records}]
        if meeting and dice.roll(f"meet {now}") < 0.7:
            return waiting.pop(meeting[0])
        return waiting.pop(free[0] if free else 0)

    def _free(self, waiting: list[Batch], n: int) -> bool:
        earlier = {(r.pk, r.sk) for batch in waiting[:n] for r in batch.records} | self.inflight
        return not earlier & {(r.pk, r.sk) for r in waiting[n].records}

    def _stream(self, function: str, work: Callable[[Process, Batch], None]) -> None:
        batch = self._take(function)
        lost = self._lost(function, batch)
        if lost:
            self.scheduler.reached[f"stream record {lost}"] += 1
            self.lost |= {r.pk for r in batch.records} if function == "score" else set()
            return
        keys = {(r.pk, r.sk) for r in batch.records}
        self.busy[function] += 1
        self.inflight |= keys

        def then(error: BaseException | None) -> None:
            self.free(function)
            self.inflight -= keys
            if error is not None:
                self.batches[function][:0] = self._again(batch)
                self._pause(f"{function} {batch.records[0].sequence}.{batch.tries}")

        self.invoke(function, lambda process: work(process, batch), then)

    def _lost(self, function: str, batch: Batch) -> str:
        """Why the stream does not tell of a batch, if so. What it merely forgets, only a sweeper can find."""
        dice, first = self.scheduler.dice, batch.records[0]
        if self.scheduler.time - first.time > RETENTION:
            return "expired"
        if batch.tries > ATTEMPTS:
            return "given up"
        forgets = function == "relay" and not self.scheduler.calm
        forgotten = forgets and dice.disturbs(f"forgotten {first.sequence}.{batch.tries}", 0.2)
        return "forgotten" if forgotten else ""

    def _again(self, batch: Batch) -> list[Batch]:
        half = len(batch.records) // 2
        if not half:
            return [Batch(batch.records, batch.tries + 1)]
        self.scheduler.reached["stream batch halved"] += 1
        return [Batch(batch.records[:half], batch.tries + 1), Batch(batch.records[half:], batch.tries + 1)]

    def _pause(self, about: str) -> None:
        """The platform waits before it tries a relay again, now and then for longer than FIFO remembers."""
        seldom = about.startswith("relay") and not self.scheduler.calm
        if seldom and self.scheduler.dice.disturbs(f"later {about}", 0.4):
            self.scheduler.tick(LATER)

    def score(self) -> None:
        """As ``functions/score``."""

        def work(process: Process, batch: Batch) -> None:
            for pk, changes in grouped(Change(r.pk, r.sk) for r in batch.records).items():
                refused = self.cloud.dynamo.refused
                process.scoring.partition(pk, changes, self.scheduler.time)
                raced = self.cloud.dynamo.refused > refused
                self.scheduler.reached["scorecard folded again after a lost race"] += raced

        self._stream("score", work)

    def relay(self) -> None:
        """As ``functions/relay``."""

        def work(process: Process, batch: Batch) -> None:
            for record in batch.records:
                run = runs.get(process.table, record.pk.removeprefix("OUTBOX#"))
                chunk = record.sk.removeprefix("OUTBOX#")
                relay(process.table, process.payouts, process.payroll, self.cloud.tenant, run, chunk)

        self._stream("relay", work)

    def sweep(self, process: Process) -> None:
        """What the clock calls every five minutes."""
        for run, chunk in unsent(process.table):
            self.scheduler.reached["sweeper sent"] += 1
            relay(process.table, process.payouts, process.payroll, self.cloud.tenant, run, chunk)
