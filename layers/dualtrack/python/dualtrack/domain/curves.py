"""Curves: from attainment to points (design: scoring rule 3)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from dualtrack.domain.numbers import HUNDRED, ONE, ZERO, dusted
from dualtrack.domain.tables import Lookup, Table, interpolated, marginal, stepped


def linear(attainment: Decimal, table: Table, tie: str) -> Decimal:
    """100 points at exactly the target."""
    return HUNDRED * attainment


def pass_fail(attainment: Decimal, table: Table, tie: str) -> Decimal:
    """100 points from the target on, otherwise none; ``tie: lower`` asks for more than the target."""
    reached = dusted(attainment)
    return HUNDRED if reached > ONE or (reached == ONE and tie == "upper") else ZERO


CURVES: Mapping[str, Lookup] = {
    "linear": linear,
    "pass_fail": pass_fail,
    "steps": stepped,
    "marginal": marginal,
    "interpolated": interpolated,
}
WITH_TABLE = frozenset({"steps", "marginal", "interpolated"})
FORMULA = "formula"  # the one curve that is no table: points from value, target and attainment
