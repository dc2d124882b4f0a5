"""Pricing: from a scorecard to money, exactly; rounded once, on the line (design: scoring rule 9)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from dualtrack.domain.conditions import Board, all_hold, gate_reason, passed, said
from dualtrack.domain.curves import CURVES
from dualtrack.domain.money import exponent, half_up
from dualtrack.domain.numbers import HUNDRED, ONE, ZERO, exact, plain
from dualtrack.domain.plan import Award, Draw, Metric, PayoutRule, Pays, Plan, Table
from dualtrack.domain.reasons import Reason
from dualtrack.domain.scoring import MetricScore, Scorecard
from dualtrack.domain.tables import WAYS, stepped


@dataclass(frozen=True, slots=True)
class Spell:
    """Some days of a period under one base (minor units a whole period)."""

    base: int
    days: int


@dataclass(frozen=True, slots=True)
class Stay:
    """The part of a period that is priced: its spells, the period's days, the month of employment (1 is the first)."""

    spells: tuple[Spell, ...]
    whole: int
    month: int = 1

    @property
    def share(self) -> Decimal:
        """Days priced over days of the period."""
        return Decimal(sum(spell.days for spell in self.spells)) / self.whole


@dataclass(frozen=True, slots=True)
class Instalment:
    """A month inside a quarter: the quarter's base, the limit in percent of it, what was due before it."""

    base: Decimal
    limit: Decimal | None
    before: Decimal


# By metric: the number that has come together before this month, and with it.
Accumulated = Mapping[str, tuple[Decimal | None, Decimal | None]]


@exact
def price(
    plan: Plan,
    card: Scorecard,
    board: Board,
    stay: Stay,
    accumulated: Accumulated,
    instalment: Instalment | None,
) -> tuple[Decimal, tuple[Reason, ...]]:
    """What a scorecard is worth, exactly, in minor units, and why.

    Order: base by score, threshold and gates, cap in percent, days; what metrics pay by themselves; cap as an
    amount; guarantee; awards.
    """
    unit = Decimal(10) ** exponent(plan.currency)
    share, reasons = _share(plan, card, board)
    based, why = _instalment(share, instalment) if instalment else _based(share, stay, plan.payout)
    reasons += why
    paid, why = _metrics(plan, card, board, accumulated, unit)
    reasons += why
    amount, why = _bounded(plan.payout, based, paid if share is not None else ZERO, stay, unit)
    reasons += why
    awarded, why = _awards(plan, card, stay, unit)
    return amount + awarded, (*reasons, *why)


def due(exactly: Decimal, before: Decimal = ZERO) -> tuple[int, Reason]:
    """Rounded half-up to the minor unit, once; of a quarter's instalment what its rounded sum has grown by."""
    amount = half_up(exactly) - half_up(before)
    return amount, Reason("rounding", "half up", str(amount))


def _share(plan: Plan, card: Scorecard, board: Board) -> tuple[Decimal | None, list[Reason]]:
    """The share of the base that is earned; None if the payout as a whole is shut out."""
    rule, reasons = plan.payout, []
    if rule.threshold is not None and card.total < rule.threshold:
        return None, [Reason("threshold", f"{plain(card.total)} below {plain(rule.threshold)}", "0")]
    share, reasons = _curved(plan, card)
    for gate in rule.gates:
        if not passed(board, gate):
            if gate.cap is None:
                return None, [*reasons, gate_reason(board, gate, "0")]
            share = min(share, gate.cap / HUNDRED)
            reasons.append(gate_reason(board, gate, plain(share)))
    if rule.cap is not None and share > rule.cap / HUNDRED:
        share = rule.cap / HUNDRED
        reasons.append(Reason("payout cap", f"{plain(rule.cap)} % of the base", plain(share)))
    return share, reasons


def _curved(plan: Plan, card: Scorecard) -> tuple[Decimal, list[Reason]]:
    rule = plan.payout
    if rule.basis == "none":
        return ZERO, []
    if rule.basis == "total" and rule.curve is not None:
        percent = CURVES[rule.curve.kind](card.total, rule.curve.table, rule.curve.tie)
        return percent / HUNDRED, [
            Reason("payout curve", plain(card.total), f"{plain(percent)} % of the base")
        ]
    return sum((t.weight * t.score / HUNDRED / HUNDRED for t in card.tracks), ZERO), []


def _based(share: Decimal | None, stay: Stay, rule: PayoutRule) -> tuple[Decimal, list[Reason]]:
    if share is None or rule.basis == "none":
        return ZERO, []
    by_days = rule.proration == "calendar_days"
    spells = stay.spells if by_days else (Spell(stay.spells[-1].base, stay.whole),)
    result = sum((Decimal(s.base) * share * s.days / stay.whole for s in spells), ZERO)
    given = " + ".join(f"{s.base} × {plain(share)} × {s.days}/{stay.whole}" for s in spells)
    return result, [Reason("base × tracks × days", given, plain(result))]


def _instalment(share: Decimal | None, part: Instalment) -> tuple[Decimal, list[Reason]]:
    """What the quarter has come to so far; what was due before is taken off when it is rounded."""
    earned = share or ZERO
    limited = earned if part.limit is None else min(earned, part.limit / HUNDRED)
    result = part.base * limited
    limit = "" if part.limit is None else f", at most {plain(part.limit)} %"
    given = f"{plain(part.base)} × {plain(earned)}{limit}; before {plain(part.before)}"
    return result, [Reason("quarter so far", given, plain(result))]


def _metrics(
    plan: Plan, card: Scorecard, board: Board, accumulated: Accumulated, unit: Decimal
) -> tuple[Decimal, list[Reason]]:
    total, reasons = ZERO, []
    for scored in card.metrics:
        metric = plan.metric_of[scored.id][1]
        if metric.pays is not None:
            amount, why = _earned(metric, metric.pays, scored, board, accumulated)
            total += amount * unit
            reasons += why
    return total, reasons


def _earned(
    metric: Metric, pays: Pays, scored: MetricScore, board: Board, accumulated: Accumulated
) -> tuple[Decimal, list[Reason]]:
    """What a metric pays by itself, in the currency's own unit."""
    number: Decimal | None = getattr(scored, pays.on)
    if scored.state not in ("scored", "zero") or number is None:
        return ZERO, [Reason("pays", metric.id, "0")]
    table = _table(pays, scored.target)
    if pays.accumulate == "none":
        amount, given = WAYS[pays.how](number, table, pays.tie), plain(number)
    else:
        before, upto = (each or ZERO for each in accumulated[metric.id])
        amount, given = _slice(pays, table, before, upto), f"{plain(before)} to {plain(upto)}"
    reasons = [Reason("pays", f"{metric.id} {pays.how} {given}", plain(amount))]
    for factor in pays.factors:
        if all_hold(board, factor.when):
            amount *= factor.by
            reasons.append(
                Reason("factor", f"{said(board, factor.when)}: × {plain(factor.by)}", plain(amount))
            )
    if pays.cap is not None and amount > pays.cap:
        amount = pays.cap
        reasons.append(Reason("payout cap", metric.id, plain(amount)))
    return amount, reasons


def _table(pays: Pays, target: Decimal | None) -> Table:
    if pays.edges != "target":
        return pays.table
    return tuple((edge * (target or ZERO), given) for edge, given in pays.table)


def _slice(pays: Pays, table: Table, before: Decimal, upto: Decimal) -> Decimal:
    """The rate from what has come together, the money for what has come since: nothing is paid twice."""
    if pays.how == "whole":
        return (upto - before) * stepped(upto, table, pays.tie)
    return WAYS[pays.how](upto, table, pays.tie) - WAYS[pays.how](before, table, pays.tie)


def _bounded(
    rule: PayoutRule, based: Decimal, paid: Decimal, stay: Stay, unit: Decimal
) -> tuple[Decimal, list[Reason]]:
    amount, reasons = based + paid, []
    if rule.cap_amount is not None and amount > rule.cap_amount * unit:
        amount = rule.cap_amount * unit
        reasons.append(Reason("payout cap", plain(rule.cap_amount), plain(amount)))
    for least in (rule.guarantee, rule.draw if rule.draw and not rule.draw.recoverable else None):
        floor = drawn(least, stay, unit) if least else ZERO
        if amount < floor:
            reasons.append(Reason("guarantee", f"at least {plain(floor)}", plain(floor)))
            amount = floor
    return amount, reasons


@exact
def drawn(draw: Draw, stay: Stay, unit: Decimal) -> Decimal:
    """A guarantee or draw of a period in minor units, by days; 0 when its months are over."""
    over = draw.months and stay.month > draw.months
    return ZERO if over else draw.amount * unit * min(ONE, stay.share)


def _awards(plan: Plan, card: Scorecard, stay: Stay, unit: Decimal) -> tuple[Decimal, list[Reason]]:
    total, reasons = ZERO, []
    rules: Mapping[str, Award] = {award.id: award for award in plan.awards}
    for result in card.awards:
        award = rules[result.id]
        worth = award.amount * unit + Decimal(_base(stay.spells)) * award.share / HUNDRED
        total += worth if result.qualifies else ZERO
        reasons += [*result.reasons, Reason("award", award.id, plain(worth if result.qualifies else ZERO))]
    return total, reasons


def _base(spells: Sequence[Spell]) -> int:
    """The base in force at the end."""
    return spells[-1].base if spells else 0
