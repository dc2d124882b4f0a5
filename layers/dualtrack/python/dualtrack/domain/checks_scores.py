"""What is wrong with a plan's tracks and metrics: curves, targets, conditions, gates, modifiers, formulas."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from dualtrack.domain.checks_parts import (
    among,
    at_least,
    between,
    choice,
    identities,
    known,
    misplaced,
    rows,
    text,
)
from dualtrack.domain.curves import FORMULA, WITH_TABLE
from dualtrack.domain.errors import Problem, problem
from dualtrack.domain.formulas import Formula
from dualtrack.domain.numbers import HUNDRED, TESTS, ZERO, plain
from dualtrack.domain.plan import Condition, Curve, Gate, Metric, Modifier, Plan, TargetRule, Track
from dualtrack.domain.vocabulary import CURVE_NAMES, METRIC_NUMBERS

LONGEST_RAMP = 36  # months
SHARES = (4, 12)


@dataclass(frozen=True)
class Names:
    """What conditions, modifiers and formulas can name."""

    plan: Plan

    @cached_property
    def of(self) -> dict[str, list[str]]:
        """Names by what they are of."""
        return {
            "measure": list(self.plan.measure_of),
            "metric": [metric.id for _, metric in self.plan.metrics],
            "track": [track.id for track in self.plan.tracks],
            "total": ["score"],
        }

    @cached_property
    def in_formulas(self) -> list[str]:
        """Everything a formula can read."""
        metrics = [f"metrics.{name}.{what}" for name in self.of["metric"] for what in METRIC_NUMBERS]
        return [*self.of["measure"], *metrics, *(f"tracks.{name}.score" for name in self.of["track"])]


def tracks(plan: Plan) -> Iterator[Problem]:
    """Problems of the tracks themselves."""
    yield from identities("tracks", [track.id for track in plan.tracks])
    names = Names(plan)
    for track in plan.tracks:
        where = f"tracks.{track.id}"
        yield from text(f"{where}.name", track.name)
        yield from at_least(f"{where}.cap", track.cap)
        yield from gates(where, names, track.gates, ("zero", "cap", "hold"), early=True)
        yield from _modifiers(where, names, track.modifiers)


def metrics(plan: Plan) -> Iterator[Problem]:
    """Problems of the metrics."""
    ids = [metric.id for _, metric in plan.metrics]
    names = Names(plan)
    for track, metric in plan.metrics:
        where = _place(track, metric)
        yield from identities(f"tracks.{track.id}.metrics", [metric.id] * ids.count(metric.id))
        yield from text(f"{where}.name", metric.name)
        yield from text(f"{where}.description", metric.description, needed=False)
        yield from _metric(where, names, metric)


def _place(track: Track, metric: Metric) -> str:
    return f"tracks.{track.id}.metrics.{metric.id}"


def formulas(plan: Plan) -> Iterator[tuple[str, Formula]]:
    """Every formula with its place."""
    for track, metric in plan.metrics:
        where = _place(track, metric)
        if metric.formula:
            yield f"{where}.formula", metric.formula
        if metric.curve.formula:
            yield f"{where}.curve.formula", metric.curve.formula


def _metric(where: str, names: Names, metric: Metric) -> Iterator[Problem]:
    if metric.formula is None:
        yield from known("unknown_measure", f"{where}.measure", metric.measure, names.of["measure"])
    else:
        yield from _formula(f"{where}.formula", names, metric.formula, ())
    for name in ("direction", "falling", "no_data"):
        yield from choice(where, name, getattr(metric, name))
    if metric.cap < metric.floor:
        yield problem(
            "bad_range", f"{where}.cap", plain(metric.cap), f"at least the floor {plain(metric.floor)}"
        )
    if metric.round_attainment is not None:
        yield from between(f"{where}.round_attainment", metric.round_attainment, 0, 10)
    yield from curve(f"{where}.curve", metric.curve)
    if metric.curve.formula is not None:
        yield from _formula(f"{where}.curve.formula", names, metric.curve.formula, CURVE_NAMES)
    yield from _target(f"{where}.target", metric)
    yield from gates(where, names, metric.gates, ("zero", "exclude", "cap", "hold"), early=True)
    yield from _modifiers(where, names, metric.modifiers)


def _formula(place: str, names: Names, formula: Formula, more: Sequence[str]) -> Iterator[Problem]:
    for name in formula.names:
        yield from known("unknown_name", place, name, [*names.in_formulas, *more])


def curve(where: str, shape: Curve) -> Iterator[Problem]:
    """Problems of a curve: its kind, its table, its formula."""
    found = list(choice(where, "kind", shape.kind, "curve"))
    yield from found
    yield from choice(where, "tie", shape.tie)
    if shape.kind in WITH_TABLE:
        yield from rows(f"{where}.table", shape.table, shape.kind == "interpolated")
    elif not found:
        yield from misplaced(f"{where}.table", f"{len(shape.table)} rows", bool(shape.table), "leave it out")
    if shape.kind == FORMULA and shape.formula is None:
        yield problem("missing", f"{where}.formula", "missing", "write a formula")
    there = shape.formula is not None and shape.kind != FORMULA
    yield from misplaced(f"{where}.formula", shape.kind, there, "write kind: formula, or leave it out")


def _target(where: str, metric: Metric) -> Iterator[Problem]:
    rule = metric.targets
    if metric.target is not None and metric.target <= 0:
        yield problem("bad_range", where, plain(metric.target), "write a target above 0")
    for name in ("per", "change"):
        yield from choice(where, name, getattr(rule, name))
    for number, percent in enumerate(rule.ramp):
        yield from at_least(f"{where}.ramp.{number}", percent)
    if len(rule.ramp) > LONGEST_RAMP:
        yield problem("bad_range", f"{where}.ramp", f"{len(rule.ramp)} months", f"at most {LONGEST_RAMP}")
    if rule.seasonality:
        yield from _seasons(f"{where}.seasonality", metric, rule)


def _seasons(where: str, metric: Metric, rule: TargetRule) -> Iterator[Problem]:
    total = sum(rule.seasonality, ZERO)
    if len(rule.seasonality) not in SHARES:
        yield problem("seasonality", where, f"{len(rule.seasonality)} shares", "write 4 or 12 shares")
    if total != HUNDRED:
        yield problem("seasonality", where, f"{plain(total)} in all", "make the shares sum to 100")
    for number, share in enumerate(rule.seasonality):
        yield from at_least(f"{where}.{number}", share)
    of_a_year = rule.per == "year" and metric.target is not None
    yield from misplaced(where, rule.per, not of_a_year, "give the target a value, and per: year")


def gates(
    where: str, names: Names, found: Sequence[Gate], allowed: Sequence[str], early: bool = False
) -> Iterator[Problem]:
    """Problems of gates; ``early``: where the total is not there yet."""
    for number, gate in enumerate(found):
        place = f"{where}.gates.{number}"
        yield from text(f"{place}.name", gate.name, needed=False)
        yield from among(f"{place}.otherwise", gate.otherwise, allowed)
        yield from conditions(f"{place}.{'any' if gate.any_of else 'when'}", names, gate.conditions, early)
        yield from at_least(f"{place}.cap", gate.cap)
        if (gate.otherwise == "cap") != (gate.cap is not None):
            shown = "missing" if gate.cap is None else plain(gate.cap)
            yield problem("cap", f"{place}.cap", shown, "give cap exactly with otherwise: cap")


def conditions(where: str, names: Names, found: Sequence[Condition], early: bool) -> Iterator[Problem]:
    """Problems of conditions: names that nothing has, numbers that are not there yet."""
    for number, condition in enumerate(found):
        place = f"{where}.{number}"
        reason, shown, there = f"unknown_{condition.of}", condition.id, names.of.get(condition.of, [])
        if condition.of == "measure" and condition.id.startswith("course.") and condition.id not in there:
            reason, shown = "unknown_course", condition.id.split(".", 1)[1].rpartition(".")[0]
            there = [course.id for course in names.plan.courses]
        yield from known(reason, f"{place}.{reason.removeprefix('unknown_')}", shown, there)
        if condition.of == "metric":
            yield from among(f"{place}.what", condition.what, METRIC_NUMBERS)
        yield from among(f"{place}.test", condition.test, TESTS)
        too_early = early and condition.of == "total"
        yield from misplaced(
            f"{place}.total", "score", too_early, "the total comes after: payout and awards know it"
        )


def _modifiers(where: str, names: Names, found: Sequence[Modifier]) -> Iterator[Problem]:
    for number, modifier in enumerate(found):
        place = f"{where}.modifiers.{number}"
        yield from text(f"{place}.name", modifier.name, needed=False)
        if modifier.per:
            yield from known("unknown_measure", f"{place}.per", modifier.per, names.of["measure"])
        yield from conditions(f"{place}.when", names, modifier.when, early=True)
        yield from _amount(place, modifier)


def _amount(place: str, modifier: Modifier) -> Iterator[Problem]:
    yield from among(f"{place}.act", modifier.act, ("add", "multiply", "deduct"))
    if modifier.act != "add":
        yield from at_least(f"{place}.{modifier.act}", modifier.amount)
    if modifier.act == "deduct" and modifier.amount > HUNDRED:
        yield problem("bad_range", f"{place}.deduct", plain(modifier.amount), "write at most 100 percent")
    alone = modifier.compound and modifier.act != "deduct"
    yield from misplaced(f"{place}.compound", modifier.act, alone, "only deduct can be compound")
