"""What is wrong with a plan: each kind of problem by place, and all of them at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from dualtrack.adapters.plan_codec import plan as parsed
from dualtrack.domain.measures import Measure
from dualtrack.domain.plan import Curve, Metric, Plan, Track, problems
from tests.support.world import stored_plan

HALF, WHOLE = Decimal(50), Decimal(100)
SUM = Measure("m", "deal", "sum")
METRIC = Metric("x", "m", WHOLE, {"en": "X"}, WHOLE)
PLAN = Plan(
    "p", 1, date(2026, 1, 1), None, "USD", {"en": "P"}, (SUM,),
    (Track("a", HALF, {}, (METRIC,)), Track("b", HALF, {}, (replace(METRIC, id="y"),))),
)  # fmt: skip


def with_metric(**changed: object) -> Plan:
    """The plan with another metric in its first track."""
    return with_track(metrics=(replace(METRIC, **changed),))  # type: ignore[arg-type]


def with_track(**changed: object) -> Plan:
    """The plan with another first track."""
    return replace(PLAN, tracks=(replace(PLAN.tracks[0], **changed), PLAN.tracks[1]))  # type: ignore[arg-type]


def with_measure(*more: Measure) -> Plan:
    """The plan with more measures."""
    return replace(PLAN, measures=(SUM, *more))


def with_curve(kind: str, *table: tuple[int, int], tie: str = "upper") -> Plan:
    """The plan with a curve on its first metric."""
    rows = tuple((Decimal(edge), Decimal(points)) for edge, points in table)
    return with_metric(curve=Curve(kind, rows, tie))


WRONG = {
    "tracks below 100": (with_track(weight=Decimal("49.99")), "weights", "tracks[].weight"),
    "metrics above 100": (with_metric(weight=Decimal("100.01")), "weights", "tracks.a.metrics[].weight"),
    "no metrics": (with_track(metrics=()), "weights", "tracks.a.metrics[].weight"),
    "no tracks": (replace(PLAN, tracks=()), "weights", "tracks[].weight"),
    "a negative weight": (with_metric(weight=Decimal(-1)), "weights", "x.weight"),
    "a track twice": (with_track(id="b"), "twice", "tracks.b"),
    "a metric twice": (with_metric(id="y"), "twice", "tracks.a.metrics.y"),
    "a measure twice": (with_measure(SUM), "twice", "measures.m"),
    "an unheard-of measure": (with_metric(measure="n"), "unknown_measure", "tracks.a.metrics.x.measure"),
    "a ratio of nothing": (with_measure(Measure("r", "r", "ratio", numerator="m")), "unknown_measure",
                           "measures.r.denominator"),
    "a ratio of itself": (with_measure(Measure("r", "r", "ratio", numerator="m", denominator="r")),
                          "unknown_measure", "measures.r.denominator"),
    "an unheard-of kind": (with_measure(Measure("s", "deal", "median")), "unknown_kind", "measures.s.kind"),
    "an unheard-of scope": (with_measure(Measure("s", "deal", "sum", scope="all")), "unknown_choice",
                            "measures.s.scope"),
    "an unheard-of direction": (with_metric(direction="left"), "unknown_choice",
                        "tracks.a.metrics.x.direction"),
    "an unheard-of rule for falling": (with_metric(falling="fast"), "unknown_choice",
                        "tracks.a.metrics.x.falling"),
    "an unheard-of rule for no data": (with_metric(no_data="guess"), "unknown_choice",
                                       "tracks.a.metrics.x.no_data"),
    "a cap below the floor": (with_metric(floor=Decimal(121)), "bad_range", "tracks.a.metrics.x.cap"),
    "an unheard-of curve": (with_curve("bezier"), "unknown_kind", "tracks.a.metrics.x.curve.kind"),
    "steps without a table": (with_curve("steps"), "table", "tracks.a.metrics.x.curve.table"),
    "a line with a table": (with_curve("linear", (0, 0)), "table", "tracks.a.metrics.x.curve.table"),
    "overlapping edges": (with_curve("steps", (0, 0), (2, 1), (1, 2)), "overlap",
                        "tracks.a.metrics.x.curve.table"),
    "the same edge twice": (with_curve("steps", (0, 0), (0, 1)), "overlap", "tracks.a.metrics.x.curve.table"),
    "a gap at the start": (with_curve("marginal", (1, 1)), "gap", "tracks.a.metrics.x.curve.table"),
    "an unheard-of tie": (with_curve("steps", (0, 0), tie="both"), "unknown_choice",
                        "tracks.a.metrics.x.curve.tie"),
    "an unheard-of currency": (replace(PLAN, currency="XXX"), "unknown_currency", "currency"),
    "an unheard-of proration": (replace(PLAN, proration="hourly"), "unknown_choice", "proration"),
    "an end before its start": (replace(PLAN, end=date(2025, 12, 31)), "bad_range", "effective.to"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_plan_that_could_not_be_paid_by_is_refused(name: str) -> None:
    plan, reason, place = WRONG[name]
    found = [(each.reason, each.field) for each in problems(plan)]
    assert (reason, place) in found
    assert all(each.remedy for each in problems(plan))


def test_a_sound_plan_has_no_problems() -> None:
    assert problems(PLAN) == []


def test_every_problem_is_said_at_once() -> None:
    plan = replace(with_curve("bezier"), currency="XXX", proration="hourly", end=date(2025, 1, 1))
    assert {each.reason for each in problems(plan)} == {
        "unknown_kind", "unknown_currency", "unknown_choice", "bad_range",
    }  # fmt: skip


def test_an_interpolated_curve_may_start_anywhere() -> None:
    assert problems(with_curve("interpolated", (-1, 0), (1, 100))) == []


def test_the_shipped_plan_says_the_same_after_storing() -> None:
    plan, text = stored_plan("demo-2017")
    assert parsed(text) == plan
    assert problems(plan) == []
