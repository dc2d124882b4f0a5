"""Where a simulator gets hold of a service: before every call, within it, and after its effect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Call:
    """One service call: what it touches, and the faults that may be put into it."""

    service: str
    operation: str
    where: str
    faults: tuple[str, ...]
    partition: str = ""  # of the table; of a batch the first one


class Nerve(Protocol):
    """Decides what happens to a call."""

    def before(self, call: Call) -> str:
        """One of the call's faults, or nothing; may raise, or let somebody else run first."""

    def after(self, call: Call) -> None:
        """The effect is durable and nobody was told yet; may raise, or let somebody else run first."""

    def fraction(self) -> float:
        """A number in [0, 1), for how much of a batch is left over."""

    def shuffled(self, several: Sequence[T]) -> list[T]:
        """The same in some order."""

    def cut(self, size: int) -> int:
        """After how many rows of a call that takes them one by one ``others`` come; ``size`` for never."""

    def others(self) -> None:
        """Let somebody else run in the middle of a call."""

    def hot(self, partition: str) -> bool:
        """Whether a partition was throttled lately and still is."""

    def now(self) -> datetime:
        """The service's clock, UTC."""


class Calm:
    """No fault ever. ``time`` can be set."""

    def __init__(self) -> None:
        self.time = datetime(2026, 1, 1, tzinfo=UTC)

    def before(self, call: Call) -> str:
        """Nothing happens."""
        return ""

    def after(self, call: Call) -> None:
        """Nothing happens."""

    def fraction(self) -> float:
        """The middle."""
        return 0.5

    def shuffled(self, several: Sequence[T]) -> list[T]:
        """As they are."""
        return list(several)

    def cut(self, size: int) -> int:
        """Never."""
        return size

    def others(self) -> None:
        """Nobody is there."""

    def hot(self, partition: str) -> bool:
        """Never."""
        return False

    def now(self) -> datetime:
        """The time that was set."""
        return self.time
