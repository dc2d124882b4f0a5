"""Pricing: from a scorecard to money, exactly; rounded once, on the line (design: scoring rule 9)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from dualtrack.domain.conditions import Board, all_hold, gate_reason, passed, said, shown
from dualtrack.domain.curves import CURVES, WITH_TABLE
from dualtrack.domain.money import half_up, major
from dualtrack.domain.numbers import HUNDRED, ONE, ZERO, dusted, exact, plain
from dualtrack.domain.plan import Award, Draw, PayoutRule, Pays, Plan, Table
from dualtrack.domain.rates import Money, own
from dualtrack.domain.reasons import Reason
from dualtrack.domain.scoring import MetricScore, Scorecard
from dualtrack.domain.tables import RATES, WAYS, stepped


@dataclass(frozen=True, slots=True)
class Spell:
    """Some days of a period under one base (minor units a whole period); ``away`` on unpaid leave besides."""

    base: int
    days: int
    away: int = 0


@dataclass(frozen=True, slots=True)
class Stay:
    """The part of a period that is priced: its spells, and the period's days.

    ``month`` is that of employment (1 is the first); ``elsewhere`` are the employed days of other parts.
    """

    spells: tuple[Spell, ...]
    whole: int
    month: int = 1
    elsewhere: int = 0

    @property
    def share(self) -> Decimal:
        """Days priced over days of the period."""
        return Decimal(sum(spell.days for spell in self.spells)) / self.whole

    @property
    def present(self) -> int:
        """Days of this part, leave or not."""
        return sum(spell.days + spell.away for spell in self.spells)

    @property
    def portion(self) -> Decimal:
        """This part's days over those of all parts: 1 if it is the only one."""
        return Decimal(self.present) / (self.present + self.elsewhere)


@dataclass(frozen=True, slots=True)
class Instalment:
    """A month inside a quarter: the quarter's base, the limit in percent of it.

    ``before``: what the quarter had come to by the end of the month before (``so_far``), exactly.
    """

    base: Decimal
    limit: Decimal | None
    before: Decimal = ZERO


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
    money: Money | None = None,
) -> tuple[Decimal, tuple[Reason, ...]]:
    """What a scorecard is worth, exactly, in minor units, and why. Reasons are in the currency's own unit.

    Order: base by score, threshold and gates, cap in percent, days; what metrics pay by themselves; cap as an
    amount; guarantee; awards. Of a quarter paid in instalments the base counts by what it has grown.
    ``money``: the currency that is paid, if it is not the plan's; bases are in it, the plan's amounts not.
    """
    money = money or own(plan.currency)
    share, reasons = _share(plan, card, board)
    reasons = [*money.reasons(), *reasons]
    based, why = (
        _instalment(share, instalment, money.unit)
        if instalment
        else _based(share, stay, plan.payout, money.unit)
    )
    reasons += why
    if share is not None:
        paid, why = _metrics(plan, card, board, accumulated, stay, money)
        based, reasons = based + paid * money.worth, [*reasons, *why]
    amount, why = _bounded(plan.payout, based, stay, money)
    reasons += why
    awarded, why = _awards(plan, card, stay, money)
    return amount + awarded, (*reasons, *why)


@exact
def so_far(plan: Plan, card: Scorecard, board: Board, instalment: Instalment) -> Decimal:
    """What a quarter's base has come to by the end of a month, exactly, in minor units."""
    return _grown(_share(plan, card, board)[0], instalment)


@exact
def due(exactly: Decimal, currency: str, before: Decimal = ZERO) -> tuple[int, Reason]:
    """Rounded half-up to the minor unit, once.

    Of an instalment it is what the rounded quarter has grown by since ``before``, so that months sum to it.
    """
    amount = half_up(dusted(exactly + before)) - half_up(dusted(before))
    return amount, Reason("rounding", "half up", f"{major(amount, currency)} {currency}")


def _own(amount: Decimal | int, unit: Decimal) -> str:
    """Minor units as people read them, exactly."""
    return plain(amount / unit)


def _share(plan: Plan, card: Scorecard, board: Board) -> tuple[Decimal | None, list[Reason]]:
    """The share of the base that is earned; None if the payout as a whole is shut out."""
    rule = plan.payout
    if rule.threshold is not None and dusted(card.total) < rule.threshold:
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
        curve = rule.curve  # its table has edges in points; without one, 100 points are the target
        number = card.total if curve.kind in WITH_TABLE else card.total / HUNDRED
        percent = CURVES[curve.kind](number, curve.table, curve.tie)
        reason = Reason("payout curve", plain(card.total), f"{plain(percent)} % of the base")
        return percent / HUNDRED, [reason]
    return sum((t.weight * t.score / HUNDRED / HUNDRED for t in card.tracks), ZERO), []


def _based(
    share: Decimal | None, stay: Stay, rule: PayoutRule, unit: Decimal
) -> tuple[Decimal, list[Reason]]:
    if share is None or rule.basis == "none":
        return ZERO, []
    spells, whole = days(stay, rule)
    # One division, at the end: two thirds and a third of a base are the base.
    result = share * sum(base * days for base, days in spells) / whole
    given = " + ".join(f"{_own(base, unit)} × {plain(share)} × {days}/{whole}" for base, days in spells)
    return result, [Reason("base × tracks × days", given, _own(result, unit))]


def days(stay: Stay, rule: PayoutRule) -> tuple[list[tuple[int, int]], int]:
    """Bases with the days that each counts for, and how many the whole base is for."""
    if rule.proration == "calendar_days":
        return [(s.base, s.days) for s in stay.spells], stay.whole
    return [(s.base, s.days + s.away) for s in stay.spells], stay.present + stay.elsewhere


def _instalment(share: Decimal | None, part: Instalment, unit: Decimal) -> tuple[Decimal, list[Reason]]:
    """What the quarter has grown by."""
    grown = _grown(share, part)
    limit = "" if part.limit is None else f", at most {plain(part.limit)} %"
    base, so_far, before = (_own(each, unit) for each in (part.base, grown, part.before))
    given = f"{base} × {plain(share or ZERO)}{limit}: {so_far}; before {before}"
    return grown - part.before, [Reason("quarter so far", given, _own(grown - part.before, unit))]


def _grown(share: Decimal | None, part: Instalment) -> Decimal:
    earned = share or ZERO
    return part.base * (earned if part.limit is None else min(earned, part.limit / HUNDRED))


def _metrics(
    plan: Plan, card: Scorecard, board: Board, accumulated: Accumulated, stay: Stay, money: Money
) -> tuple[Decimal, list[Reason]]:
    """What metrics pay by themselves, in the own unit of the plan's currency."""
    total, reasons = ZERO, []
    for scored in card.metrics:
        pays = plan.metric_of[scored.id][1].pays
        if pays is not None:
            amount, given = _earned(pays, scored, accumulated, stay.portion)
            reasons.append(Reason("pays", f"{scored.id} {pays.how} {given}", money.said(amount)))
            amount, why = _bonus(pays, amount, board, stay.portion, money)
            total += amount
            reasons += why
    return total, reasons


def _earned(
    pays: Pays, scored: MetricScore, accumulated: Accumulated, portion: Decimal
) -> tuple[Decimal, str]:
    """By the table, and for what. A lump sum is one for the month: part of the month has its part of it."""
    number: Decimal | None = getattr(scored, pays.on)
    if scored.state not in ("scored", "zero") or number is None:
        return ZERO, scored.state
    table = _table(pays, scored.target)
    if pays.accumulate != "none":
        before, upto = accumulated[scored.id]
        return _slice(pays, table, before, upto), f"{shown(before)} to {shown(upto)}"
    rate = pays.on == "value" and pays.how in RATES
    return WAYS[pays.how](number, table, pays.tie) * (ONE if rate else portion), plain(number)


def _bonus(
    pays: Pays, amount: Decimal, board: Board, portion: Decimal, money: Money
) -> tuple[Decimal, list[Reason]]:
    """Multiplied while conditions hold, and capped."""
    reasons = []
    for factor in pays.factors:
        if all_hold(board, factor.when):
            amount *= factor.by
            given = f"{said(board, factor.when)}: × {plain(factor.by)}"
            reasons.append(Reason("factor", given, money.said(amount)))
    if pays.cap is not None and amount > pays.cap * portion:
        amount = pays.cap * portion
        reasons.append(Reason("payout cap", money.said(pays.cap), money.said(amount)))
    return amount, reasons


def _table(pays: Pays, target: Decimal | None) -> Table:
    if pays.edges != "target":
        return pays.table
    return tuple((edge * (target or ZERO), given) for edge, given in pays.table)


def _slice(pays: Pays, table: Table, before: Decimal | None, upto: Decimal | None) -> Decimal:
    """The rate from what has come together, the money for what has come since: nothing is paid twice.

    Where nothing was observed before, nothing was paid either, not even the amount that is paid for 0.
    """
    if upto is None:
        return ZERO
    if pays.how == "whole":
        return (upto - (before or ZERO)) * stepped(upto, table, pays.tie)
    paid = ZERO if before is None else WAYS[pays.how](before, table, pays.tie)
    return WAYS[pays.how](upto, table, pays.tie) - paid


def _bounded(rule: PayoutRule, amount: Decimal, stay: Stay, money: Money) -> tuple[Decimal, list[Reason]]:
    reasons, unit = [], money.unit
    if rule.cap_amount is not None and amount > rule.cap_amount * money.worth * stay.portion:
        amount = rule.cap_amount * money.worth * stay.portion
        reasons.append(Reason("payout cap", money.said(rule.cap_amount), _own(amount, unit)))
    draw = rule.draw if rule.draw and not rule.draw.recoverable else None
    for floor in (drawn(least, stay, money.worth) for least in (rule.guarantee, draw) if least):
        if floor and amount < floor:  # without one, more may be taken back than was earned
            reasons.append(Reason("guarantee", f"at least {_own(floor, unit)}", _own(floor, unit)))
            amount = floor
    return amount, reasons


@exact
def drawn(draw: Draw, stay: Stay, worth: Decimal) -> Decimal:
    """A guarantee or draw of a period in minor units, by days; 0 when its months are over."""
    over = draw.months and stay.month > draw.months
    return ZERO if over else draw.amount * worth * min(ONE, stay.share)


def _awards(plan: Plan, card: Scorecard, stay: Stay, money: Money) -> tuple[Decimal, list[Reason]]:
    total, reasons = ZERO, []
    rules: Mapping[str, Award] = {award.id: award for award in plan.awards}
    for result in card.awards:
        award = rules[result.id]
        worth = award.amount * money.worth + Decimal(_base(stay.spells)) * award.share / HUNDRED
        won = worth if result.qualifies else ZERO
        total += won
        reasons += [*result.reasons, Reason("award", award.id, _own(won, money.unit))]
    return total, reasons


def _base(spells: Sequence[Spell]) -> int:
    """The base in force at the end."""
    return spells[-1].base if spells else 0
