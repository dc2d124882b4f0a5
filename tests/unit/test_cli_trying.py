"""Trying a plan on facts from a file, simulating a draft on a tenant's facts, and explaining a number."""

from __future__ import annotations

import ast
import csv
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from dualtrack.app.ports import Item, Put
from dualtrack.domain.numbers import TESTS
from infra.cli import place, rules, simulating, simulation_rows, trying, words
from infra.cli.__main__ import run
from tests.support.events import deal, employee, report, target
from tests.support.world import ROOT, World

Say = Callable[..., tuple[int, str, str]]
PLAN = """
id: simple
version: 1
effective: {from: 2026-01-01}
currency: CNY
name: {en: Simple, zh: 简单}
measures:
  - {id: revenue, kind: sum}
  - {id: covered, observed: files, kind: sum, value: numerator}
  - {id: customers, observed: files, kind: sum, value: denominator}
  - {id: coverage, kind: ratio, numerator: covered, denominator: customers}
tracks:
  - id: business
    weight: 60
    name: {en: Business, zh: 业务}
    metrics:
      - {id: revenue, measure: revenue, weight: 100, target: 100, name: {en: Revenue, zh: 销售额}}
  - id: management
    weight: 40
    name: {en: Management, zh: 管理}
    metrics:
      - id: coverage
        measure: coverage
        weight: 100
        target: "0.95"
        name: {en: Coverage, zh: 覆盖率}
        gates:
          - {when: [{metric: revenue, what: points, at_least: 50}], otherwise: zero}
"""
FACTS = """subject,measure,entity,value,numerator,denominator,occurred_at,version,retracted
ann,revenue,D1,60,,,2026-10-05,1,false
ann,revenue,D2,30,,,2026-10-06,1,false
ann,files,F1,,76,100,2026-10-31,1,false
bob,revenue,D3,40,,,2026-10-05,1,false
bob,files,F2,,95,100,2026-10-31,1,false
"""


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Iterator[Say]:
    def said(*arguments: object) -> tuple[int, str, str]:
        code = run([str(each) for each in arguments])
        told = capsys.readouterr()
        return code, told.out, told.err

    yield said
    words.use("en")


@pytest.fixture
def tried(say: Say, tmp_path: Path) -> Say:
    """``plan try`` of the plan above on these facts."""
    (tmp_path / "plan.yaml").write_text(PLAN, "utf-8")

    def said(facts: str, *options: str) -> tuple[int, str, str]:
        (tmp_path / "facts.csv").write_text(facts, "utf-8")
        return say("plan", "try", tmp_path / "plan.yaml", tmp_path / "facts.csv", *options)

    return said


def reason(rule: str, given: str, result: str) -> dict[str, str]:
    return {"rule": rule, "given": given, "result": result}


def test_facts_come_to_values_points_and_money(tried: Say) -> None:
    code, out, _ = tried(FACTS, "--format", "json", "--base", "10000.00")
    ann, bob = json.loads(out)
    assert code == 0
    assert {name: ann[name] for name in ("employee", "period", "total", "payout", "currency", "tracks")} == {
        "employee": "ann",
        "period": "2026-10",
        "total": "86",
        "payout": "8600.00",
        "currency": "CNY",
        "tracks": {"business": "90", "management": "80"},
    }
    assert ann["metrics"]["coverage"] == {
        "value": "0.76",
        "target": "0.95",
        "attainment": "0.8",
        "points": "80",
        "eligible": True,
        "state": "scored",
        "reasons": [
            reason("value", "coverage", "0.76"),
            reason("target", "coverage", "0.95"),
            reason("attainment", "up 0.76 / 0.95", "0.8"),
            reason("curve", "linear", "80"),
        ],
    }
    assert (bob["metrics"]["coverage"]["eligible"], bob["payout"]) == (False, "2400.00")


def test_tables_give_every_reason_in_the_language_in_use(tried: Say) -> None:
    _, out, err = tried(FACTS, "--base", "10000", "--employee", "bob")
    assert "metric revenue points 40, at_least 50" in out
    assert "total 24, payout 2400.00 CNY" in out
    assert "employed since 2026-01-01, no team, base 10000 CNY" in err
    _, out, _ = tried(FACTS, "--base", "10000", "--employee", "bob", "--lang", "zh")
    assert "覆盖率" in out
    assert "指标 revenue 得分 40，至少 50" in out
    assert "不合格" in out


def test_a_quarter_ends_with_its_sums(tried: Say) -> None:
    facts = FACTS + "ann,revenue,D9,100,,,2026-11-05,1,\nann,files,F9,,95,100,2026-11-05,1,\n"
    options = ("--period", "2026Q4", "--employee", "ann", "--base", "10000")
    *months, whole = json.loads(tried(facts, *options, "--format", "json")[1])
    assert [each["payout"] for each in months] == ["8600.00", "10000.00", "0.00"]
    assert (whole["period"], whole["payout"], whole["months"][-1]) == ("2026Q4", "18600.00", "2026-12")
    assert "18600.00" in tried(facts, *options)[1].splitlines()[-2]


def test_what_is_on_hold_has_no_payout(tried: Say, tmp_path: Path) -> None:
    facts = FACTS.replace("files,F2", "file,F2")
    facts = facts.replace("bob,revenue,D3,40", "bob,revenue,D3,80")
    *_, bob = json.loads(tried(facts, "--format", "json")[1])
    assert (bob["payout"], bob["holds"]) == (None, ["management: no metric in play"])
    _, out, err = tried(facts, "--period", "2026")
    assert "on hold: management: no metric in play" in out
    assert "no measure of the plan observes file (1 facts); it observes files, revenue" in err


def test_facts_that_contradict_each_other_are_said_and_exit_with_2(tried: Say) -> None:
    code, out, err = tried(FACTS + "ann,revenue,D1,61,,,2026-10-05,1,\n", "--format", "json")
    assert code == 2
    assert json.loads(out)[0]["metrics"]["revenue"]["value"] == "30"
    assert "facts.csv lines 2, 7: ann revenue D1 says different things in version 1" in err


def test_wrong_rows_are_all_said_and_nothing_is_valued(tried: Say) -> None:
    code, out, err = tried(FACTS + "ann,revenue,D8,1o,,,2026-10-05,1,\nann,revenue,D9,1,,,2026-13-05,1,\n")
    assert (code, out) == (2, "")
    assert "line 7, value is 1o; send a plain decimal" in err
    assert "line 8, occurred_at is 2026-13-05; send a day that the calendar has" in err
    assert "第" not in err
    assert "请写日历上存在的日期" in tried(FACTS + "ann,revenue,D9,1,,,2026-13-05,1,\n", "--lang", "zh")[2]


def test_facts_may_come_through_standard_input(
    say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "plan.yaml").write_text(PLAN, "utf-8")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(FACTS.encode())))
    code, out, _ = say(
        "plan", "try", tmp_path / "plan.yaml", "-", "--format", "json", "--as-of", "2026-10-05"
    )
    assert (code, json.loads(out)[0]["metrics"]["revenue"]["value"]) == (0, "60")


def test_the_time_is_compared_with_reading_only_where_that_says_something(
    tried: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "5 facts in 0.0" in tried(FACTS)[2]
    monkeypatch.setattr(trying, "ENOUGH", 5)
    assert "× reading them" in tried(FACTS)[2]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--zone", "Mars"), "name an IANA zone"),
        (("--base", "ten"), "not_a_number: --base is ten"),
        (("--period", "2025-01"), "no_plan: --period is 2025-01"),
        (("--as-of", "soon"), "bad_time: --as-of is soon"),
    ],
)
def test_options_that_mean_nothing_are_refused(tried: Say, options: tuple[str, ...], said: str) -> None:
    code, _, err = tried(FACTS, *options)
    assert (code, said in err) == (2, True)


@pytest.mark.parametrize("name", ["demo-2017", "marketing", "sales-commission"])
def test_every_plan_that_ships_can_be_tried(say: Say, tmp_path: Path, name: str) -> None:
    facts = tmp_path / "facts.csv"
    facts.write_text(
        "subject,measure,entity,amount,units,stage,base,team,currency,from,occurred_at\n"
        f"ann,employment,,,,,300000,sales,{'CNY' if name == 'marketing' else 'USD'},2017-01-01,\n"
        "ann,deal,D1,100.50,1,Won,,,,,2026-10-05\n",
        "utf-8",
    )
    code, out, _ = say("plan", "try", ROOT / f"events/plans/{name}.yaml", facts, "--format", "json")
    assert (code, json.loads(out)[0]["employee"]) == (0, "ann")


# ---- simulation


class ReadOnly:
    """A table that nobody may write to."""

    def __init__(self, world: World) -> None:
        self._table = world.table

    def query(self, pk: str, low: str, high: str) -> list[Item]:
        """As the table does."""
        return self._table.query(pk, low, high)

    def get(self, pk: str, sk: str) -> Item | None:
        """As the table does."""
        return self._table.get(pk, sk)

    def put_if(self, put: Put) -> bool:
        """Never."""
        raise AssertionError(put)


DRAFT = (ROOT / "events/plans/demo-2017.yaml").read_text("utf-8")


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    """Three people: one sells, one advertises, one has done nothing that counts."""
    made = World()
    made.take(*(employee(name) for name in ("ann", "bob", "cid")))
    made.take(deal("D1", "ann"), report("A1", "bob", "2017-10-05", "10"))
    made.take(target("revenue", "1000"), target("volume", "10"))
    stack = SimpleNamespace(table=ReadOnly(made), plans=made.plans, payouts=made.payouts)
    monkeypatch.setattr(place, "operator", lambda tenant, outputs: SimpleNamespace(stack=stack))
    return made


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    """The demo's plan with more weight on business, from a later day on."""
    text = DRAFT.replace("weight: 60", "weight: 90").replace("weight: 40", "weight: 10")
    file = tmp_path / "draft.yaml"
    file.write_text(text.replace("2017-10-01", "2018-01-01").replace("version: 1", "version: 2"), "utf-8")
    return file


def amounts(file: Path) -> dict[str, list[str]]:
    with file.open(encoding="utf-8-sig", newline="") as rows:
        heads, *people = csv.reader(rows)
    assert heads == ["period", "employee", "team", "before", "after", "difference", "paid", "currency"]
    return {row[1]: row[3:7] for row in people}


def test_a_draft_is_compared_with_the_plan_in_force(
    world: World, say: Say, draft: Path, tmp_path: Path
) -> None:
    files = (tmp_path / "people.csv", tmp_path / "page.html")
    before = world.table.query("EP#E:ann#2017-10", " ", "~")
    code, out, _ = say(
        "plan", "simulate", draft, "--period", "2017-10", "--csv", files[0], "--html", files[1]
    )
    assert code == 0
    assert "draft demo-marketing@2 on the facts of 2017-10: 3 employees" in out
    found = amounts(files[0])
    live = world.card("ann", "2017-10")["payout"]
    assert found["ann"][0] == f"{live / 100:.2f}"
    assert found["ann"][2].startswith(("-", "+"))
    assert "█" in out
    assert "Revenue completion" in out
    assert world.table.query("EP#E:ann#2017-10", " ", "~") == before


def test_what_was_paid_stands_beside_it(world: World, say: Say, draft: Path, tmp_path: Path) -> None:
    world.publish(world.close("2017-10"))
    file = tmp_path / "people.csv"
    out = say("plan", "simulate", draft, "--period", "2017-10", "--csv", file)[1]
    paid = amounts(file)["ann"]
    assert paid[3] == paid[0]
    assert "was paid for the period so far" in out


def test_the_page_needs_nothing_and_means_what_it_says(
    world: World, draft: Path, say: Say, tmp_path: Path
) -> None:
    draft.write_text(draft.read_text("utf-8").replace("Win rate", "<script>alert(1)</script>"), "utf-8")
    page = tmp_path / "page.html"
    say("plan", "simulate", draft, "--period", "2017-10", "--html", page)
    said = page.read_text("utf-8")
    assert "&lt;script&gt;" in said
    assert not any(each in said for each in ("<script", "http:", "https:", "src=", "url("))
    say("--lang", "zh", "plan", "simulate", draft, "--period", "2017-10", "--html", page)
    assert '<html lang="zh">' in page.read_text("utf-8")
    assert "各指标平均得分" in page.read_text("utf-8")


def test_a_period_without_anybody_is_refused(world: World, say: Say, draft: Path) -> None:
    code, _, err = say("plan", "simulate", draft, "--period", "2015-01")
    assert (code, "nobody: --period is 2015-01" in err) == (2, True)


def simulation(*differences: int | None) -> Any:
    """People with these differences, and nothing else."""
    from dualtrack.app.simulation import Compared, Simulation

    def valued(due: int | None) -> Any:
        return SimpleNamespace(due=due)

    people = [
        Compared(f"e{n}", "t", "USD", valued(0), valued(each), None) for n, each in enumerate(differences)
    ]
    return Simulation("2026-10", SimpleNamespace(ref="p@2"), (), False, people)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("differences", "bars"),
    [
        ((0, 0), [(0, 0, 2)]),
        ((5,), [(5, 6, 1)]),
        ((-1200, -1, 0, 1, 2399, None), [(-1500, -1000, 1), (-1000, -500, 0), (-500, 0, 1), (0, 0, 1),
                                         (0, 500, 1), (500, 1000, 0), (1000, 1500, 0), (1500, 2000, 0),
                                         (2000, 2500, 1)]),
        ((None,), []),
    ],
)  # fmt: skip
def test_differences_are_counted_in_bars_of_one_round_width(
    differences: tuple[int | None, ...], bars: list[tuple[int, int, int]]
) -> None:
    assert [(bar.low, bar.high, bar.count) for bar in simulation(*differences).bars("USD")] == bars


def test_who_loses_comes_first_and_who_gains_last() -> None:
    found = simulation(5, -5, 0, None, 7)
    assert [row[0] for row in simulation_rows.rows(found)] == ["e3", "e1", "e2", "e0", "e4"]


@pytest.mark.parametrize(
    ("count", "bar"), [(0, ""), (1, "▏"), (10_000, "█" * 40), (5000, "█" * 20), (5032, "█" * 20 + "▏")]
)
def test_a_bar_is_drawn_in_eighths(count: int, bar: str) -> None:
    assert simulating.blocks(count, 10_000) == bar


@pytest.mark.parametrize(
    ("cell", "written"),
    [("=1+1", "'=1+1"), ("@x", "'@x"), ("-5.00", "-5.00"), ("+5.00", "+5.00"), ("ann", "ann")],
)
def test_no_cell_becomes_a_formula(cell: str, written: str) -> None:
    assert simulating.inert(cell) == written


# ---- explanations


def test_one_metric_is_explained_down_to_its_events(world: World, say: Say) -> None:
    _, out, _ = say("explain", "ann", "2017-10", "revenue")
    assert "Revenue completion" in out
    assert "Click-through" not in out
    [line] = [line for line in out.splitlines() if " D1 " in line]
    assert '"amount":"900"' in line
    assert "crm" in line
    code, out, _ = say("explain", "ann", "2017-10", "revenue", "--format", "json")
    found = json.loads(out)
    assert (code, list(found["metrics"])) == (0, ["revenue"])
    assert {row[2] for row in found["observations"]} == {"deal", "target.revenue"}
    assert all(row[9] for row in found["observations"])


def test_a_metric_that_the_plan_has_not_is_refused(world: World, say: Say) -> None:
    code, _, err = say("explain", "ann", "2017-10", "revenu")
    assert (code, "unknown_metric" in err) == (2, True)


def test_an_explanation_names_its_rules_in_chinese(world: World, say: Say) -> None:
    out = say("--lang", "zh", "explain", "ann", "2017-10")[1]
    assert "基数 × 轨道得分 × 天数" in out
    assert "完成率" in out


def rules_in(path: Path) -> Iterator[ast.expr]:
    """The first argument of every reason that a module makes."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "Reason" and len(node.args) == 3:
            yield node.args[0]


def test_every_rule_of_a_reason_is_translated() -> None:
    package = ROOT / "layers/dualtrack/python/dualtrack"
    found = [each for path in package.rglob("*.py") for each in rules_in(path)]
    said = {each.value for each in found if isinstance(each, ast.Constant)}
    others = {ast.unparse(each) for each in found if not isinstance(each, ast.Constant)}
    assert others <= {"modifier.act"}
    assert {*said, "add", "multiply", "deduct"} == set(rules.RULES)


def test_every_test_of_a_condition_is_translated() -> None:
    assert set(TESTS) <= set(rules.WORDS)
