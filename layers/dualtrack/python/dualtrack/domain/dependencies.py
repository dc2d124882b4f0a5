"""The order in which metrics and tracks are worked out: what is read by others comes first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dualtrack.domain.formulas import Formula
    from dualtrack.domain.plan import Gate, Metric, Modifier, Plan

# ("number", id): a metric's value and attainment; ("metric", id): its points; ("track", id): a track's score.
Node = tuple[str, str]


def order(plan: Plan) -> list[Node]:
    """Everything that is worked out, each after what it reads; raises ``CycleError`` if that cannot be."""
    return list(TopologicalSorter(reads(plan)).static_order())


def circle(plan: Plan) -> Sequence[Node]:
    """Metrics and tracks that read each other in a circle; empty if there is none."""
    try:
        order(plan)
    except CycleError as error:
        found = [("metric" if of == "number" else of, name) for of, name in error.args[1]]
        steps = [node for node, _ in groupby(found)]
        return steps if len(steps) > 1 else steps * 2
    return ()


def reads(plan: Plan) -> Mapping[Node, Sequence[Node]]:
    """What each number, metric and track reads.

    Gates and modifiers may read the numbers of their own metric or track, which are there before them; a
    formula may not. Two metrics may cap each other by their attainment: that does not depend on gates.
    """
    found: dict[Node, Sequence[Node]] = {}
    for track in plan.tracks:
        members = {("metric", metric.id) for metric in track.metrics}
        own = ("track", track.id)
        found[own] = sorted(members | {*_named(track.gates, track.modifiers)} - {own})
        for metric in track.metrics:
            own, number = ("metric", metric.id), ("number", metric.id)
            found[number] = sorted({*_in_formulas(metric)})
            found[own] = sorted({*_named(metric.gates, metric.modifiers)} - {own} | {number})
    return found


def _named(gates: Sequence[Gate], modifiers: Sequence[Modifier]) -> Iterator[Node]:
    conditions = [c for gate in gates for c in gate.conditions] + [c for m in modifiers for c in m.when]
    return (_node(c.of, c.id, c.what) for c in conditions if c.of in ("metric", "track"))


def _node(of: str, name: str, what: str) -> Node:
    return ("number" if of == "metric" and what != "points" else of), name


def _in_formulas(metric: Metric) -> Iterator[Node]:
    for formula in (metric.formula, metric.curve.formula):
        yield from read_by(formula) if formula else ()


def read_by(formula: Formula) -> Iterator[Node]:
    """The numbers, metrics and tracks that a formula reads."""
    for name in formula.names:
        of, _, rest = name.partition(".")
        if of in ("metrics", "tracks") and rest:
            identity, _, what = rest.rpartition(".")
            yield _node(of.removesuffix("s"), identity, what)
