"""The pay setup: what is refused, when closes start, on which day money arrives."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dualtrack.adapters import pay_codec, pay_file, yaml_text
from dualtrack.adapters.payfiles.bank import CELLS
from dualtrack.app.schedule import closable, due, late
from dualtrack.domain.calendars import closes_at, day_after, open_on, pay_day
from dualtrack.domain.checks_setup import FIELDS
from dualtrack.domain.errors import Refused
from dualtrack.domain.payouts import KINDS
from dualtrack.domain.periods import a_period, closing_month, last_day, months_of, period_in
from dualtrack.domain.runs import Run
from dualtrack.domain.setup import DEFAULT, Group, Moment, Setup
from infra.cli.reasons import REASONS
from infra.cli.remedies import in_chinese
from tests.support.plans import metric, plan
from tests.support.world import ROOT

SHIPPED = sorted((ROOT / "events/pay").glob("*.yaml"))
CHICAGO, SHANGHAI = ZoneInfo("America/Chicago"), ZoneInfo("Asia/Shanghai")


def raw() -> dict[str, Any]:
    """The Chinese tenant's document."""
    found: dict[str, Any] = yaml_text.parsed((ROOT / "events/pay/acme.yaml").read_text("utf-8"))
    return copy.deepcopy(found)


def acme() -> Setup:
    """What it says."""
    return pay_file.read(raw())[0]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_setup_is_sound_and_its_stored_text_says_the_same(path: Any) -> None:
    setup, text = pay_file.load(path)
    assert pay_codec.setup(text) == setup


Change = Callable[[dict[str, Any]], object]
WRONG: dict[str, tuple[Change, str]] = {
    "nobody for everybody": (lambda d: d["groups"][0].update(teams=["t"]), "exactly one group"),
    "two groups of one name": (lambda d: d["groups"].append(d["groups"][1]), "twice: groups"),
    "an unknown calendar": (lambda d: d["groups"][0]["close"].update(calendar="us"), "calendars: cn"),
    "an hour that is none": (lambda d: d["groups"][0]["close"].update(time="25:00"), "groups.all.close.time"),
    "an hour without its 0": (lambda d: d["groups"][0]["close"].update(time="1:00"), "a time as HH:MM"),
    "a year between": (lambda d: d["groups"][0]["pay"].update(days=400), "write at most 366"),
    "no day at all": (lambda d: d["groups"][0]["close"].update(days=0), "write at least 1"),
    "a week": (lambda d: d["groups"][1].update(every="week"), "use one of month, quarter"),
    "a first month that is none": (lambda d: d["groups"][1].update(since="2026-13"), "a month as YYYY-MM"),
    "a group that no name can hold": (lambda d: d["groups"][1].update(id="a/b"), "bad_id: groups.a/b.id"),
    "a group of a long name": (lambda d: d["groups"][1].update(id="g" * 41), "1 to 40 characters"),
    "a group named in one language": (lambda d: d["groups"][1].update(name={"en": "x"}), "in en and in zh"),
    "an employee in two groups": (
        lambda d: [group.update(employees=["ann"]) for group in _two(d)], "twice: groups.employees is ann",
    ),
    "a limit of half a cent": (lambda d: d["carry_up_to"].update(CNY="0.005"), "CNY has 2 digits"),
    "a limit below 0": (lambda d: d["carry_up_to"].update(CNY="-1"), "write at least 0"),
    "a limit in an unknown currency": (
        lambda d: d["carry_up_to"].update(XXX=1), "unknown_currency: carry_up_to.XXX",
    ),
    "a limit in a currency that nobody pays": (
        lambda d: (d["carry_up_to"].update(EUR=1), d.update(files=["lines", "pain001"])),
        "debtors is EUR; pain001",
    ),
    "half a month": (lambda d: d["clawbacks"].update(shares=[["1.5", 100]]), "clawbacks.shares is 1.5"),
    "two characters between columns": (lambda d: d["banks"][0].update(separator=";;"), "write one character"),
    "a way of writing accounts that is none": (lambda d: d["banks"][0].update(text="x"), "none, quote, tab"),
    "an account without a number": (lambda d: d["debtors"][0].update(account=" "), "account is  ; write it"),
    "rising shares": (lambda d: d["clawbacks"].update(shares=[[12, 50], [18, 100]]), "falling percents"),
    "a limit as a float": (lambda d: d["carry_up_to"].update(CNY=1.5), "a float is not exact"),
    "an unknown currency": (lambda d: d["debtors"][0].update(currency="XXX"), "unknown_currency: debtors"),
    "a kind of file that is none": (lambda d: d["files"].append("pdf"), "unknown_choice: files"),
    "no lines": (lambda d: d["files"].remove("lines"), "lines.csv is what amounts"),
    "a missing account of the ledger": (lambda d: d["journal"].pop("draw"), "missing: journal is draw"),
    "banks without accounts": (lambda d: d.update(accounts="payroll"), "bank needs banks"),
    "a column of nothing": (
        lambda d: d["banks"][0]["columns"].append({"head": "x", "field": "y"}), "is y; use",
    ),
    "an encoding that is none": (lambda d: d["banks"][0].update(encoding="ebcdic"), "use gb18030"),
    "two orders for a currency": (
        lambda d: d["banks"].append(d["banks"][0] | {"id": "b"}), "everybody twice",
    ),
    "no amount": (lambda d: d["banks"][0]["columns"].pop(3), "how much"),
    "a holiday that is worked": (
        lambda d: d["calendars"][0]["workdays"].append(date(2026, 1, 1)), "not both",
    ),
    "a field that is none": (lambda d: d.update(colour="red"), "extra_forbidden: colour"),
}  # fmt: skip


def _two(document: dict[str, Any]) -> list[dict[str, Any]]:
    """A second and a third group."""
    document["groups"].append({"id": "third", "teams": ["t"]})
    found: list[dict[str, Any]] = document["groups"][1:]
    return found


@pytest.mark.parametrize("fault", WRONG)
def test_a_fault_is_named_with_its_place_and_remedy(fault: str) -> None:
    change, why = WRONG[fault]
    document = raw()
    change(document)
    with pytest.raises(Refused, match=why):
        pay_file.read(document)


@pytest.mark.parametrize("fault", WRONG)
def test_a_fault_can_be_read_in_chinese(fault: str) -> None:
    document = raw()
    WRONG[fault][0](document)
    with pytest.raises(Refused) as refused:
        pay_file.read(document)
    assert {each.reason for each in refused.value.problems} <= set(REASONS)
    told = [each.remedy for each in refused.value.problems]
    assert [each for each in told if in_chinese(each) == each] == []


def test_several_faults_are_named_at_once() -> None:
    document = raw()
    document["colour"] = "red"
    document["files"].append("pdf")
    document["carry_up_to"] = {"XXX": 1, "CNY": "0.001"}
    with pytest.raises(Refused, match=r"colour.*XXX.*CNY has 2.*files"):
        pay_file.read(document)


def test_the_columns_that_may_be_named_are_those_that_can_be_written() -> None:
    assert sorted(FIELDS) == sorted(CELLS)
    assert set(pay_file.load(ROOT / "events/pay/demo.yaml")[0].journal) == set(KINDS)


def test_a_calendar_of_2026_has_its_days_off_and_the_weekends_that_are_worked() -> None:
    """The notice of 4 November 2025: 33 days off with their weekends, 6 weekend days worked instead."""
    [cn] = acme().calendars
    days = [date(2026, 1, 1) + timedelta(n) for n in range(365)]
    off = [day for day in days if not open_on(cn, day)]
    spans = {"01-01": 3, "02-15": 9, "04-04": 3, "05-01": 5, "06-19": 3, "09-25": 3, "10-01": 7}
    named = [
        date.fromisoformat(f"2026-{day}") + timedelta(n) for day, count in spans.items() for n in range(count)
    ]
    assert set(named) <= set(off)
    assert {day for day in off if day.weekday() < 5} <= set(named)
    assert {str(day)[5:] for day in days if day.weekday() >= 5 and open_on(cn, day)} == {
        "01-04", "02-14", "02-28", "05-09", "09-20", "10-10",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("time", "period", "zone", "moment"),
    [
        # Clocks go forward on 1 April 2018 at 02:00 in Mexico: 02:30 is not there, and is 03:30.
        ("02:30", "2018-03", "America/Mexico_City", datetime(2018, 4, 1, 8, 30, tzinfo=UTC)),
        # They go back on 1 November 2015 at 02:00 in Chicago: 01:30 comes twice, and is the first.
        ("01:30", "2015-10", "America/Chicago", datetime(2015, 11, 1, 6, 30, tzinfo=UTC)),
        # Samoa had no 30 December 2011; a day later it is 14 hours ahead and not 10 behind.
        ("00:30", "2011-11", "Pacific/Apia", datetime(2011, 12, 1, 10, 30, tzinfo=UTC)),
        ("00:30", "2011-12", "Pacific/Apia", datetime(2011, 12, 31, 10, 30, tzinfo=UTC)),
    ],
)
def test_a_local_time_is_that_of_its_day(time: str, period: str, zone: str, moment: datetime) -> None:
    group = Group("g", close=Moment(1, time))
    assert closes_at(DEFAULT, group, period, ZoneInfo(zone)) == moment


@pytest.mark.parametrize(
    ("period", "month", "months"),
    [("2026-10", "2026-10", ["2026-10"]), ("2026Q4", "2026-12", ["2026-10", "2026-11", "2026-12"])],
)
def test_a_period_has_months_and_closes_with_the_last(period: str, month: str, months: list[str]) -> None:
    assert (closing_month(period), months_of(period)) == (month, months)
    assert {period_in(each, "quarter" if "Q" in period else "month") for each in months} == {period}


@pytest.mark.parametrize("text", ["2026Q5", "2026-13", "2026", "Q4", "2026-1"])
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="bad_period"):
        a_period(text)


@pytest.mark.parametrize(
    ("group", "period", "closes", "pays"),
    [
        ("all", "2025-12", datetime(2026, 1, 4, 17, tzinfo=UTC), date(2026, 1, 8)),  # 4 January is worked
        ("all", "2026-01", datetime(2026, 2, 2, 17, tzinfo=UTC), date(2026, 2, 6)),
        ("marketing", "2026Q1", datetime(2026, 4, 2, 17, tzinfo=UTC), date(2026, 4, 13)),
    ],
)
def test_closes_and_pay_days_go_by_the_business_days_of_the_tenant(
    group: str, period: str, closes: datetime, pays: date
) -> None:
    setup = acme()
    assert closes_at(setup, setup.group(group), period, SHANGHAI) == closes
    assert pay_day(setup, setup.group(group), period) == pays


@given(st.integers(1, 15), st.integers(2020, 2030), st.integers(1, 12), st.sampled_from(["", "cn"]))
def test_a_close_starts_after_the_period_and_never_on_a_closed_day(
    days: int, year: int, month: int, calendar: str
) -> None:
    setup, period = acme(), f"{year}-{month:02d}"
    group = Group("g", close=Moment(days, "02:30", calendar))
    moment = closes_at(setup, group, period, CHICAGO)
    assert moment is not None
    local = moment.astimezone(CHICAGO).date()
    assert local > last_day(period)
    if calendar:
        assert open_on(setup.calendars[0], local)
        assert local == day_after(last_day(period), days, setup.calendars[0])


def run_of(period: str, state: str, group: str = "all") -> Run:
    """A regular run."""
    return Run(f"{period}-01", period, state, 1, 1, "anna", group=group)


NOW = datetime(2018, 1, 1, 7, tzinfo=UTC)  # an hour after midnight in Chicago
KNOWN = ["2017-10", "2017-11", "2017-12", "2018-01"]


@pytest.mark.parametrize(
    ("runs", "started"),
    [
        ([], ["2017-10"]),  # the oldest first: months close in their order
        ([run_of("2017-10", "REVIEW")], []),  # the next one waits for it
        ([run_of("2017-10", "OPEN")], ["2017-10"]),  # sent back: to be closed again
        ([run_of("2017-10", "PUBLISHED")], ["2017-11"]),
        ([run_of("2017-10", "PUBLISHED"), run_of("2017-11", "PUBLISHED")], ["2017-12"]),
        ([run_of(m, "PUBLISHED") for m in KNOWN[:3]], []),  # January is not over
    ],
)
def test_what_is_due_is_started_and_what_was_missed_is_caught_up(runs: list[Run], started: list[str]) -> None:
    found = due(DEFAULT, CHICAGO, runs, KNOWN, NOW)
    assert [each.period for each in found] == started
    assert late(found, NOW) == len([p for p in started if p < "2017-12"])


def test_history_from_before_the_first_plan_is_never_due() -> None:
    plans = [
        plan(metric(), start=date(2017, 11, 15)),
        plan(metric(), start=date(2016, 1, 1), end=date(2016, 2, 1)),
    ]
    observed = ["2015-12", "2016-02", "2016-03", "2017-10", "2017-11", "2018-01"]
    assert closable(observed, plans) == ["2016-02", "2017-11", "2018-01"]


def test_each_group_has_its_own_schedule_and_one_without_is_started_by_people() -> None:
    groups = (Group("all"), Group("q", every="quarter", plans=frozenset({"p"}), close=Moment(1, "00:30")))
    setup = replace(DEFAULT, groups=groups)
    found = due(setup, CHICAGO, [run_of("2017-10", "PUBLISHED")], KNOWN, NOW)
    assert [(each.group, each.period) for each in found] == [("q", "2017Q4")]
