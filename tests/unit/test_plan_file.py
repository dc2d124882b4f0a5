"""Plan files: from YAML or JSON to a plan and back, all faults at once, differences, and what people type."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from dualtrack.adapters import plan_codec, plan_file, yaml_text
from dualtrack.adapters.memory import MemoryTable
from dualtrack.adapters.plan_diff import changes
from dualtrack.domain.errors import Problem, Refused
from infra.cli import plans
from infra.cli.__main__ import run
from tests.support.documents import GONE, WHOLE, changed

BUSINESS, REVENUE = "tracks/business", "tracks/business/metrics/revenue"
METRIC = "tracks.business.metrics.revenue"


def found(document: object) -> list[Problem]:
    """What is wrong with a document."""
    try:
        plan_file.read(document)
    except Refused as refused:
        return list(refused.problems)
    return []


EIGHT = [
    ("currency", "XXX"), (f"{BUSINESS}/weight", 50), (f"{REVENUE}/target", 0.5),
    (f"{REVENUE}/measure", "revenu"),
    (f"{REVENUE}/curve/table/2/0", "0.5"), (f"{REVENUE}/gates/0/when", {"course": "fils", "what": "passed"}),
    (f"{BUSINESS}/metrics/size/formula", "metrics.quality.points"), ("surprise", 1),
]  # fmt: skip
SAID = [
    ("currency", "unknown_currency"), ("surprise", "extra_forbidden"),
    ("tracks.management.metrics.quality", "circle"),
    (f"{METRIC}.curve.table", "overlap"), (f"{METRIC}.gates.0.when.0.course", "unknown_course"),
    (f"{METRIC}.measure", "unknown_measure"), (f"{METRIC}.target", "float"), ("tracks[].weight", "weights"),
]  # fmt: skip


def test_eight_faults_are_said_at_once_and_nothing_else() -> None:
    assert sorted((each.field, each.reason) for each in found(changed(*EIGHT))) == sorted(SAID)


def test_what_cannot_be_read_hides_nothing_else_and_brings_no_findings_of_its_own() -> None:
    document = changed(
        (f"{REVENUE}/weight", "much"), (f"{REVENUE}/name", GONE),
        (f"{REVENUE}/gates/0/when", {"course": "files"}),
        (f"{REVENUE}/gates/1/when", {"measure": "deals", "above": 1}), (f"{REVENUE}/modifiers/1/add", 1),
        (f"{REVENUE}/curve/table/1", [1]), ("measures/deals/kind", GONE), ("effective/from", GONE),
        ("tracks/management/metrics", GONE), ("payout/guarantee/amount", True), ("payout/gates", []),
        ("awards/annual/month", 13), (f"{BUSINESS}/metrics/size/direction", "left"),
        (f"{REVENUE}/pays/table", GONE), ("tracks/business/gates/0/when/track", "bussiness"),
        (f"{BUSINESS}/metrics/size/formula", "deals"),
    )  # fmt: skip
    assert sorted((each.field, each.reason) for each in found(document)) == sorted([
        ("awards.annual.month", "bad_range"),
        ("effective.from", "missing"),
        ("measures.deals.kind", "missing"),
        ("payout.guarantee.amount", "not_a_number"),
        ("tracks.business.gates.0.when.0.track", "unknown_track"),
        ("tracks.business.metrics.size.direction", "unknown_choice"),
        (f"{METRIC}.curve.table.1", "too_short"),
        (f"{METRIC}.gates.0.when", "condition"),
        (f"{METRIC}.gates.1", "gate"),
        (f"{METRIC}.modifiers.1", "modifier"),
        (f"{METRIC}.name", "missing"),
        (f"{METRIC}.pays.table", "missing"),
        (f"{METRIC}.weight", "not_a_number"),
        ("tracks.management.metrics", "missing"),
    ])  # fmt: skip


def test_a_document_that_is_none_is_refused() -> None:
    nothing: list[object] = [None, [], "plan", 7]
    assert [[each.field for each in found(document)] for document in nothing] == [["document"]] * 4


def written(folder: Path, document: Any, name: str = "plan.yaml") -> str:
    file = folder / name
    text = document if isinstance(document, str) else yaml.safe_dump(document, allow_unicode=True)
    file.write_text(text, encoding="utf-8")
    return str(file)


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("id: [\n", "line 2, column 1", "expected the node content"),
        ("id: a\nid: b\n", "line 2, column 1", "id stands here twice"),
        ("tracks:\n  - {id: a, weight: 1, weight: 2}\n", "line 2, column 24", "weight stands here twice"),
        ("a: 1\n---\nb: 2\n", "line 2, column 1", "another document"),
        ("id: 'x\n", "line 2, column 1", "unexpected end of stream"),
        ("\tid: x\n", "line 1, column 1", "cannot start any token"),
        ("id: *gone\n", "line 1, column 5", "undefined alias"),
        ("id: !!python/name:os.system x\n", "line 1, column 5", "could not determine a constructor"),
        ("id: !!int seven\n", "document", "seven"),
        ("[" * 3000, "document", ""),
    ],
)  # fmt: skip
def test_what_is_no_yaml_is_refused_by_line_and_column(
    tmp_path: Path, text: str, place: str, said: str
) -> None:
    with pytest.raises(Refused) as refused:
        plan_file.load(Path(written(tmp_path, text)))
    [problem] = refused.value.problems
    assert (problem.reason, problem.field) == ("not_yaml", place)
    assert said in problem.value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on", "on"), ("no", "no"), ("yes", "yes"), ("2026-01-01", "2026-01-01"), ("1:30", "1:30"),
        ("007", "007"), ("1_000", "1_000"), ("0x1F", "0x1F"), ("true", True), ("12", 12), ("-3", -3),
        ("0.95", 0.95), ("1e3", 1000.0), ("~", None), ("", None), ("a b", "a b"), ("'12'", "12"),
    ],
)  # fmt: skip
def test_a_word_in_yaml_is_what_people_mean(text: str, value: object) -> None:
    found = yaml_text.parsed(f"key: {text}\n")["key"]
    assert (found, type(found)) == (value, type(value))


def test_a_key_may_be_called_on_and_parts_may_be_named_once_and_used_again(tmp_path: Path) -> None:
    said = yaml_text.parsed("a: &a {on: value}\nb: {<<: *a, on: points, no: 1}\nc: *a\n")
    assert said == {"a": {"on": "value"}, "b": {"on": "points", "no": 1}, "c": {"on": "value"}}


def test_a_json_document_is_a_plan_file_too(tmp_path: Path) -> None:
    plan, text = plan_file.load(Path(written(tmp_path, json.dumps(WHOLE, ensure_ascii=False, indent=1))))
    assert (plan.ref, plan_codec.plan(text)) == ("whole@3", plan)


def test_a_plan_that_no_row_could_hold_is_refused() -> None:
    document = changed(("description", {"en": "x" * 350_000, "zh": "长"}))
    assert [each.reason for each in found(document)] == ["too_large"]


@pytest.mark.parametrize(
    ("short", "long"),
    [
        (("target", "0.95"), ("target", {"value": "0.95"})),
        (("gates", [{"when": {"measure": "deals", "above": 1}}]),
         ("gates", [{"when": [{"measure": "deals", "above": "1"}], "otherwise": "zero"}])),
        (("curve", {}), ("curve", {"kind": "linear", "tie": "upper", "table": []})),
    ],
)  # fmt: skip
def test_a_short_form_says_the_same_as_the_long_one(short: tuple[str, Any], long: tuple[str, Any]) -> None:
    said = [plan_file.read(changed((f"{REVENUE}/{place}", value), (f"{REVENUE}/pays", GONE)))[1]
            for place, value in (short, long)]  # fmt: skip
    assert said[0] == said[1]


def test_a_course_makes_measures_and_passed_means_its_score() -> None:
    plan, _ = plan_file.read(WHOLE)
    made = {m.id: (m.observed, m.kind, m.value, dict(m.when), m.window, m.months) for m in plan.measures[6:]}
    files = {"course": "files"}
    assert {name: each for name, each in made.items() if ".files." in name} == {
        "course.files.score": ("training", "last", "score", files, "rolling", 6),
        "course.files.hours": ("training", "sum", "hours", files, "rolling", 6),
        "course.files.progress": ("training", "max", "progress", files, "rolling", 6),
        "course.files.completed": ("training", "max", "completed", files, "rolling", 6),
    }
    gates, modifiers = plan.metric_of["revenue"][1].gates, plan.metric_of["revenue"][1].modifiers
    assert str(gates[0].conditions[0].id) == "course.files.score"
    assert (gates[0].conditions[0].test, str(gates[0].conditions[0].bound)) == ("at_least", "60")
    completed = modifiers[0].when[0]
    assert (completed.id, completed.test, str(completed.bound)) == ("course.tools.completed", "at_least", "1")


@pytest.mark.parametrize(("attempts", "kind"), [("best", "max"), ("last", "last"), ("first", "first")])
def test_which_exam_counts(attempts: str, kind: str) -> None:
    plan, _ = plan_file.read(changed(("courses/files/attempts", attempts)))
    assert plan.measure_of["course.files.score"].kind == kind


@pytest.mark.parametrize(
    ("measure", "rule"),
    [("deals", "zero"), ("violations", "zero"), ("quality", "exclude"), ("deal-size", "exclude")],
)
def test_what_happens_without_data_comes_from_the_measure(measure: str, rule: str) -> None:
    plan, _ = plan_file.read(changed((f"{REVENUE}/measure", measure), (f"{REVENUE}/pays", GONE)))
    assert plan.metric_of["revenue"][1].no_data == rule


def test_a_formula_without_data_holds_and_bounds_come_from_the_plan() -> None:
    plan, _ = plan_file.read(changed((f"{BUSINESS}/metrics/size/no_data", GONE), (f"{BUSINESS}/cap", GONE)))
    revenue, size = plan.metric_of["revenue"][1], plan.metric_of["size"][1]
    assert size.no_data == "hold"
    assert [str(each) for each in (revenue.cap, revenue.floor, size.cap, size.floor)] == [
        "130",
        "0",
        "110",
        "10",
    ]
    assert (revenue.round_attainment, size.round_attainment) == (4, 2)
    assert str(plan.track_of["business"].cap) == "130"


def test_a_difference_is_told_by_place() -> None:
    patch = [(f"{REVENUE}/direction", "down"), (f"{REVENUE}/target/value", 130000),
             (f"{REVENUE}/curve/table/1/0", "0.9"), (f"{REVENUE}/unit", GONE), ("awards", [])]  # fmt: skip
    document = changed(*patch)
    document["tracks"].reverse()
    before, after = plan_file.read(WHOLE)[1], plan_file.read(document)[1]
    told = {change.place: (change.before, change.after) for change in changes(before, after)}
    assert told == {
        "tracks": ("business, management", "management, business"),
        f"{METRIC}.direction": ("up", "down"),
        f"{METRIC}.target.value": ("120000", "130000"),
        f"{METRIC}.curve.table": ('[["0", "0"], ["0.8", "60"], ["1", "100"]]',
                                  '[["0", "0"], ["0.9", "60"], ["1", "100"]]'),
        f"{METRIC}.unit": ("CNY", ""),
        "awards": ("annual", ""),
        "awards.annual.id": ("annual", ""),
        "awards.annual.name.en": ("Annual", ""),
        "awards.annual.name.zh": ("年度", ""),
        "awards.annual.amount": ("1000", ""),
        "awards.annual.share": ("5", ""),
        "awards.annual.gates.0.when.0.measure": ("violations", ""),
        "awards.annual.gates.0.when.0.at_most": ("3", ""),
    }  # fmt: skip
    assert changes(before, before) == []


Capture = pytest.CaptureFixture[str]


def test_a_sound_file_is_one_line(tmp_path: Path, capsys: Capture) -> None:
    assert run(["plan", "check", written(tmp_path, WHOLE)]) == 0
    assert capsys.readouterr().out == "plan whole@3 is valid: from 2026-01-01, CNY, 3 metrics on 2 tracks\n"


def test_eight_faults_are_eight_lines_in_the_language_asked_for(tmp_path: Path, capsys: Capture) -> None:
    file = written(tmp_path, changed(*EIGHT))
    assert run(["plan", "check", file]) == 2
    english = capsys.readouterr()
    assert (english.out, len(english.err.splitlines())) == ("", 8)
    assert (
        "overlap: tracks.business.metrics.revenue.curve.table is 0.5 after 0.8; let every edge" in english.err
    )
    assert run(["--lang", "zh", "plan", "check", file]) == 2
    chinese = capsys.readouterr().err
    assert (
        "未知课程：tracks.business.metrics.revenue.gates.0.when.0.course 为 fils（请填其中之一：files）"
        in chinese
    )


def test_findings_as_json(tmp_path: Path, capsys: Capture) -> None:
    assert run(["plan", "check", written(tmp_path, changed(("currency", "XXX"))), "--format", "json"]) == 2
    [problem] = json.loads(capsys.readouterr().out)
    assert list(problem) == ["reason", "field", "value", "remedy"]
    assert (problem["reason"], problem["field"], problem["value"]) == ("unknown_currency", "currency", "XXX")
    assert run(["plan", "check", written(tmp_path, WHOLE), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_several_files_are_checked_by_name_and_against_each_other(tmp_path: Path, capsys: Capture) -> None:
    one = written(tmp_path, WHOLE, "one.yaml")
    other = written(tmp_path, changed(("id", "other"), ("for", {"teams": ["north", "south"]})), "other.yaml")
    bad = written(tmp_path, changed(("currency", "XXX")), "bad.yaml")
    assert run(["plan", "check", one, other, bad]) == 2
    said = capsys.readouterr()
    assert said.out.count("is valid") == 2
    assert f"{bad}: currency is XXX" in said.err
    assert "two_plans: effective is whole@3 and other@3 from 2026-01-01 on" in said.err


def test_a_diff_is_a_table(tmp_path: Path, capsys: Capture) -> None:
    old = written(tmp_path, WHOLE, "old.yaml")
    new = written(tmp_path, changed(("version", 4), (f"{REVENUE}/target/value", 130000)), "new.yaml")
    assert run(["plan", "diff", old, new]) == 0
    said = capsys.readouterr().out
    assert said.splitlines()[0] == "2 changes from whole@3 to whole@4:"
    assert [line.split() for line in said.splitlines()[2:]] == [
        [f"{METRIC}.target.value", "120000", "130000"], ["version", "3", "4"],
    ]  # fmt: skip
    assert run(["plan", "diff", old, old]) == 0
    assert capsys.readouterr().out == "whole@3 says the same as whole@3\n"


class Desk:
    """A tenant without services, in its zone."""

    outputs: Mapping[str, str] = {"Zone": "Asia/Shanghai"}

    def __init__(self) -> None:
        self.stack = self
        self.table = MemoryTable()


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    made = Desk()
    monkeypatch.setattr(plans, "operator", lambda context: made)
    return made


def test_what_a_version_changes_is_shown_before_it_is_published(
    desk: Desk, tmp_path: Path, capsys: Capture
) -> None:
    assert run(["plan", "publish", written(tmp_path, WHOLE)]) == 0
    assert capsys.readouterr().out == "plan whole@3 is published; 0 scorecards are scored again\n"
    later = changed(("version", 4), ("effective/from", "2026-06-01"), ("cap", 140))
    assert run(["plan", "publish", written(tmp_path, later)]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "3 changes from whole@3 to whole@4:"
    assert [line.split()[0] for line in said[2:-1]] == ["cap", "effective.from", "version"]
    assert said[-1].startswith("plan whole@4 is published")


def test_a_published_version_stays_and_may_be_sent_again(desk: Desk, tmp_path: Path, capsys: Capture) -> None:
    for _ in range(2):
        assert run(["plan", "publish", written(tmp_path, WHOLE)]) == 0
    assert run(["plan", "publish", written(tmp_path, changed(("cap", 140)))]) == 2
    assert "published: plan whole is version 3; raise its version" in capsys.readouterr().err


def test_a_second_plan_for_the_same_people_is_not_published(
    desk: Desk, tmp_path: Path, capsys: Capture
) -> None:
    assert run(["plan", "publish", written(tmp_path, WHOLE)]) == 0
    assert run(["plan", "publish", written(tmp_path, changed(("id", "other"), ("for", GONE)))]) == 2
    assert "two_plans: effective is other@3 and whole@3 from 2026-01-01 on" in capsys.readouterr().err
    assert (
        run(["plan", "publish", written(tmp_path, changed(("id", "other"), ("for", {"teams": ["south"]})))])
        == 0
    )


def test_a_plan_of_another_zone_is_not_published(desk: Desk, tmp_path: Path, capsys: Capture) -> None:
    assert run(["plan", "publish", written(tmp_path, changed(("zone", "Europe/Berlin")))]) == 2
    assert capsys.readouterr().err == (
        "dualtrack: other_zone: zone is Europe/Berlin; the tenant's zone is Asia/Shanghai\n"
    )
    assert not desk.table.query("DOC#plan", "", "Z")
