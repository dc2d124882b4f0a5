"""Who acts on a tenant: senders, pollers, state machines. Each act is an invocation.

The loops around the use cases are those of ``functions/`` and of the services that call them.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from dualtrack.adapters import door
from dualtrack.app import receive as receiving
from dualtrack.app.measure import Delivery
from dualtrack.app.opening import NotReady
from dualtrack.domain.errors import Refused, Stopped
from tests.simulator.cloud import INGEST, INGEST_DLQ, MOST_RECEIVES, VISIBILITY, ZONE, Process
from tests.simulator.dice import Crash
from tests.simulator.machines import Machine, Task
from tests.simulator.oracle import Truth
from tests.simulator.streams import Streams
from tests.simulator.workload import Step

Option = tuple[str, Callable[[], None]]
AT_ONCE = {"score": 3, "relay": 2}


@dataclass
class Actors(Streams):
    """Everybody, and what they still have to do."""

    truth: Truth = field(default_factory=Truth)
    steps: deque[Step] = field(default_factory=deque)
    unsent: deque[list[dict[str, Any]]] = field(default_factory=deque)
    sent: dict[str, dict[str, Any]] = field(default_factory=dict)
    human: deque[tuple[str, Callable[[Process], object]]] = field(default_factory=deque)
    machines: list[Machine] = field(default_factory=list)
    echoes: deque[Task] = field(default_factory=deque)

    # ---- what could happen now

    def options(self) -> list[Option]:
        """Everything that could go on now, in a fixed order."""
        self.route_stream()
        found = self._resuming(self.scheduler.awake()) + self._waiting()
        quiet = not found and not self.scheduler.suspended and not self.invisible()
        if self.steps and (quiet or self.steps[0].kind != "rest"):
            found.append(("step", self._step))
        return found or self._resuming(sorted(self.scheduler.suspended))

    def _resuming(self, names: Sequence[str]) -> list[Option]:
        return [(f"resume {name}", partial(self.scheduler.resume, name)) for name in names]

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
        for function, work in (("score", self.score), ("relay", self.relay)):
            if self.batches[function] and self.busy[function] < AT_ONCE[function]:
                found.append((function, work))
        return found + [(m.name, partial(self._task, m)) for m in self.machines if m.waiting]

    def invisible(self) -> bool:
        """Whether a message waits for its time."""
        return bool(self.cloud.sqs.messages(INGEST)) and not self._visible()

    def _visible(self) -> bool:
        return any(m.visible <= self.scheduler.time for m in self.cloud.sqs.messages(INGEST))

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

        self.invoke("receive", work, then)

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
            good = self._measured(process, [Delivery(m.id, m.body, m.sent) for m in kept])
            for message in kept:
                if message.id in good:
                    self.cloud.sqs.delete(INGEST, message)

        self.invoke("measure", work, lambda error: self.free("measure"))

    def _measured(self, process: Process, deliveries: Sequence[Delivery]) -> set[str]:
        """As ``functions/measure``: together, else each by itself; the messages that are done."""
        try:
            process.measuring.messages(deliveries, self.scheduler.time)
        except Exception as error:  # noqa: BLE001 - whatever it was, the queue keeps the messages
            self.scheduler.failed(error)
            if len(deliveries) <= 1:
                return set()
            return set().union(*(self._measured(process, [each]) for each in deliveries))
        return {each.id for each in deliveries}

    # ---- state machines

    def start(self, name: str, stages: Iterator[list[Task]]) -> Machine:
        """Start an execution."""
        machine = Machine(name, stages)
        self.machines.append(machine)
        self._advance(machine)
        return machine

    def gave_up(self, machine: Machine) -> None:
        """An execution has failed; see ``people``."""
        raise NotImplementedError

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
                self.gave_up(machine)
            elif not self.scheduler.calm and self.scheduler.dice.disturbs(
                f"twice {name} {machine.name}", 0.4
            ):
                self.echoes.append((name, work))
            if not machine.failed and not machine.waiting and not machine.running:
                self._advance(machine)

        self.invoke(name.split()[0], work, then)

    def _doubtful(self, about: str) -> bool:
        """Whether the platform does not know that a task was finished."""
        return not self.scheduler.calm and self.scheduler.dice.disturbs(f"twice {about}", 0.4)

    def _echo(self) -> None:
        """A task that was finished long ago is run once more."""
        name, work = self.echoes.popleft()
        self.scheduler.reached["finished task run again"] += 1
        self.invoke(name.split()[0], work, self._note)

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
            again = isinstance(error, Refused) and error.problems[0].reason == "busy"
            if error is not None and (again or not isinstance(error, Refused)):
                self.human.append((name, act))  # no answer, or told to: the person tries again

        self.invoke(f"human({name})", act, then)
