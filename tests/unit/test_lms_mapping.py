"""What a learning system says, in each of its forms, and what becomes of it: observations of `training`."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dualtrack.adapters import mapping_file
from dualtrack.adapters.mapping import Mappings, parse
from dualtrack.app.events import parse as event_of
from dualtrack.domain.errors import Refused
from dualtrack.domain.numbers import plain
from dualtrack.domain.observations import Fact

ROOT = Path(__file__).parents[2]
SHANGHAI, NOW = ZoneInfo("Asia/Shanghai"), datetime(2026, 4, 1, tzinfo=UTC)
SOURCE = ROOT / "events/sources/lms"
LMS = Mappings([parse(mapping_file.stored(mapping_file.load(SOURCE / "mapping.yaml")))])
VERBS = "http://adlnet.gov/expapi/verbs/"


def sample(name: str) -> list[Any]:
    """The events of a sample file, as the route reads them."""
    found: list[Any] = event_of((SOURCE / "samples" / name).read_text("utf-8"))
    return found


def fact(event: Any) -> Fact:
    """What the mapping makes of it in Shanghai."""
    return LMS(event, NOW, SHANGHAI)


def trained(event: Any) -> list[tuple[str, str, str, dict[str, str]]]:
    """Employee, day, course and numbers of every observation of `training`."""
    return [
        (place.subject[2:], place.day, str(values["course"]), _numbers(values))
        for place, values in fact(event).parts
        if place.measure == "training"
    ]


def _numbers(values: Any) -> dict[str, str]:
    return {name: plain(value) for name, value in values.items() if isinstance(value, Decimal)}


OWN = [
    # the source's own events, in the order of the sample
    ("2026-03-02", {}),  # enrolled: nothing is known yet, only that somebody is
    ("2026-03-04", {"progress": "0.5", "hours": "2.5"}),
    ("2026-03-06", {"score": "55"}),
    ("2026-03-09", {"score": "78"}),
    ("2026-03-09", {"completed": "1", "progress": "1", "hours": "3.5"}),
]


def test_own_events_become_training() -> None:
    found = [trained(each) for each in sample("events.json")]
    assert found == [[("A01", day, "competitor_tools", numbers)] for day, numbers in OWN]


def test_an_exam_is_observed_as_such_too_for_plans_that_pay_by_its_mean() -> None:
    [exam, training] = fact(sample("events.json")[2]).parts
    assert [exam[0].measure, training[0].measure] == ["exam", "training"]
    assert exam[1]["score"] == Decimal(55)


def test_an_exam_without_a_course_is_an_exam_and_no_training() -> None:
    event = sample("events.json")[2]
    event["data"].pop("course")
    assert [place.measure for place, _ in fact(event).parts] == ["exam"]


@pytest.mark.parametrize(("number", "field"), [(0, "withdrawn"), (4, "revoked")])
def test_what_is_withdrawn_leaves_nothing(number: int, field: str) -> None:
    event = sample("events.json")[number]
    event["data"] |= {field: True, "version": 2}
    assert fact(event).parts == ()


STATEMENTS = [
    # verb, employee, numbers: by the verbs and results of the xAPI specification
    ("attempted", "li.na@example.com",
     {"score": "95", "completed": "1", "hours": "0.34277777777778"}),  # 0.95 × 100; 1234 s / 3600
    ("experienced", "A01", {"hours": "1.5"}),
    ("progressed", "A01", {"progress": "0.4", "hours": "0.33333333333334"}),
    ("completed", "A01", {"progress": "1", "completed": "1"}),  # its duration repeats that of the sessions
    ("passed", "A01", {"score": "92"}),  # 46 of 50
    ("failed", "A01", {"score": "40"}),
]  # fmt: skip


@pytest.mark.parametrize(("number", "row"), list(enumerate(STATEMENTS)), ids=[row[0] for row in STATEMENTS])
def test_a_statement_becomes_training(number: int, row: tuple[str, str, dict[str, str]]) -> None:
    verb, employee, numbers = row
    event = sample("xapi.json")[number]
    assert event["data"]["verb"]["id"] == VERBS + verb
    assert trained(event) == [(employee, "2026-03-05", "customer_files", numbers)]


def test_a_statement_of_another_verb_counts_nothing() -> None:
    assert fact(sample("xapi.json")[6]).parts == ()


def test_a_voiding_statement_takes_back_the_one_it_names() -> None:
    passed, voiding = (fact(sample("xapi.json")[number]) for number in (4, 7))
    assert voiding.entity == passed.entity
    assert voiding.parts == ()
    assert (voiding.version, voiding.rank) > (passed.version, passed.rank)


def test_a_score_of_progress_is_no_grade() -> None:
    event = sample("xapi.json")[2]
    event["data"]["result"] = {"score": {"scaled": Decimal("0.22"), "raw": Decimal("22"), "max": 100}}
    assert trained(event)[0][3] == {"progress": "0.22"}


def test_a_score_without_a_greatest_one_is_out_of_100() -> None:
    event = sample("xapi.json")[4]
    event["data"]["result"] = {"score": {"raw": 88}}
    assert trained(event)[0][3] == {"score": "88"}


def test_a_score_of_nothing_is_0_and_not_absent() -> None:
    event = sample("xapi.json")[5]
    event["data"]["result"] = {"score": {"scaled": 0}}
    assert trained(event)[0][3] == {"score": "0"}


def test_the_time_of_the_experience_decides_the_day_and_not_that_of_storing() -> None:
    event = sample("xapi.json")[1]
    event["data"] |= {"timestamp": "2026-02-28T17:00:00Z", "stored": "2026-03-05T00:00:00Z"}
    assert trained(event)[0][1] == "2026-03-01", "already March in Shanghai"


def test_a_duration_of_years_is_refused() -> None:
    event = sample("xapi.json")[1]
    event["data"]["result"]["duration"] = "P3Y"
    with pytest.raises(Refused, match="'P3Y' is no duration"):
        fact(event)


def test_a_statement_without_a_person_is_refused() -> None:
    event = sample("xapi.json")[1]
    event["data"]["actor"] = {"objectType": "Agent", "name": "Li Na"}
    with pytest.raises(Refused, match="name the employee or the team"):
        fact(event)


def exported() -> list[Any]:
    """The rows of the export, each as the event that carries it."""
    with (SOURCE / "samples/export.csv").open(encoding="utf-8", newline="") as rows:
        return [
            {
                "specversion": "1.0",
                "id": f"export-{number}",
                "source": "lms",
                "type": "lms.export.row",
                "time": row["exported"],
                "data": row,
            }
            for number, row in enumerate(csv.DictReader(rows))
        ]


EXPORTED = [
    ("A01", "2026-03-10", "sales_policy",
     {"progress": "1", "hours": "4.09166666666667", "score": "92", "completed": "1"}),  # 4 h 5.5 min
    ("A02", "2026-03-12", "sales_policy", {"progress": "0.35", "hours": "1.2"}),
    ("A03", "2026-03-03", "customer_files", {"progress": "0"}),
    ("A04", "2026-03-20", "competitor_tools", {"progress": "0.8", "hours": "3", "score": "40"}),  # 20 of 50
]  # fmt: skip


def test_a_row_of_an_export_becomes_training() -> None:
    assert [trained(each) for each in exported()] == [[row] for row in EXPORTED]


def test_a_row_exported_again_replaces_itself() -> None:
    [_, row, *_] = exported()
    again = row | {
        "data": row["data"]
        | {"completed": "2026-04-01", "status": "completed", "exported": "2026-04-01T08:00:00+08:00"}
    }
    first, second = fact(row), fact(again)
    assert (first.kind, first.entity) == (second.kind, second.entity)
    assert second.version > first.version
    assert trained(again)[0][1:] == (
        "2026-04-01", "sales_policy", {"progress": "1", "hours": "1.2", "completed": "1"}
    )  # fmt: skip
