"""The hot path over one table of the embedded AWS, with every billed unit counted."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from dualtrack.adapters import mapping
from dualtrack.adapters.dynamodb import DynamoTable
from dualtrack.adapters.plan_codec import plan
from dualtrack.app import operate, rows
from dualtrack.app.documents import Library
from dualtrack.app.measure import Delivery, Measuring
from dualtrack.app.score import Change, Scoring, grouped
from infra.embedded import Embedded
from tests.contract.conftest import on_aws
from tests.support.events import deal, employee, report, target
from tests.support.world import SOURCES, stored_mapping, stored_plan

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Counted:
    """Measure and score, called as their functions call them, one message and one stream batch at a time."""

    def __init__(self, server: Embedded, employees: int) -> None:
        ports = on_aws(server.client)
        self.table: DynamoTable = ports.table
        sources = Library(self.table, "source", mapping.parse)
        self.measuring = Measuring(
            self.table,
            ports.objects,
            lambda now: mapping.Mappings(sources.recent(now, 0).documents),
            ZoneInfo("America/Chicago"),
        )
        self.scoring = Scoring(self.table, ports.objects, Library(self.table, "plan", plan).recent)
        for source in SOURCES:
            operate.publish_source(self.table, source, 1, stored_mapping(source))
        operate.publish_plan(self.table, *stored_plan("demo-2017"))
        self.take([employee(f"e{n}") for n in range(employees)])
        self.take([target("revenue", "1000000"), target("volume", "1000000")])

    def take(self, events: list[dict[str, Any]]) -> None:
        """One message measured, and what it changed scored."""
        outcomes = self.measuring.messages([Delivery("m", json.dumps({"events": events}), NOW)], NOW)
        seen = rows.fact_items(row for o in outcomes if o.fact for row in o.fact.observations())
        for pk, changes in grouped(Change(item["pk"], item["sk"]) for item in seen).items():
            self.scoring.partition(pk, changes, NOW)

    def units(self, messages: list[list[dict[str, Any]]], events: int) -> dict[str, float]:
        """Request units an event."""
        self.table.units.clear()
        for message in messages:
            self.take(message)
        return {side: self.table.units[side] / 2 / events for side in ("write", "read")}


def fixed_events(count: int, employees: int) -> list[dict[str, Any]]:
    """Reports that cannot move, ten after one another for each employee."""
    return [
        report(f"r{n}", f"e{n // 10 % employees}", f"2017-10-{n // 10 % 28 + 1:02d}", "1.01")
        for n in range(count)
    ]


def movable_events(count: int, employees: int) -> list[dict[str, Any]]:
    """Deals, ten after one another for each employee."""
    return [
        deal(f"d{n}", f"e{n // 10 % employees}", closed_on=f"2017-10-{n // 10 % 28 + 1:02d}")
        for n in range(count)
    ]
