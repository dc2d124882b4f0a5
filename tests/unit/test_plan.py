"""What is wrong with a plan: each kind of fault by place, value and remedy, readable in both languages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from dualtrack.adapters import plan_file
from dualtrack.adapters.plan_codec import plan as parsed
from dualtrack.domain.checks import problems, problems_among, problems_with
from dualtrack.domain.errors import Problem, Refused
from dualtrack.domain.plan import Whom
from infra.cli.reasons import REASONS
from infra.cli.remedies import in_chinese
from tests.support.documents import GONE, WHOLE, Document, changed
from tests.support.world import stored_plan

TABLE = Path(__file__).with_name("wrong_plans.txt")
LONG = {"REVENUE": "tracks/business/metrics/revenue", "SIZE": "tracks/business/metrics/size"}


@dataclass(frozen=True)
class Wrong:
    """A row of the table: the document, and what is said of it."""

    document: Document
    reason: str
    place: str
    value: str
    remedy: str


def found(document: object) -> list[Problem]:
    """What is wrong with a document."""
    try:
        plan_file.read(document)
    except Refused as refused:
        return list(refused.problems)
    return []


def rows() -> Iterator[tuple[str, Wrong]]:
    """The table, line by line."""
    for line in TABLE.read_text("utf-8").splitlines():
        name, patch, reason, place, value, remedy = (cell.strip() for cell in line.split(" | "))
        if not name.startswith("#"):
            yield name, Wrong(changed(*patches(patch)), reason, spelt(place, "."), value, remedy)


def patches(said: str) -> Iterator[tuple[str, Any]]:
    """``place = value`` after ``;``; ``gone`` takes a field away."""
    for each in said.split("; "):
        place, _, value = each.partition(" = ")
        yield spelt(place, "/"), GONE if value == "gone" else json.loads(value)


def spelt(place: str, between: str) -> str:
    """A place without the short names of the table."""
    for short, way in LONG.items():
        place = place.replace(short, way.replace("/", between))
    return place


WRONG = dict(rows())


@pytest.mark.parametrize("name", WRONG)
def test_a_plan_with_a_fault_is_refused_by_place_value_and_remedy(name: str) -> None:
    row = WRONG[name]
    told = {(each.reason, each.field): each for each in found(row.document)}
    assert (row.reason, row.place) in told
    problem = told[row.reason, row.place]
    assert problem.value.strip() == row.value or (row.value == "{…" and problem.value.startswith("{"))
    assert row.remedy in problem.remedy


@pytest.mark.parametrize("name", WRONG)
def test_a_refusal_can_be_read_in_chinese(name: str) -> None:
    told = found(WRONG[name].document)
    assert {each.reason for each in told} <= set(REASONS)
    assert [each.remedy for each in told if in_chinese(each.remedy) == each.remedy] == []


def test_a_plan_that_uses_the_whole_language_is_sound() -> None:
    assert found(WHOLE) == []


def test_somebody_has_to_pay() -> None:
    patch = [("tracks/business/metrics/revenue/pays", GONE), ("awards", []), ("payout", {"basis": "none"})]
    assert [(each.reason, each.field) for each in found(changed(*patch))] == [("missing", "payout.basis")]


@pytest.mark.parametrize("name", ["demo-2017", "marketing", "sales-commission"])
def test_a_shipped_plan_is_sound_and_says_the_same_after_storing(name: str) -> None:
    plan, text = stored_plan(name)
    assert parsed(text) == plan
    assert problems(plan) == []


@dataclass(frozen=True)
class Days:
    """What a plan claims, in one line: ``a 1 01-01 06-30 north``."""

    id: str
    version: int
    start: date
    end: date | None
    whom: Whom


def claim(said: str) -> Days:
    """Name, version, first and last day of 2026, teams (``E:`` employees); ``-`` is open."""
    name, version, start, end, *who = said.split()
    days = [None if day == "-" else date.fromisoformat(f"2026-{day}") for day in (start, end)]
    assert days[0] is not None
    employees = frozenset(each[2:] for each in who if each.startswith("E:"))
    teams = frozenset(each for each in who if not each.startswith("E:"))
    return Days(name, int(version), days[0], days[1], Whom(teams, employees))


TOGETHER = [
    (["a 1 01-01 -", "b 1 03-01 -"], "a@1 and b@1 from 2026-03-01 on"),
    (["a 1 01-01 02-28", "b 1 03-01 -"], ""),
    (["a 1 01-01 03-01", "b 1 03-01 -"], "a@1 and b@1 from 2026-03-01 on"),
    (["a 1 01-01 - north", "b 1 01-01 - south"], ""),
    (["a 1 01-01 - north east", "b 1 01-01 - south east"], "a@1 and b@1 from 2026-01-01 on"),
    (["a 1 01-01 - north", "b 1 01-01 -"], "a@1 and b@1 from 2026-01-01 on"),
    (["a 1 01-01 - E:ann", "b 1 01-01 - E:ann E:bob"], "a@1 and b@1 from 2026-01-01 on"),
    (["a 1 01-01 - E:ann", "b 1 01-01 - E:bob"], ""),
    (["a 1 01-01 - E:ann", "b 1 01-01 - north"], ""),  # whether ann is in the north, the roster knows
    (["a 1 01-01 -", "a 2 03-01 -"], ""),
    (["a 1 01-01 -", "a 2 03-01 05-31", "b 1 06-01 -"], ""),  # what has ended does not fall back to version 1
    (["a 1 01-01 -", "a 2 03-01 - north", "b 1 03-01 - south"], ""),
    (["a 1 01-01 -", "a 2 03-01 - north", "b 1 02-28 - south"], "a@1 and b@1 from 2026-02-28 on"),
]  # fmt: skip


@pytest.mark.parametrize(("said", "expected"), TOGETHER)
def test_two_plans_over_one_day_for_one_employee_are_refused_by_name(said: list[str], expected: str) -> None:
    claims = [claim(each) for each in said]
    told = [each.value for each in problems_among(claims)]
    assert told == ([expected] if expected else [])


@pytest.mark.parametrize(("said", "expected"), TOGETHER)
def test_a_plan_is_only_compared_with_others(said: list[str], expected: str) -> None:
    *others, newest = (claim(each) for each in said)
    told = problems_with(newest, [*others, newest])
    assert [sorted(each.value.split(" from ")[0].split(" and ")) for each in told] == (
        [["a@1", "b@1"]] if expected else []
    )
