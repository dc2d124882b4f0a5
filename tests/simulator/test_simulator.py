"""The write path under a deterministic simulator: fixed seeds, fresh seeds, planted bugs."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from itertools import count
from pathlib import Path
from unittest.mock import patch

import pytest

from tests.simulator.explore import FIXED, explore
from tests.simulator.invariants import History
from tests.simulator.life import Result, live
from tests.simulator.mutations import BOUND, MUTATIONS, seeds_needed
from tests.simulator.pages import PAGE, stated
from tests.simulator.reached import SOMETIMES, missing
from tests.simulator.shrink import shrunk
from tests.simulator.simulation import Scheduler, Violation

FOLDER = Path(__file__).parent
FRESH_SECONDS = 40
FUNCTIONS = ("receive", "measure", "score", "relay", "human", "open", "settle", "review", "book", "files",
             "release")  # fmt: skip


def test_the_fixed_seeds_find_nothing_and_reach_every_fault_and_every_repair() -> None:
    found = explore(FIXED)
    assert [(result.seed, result.violation) for result in found.violations] == []
    assert missing(found.reached) == []


def test_fresh_seeds_find_nothing_either() -> None:
    found = explore(count(secrets.randbelow(2**40)), FRESH_SECONDS)
    wrong = [(result.seed, result.violation) for result in found.violations]
    assert wrong == [], f"replay: ./dev sim --seed {wrong[0][0]}"
    assert found.lives


def test_a_seed_is_replayed_to_the_letter_in_another_process_too() -> None:
    seeds = [3, 7, 77]
    code = f"from tests.simulator.life import live; print(*[live(seed).hash for seed in {seeds}])"
    here = [live(seed).hash for seed in seeds]
    for order in ("1", "2"):  # of what Python keeps in sets
        env = os.environ | {"PYTHONHASHSEED": order, "PYTHONPATH": os.pathsep.join(sys.path)}
        done = subprocess.run(
            [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True
        )
        assert done.stdout.split() == here


@pytest.mark.parametrize(
    "found", json.loads((FOLDER / "seeds.json").read_text("utf-8")), ids=lambda f: f["seed"]
)
def test_what_was_found_once_stays_mended(found: dict[str, object]) -> None:
    assert live(int(str(found["seed"]))).violation == "", found["was"]


@pytest.mark.parametrize("name", sorted(MUTATIONS))
def test_a_planted_bug_is_found_after_as_many_lives_as_the_page_says(name: str) -> None:
    number, _ = seeds_needed(name)
    assert number is not None, f"{name} lives on after {BOUND} lives"
    assert stated()[name] == number, "run ./dev sim --mutations: it writes the table"


@pytest.mark.parametrize("function", FUNCTIONS)
def test_nothing_swallows_a_violation(function: str) -> None:
    assert violated(function).violation == "planted"


def violated(function: str) -> Result:
    """The first life in which this function has an effect, which is said to be wrong, once."""
    planted: list[str] = []

    def look(self: History) -> None:
        nerve = self.cloud.nerve
        if isinstance(nerve, Scheduler) and not planted and nerve.here().startswith(function):
            planted.append(function)
            raise Violation("planted")

    with patch.object(History, "look", look):
        return next(result for result in map(live, count()) if planted)


def test_a_failure_is_shortened_to_what_is_needed() -> None:
    with MUTATIONS["drop the old place's tombstone"]():
        whole = next(result for result in map(live, count()) if result.violation)
        short = shrunk(whole)
    assert short.violation.split(":")[0] == whole.violation.split(":")[0]
    assert len(short.workload) < len(whole.workload)
    assert len(short.trace) < len(whole.trace)


def test_the_page_names_every_planted_bug_and_all_that_is_reached() -> None:
    page = PAGE.read_text("utf-8")
    assert set(stated()) == set(MUTATIONS)
    assert [name for name in SOMETIMES if f"`{name}`" not in page] == []
