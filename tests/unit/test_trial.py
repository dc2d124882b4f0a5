"""Facts from a file: read, understood, folded as everywhere, and tried on a plan."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dualtrack.adapters import facts_file
from dualtrack.app.facts import Facts, facts
from dualtrack.app.sheet import read_as_numbers
from dualtrack.app.trying import Result, Tried, Trying, months_of
from dualtrack.app.valuation import partials_of
from dualtrack.domain.errors import Refused, Stopped
from dualtrack.domain.fold import fold
from dualtrack.domain.measures import Each, Filter, Measure
from dualtrack.domain.observations import Fact, Observation, Place, Value, tombstones
from dualtrack.domain.periods import first_day, last_day
from dualtrack.domain.plan import Draw, Metric, PayoutRule, Plan, Track, Whom
from dualtrack.domain.rates import Rate

HUNDRED = Decimal(100)
ZONE = ZoneInfo("Asia/Shanghai")
BASE = Decimal("10000.00")
MOVED = [("USD", "2026-01-01"), ("EUR", "2026-11-01")]  # ann's currency, from which day on


def measured(*measures: Measure, **more: Any) -> Plan:
    """A plan of these measures; its only metric is the first one, against 100."""
    metric = Metric("m", measures[0].id, HUNDRED, {"en": "M", "zh": "米"}, HUNDRED)
    track = Track("t", HUNDRED, {"en": "T", "zh": "轨"}, (metric,))
    return Plan("p", 1, date(2026, 1, 1), None, "USD", {}, measures, (track,), **more)


SUM = Measure("deal", "deal", "sum")
PLAN = measured(SUM)


def table(*lines: str, heads: str = "subject,measure,entity,value,occurred_at,version,retracted") -> str:
    """A CSV file."""
    return "\n".join([heads, *lines, ""])


def read(text: str, plan: Plan = PLAN, as_of: str = "", name: str = "f.csv") -> Facts:
    """The facts of a file's text."""
    return facts(facts_file.read(name, text), plan, ZONE, as_of)


def said(found: Facts, subject: str = "E:ann", month: str = "2026-10") -> dict[str, tuple[str, ...]]:
    """The partials of a month."""
    return dict(found.read(found.plan, subject, month, first_day(month), last_day(month)))


def refusals(text: str, plan: Plan = PLAN, **more: Any) -> list[str]:
    """What is said of a file that cannot be used."""
    with pytest.raises(Refused) as refused:
        read(text, plan, **more)
    return [f"{p.reason}: {p.field} is {p.value}" for p in refused.value.problems]


# ---- the file


ANN = '{"subject": "ann", "measure": "deal", '
SAME = {
    "plain": table("ann,deal,D1,1.5,2026-10-05,1,false", "ann,deal,D2,2,2026-10-06,1,"),
    "quoted": table('"ann",deal,D1,"1.5",2026-10-05,1,false', "ann,deal,D2,2,2026-10-06,1,"),
    "with spaces and a blank line": table(
        "ann, deal, D1,1.5 ,2026-10-05,1,false", "", "ann,deal,D2,2,2026-10-06,1,"
    ),
    "with Windows line ends and a byte order mark": "\ufeff"
    + table("ann,deal,D1,1.5,2026-10-05,1,false", "ann,deal,D2,2,2026-10-06,1,").replace("\n", "\r\n"),
    "in another order of columns": table(
        "2026-10-05,1.5,D1,deal,E:ann", "2026-10-06,2.00,D2,deal,E:ann",
        heads="occurred_at,value,entity,measure,subject",
    ),
    "JSON lines": "\n".join(
        [
            ANN + '"entity": "D1", "value": 1.5, "occurred_at": "2026-10-05", "version": 1}',
            ANN + '"entity": "D2", "value": "2", "occurred_at": "2026-10-06", "retracted": false}',
        ]
    ),
    "JSON lines with absent and empty values": "\n".join(
        [
            ANN + '"entity": "D1", "value": 1.5, "occurred_at": "2026-10-05", "x": null}',
            "",
            ANN + '"entity": "D2", "value": 2.0, "occurred_at": "2026-10-06", "version": null}',
        ]
    ),
}  # fmt: skip


@pytest.mark.parametrize("form", SAME)
def test_a_file_says_the_same_in_every_form(form: str) -> None:
    name = "-" if form.startswith("JSON") else "f.csv"
    assert said(read(SAME[form], name=name)) == {"deal": ("3.5",)}


def test_a_number_in_json_keeps_every_digit() -> None:
    line = {"subject": "ann", "measure": "deal", "entity": "D1", "occurred_at": "2026-10-05"}
    text = json.dumps(line)[:-1] + ', "value": 0.1234567890123}'
    assert said(read(text, name="f.jsonl")) == {"deal": ("0.1234567890123",)}


WRONG = {
    "a cell too many": (
        table("ann,deal,D1,1,2026-10-05,1,false,", "ann,deal,D2,1,2026-10-05"),
        ["cells: f.csv line 2 is 8 cells", "cells: f.csv line 3 is 5 cells"],
    ),
    "cells that only even out": (
        table("ann,deal,D1,1,2026-10-05,1,false,x", "ann,deal,D2,1,2026-10-05,1"),
        ["cells: f.csv line 2 is 8 cells", "cells: f.csv line 3 is 6 cells"],
    ),
    "an open quote": (
        table('ann,deal,"D1,1,2026-10-05,1,false'), ["not_csv: f.csv line 2 is unexpected end of data"],
    ),
    "no heads": ("", ["missing: f.csv line 1 is "]),
    "a head twice": ("subject,subject\n", ["twice: f.csv line 1 is subject"]),
    "columns that are needed": (
        "subject,value\nann,1\n",
        ["missing: f.csv, columns is subject, value"],
    ),
    "no number": (
        table(*(f"ann,deal,D{n},{v},2026-10-05,1," for n, v in enumerate(("12;5", "1e3", "NaN")))),
        [f"not_a_number: f.csv line {n}, value is {v}" for n, v in ((2, "12;5"), (3, "1e3"), (4, "NaN"))],
    ),
    "no day": (
        table("ann,deal,D1,1,2026-02-30,1,", "ann,deal,D2,1,2026-10-05T08:00:00,1,", "ann,deal,D3,1,,1,"),
        [
            "bad_time: f.csv line 2, occurred_at is 2026-02-30",
            "bad_time: f.csv line 3, occurred_at is 2026-10-05T08:00:00",
        ],
    ),
    "an absent day": (
        table("ann,deal,D3,1,,1,", "ann,deal,D4,1,2026-10,1,"),
        ["bad_time: f.csv line 2, occurred_at is ", "bad_time: f.csv line 3, occurred_at is 2026-10"],
    ),
    "no version, no flag": (
        table("ann,deal,D1,1,2026-10-05,1.5,maybe"),
        ["not_a_flag: f.csv line 2, retracted is maybe", "bad_version: f.csv line 2, version is 1.5"],
    ),
    "nobody, nothing": (
        table(*(f"{who},1,2026-10-05,1," for who in (",deal,D1", "X:ann,deal,D1", "ann,,D1", "ann,deal,"))),
        [
            "bad_id: f.csv line 2, subject is ", "bad_id: f.csv line 3, subject is X:ann",
            "missing: f.csv line 4, measure is ", "missing: f.csv line 5, entity is ",
        ],
    ),
    "terms that nobody can be paid by": (
        table(
            "ann,employment,,1.5,t1,USD,2026-01-01,",
            heads="subject,measure,entity,base,team,currency,from,occurred_at",
        ),
        ["bad_base: f.csv line 2, base is 1.5"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_every_wrong_row_is_said_with_its_line(case: str) -> None:
    text, expected = WRONG[case]
    assert sorted(refusals(text)) == sorted(expected)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("[1]", "not_an_object: f.jsonl line 2 is [1]"),
        ('{"subject": ["x"]}', "not_a_text: f.jsonl line 2, subject is ['x']"),
        ("x", "not_json: f.jsonl line 2 is Expecting value: line 1 column 1 (char 0)"),
    ],
)  # fmt: skip
def test_every_wrong_line_of_json_is_said(line: str, expected: str) -> None:
    assert refusals("\n" + line, name="f.jsonl") == [expected]


def test_a_share_counts_only_zero_and_one() -> None:
    text = table("ann,deal,D1,1,2026-10-05,1,", "ann,deal,D2,2,2026-10-05,1,")
    assert refusals(text, measured(Measure("deal", "deal", "share"))) == [
        "not_a_flag: f.csv line 3, value is 2"
    ]


def test_the_columns_that_the_plan_reads_as_numbers_are_known() -> None:
    plan = measured(
        Measure("a", "deal", "sum", "amount", when={"stage": "Won", "term": Filter((), "above", HUNDRED)}),
        Measure("b", "deal", "weighted_mean", "rate", "amount"),
        Measure("c", "visit", "distinct", "account"),
    )
    assert read_as_numbers(plan) == ["amount", "rate", "term"]


# ---- which of them count


def fallback(*rows: str) -> tuple[dict[str, tuple[str, ...]], list[list[int]]]:
    """The partials of ann's October, and the lines that contradict each other."""
    found = read(table(*rows))
    return said(found), [[found.stated.sheet.lines[row] for row in each] for each in found.conflicts]


COUNTS: dict[str, tuple[Sequence[str], str | None, list[list[int]]]] = {
    "the greater version": (["ann,deal,D1,1,2026-10-05,1,", "ann,deal,D1,2,2026-10-05,2,"], "2", []),
    "in any order": (["ann,deal,D1,2,2026-10-05,2,", "ann,deal,D1,1,2026-10-05,1,"], "2", []),
    "once, if it is said twice": (["ann,deal,D1,1,2026-10-05,1,", "ann,deal,D1,1.0,2026-10-05,1,"], "1", []),
    "at its new day": (["ann,deal,D1,1,2026-10-05,1,", "ann,deal,D1,2,2026-10-09,2,"], "2", []),
    "no longer, after it moved to November": (
        ["ann,deal,D1,1,2026-10-05,1,", "ann,deal,D1,2,2026-11-05,2,"], None, [],
    ),
    "no longer, once it is taken back": (["ann,deal,D1,1,2026-10-05,1,", "ann,deal,D1,,,2,true"], None, []),
    "again, after it was taken back": (
        ["ann,deal,D1,1,2026-10-05,1,", "ann,deal,D1,,,2,true", "ann,deal,D1,4,2026-10-05,3,"], "4", [],
    ),
    "not, if it contradicts itself": (
        ["ann,deal,D1,1,2026-10-05,1,", "ann,deal,D1,2,2026-10-05,1,", "ann,deal,D2,9,2026-10-05,1,"],
        "9", [[2, 3]],
    ),
    "in the version before the contradiction": (
        ["ann,deal,D1,1,2026-10-05,1,", "ann,deal,D1,2,2026-10-05,2,", "ann,deal,D1,3,2026-10-05,2,"],
        "1", [[3, 4]],
    ),
    "for whom it names": (["ann,deal,D1,1,2026-10-05,1,", "bob,deal,D1,2,2026-10-05,2,"], "1", []),
    "by the day in the zone": (
        ["ann,deal,D1,1,2026-10-31T17:00:00Z,1,", "ann,deal,D2,2,2026-09-30T17:00:00Z,1,"], "2", [],
    ),
    "under both spellings of a subject": (
        ["ann,deal,D1,1,2026-10-05,1,", "E:ann,deal,D1,2,2026-10-05,2,"], "2", [],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", COUNTS)
def test_a_fact_counts(case: str) -> None:
    rows, total, lines = COUNTS[case]
    assert fallback(*rows) == ({"deal": (total,)} if total else {}, lines)


TERMS = "subject,measure,entity,value,base,team,currency,from,to,occurred_at,version"
STANDING: dict[str, tuple[Sequence[str], list[str]]] = {
    "terms of another day are terms of their own": (
        ["ann,employment,,,100000,t1,USD,2026-01-01,,,1", "ann,employment,,,120000,t1,USD,2026-10-16,,,2"],
        ["2026-01-01: 100000", "2026-10-16: 120000"],
    ),
    "terms of the same day are replaced": (
        ["ann,employment,,,100000,t1,USD,2026-10-16,,,1", "ann,employment,,,120000,t1,USD,2026-10-16,,,2"],
        ["2026-10-16: 120000"],
    ),
    "and so are those of the same name": (
        ["ann,employment,A,,100000,t1,USD,2026-01-01,,,1", "ann,employment,A,,120000,t1,USD,2026-10-16,,,2"],
        ["2026-10-16: 120000"],
    ),
    "a leave stands beside them": (
        ["ann,employment,,,100000,t1,USD,2026-01-01,,,1", "ann,leave,L1,,,,,2026-10-20,2026-10-22,,1"],
        ["2026-01-01: 100000", "2026-10-20: None"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", STANDING)
def test_terms_stand_from_a_day_on(case: str) -> None:
    lines, expected_terms = STANDING[case]
    found = read(table(*lines, heads=TERMS))
    assert [f"{row.place.day}: {row.values.get('base')}" for row in found.terms("E:ann")] == expected_terms
    assert found.periods == []


@pytest.mark.parametrize("entity", ["", "T"])
def test_a_target_is_about_its_month(entity: str) -> None:
    rows_ = [
        f"ann,target.m,{entity},{v},2026-{m},{n}" for v, m, n in ((90, "10", 1), (91, "10", 2), (95, "11", 1))
    ]
    found = read(table(*rows_, heads="subject,measure,entity,value,occurred_at,version"))
    assert [said(found, month=month)["target.m"][-1] for month in MONTHS] == ["91", "95"]


AS_OF = {
    "by the day it occurred": (
        table("ann,deal,D1,1,2026-10-05,1,", "ann,deal,D2,2,2026-10-06,1,"), "2026-10-05", "1",
    ),
    "by the instant it occurred": (
        table("ann,deal,D1,1,2026-10-05T10:00:00Z,1,", "ann,deal,D2,2,2026-10-05T10:00:01Z,1,"),
        "2026-10-05T18:00:00+08:00", "1",
    ),
    "by the time it arrived": (
        table(
            "ann,deal,D1,1,2026-10-05,1,2026-10-06", "ann,deal,D1,2,2026-10-05,2,2026-10-08",
            heads="subject,measure,entity,value,occurred_at,version,received_at",
        ),
        "2026-10-07", "1",
    ),
    "a whole day": (
        table("ann,deal,D1,1,2026-10-05T15:59:00Z,1,", "ann,deal,D2,2,2026-10-05T16:00:00Z,1,"),
        "2026-10-05", "1",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", AS_OF)
def test_what_was_not_known_yet_does_not_count(case: str) -> None:
    text, as_of, total = AS_OF[case]
    assert said(read(text, as_of=as_of)) == {"deal": (total,)}


# ---- the same as the fold of the live route


MEASURES = (
    Measure("total", "deal", "sum"),
    Measure("won", "deal", "sum", when={"stage": "Won"}),
    Measure("large", "deal", "count", when={"value": Filter((), "at_least", Decimal(3))}),
    Measure("some", "deal", "count", when={"stage": Filter(("Won", "Lost"))}),
    Measure("mean", "deal", "mean"),
    Measure("most", "deal", "max"),
    Measure("least", "deal", "min"),
    Measure("good", "deal", "share", "good"),
    Measure("weighted", "deal", "weighted_mean", "value", "good"),
    Measure("stages", "deal", "distinct", "stage"),
    Measure("newest", "deal", "last"),
    Measure("oldest", "deal", "first"),
    Measure("doubled", "deal", "sum", each=Each(factors=((Decimal(2), {"stage": "Won"}),))),
)
ALL = measured(*MEASURES)
MONTHS = ("2026-10", "2026-11")


@st.composite
def rows(draw: st.DrawFn) -> dict[str, str]:
    """One row: one of two deals of one of two people, in one of three versions."""
    day = draw(st.sampled_from(["2026-10-05", "2026-10-06", "2026-11-01"]))
    return {
        "subject": draw(st.sampled_from(["ann", "E:bob"])),
        "measure": "deal",
        "entity": draw(st.sampled_from(["D1", "D2", "D3"])),
        "value": draw(st.sampled_from(["", "1", "1.0", "2.5", "7", "-3"])),
        "good": draw(st.sampled_from(["", "0", "1"])),
        "stage": draw(st.sampled_from(["", "Won", "Lost", "12"])),
        "occurred_at": day,
        "version": str(draw(st.integers(1, 3))),
        "retracted": draw(st.sampled_from(["", "false", "false", "true"])),
    }


def values_of(row: Mapping[str, str]) -> dict[str, Value]:
    """What a row states, by hand."""
    numbers: dict[str, Value] = {name: Decimal(row[name]) for name in ("value", "good") if row[name]}
    return numbers | ({"stage": row["stage"]} if row["stage"] else {})


def written(stated: Iterable[Mapping[str, str]]) -> list[Observation]:
    """All rows that the live route leaves: each row a fact of a subject's deal that can move."""
    seen: dict[str, set[Any]] = defaultdict(set)
    made = []
    for row in stated:
        subject = "E:" + row["subject"].removeprefix("E:")
        place = Place(subject, row["occurred_at"][:7], "deal", row["occurred_at"])
        parts = () if row["retracted"] == "true" else ((place, values_of(row)),)
        fact = Fact("deal", row["entity"], int(row["version"]), True, "", "", parts)
        seen[subject + row["entity"]].add(fact.sighting())
        made.append((fact, subject))
    return [
        row
        for fact, subject in made
        for row in [*fact.observations(), *tombstones(fact, seen[subject + fact.entity])]
    ]


def expected(stated: Iterable[Mapping[str, str]]) -> dict[tuple[str, str], dict[str, tuple[str, ...]]]:
    """The partials of everybody's months by the domain's fold."""
    current: dict[tuple[str, str], list[Observation]] = defaultdict(list)
    for row in fold(written(stated)).current:
        current[row.place.subject, row.place.period].append(row)
    return {
        (subject, month): partials_of(ALL, current[subject, month])
        for subject in ("E:ann", "E:bob")
        for month in MONTHS
    }


def contradicting(found: Facts) -> set[tuple[str, str, int]]:
    """The versions that contradict themselves: whose, of what, which."""
    sheet = found.stated.sheet
    return {
        (
            "E:" + sheet.column("subject")[row].removeprefix("E:"),
            sheet.column("entity")[row],
            found.stated.version(row),
        )
        for conflict in found.conflicts
        for row in conflict
    }


@settings(max_examples=300, deadline=None)
@given(st.lists(rows(), max_size=8))
def test_the_fold_of_a_file_is_the_fold_of_the_live_route(stated: list[dict[str, str]]) -> None:
    heads = list(stated[0]) if stated else ["subject", "measure", "entity", "occurred_at"]
    text = "\n".join([",".join(heads), *(",".join(row.values()) for row in stated), ""])
    for name, content in (("f.csv", text), ("f.jsonl", "\n".join(map(json.dumps, stated)))):
        if name == "f.jsonl" and not stated:
            continue
        found = read(content, ALL, name=name)
        assert {key: said(found, *key) for key in expected(stated)} == expected(stated)
        assert contradicting(found) == {
            (row.place.subject, row.entity, row.version)
            for conflict in fold(written(stated)).conflicts
            for row in conflict
            if not all(each.retracted for each in conflict)
        }


@settings(max_examples=100, deadline=None)
@given(st.lists(rows(), max_size=8), st.randoms())
def test_order_and_repetition_of_rows_change_nothing(stated: list[dict[str, str]], random: Any) -> None:
    again = [*stated, *stated[: len(stated) // 2]]
    random.shuffle(again)
    assert expected(stated) == expected(again)
    found = [read("\n".join(map(json.dumps, each)), ALL, name="f.jsonl") for each in (stated, again) if each]
    assert not found or said(found[0]) == said(found[-1])


# ---- what a plan makes of them


def tried(
    text: str, plan: Plan = PLAN, period: str = "", employee: str = "", base: Decimal | None = BASE
) -> Tried:
    """A plan tried on a file."""
    return Trying(plan, read(text, plan), base).tried(period, employee)


def amounts(found: Iterable[Result]) -> list[tuple[str, str, int | None]]:
    """Who is paid what in which month."""
    return [(r.employee, r.period, r.payout.amount if r.payout else None) for r in found]


DEALS = table("ann,deal,D1,80,2026-10-05,1,", "ann,deal,D2,50,2026-11-05,1,", "bob,deal,D3,100,2026-10-05,1,")


def test_a_plan_is_tried_on_all_months_of_the_facts() -> None:
    found = tried(DEALS)
    assert amounts(found.results) == [
        ("ann", "2026-10", 800000), ("ann", "2026-11", 500000),
        ("bob", "2026-10", 1000000), ("bob", "2026-11", 0),
    ]  # fmt: skip
    assert [note.key for note in found.notes] == ["assumed", "base"]


@pytest.mark.parametrize(
    ("period", "employee", "expected_amounts"),
    [
        ("2026-11", "ann", [("ann", "2026-11", 500000)]),
        ("2026-11", "E:ann", [("ann", "2026-11", 500000)]),
        ("2026Q4", "ann", [("ann", "2026-10", 800000), ("ann", "2026-11", 500000), ("ann", "2026-12", 0)]),
    ],
)
def test_one_period_or_one_employee_can_be_asked_for(
    period: str, employee: str, expected_amounts: list[tuple[str, str, int]]
) -> None:
    assert amounts(tried(DEALS, PLAN, period, employee).results) == expected_amounts


def test_a_year_has_twelve_months() -> None:
    assert months_of("2026") == [f"2026-{n:02d}" for n in range(1, 13)]


@pytest.mark.parametrize("period", ["2026-13", "2026Q5", "26", "0000", "2026-1", "Q4"])
def test_what_is_no_period_is_refused(period: str) -> None:
    with pytest.raises(Refused, match="bad_period"):
        months_of(period)


def test_somebody_who_is_not_in_the_facts_is_refused() -> None:
    with pytest.raises(Refused, match=r"unknown_employee: --employee is cid; the facts have ann, bob"):
        tried(DEALS, PLAN, "", "cid")


def test_a_plan_that_is_not_in_force_is_refused() -> None:
    with pytest.raises(Refused, match=r"no_plan: --period is 2025-12; the plan holds from 2026-01-01"):
        tried(DEALS, PLAN, "2025-12")


def test_terms_in_the_facts_are_those_that_count() -> None:
    text = table(
        "ann,employment,,,620000,sales,USD,2026-10-15,,",
        "ann,deal,D1,100,,,,,2026-10-20,1",
        heads="subject,measure,entity,value,base,team,currency,from,occurred_at,version",
    )
    found = tried(text, PLAN, "2026-10", base=None)
    assert amounts(found.results) == [("ann", "2026-10", 340000)]
    assert found.notes == []


def test_what_was_left_aside_is_said() -> None:
    text = (
        DEALS + "ann,dael,D9,1,2026-10-05,1,\nT:sales,deal,D9,1,2026-10-05,1,\nann,deal,D3,1,2026-12-05,2,\n"
    )
    notes = {note.key: note.given for note in tried(text, PLAN, "2026Q4").notes}
    assert notes["unread"] == {"measure": "dael", "count": 1, "known": "deal"}
    assert notes["alone"] == {"teams": "sales"}
    assert notes["elsewhere"] == {"count": 1, "named": "deal D3 (E:ann 2, E:bob 1)"}


def test_whom_the_plan_is_not_for_is_said() -> None:
    plan = measured(SUM, whom=Whom(frozenset({"sales"}), frozenset({"ann"})))
    found = tried(DEALS, plan, "2026-10")
    assert [each.employee for each in found.results] == ["ann"]
    assert {"names": "bob", "plan": "p@1"} in [note.given for note in found.notes if note.key == "without"]


def test_an_advance_is_recovered_from_later_months() -> None:
    plan = measured(SUM, payout=PayoutRule(draw=Draw(Decimal(6000))))
    text = table("ann,deal,D1,40,2026-10-05,1,", "ann,deal,D2,100,2026-11-05,1,")
    assert amounts(tried(text, plan).results) == [("ann", "2026-10", 600000), ("ann", "2026-11", 800000)]
    assert amounts(tried(text, plan, "2026-11").results) == [("ann", "2026-11", 800000)]


def test_an_advance_in_one_currency_is_not_recovered_in_another() -> None:
    rates = {"EUR": (Rate(date(2026, 1, 1), Decimal("0.92")),)}
    plan = measured(SUM, payout=PayoutRule(draw=Draw(Decimal(6000))), rates=rates)
    heads = "subject,measure,entity,value,base,team,currency,from,occurred_at,version"
    moved = [f"ann,employment,,,620000,sales,{money},{day},," for money, day in MOVED]
    text = table(*moved, "ann,deal,D1,40,,,,,2026-10-05,1", "ann,deal,D2,100,,,,,2026-11-05,1", heads=heads)
    with pytest.raises(Stopped, match="ann owes USD from before 2026-11 and is paid in EUR then"):
        tried(text, plan, base=None)


def test_a_month_on_hold_pays_nothing_yet() -> None:
    held = Metric("m", "deal", HUNDRED, {}, None)
    plan = Plan("p", 1, date(2026, 1, 1), None, "USD", {}, (SUM,), (Track("t", HUNDRED, {}, (held,)),))
    [result] = tried(DEALS, plan, "2026-10", "ann").results
    assert (result.payout, result.valued.holds) == (None, ("m: no target",))


@pytest.mark.parametrize("base", [Decimal("-1"), Decimal("0.001")])
def test_a_base_that_nobody_can_be_paid_is_refused(base: Decimal) -> None:
    with pytest.raises(Refused, match="bad_base"):
        tried(DEALS, base=base)
