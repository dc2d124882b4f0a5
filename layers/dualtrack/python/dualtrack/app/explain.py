"""Explain: every number of a scorecard down to its source events.

``explain`` recomputes from today's rows. ``as_settled`` reads what a run kept as its evidence: what was
known then, whatever arrived later.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dualtrack.app import evidence, roster, rows
from dualtrack.app.close import chunk_list
from dualtrack.app.ports import Item, Objects, Table
from dualtrack.app.valuation import partials_of, plan_for, value
from dualtrack.domain.errors import refuse
from dualtrack.domain.fold import fold
from dualtrack.domain.observations import Observation
from dualtrack.domain.periods import month
from dualtrack.domain.plan import Plan
from dualtrack.domain.runs import Run


def explain(table: Table, plans: Sequence[Plan], employee: str, period: str) -> dict[str, Any]:
    """The scorecard with all reasons and the observations that count, folded from scratch."""
    month(period)
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
    return fold(rows.facts(table.query(rows.partition(subject, period), *rows.FACTS))).current


def live(table: Table, employee: str, period: str) -> Item | None:
    """The scorecard's row as the stream's function left it; None before the first fold."""
    return table.get(rows.partition(rows.employee_subject(employee), month(period)), "S")


def as_settled(objects: Objects, run: Run, employee: str, period: str) -> dict[str, Any]:
    """The scorecard as a run settled it, and all of the employee's observations that it folded."""
    month(period)
    for listed in chunk_list(objects, run):
        if employee in listed["employees"]:
            content = evidence.content(objects.read(evidence.chunk_key(run, listed["chunk"])))
            cards = [c for c in content["cards"] if (c["employee"], c["period"]) == (employee, period)]
            if cards:
                own = [o for o in content["observations"] if o[:2] == [f"E:{employee}", period]]
                return {**cards[0], "observations": own}
    raise refuse("not_settled", f"run {run.id}", f"{employee} {period}", "name whom and what it settled")
