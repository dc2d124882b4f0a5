"""Every decision of a simulation is a pure function of its seed and of what it is about.

So a run can be repeated to the letter, and taking one disturbance away leaves all others as they were.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")


class Crash(BaseException):
    """The process is gone at this point. Nothing in the product may catch it."""


@dataclass(slots=True)
class Dice:
    """``calm`` are disturbances that are taken away, by name; ``hit`` are those that happened."""

    seed: int
    calm: frozenset[str] = frozenset()
    hit: list[str] = field(default_factory=list)

    def roll(self, about: str) -> float:
        """A number in [0, 1)."""
        digest = blake2b(f"{self.seed}/{about}".encode(), digest_size=8).digest()
        return int.from_bytes(digest, "big") / 2**64

    def choose(self, about: str, options: Sequence[T]) -> T:
        """One of the options."""
        return options[int(self.roll(about) * len(options))]

    def shuffled(self, about: str, several: Sequence[T]) -> list[T]:
        """The same in some order."""
        rolled = sorted(range(len(several)), key=lambda n: self.roll(f"{about}/{n}"))
        return [several[n] for n in rolled]

    def disturbs(self, about: str, rate: float) -> bool:
        """Whether a disturbance happens here; it can be taken away by its name."""
        if self.roll(about) >= rate or about in self.calm:
            return False
        self.hit.append(about)
        return True
