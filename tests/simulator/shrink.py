"""The shortest life that still goes wrong in the same way: fewer steps, fewer disturbances."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from tests.simulator.life import Result, live

T = TypeVar("T")
TRIES = 250


def shrunk(failed: Result) -> Result:
    """Leave out what is not needed, within a bounded number of runs."""
    shrinker = _Shrinker(failed)
    shrinker.steps()
    shrinker.disturbances()
    shrinker.steps()
    return shrinker.best


class _Shrinker:
    def __init__(self, failed: Result) -> None:
        self.best, self.without, self.tries = failed, frozenset[str](), 0

    def _still(self, result: Result) -> bool:
        """The same kind of violation, whoever it is about."""
        return bool(result.violation) and result.violation.split(":")[0] == self.best.violation.split(":")[0]

    def steps(self) -> None:
        """Leave out what people did."""
        _reduce(self.best.workload, self._with_steps)

    def disturbances(self) -> None:
        """Leave out what went wrong."""
        _reduce(list(dict.fromkeys(self.best.hit)), self._with_hits)

    def _with_steps(self, steps: Sequence[object]) -> bool:
        return self._try(live(self.best.seed, steps, self.without))  # type: ignore[arg-type]

    def _with_hits(self, hits: Sequence[str]) -> bool:
        without = self.without | (set(self.best.hit) - set(hits))
        if not self._try(live(self.best.seed, self.best.workload, without)):
            return False
        self.without = without
        return True

    def _try(self, result: Result) -> bool:
        self.tries += 1
        if self.tries > TRIES or not self._still(result):
            return False
        self.best = result
        return True


def _reduce(whole: Sequence[T], works: Callable[[Sequence[T]], bool]) -> None:
    """Delta debugging: leave out halves, then quarters, down to single ones."""
    kept, size = list(whole), max(1, len(whole) // 2)
    while size and kept:
        start = 0
        while start < len(kept):
            fewer = kept[:start] + kept[start + size :]
            if works(fewer):
                kept = fewer
            else:
                start += size
        size //= 2
