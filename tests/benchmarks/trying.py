"""A plan tried on 240 000 facts: the same files every time, floor and trial in turn, in one process.

The floor reads the rows with the standard library (``csv.DictReader``, ``json``) and adds up their numbers.
What a bare ``csv.reader`` takes, which gives lists instead of rows by name, stands beside it.
"""

from __future__ import annotations

import csv
import json
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from dualtrack.adapters import facts_file, plan_file
from dualtrack.app.facts import facts
from dualtrack.app.sheet import read_as_numbers, uses
from dualtrack.app.trying import Trying
from dualtrack.domain.measures import RATIO
from dualtrack.domain.plan import Plan
from infra.bundling import ROOT
from infra.cli import tried
from infra.cli.sources import zone_named
from infra.cli.trying import uncollected
from tests.benchmarks.speed import Spread, spread

PEOPLE, METRICS, EACH = 100, 24, 100
FACTS = PEOPLE * METRICS * EACH
SEED, REPEATS = 20261001, 5
HALF = METRICS // 2
Row = dict[str, str]


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
        """Seconds that reading the rows and adding up their numbers takes."""
        numbers = read_as_numbers(self.plan)
        with uncollected():
            started = time.perf_counter()
            facts_file.floor(self.file.name, self.file.read_text("utf-8"), numbers)
            return time.perf_counter() - started

    def bare(self) -> float:
        """The same by position, with nothing but ``csv.reader``; 0 for JSON."""
        if self.file.suffix != ".csv":
            return 0.0
        with uncollected(), self.file.open(encoding="utf-8", newline="") as opened:
            started, total = time.perf_counter(), Decimal(0)
            rows = csv.reader(opened)
            heads = next(rows)
            places = [heads.index(name) for name in read_as_numbers(self.plan) if name in heads]
            for row in rows:
                for place in places:
                    if row[place]:
                        total += Decimal(row[place])
            return time.perf_counter() - started

    def measured(self) -> list[Spread]:
        """Floor, trial and the bare reader in turn, again and again; the first turn is warm-up."""
        turns = [(self.floor(), self.trial(), self.bare()) for _ in range(REPEATS + 1)][1:]
        return [spread(column) for column in zip(*turns, strict=True)]


def cases(folder: Path) -> list[Case]:
    """A value for each fact, in the order of people and shuffled; the marketing plan's many columns."""
    even, marketing = _even(), plan_file.load(ROOT / "events/plans/marketing.yaml")[0]
    rows = list(_values())
    made = [Case("24 sums, CSV", even, _csv(folder / "sums.csv", rows))]
    made.append(Case("24 sums, JSON lines", even, _json(folder / "sums.jsonl", rows)))
    dice = random.Random(SEED)
    dice.shuffle(rows)
    made.append(Case("24 sums, CSV, shuffled", even, _csv(folder / "shuffled.csv", rows)))
    again = rows + [row | {"version": "2"} for row in rows[: FACTS // 10]]
    dice.shuffle(again)
    made.append(Case("and a tenth of them corrected", even, _csv(folder / "corrected.csv", again)))
    counts = list(_counts(marketing))
    made.append(Case("marketing plan, CSV", marketing, _csv(folder / "marketing.csv", counts)))
    return [*made, Case("marketing plan, JSON lines", marketing, _json(folder / "marketing.jsonl", counts))]


def _even() -> Plan:
    """24 metrics on two tracks, each the sum of a measure of its own."""
    names = [f"m{n:02d}" for n in range(METRICS)]
    tracks = [("business", 60, names[:HALF]), ("management", 40, names[HALF:])]
    document: Mapping[str, Any] = {
        "id": "even",
        "version": 1,
        "effective": {"from": "2026-01-01"},
        "currency": "USD",
        "name": {"en": "Even", "zh": "平均"},
        "measures": [{"id": name, "kind": "sum"} for name in names],
        "tracks": [
            {"id": track, "weight": weight, "name": {"en": track, "zh": track}, "metrics": _metrics(mine)}
            for track, weight, mine in tracks
        ],
    }
    return plan_file.read(document)[0]


def _metrics(names: Sequence[str]) -> list[Mapping[str, Any]]:
    weights = ["8.33"] * (HALF - 1) + ["8.37"]
    return [
        {"id": name, "measure": name, "weight": weight, "target": 50000, "name": {"en": name, "zh": name}}
        for name, weight in zip(names, weights, strict=True)
    ]


def _values() -> Iterator[Row]:
    dice = random.Random(SEED)
    for person in range(PEOPLE):
        for metric in range(METRICS):
            for n in range(EACH):
                value = f"{dice.randrange(1, 100_000) / 100:.2f}"
                yield _row(f"E:e{person:03d}", f"m{metric:02d}", f"d{person}-{metric}-{n}", dice) | {
                    "value": value
                }


def _row(subject: str, measure: str, entity: str, dice: random.Random) -> Row:
    said = {"subject": subject, "measure": measure, "entity": entity}
    return said | {
        "occurred_at": f"2026-10-{dice.randrange(1, 32):02d}",
        "version": "1",
        "retracted": "false",
    }


def _counts(plan: Plan) -> Iterator[Row]:
    """As many facts of the plan's observed names in turn, each with all numbers that the plan reads of it."""
    dice = random.Random(SEED)
    names = list(
        dict.fromkeys(m.observed for m in plan.measures if m.kind != RATIO and m.observed != "training")
    )
    for person in range(PEOPLE):
        for n in range(METRICS * EACH):
            name = names[n % len(names)]
            used = uses(plan, name)
            numbers = {column: str(dice.randrange(1, 40)) for column in sorted(used.numbers)}
            texts = {column: "Won" if column == "stage" else f"t{n}" for column in sorted(used.texts)}
            yield _row(f"E:e{person:03d}", name, f"d{person}-{n}", dice) | numbers | texts


def _csv(file: Path, rows: Sequence[Row]) -> Path:
    heads = list(dict.fromkeys(head for row in rows for head in row))
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.DictWriter(opened, heads, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return file


def _json(file: Path, rows: Sequence[Row]) -> Path:
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return file
