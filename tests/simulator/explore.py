"""Many lives: a fixed set of seeds, or as many as fit into some minutes."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.simulator.life import Result, live

FIXED = range(260)


@dataclass(slots=True)
class Report:
    """What an exploration has come to."""

    first: int = 0
    lives: int = 0
    steps: int = 0
    seconds: float = 0.0
    reached: Counter[str] = field(default_factory=Counter)
    violations: list[Result] = field(default_factory=list)

    @property
    def data(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "seeds": {"first": self.first, "lives": self.lives},
            "steps": self.steps,
            "seconds": round(self.seconds, 1),
            "lives_a_second": round(self.lives / self.seconds, 1) if self.seconds else None,
            "reached": dict(sorted(self.reached.items())),
            "violations": [{"seed": r.seed, "violation": r.violation} for r in self.violations],
        }


def explore(seeds: Iterable[int], seconds: float = float("inf")) -> Report:
    """Live through the seeds until the time is over."""
    report, started = Report(), time.monotonic()
    for seed in _until(seeds, started + seconds):
        result = live(seed)
        report.first = report.first if report.lives else seed
        report.lives += 1
        report.steps += result.steps
        report.reached.update(result.reached)
        report.violations += [result] if result.violation else []
    report.seconds = time.monotonic() - started
    return report


def _until(seeds: Iterable[int], end: float) -> Iterator[int]:
    for seed in seeds:
        if time.monotonic() >= end:
            return
        yield seed
