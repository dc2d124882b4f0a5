"""A plan tried on 240 000 facts: the same file every time, floor and trial in turn, in one process."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dualtrack.adapters import facts_file, plan_file
from dualtrack.app.facts import facts
from dualtrack.app.sheet import read_as_numbers
from dualtrack.app.trying import Trying
from dualtrack.domain.plan import Plan
from infra.bundling import ROOT
from infra.cli import tried
from infra.cli.sources import zone_named
from infra.cli.trying import uncollected
from tests.benchmarks.speed import interleaved

PEOPLE, METRICS, EACH = 100, 24, 100
SEED = 20261001
HEADS = ("subject", "measure", "entity", "value", "occurred_at", "version", "retracted")


@dataclass(frozen=True, slots=True)
class Case:
    """A plan and a file of facts."""

    name: str
    plan: Plan
    file: Path

    def trial(self) -> float:
        """Seconds from opening the file to the JSON of all results."""
        with uncollected():
            started = time.perf_counter()
            sheet = facts_file.read(self.file.name, self.file.read_text("utf-8"))
            found = facts(sheet, self.plan, zone_named("UTC"))
            tried.as_json(Trying(self.plan, found).tried(), "")
            return time.perf_counter() - started

    def floor(self) -> float:
        """Seconds that the rows take, read by the standard library, with their numbers added up."""
        with uncollected():
            started = time.perf_counter()
            facts_file.floor(self.file.name, self.file.read_text("utf-8"), read_as_numbers(self.plan))
            return time.perf_counter() - started
