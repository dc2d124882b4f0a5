"""Modifiers: points added, multiplied or deducted, in a stated order (design: scoring rule 6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from dualtrack.domain.conditions import Board, all_hold, said, shown
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
    away what another one was allowed to lift. One that counts a measure without a value does not apply.
    """
    reasons: list[Reason] = []
    undeducted: Decimal | None = None
    for modifier in sorted(modifiers, key=lambda each: each.order):
        times = board.measure(modifier.per) if modifier.per else ONE
        if times is None or not all_hold(board, modifier.when):
            reasons.append(Reason(modifier.act, _unmet(board, modifier, times), "does not apply"))
            continue
        if modifier.act == "deduct" and undeducted is None:
            undeducted = points
        result = _bounded(points, _applied(points, undeducted or ZERO, modifier, times), modifier, bounds)
        reasons.append(Reason(modifier.act, _given(points, modifier, times), plain(result)))
        points = result
    return points, reasons


def _applied(points: Decimal, undeducted: Decimal, modifier: Modifier, times: Decimal) -> Decimal:
    match modifier.act:
        case "add":
            return points + modifier.amount * times
        case "multiply":
            return points * modifier.amount * times
        case _ if times <= 0:  # nothing occurred, and a deduction never adds
            return points
        case _ if modifier.compound:
            return points * max(ZERO, ONE - modifier.amount / HUNDRED) ** times
        case _:
            return points - undeducted * modifier.amount / HUNDRED * times


def _bounded(before: Decimal, after: Decimal, modifier: Modifier, bounds: Bounds) -> Decimal:
    if not modifier.may_pass_cap:
        after = min(after, max(bounds.cap, before))
    return max(bounds.floor, after)


def _unmet(board: Board, modifier: Modifier, times: Decimal | None) -> str:
    return f"{modifier.per} {shown(times)}" if times is None else said(board, modifier.when)


def _given(points: Decimal, modifier: Modifier, times: Decimal) -> str:
    per = f" × {modifier.per} {plain(times)}" if modifier.per else ""
    percent = " %" if modifier.act == "deduct" else ""
    return f"{plain(points)}, {modifier.act} {plain(modifier.amount)}{percent}{per}"
