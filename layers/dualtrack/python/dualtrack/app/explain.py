"""Explain: every number of a scorecard down to its source events, recomputed from what is stored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dualtrack.app import evidence, roster, rows
from dualtrack.app.ports import Table
from dualtrack.app.valuation import partials_of, plan_for, value
from dualtrack.domain.errors import refuse
from dualtrack.domain.fold import fold
from dualtrack.domain.observations import Observation
from dualtrack.domain.plan import Plan


def explain(table: Table, plans: Sequence[Plan], employee: str, period: str) -> dict[str, Any]:
    """The scorecard with all reasons and the observations that count, folded from scratch."""
    known = roster.person(table, employee)
    if known.terms is None:
        raise refuse("unknown_employee", "employee", employee, "name somebody on the roster")
    plan = plan_for(plans, period)
    if plan is None:
        raise refuse("no_plan", "period", period, "publish a plan that is in force on its last day")
    own = _current(table, rows.employee_subject(employee), period)
    team = _current(table, f"T:{known.terms.team}", period)
    valued = value(plan, partials_of(plan, own), partials_of(plan, team), known.terms, period)
    return evidence.card_data(valued, period) | {"observations": evidence.observation_data([*own, *team])}


def _current(table: Table, subject: str, period: str) -> Sequence[Observation]:
    items = table.query(rows.partition(subject, period), "O#", "O#" + rows.END)
    return fold(map(rows.observation, items)).current
