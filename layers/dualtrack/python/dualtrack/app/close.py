"""Close: open a run when it is ready, settle every employee once, put the result up for review."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

from dualtrack.app import conflicts, evidence, quarantine, roster, rows, runs
from dualtrack.app.folded import FoldedFacts
from dualtrack.app.ports import Objects, Queue, Table
from dualtrack.app.valuation import Valued, in_force, paid, reader, value
from dualtrack.domain.employment import History
from dualtrack.domain.errors import Stopped, refuse
from dualtrack.domain.payouts import Payout, Statement, settle
from dualtrack.domain.periods import month
from dualtrack.domain.plan import Plan
from dualtrack.domain.runs import Run, after, totals

CHUNK = 40


class NotReady(Exception):
    """The close says why and changes nothing."""


def readiness(table: Table, plans: Sequence[Plan], queue: Queue, period: str) -> list[str]:
    """What is missing before a period can be closed; empty means ready."""
    missing = []
    waiting = queue.waiting()
    if waiting:
        missing.append(f"{waiting} messages are still on the ingest queue; wait until it is drained")
    if not in_force(plans, period):
        missing.append(f"no plan is in force in {period}; publish one")
    skipped = unpaid(table, plans, period)
    if skipped and not _overtaken(table, skipped[-1]):
        missing.append(f"{', '.join(skipped)} is not published; close it first, or nobody is paid for it")
    if not roster.employees(table):
        missing.append("nobody is on the roster; send hr.employee.changed events")
    return missing


def unpaid(table: Table, plans: Sequence[Plan], period: str) -> list[str]:
    """Earlier months of which something is known and that no run has closed.

    Such a month is closed before this one; if it became known too late for that, this run pays it too.
    """
    published = {run.period for run in runs.every(table) if run.state == "PUBLISHED"}
    return [p for p in roster.periods(table) if p < period and p not in published and in_force(plans, p)]


def _overtaken(table: Table, period: str) -> bool:
    """Whether a month cannot be closed any more: a run of a later one is under way or published."""
    later = (run.period > period and run.state == "PUBLISHED" for run in runs.every(table))
    return runs.under_way(table) is not None or any(later)


def quarantined(table: Table) -> str:
    """The open quarantine in one sentence; empty if there is none."""
    reasons = [f"{e.problem.reason} {e.problem.field}".strip() for e in quarantine.entries(table)]
    counts = ", ".join(f"{reasons.count(r)} × {r}" for r in sorted(set(reasons)))
    return f"quarantine holds {counts}; mend and replay, or waive by name and reason" if reasons else ""


def open_run(
    table: Table,
    objects: Objects,
    intake: Objects,
    queue: Queue,
    plans: Sequence[Plan],
    period: str,
    starter: str,
    waiver: Mapping[str, str] | None,
    execution: str,
) -> Run:
    """Start a run and list its chunks. Refused, with every reason at once, if it is not ready."""
    month(period)
    if not starter:
        raise refuse("missing", "starter", starter, "name who starts the run")
    missing = readiness(table, plans, queue, period)
    conflicts.close_ended(table, intake)
    held_back = quarantined(table)
    waived = bool(waiver and waiver.get("by") and waiver.get("reason"))
    if held_back and not waived:
        missing.append(held_back)
    if missing:
        raise NotReady("; ".join(missing))
    note = f"{waiver['by']}: {waiver['reason']} ({held_back})" if waiver and held_back else ""
    run = runs.start(table, period, starter, note, execution)
    objects.create(evidence.list_key(run), json.dumps(_chunks(run, roster.employees(table))).encode())
    return run


def _chunks(run: Run, employees: Sequence[str]) -> list[dict[str, Any]]:
    parts = [employees[i : i + CHUNK] for i in range(0, len(employees), CHUNK)]
    return [
        {"run": run.id, "attempt": run.attempt, "chunk": f"{n:04d}", "employees": list(part)}
        for n, part in enumerate(parts, 1)
    ]


def chunk_list(objects: Objects, run: Run) -> list[dict[str, Any]]:
    """The chunks of an attempt, as they were listed when it was opened."""
    listed: list[dict[str, Any]] = json.loads(objects.read(evidence.list_key(run)))
    return listed


@dataclass(frozen=True, slots=True)
class Settling:
    """Settles a chunk of employees from a full fold of their observations."""

    table: Table
    objects: Objects
    plans: Sequence[Plan]
    tenant: str

    def chunk(self, run: Run, chunk: str, employees: Sequence[str]) -> bool:
        """Settle the chunk; True if this call did, False if somebody had: then theirs stands, whole."""
        facts = FoldedFacts(self.table)
        late = unpaid(self.table, self.plans, run.period)
        results = [self._employee(run, employee, facts, late) for employee in employees]
        data = {
            "run": run.id,
            "chunk": chunk,
            "employees": list(employees),
            "payouts": [evidence.payout_data(r.payout) for r in results if r.payout],
            "held": {r.employee: r.held for r in results if r.held},
            "unplanned": [r.employee for r in results if r.unplanned],
            "cards": [evidence.card_data(card, period) for r in results for period, card in r.cards],
            "observations": evidence.observation_data(facts.observations()),
        }
        return self.objects.create(evidence.chunk_key(run, chunk), evidence.pack(data))

    def _employee(self, run: Run, employee: str, facts: FoldedFacts, late: Sequence[str]) -> _Settled:
        known = roster.person(self.table, employee, before_run=run.id)
        history = known.history
        if history is None:
            raise Stopped(f"{employee} is on the roster without terms of employment")
        valued = self._value(history, run.period, facts)
        result = _Settled(employee, valued.currency if valued else history.newest.currency)
        result.unplanned = valued is None and history.covers(run.period)
        if valued is not None:
            result.take(run.period, valued)
        employed = {period for period in late if history.covers(period)}
        for period in sorted(employed | {period for period in known.restated if period < run.period}):
            self._restate(result, history, period, facts)
        if any(currency != result.currency for currency in known.currencies):
            owed = " and ".join(known.currencies)
            result.held.append(f"{run.period} {owed} is owed from before, and {result.currency} is paid now")
            return result
        regular = (valued.due, valued.reasons) if valued and valued.due is not None else None
        statement = Statement(
            self.tenant, run.id, run.period, employee, result.currency, regular, result.restated,
            known.balance, valued.draw if valued else 0, known.drawn,
        )  # fmt: skip
        result.payout = settle(statement)
        return result

    def _restate(self, result: _Settled, history: History, period: str, facts: FoldedFacts) -> None:
        """What is due now for an earlier period, against what was paid."""
        valued = self._value(history, period, facts)
        if valued is None:  # what was rightly paid would look like nothing: somebody has to look
            result.held.append(f"{period} was paid, and no terms with a plan cover it now")
            return
        result.take(period, valued)
        if valued.currency != result.currency:
            result.held.append(
                f"{period} is in {valued.currency} and not in {result.currency}: pay it by hand"
            )
        elif valued.due is not None:
            pk = rows.partition(rows.employee_subject(result.employee), period)
            lines = self.table.query(pk, "P#", "P#" + rows.END)  # the totals between are not read
            result.restated[period] = (valued.due, paid(lines))

    def _value(self, history: History, period: str, facts: FoldedFacts) -> Valued | None:
        """A period from its observations, and from those of other months that its plan looks at."""
        return value(history, self.plans, period, reader(facts))


class _Settled:
    """What settling one employee has come to so far; ``unplanned``: employed, and no plan is for them."""

    def __init__(self, employee: str, currency: str) -> None:
        self.employee, self.currency = employee, currency
        self.unplanned = False
        self.payout: Payout | None = None
        self.restated: dict[str, tuple[int, int]] = {}
        self.held: list[str] = []
        self.cards: list[tuple[str, Valued]] = []

    def take(self, period: str, valued: Valued) -> None:
        self.cards.append((period, valued))
        self.held += [f"{period} {why}" for why in valued.holds]


def review(table: Table, objects: Objects, run: Run) -> Run:
    """All chunks settled: state the control totals and wait for a second pair of eyes."""
    if run.state == "REVIEW":
        return run
    chunks = chunk_list(objects, run)
    settled = [evidence.stored(objects, run, each["chunk"]) for each in chunks]
    for listed, found in zip(chunks, settled, strict=True):
        if tuple(listed["employees"]) != found.employees:
            raise Stopped(f"chunk {listed['chunk']} of run {run.id} settled other employees than were listed")
    summary = control_totals(settled)
    reviewed = Run(**(asdict(after(run, "review")) | {"totals": summary}))
    return runs.move(table, run, reviewed)


def control_totals(chunks: Iterable[evidence.Chunk]) -> str:
    """What an approver sees and is bound to: totals per currency, who is held, who has no plan, a digest."""
    chunks = list(chunks)
    payouts = [payout for chunk in chunks for payout in chunk.payouts]
    said = {
        "totals": [asdict(row) for row in totals(payouts)],
        "held": sorted(e for chunk in chunks for e in chunk.held),
        "unplanned": sorted(e for chunk in chunks for e in chunk.unplanned),
        "digest": sha256(repr([(p.id, p.amount) for p in payouts]).encode()).hexdigest()[:16],
    }
    return json.dumps(said, sort_keys=True)
