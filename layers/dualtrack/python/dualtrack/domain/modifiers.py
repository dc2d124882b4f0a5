"""Modifiers: points added, multiplied or deducted, in a stated order (design: scoring rule 6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from dualtrack.domain.conditions import Board, all_hold, said
from dualtrack.domain.numbers import HUNDRED, ONE, ZERO, plain
from dualtrack.domain.plan import Modifier
from dualtrack.domain.reasons import Reason


@dataclass(frozen=True, slots=True)
class Bounds:
    """Between which points a scope stays."""

    floor: Decimal
    cap: Decimal


def modified(
    board: Board, points: Decimal, modifiers: Sequence[Modifier], bounds: Bounds
) -> tuple[Decimal, list[Reason]]:
    """The points after all modifiers of a metric or a track, by their order, then as written.

    Linear deductions are percentages of the points as they were before the first of them, so three
    times 10 % are 30 %. A modifier that may not pass the cap never lifts points above it, and never takes
    away what another one was allowed to lift.
    """
    reasons: list[Reason] = []
    undeducted: Decimal | None = None
    for modifier in sorted(modifiers, key=lambda each: each.order):
        if not all_hold(board, modifier.when):
            reasons.append(Reason(modifier.act, said(board, modifier.when), "does not apply"))
            continue
        if modifier.act == "deduct" and undeducted is None:
            undeducted = points
        result = _bounded(points, _applied(board, points, undeducted or ZERO, modifier), modifier, bounds)
        reasons.append(Reason(modifier.act, _given(board, points, modifier), plain(result)))
        points = result
    return points, reasons


def _applied(board: Board, points: Decimal, undeducted: Decimal, modifier: Modifier) -> Decimal:
    times = _times(board, modifier)
    match modifier.act:
        case "add":
            return points + modifier.amount * times
        case "multiply":
            return points * (modifier.amount if not modifier.per else modifier.amount * times)
        case _ if modifier.compound:
            return points * (ONE - min(ONE, modifier.amount / HUNDRED)) ** int(times)
        case _:
            return points - undeducted * modifier.amount / HUNDRED * times


def _times(board: Board, modifier: Modifier) -> Decimal:
    """What it is counted by; a measure without a value counts nothing."""
    return ONE if not modifier.per else board.measure(modifier.per) or ZERO


def _bounded(before: Decimal, after: Decimal, modifier: Modifier, bounds: Bounds) -> Decimal:
    if not modifier.may_pass_cap:
        after = min(after, max(bounds.cap, before))
    return max(bounds.floor, after)


def _given(board: Board, points: Decimal, modifier: Modifier) -> str:
    per = f" × {modifier.per} {plain(_times(board, modifier))}" if modifier.per else ""
    percent = " %" if modifier.act == "deduct" else ""
    return f"{plain(points)}, {modifier.act} {plain(modifier.amount)}{percent}{per}"
