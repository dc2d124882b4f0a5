"""The order in which metrics and tracks are worked out: what is read by others comes first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dualtrack.domain.formulas import Formula
    from dualtrack.domain.plan import Gate, Metric, Modifier, Plan

Node = tuple[str, str]  # ("metric", id) or ("track", id)


def order(plan: Plan) -> list[Node]:
    """Every metric and track, each after what it reads; raises ``CycleError`` if that cannot be."""
    return list(TopologicalSorter(reads(plan)).static_order())


def circle(plan: Plan) -> Sequence[Node]:
    """Metrics and tracks that read each other in a circle; empty if there is none."""
    try:
        order(plan)
    except CycleError as error:
        found: Sequence[Node] = error.args[1]
        return found
    return ()


def reads(plan: Plan) -> Mapping[Node, Sequence[Node]]:
    """What each metric and track reads.

    Gates and modifiers may read the numbers of their own metric or track, which are there before them; a
    formula may not.
    """
    found: dict[Node, Sequence[Node]] = {}
    for track in plan.tracks:
        members = {("metric", metric.id) for metric in track.metrics}
        own = ("track", track.id)
        found[own] = sorted(members | {*_named(track.gates, track.modifiers)} - {own})
        for metric in track.metrics:
            own = ("metric", metric.id)
            found[own] = sorted({*_named(metric.gates, metric.modifiers)} - {own} | {*_in_formulas(metric)})
    return found


def _named(gates: Sequence[Gate], modifiers: Sequence[Modifier]) -> Iterator[Node]:
    conditions = [c for gate in gates for c in gate.conditions] + [c for m in modifiers for c in m.when]
    return ((c.of, c.id) for c in conditions if c.of in ("metric", "track"))


def _in_formulas(metric: Metric) -> Iterator[Node]:
    for formula in (metric.formula, metric.curve.formula):
        yield from read_by(formula) if formula else ()


def read_by(formula: Formula) -> Iterator[Node]:
    """The metrics and tracks that a formula reads."""
    for name in formula.names:
        of, _, rest = name.partition(".")
        if of in ("metrics", "tracks") and rest:
            yield of.removesuffix("s"), rest.rpartition(".")[0]
