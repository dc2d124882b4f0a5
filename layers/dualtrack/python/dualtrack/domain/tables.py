"""Tables: a number looked up among edges, in one of four ways, for curves, payments and transactions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise

from dualtrack.domain.numbers import ZERO, dusted

Table = Sequence[tuple[Decimal, Decimal]]  # (edge, points, rate or amount), edges rising
Lookup = Callable[[Decimal, Table, str], Decimal]


def stepped(number: Decimal, table: Table, tie: str) -> Decimal:
    """The row of the highest edge reached; ``tie: lower`` asks for more than the edge."""
    number, edges = dusted(number), [(dusted(edge), given) for edge, given in table]
    reached = [given for edge, given in edges if number > edge or (number == edge and tie == "upper")]
    return reached[-1] if reached else table[0][1]


def marginal(number: Decimal, table: Table, tie: str) -> Decimal:
    """Each slice at its own rate: an edge belongs to both sides alike, so ties change nothing."""
    total = ZERO
    for (low, rate), (high, _) in pairwise([*table, (number, ZERO)]):
        if number > low:
            total += (min(number, max(high, low)) - low) * rate
    return total


def whole(number: Decimal, table: Table, tie: str) -> Decimal:
    """All of the number at the rate that it has reached."""
    return number * stepped(number, table, tie)


def interpolated(number: Decimal, table: Table, tie: str) -> Decimal:
    """Straight lines between nodes, level outside of them."""
    if number <= table[0][0]:
        return table[0][1]
    for (x0, y0), (x1, y1) in pairwise(table):
        if number <= x1:
            return y0 + (number - x0) * (y1 - y0) / (x1 - x0)
    return table[-1][1]


# How a table of rates or amounts is applied to a number.
WAYS: Mapping[str, Lookup] = {
    "marginal": marginal,
    "whole": whole,
    "amount": stepped,
    "interpolated": interpolated,
}
RATES = frozenset({"marginal", "whole"})  # the table gives rates; otherwise amounts
