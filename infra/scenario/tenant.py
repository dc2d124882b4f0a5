"""What a scenario needs of a tenant, and what it looks at there; the same in memory and on a stack."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol, TypeVar

from dualtrack.app import documents, evidence, operate, quarantine, runs
from dualtrack.app.close import chunk_list
from dualtrack.app.conflicts import CONFLICT
from dualtrack.app.explain import explain, live
from dualtrack.app.ports import Objects, Table
from dualtrack.domain.errors import Stopped, refuse
from dualtrack.domain.money import half_up
from dualtrack.domain.payouts import Payout
from dualtrack.domain.plan import Plan
from dualtrack.domain.runs import Run
from infra.scenario.facts import SOURCE, Event

T = TypeVar("T")
SHOWN_DIGITS = 10  # of a total, in the live scorecard's row
Card = Mapping[str, Any]


class Tenant(Protocol):
    """One tenant. What it is asked to do is done, or refused, when the call returns."""

    tail: str  # what keeps this scenario's names apart from others'; empty where it is alone

    @property
    def now(self) -> datetime:
        """The time at which things are done."""

    @property
    def table(self) -> Table:
        """The tenant's rows."""

    @property
    def intake(self) -> Objects:
        """The event log and quarantined bodies."""

    @property
    def payouts(self) -> Objects:
        """Evidence and payout files."""

    def plans(self) -> Sequence[Plan]:
        """Every published plan version."""

    def zone(self, name: str) -> None:
        """The time zone in which days begin; refused where it cannot be chosen."""

    def send(self, batches: Sequence[Sequence[Event]]) -> None:
        """Send batches of events, one after the other, and see them measured."""

    def close(self, period: str, by: str, waiver: Mapping[str, str] | None) -> Run:
        """Close a period: the run, waiting for review."""

    def rehearse(self, run: Run) -> int:
        """Make a run's files without writing them."""

    def publish(self, run: Run) -> None:
        """Publish an approved run, messages to payroll included."""

    def messages(self) -> Sequence[Mapping[str, Any]]:
        """Every message that payroll has got so far."""

    def until(self, what: Callable[[], T | None]) -> T | None:
        """What is there in the end; None if it does not come."""


def publish_source(tenant: Tenant, text: Callable[[int], str]) -> None:
    """Put the source's mapping in force, unless the newest version says the same."""
    version = 1
    rows = tenant.table.query("DOC#source", f"V#{SOURCE}#", f"V#{SOURCE}#~")
    if rows:
        version = int(rows[-1]["sk"].rpartition("#")[2])
        if rows[-1]["text"] == text(version):
            return
        version += 1
    documents.publish(tenant.table, "source", SOURCE, version, text(version))


def refusals(tenant: Tenant) -> Mapping[str, str]:
    """Why events stand in quarantine, by the event's id."""
    found = quarantine.entries(tenant.table)
    return {entry.event: str(entry.problem) for entry in found if entry.type != CONFLICT}


def conflicts(tenant: Tenant) -> Sequence[str]:
    """What is contradicted: ``measure entity``."""
    found = quarantine.entries(tenant.table)
    return [entry.problem.field for entry in found if entry.type == CONFLICT]


def card(tenant: Tenant, employee: str, period: str) -> Card:
    """The scorecard folded from scratch, once the live one agrees with it."""
    seen: list[str] = []

    def agreed() -> Card | None:
        whole = explain(tenant.table, tenant.plans(), employee, period)
        shown = live(tenant.table, employee, period)
        if shown is not None and _same(shown, whole):
            return whole
        seen.append(_apart(shown, whole))
        return None

    found = tenant.until(agreed)
    if found is None:
        raise Stopped(seen[-1])
    return found


def _apart(shown: Card | None, whole: Card) -> str:
    if shown is None:
        return "there is no live scorecard: nothing was observed in that month"
    now, scratch = ((each["total"], each["payout"], list(each["holds"])) for each in (shown, whole))
    return f"the live scorecard {now} is not what its facts say: {scratch}"


def _same(shown: Card, whole: Card) -> bool:
    """Whether the live row shows what the fold from scratch comes to."""
    totals = [half_up(Decimal(each["total"]).scaleb(SHOWN_DIGITS)) for each in (shown, whole)]
    return (
        totals[0] == totals[1]
        and shown["payout"] == whole["payout"]
        and list(shown["holds"]) == list(whole["holds"])
    )


def run_of(tenant: Tenant, period: str) -> Run:
    """The newest run of a period; refused if there is none."""
    found = [run for run in runs.every(tenant.table) if run.period == period]
    if not found:
        raise refuse("unknown_run", "period", period, "close it first")
    return found[-1]


def approve(tenant: Tenant, period: str, by: str) -> None:
    """Approve the totals as they stand now."""
    run = run_of(tenant, period)
    digest = json.loads(run.totals)["digest"] if run.totals else ""
    operate.approve(tenant.table, tenant.payouts, run.id, by, digest, tenant.now, tenant.rehearse)


def settled(tenant: Tenant, period: str, employee: str) -> Payout | None:
    """What a period's run has settled for somebody; None if it is nothing."""
    run = run_of(tenant, period)
    for listed in chunk_list(tenant.payouts, run):
        for payout in evidence.stored(tenant.payouts, run, listed["chunk"]).payouts:
            if payout.employee == employee:
                return payout
    return None
