"""What people do to a tenant: publish plans and mappings, approve and reject runs."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from dualtrack.app import acts, documents, evidence, holds, roster, rows, runs
from dualtrack.app.claims import claims
from dualtrack.app.close import chunk_list
from dualtrack.app.parts import looks_at
from dualtrack.app.ports import Objects, Table
from dualtrack.domain import runs as states
from dualtrack.domain.checks import problems_with
from dualtrack.domain.errors import Refused, refuse
from dualtrack.domain.periods import TIMELESS, last_day
from dualtrack.domain.plan import Plan
from dualtrack.domain.runs import Run


def publish_plan(table: Table, plan: Plan, text: str) -> int:
    """Publish a version and ask for new scores of open periods; how many scores were asked for."""
    if wrong := problems_with(plan, claims(table)):
        raise Refused(*wrong)
    done = (run for run in runs.every(table) if run.state == "PUBLISHED" and run.regular)
    published = sorted({month for run in done for month in run.months})
    if published and plan.start <= last_day(max(published)):
        remedy = f"start it after {last_day(max(published))}: what is published never changes"
        raise refuse("already_published", "effective.from", str(plan.start), remedy)
    for run in runs.under_way(table):
        if run.state != "OPEN" and plan.start <= last_day(run.month):
            remedy = f"run {run.id} is {run.state}: finish or reject it first"
            raise refuse("run_under_way", "effective.from", str(plan.start), remedy)
    documents.publish(table, "plan", plan.id, plan.version, text)
    rev = documents.revision(table, "plan")
    open_periods = [p for p in roster.periods(table) if p not in published and last_day(p) >= plan.start]
    who = roster.employees(table)
    teams = [f"T:{team}" for team in roster.teams(table)]
    earlier = _looked_at(table, plan, open_periods)
    roster.refold(table, [*teams, *map(rows.employee_subject, who)], earlier, "looked_at", plan.ref, rev)
    roster.refold(table, teams, open_periods, "plan", plan.ref, rev)
    return roster.rescore(table, who, open_periods, "plan", plan.ref, rev)


def _looked_at(table: Table, plan: Plan, open_periods: Sequence[str]) -> list[str]:
    """Months before the plan begins whose facts it counts: from now on they have to tell later ones."""
    since = str(plan.start)[:7]
    months = {month for period in (since, *open_periods) for month in looks_at(plan, period)}
    return sorted(months & set(roster.periods(table)) - set(open_periods))


def refold(table: Table, cause: str) -> int:
    """Have everything folded anew, whatever the stream told or lost; how many folds were asked for."""
    who = roster.employees(table)
    teams = [f"T:{team}" for team in roster.teams(table)]
    asked = roster.refold(table, teams, roster.periods(table), "refold", cause)
    return asked + roster.rescore(table, who, [TIMELESS, *roster.periods(table)], "refold", cause)


def publish_source(table: Table, name: str, version: int, text: str) -> bool:
    """Publish a source mapping; True if it is new."""
    return documents.publish(table, "source", name, version, text)


def approve(
    table: Table, objects: Objects, run_id: str, approver: str, digest: str, at: datetime,
    rehearse: Callable[[Run], object],
) -> Run:  # fmt: skip
    """Approve the totals that were seen, named by their digest.

    Refused if somebody in the run was put on hold since: what was settled would be paid all the same.
    ``rehearse`` makes the run's files as they will be, without writing them, and raises what is wrong with
    them: an approved run cannot be sent back.
    """
    run = runs.get(table, run_id)
    seen = run.totals if run.totals and json.loads(run.totals)["digest"] == digest else digest
    approved = states.approve(run, approver, seen)
    late = holds.placed_since(table, run.acts, _paid(objects, run))
    if late:
        remedy = "reject the run and close again, or release them"
        raise refuse("held_since", f"run {run.id}", f"{', '.join(late)} on hold since it was settled", remedy)
    before = runs.last_published(runs.every(table), run)
    moment = at.isoformat(timespec="seconds")
    settled = replace(approved, approved_at=moment, previous=before.id if before else "")
    rehearse(replace(settled, acts=acts.last(table) + 1))
    number = acts.done(
        table, lambda n: [runs.put(replace(settled, acts=n), run.fence)], approver, "run.approve", run.id,
        f"totals {digest}", at, run.state, settled.state,
    )  # fmt: skip
    return replace(settled, acts=number)


def _paid(objects: Objects, run: Run) -> list[str]:
    """Everybody whom a run pays."""
    chunks = (evidence.stored(objects, run, each["chunk"]) for each in chunk_list(objects, run))
    return [payout.employee for chunk in chunks for payout in chunk.payouts]


def reject(table: Table, run_id: str, by: str, reason: str, at: datetime) -> Run:
    """Send a run back: the next close of its period is a new attempt."""
    run = runs.get(table, run_id)
    rejected = states.reject(run, by, reason)
    puts = [runs.put(rejected, run.fence)]
    acts.done(table, lambda n: puts, by, "run.reject", run.id, reason, at, run.state, rejected.state)
    return rejected
