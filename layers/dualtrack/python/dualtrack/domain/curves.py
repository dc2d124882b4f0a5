"""Curves: from attainment to points (design: scoring rule 3)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from itertools import pairwise

from dualtrack.domain.numbers import HUNDRED, ONE, ZERO

Table = Sequence[tuple[Decimal, Decimal]]  # (edge, points or rate), edges rising


def linear(attainment: Decimal, table: Table, tie: str) -> Decimal:
    """100 points at exactly the target."""
    return HUNDRED * attainment


def pass_fail(attainment: Decimal, table: Table, tie: str) -> Decimal:
    """100 points from the target on, otherwise none."""
    return HUNDRED if attainment >= ONE else ZERO


def steps(attainment: Decimal, table: Table, tie: str) -> Decimal:
    """The points of the highest edge reached; ``tie: lower`` asks for more than the edge."""
    reached = [
        points for edge, points in table if attainment > edge or (attainment == edge and tie == "upper")
    ]
    return reached[-1] if reached else table[0][1]


def marginal(amount: Decimal, table: Table, tie: str) -> Decimal:
    """Each slice at its own rate: an edge belongs to both sides alike, so ties change nothing."""
    return sum((width * rate for width, rate in _slices(amount, table)), ZERO)


def _slices(amount: Decimal, table: Table) -> Iterator[tuple[Decimal, Decimal]]:
    highs = [edge for edge, _ in table[1:]]
    for i, (low, rate) in enumerate(table):
        upper = min(amount, highs[i]) if i < len(highs) else amount
        yield max(ZERO, upper - low), rate


def interpolated(attainment: Decimal, table: Table, tie: str) -> Decimal:
    """Straight lines between nodes, level outside of them."""
    if attainment <= table[0][0]:
        return table[0][1]
    for (x0, y0), (x1, y1) in pairwise(table):
        if attainment <= x1:
            return y0 + (attainment - x0) * (y1 - y0) / (x1 - x0)
    return table[-1][1]


CURVES: dict[str, Callable[[Decimal, Table, str], Decimal]] = {
    "linear": linear,
    "pass_fail": pass_fail,
    "steps": steps,
    "marginal": marginal,
    "interpolated": interpolated,
}
WITH_TABLE = frozenset({"steps", "marginal", "interpolated"})
