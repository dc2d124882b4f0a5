"""Opening: is everything there, who is settled in which chunk, and the run is CLOSING."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from dualtrack.app import conflicts, evidence, readiness, roster, runs
from dualtrack.app.close import chunk_list
from dualtrack.app.ports import Missing, Objects, Queue, Table
from dualtrack.domain.errors import refuse
from dualtrack.domain.periods import a_period, last_day
from dualtrack.domain.plan import Plan
from dualtrack.domain.runs import CORRECTION, OFF_CYCLE, REGULAR_RUN, Run
from dualtrack.domain.setup import EVERYBODY, Group, Setup

CHUNK = 40
Said = Mapping[str, str]  # by, reason


class NotReady(Exception):
    """The close says why and changes nothing."""


@dataclass(frozen=True, slots=True)
class Request:
    """A start of a run, as a person or the schedule asks for it.

    ``waiver``: the quarantine is left as it is, by name and reason. ``force``: whatever is missing. ``whom``:
    the only employees. ``of``: the corrected run. ``drained``: whether the stream has reached ``watermark``.
    """

    period: str
    starter: str
    execution: str
    kind: str = REGULAR_RUN
    group: str = EVERYBODY
    of: str = ""
    reason: str = ""
    whom: Sequence[str] = ()
    waiver: Said | None = None
    force: Said | None = None
    watermark: str = ""
    drained: bool = True


@dataclass(frozen=True, slots=True)
class Opening:
    """Starts runs. ``queues`` by their names in ``readiness.QUEUES``."""

    table: Table
    objects: Objects
    intake: Objects
    queues: Mapping[str, Queue]
    plans: Sequence[Plan]
    setup: Setup
    zone: tzinfo

    def open(self, request: Request, now: datetime) -> Run:
        """Start a run and list its chunks. Refused, with every reason at once, if it is not ready."""
        wanted = self._wanted(request)
        self._allowed(wanted, now)  # once before the long look, and once more under the lock
        force, waiver = self._readiness(wanted, request)
        listed = sorted(request.whom) if request.whom else roster.employees(self.table)
        started = runs.start(
            self.table,
            replace(wanted, force=force, waiver=waiver),
            lambda run: self._beside(run, wanted, listed),
            lambda: self._allowed(wanted, now),
            now,
        )
        self.objects.create(evidence.list_key(started), json.dumps(_chunks(started, listed)).encode())
        return started

    def _wanted(self, request: Request) -> Run:
        a_period(request.period)
        if not request.starter.strip():
            raise refuse("missing", "starter", request.starter, "name who starts the run")
        group_of(self.setup, request.group)
        if request.kind != REGULAR_RUN and not request.reason.strip():
            raise refuse("missing", "reason", request.reason, f"say why there is a {request.kind} run")
        return Run(
            "", request.period, "OPEN", 0, 0, request.starter.strip(), request.kind, request.group,
            request.of, request.reason, tuple(sorted(set(request.whom))), setup=self.setup.ref,
            execution=request.execution, watermark=request.watermark,
        )  # fmt: skip

    def _allowed(self, wanted: Run, now: datetime) -> None:
        """Whether there may be such a run at all, however ready everything is."""
        check = {REGULAR_RUN: self._regular, CORRECTION: self._correction, OFF_CYCLE: self._off_cycle}
        if wanted.kind not in check:
            raise refuse("unknown_kind", "kind", wanted.kind, f"use one of {', '.join(check)}")
        strangers = sorted(set(wanted.whom) - set(roster.employees(self.table)))
        if strangers:
            raise refuse("unknown_employee", "employees", ", ".join(strangers), "name people on the roster")
        check[wanted.kind](wanted, now)

    def _regular(self, wanted: Run, now: datetime) -> None:
        group = self.setup.group(wanted.group)
        if group.every != ("month" if wanted.month == wanted.period else "quarter"):
            raise refuse(
                "bad_period", "period", wanted.period, f"group {group.id} is closed every {group.every}"
            )
        if not _over(wanted, now, self.zone):
            remedy = f"close it after {last_day(wanted.month)}"
            raise refuse("not_over", "period", wanted.period, remedy)
        done = [r for r in self._published() if r.regular and r.group == group.id and r.month >= wanted.month]
        if done:
            remedy = f"run {done[-1].id} is published; differences are carried, or correct it"
            raise refuse("already_published", "period", wanted.period, remedy)

    def _correction(self, wanted: Run, now: datetime) -> None:
        corrected = runs.get(self.table, wanted.of)
        if corrected.state != "PUBLISHED":
            remedy = "only a published run is corrected; reject this one instead"
            raise refuse("wrong_state", f"run {corrected.id}", corrected.state, remedy)
        if corrected.period != wanted.period:
            raise refuse(
                "bad_period", "period", wanted.period, f"run {corrected.id} is of {corrected.period}"
            )

    def _off_cycle(self, wanted: Run, now: datetime) -> None:
        """The period is over, or the employment of everybody in the run is."""
        if not wanted.whom:
            raise refuse("missing", "employees", "", "name who is paid between the regular runs")
        if _over(wanted, now, self.zone):
            return
        today = now.astimezone(self.zone).date()
        histories = {who: roster.person(self.table, who).history for who in wanted.whom}
        ends = {who: history.newest.end if history else None for who, history in histories.items()}
        here = [who for who, end in ends.items() if end is None or end >= today]
        if here:
            remedy = f"wait until {last_day(wanted.month)} is over, or until they have left"
            raise refuse("not_over", "employees", ", ".join(here), remedy)

    def _published(self) -> list[Run]:
        return [run for run in runs.every(self.table) if run.state == "PUBLISHED"]

    def _readiness(self, wanted: Run, request: Request) -> tuple[str, str]:
        """Texts of what was forced and waived; raises ``NotReady`` for what was not."""
        group = self.setup.group(wanted.group)
        found = readiness.missing(self.table, self.queues, self.plans, group, wanted, request.drained)
        conflicts.close_ended(self.table, self.intake)
        held_back = readiness.quarantined(self.table)
        waived = _named(request.waiver, held_back)
        if held_back and not waived:
            found.append(held_back)
        forced = _named(request.force, "; ".join(found))
        if found and not forced:
            raise NotReady("; ".join(found))
        return forced, waived

    def _beside(self, run: Run, wanted: Run, listed: Sequence[str]) -> bool:
        """Whether nobody can be in both runs: two groups, or lists that share nobody."""
        if run.regular and wanted.regular and run.group != wanted.group:
            return True
        try:
            chunks = chunk_list(self.objects, run)
        except Missing:
            return False  # it is being opened just now: whom it lists is not known yet
        return not any(set(chunk["employees"]) & set(listed) for chunk in chunks)


def _over(wanted: Run, now: datetime, zone: tzinfo) -> bool:
    return now.astimezone(zone).date() > last_day(wanted.month)


def _named(said: Said | None, what: str) -> str:
    """``anna: the CRM is down (2 × missing)``; empty if nobody has said it, or nothing is missing."""
    if not said or not what or not said.get("by", "").strip() or not said.get("reason", "").strip():
        return ""
    return f"{said['by'].strip()}: {said['reason'].strip()} ({what})"


def _chunks(run: Run, employees: Sequence[str]) -> list[dict[str, object]]:
    parts = [employees[i : i + CHUNK] for i in range(0, len(employees), CHUNK)]
    return [
        {"run": run.id, "attempt": run.attempt, "chunk": f"{n:04d}", "employees": list(part)}
        for n, part in enumerate(parts, 1)
    ]


def group_of(setup: Setup, name: str) -> Group:
    """A group by its id; refuses one that the setup does not have."""
    if name not in {group.id for group in setup.groups}:
        known = ", ".join(group.id for group in setup.groups)
        raise refuse("unknown_name", "group", name, f"use one of {known}")
    return setup.group(name)
