"""Who acts on a tenant: senders, pollers, state machines, operators. Each act is an invocation.

The loops around the use cases are those of ``functions/`` and of the services that call them.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from dualtrack.adapters import door
from dualtrack.app import pay, runs
from dualtrack.app import receive as receiving
from dualtrack.app.close import NotReady
from dualtrack.app.measure import Delivery
from dualtrack.app.score import Change, grouped
from dualtrack.domain.errors import Refused, Stopped
from tests.simulator.cloud import INGEST, INGEST_DLQ, MOST_RECEIVES, VISIBILITY, ZONE, Cloud, Process
from tests.simulator.dice import Crash
from tests.simulator.machines import Machine, Task
from tests.simulator.oracle import Truth
from tests.simulator.services.dynamodb import Record
from tests.simulator.simulation import Scheduler
from tests.simulator.workload import Step

RETENTION = timedelta(hours=24)
ATTEMPTS = 5
Option = tuple[str, Callable[[], None]]
Ended = Callable[[BaseException | None], None]


@dataclass
class Batch:
    """Records of the stream that go to a function together, and how often they went."""

    records: list[Record]
    tries: int = 0


@dataclass
class Actors:
    """Everybody, and what they still have to do."""

    cloud: Cloud
    scheduler: Scheduler
    truth: Truth = field(default_factory=Truth)
    steps: deque[Step] = field(default_factory=deque)
    unsent: deque[list[dict[str, Any]]] = field(default_factory=deque)
    sent: dict[str, dict[str, Any]] = field(default_factory=dict)
    human: deque[tuple[str, Callable[[Process], object]]] = field(default_factory=deque)
    machines: list[Machine] = field(default_factory=list)
    echoes: deque[Task] = field(default_factory=deque)
    told: int = 0
    batches: dict[str, list[Batch]] = field(default_factory=lambda: {"score": [], "relay": []})
    busy: dict[str, int] = field(default_factory=lambda: {"measure": 0, "score": 0, "relay": 0})
    warm: dict[str, list[Process]] = field(default_factory=dict)
    lost_records: bool = False
    inflight: set[tuple[str, str]] = field(default_factory=set)

    # ---- what could happen now

    def options(self) -> list[Option]:
        """Everything that could go on now, in a fixed order."""
        self._route_stream()
        found: list[Option] = [
            (f"resume {name}", partial(self.scheduler.resume, name))
            for name in sorted(self.scheduler.suspended)
        ]
        found += self._waiting()
        quiet = not found and not self.invisible()
        if self.steps and (quiet or self.steps[0].kind != "rest"):
            found.append(("step", self._step))
        return found

    def _waiting(self) -> list[Option]:
        found: list[Option] = []
        if self.unsent:
            found.append(("send", self._send))
        if self.human:
            found.append(("human", self._human))
        if self.echoes:
            found.append(("echo", self._echo))
        if self._visible() and self.busy["measure"] < 2:
            found.append(("measure", self._measure))
        for function, work in (("score", self._score), ("relay", self._relay)):
            if self.batches[function] and self.busy[function] < 2:
                found.append((function, work))
        return found + [(m.name, partial(self._task, m)) for m in self.machines if m.waiting]

    def invisible(self) -> bool:
        """Whether a message waits for its time."""
        return bool(self.cloud.sqs.messages(INGEST)) and not self._visible()

    def _visible(self) -> bool:
        return any(m.visible <= self.scheduler.time for m in self.cloud.sqs.messages(INGEST))

    def _invoke(self, function: str, work: Callable[[Process], object], then: Ended) -> None:
        """In a warm process if one is free; a crash takes the process away."""
        pool = self.warm.setdefault(function, [])
        process = pool.pop() if pool else Process(self.cloud)

        def ended(error: BaseException | None) -> None:
            if not isinstance(error, Crash):
                pool.append(process)
            then(error)

        self.scheduler.start(function, lambda: work(process), ended)

    # ---- senders

    def _step(self) -> None:
        self.take(self.steps.popleft())

    def take(self, step: Step) -> None:
        """The next step of the workload; see ``people``."""
        raise NotImplementedError

    def _send(self) -> None:
        events = self.unsent.popleft()

        def work(process: Process) -> None:
            now = self.scheduler.time
            mapper = process.mapper(now)
            request = {"body": json.dumps(events)}
            arrivals, _ = door.arrivals(request, lambda found: mapper(found, now, ZONE))
            done = receiving.receive(arrivals, process.ingest, process.intake)
            if done.lost:
                self.scheduler.reached["told to send again"] += 1
                self.unsent.append([events[n] for n in done.lost])

        def then(error: BaseException | None) -> None:
            if error is not None:  # no answer: the sender sends all of it again
                self.unsent.append(events)

        self._invoke("receive", work, then)

    # ---- measure

    def _measure(self) -> None:
        self.busy["measure"] += 1

        def work(process: Process) -> None:
            found = self.cloud.sqs.receive(INGEST, 4, VISIBILITY)
            for message in [m for m in found if m.receives > MOST_RECEIVES]:
                self.cloud.sqs.move(INGEST, INGEST_DLQ, message)
                self.scheduler.reached["message to the dead letters"] += 1
            kept = [m for m in found if m.receives <= MOST_RECEIVES]
            self.scheduler.reached["message delivered again"] += any(m.receives > 1 for m in kept)
            good = measure_batch(process, [Delivery(m.id, m.body, m.sent) for m in kept], self.scheduler.time)
            for message in kept:
                if message.id in good:
                    self.cloud.sqs.delete(INGEST, message)

        self._invoke("measure", work, lambda error: self._free("measure"))

    def _free(self, function: str) -> None:
        self.busy[function] -= 1

    # ---- the stream

    def _route_stream(self) -> None:
        """New records go to their functions, in batches; of one row they stay in order, of others not."""
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
        """Any batch whose rows nobody else is working on is next; else the oldest one."""
        waiting = self.batches[function]
        turn = int(self.scheduler.dice.roll(f"turn {self.scheduler.steps}") * len(waiting))
        for n in [*range(turn, len(waiting)), *range(turn)]:
            earlier = {(r.pk, r.sk) for batch in waiting[:n] for r in batch.records} | self.inflight
            if not earlier & {(r.pk, r.sk) for r in waiting[n].records}:
                return waiting.pop(n)
        return waiting.pop(0)

    def _stream(self, function: str, work: Callable[[Process, Batch], None]) -> None:
        batch = self._take(function)
        forgotten = (
            function == "relay" and self.scheduler.dice.roll(f"forgotten {batch.records[0].sequence}") < 0.3
        )
        lost = forgotten and not self.scheduler.calm
        if lost or self.scheduler.time - batch.records[0].time > RETENTION or batch.tries > ATTEMPTS:
            self.scheduler.reached["stream record lost"] += 1
            self.lost_records |= function == "score"
            return
        keys = {(r.pk, r.sk) for r in batch.records}
        self.busy[function] += 1
        self.inflight |= keys

        def then(error: BaseException | None) -> None:
            self._free(function)
            self.inflight -= keys
            if error is not None:
                self.batches[function][:0] = self._again(batch)

        self._invoke(function, lambda process: work(process, batch), then)

    def _again(self, batch: Batch) -> list[Batch]:
        """A failed batch is halved until the fault stands alone."""
        half = len(batch.records) // 2
        if not half:
            return [Batch(batch.records, batch.tries + 1)]
        self.scheduler.reached["stream batch halved"] += 1
        return [Batch(batch.records[:half], batch.tries + 1), Batch(batch.records[half:], batch.tries + 1)]

    def _score(self) -> None:
        def work(process: Process, batch: Batch) -> None:
            for pk, changes in grouped(Change(r.pk, r.sk) for r in batch.records).items():
                refused = self.cloud.dynamo.refused
                process.scoring.partition(pk, changes, self.scheduler.time)
                raced = self.cloud.dynamo.refused > refused
                self.scheduler.reached["scorecard folded again after a lost race"] += raced

        self._stream("score", work)

    def _relay(self) -> None:
        def work(process: Process, batch: Batch) -> None:
            for record in batch.records:
                run = runs.get(process.table, record.pk.removeprefix("OUTBOX#"))
                chunk = record.sk.removeprefix("OUTBOX#")
                pay.relay(process.table, process.payouts, process.payroll, self.cloud.tenant, run, chunk)

        self._stream("relay", work)

    def sweep(self, process: Process) -> None:
        """What the clock calls every five minutes."""
        for run, chunk in pay.unsent(process.table):
            self.scheduler.reached["sweeper sent"] += 1
            pay.relay(process.table, process.payouts, process.payroll, self.cloud.tenant, run, chunk)

    # ---- state machines

    def start(self, name: str, stages: Iterator[list[Task]]) -> Machine:
        """Start an execution."""
        machine = Machine(name, stages)
        self.machines.append(machine)
        self._advance(machine)
        return machine

    def _advance(self, machine: Machine) -> None:
        try:
            machine.waiting = next(machine.stages)
        except StopIteration:
            machine.done = True

    def _task(self, machine: Machine) -> None:
        name, work = machine.waiting.pop(0)
        machine.running += 1
        machine.tries[name] += 1

        def then(error: BaseException | None) -> None:
            machine.running -= 1
            if isinstance(error, Crash) and machine.tries[name] <= 6:
                machine.waiting.insert(0, (name, work))  # the platform's own failures are tried again
            elif error is not None:
                machine.failed = error
                machine.waiting.clear()
                self._note(error)
            elif (
                self.scheduler.dice.roll(f"twice {name} {self.scheduler.steps}") < 0.3
                and not self.scheduler.calm
            ):
                self.echoes.append((name, work))
            if not machine.failed and not machine.waiting and not machine.running:
                self._advance(machine)

        self._invoke(name.split()[0], work, then)

    def _echo(self) -> None:
        """A task that was finished long ago is run once more."""
        name, work = self.echoes.popleft()
        self.scheduler.reached["finished task run again"] += 1
        self._invoke(name.split()[0], work, self._note)

    def _note(self, error: BaseException | None) -> None:
        if isinstance(error, Refused):
            self.scheduler.reached[f"refused {error.problems[0].reason}"] += 1
        elif isinstance(error, NotReady):
            self.scheduler.reached["close not ready"] += 1
        elif isinstance(error, Stopped):
            self.scheduler.reached["stopped"] += 1

    # ---- what a person does

    def _human(self) -> None:
        name, act = self.human.popleft()

        def then(error: BaseException | None) -> None:
            self._note(error)
            if error is not None and not isinstance(error, Refused):
                self.human.append((name, act))  # no answer: the person tries again

        self._invoke(f"human({name})", act, then)


def measure_batch(process: Process, deliveries: Sequence[Delivery], now: datetime) -> set[str]:
    """As ``functions/measure``: together, else each by itself; the messages that are done."""
    try:
        process.measuring.messages(deliveries, now)
    except Exception:  # noqa: BLE001 - whatever it was, the queue keeps the messages
        if len(deliveries) <= 1:
            return set()
        return set().union(*(measure_batch(process, [each], now) for each in deliveries))
    return {each.id for each in deliveries}
