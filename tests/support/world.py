"""A whole tenant in memory: the real use cases on the shipped doubles, driven by hand."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from dualtrack.adapters import mapping, mapping_file, plan_file
from dualtrack.adapters.memory import MemoryFifo, MemoryObjects, MemoryQueue, MemoryTable
from dualtrack.adapters.payfiles.registry import PayFiles
from dualtrack.adapters.plan_codec import plan
from dualtrack.app import operate
from dualtrack.app.close import chunk_list
from dualtrack.app.documents import Library, Published, publish
from dualtrack.app.measure import Delivery, Measuring, Outcome
from dualtrack.app.opening import Request
from dualtrack.app.paying import Paying
from dualtrack.app.publishing import begin
from dualtrack.app.relay import relay
from dualtrack.app.score import Change, Scoring, grouped
from dualtrack.domain.plan import Plan
from dualtrack.domain.runs import Run
from dualtrack.domain.setup import Setup

ROOT = Path(__file__).parents[2]
SOURCES = ("crm", "ads", "hr", "lms", "desk")
Document = dict[str, Any]  # a plan as HR writes it


@cache
def stored_mapping(source: str) -> str:
    """A shipped mapping as it is published."""
    return mapping_file.stored(mapping_file.load(ROOT / f"events/sources/{source}/mapping.yaml"))


@cache
def stored_plan(name: str) -> tuple[Plan, str]:
    """A shipped plan as it is published."""
    return plan_file.load(ROOT / f"events/plans/{name}.yaml")


class World:
    """One tenant. ``send`` puts events on the queue, ``drain`` runs measure and score until all is still.

    Its plans are those of the documents, or the shipped one of that name.
    """

    def __init__(
        self, plan_name: str = "demo-2017", zone: str = "America/Chicago", documents: Sequence[Document] = ()
    ) -> None:
        self.zone = ZoneInfo(zone)
        self.now = datetime(2026, 1, 1, tzinfo=UTC)
        self.changes: list[Change] = []
        self.table = MemoryTable(lambda pk, sk: self.changes.append(Change(pk, sk)))
        self.intake, self.payouts = MemoryObjects(), MemoryObjects()
        self.ingest, self.payroll = MemoryQueue(), MemoryFifo()
        self.tenant = "demo"
        self.setups: list[Setup] = []
        self._plans = Library(self.table, "plan", plan)
        self._sources = Library(self.table, "source", mapping.parse)
        self.measuring = Measuring(self.table, self.intake, self.mapper, self.zone)
        self.scoring = Scoring(self.table, self.intake, self.published)
        self._messages = 0
        for source in SOURCES:
            publish(self.table, "source", source, 1, stored_mapping(source))
        for found, text in map(plan_file.read, documents) if documents else [stored_plan(plan_name)]:
            publish(self.table, "plan", found.id, found.version, text)

    def published(self, now: datetime, rev: int) -> Published[Plan]:
        """The same with its revision, never from memory."""
        return self._plans.now()

    def plans(self) -> Sequence[Plan]:
        """Every published plan."""
        return self._plans.current()

    def mapper(self, now: datetime) -> mapping.Mappings:
        """The published mappings."""
        return mapping.Mappings(self._sources.current())

    def send(self, events: Iterable[Mapping[str, Any]]) -> None:
        """One message with these events."""
        self.ingest.send([json.dumps({"events": list(events)})])

    def delivery(self, body: str, name: str = "m9") -> Delivery:
        """A message as the queue delivers it."""
        return Delivery(name, body, self.now)

    def drain(self) -> list[Outcome]:
        """Measure what waits, then score until the stream is still."""
        outcomes: list[Outcome] = []
        while self.ingest.bodies:
            self._messages += 1
            body = self.ingest.bodies.pop(0)
            outcomes += self.measuring.messages([self.delivery(body, f"m{self._messages}")], self.now)
        self.score()
        return outcomes

    def score(self) -> None:
        """What the stream's function does with the changes since the last call."""
        while self.changes:
            batch, self.changes = [c for c in self.changes if c.sk[:2] in ("F#", "R#", "P#")], []
            for pk, found in grouped(batch).items():
                self.scoring.partition(pk, found, self.now)

    def take(self, *events: Mapping[str, Any]) -> list[Outcome]:
        """Send and drain."""
        self.send(events)
        return self.drain()

    def card(self, employee: str, period: str) -> dict[str, Any]:
        """The live scorecard's row."""
        found = self.table.get(f"EP#E:{employee}#{period}", "S")
        if found is None:
            raise LookupError(f"no scorecard of {employee} for {period}")
        return found

    def close(self, period: str, starter: str = "anna", waiver: Mapping[str, str] | None = None) -> Run:
        """Open, settle every chunk, review."""
        execution = f"x-{period}-{starter}"
        return self.settled(Request(period, starter, execution, waiver=waiver))

    def paying(self) -> Paying:
        """The steps of closes and publications."""
        return Paying(
            self.table, self.payouts, self.intake, {"ingest": self.ingest}, self.plans(), self.setups,
            self.tenant, self.zone, PayFiles(),
        )  # fmt: skip

    def settled(self, request: Request) -> Run:
        """Open, settle every chunk, review."""
        paying = self.paying()
        run = paying.open(request, self.now)
        for chunk in chunk_list(self.payouts, run):
            paying.settle(run, chunk["chunk"], chunk["employees"])
        return paying.review(run)

    def approve(self, run: Run, approver: str = "bert") -> Run:
        """Approve what was seen."""
        return operate.approve(
            self.table, self.payouts, run.id, approver, json.loads(run.totals)["digest"], self.now,
            self.paying().publishing().rehearse,
        )  # fmt: skip

    def publish(self, run: Run, approver: str = "bert") -> Run:
        """Approve what was seen, then book, files, prove, release and relay."""
        if run.state == "REVIEW":
            run = self.approve(run, approver)
        paying, run = self.paying(), begin(self.table, run.id)
        chunks = [each["chunk"] for each in chunk_list(self.payouts, run)]
        for chunk in chunks:
            paying.book(run, chunk)
        paying.publishing().files(run)
        paying.proving().prove(run)
        done = paying.proving().release(run)
        for chunk in chunks:
            relay(self.table, self.payouts, self.payroll, self.tenant, done, chunk)
        self.score()
        return done
