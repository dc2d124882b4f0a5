"""Readiness: what is missing before a period can be closed, who would be held, and what it would come to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from dualtrack.app import quarantine, roster, rows, runs
from dualtrack.app.parts import in_force
from dualtrack.app.ports import Queue, Table
from dualtrack.domain.plan import Plan
from dualtrack.domain.runs import Run
from dualtrack.domain.setup import Group

QUEUES = {
    "ingest": "{n} messages are still on the ingest queue; wait until it is drained",
    "ingest_dlq": "{n} messages failed again and again (ingest-dlq); redrive them or decide on them",
    "stream_failures": "{n} batches of changes were not scored (stream-failures); `score refold` mends it",
}


def missing(
    table: Table, queues: Mapping[str, Queue], plans: Sequence[Plan], group: Group, period: Run, drained: bool
) -> list[str]:
    """Every reason at once why a period cannot be closed; empty means ready. The quarantine is apart.

    ``period`` is the run as it would be started; ``drained``: whether the stream has reached its watermark.
    """
    found = [QUEUES[name].format(n=n) for name, queue in queues.items() if (n := queue.waiting())]
    if not drained:
        found.append("changes on the table's stream are not scored yet; wait a little, then start again")
    if not any(in_force(plans, month) for month in period.months):
        found.append(f"no plan is in force in {period.period}; publish one")
    every = runs.every(table)
    skipped = [p for p in unpaid(table, every, plans, group, period) if p < period.months[0]]
    if period.regular and skipped and not _overtaken(every, runs.under_way(table), group, skipped[-1]):
        found.append(f"{', '.join(skipped)} is not published; close it first, or nobody is paid for it")
    if not roster.employees(table):
        found.append("nobody is on the roster; send hr.employee.changed events")
    return found


def unpaid(table: Table, every: Iterable[Run], plans: Sequence[Plan], group: Group, period: Run) -> list[str]:
    """Months before a run's own of which something is known and that no run of its group has closed.

    Such a month is closed before this one; if it became known too late for that, this run pays it too. The
    first months of a quarter are among them: they are settled with its last one.
    """
    closed = closed_months(every, group)
    listed = (p for p in roster.periods(table) if group.since <= p < period.month and p not in closed)
    return [p for p in listed if in_force(plans, p)]


def closed_months(every: Iterable[Run], group: Group) -> set[str]:
    """The months that a group's published regular runs have closed."""
    mine = (run for run in every if run.state == "PUBLISHED" and run.regular and run.group == group.id)
    return {month for run in mine for month in run.months}


def _overtaken(every: Iterable[Run], under_way: Iterable[Run], group: Group, month: str) -> bool:
    """Whether a month cannot be closed any more: a run of a later one is under way or published."""
    mine = (run for run in every if run.regular and run.group == group.id and run.month > month)
    holders = {run.id for run in under_way}
    return any(run.state == "PUBLISHED" or run.id in holders for run in mine)


def quarantined(table: Table) -> str:
    """The open quarantine in one sentence; empty if there is none."""
    reasons = [f"{e.problem.reason} {e.problem.field}".strip() for e in quarantine.entries(table)]
    counts = ", ".join(f"{reasons.count(r)} × {r}" for r in sorted(set(reasons)))
    return f"quarantine holds {counts}; mend and replay, or waive by name and reason" if reasons else ""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a close would come to by the live scorecards; who is held.

    ``payouts``: employees and their sum, by plan and currency; an empty currency is the plan's.
    """

    payouts: Mapping[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    held: Mapping[str, Sequence[str]] = field(default_factory=dict)
    unscored: Sequence[str] = ()


def outlook(table: Table, month: str) -> Outlook:
    """From the live scorecards of everybody on the roster; a close prices anew from the observations."""
    who = roster.employees(table)
    keys = {(rows.partition(rows.employee_subject(e), month), "S"): e for e in who}
    cards = {keys[item["pk"], item["sk"]]: item for item in table.get_many(list(keys))}
    sums: dict[tuple[str, str], tuple[int, int]] = {}
    for card in cards.values():
        if card["payout"] is not None:
            key = card["plan"], card.get("currency", "")
            count, amount = sums.get(key, (0, 0))
            sums[key] = count + 1, amount + int(card["payout"])
    held = {e: list(card["holds"]) for e, card in sorted(cards.items()) if card["holds"]}
    return Outlook(sums, held, [e for e in who if e not in cards])
