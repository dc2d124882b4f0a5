"""One simulated life of a tenant: who runs when, what goes wrong, and what has to be true.

Invocations are greenlets. Every service call is a point before and after its effect at which another
invocation may go on, a fault may happen, or the process may be gone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from greenlet import getcurrent, greenlet

from dualtrack.adapters.dynamodb import Throttled
from tests.simulator.cloud import START, VISIBILITY
from tests.simulator.dice import Crash, Dice
from tests.simulator.services.nerve import Call

T = TypeVar("T")
MOST_TURNS = 15_000
# What is called seldom meets its faults more often; most calls are reads, and who dies at each never writes.
OFTEN = {"put_object": 6, "transact_write_items": 8, "send_message_batch": 5, "batch_write_item": 3}
READS = {"query": 0.4, "get_item": 0.6}
NAMES = {("transact_write_items", "conflict"): "transaction conflict"}
STAYS_HOT, SLEEPS = 40, 200  # service calls, at most


class Violation(BaseException):
    """Something that is always true was not. No code under test may catch it."""


@dataclass(slots=True)
class Rates:
    """How rough the weather is: chances at each service call."""

    fault: float
    crash: float
    switch: float

    @classmethod
    def drawn(cls, dice: Dice) -> Rates:
        """One world is calm but crowded, another one falls apart."""
        return cls(
            dice.choose("rate of faults", (0.0, 0.02, 0.06)),
            dice.choose("rate of crashes", (0.0, 0.01, 0.04)),
            dice.choose("rate of switches", (0.0, 0.1, 0.4)),
        )


@dataclass(slots=True)
class Invocation:
    """A function at work."""

    name: str
    glet: greenlet
    calls: int = 0
    asleep: int = 0  # until so many service calls were made, if anybody has anything else to do
    then: Callable[[BaseException | None], None] = lambda error: None


@dataclass
class Scheduler:
    """Runs invocations, decides what happens to their calls. Is the nerve of every model."""

    dice: Dice
    rates: Rates
    time: datetime = START
    calm: bool = True
    trace: list[str] = field(default_factory=list)
    reached: Counter[str] = field(default_factory=Counter)
    suspended: dict[str, Invocation] = field(default_factory=dict)
    throttled: dict[str, int] = field(default_factory=dict)
    steps: int = 0
    _running: Invocation | None = None
    _numbers: Counter[str] = field(default_factory=Counter)
    after_effect: Callable[[], None] = lambda: None

    def start(
        self, kind: str, work: Callable[[], object], then: Callable[[BaseException | None], None]
    ) -> None:
        """A new invocation, which runs until it ends or lets somebody else go first."""
        self._numbers[kind] += 1
        name = f"{kind} {self._numbers[kind]}"
        self.say(f"— {name}")
        self._go_on(Invocation(name, greenlet(work), then=then))

    def awake(self) -> list[str]:
        """The suspended invocations that may go on now."""
        return [name for name in sorted(self.suspended) if self.suspended[name].asleep <= self.steps]

    def resume(self, name: str) -> None:
        """Let a suspended invocation go on."""
        self._go_on(self.suspended.pop(name))

    def _go_on(self, invocation: Invocation) -> None:
        before, self._running = self._running, invocation
        error: BaseException | None = None
        try:
            invocation.glet.switch()
        except Crash as crash:
            error = crash
            self.say(f"  {invocation.name} is gone")
        except Exception as failed:  # noqa: BLE001 - an invocation may fail in any way
            error = failed
            self.failed(failed)
            self.say(f"  {invocation.name} failed: {type(failed).__name__} {str(failed)[:120]}")
        self._running = before
        if error is None and not invocation.glet.dead:
            self.suspended[invocation.name] = invocation
        else:
            invocation.then(error)

    def before(self, call: Call) -> str:
        """See ``Nerve``."""
        self.steps += 1
        point = self._point(call, "<")
        if not point:
            return ""
        self._maybe_gone(call, point)
        self._maybe_wait(point)
        fault = self._fault(call, point)
        if fault == "throttled":
            self.throttled[call.partition] = self.steps + int(self.dice.roll(f"hot {point}") * STAYS_HOT)
        elif "unprocessed" not in call.faults and self.hot(call.partition):
            fault = "throttled"
        if fault:
            self.say(f"    ! {fault}")
        return fault

    def _fault(self, call: Call, point: str) -> str:
        rate = (OFTEN | READS).get(call.operation, 1) * self.rates.fault
        if not call.faults or not self.dice.disturbs(f"fault {point}", rate):
            return ""
        fault = self.dice.choose(f"which {point}", call.faults)
        self.reached[f"{call.service}:{NAMES.get((call.operation, fault), fault)}"] += 1
        return fault

    def hot(self, partition: str) -> bool:
        """See ``Nerve``."""
        again = not self.calm and self.steps <= self.throttled.get(partition, -1)
        self.reached["dynamodb:throttled again"] += again
        return again

    def failed(self, error: Exception) -> None:
        """An invocation has ended so, or has caught it."""
        self.reached["Throttled raised"] += isinstance(error, Throttled)

    def after(self, call: Call) -> None:
        """See ``Nerve``."""
        self.after_effect()
        invocation = self._running
        if not self.calm and invocation is not None:
            point = f"{invocation.name}.{invocation.calls}>"
            self._maybe_gone(call, point)
            self._maybe_wait(point)

    def _point(self, call: Call, side: str) -> str:
        invocation = self._running
        if invocation is None:
            return ""
        invocation.calls += 1
        self.say(f"  {invocation.name}: {call.operation} {call.where[:100]}")
        return "" if self.calm else f"{invocation.name}.{invocation.calls}{side}"

    def _maybe_gone(self, call: Call, point: str) -> None:
        if self.dice.disturbs(f"crash {point}", READS.get(call.operation, 1) * self.rates.crash):
            self.reached["crash"] += 1
            raise Crash(point)

    def _maybe_wait(self, point: str) -> None:
        if getcurrent().parent is not None and self.dice.disturbs(f"switch {point}", self.rates.switch):
            self.reached["switch"] += 1
            self._sleep(int(self.dice.roll(f"sleep {point}") ** 3 * SLEEPS))

    def others(self) -> None:
        """See ``Nerve``."""
        self._sleep(int(self.dice.roll(f"sleep {self.here()}") * SLEEPS))

    def _sleep(self, calls: int) -> None:
        running = self._running
        if running is not None:
            running.asleep = self.steps + calls
        getcurrent().parent.switch()
        self._running = running

    def cut(self, size: int) -> int:
        """See ``Nerve``."""
        alone = self.calm or self._running is None or getcurrent().parent is None
        about = f"torn {self.here()}"
        if size < 2 or alone or not self.dice.disturbs(about, 2 * self.rates.switch):
            return size
        self.reached["dynamodb:torn"] += 1
        return 1 + int(self.dice.roll(f"at {about}") * (size - 1))

    def shuffled(self, several: Sequence[T]) -> list[T]:
        """See ``Nerve``."""
        return list(several) if self.calm else self.dice.shuffled(f"order {self.here()}", several)

    def fraction(self) -> float:
        """See ``Nerve``."""
        return self.dice.roll(f"part {self.here()}")

    def here(self) -> str:
        """Who is at work, and at which call."""
        invocation = self._running
        return f"{invocation.name}.{invocation.calls}" if invocation else "nobody"

    def now(self) -> datetime:
        """See ``Nerve``."""
        return self.time

    def tick(self, by: timedelta = VISIBILITY) -> None:
        """Time passes, or a clock jumps."""
        self.time += by
        self.say(f"— the clock goes to {self.time:%d %H:%M}")

    def say(self, line: str) -> None:
        """A line of the trace."""
        self.trace.append(line)
