"""Money paths count their billed units: the score of one event does not grow with the history."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from dualtrack.adapters import mapping
from dualtrack.adapters.dynamodb import DynamoTable
from dualtrack.adapters.plan_codec import plan
from dualtrack.app import operate, rows
from dualtrack.app.documents import Library
from dualtrack.app.measure import Delivery, Measuring
from dualtrack.app.score import Change, Scoring
from dualtrack.domain.observations import Observation, Place
from infra.embedded import Embedded
from tests.contract.conftest import on_aws
from tests.support.events import deal, employee, report, target
from tests.support.world import SOURCES, stored_mapping, stored_plan

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PK = "EP#E:ann#2017-10"


class Path:
    """Measure and score over one table of the embedded AWS, whose capacity figures are right."""

    def __init__(self, server: Embedded) -> None:
        ports = on_aws(server.client)
        self.table: DynamoTable = ports.table
        sources = Library(self.table, "source", mapping.parse)
        plans = Library(self.table, "plan", plan)
        mapper = lambda now: mapping.Mappings(sources.recent(now, 0).documents)  # noqa: E731
        self.measuring = Measuring(self.table, ports.objects, mapper, ZoneInfo("America/Chicago"))
        self.scoring = Scoring(self.table, ports.objects, plans.recent)
        for source in SOURCES:
            operate.publish_source(self.table, source, 1, stored_mapping(source))
        operate.publish_plan(self.table, *stored_plan("demo-2017"))
        self.take([employee("ann"), target("revenue", "1000"), target("volume", "10")])

    def take(self, events: list[dict[str, object]]) -> list[Observation]:
        """Measure these events; what was observed."""
        outcomes = self.measuring.messages([Delivery("m", json.dumps({"events": events}), NOW)], NOW)
        assert not [o.problems for o in outcomes if o.problems]
        return [row for o in outcomes if o.fact for row in o.fact.observations()]

    def history(self, size: int) -> None:
        """So many observations this month, folded."""
        seen = [
            Observation(
                Place("E:ann", "2017-10", "ad", f"2017-10-{n % 31 + 1:02d}"), f"ad{n}", 1, "0" * 12,
                self.sample.values, False, "ads", f"e{n}",
            )
            for n in range(size)
        ]  # fmt: skip
        for row in seen:  # one by one, so that each has a row of its own: the dearest history to read
            self.table.put_many(rows.fact_items([row]))
        self.score(seen)

    @property
    def sample(self) -> Observation:
        """An observation as the report's mapping makes it."""
        [row] = self.take([report("sample", "ann", "2017-10-05", "1.01")])
        return replace(row)

    def score(self, seen: list[Observation]) -> None:
        """Fold what these observations changed."""
        self.scoring.partition(PK, [Change(i["pk"], i["sk"]) for i in rows.fact_items(seen)], NOW)

    def units(self, events: list[dict[str, object]]) -> dict[str, float]:
        """Request units of an event, from measure to score: one after another, and their mean.

        An event whose day comes into the scorecard's row makes room there, for one day or for two, depending
        on their sizes; so a single one says little.
        """
        self.table.units.clear()
        for event in events:
            self.score(self.take([event]))
        return {side: count / 2 / len(events) for side, count in self.table.units.items()}


DAYS = 31


def reports() -> list[dict[str, object]]:
    """One new report a day, in no order of the days."""
    return [report(f"new{n}", "ann", f"2017-10-{n * 11 % DAYS + 1:02d}", "7.77") for n in range(DAYS)]


@pytest.fixture(scope="module")
def small(server: Embedded) -> dict[str, float]:
    path = Path(server)
    path.history(100)
    return path.units(reports())


def test_ten_thousand_observations_cost_at_most_half_more_than_a_hundred(
    server: Embedded, small: dict[str, float]
) -> None:
    path = Path(server)
    path.history(10_000)
    large = path.units(reports())
    print(f"units for one event: {small} with 100 observations, {large} with 10 000")
    assert large["write"] <= small["write"] + 0.1
    assert sum(large.values()) <= 1.5 * sum(small.values())


def test_an_event_that_cannot_move_costs_at_most_three_writes(small: dict[str, float]) -> None:
    assert small["write"] <= 3, "the observation, the scorecard, the day that leaves the scorecard's row"


def test_an_event_that_can_move_costs_its_location_too(server: Embedded) -> None:
    path = Path(server)
    path.history(100)
    units = path.units([deal("D", "ann")])
    print(f"units for one deal: {units}")
    assert units["write"] <= 7, "the location, two observations, their rows of totals, the scorecard"
