"""The hot path over one table, every billed unit counted: measure and score as their functions call them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from dualtrack.adapters.dynamodb import DynamoTable
from dualtrack.adapters.mapping import parse
from dualtrack.adapters.newest import Newest
from dualtrack.adapters.plan_codec import plan
from dualtrack.adapters.s3 import S3Objects
from dualtrack.app import operate, rows
from dualtrack.app.documents import Library
from dualtrack.app.measure import Delivery, Measuring
from dualtrack.app.score import Change, Scoring, grouped
from tests.benchmarks.prices import stored
from tests.simulator.services.nerve import Calm
from tests.simulator.services.s3 import S3Model
from tests.support.events import deal, employee, event, target
from tests.support.world import SOURCES, stored_mapping, stored_plan

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PERIOD = "2017-10"
Event = dict[str, Any]
T = TypeVar("T")


class Path:
    """One tenant's measure and score over a DynamoDB client, an invocation at a time."""

    def __init__(self, client: Any, table: str, employees: int) -> None:
        self.table = DynamoTable(client, table, lambda seconds: None)
        self.bucket = S3Model(Calm())
        self.intake = S3Objects(self.bucket, "intake")
        self.sources: Library[Any] = Library(self.table, "source", parse)
        self.plans: Library[Any] = Library(self.table, "plan", plan)
        self.measuring = Measuring(self.table, self.intake, self._mapper, ZoneInfo("America/Chicago"))
        self.scoring = Scoring(self.table, self.intake, self.plans.recent)
        for source in SOURCES:
            operate.publish_source(self.table, source, 1, stored_mapping(source))
        operate.publish_plan(self.table, *stored_plan("demo-2017"))
        self.take([employee(f"e{n}") for n in range(employees)])
        self.take([target("revenue", "1000000"), target("volume", "1000000")])
        # The first event of a period is dearer, and comes once: it is left out of what is counted.
        self.take([ad(f"first{n}", n + 10_007, f"e{n}", f"{PERIOD}-01") for n in range(employees)])

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
        self.score(Change(item["pk"], item["sk"]) for item in items)

    def score(self, changes: Any) -> None:
        """One batch of the stream."""
        for pk, found in grouped(changes).items():
            self.scoring.partition(pk, found, NOW)

    def total(self, employee: str) -> str:
        """The live total as the scorecard's row has it."""
        row = self.table.get(rows.partition(rows.employee_subject(employee), PERIOD), "S") or {}
        return str(row.get("total", ""))

    def counted(self, messages: Sequence[Sequence[Event]], together: int = 1) -> dict[str, Decimal]:
        """What these messages cost, so many an invocation, by the names of the prices, and ``calls``."""
        self.table.units.clear()
        self.table.calls.clear()
        self.bucket.requests.clear()
        for group in batches(messages, together):
            self.take(*group)
        return units(self.table) | stored(self.bucket.requests)


def units(table: DynamoTable) -> dict[str, Decimal]:
    """Units and calls since the counters were cleared."""
    found = {f"{side} units": Decimal(table.units[side]) / 2 for side in ("write", "read")}
    return found | {"calls": Decimal(table.calls.total())}


def ad(name: str, n: int, owner: str, day: str) -> Event:
    """A report that cannot move. Its metrics stay off their caps and floors: each one changes the score."""
    spent = Decimal(60 + n * 7 % 31) + Decimal(n % 89) / 100
    said = {
        "ad_id": name, "day": day, "owner": {"id": owner}, "version": 1,
        "impressions": 100_000 + n * 13 % 997, "clicks": 10 + n % 8, "approved": 1,
        "spent": str(spent), "net": str(spent * (50 + n * 3 % 41) / 100),
    }  # fmt: skip
    return event("ads.report.day", said)


def _places(count: int, employees: int) -> list[tuple[int, str, str]]:
    """Number, owner and day: ten after one another for each employee, all on one day."""
    return [(n, f"e{n // 10 % employees}", f"{PERIOD}-{n // 10 % 28 + 1:02d}") for n in range(count)]


def reports(count: int, employees: int) -> list[Event]:
    """Reports that cannot move, each with numbers of its own."""
    return [ad(f"r{n}", n, owner, day) for n, owner, day in _places(count, employees)]


def tickets(count: int, employees: int) -> list[Event]:
    """Tickets, which can move: one observation each; of ten, eight or nine were closed in time."""
    return [
        event("desk.ticket.closed", {
            "ticket": f"t{n}", "version": 1, "owner": {"id": owner}, "closed_on": day,
            "in_time": str(int(n % 10 < 8 + n // 10 % 2)),
        })
        for n, owner, day in _places(count, employees)
    ]  # fmt: skip


def deals(count: int, employees: int) -> list[Event]:
    """Deals, which can move: two observations each."""
    return [
        deal(f"d{n}", owner, closed_on=day, value=str(100 + n % 83))
        for n, owner, day in _places(count, employees)
    ]


def batches(whole: Sequence[T], size: int) -> list[Sequence[T]]:
    """Parts of so many."""
    return [whole[start : start + size] for start in range(0, len(whole), size)]
