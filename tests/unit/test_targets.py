"""Targets: what the plan says, what was observed, seasons, ramps, changes and days."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from dualtrack.domain.measures import KINDS, Measure, partial
from dualtrack.domain.observations import Observation, Place
from dualtrack.domain.periods import days_in, window
from dualtrack.domain.plan import TargetRule
from dualtrack.domain.targets import Service, by_days, default, target
from tests.support.plans import Number, metric, number, numbers

D = Decimal
YEARS = Service(date(2020, 1, 1), lambda month: (days_in(month), days_in(month)))
NEWCOMER = Service(
    date(2026, 2, 15), lambda month: ({"2026-02": 14}.get(month, days_in(month)), days_in(month))
)
QUARTER = ["2026-01", "2026-02", "2026-03"]
JANUARY, MARCH = ["2026-01"], ["2026-03"]
SEASONS = tuple(map(D, (20, 20, 20, 40)))
MONTHS = tuple(map(D, (5, 5, 5, 5, 5, 5, 10, 10, 10, 10, 10, 20)))


def found(
    whole: Number = 1200,
    months: list[str] = JANUARY,
    stated: Mapping[str, Number] | None = None,
    service: Service = YEARS,
    **rule: Any,
) -> Decimal | None:
    """The target of a metric under a rule."""
    known = numbers(stated or {})
    return target(metric(target=whole, targets=TargetRule(**rule)), months, known.get, service)


@pytest.mark.parametrize(
    ("rule", "months", "expected"),
    [
        ({}, JANUARY, "1200"),
        ({}, QUARTER, "1200"),
        ({"per": "month"}, JANUARY, "1200"),
        ({"per": "month"}, QUARTER, "3600"),
        ({"per": "year"}, JANUARY, "100"),
        ({"per": "year"}, QUARTER, "300"),
        ({"per": "year", "seasonality": SEASONS}, JANUARY, "80"),
        ({"per": "year", "seasonality": SEASONS}, QUARTER, "240"),
        ({"per": "year", "seasonality": SEASONS}, ["2026-10", "2026-11"], "320"),
        ({"per": "year", "seasonality": SEASONS}, window("2026-12", "year_to_date"), "1200"),
        ({"per": "year", "seasonality": MONTHS}, JANUARY, "60"),
        ({"per": "year", "seasonality": MONTHS}, ["2026-12"], "240"),
        ({"per": "year", "seasonality": MONTHS}, window("2026-12", "year_to_date"), "1200"),
    ],
)
def test_a_target_is_for_the_window_for_each_month_or_for_the_year(
    rule: Any, months: list[str], expected: str
) -> None:
    assert found(months=months, **rule) == D(expected)


@pytest.mark.parametrize("whole", ["100", "1000000", "0.07", "99999999.99"])
def test_thirds_and_twelfths_of_a_year_are_the_whole_again(whole: str) -> None:
    assert found(whole, window("2026-12", "year_to_date"), per="year") == D(whole)
    assert found(whole, QUARTER, per="year", seasonality=SEASONS) == D(whole) / 5
    assert found("120", per="year") == 10, "and ten is not 9.99…96"


@pytest.mark.parametrize(
    ("stated", "rule", "months", "expected"),
    [
        ({"2026-01": 900}, {}, JANUARY, "900"),
        ({"2026-02": 900}, {}, JANUARY, "1200"),
        ({"2026-03": 900}, {}, QUARTER, "900"),
        ({"2026-01": 900}, {}, QUARTER, "1200"),
        ({"2026-02": 900}, {"per": "month"}, QUARTER, "3300"),
        ({"2026-02": 900}, {"per": "year"}, QUARTER, "1100"),
        ({"2026-01": 0}, {}, JANUARY, "0"),
    ],
)
def test_a_target_that_was_observed_comes_before_the_plan_s(
    stated: Any, rule: Any, months: list[str], expected: str
) -> None:
    assert found(stated=stated, months=months, **rule) == D(expected)


def test_a_target_that_is_missing_in_any_month_is_missing() -> None:
    assert found(None) is None
    assert found(None, QUARTER, {"2026-01": 1, "2026-02": 1}, per="month") is None
    assert found(None, QUARTER, {"2026-01": 1, "2026-02": 1, "2026-03": 1}, per="month") == 3
    assert found(None, QUARTER, {"2026-03": 1}) == 1


@pytest.mark.parametrize(
    ("month", "expected"),
    [("2026-01", "1200"), ("2026-02", "480"), ("2026-03", "720"), ("2026-04", "960"), ("2026-05", "1200")],
)
def test_newcomers_start_on_part_of_a_target(month: str, expected: str) -> None:
    assert found(months=[month], service=NEWCOMER, ramp=tuple(map(D, (40, 60, 80)))) == D(expected)


def test_a_quarter_s_ramp_counts_month_by_month() -> None:
    assert found(100, QUARTER, service=NEWCOMER, per="month", ramp=(D(40), D(60))) == 100 + 40 + 60


@pytest.mark.parametrize(
    ("prorate", "month", "expected"),
    [(False, "2026-02", "1400"), (True, "2026-02", "700"), (True, "2026-03", "1400")],
)
def test_a_target_is_cut_by_days_only_if_the_plan_says_so(prorate: bool, month: str, expected: str) -> None:
    assert found(1400, [month], service=NEWCOMER, prorate=prorate) == D(expected)


def test_what_was_observed_is_cut_by_days_too() -> None:
    assert found(None, ["2026-02"], {"2026-02": 280}, NEWCOMER, prorate=True, ramp=(D(50),)) == 70


@pytest.mark.parametrize(
    ("whole", "rule", "month", "expected"),
    [
        (1200, {}, "2026-12", "1200"),
        (1200, {"per": "year"}, "2026-12", "100"),
        (1200, {"per": "year", "seasonality": MONTHS}, "2026-12", "240"),
        (None, {"per": "year"}, "2026-12", None),
    ],
)
def test_what_the_plan_says_for_a_month(whole: Number, rule: Any, month: str, expected: Number) -> None:
    assert default(metric(target=whole, targets=TargetRule(**rule)), month) == number(expected)


# Changes within a month.


def changes(*said: tuple[int, int, str | int]) -> tuple[str, ...]:
    """(day of April, version, value) in turn, as they fold."""
    places = [Place("E:a", "2026-04", "target.m", f"2026-04-{day:02d}") for day, _, _ in said]
    rows = [
        Observation(place, f"e{n}", version, "x", {"value": D(value)})
        for n, (place, (_, version, value)) in enumerate(zip(places, said, strict=True))
    ]
    timeline = Measure("target.m", "target.m", "timeline")
    folded = partial(timeline, rows)
    assert folded
    assert KINDS["timeline"].merge([folded, folded]) == folded
    return folded


@pytest.mark.parametrize(
    ("said", "whole", "expected"),
    [
        ([(1, 1, 300)], 90, "300"),
        ([(16, 1, 300)], 90, "195"),
        ([(16, 1, 300)], None, "300"),
        ([(30, 1, 300)], 90, "97"),
        ([(11, 1, 100), (21, 1, 200)], 0, "100"),
        ([(11, 1, 100), (21, 1, 200)], None, "133.33333333333333333333333333333333333333333333333"),
        ([(16, 2, 300), (16, 1, 500)], 90, "195"),
        ([(1, 1, 90), (1, 2, 60)], None, "60"),
    ],
)
def test_a_target_that_changes_by_days(said: Any, whole: Number, expected: str) -> None:
    assert by_days(changes(*said), number(whole), "2026-04") == D(expected)
