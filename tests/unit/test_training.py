"""Training as a stage of the route: a finished course changes the score; everybody sees where they stand."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from dualtrack.adapters import mapping_file
from dualtrack.app import training
from dualtrack.app.documents import publish
from dualtrack.app.training import Standing
from dualtrack.domain.errors import Refused
from dualtrack.domain.observations import Observation
from infra.cli import place
from infra.cli.__main__ import run
from tests.support.events import employee
from tests.support.forms import ROOT, Event, form, learned, observed, shipped, targets
from tests.support.world import World

PLAN = shipped("marketing")
MARCH = "2026-03"
Say = Callable[..., tuple[int, str, str]]


@pytest.fixture
def world() -> World:
    """Ann and bob in the marketing plan, with the targets that it leaves to the tenant."""
    made = World("marketing", "Asia/Shanghai")
    made.now = datetime(2026, 4, 1, tzinfo=UTC)
    facts = mapping_file.stored(mapping_file.load(ROOT / "events/sources/facts/mapping.yaml"))
    publish(made.table, "source", "facts", 1, facts)
    terms = {"currency": "CNY", "base": 1000000}
    made.take(employee("ann", **terms), employee("bob", **terms))
    said = dict.fromkeys(("exposure", "revenue", "volume", "new_customers"), "100")
    made.take(*(each for period in ("2026-02", MARCH) for each in targets(period, **said)))
    return made


def exam(
    score: int | str, day: str = "2026-03-09", course: str = "competitor-analysis", **more: Any
) -> Event:
    """An exam of ann."""
    return learned("exam", day, course=course, score=score, **more)


def done(day: str = "2026-03-09", course: str = "competitor-analysis", **more: Any) -> Event:
    """A completion of ann."""
    return learned("completed", day, course=course, **more)


def report(day: str = "2026-03-16") -> Event:
    """Ann's report, 24 hours after the competitor's move, marked 80."""
    return form("report", day, features="a", target_users="b", impact="c", advice="d", hours=24, quality=80)


def points(world: World, metric: str, period: str = MARCH) -> str:
    """What ann's live scorecard gives a metric."""
    found: str = world.card("ann", period)["points"][metric]
    return found


# A course that is finished changes the live score.


def test_a_course_that_is_finished_changes_the_live_score(world: World) -> None:
    world.take(report())
    assert points(world, "report_quality") == "0"  # not completed: ineligible
    world.take(done())
    assert points(world, "report_quality") == "80"
    world.take(exam(78))
    assert points(world, "report_quality") == "85"  # passed: + 5


def test_an_exam_adds_a_tenth_of_it_to_the_files(world: World) -> None:
    world.take(form("files", customers=100, covered=95, files=10, updated=3, checked=10, correct=9))
    assert points(world, "file_coverage") == "100"
    world.take(exam(92, course="crm-files"))
    assert [points(world, m) for m in ("file_coverage", "file_updates", "file_accuracy")] == ["109.2"] * 3


def test_a_statement_counts_like_an_exam(world: World) -> None:
    world.take(report(), done())
    [passed] = [each for each in _samples("xapi.json") if each["data"]["verb"]["id"].endswith("/passed")]
    passed["data"]["actor"]["account"]["name"] = "ann"
    passed["data"]["object"]["id"] = "https://lms.example.com/xapi/course/competitor-analysis"
    world.take(passed)
    assert points(world, "report_quality") == "85"
    [voiding] = [each for each in _samples("xapi.json") if each["data"]["verb"]["id"].endswith("/voided")]
    world.take(voiding)
    assert points(world, "report_quality") == "80"


def _samples(name: str) -> list[Any]:
    found: list[Any] = json.loads((ROOT / "events/sources/lms/samples" / name).read_text("utf-8"))
    return found


def test_a_course_of_last_month_counts_this_month_whenever_it_becomes_known(world: World) -> None:
    world.take(report())
    world.take(done("2026-02-20"), exam(60, "2026-02-20"))
    assert points(world, "report_quality") == "85"


def test_a_course_that_is_finished_next_month_does_not_count_in_this_one(world: World) -> None:
    world.take(report(), done("2026-04-01"))
    assert points(world, "report_quality") == "0"


def test_a_completion_that_is_revoked_counts_no_more(world: World) -> None:
    completion = done()
    world.take(report(), completion)
    assert points(world, "report_quality") == "80"
    world.take(completion | {"id": "again", "data": completion["data"] | {"version": 2, "revoked": True}})
    assert points(world, "report_quality") == "0"


# Where somebody stands.


def trained(*events: Event) -> list[Observation]:
    """The observations of training that events make."""
    return [row for row in observed(events) if row.place.measure == "training"]


def stands(*events: Event, period: str = MARCH, **rules: Any) -> Standing:
    """Where events leave ann in the course on competitors, by its rules or others."""
    course = replace(PLAN.courses[1], **rules)
    kind = {"best": "max", "last": "last", "first": "first"}[course.attempts]
    measures = tuple(
        replace(m, kind=kind) if m.id == "course.competitor_tools.score" else m for m in PLAN.measures
    )
    return training.standing(replace(PLAN, measures=measures), course, trained(*events), period)


ATTEMPTS = [
    # which counts, scores in order, (score that counts, its place), passed
    ("best", (55, 78, 60), ("78", 1), True),
    ("last", (55, 78, 58), ("58", 2), False),
    ("first", (55, 78, 90), ("55", 0), False),
    ("best", (70, 70), ("70", 1), True),  # of equal ones the later: it stays valid longer
    ("best", (60,), ("60", 0), True),
    ("best", ("59.99",), ("59.99", 0), False),
]


@pytest.mark.parametrize(("which", "scores", "counts", "passed"), ATTEMPTS)
def test_which_attempt_counts(
    which: str, scores: tuple[Any, ...], counts: tuple[str, int], passed: bool
) -> None:
    found = stands(*(exam(score, f"2026-03-0{n + 1}") for n, score in enumerate(scores)), attempts=which)
    assert [str(n) for n, each in enumerate(found.attempts) if each.counts] == [str(counts[1])]
    assert (found.score, found.passed) == (Decimal(counts[0]), passed)


VALID = [
    # what was done when, the course's months, until when it holds in March
    ([exam(70, "2026-03-09")], 12, "2027-02-28"),  # March included
    ([exam(70, "2025-04-02")], 12, "2026-03-31"),  # the last month
    ([exam(70, "2025-04-02"), exam(65, "2026-01-20")], 12, "2026-12-31"),  # the later one carries on
    ([exam(50, "2026-03-09")], 12, ""),  # neither passed nor completed
    ([exam(50, "2026-03-09"), done("2026-02-01")], 12, "2027-01-31"),  # completed
    ([exam(70, "2026-03-09"), done("2025-05-01")], 12, "2027-02-28"),  # passed comes first
    ([exam(70, "2026-03-09")], 1, "2026-03-31"),
    ([], 12, ""),
]


@pytest.mark.parametrize(("events", "months", "until"), VALID)
def test_until_when_a_course_is_valid(events: list[Event], months: int, until: str) -> None:
    assert stands(*events, months=months).until == until


STATES = [
    ([], "none"),
    ([learned("enrolled", course="competitor-analysis")], "begun"),
    ([learned("progress", course="competitor-analysis", progress="0.4", hours=2)], "begun"),
    ([exam(59)], "failed"),
    ([exam(59), done()], "completed"),
    ([exam(60)], "passed"),
]


@pytest.mark.parametrize(("events", "state"), STATES)
def test_how_far_somebody_is(events: list[Event], state: str) -> None:
    assert stands(*events).state == state


def test_hours_add_up_and_progress_is_the_furthest() -> None:
    days = [("2026-03-02", "0.3", "1.5"), ("2026-03-04", "0.8", "2.25"), ("2026-03-05", "0.7", "0")]
    found = stands(
        learned("enrolled", "2026-03-01", course="competitor-analysis"),
        *(learned("progress", day, course="competitor-analysis", progress=p, hours=h) for day, p, h in days),
    )
    assert (found.enrolled, found.progress, found.hours) == ("2026-03-01", Decimal("0.8"), Decimal("3.75"))


def test_without_a_pass_score_completed_is_passed() -> None:
    assert stands(done(), pass_score=None).state == "passed"
    assert stands(exam(100), pass_score=None).state == "failed"


# What people see.


@pytest.fixture
def say(world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Say:
    monkeypatch.setattr(place, "operator", lambda tenant, outputs: SimpleNamespace(stack=world))

    def said(*arguments: str) -> tuple[int, str, str]:
        code = run(arguments)
        told = capsys.readouterr()
        return code, told.out, told.err

    return said


@pytest.fixture
def learning(world: World) -> World:
    """Ann has failed and then passed the course on competitors, and is at the files."""
    world.take(report(), learned("enrolled", "2026-03-01", course="competitor-analysis"))
    world.take(done(hours=6), exam(55, "2026-03-06"), exam(78))
    world.take(learned("progress", course="crm-files", progress="0.25", hours="1.5"))
    return world


def test_a_course_is_shown_with_what_it_does(learning: World, say: Say) -> None:
    code, out, _ = say("training", "show", "ann", MARCH)
    rows = [" ".join(line.split()) for line in out.splitlines()]
    assert code == 0
    assert rows[0] == "training of ann, 2026-03, plan marketing@1"
    assert rows[2:5] == [
        "Customer file management 2026-03-16 25 % 1.5 / 8 60 begun",
        "Competitor analysis tools 2026-03-01 100 % 6 / 6 55, 78 (counts) 60 passed 2027-02-28",
        "Sales policy 0 / 4 60 not begun",
    ]
    [quality] = [row for row in rows if row.startswith("Competitor analysis tools Competitor report quality")]
    assert "scored 85 Course completed: the gate lets pass; Course passed: 80, add 5 → 85" in quality


def test_it_is_shown_in_chinese(learning: World, say: Say) -> None:
    out = say("--lang", "zh", "training", "show", "ann", MARCH)[1]
    assert "竞品分析工具" in out
    assert "78（计入）" in out
    assert "完成课程: 门槛已通过; 通过课程: 80, add 5 → 85" in out


def test_programs_get_everything_with_decimals_as_texts(learning: World, say: Say) -> None:
    found = json.loads(say("training", "show", "ann", MARCH, "--format", "json")[1])
    files, tools, _ = found["courses"]
    assert (found["plan"], files["progress"], files["hours"], files["feeds"][0]["state"]) == (
        "marketing@1", "0.25", "1.5", "excluded",
    )  # fmt: skip
    assert [(a["day"], a["score"], a["counts"]) for a in tools["attempts"]] == [
        ("2026-03-06", "55", False),
        ("2026-03-09", "78", True),
    ]
    assert (tools["passed"], tools["valid_until"], tools["hours_required"]) == (True, "2027-02-28", "6")
    assert [(f["of"], f["id"], f["points"]) for f in tools["feeds"]] == [
        ("metric", "response_hours", "105"),
        ("metric", "report_quality", "85"),
    ]


def test_a_gate_that_shuts_says_so(world: World, say: Say) -> None:
    world.take(report())
    found = json.loads(say("training", "show", "ann", MARCH, "--format", "json")[1])
    [shut] = found["courses"][1]["feeds"][1]["effects"]
    assert (shut["rule"], shut["result"], shut["name"]["en"]) == ("gate", "ineligible", "Course completed")
    assert "course.competitor_tools.completed none" in shut["given"]


def test_a_gate_behind_another_that_shuts_says_nothing(world: World) -> None:
    late = form("report", features="a", target_users="b", impact="c", advice="d", hours=25, quality=80)
    world.take(late)
    _, found = training.shown(world.table, world.plans(), "ann", MARCH)
    assert {feed.id: feed.effects for feed in found[1].feeds}["report_quality"] == ()


def test_whoever_has_not_completed_a_course_is_listed(learning: World, say: Say) -> None:
    found = json.loads(say("training", "list", MARCH, "--format", "json")[1])
    assert [(each["employee"], each["course"], each["state"]) for each in found] == [
        ("ann", "customer_files", "begun"),
        ("ann", "sales_policy", "none"),
        ("bob", "customer_files", "none"),
        ("bob", "competitor_tools", "none"),
        ("bob", "sales_policy", "none"),
    ]
    assert "not begun" in say("training", "list", MARCH)[1]


def test_a_course_whose_validity_ends_is_listed_too(world: World, say: Say) -> None:
    for course in ("crm-files", "competitor-analysis", "sales-policy"):
        world.take(*(exam(90, "2025-04-10", course, employee=who) for who in ("ann", "bob")))
    out = say("training", "list", MARCH)[1]
    assert out.count("passed, ends with the period") == 6
    assert say("training", "list", "2026-02")[1] == "everybody has completed every course\n"


def test_a_plan_without_courses_has_none_to_show(
    say: Say, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = replace(PLAN, courses=(), measures=tuple(m for m in PLAN.measures if m.observed != "training"))
    tracks = tuple(
        replace(t, metrics=tuple(replace(m, gates=(), modifiers=()) for m in t.metrics)) for t in bare.tracks
    )
    monkeypatch.setattr(world, "plans", lambda: [replace(bare, tracks=tracks)])
    assert "plan marketing@1 has no courses" in say("training", "show", "ann", MARCH)[1]
    assert say("training", "list", MARCH)[1] == "everybody has completed every course\n"


@pytest.mark.parametrize(
    ("employee", "period", "wrong"),
    [("zoe", MARCH, "unknown_employee"), ("ann", "march", "bad_period"), ("ann", "2025-12", "no_plan")],
)
def test_whom_and_when_have_to_exist(world: World, employee: str, period: str, wrong: str) -> None:
    with pytest.raises(Refused, match=wrong):
        training.shown(world.table, world.plans(), employee, period)
