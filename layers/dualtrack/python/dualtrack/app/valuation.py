"""Valuation: the one way from partials to a scorecard and an amount, live and at a close alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from dualtrack.app.ports import Item
from dualtrack.domain.employment import Employment
from dualtrack.domain.errors import Stopped
from dualtrack.domain.measures import Measure, Partial, partial, values
from dualtrack.domain.observations import Observation
from dualtrack.domain.payouts import due
from dualtrack.domain.periods import last_day
from dualtrack.domain.plan import TARGET, Plan
from dualtrack.domain.scoring import Reason, Scorecard, score, target_of


@dataclass(frozen=True, slots=True)
class Valued:
    """A scorecard and what it is worth (minor units); ``due`` is None while something is on hold."""

    employee: str
    card: Scorecard
    due: int | None
    reasons: tuple[Reason, ...]


def plan_for(plans: Iterable[Plan], period: str) -> Plan | None:
    """The plan of a period: the greatest version in force on its last day; None before the first."""
    day = last_day(period)
    in_force = [plan for plan in plans if plan.start <= day and not _ended(plan, day)]
    if len({plan.id for plan in in_force}) > 1:
        raise Stopped(f"two plans over {period}: {sorted({plan.ref for plan in in_force})}; end one of them")
    return max(in_force, key=lambda plan: plan.version, default=None)


def _ended(plan: Plan, day: date) -> bool:
    return plan.end is not None and plan.end < day


def partials_of(plan: Plan, current: Sequence[Observation]) -> dict[str, Partial]:
    """Partials from folded observations directly: the fold from scratch that a close uses."""
    names = {row.place.measure for row in current}
    definitions: list[Measure] = [m for name in sorted(names) for m in plan.observed(name)]
    found = {m.id: partial(m, [r for r in current if r.place.measure == m.observed]) for m in definitions}
    return {name: each for name, each in found.items() if each is not None}


def targets(plan: Plan, own: Mapping[str, Partial], team: Mapping[str, Partial]) -> dict[str, Decimal | None]:
    """Every metric's target: the employee's own, else the team's, else the plan's."""
    layers = [_target_values(own), _target_values(team)]
    return {metric.id: target_of(metric, layers) for _, metric in plan.metrics}


def _target_values(partials: Mapping[str, Partial]) -> Mapping[str, Decimal | None]:
    names = [name for name in partials if name.startswith(TARGET)]
    return values([Measure(name, name, "last") for name in names], partials)


def value(
    plan: Plan, own: Mapping[str, Partial], team: Mapping[str, Partial], terms: Employment, period: str
) -> Valued:
    """Score and price one employee's period from the employee's and the team's partials."""
    shared = {m.id for m in plan.measures if m.scope == "team"}
    counted = {name: each for name, each in own.items() if name not in shared}
    counted |= {name: each for name, each in team.items() if name in shared}
    card = score(plan, values(plan.measures, counted), targets(plan, own, team))
    if terms.currency != plan.currency:
        raise Stopped(f"{terms.employee} is paid in {terms.currency}, plan {plan.ref} in {plan.currency}")
    if card.holds:
        return Valued(terms.employee, card, None, ())
    amount, reasons = due(plan, card, terms, period)
    return Valued(terms.employee, card, amount, reasons)


def paid(lines: Iterable[Item]) -> int:
    """What was ever paid for a period, in minor units."""
    return sum(int(line["amount"]) for line in lines)
