"""A whole tenant in memory: the real use cases on the shipped doubles, and no AWS."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dualtrack.adapters import mapping
from dualtrack.adapters.memory import MemoryFifo, MemoryObjects, MemoryQueue, MemoryTable
from dualtrack.adapters.payfiles.registry import PayFiles
from dualtrack.adapters.plan_codec import plan
from dualtrack.app.close import chunk_list
from dualtrack.app.documents import Library, Published
from dualtrack.app.measure import Delivery, Measuring, Outcome
from dualtrack.app.opening import Request
from dualtrack.app.paying import Paying
from dualtrack.app.publishing import begin
from dualtrack.app.relay import relay
from dualtrack.app.score import Change, Scoring, grouped
from dualtrack.domain.errors import refuse
from dualtrack.domain.plan import Plan
from dualtrack.domain.runs import Run
from infra.scenario.facts import Event

T = TypeVar("T")
NAME = "scenario"


class MemoryTenant:
    """One tenant. Whatever is sent is measured and scored before the call returns."""

    tail = ""

    def __init__(self, now: datetime, zone: str = "UTC") -> None:
        self.now = now
        self.changes: list[Change] = []
        self.table = MemoryTable(lambda pk, sk: self.changes.append(Change(pk, sk)))
        self.intake, self.payouts = MemoryObjects(), MemoryObjects()
        self.ingest, self.payroll = MemoryQueue(), MemoryFifo()
        self._plans = Library(self.table, "plan", plan)
        self._sources = Library(self.table, "source", mapping.parse)
        self.measuring = Measuring(self.table, self.intake, self._mapper, ZoneInfo(zone))
        self.scoring = Scoring(self.table, self.intake, self._published)
        self._messages = 0

    def plans(self) -> Sequence[Plan]:
        """Every published plan version."""
        return self._plans.current()

    def _published(self, now: datetime, rev: int) -> Published[Plan]:
        return self._plans.now()

    def _mapper(self, now: datetime) -> mapping.Mappings:
        return mapping.Mappings(self._sources.current())

    def zone(self, name: str) -> None:
        """The zone in which days begin."""
        try:
            self.measuring.zone = ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            raise refuse("unknown_choice", "zone", name, "name an IANA zone such as Asia/Shanghai") from None

    def send(self, batches: Sequence[Sequence[Event]]) -> None:
        """One queue message for each batch."""
        self.ingest.send([json.dumps({"events": list(events)}) for events in batches])
        self.drain()

    def drain(self) -> list[Outcome]:
        """Measure what waits, then score until the stream is still."""
        outcomes: list[Outcome] = []
        while self.ingest.bodies:
            self._messages += 1
            delivery = Delivery(f"m{self._messages}", self.ingest.bodies.pop(0), self.now)
            outcomes += self.measuring.messages([delivery], self.now)
            self.score()
        self.score()
        return outcomes

    def score(self) -> None:
        """What the stream's function does with the changes since the last call."""
        while self.changes:
            batch, self.changes = [c for c in self.changes if c.sk[:2] in ("F#", "R#", "P#")], []
            for pk, found in grouped(batch).items():
                self.scoring.partition(pk, found, self.now)

    def close(self, period: str, by: str, waiver: Mapping[str, str] | None) -> Run:
        """Open, settle every chunk, review."""
        self.score()
        self._messages += 1
        paying = self._paying()
        run = paying.open(Request(period, by, f"x{self._messages}", waiver=waiver), self.now)
        for chunk in chunk_list(self.payouts, run):
            paying.settle(run, chunk["chunk"], chunk["employees"])
        return paying.review(run)

    def _paying(self) -> Paying:
        return Paying(
            self.table, self.payouts, self.intake, {"ingest": self.ingest}, self.plans(), (), NAME,
            self.measuring.zone, PayFiles(),
        )  # fmt: skip

    def rehearse(self, run: Run) -> int:
        """Make a run's files without writing them."""
        return self._paying().publishing().rehearse(run)

    def publish(self, run: Run) -> None:
        """Book, files, prove, release, relay."""
        paying, run = self._paying(), begin(self.table, run.id)
        chunks = [each["chunk"] for each in chunk_list(self.payouts, run)]
        for chunk in chunks:
            paying.book(run, chunk)
        paying.publishing().files(run)
        paying.proving().prove(run)
        done = paying.proving().release(run)
        for chunk in chunks:
            relay(self.table, self.payouts, self.payroll, NAME, done, chunk)
        self.score()

    def messages(self) -> Sequence[Mapping[str, Any]]:
        """Every message that payroll has got so far."""
        return [json.loads(message.body) for message in self.payroll.messages]

    def until(self, what: Callable[[], T | None]) -> T | None:
        """What is there; nothing here comes later."""
        self.score()
        return what()
