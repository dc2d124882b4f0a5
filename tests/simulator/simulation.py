"""One simulated life of a tenant: who runs when, what goes wrong, and what has to be true.

Invocations are greenlets. Every service call is a point before and after its effect at which another
invocation may go on, a fault may happen, or the process may be gone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from greenlet import getcurrent, greenlet

from tests.simulator.cloud import START, VISIBILITY
from tests.simulator.dice import Crash, Dice
from tests.simulator.services.nerve import Call

MOST_TURNS = 6000


class Violation(Exception):
    """Something that is always true was not."""


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
        except Violation:
            raise
        except Exception as failed:  # noqa: BLE001 - an invocation may fail in any way
            error = failed
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
        self._maybe_gone(point)
        self._maybe_wait(point)
        often = 3 if call.service == "s3" else 1  # objects are written seldom
        if call.faults and self.dice.disturbs(f"fault {point}", often * self.rates.fault):
            fault = self.dice.choose(f"which {point}", call.faults)
            self.reached[f"{call.service}:{fault}"] += 1
            self.say(f"    ! {fault}")
            return fault
        return ""

    def after(self, call: Call) -> None:
        """See ``Nerve``."""
        self.after_effect()
        invocation = self._running
        if not self.calm and invocation is not None:
            point = f"{invocation.name}.{invocation.calls}>"
            self._maybe_gone(point)
            self._maybe_wait(point)

    def _point(self, call: Call, side: str) -> str:
        invocation = self._running
        if invocation is None:
            return ""
        invocation.calls += 1
        self.say(f"  {invocation.name}: {call.operation} {call.where[:100]}")
        return "" if self.calm else f"{invocation.name}.{invocation.calls}{side}"

    def _maybe_gone(self, point: str) -> None:
        if self.dice.disturbs(f"crash {point}", self.rates.crash):
            self.reached["crash"] += 1
            raise Crash(point)

    def _maybe_wait(self, point: str) -> None:
        if getcurrent().parent is not None and self.dice.disturbs(f"switch {point}", self.rates.switch):
            self.reached["switch"] += 1
            running = self._running
            getcurrent().parent.switch()
            self._running = running

    def fraction(self) -> float:
        """See ``Nerve``."""
        invocation = self._running
        return self.dice.roll(f"part {invocation.name}.{invocation.calls}" if invocation else "part")

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
