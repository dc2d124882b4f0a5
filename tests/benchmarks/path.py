"""The hot path over one table, every billed unit counted: measure and score as their functions call them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from dualtrack.adapters.dynamodb import DynamoTable
from dualtrack.adapters.mapping import parse
from dualtrack.adapters.memory import MemoryObjects
from dualtrack.adapters.newest import Newest
from dualtrack.adapters.plan_codec import plan
from dualtrack.app import operate, rows
from dualtrack.app.documents import Library
from dualtrack.app.measure import Delivery, Measuring
from dualtrack.app.score import Change, Scoring, grouped
from tests.benchmarks.prices import counted
from tests.support.events import deal, employee, event, report, target
from tests.support.world import SOURCES, stored_mapping, stored_plan

NOW = datetime(2026, 1, 1, tzinfo=UTC)
Event = dict[str, Any]
T = TypeVar("T")


class CountedObjects(MemoryObjects):
    """A bucket that counts its calls."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: Counter[str] = Counter()

    def put(self, key: str, data: bytes) -> None:
        """Write."""
        self.calls["write"] += 1
        super().put(key, data)

    def create(self, key: str, data: bytes) -> bool:
        """Write once."""
        self.calls["write"] += 1
        return super().create(key, data)

    def read(self, key: str) -> bytes:
        """The bytes."""
        self.calls["read"] += 1
        return super().read(key)


class Path:
    """One tenant's measure and score over a DynamoDB client, an invocation at a time."""

    def __init__(self, client: Any, table: str, employees: int) -> None:
        self.table = DynamoTable(client, table, lambda seconds: None)
        self.intake = CountedObjects()
        self.sources: Library[Any] = Library(self.table, "source", parse)
        self.plans: Library[Any] = Library(self.table, "plan", plan)
        self.measuring = Measuring(self.table, self.intake, self._mapper, ZoneInfo("America/Chicago"))
        self.scoring = Scoring(self.table, self.intake, self.plans.recent)
        for source in SOURCES:
            operate.publish_source(self.table, source, 1, stored_mapping(source))
        operate.publish_plan(self.table, *stored_plan("demo-2017"))
        self.take([employee(f"e{n}") for n in range(employees)])
        self.take([target("revenue", "1000000"), target("volume", "1000000")])
        # The first event of a period is dearer: it is measured on its own.
        self.take([report(f"first{n}", f"e{n}", "2017-10-01", "1") for n in range(employees)])

    def _mapper(self, now: datetime) -> Newest:
        return Newest(self.sources, now)

    def take(self, *messages: Sequence[Event]) -> None:
        """Messages measured in one invocation, and what they changed scored in one."""
        bodies = (json.dumps({"events": list(events)}) for events in messages)
        deliveries = [Delivery(f"m{n}", body, NOW) for n, body in enumerate(bodies)]
        outcomes = self.measuring.messages(deliveries, NOW)
        refused = [outcome.problems for outcome in outcomes if outcome.problems]
        if refused:
            raise ValueError(refused[0])
        items = rows.fact_items(row for o in outcomes if o.fact for row in o.fact.observations())
        for pk, changes in grouped(Change(item["pk"], item["sk"]) for item in items).items():
            self.scoring.partition(pk, changes, NOW)

    def counted(self, messages: Sequence[Sequence[Event]], together: int = 1) -> dict[str, Any]:
        """Billed units of these messages, so many an invocation, by the names of their prices."""
        self.table.units.clear()
        self.table.calls.clear()
        self.intake.calls.clear()
        for group in batches(messages, together):
            self.take(*group)
        return counted(self.table.units, self.intake.calls)


def reports(count: int, employees: int) -> list[Event]:
    """Reports that cannot move, ten after one another for each employee, each with numbers of its own."""
    return [
        report(
            f"r{n}",
            f"e{n // 10 % employees}",
            f"2017-10-{n // 10 % 28 + 1:02d}",
            f"{1 + n % 7}.{n % 90 + 10}",
        )
        for n in range(count)
    ]


def tickets(count: int, employees: int) -> list[Event]:
    """Tickets, which can move: one observation each, in time or not."""
    return [
        event("desk.ticket.closed", {
            "ticket": f"t{n}", "version": 1, "owner": {"id": f"e{n // 10 % employees}"},
            "closed_on": f"2017-10-{n // 10 % 28 + 1:02d}", "in_time": str(n * 7 % 3 % 2),
        })
        for n in range(count)
    ]  # fmt: skip


def deals(count: int, employees: int) -> list[Event]:
    """Deals, which can move: two observations each."""
    return [
        deal(
            f"d{n}",
            f"e{n // 10 % employees}",
            closed_on=f"2017-10-{n // 10 % 28 + 1:02d}",
            value=str(100 + n % 83),
        )
        for n in range(count)
    ]


def batches(events: Sequence[T], size: int) -> list[Sequence[T]]:
    """Parts of so many."""
    return [events[start : start + size] for start in range(0, len(events), size)]
