"""The marketing plan a second time: a table of formulas over columns of decimals.

Nothing here comes from the code that it checks. Facts are rows as sources send them, in any order and
version; people have terms of employment and unpaid leave.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal, localcontext
from typing import Any, NamedTuple

import pandas as pd

D = Decimal
Column = Any  # a pandas column of decimals and None, a row per person
Table = dict[str, Column]
FIFTY = Context(prec=50)


class Row(NamedTuple):
    """One version of one fact."""

    subject: str
    kind: str
    month: str
    day: str
    entity: str
    version: int
    gone: bool
    values: Mapping[str, Decimal | str]


class Person(NamedTuple):
    """Somebody's employment."""

    id: str
    terms: tuple[tuple[date, date | None, int, str], ...]  # first and last day, base, team
    leaves: tuple[tuple[date, date], ...]


# What is added up: name, kind of fact, value, months (of the period, its quarter, its year, twelve), whose.
SUMS = [
    ("exposures", "brand", "exposures", "month"), ("conversions", "brand", "conversions", "month"),
    ("aware", "awareness", "aware", "quarter"), ("asked", "awareness", "asked", "quarter"),
    ("aware_before", "awareness", "baseline_aware", "quarter"),
    ("asked_before", "awareness", "baseline_asked", "quarter"),
    ("revenue", "won", "amount", "month"), ("volume", "won", "units", "month"),
    ("inputs", "input", "inputs", "month"), ("decided", "input", "decided", "month"),
    ("adopted", "input", "adopted", "month"),
    ("spent", "ad", "spent", "month"), ("earned", "ad", "revenue", "month"),
    ("impressions", "ad", "impressions", "month"), ("clicks", "ad", "clicks", "month"),
    ("acquired", "ad", "acquired", "month"),
    ("customers", "files", "customers", "month"), ("covered", "files", "covered", "month"),
    ("files", "files", "files", "month"), ("updated", "files", "updated", "month"),
    ("checked", "files", "checked", "month"), ("correct", "files", "correct", "month"),
    ("consumed", "stock", "consumed", "twelve"), ("stock", "stock", "stock", "twelve"),
    ("issued", "material", "issued", "month"), ("lost", "material", "lost", "month"),
    ("waited", "approval", "hours", "month"), ("approvals", "approval", "approvals", "month"),
    ("violations", "violation", "violations", "month"), ("due", "violation", "due", "month"),
    ("rectified", "violation", "rectified", "month"),
    ("due_in_year", "violation", "due", "year"), ("rectified_in_year", "violation", "rectified", "year"),
    ("complaints", "complaint", "complaints", "month"), ("in_time", "complaint", "in_time", "month"),
    ("buyers", "returning", "customers", "month"), ("returned", "returning", "returning", "month"),
    ("rated", "rating", "rating", "month"), ("ratings", "rating", "ratings", "month"),
]  # fmt: skip

# Everything else: name, kind of fact, value, months, what is made of it.
OTHERS: list[tuple[str, str, str, str, Callable[[Any], Decimal]]] = [
    ("accounts", "customer", "account", "quarter", lambda v: D(len(set(v)))),
    ("reports", "report", "counted", "month", lambda v: D(len(v))),
    ("complete", "report", "complete", "month", lambda v: D(sum(v))),
    ("hours", "report", "hours", "month", lambda v: total(v) / len(v)),
    ("quality", "report", "quality", "month", lambda v: total(v) / len(v)),
    ("exam_files", "customer_files", "score", "twelve", max),
    ("exam_tools", "competitor_tools", "score", "twelve", max),
    ("exam_policy", "sales_policy", "score", "twelve", max),
    ("done_tools", "competitor_tools", "completed", "twelve", max),
]

# The plan's table: metric, track, weight, target, better, without data.
METRICS: list[tuple[str, str, int, str, str, str]] = [
    ("exposure", "business", 8, "", "more", "zero"),
    ("exposure_conversion", "business", 8, "0.02", "more", "excluded"),
    ("awareness_lift", "business", 4, "0.15", "more", "excluded"),
    ("revenue", "business", 20, "", "more", "zero"),
    ("volume", "business", 15, "", "more", "zero"),
    ("new_customers", "business", 10, "", "more", "zero"),
    ("product_inputs", "business", 5, "10", "more", "zero"),
    ("product_adopted", "business", 5, "0.60", "more", "excluded"),
    ("ad_roi", "business", 10, "1", "more", "excluded"),
    ("ad_ctr", "business", 5, "0.02", "more", "excluded"),
    ("ad_cac", "business", 10, "100", "less", "excluded"),
    ("file_coverage", "management", 10, "0.95", "more", "excluded"),
    ("file_updates", "management", 10, "0.30", "more", "excluded"),
    ("file_accuracy", "management", 10, "0.90", "more", "excluded"),
    ("stock_turnover", "management", 8, "4", "more", "excluded"),
    ("material_loss", "management", 6, "0.02", "less", "excluded"),
    ("approval_hours", "management", 6, "24", "less", "excluded"),
    ("response_hours", "management", 10, "24", "less", "excluded"),
    ("report_quality", "management", 10, "100", "more", "excluded"),
    ("policy_violations", "management", 4, "1", "less", "excluded"),
    ("rectification", "management", 6, "1", "more", "excluded"),
    ("complaints_in_time", "management", 8, "1", "more", "excluded"),
    ("returning_customers", "management", 6, "0.80", "more", "excluded"),
    ("service_rating", "management", 6, "10", "more", "excluded"),
]
TRACKS = {"business": 60, "management": 40}
CAP, BONUS, AWARD = D(120), D(5), D(100_000)
UNDER_TARGET, VIOLATION, EXAM, PASSED = D(5), D(10), D("0.10"), D(60)


def total(numbers: Sequence[Decimal]) -> Decimal:
    return sum(numbers, D(0))


def over(top: Decimal | None, bottom: Decimal | None) -> Decimal | None:
    """A ratio: of nothing above it is 0, over nothing or 0 it is none."""
    return (top or D(0)) / bottom if bottom else None


# The library that calculates the plan's formulas has 28 digits going in, and 28 places or 96 bits inside.


def going_in(number: Decimal) -> Decimal:
    rounded = Context(prec=28).plus(number)
    return rounded if rounded == round(rounded, 28) else round(rounded, 28)


def divided(a: Decimal, b: Decimal) -> Decimal:
    with localcontext(Context(prec=99)):
        exact = going_in(a) / going_in(b)
        places = next(n for n in range(28, -1, -1) if abs(exact) * 10**n < 2**96 - 1)
        return exact.quantize(D(1).scaleb(-places), ROUND_HALF_EVEN)


def lift(now: Decimal | None, before: Decimal | None) -> Decimal | str | None:
    if now is None or before is None:
        return None
    return divided(now, before) - 1 if before else "hold"


def cost(spent: Decimal | None, acquired: Decimal | None) -> Decimal | None:
    return divided(spent, max(acquired or D(0), D(1))) if spent else None


# Values: metric, formula, the columns that it is of.
FORMULAS: list[tuple[str, Callable[..., Any], str]] = [
    ("exposure", lambda a: a, "exposures"),
    ("exposure_conversion", over, "conversions exposures"),
    (
        "awareness_lift",
        lambda a, b, c, d: lift(over(a, b), over(c, d)),
        "aware asked aware_before asked_before",
    ),
    ("revenue", lambda a: a, "revenue"),
    ("volume", lambda a: a, "volume"),
    ("new_customers", lambda a: a, "accounts"),
    ("product_inputs", lambda a: a, "inputs"),
    ("product_adopted", over, "adopted decided"),
    ("ad_roi", lambda a, b: None if not b else going_in((a or D(0)) / b) - 1, "earned spent"),
    ("ad_ctr", over, "clicks impressions"),
    ("ad_cac", cost, "spent acquired"),
    ("file_coverage", over, "covered customers"),
    ("file_updates", over, "updated files"),
    ("file_accuracy", over, "correct checked"),
    ("stock_turnover", lambda a, b: over(12 * (a or D(0)), b), "consumed stock"),
    ("material_loss", over, "lost issued"),
    ("approval_hours", over, "waited approvals"),
    ("response_hours", lambda a: a, "hours"),
    ("report_quality", lambda a: a, "quality"),
    ("policy_violations", lambda a: a or D(0), "violations"),
    ("rectification", over, "rectified due"),
    ("complaints_in_time", over, "in_time complaints"),
    ("returning_customers", over, "returned buyers"),
    ("service_rating", over, "rated ratings"),
]


def evaluate(people: Sequence[Person], facts: Sequence[Row], period: str) -> pd.DataFrame:
    """A row per person: value, attainment, state and points of each metric, tracks, total, and the payout."""
    with localcontext(FIFTY):
        known = counting(facts)
        table: Table = {"person": pd.Series(people, [person.id for person in people], dtype=object)}
        table["team"] = each(lambda person: in_force(person, period), table, "person")
        measured(table, known, period)
        for metric, formula, columns in FORMULAS:
            table[f"{metric}.value"] = each(formula, table, columns)
        targets(table, known, period)
        for row in METRICS:
            scored(table, *row)
        for track in TRACKS:
            table[track] = each(weighed(track), table, " ".join(in_track(track)))
        table["management"] = each(managed, table, MANAGED)
        table["total"] = each(lambda b, m: 60 * b / 100 + 40 * m / 100, table, "business management")
        found = pd.DataFrame(table)
        return found.assign(
            payout=pd.Series(
                [paid(row, period) for row in found.to_dict("records")], found.index, dtype=object
            )
        )


def counting(facts: Sequence[Row]) -> pd.DataFrame:
    """The newest version of each fact; won deals, courses and complete reports under names of their own."""
    frame = pd.DataFrame(facts).sort_values("version", kind="stable")
    frame = frame.drop_duplicates(["subject", "kind", "entity"], keep="last")
    frame = frame[~frame["gone"].astype(bool)].copy()
    frame["kind"] = [named(kind, values) for kind, values in zip(frame["kind"], frame["values"], strict=True)]
    return frame


def named(kind: str, values: Mapping[str, Any]) -> str:
    if kind == "training":
        return str(values["course"])
    return {"Won": "won"}.get(values["stage"], "lost") if kind == "deal" else kind


def taken(row: Mapping[str, Any], name: str) -> Any:
    """A value of a fact; None if it has none."""
    if name == "counted":
        return 1
    if name == "complete":
        parts = ("features", "target_users", "impact", "advice")
        return all(row.get(part) == 1 for part in parts) and row.get("hours", D(25)) <= 24
    return row.get(name)


def months(period: str, which: str) -> set[str]:
    """The months that are looked at."""
    number = int(period[:4]) * 12 + int(period[5:]) - 1
    back = {"month": 0, "quarter": number % 3, "year": number % 12, "twelve": 11}[which]
    return {f"{n // 12:04d}-{n % 12 + 1:02d}" for n in range(number - back, number + 1)}


def measured(table: Table, known: pd.DataFrame, period: str) -> None:
    """The columns that formulas are of."""
    for name, kind, value, which, made in [*((*each, total) for each in SUMS), *OTHERS]:
        rows = known[(known["kind"] == kind) & known["month"].isin(months(period, which))]
        found = rows.assign(number=[taken(values, value) for values in rows["values"]])
        found = found[[number is not None for number in found["number"]]]
        folded = {key: made(list(part)) for key, part in found.groupby("subject")["number"]}
        subjects = table["team"] if kind == "awareness" else "E:" + table["person"].index.to_series()
        table[name] = pd.Series([folded.get(key) for key in subjects], table["person"].index, dtype=object)


def each(formula: Callable[..., Any], table: Table, columns: str) -> Column:
    """A formula of every row."""
    rows = zip(*(table[name] for name in columns.split()), strict=True)
    return pd.Series([formula(*row) for row in rows], table["person"].index, dtype=object)


def targets(table: Table, known: pd.DataFrame, period: str) -> None:
    """The person's own, else the team's, else the plan's; new customers have one for each month."""
    rows = known[known["kind"].str.startswith("target.")].sort_values(["day", "version"], kind="stable")
    stated = {
        (s, k, m): v["value"]
        for s, k, m, v in rows[["subject", "kind", "month", "values"]].itertuples(index=False)
    }
    for metric, _, _, plan, *_ in METRICS:
        which = "quarter" if metric == "new_customers" else "month"
        found = []
        for who, team in zip(table["person"].index, table["team"], strict=True):
            keys = [[(s, f"target.{metric}", m) for s in (f"E:{who}", team)] for m in months(period, which)]
            parts = [
                next((stated[key] for key in pair if key in stated), D(plan) if plan else None)
                for pair in keys
            ]
            known_ones = [part for part in parts if part is not None]
            found.append(total(known_ones) if len(known_ones) == len(parts) else None)
        table[f"{metric}.target"] = pd.Series(found, table["person"].index, dtype=object)


def scored(table: Table, metric: str, track: str, weight: int, plan: str, better: str, without: str) -> None:
    """Attainment, points and state, with the linkages of the metric."""
    del track, weight, plan
    table[f"{metric}.attainment"] = each(attained(better), table, f"{metric}.value {metric}.target")
    gates = "done_tools exam_tools reports complete"
    states = each(state(metric, without), table, f"{metric}.value {metric}.target {gates}")
    table[f"{metric}.state"] = states
    exams = "exam_files exam_tools exam_policy"
    table[metric] = each(worth(metric), table, f"{metric}.state {metric}.attainment {exams}")


def attained(better: str) -> Callable[..., Decimal | None]:
    def attainment(value: Any, target: Decimal | None) -> Decimal | None:
        if value is None or value == "hold" or not target:
            return None
        reached: Decimal = value / target if better == "more" else 2 - value / target
        return max(D(0), reached)

    return attainment


def state(metric: str, without: str) -> Callable[..., str]:
    def decided(value: Any, target: Any, done: Any, exam: Any, reports: Any, complete: Any) -> str:
        if value == "hold" or not target:
            return "hold"
        course = done == 1 or (exam or 0) >= PASSED
        whole = metric != "report_quality" or not reports or complete == reports
        if metric in ("response_hours", "report_quality") and not (course and whole):
            return "ineligible"
        return without if value is None else "scored"

    return decided


def worth(metric: str) -> Callable[..., Decimal]:
    def points(said: str, attainment: Any, files: Any, tools: Any, policy: Any) -> Decimal:
        if said != "scored":
            return D(0)
        found = D(100) if metric == "policy_violations" else min(CAP, 100 * attainment)
        if metric.startswith("file_"):
            found += EXAM * (files or D(0))
        if metric in ("policy_violations", "rectification"):
            found += EXAM * (policy or D(0))
        if metric in ("response_hours", "report_quality") and (tools or 0) >= PASSED:
            found += BONUS
        return min(CAP, found)

    return points


def in_track(track: str) -> list[str]:
    """The columns of a track's state and points, metric by metric."""
    return [name for metric, of, *_ in METRICS if of == track for name in (f"{metric}.state", metric)]


def weighed(track: str) -> Callable[..., Decimal]:
    weights = [weight for _, of, weight, *_ in METRICS if of == track]

    def score(*cells: Any) -> Decimal:
        rows = [(w, p) for w, s, p in zip(weights, cells[::2], cells[1::2], strict=True) if s != "excluded"]
        return total([w * p for w, p in rows]) / sum(w for w, _ in rows) if rows else D(0)

    return score


MANAGED = (
    "management violations complaints_in_time.attainment returning_customers.attainment"
    " file_coverage.attainment file_updates.attainment file_accuracy.attainment"
)


def managed(score: Decimal, violations: Any, in_time: Any, returning: Any, *files: Any) -> Decimal:
    """The track with what service adds, and what files and violations take from that."""
    if in_time is not None and in_time >= 1 and returning is not None and returning >= 1:
        score = min(score + BONUS, max(CAP, score))
    taken_off = [(UNDER_TARGET, D(1)) for file in files if file is not None and file < 1]
    before = score
    for percent, times in [*taken_off, (VIOLATION, max(D(0), violations or D(0)))]:
        score = max(D(0), score - before * percent / 100 * times)
    return score


# Money.


def days(period: str) -> list[date]:
    """The days of a month."""
    first = date(int(period[:4]), int(period[5:]), 1)
    return [first + timedelta(n) for n in range(monthrange(first.year, first.month)[1])]


def employed(person: Person, day: date) -> tuple[int, str] | None:
    """Base and team of a day."""
    begun = [terms for terms in person.terms if terms[0] <= day]
    _, last, base, team = begun[-1] if begun else (day, day - timedelta(1), 0, "")
    return (base, team) if last is None or day <= last else None


def in_force(person: Person, period: str) -> str | None:
    """The team of the last day on which the person is there."""
    found = [terms[1] for day in days(period) if (terms := employed(person, day))]
    return f"T:{found[-1]}" if found else None


def paid(row: Mapping[Any, Any], period: str) -> int | None:
    """Whole cents; None while something is held, or where nobody is employed."""
    person: Person = row["person"]
    if row["team"] is None or any(row[f"{metric}.state"] == "hold" for metric, *_ in METRICS):
        return None
    away = {day for start, end in person.leaves for day in days(period) if start <= day <= end}
    bases = [terms[0] for day in days(period) if (terms := employed(person, day)) and day not in away]
    amount = row["total"] / 100 * sum(bases) / len(days(period))
    barred = (row["rectified_in_year"] or D(0)) < (row["due_in_year"] or D(0))
    award = AWARD if period.endswith("-12") and not barred else D(0)
    return int((amount + award).quantize(D(1), ROUND_HALF_UP))
