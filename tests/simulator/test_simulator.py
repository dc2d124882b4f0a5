"""The write path under a deterministic simulator: fixed seeds, fresh seeds, planted bugs."""

from __future__ import annotations

import json
import re
import secrets
from itertools import count
from pathlib import Path

import pytest

from tests.simulator.explore import FIXED, Report, explore
from tests.simulator.life import live
from tests.simulator.mutations import BOUND, MUTATIONS, seeds_needed
from tests.simulator.reached import SOMETIMES, missing
from tests.simulator.shrink import shrunk

FOLDER = Path(__file__).parent
FRESH_SECONDS = 40


@pytest.fixture(scope="module")
def fixed() -> Report:
    """The lives of the fixed seeds."""
    return explore(FIXED)


def test_nothing_that_is_always_true_was_ever_false(fixed: Report) -> None:
    assert [(result.seed, result.violation) for result in fixed.violations] == []


def test_every_fault_and_every_repair_was_really_reached(fixed: Report) -> None:
    assert missing(fixed.reached) == []


def test_fresh_seeds_find_nothing_either() -> None:
    found = explore(count(secrets.randbelow(2**40)), FRESH_SECONDS)
    wrong = [(result.seed, result.violation) for result in found.violations]
    assert wrong == [], f"replay: ./dev sim --seed {wrong[0][0]}"
    assert found.lives


@pytest.mark.parametrize("seed", [3, 7, 77])
def test_a_seed_is_replayed_to_the_letter(seed: int) -> None:
    assert live(seed).hash == live(seed).hash


@pytest.mark.parametrize(
    "found", json.loads((FOLDER / "seeds.json").read_text("utf-8")), ids=lambda f: f["seed"]
)
def test_what_was_found_once_stays_mended(found: dict[str, object]) -> None:
    assert live(int(str(found["seed"]))).violation == "", found["was"]


@pytest.mark.parametrize("name", sorted(MUTATIONS))
def test_a_planted_bug_is_found(name: str) -> None:
    number, _ = seeds_needed(name)
    assert number is not None, f"{name} lives on after {BOUND} lives"


def test_a_failure_is_shortened_to_what_is_needed() -> None:
    with MUTATIONS["drop the old place's tombstone"]():
        whole = next(result for result in map(live, count()) if result.violation)
        short = shrunk(whole)
    assert short.violation.split(":")[0] == whole.violation.split(":")[0]
    assert len(short.workload) < len(whole.workload)
    assert len(short.trace) < len(whole.trace)


def test_the_page_names_every_planted_bug_and_all_that_is_reached() -> None:
    page = (FOLDER / "README.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| ([^|]+?) \| (\d+) \|", page, re.MULTILINE))
    assert set(rows) == set(MUTATIONS)
    assert all(int(number) <= BOUND for number in rows.values())
    assert [name for name in SOMETIMES if f"`{name}`" not in page] == []
