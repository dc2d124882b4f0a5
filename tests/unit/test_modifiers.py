"""Modifiers: what is added, multiplied and deducted, in which order, and how far."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from dualtrack.domain.plan import Modifier
from dualtrack.domain.reasons import Reason
from tests.support.plans import Number, card, gate, metric, modifier, named, plan, points, track

D = Decimal
KINDS = {"violations": "count", "exam": "last", "net": "sum", "passed": "last"}


def after(
    *modifiers: Modifier, start: Number = 80, given: Mapping[str, Any] | None = None, **fields: Any
) -> Decimal:
    """A metric's points after modifiers."""
    written = plan(metric(modifiers=modifiers, **fields), kinds=KINDS)
    return points(card(written, m=start, **given or {}))


LINEAR = modifier("deduct", 10, per="violations")
COMPOUND = modifier("deduct", 10, per="violations", compound=True)


@pytest.mark.parametrize(
    ("modifiers", "given", "expected"),
    [
        ([modifier("add", 5)], {}, "85"),
        ([modifier("add", -5)], {}, "75"),
        ([modifier("multiply", "1.1")], {}, "88"),
        ([modifier("deduct", 10)], {}, "72"),
        ([modifier("add", "0.1", per="exam")], {"exam": 92}, "89.2"),
        ([modifier("multiply", "0.5", per="net")], {"net": 2}, "80"),
        ([modifier("multiply", "0.5", per="net")], {}, "0"),
        ([LINEAR], {}, "80"),
        ([LINEAR], {"violations": 0}, "80"),
        ([LINEAR], {"violations": 3}, "56"),
        ([LINEAR], {"violations": 10}, "0"),
        ([LINEAR], {"violations": 11}, "0"),
        ([LINEAR, modifier("add", 5), LINEAR], {"violations": 3}, "37"),
        ([LINEAR, modifier("multiply", "0.5"), modifier("deduct", 10)], {"violations": 3}, "20"),
        ([modifier("add", 5), LINEAR], {"violations": 3}, "59.5"),
        ([COMPOUND], {}, "80"),
        ([COMPOUND], {"violations": 3}, "58.32"),
        ([COMPOUND, LINEAR], {"violations": 1}, "64"),
        ([modifier("deduct", 100, per="violations", compound=True)], {"violations": 0}, "80"),
        ([modifier("deduct", 100, per="violations", compound=True)], {"violations": 2}, "0"),
        ([modifier("deduct", 150, per="violations", compound=True)], {"violations": 2}, "0"),
        ([modifier("deduct", 10, per="net")], {"net": -3}, "80"),
        ([modifier("deduct", 10, per="net", compound=True)], {"net": -3}, "80"),
        ([modifier("add", 10, per="net")], {"net": -3}, "50"),
    ],
)
def test_modifiers_do_what_they_say(modifiers: Any, given: Any, expected: str) -> None:
    assert after(*modifiers, given=given) == D(expected)


@pytest.mark.parametrize("act", ["add", "multiply", "deduct"])
def test_a_modifier_that_counts_what_has_no_value_does_not_apply(act: str) -> None:
    written = plan(metric(modifiers=(modifier(act, "0.5", per="exam"),)), kinds=KINDS)
    found = named(card(written, m=80))
    assert found.points == 80
    assert found.reasons[-1] == Reason(act, "exam none", "does not apply")


def test_three_violations_cost_30_percent_of_the_points_before_the_first_even_if_listed_one_by_one() -> None:
    one = modifier("deduct", 10)
    assert after(one, one, one) == 56
    assert after(one, modifier("add", 4), one, one) == 60


def test_modifiers_apply_by_order_then_as_written() -> None:
    add, double = modifier("add", 5, order=2), modifier("multiply", 2, order=1)
    assert after(add, double, start=40) == 85
    assert after(modifier("add", 5), modifier("multiply", 2), start=40) == 90
    assert after(modifier("multiply", 2), modifier("add", 5), start=40) == 85


@pytest.mark.parametrize(
    ("modifiers", "start", "expected"),
    [
        ([modifier("add", 50)], 80, 120),
        ([modifier("add", 50, may_pass_cap=True)], 80, 130),
        ([modifier("add", 50, may_pass_cap=True), modifier("add", 5)], 80, 130),
        ([modifier("add", 5), modifier("add", 50, may_pass_cap=True)], 118, 170),
        ([modifier("add", 50, may_pass_cap=True), modifier("multiply", "0.5")], 80, 65),
        ([modifier("add", 50, may_pass_cap=True), modifier("add", -5)], 80, 125),
        ([modifier("add", -100)], 80, 0),
        ([modifier("add", -100), modifier("add", 10)], 80, 10),
    ],
)
def test_points_pass_the_cap_only_by_what_may_and_never_fall_below_the_floor(
    modifiers: Any, start: int, expected: int
) -> None:
    assert after(*modifiers, start=start) == expected


def test_a_metric_s_own_floor_and_cap_bound_its_modifiers() -> None:
    assert after(modifier("add", -100), floor=D(30)) == 30
    assert after(modifier("add", 100), cap=D(90)) == 90


@pytest.mark.parametrize(
    ("passed", "start", "expected"),
    [(1, 80, 85), (0, 80, 80), (None, 80, 80), (1, 79, 79)],
)
def test_a_modifier_applies_while_all_its_conditions_hold(passed: Number, start: int, expected: int) -> None:
    bonus = modifier("add", 5, "measure passed at_least 1", "metric m points at_least 80")
    assert after(bonus, start=start, given={"passed": passed}) == expected


def test_what_does_not_apply_says_why() -> None:
    written = plan(metric(modifiers=(modifier("add", 5, "measure passed at_least 1"),)), kinds=KINDS)
    assert named(card(written, m=80)).reasons[-1] == Reason(
        "add", "measure passed none, at_least 1", "does not apply"
    )


@pytest.mark.parametrize(
    ("fields", "value", "state"),
    [
        ({}, None, "zero"),
        ({"no_data": "exclude"}, None, "excluded"),
        ({"gates": (gate("metric m points at_least 90"),)}, 80, "ineligible"),
        ({"target": None}, 80, "hold"),
    ],
)
def test_only_what_is_scored_is_modified(fields: Any, value: Number, state: str) -> None:
    written = plan(
        track("t", 100, metric("m", 50, modifiers=(modifier("add", 5),), **fields), metric("o", 50))
    )
    found = named(card(written, m=value, o=1))
    assert (found.state, found.points) == (state, D(0))


# The worked examples.


def test_file_metric_base_86_and_exam_92() -> None:
    assert after(modifier("add", "0.1", per="exam"), start=86, given={"exam": 92}) == D("95.2")


@pytest.mark.parametrize(("done", "expected"), [(1, 85), (0, 0), (None, 0)])
def test_competitor_metric_80_with_and_without_the_course(done: Number, expected: int) -> None:
    completed = gate("measure passed at_least 1")
    assert after(modifier("add", 5), gates=(completed,), given={"passed": done}) == expected
