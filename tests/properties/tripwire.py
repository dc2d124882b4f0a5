"""Ports that do something once, before their n-th call: crash, or let somebody else go first."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from dualtrack.app.ports import Item

T = TypeVar("T")


class Crash(Exception):
    """The process died here."""


def crash() -> None:
    """What a tripwire does unless told otherwise."""
    raise Crash


@dataclass
class Tripwire:
    """Counts the calls of every port it wraps; at call ``at`` (0 is the first), it acts, once."""

    at: int
    act: Callable[[], None] = crash
    calls: int = field(default=0)

    @property
    def sprung(self) -> bool:
        """Whether the call was reached."""
        return self.calls > self.at

    def step(self) -> None:
        """One call of a port."""
        self.calls += 1
        if self.calls == self.at + 1:
            self.act()

    def wrap(self, port: T) -> T:
        """The port, with its calls counted; many writes are many calls, in another order."""
        return cast(T, _Wrapped(port, self))


class _Wrapped:
    def __init__(self, port: Any, wire: Tripwire) -> None:
        self._port, self._wire = port, wire

    def put_many(self, items: Iterable[Item]) -> None:
        for item in reversed(list(items)):
            self._wire.step()
            self._port.put_many([item])

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)

        def called(*args: Any, **kwargs: Any) -> Any:
            self._wire.step()
            return found(*args, **kwargs)

        return called


def every_call(run: Callable[[Tripwire], None]) -> int:
    """Run with a tripwire at every call in turn, until one is never reached; how many there were."""
    for at in range(2000):
        wire = Tripwire(at)
        run(wire)
        if not wire.sprung:
            return at
    raise AssertionError("more than 2000 port calls")
