"""What is wrong with a plan's money: what metrics pay, the payout rule, awards."""

from __future__ import annotations

from collections.abc import Iterator

from dualtrack.domain.checks_parts import (
    among,
    at_least,
    between,
    choice,
    identities,
    misplaced,
    money,
    rows,
    text,
)
from dualtrack.domain.checks_scores import Names, conditions, curve, gates
from dualtrack.domain.curves import CURVES
from dualtrack.domain.errors import Problem, problem
from dualtrack.domain.measures import ADDITIVE, Measure
from dualtrack.domain.numbers import HUNDRED, plain
from dualtrack.domain.plan import Award, Metric, PayoutRule, Pays, Plan
from dualtrack.domain.tables import RATES

MOST_PERIODS = 36
MOST_LIMITS = 2  # of a quarter's three months: the third is trued up
TO_DATE = {"quarter": "quarter_to_date", "year": "year_to_date"}


def payout(plan: Plan) -> Iterator[Problem]:
    """Problems of the payout rule and of what metrics pay."""
    rule, names = plan.payout, Names(plan)
    yield from choice("payout", "basis", rule.basis)
    yield from choice("payout", "proration", rule.proration)
    yield from gates("payout", names, rule.gates, ("zero", "cap"))
    yield from _curve(rule)
    yield from _bounds(rule, plan.currency)
    yield from _limits(rule)
    yield from _negative(rule)
    for track, metric in plan.metrics:
        if metric.pays is not None:
            where = f"tracks.{track.id}.metrics.{metric.id}.pays"
            yield from _pays(where, metric.pays, plan.currency)
            yield from _factors(where, names, metric.pays)
            yield from _accumulated(where, plan, metric, metric.pays)
            endless = metric.direction == "down" and metric.falling == "inverse"
            yield from misplaced(
                f"{where}.on", "attainment", endless and metric.pays.on == "attainment",
                "with falling: inverse a value of 0 has no end: pay on points",
            )  # fmt: skip
    yield from _something(plan)


def _curve(rule: PayoutRule) -> Iterator[Problem]:
    if rule.basis == "total" and rule.curve is None:
        yield problem("missing", "payout.curve", "missing", "basis total needs a curve of [total, percent]")
    if rule.curve is not None:
        yield from misplaced(
            "payout.curve", rule.basis, rule.basis != "total", "write basis: total, or leave it out"
        )
        yield from among("payout.curve.kind", rule.curve.kind, CURVES)
        yield from (each for each in curve("payout.curve", rule.curve) if each.field != "payout.curve.kind")


def _again(place: str, pays: Pays, measure: Measure | None) -> Iterator[Problem]:
    """A rate on a value that reaches back would pay its first month in every month of the window."""
    back = measure is not None and measure.window != "month"
    if back and pays.how in RATES and pays.on == "value":
        remedy = "write accumulate: quarter or year, or give the measure the window month"
        yield problem("not_here", place, pays.accumulate, remedy)


def _bounds(rule: PayoutRule, currency: str) -> Iterator[Problem]:
    for name in ("threshold", "cap"):
        yield from at_least(f"payout.{name}", getattr(rule, name))
    yield from misplaced(
        "payout.cap", rule.basis, rule.basis == "none" and rule.cap is not None, "write cap_amount"
    )
    capped = any(gate.cap is not None for gate in rule.gates)
    yield from misplaced(
        "payout.gates", rule.basis, rule.basis == "none" and capped, "a cap is in percent of the base"
    )
    yield from money("payout.cap_amount", rule.cap_amount, currency)
    for name, draw in (("guarantee", rule.guarantee), ("draw", rule.draw)):
        if draw is not None:
            yield from money(f"payout.{name}.amount", draw.amount, currency)


def _negative(rule: PayoutRule) -> Iterator[Problem]:
    yield from choice("payout.negative", "how", rule.negative.how, "negative")
    periods = rule.negative.periods
    if not 1 <= periods <= MOST_PERIODS or (rule.negative.how != "spread" and periods != 1):
        remedy = f"write how: spread and periods: 2 to {MOST_PERIODS}, or leave periods out"
        yield problem("not_here", "payout.negative.periods", str(periods), remedy)


def _limits(rule: PayoutRule) -> Iterator[Problem]:
    limits = list(rule.limits)
    if not limits:
        return
    shown = ", ".join(map(plain, limits))
    if len(limits) > MOST_LIMITS or limits != sorted(set(limits)) or limits[0] < 0 or limits[-1] > HUNDRED:
        yield problem("limits", "payout.limits", shown, "write one or two rising numbers from 0 to 100")
    by_days = rule.basis != "none" and rule.proration == "calendar_days"
    yield from misplaced(
        "payout.limits", shown, not by_days, "they need basis tracks or total, and calendar_days"
    )


def _pays(where: str, pays: Pays, currency: str) -> Iterator[Problem]:
    for name in ("how", "on", "edges", "tie", "accumulate"):
        yield from choice(where, name, getattr(pays, name))
    yield from rows(f"{where}.table", pays.table, pays.how == "interpolated")
    yield from money(f"{where}.cap", pays.cap, currency)
    aside = pays.edges == "target" and pays.on != "value"
    yield from misplaced(f"{where}.edges", pays.edges, aside, "edges in targets need on: value")


def _factors(where: str, names: Names, pays: Pays) -> Iterator[Problem]:
    for number, factor in enumerate(pays.factors):
        yield from at_least(f"{where}.factors.{number}.by", factor.by)
        yield from conditions(f"{where}.factors.{number}.when", names, factor.when, early=False)


def _accumulated(where: str, plan: Plan, metric: Metric, pays: Pays) -> Iterator[Problem]:
    """Only what adds up from month to month can come together, at rates only; a window is paid once."""
    place = f"{where}.accumulate"
    measure = plan.measure_of.get(metric.measure)
    if pays.accumulate == "none":
        yield from _again(place, pays, measure)
        return
    if metric.formula is not None or (measure is not None and measure.kind not in ADDITIVE):
        yield problem(
            "not_here",
            place,
            pays.accumulate,
            f"the metric's measure has to be one of {', '.join(sorted(ADDITIVE))}",
        )
    yield from misplaced(f"{where}.on", pays.on, pays.on != "value", "only a value can come together")
    at_rates = pays.how in RATES
    yield from misplaced(f"{where}.how", pays.how, not at_rates, "only rates can: marginal or whole")
    window = TO_DATE.get(pays.accumulate, "")
    apart = pays.edges == "target" and measure is not None and measure.window != window
    yield from misplaced(
        f"{where}.edges", pays.edges, apart, f"give measure {metric.measure} the window {window}"
    )


def _something(plan: Plan) -> Iterator[Problem]:
    paid = plan.payout.basis != "none" or plan.awards or any(metric.pays for _, metric in plan.metrics)
    if not paid:
        yield problem("missing", "payout.basis", "none", "let a metric pay, or write tracks or total")


def awards(plan: Plan) -> Iterator[Problem]:
    """Problems of the awards."""
    yield from identities("awards", [award.id for award in plan.awards])
    for award in plan.awards:
        yield from _award(f"awards.{award.id}", plan, award)


def _award(where: str, plan: Plan, award: Award) -> Iterator[Problem]:
    yield from text(f"{where}.name", award.name)
    yield from between(f"{where}.month", award.month, 1, 12)
    yield from money(f"{where}.amount", award.amount, plan.currency)
    yield from at_least(f"{where}.share", award.share)
    if not award.amount and not award.share:
        yield problem("missing", where, "nothing to win", "give an amount or a share")
    yield from gates(where, Names(plan), award.gates, ("zero",))
