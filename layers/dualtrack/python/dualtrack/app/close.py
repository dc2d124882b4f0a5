"""Close: open a run when it is ready, settle every employee once, put the result up for review."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

from dualtrack.app import conflicts, evidence, quarantine, roster, rows, runs
from dualtrack.app.ports import Objects, Queue, Table
from dualtrack.app.valuation import Valued, paid, partials_of, plan_for, value
from dualtrack.domain.employment import Employment
from dualtrack.domain.errors import Stopped, refuse
from dualtrack.domain.fold import fold
from dualtrack.domain.observations import Observation
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
    if plan_for(plans, period) is None:
        missing.append(f"no plan is in force on the last day of {period}; publish one")
    published = {run.period for run in runs.every(table) if run.state == "PUBLISHED"}
    skipped = [p for p in roster.periods(table) if p < period and p not in published and plan_for(plans, p)]
    if skipped:
        missing.append(f"{', '.join(skipped)} is not published; close it first, or nobody is paid for it")
    if not roster.employees(table):
        missing.append("nobody is on the roster; send hr.employee.changed events")
    return missing


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
        teams: dict[tuple[str, str], Sequence[Observation]] = {}
        results = [self._employee(run, employee, teams) for employee in employees]
        data = self._data(run, chunk, employees, results, teams.values())
        return self.objects.create(evidence.chunk_key(run, chunk), evidence.pack(data))

    def _data(
        self,
        run: Run,
        chunk: str,
        employees: Sequence[str],
        results: Sequence[_Settled],
        teams: Iterable[Sequence[Observation]],
    ) -> dict[str, Any]:
        folded = [row for r in results for row in r.observations] + [row for team in teams for row in team]
        return {
            "run": run.id,
            "chunk": chunk,
            "employees": list(employees),
            "payouts": [evidence.payout_data(r.payout) for r in results if r.payout],
            "held": {r.employee: r.held for r in results if r.held},
            "cards": [evidence.card_data(card, period) for r in results for period, card in r.cards],
            "observations": evidence.observation_data(folded),
        }

    def _employee(
        self, run: Run, employee: str, teams: dict[tuple[str, str], Sequence[Observation]]
    ) -> _Settled:
        known = roster.person(self.table, employee, before_run=run.id)
        result = _Settled(employee)
        if known.terms is None:
            raise Stopped(f"{employee} is on the roster without terms of employment")
        regular = None
        if known.terms.covers(run.period):
            valued = self._value(known, employee, run.period, teams, result)[0]
            regular = (valued.due, valued.reasons) if valued.due is not None else None
        restated = {}
        for period in known.restated:
            if period < run.period and result.covered(known.terms, period):
                valued, lines = self._value(known, employee, period, teams, result)
                if valued.due is not None:
                    restated[period] = (valued.due, lines)
        currency = known.terms.currency
        statement = Statement(
            self.tenant, run.id, run.period, employee, currency, regular, restated, known.balance
        )
        result.payout = settle(statement)
        return result

    def _value(
        self,
        known: roster.Person,
        employee: str,
        period: str,
        teams: dict[tuple[str, str], Sequence[Observation]],
        result: _Settled,
    ) -> tuple[Valued, int]:
        """A period from its observations, and what was paid for it so far."""
        plan = plan_for(self.plans, period)
        if plan is None or known.terms is None:
            raise Stopped(f"no plan is in force in {period}, although {employee} has to be settled for it")
        pk = rows.partition(rows.employee_subject(employee), period)
        seen = self._counting(pk)
        lines = self.table.query(pk, "P#", "P#" + rows.END)  # the totals between are not read
        team = self._team(known.terms.team, period, teams)
        valued = value(plan, partials_of(plan, seen), partials_of(plan, team), known.terms, period)
        result.take(period, valued, seen)
        return valued, paid(lines)

    def _team(
        self, team: str, period: str, teams: dict[tuple[str, str], Sequence[Observation]]
    ) -> Sequence[Observation]:
        if (team, period) not in teams:
            teams[team, period] = self._counting(rows.partition(f"T:{team}", period))
        return teams[team, period]

    def _counting(self, pk: str) -> Sequence[Observation]:
        """The observations of a partition that count, from all of its facts."""
        return fold(rows.facts(self.table.query(pk, *rows.FACTS))).current


class _Settled:
    """What settling one employee has come to so far."""

    def __init__(self, employee: str) -> None:
        self.employee = employee
        self.payout: Payout | None = None
        self.held: list[str] = []
        self.cards: list[tuple[str, Valued]] = []
        self.observations: list[Observation] = []

    def covered(self, terms: Employment, period: str) -> bool:
        """Terms that begin later would make what was rightly paid look like nothing: somebody has to look."""
        if not terms.covers(period):
            self.held.append(f"{period} was paid, and the terms of now do not cover it")
        return terms.covers(period)

    def take(self, period: str, valued: Valued, seen: Sequence[Observation]) -> None:
        self.cards.append((period, valued))
        self.observations += seen
        self.held += [f"{period} {why}" for why in valued.card.holds]


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
    """What an approver sees and is bound to: totals per currency, held people, and a digest of it all."""
    chunks = list(chunks)
    payouts = [payout for chunk in chunks for payout in chunk.payouts]
    said = {
        "totals": [asdict(row) for row in totals(payouts)],
        "held": sorted(e for chunk in chunks for e in chunk.held),
        "digest": sha256(repr([(p.id, p.amount) for p in payouts]).encode()).hexdigest()[:16],
    }
    return json.dumps(said, sort_keys=True)


Plans = Callable[[], Sequence[Plan]]
