"""The scenario runner: what a file may look like, what is said about a mistake, what a wrong row says."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from dualtrack.domain.errors import Refused
from infra.cli.__main__ import run
from infra.scenario.cells import Wanted, Who, Wrong, decimal, people, wanted
from infra.scenario.facts import mapping
from infra.scenario.memory import MemoryTenant
from infra.scenario.names import Names
from infra.scenario.parse import Row, Scenario, parse
from infra.scenario.play import Failure, play
from infra.scenario.tenant import publish_source

NOW = datetime(2026, 1, 1, tzinfo=UTC)
D = Decimal
PLAN = """plan
  currency: USD
  measures: [{id: sales, kind: sum}]
  tracks: [{id: sales, weight: 100, metrics: [{id: sales, measure: sales, weight: 100, target: 100}]}]
"""
ANN = "employee | ann | base 1,000.00 | team east | currency USD | from 2024-01-01\n"


def read(text: str) -> Scenario:
    """The one scenario of some rows."""
    [found] = parse(f"scenario | about it\n{text}", "s.txt")
    return found


def rows(text: str) -> list[Row]:
    return list(read(text).rows)


def failures(text: str) -> list[Failure]:
    return play(read(text), MemoryTenant(NOW))


def found(text: str) -> list[tuple[int, str, str]]:
    """Of every row that came out otherwise: line, expected, found."""
    return [(each.line, each.expected, each.found) for each in failures(text)]


@pytest.mark.parametrize(
    "line",
    [
        "fact | ann | sales | 2024-01-15 | 9,000 | entity D1 | size 3 | stage Won",
        "FACT|ann|sales|2024-01-15|9 000|entity D1|size 3|stage Won",
        "| event | ann | sales | 2024-01-15 | 9000.00 | stage Won | size 3 | entity D1 |",
        "fact\tann\tsales\t2024-01-15\t9,000\tentity D1\tsize 3\tstage Won\t\t",
        "事件 ｜ ann ｜ sales ｜ 2024-01-15 ｜ 9000 ｜ 对象 D1 ｜ size 3 ｜ stage Won",
        "fact | ann | sales | 2024-01-15 | 9000 | entity D1 | size 3 | stage Won | # a remark | with a bar",
        "fact | ann | sales | 2024-01-15 | 9000 | entity D1 | size 3 | stage Won  # a remark",
    ],
)
def test_one_row_may_be_written_in_many_ways(line: str) -> None:
    [row] = rows(line)
    assert (row.command, row.given["who"], row.given["measure"]) == ("fact", Who(("ann",)), "sales")
    assert (row.given["date"], row.given["value"], row.given["entity"]) == ("2024-01-15", D(9000), "D1")
    assert row.free == {"size": D(3), "stage": "Won"}


@pytest.mark.parametrize(
    ("text", "number"),
    [("12", "12"), ("1,234,567.89", "1234567.89"), ("10 000.00", "10000"), ("60 %", "0.6"), ("−3.5", "-3.5")],
)
def test_numbers_as_people_write_them(text: str, number: str) -> None:
    assert decimal(text) == D(number)


@pytest.mark.parametrize("text", ["1,23", "1e3", "NaN", "ten", "1.000,00", ""])
def test_what_is_no_number_is_not_guessed(text: str) -> None:
    with pytest.raises(Wrong, match="write a number"):
        decimal(text)


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("ann", Who(("ann",))),
        ("team east", Who(("east",), team=True)),
        ("团队 华东", Who(("华东",), team=True)),
        ("ann 60 % + bob 40 %", Who(("ann", "bob"), (D("0.6"), D("0.4")))),
    ],
)
def test_whom_a_row_is_about(text: str, who: Who) -> None:
    assert people(text) == who


@pytest.mark.parametrize(
    ("text", "number", "same"),
    [
        ("86", "86", True),
        ("86", "86.0000000001", False),
        ("33.33…", "33.3333333", True),
        ("66.66...", "66.6666666", True),
        ("66.67…", "66.6666666", False),
        ("none", None, True),
        ("无", None, True),
        ("0", None, False),
        ("none", "0", False),
    ],
)
def test_what_counts_as_equal(text: str, number: str | None, same: bool) -> None:
    assert wanted(text).matches(None if number is None else D(number)) is same


MISTAKES = [
    ("fakt | ann", "s.txt:2:1", "fakt", "did you mean fact?"),
    ("xyz", "s.txt:2:1", "xyz", "write one of scenario, zone"),
    ("employee", "s.txt:2:9", "missing", "write the who: employee | who"),
    ("fact | ann | sales | 2024-02-30 | 1", "s.txt:2:22", "2024-02-30", "date: write a day as YYYY-MM-DD"),
    ("fact | ann | sales | 2024-02-03T10:00 | 1", "s.txt:2:22", "2024-02-03T10:00", "add the offset"),
    ("fact | ann | sales | 2024-02-03 | ten", "s.txt:2:35", "ten", "value: write a number"),
    ("fact | ann 60 % + bob | sales | 2024-02-03", "s.txt:2:8", "ann 60 % + bob", "give everybody a share"),
    ("fact | ann | sales | 2024-02-03 | 1 | won", "s.txt:2:39", "won", "write a name and its value"),
    ("close | 2024-01 | by ann | by bob", "s.txt:2:28", "by bob", "by stands there already: once is enough"),
    ("fact | ann | sales | 2024-02-03 | 1 | version x", "s.txt:2:39", "version x", "write a whole number"),
    ("close | 2024-13", "s.txt:2:9", "2024-13", "period: write a month as YYYY-MM"),
    ("close | 2024-01 | on Monday", "s.txt:2:19", "on Monday", "close knows here: by, waive"),
    ("publish | 2024-01 | by ann", "s.txt:2:21", "by ann", "publish has no more columns"),
    ("reject | 2024-01 | by ann", "s.txt:2:26", "missing", "reject needs the cell: because …"),
    ("expect award | ann | 2024-12 | club | maybe", "s.txt:2:39", "maybe", "answer: write yes or no"),
    ("expect score | ann | 2024-12 | 5 | east high", "s.txt:2:36", "east high", "write a number"),
    ("expect refused", "s.txt:2:1", "expect refused", "write a part of the reason after it"),
    ("expect refused | x", "s.txt:2:1", "expect refused", "write it below the row"),
    ("again\n  fact | ann", "s.txt:3:1", "fact | ann", "begin a row at the left margin"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "place", "value", "remedy"), MISTAKES, ids=[case[0] for case in MISTAKES])
def test_a_mistake_is_named_by_line_column_value_and_remedy(
    text: str, place: str, value: str, remedy: str
) -> None:
    with pytest.raises(Refused) as refused:
        read(text)
    [problem] = refused.value.problems
    assert (problem.reason, problem.field, problem.value) == ("bad_row", place, value)
    assert remedy in problem.remedy


def test_every_mistake_of_a_file_is_named() -> None:
    with pytest.raises(Refused) as refused:
        parse("close | 2024-01\nfakt | ann\n\nclose | 2024-1\n", "s.txt")
    assert [each.field for each in refused.value.problems] == ["s.txt:1:1", "s.txt:2:1", "s.txt:4:9"]


def test_a_file_without_a_row_is_refused() -> None:
    with pytest.raises(Refused, match="begin with: scenario"):
        parse("# nothing\n\n", "s.txt")


def test_a_file_of_a_spreadsheet_may_begin_with_a_byte_order_mark() -> None:
    assert parse("\ufeffscenario | x\r\nagain\r\n", "s.txt")[0].rows[0].command == "again"


def test_a_wrong_row_is_reported_with_both_values_and_the_rest_goes_on() -> None:
    said = found(
        f"{PLAN}{ANN}fact | ann | sales | 2024-01-15 | 90\n"
        "expect payout | ann | 2024-01 | 900.01\n"
        "expect score | ann | 2024-01 | 91 | sales 90\n"
        "expect score | ann | 2024-01 | 90 | sales 89\n"
        "expect value | ann | 2024-01 | sales | none\n"
        "expect payout | ann | 2024-01 | 900.00\n"
        "expect held | ann | 2024-01\n"
    )
    assert said == [
        (8, "900.01", "900.00"),
        (9, "91", "90"),
        (10, "sales 89", "sales 90"),
        (11, "none", "90"),
        (13, "held: ", "not held"),
    ]


def test_a_name_that_the_plan_does_not_have_says_which_it_has() -> None:
    [(_, expected, why)] = found(
        f"{PLAN}{ANN}fact | ann | sales | 2024-01-15 | 90\nexpect points | ann | 2024-01 | deals | 5"
    )
    assert expected == "5"
    assert "the plan has sales" in why


@pytest.mark.parametrize(
    ("text", "expected", "said"),
    [
        ("close | 2024-01\n", "done", "refused: no plan is in force"),
        ("publish | 2024-01\n", "done", "close it first"),
        (f"{PLAN}{ANN}pay | 2024-01\nexpect refused | four_eyes\n", "refused: four_eyes", "done"),
        (
            f"{PLAN}{ANN}close | 2024-01\nclose | 2024-01\nexpect refused | four_eyes\n",
            "refused: four_eyes",
            "run_under_way",
        ),
        ("fact | zoe | sales | 2024-01-15 | 90\n", "done", "refused: unknown_employee"),
        (f"{ANN}fact | ann | sales | 2024-01-15 | 9\nexpect refused | x\nagain\n", "refused: x", "done"),
        ("employee | ann | team east\n", "done", "say it with the first row of ann"),
        ("zone | Atlantis\n", "done", "name an IANA zone"),
    ],
)
def test_what_is_turned_away_or_not_is_a_difference(text: str, expected: str, said: str) -> None:
    first = found(text)[0]
    assert first[1] == expected
    assert said in first[2]


def test_what_is_turned_away_as_expected_is_none() -> None:
    text = (
        "zone | Atlantis\nexpect refused | unknown_choice | IANA\nclose | 2024-01\nexpect refused | no plan\n"
    )
    assert failures(text) == []


def test_without_its_plan_a_scenario_ends() -> None:
    text = f"plan\n  currency: XXX\n{ANN}expect payout | ann | 2024-01 | 1\n"
    [(line, expected, why)] = found(text)
    assert (line, expected) == (2, "done")
    assert "measures is missing" in why


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("plan | nowhere.yaml\n", "name a file beside the scenario"),
        ("plan\n  a: [1\n", "not_yaml"),
        ("plan\n  just text\n", "write fields below it"),
    ],
)
def test_a_plan_that_is_none_is_refused(text: str, why: str) -> None:
    [(_, _, said)] = found(text)
    assert why in said


def test_a_plan_may_stand_in_a_file_beside_the_scenario(tmp_path: Path) -> None:
    (tmp_path / "plan.yaml").write_text("\n".join(PLAN.splitlines()[1:]), "utf-8")
    rest = "fact | ann | sales | 2024-01-15 | 90\nexpect payout | ann | 2024-01 | 900\n"
    [scenario] = parse(f"scenario | x\nplan | plan.yaml\n{ANN}{rest}", str(tmp_path / "s.txt"))
    assert play(scenario, MemoryTenant(NOW)) == []


def test_the_same_text_is_shuffled_in_the_same_order() -> None:
    text = ANN + "".join(f"fact | ann | sales | 2024-01-15 | {n}\n" for n in range(9)) + "shuffle\n"
    seen = []
    for _ in range(2):
        tenant = MemoryTenant(NOW)
        play(read(text), tenant)
        seen.append([tenant.intake.read(key) for key in tenant.intake.list("log/")])
    assert seen[0] == seen[1]
    assert len(seen[0]) == 10  # the employment, then every fact in a request of its own


def test_names_are_ascii_ids_and_a_scenarios_own_on_a_stack() -> None:
    assert Names()("ann") == "ann"
    assert Names()("张三") != Names()("李四")
    assert Names()("张三").isascii()
    own = Names("t1")
    document = own.plan({"id": "p"}, {"ann": None})
    assert (own("ann"), document["id"], document["for"]) == ("ann.t1", "p-t1", {"employees": ["ann.t1"]})
    assert own.plan({"id": "p", "for": {"teams": ["east"]}}, {})["for"] == {"teams": ["east.t1"]}


def test_the_mapping_is_published_once_and_anew_when_rows_name_further_values() -> None:
    tenant = MemoryTenant(NOW)
    first, more = (
        rows(f"{ANN}fact | ann | visit | 2024-01-15 | 1"),
        rows("fact | ann | visit | 2024-01-15 | 1 | size 3"),
    )
    for known in (first, first, more):
        publish_source(tenant, lambda version, known=known: mapping(known, version))  # type: ignore[misc]
    assert len(tenant.table.query("DOC#source", "V#", "V#~")) == 2


def test_the_command_exits_with_1_if_a_row_fails_and_with_2_if_one_cannot_be_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad, wrong = (tmp_path / name for name in ("good.txt", "bad.txt", "wrong.txt"))
    holds = (
        f"scenario | 好的\n{PLAN}{ANN}fact | ann | sales | 2024-01-15 | 90\nexpect payout | ann | 2024-01 | "
    )
    good.write_text(f"{holds}900", "utf-8")
    bad.write_text(f"{holds}901", "utf-8")
    wrong.write_text("scenario | x\nfakt", "utf-8")
    assert run(["scenario", str(good)]) == 0
    assert f"passed  {good}: 好的" in capsys.readouterr().out
    assert run(["scenario", str(good), str(bad)]) == 1
    said = capsys.readouterr().out
    assert f"{bad}:8: expect payout | ann | 2024-01 | 901" in said
    assert "2 scenarios, 1 failed" in said
    assert run(["--lang", "zh", "scenario", str(good), str(wrong)]) == 2
    out, err = capsys.readouterr()
    assert (out, f"{wrong}:2:1" in err, "是否想写 fact？" in err) == ("", True, True)


def test_the_result_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "s.txt"
    file.write_text("scenario | x\nclose | 2024-01\nexpect refused | nobody", "utf-8")
    assert run(["scenario", str(file), "--format", "json"]) == 0
    [result] = json.loads(capsys.readouterr().out)
    assert result == {"file": str(file), "title": "x", "passed": True, "failures": []}


def test_a_wanted_number_keeps_how_it_was_written() -> None:
    assert wanted("33.330…") == Wanted("33.330…", D("33.330"), 3)
