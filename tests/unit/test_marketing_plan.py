"""The marketing plan: each constant and each linkage, fed from raw counts, computed by hand in its row.

``events/plans/README.md`` names these rows beside the indicators; the last tests hold that page to the plan.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import takewhile
from typing import Any

import pytest

from dualtrack.domain.checks import problems
from dualtrack.domain.numbers import exact, plain
from dualtrack.domain.scoring import Scorecard
from tests.support import plans
from tests.support.forms import ROOT, Event, form, learned, scores, shipped, targets, valued

PLAN = shipped("marketing")
Row = tuple[str, list[Event], str, str, str]
D = Decimal


def team(aware: int, asked: int, baseline_aware: int, baseline_asked: int, **more: Any) -> Event:
    """A survey of team t1, and the one before it."""
    counts = {
        "aware": aware,
        "asked": asked,
        "baseline_aware": baseline_aware,
        "baseline_asked": baseline_asked,
    }
    return form("awareness", employee=None, team="t1", **counts, **more)


def parts(**missing: Any) -> dict[str, Any]:
    """A report that carries its four parts, 20 hours after the competitor's move."""
    whole = {"features": "a", "target_users": "b", "impact": "c", "advice": "d", "hours": 20}
    return whole | missing


def year(consumed: int, stock: int, months: int = 12) -> list[Event]:
    """Month-ends up to March."""
    days = [f"2025-{month:02d}-28" for month in range(4, 13)] + [
        f"2026-{month:02d}-28" for month in (1, 2, 3)
    ]
    return [form("stock", day, consumed=consumed, stock=stock) for day in days[-months:]]


@exact
def quotient(points: int, weights: int) -> Decimal:
    """Weighted points over weights, with all digits that the rules have."""
    return D(points) / D(weights)


def files(**numbers: Any) -> Event:
    """A month's review of the customer files."""
    return form("files", **numbers)


def ad(spent: int, **numbers: int) -> Event:
    """A campaign's day."""
    return form(
        "ad", **{"spent": spent, "revenue": 0, "impressions": 0, "clicks": 0, "acquired": 0} | numbers
    )


DONE = learned("completed", course="competitor-analysis")

INDICATORS: list[Row] = [
    # metric, facts (with a target where the plan has none), value, attainment, points
    # Brand
    ("exposure", [form("brand", exposures=50000), form("brand", exposures=40000),
                  *targets(exposure="120000")], "90000", "0.75", "75"),
    ("exposure_conversion", [form("brand", exposures=50000, conversions=1000)], "0.02", "1", "100"),
    ("exposure_conversion", [form("brand", exposures=1000, conversions=30),
                             form("brand", exposures=49000, conversions=470)],
     "0.01", "0.5", "50"),  # 500 / 50 000
    ("awareness_lift", [team(230, 1000, 400, 2000)], "0.15", "1", "100"),  # 0.23 / 0.20 − 1
    ("awareness_lift", [team(230, 1000, 400, 2000, day="2026-01-20")],
     "0.15", "1", "100"),  # the quarter so far
    ("awareness_lift", [team(190, 1000, 400, 2000)], "-0.05", "0", "0"),
    # Sales plan
    ("revenue", [form("deal", amount=60000), form("deal", amount=20000),
                 form("deal", amount=9000, stage="Lost"), *targets(revenue="100000")], "80000", "0.8", "80"),
    ("volume", [form("deal", amount=1, units=30), form("deal", amount=1, units=15), *targets(volume="50")],
     "45", "0.9", "90"),
    ("new_customers", [*(form("customer", f"2026-{day}", account=name)
                         for day, name in (("01-10", "A"), ("02-10", "A"), ("02-11", "B"), ("03-02", "C"))),
                       *targets("2026-01", new_customers="1"), *targets("2026-02", new_customers="1"),
                       *targets("2026-03", new_customers="2")], "3", "0.75", "75"),  # 3 of 1 + 1 + 2
    # Product input
    ("product_inputs", [form("input") for _ in range(10)], "10", "1", "100"),
    ("product_inputs", [form("input", inputs=7)], "7", "0.7", "70"),
    ("product_adopted", [*(form("input", adopted=said) for said in (1, 1, 1, 0, 0)), form("input")],
     "0.6", "1", "100"),  # 3 of the 5 that were decided
    ("product_adopted", [form("input", inputs=12, decided=10, adopted=3)], "0.3", "0.5", "50"),
    # Advertising
    ("ad_roi", [ad(1000, revenue=2000)], "1", "1", "100"),  # 2 000 / 1 000 − 1
    ("ad_roi", [ad(600, revenue=1000), ad(400, revenue=800)], "0.8", "0.8", "80"),
    ("ad_ctr", [ad(1, impressions=10000, clicks=200)], "0.02", "1", "100"),
    ("ad_cac", [ad(800, acquired=10)], "80", "1.2", "120"),  # the worked example: 80 against 100
    ("ad_cac", [ad(1000, acquired=10)], "100", "1", "100"),
    ("ad_cac", [ad(2500, acquired=10)], "250", "0", "0"),
    ("ad_cac", [ad(150)], "150", "0.5", "50"),  # nobody was won: all that was spent
    # Customer files
    ("file_coverage", [files(customers=200, covered=190)], "0.95", "1", "100"),
    ("file_coverage", [files(customers=1, covered="0.76")], "0.76", "0.8", "80"),  # a ready percentage
    ("file_updates", [files(files=200, updated=60)], "0.3", "1", "100"),
    ("file_accuracy", [files(checked=50, correct=45)], "0.9", "1", "100"),
    # Promotional material
    ("stock_turnover", year(1000, 3000), "4", "1", "100"),  # 12 000 / 3 000
    ("stock_turnover", year(1000, 4000, months=3), "3", "0.75", "75"),  # 3 000 in a quarter: 12 000 / 4 000
    ("material_loss", [form("material", issued=1000, lost=20)], "0.02", "1", "100"),
    ("material_loss", [form("material", issued=900), form("material", issued=100, lost=30)],
     "0.03", "0.5", "50"),
    ("approval_hours", [form("approval", hours=10), form("approval", hours=38)], "24", "1", "100"),
    ("approval_hours", [form("approval", asked_at="2026-03-02T09:00:00Z", approved_at="2026-03-03T21:00Z")],
     "36", "0.5", "50"),
    # Competitor tracking
    ("response_hours", [DONE, form("report", **parts(hours=24))], "24", "1", "100"),
    ("response_hours", [DONE, form("report", **parts(hours=12)), form("report", **parts(hours=24))],
     "18", "1.25", "120"),
    ("report_quality", [DONE, form("report", **parts(quality=70)), form("report", **parts(quality=90))],
     "80", "0.8", "80"),
    # Sales policy
    ("policy_violations", [], "0", "2", "100"),
    ("policy_violations", [form("violation"), form("violation")], "2", "0", "100"),  # the track pays for it
    ("rectification", [form("violation", rectified=1), form("violation", rectified=0), form("violation")],
     "0.5", "0.5", "50"),  # of the two that are due
    # After-sales
    ("complaints_in_time", [form("complaint", in_time=1) for _ in range(4)], "1", "1", "100"),
    ("complaints_in_time", [form("complaint", complaints=20, in_time=19)], "0.95", "0.95", "95"),
    ("returning_customers", [form("returning", customers=50, returning=40)], "0.8", "1", "100"),
    ("service_rating", [form("rating", rating=9), form("rating", rating=10),
                        form("rating", rating=28, ratings=3)], "9.4", "0.94", "94"),  # 47 / 5
]  # fmt: skip


@pytest.mark.parametrize("row", INDICATORS, ids=[f"{row[0]} {row[2]}" for row in INDICATORS])
def test_an_indicator_is_what_its_raw_counts_come_to(row: Row) -> None:
    metric, facts, value, attainment, points = row
    found = scores(valued("marketing", facts))[metric]
    assert (found.value, found.attainment, found.points) == (D(value), D(attainment), D(points))
    assert found.state == "scored"


def test_every_indicator_has_a_row() -> None:
    assert {row[0] for row in INDICATORS} == {metric.id for _, metric in PLAN.metrics}
    assert len(PLAN.metric_of) == 24


WITHOUT = [
    # metrics, and what becomes of them without any fact
    (("exposure", "revenue", "volume", "new_customers"), "hold"),  # no target
    (("product_inputs",), "zero"),
    (("policy_violations",), "scored"),
    (("response_hours", "report_quality"), "ineligible"),  # the course is not completed
]


@pytest.mark.parametrize(("metrics", "state"), WITHOUT)
def test_without_any_fact(metrics: Sequence[str], state: str) -> None:
    found = scores(valued("marketing", []))
    assert {found[metric].state for metric in metrics} == {state}


def test_without_any_fact_all_others_leave_their_weight_to_the_rest() -> None:
    found = scores(valued("marketing", []))
    named = {metric for metrics, _ in WITHOUT for metric in metrics}
    assert {found[metric].state for metric in found.keys() - named} == {"excluded"}


def test_the_people_who_spend_nothing_on_ads_have_no_cost_of_acquisition() -> None:
    found = scores(valued("marketing", [ad(0, impressions=100, clicks=2)]))
    assert (found["ad_cac"].state, found["ad_roi"].state, found["ad_ctr"].points) == (
        "excluded",
        "excluded",
        100,
    )


def test_a_baseline_of_nobody_is_for_somebody_to_decide() -> None:
    nobody = team(10, 100, 0, 100)
    assert scores(valued("marketing", [nobody]))["awareness_lift"].state == "hold"


# The linkages: of measures, what a metric or a track comes to.

FILES = "course.customer_files.score"
TOOLS = "course.competitor_tools.score"
POLICY = "course.sales_policy.score"
TOOLS_DONE = "course.competitor_tools.completed"
REPORTS = {"reports": 2, "reports_complete_share": 1, TOOLS_DONE: 1}

ON_METRICS: list[tuple[str, str, dict[str, Any], str, str]] = [
    # what it shows, metric, measures, points, state
    ("exam × 10 % on a base of 86: the worked example", "file_coverage",
     {"file_coverage": "0.817", FILES: 92}, "95.2", "scored"),  # 100 × 0.817 / 0.95 = 86; 86 + 9.2
    ("exam × 10 % on the update rate", "file_updates", {"file_updates": "0.3", FILES: 80}, "108", "scored"),
    ("exam × 10 % on the accuracy", "file_accuracy", {"file_accuracy": "0.45", FILES: 55}, "55.5", "scored"),
    ("exam × 10 % stays under the cap", "file_updates",
     {"file_updates": "0.345", FILES: 100}, "120", "scored"),  # 115 + 10
    ("no exam adds nothing", "file_accuracy", {"file_accuracy": "0.45"}, "50", "scored"),
    ("exam × 10 % on the policy", "policy_violations", {"violations": 0, POLICY: 90}, "109", "scored"),
    ("exam × 10 % on the rectification", "rectification", {"rectification": 1, POLICY: 90}, "109", "scored"),
    ("course passed: + 5, the worked example", "report_quality",
     REPORTS | {"report_quality": 80, TOOLS: 60}, "85", "scored"),
    ("course passed: + 5 on the response, too", "response_hours",
     REPORTS | {"report_hours": "28.8", TOOLS: 60}, "85", "scored"),  # 2 − 28.8 / 24 = 0.8
    ("course completed, exam below 60: no + 5", "report_quality",
     REPORTS | {"report_quality": 80, TOOLS: 59}, "80", "scored"),
    ("exam passed, and the course not marked as completed", "report_quality",
     REPORTS | {"report_quality": 80, TOOLS: 60, TOOLS_DONE: None}, "85", "scored"),
    ("course not completed: ineligible", "report_quality",
     REPORTS | {"report_quality": 80, TOOLS_DONE: None}, "0", "ineligible"),
    ("course not completed: ineligible, the response too", "response_hours",
     REPORTS | {"report_hours": 12, TOOLS_DONE: 0}, "0", "ineligible"),
    ("one report of two is not complete", "report_quality",
     REPORTS | {"report_quality": 80, "reports_complete_share": "0.5"}, "0", "ineligible"),
    ("no report of two is complete", "report_quality",
     REPORTS | {"report_quality": 80, "reports_complete_share": None}, "0", "ineligible"),
    ("a report that is not complete and that nobody marked", "report_quality",
     REPORTS | {"reports_complete_share": None}, "0", "ineligible"),
    ("no report at all", "report_quality", {TOOLS_DONE: 1}, "0", "excluded"),
    ("a late report costs the response its points, and no more", "response_hours",
     REPORTS | {"report_hours": 30, "reports_complete_share": "0.5"}, "75", "scored"),
]  # fmt: skip


@pytest.mark.parametrize("row", ON_METRICS, ids=[row[0] for row in ON_METRICS])
def test_a_linkage_of_a_metric(row: tuple[str, str, dict[str, Any], str, str]) -> None:
    _, metric, given, points, state = row
    found = plans.named(plans.card(PLAN, **given), metric)
    assert (found.points, found.state) == (D(points), state)


def test_an_ineligible_metric_keeps_its_weight() -> None:
    both: dict[str, Any] = REPORTS | {"report_quality": 80, "report_hours": 24, "violations": 0}
    done, undone = (plans.card(PLAN, **both | {TOOLS_DONE: said}) for said in (1, 0))
    # weights 10, 10 and 4: (10 × 80 + 10 × 100 + 4 × 100) / 24, and 4 × 100 / 24
    assert management(done) == quotient(2200, 24)
    assert management(undone) == quotient(400, 24)


REPORT_PARTS = [
    # what it carries or lacks, and whether it counts as complete
    ({}, True), ({"hours": 24}, True), ({"hours": "24.1"}, False), ({"features": None}, False),
    ({"target_users": ""}, False), ({"impact": None}, False), ({"advice": 0}, False), ({"advice": 1}, True),
]  # fmt: skip


@pytest.mark.parametrize(("said", "complete"), REPORT_PARTS)
def test_a_report_needs_its_four_parts_in_24_hours(said: Mapping[str, Any], complete: bool) -> None:
    report = form("report", **parts(quality=80, **said))
    found = scores(valued("marketing", [DONE, report]))["report_quality"]
    assert found.state == ("scored" if complete else "ineligible")


def management(card: Scorecard) -> Decimal:
    """The management track's score."""
    return next(track.score for track in card.tracks if track.id == "management")


EIGHTY: dict[str, Any] = {
    # 30 × 100 + 20 × 100 + 20 × 100 + 10 × 100 + 8 × 0 + 6 × 0 + 6 × 0 = 8 000
    "file_coverage": "0.95", "file_updates": "0.30", "file_accuracy": "0.90",
    "stock_turnover": 4, "material_loss": "0.02", "approval_hours": 24,
    **REPORTS, "report_hours": 24, "report_quality": 100,
    "violations": 0, "rectification": 1,
    "complaint_share": 0, "returning_share": 0, "rating": 0,
}  # fmt: skip

ON_THE_TRACK: list[tuple[str, dict[str, Any], str | Decimal]] = [
    # what it shows, measures besides, the management score
    ("80 as it is", {}, "80"),
    ("a violation: − 10 %", {"violations": 1}, "72"),
    ("3 violations, linear: the worked example", {"violations": 3}, "56"),  # 80 × (1 − 0.3)
    ("11 violations leave nothing, and no less", {"violations": 11}, "0"),
    ("coverage under target: − 5 %", {"file_coverage": "0.475"}, "71.25"),  # (8 000 − 500) / 100 × 0.95
    ("update rate under target: − 5 %", {"file_updates": "0.15"}, "71.25"),
    ("accuracy under target: − 5 %", {"file_accuracy": "0.45"}, "71.25"),
    ("all three", {"file_coverage": "0.475", "file_updates": "0.15", "file_accuracy": "0.45"},
     "55.25"),  # 65 × (1 − 0.15)
    ("all three and 2 violations, from the same points",
     {"file_coverage": "0.475", "file_updates": "0.15", "file_accuracy": "0.45", "violations": 2},
     "42.25"),  # 65 × (1 − 0.15 − 0.20)
    ("an exam lifts the points and not the share", {"file_coverage": "0.475", FILES: 92},
     "73.872"),  # (8 000 − 500 + 3 × 92) / 100 × 0.95
    ("all complaints in time and 80 % returning: + 5", {"complaint_share": 1, "returning_share": "0.8"},
     "99"),  # (8 000 + 800 + 600) / 100 + 5
    ("99 % of complaints in time", {"complaint_share": "0.99", "returning_share": "0.8"},
     "93.92"),  # (8 000 + 792 + 600) / 100
    ("79.2 % returning", {"complaint_share": 1, "returning_share": "0.792"}, "93.94"),  # 8 000 + 800 + 6 × 99
    ("no complaint proves nothing", {"complaint_share": None, "returning_share": "0.8"},
     quotient(8600, 92)),  # its weight is shared out, and no + 5
    ("first what adds, then what deducts", {"complaint_share": 1, "returning_share": "0.8", "violations": 1},
     "89.1"),  # 99 × 0.9
]  # fmt: skip


@pytest.mark.parametrize("row", ON_THE_TRACK, ids=[row[0] for row in ON_THE_TRACK])
def test_a_linkage_of_the_management_track(row: tuple[str, dict[str, Any], str | Decimal]) -> None:
    _, given, score = row
    assert management(plans.card(PLAN, **EIGHTY | given)) == D(score)


AWARD = [
    # violations due this year, share rectified, whether the annual award can be won
    (None, None, True), (0, None, True), (3, 1, True), (3, "0.99", False), (3, None, False),
]  # fmt: skip


@pytest.mark.parametrize(("due", "rectified", "won"), AWARD)
def test_rectification_below_100_percent_bars_the_annual_award(due: Any, rectified: Any, won: bool) -> None:
    given = {"due_this_year": due, "rectification_this_year": rectified}
    [award] = plans.card(PLAN, 12, **given).awards
    assert (award.id, award.qualifies) == ("annual", won)
    assert plans.card(PLAN, 11, **given).awards == ()


# A whole month, from raw facts to the amount.

NINETY = [
    # every metric of the business track at 0.9 of its target
    form("brand", exposures=90000, conversions=1620), *targets(exposure="100000"),  # 0.018 of 0.02
    team(227, 1000, 200, 1000),  # 0.135 of 0.15
    form("deal", amount=90000, units=45), *targets(revenue="100000", volume="50"),
    *(form("customer", account=f"C{n}") for n in range(9)),
    *targets("2026-01", new_customers="3"), *targets("2026-02", new_customers="3"),
    *targets("2026-03", new_customers="4"),
    form("input", inputs=9, decided=50, adopted=27),  # 9 of 10; 0.54 of 0.60
    ad(1100, revenue=2090, impressions=1000, clicks=18, acquired=10),  # 0.9 of 1; 0.018 of 0.02; 2 − 1.1
]  # fmt: skip
MANAGED = [
    # the management track at 80, as in EIGHTY
    files(customers=200, covered=190, files=200, updated=60, checked=50, correct=45),
    *year(1000, 3000), form("material", issued=1000, lost=20), form("approval", hours=24),
    DONE, form("report", **parts(hours=24, quality=100)),
    form("violation", "2026-02-10", rectified=1, due=1, violations=0),
    form("violation", rectified=1, due=1, violations=0),
    form("complaint", complaints=3, in_time=0), form("returning", customers=9, returning=0),
    form("rating", rating=0),
]  # fmt: skip
WORKED = [
    # the worked examples: facts besides, business, management, payout of 10 000.00
    ([], "90", "80", 860000),  # 10 000 × (0.6 × 0.90 + 0.4 × 0.80)
    ([form("violation"), form("violation"), form("violation")], "90", "56", 764000),
]  # fmt: skip


@pytest.mark.parametrize(("more", "business", "managed", "payout"), WORKED)
def test_a_month_of_raw_facts_is_paid(more: list[Event], business: str, managed: str, payout: int) -> None:
    found = valued("marketing", [*NINETY, *MANAGED, *more])
    assert found.holds == ()
    assert [track.score for track in found.card.tracks] == [D(business), D(managed)]
    assert found.due == payout


def test_the_plan_is_free_of_faults() -> None:
    assert problems(PLAN) == []


# The page beside the plan.


def rows_of(heading: str, page: str) -> list[list[str]]:
    """The cells of the first table after a heading, without its head."""
    lines = page.split(heading, 1)[1].splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("|---"))
    inside = takewhile(lambda line: line.startswith("|"), lines[start + 1 :])
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in inside]


PAGE = (ROOT / "events/plans/README.md").read_text("utf-8")


def named(cell: str) -> set[str]:
    """What a cell names in backticks."""
    return set(re.findall(r"`([^`]+)`", cell))


def test_the_table_of_indicators_is_the_plan() -> None:
    found = rows_of("<!-- indicators:begin -->", PAGE)
    shown = [(n, id_, name, target, how, weight) for n, id_, name, _, target, how, weight, _ in found]
    assert shown == [
        (
            str(number),
            f"`{metric.id}`",
            f"{metric.name['en']} {metric.name['zh']}",
            "observed" if metric.target is None else plain(metric.target),
            metric.direction,
            plain(metric.weight),
        )
        for number, (_, metric) in enumerate(PLAN.metrics, start=1)
    ]
    assert {id_.strip("`"): named(proof) for _, id_, *_, proof in found} == {
        metric: {f"{row[0]} {row[2]}" for row in INDICATORS if row[0] == metric} for metric in PLAN.metric_of
    }


def test_every_linkage_of_the_page_has_its_rows() -> None:
    found = {name for *_, proof in rows_of("### Linkages", PAGE) for name in named(proof)}
    rows = {row[0] for row in ON_METRICS} | {row[0] for row in ON_THE_TRACK}
    assert {name for name in found if not name.startswith("test_")} == rows
    assert {name for name in found if name.startswith("test_")} <= globals().keys()


def test_the_courses_of_the_page_are_the_plan_s() -> None:
    numbers = {metric: str(n) for n, metric in enumerate(PLAN.metric_of, start=1)}
    assert rows_of("### Courses", PAGE) == [
        [
            f"{course.name['en']} {course.name['zh']}",
            f"`{course.id}`",
            plain(course.hours or D(0)),
            plain(course.pass_score or D(0)),
            course.attempts,
            f"{course.months} months",
            ", ".join(numbers[metric] for metric in PLAN.metric_of if feeds(course.id, metric)),
        ]
        for course in PLAN.courses
    ]


def feeds(course: str, metric: str) -> bool:
    """Whether a course is read by a gate or a modifier of a metric."""
    whole = PLAN.metric_of[metric][1]
    read = [c.id for gate in whole.gates for c in gate.conditions]
    read += [name for m in whole.modifiers for name in (m.per, *(c.id for c in m.when))]
    return any(name.startswith(f"course.{course}.") for name in read)
