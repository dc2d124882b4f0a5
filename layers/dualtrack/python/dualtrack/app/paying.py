"""Paying: the steps of a close and of a publication, with what all of them need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from dualtrack.app.close import review
from dualtrack.app.opening import Opening, Request
from dualtrack.app.ports import Objects, Queue, Table
from dualtrack.app.proving import Proving
from dualtrack.app.publishing import Payees, Publishing, Writers, book, setup_of
from dualtrack.app.settling import Settling
from dualtrack.domain.plan import Plan
from dualtrack.domain.published import Payee
from dualtrack.domain.runs import Run
from dualtrack.domain.setup import DEFAULT, Setup


def nobody(employees: Sequence[str], act: int) -> Mapping[str, Payee]:
    """Accounts of a tenant that stores none."""
    return {}


@dataclass(frozen=True, slots=True)
class Paying:
    """One tenant's paying. ``published``: its pay setups, oldest first; without any there is ``DEFAULT``."""

    table: Table
    objects: Objects
    intake: Objects
    queues: Mapping[str, Queue]
    plans: Sequence[Plan]
    published: Sequence[Setup]
    tenant: str
    zone: tzinfo
    writers: Writers
    payees: Payees = nobody

    @property
    def setups(self) -> Sequence[Setup]:
        """Every version that a run can have been started with."""
        return [DEFAULT, *self.published]

    @property
    def setup(self) -> Setup:
        """The version that holds now: the greatest."""
        return max(self.setups, key=lambda setup: setup.version)

    def opening(self) -> Opening:
        """Starts runs."""
        return Opening(self.table, self.objects, self.intake, self.queues, self.plans, self.setup, self.zone)

    def open(self, request: Request, now: datetime) -> Run:
        """Start a run and list its chunks."""
        return self.opening().open(request, now)

    def settling(self, run: Run) -> Settling:
        """Settles chunks of a run, by the setup that it was started with."""
        setup = setup_of(run, self.setups)
        return Settling(self.table, self.objects, self.plans, self.tenant, setup)

    def settle(self, run: Run, chunk: str, employees: Sequence[str]) -> bool:
        """Settle one chunk; whether this call did."""
        return self.settling(run).chunk(run, chunk, employees)

    def review(self, run: Run) -> Run:
        """Put what is settled up for review."""
        return review(self.table, self.objects, run)

    def book(self, run: Run, chunk: str) -> int:
        """Write a chunk's lines and statements; how many lines."""
        lines = book(self.table, self.objects, run, chunk)
        self.publishing().statements(run, chunk)
        return lines

    def publishing(self) -> Publishing:
        """Writes files."""
        return Publishing(
            self.table, self.objects, self.tenant, self.setups, self.writers, self.payees, self.zone
        )

    def proving(self) -> Proving:
        """Proves and releases."""
        return Proving(self.table, self.objects, self.tenant, self.setups, self.writers)
