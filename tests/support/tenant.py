"""A deployed tenant for end-to-end tests: what its people can reach, and a look into its rows."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import boto3

from dualtrack.app import operate, totals
from dualtrack.app.counts import counts, log_lines
from dualtrack.app.explain import explain
from dualtrack.domain.periods import first_day, last_day
from infra import operator
from infra.embedded import Embedded
from infra.operator import Operator
from tests.support.events import employee, target
from tests.support.world import SOURCES, stored_mapping, stored_plan

T = TypeVar("T")
PATIENCE = 240.0


def wait_for(what: Callable[[], T | None], patience: float = PATIENCE) -> T:
    """What comes in the end; fails when patience is over."""
    return operator.wait_for(what, patience, "what the test waits for")


class Tenant(Operator):
    """One tenant's deployed stack."""

    def __init__(self, server: Embedded, outputs: dict[str, str]) -> None:
        super().__init__(outputs, server.endpoint)

    def furnish(self) -> None:
        """Sources, the plan, three employees, their team's targets."""
        for source in SOURCES:
            operate.publish_source(self.stack.table, source, 1, stored_mapping(source))
        operate.publish_plan(self.stack.table, *stored_plan("demo-2017"))
        self.post([employee(name) for name in ("ann", "bob", "cid")])
        wait_for(lambda: self.stack.table.query("TEAM#t1", " ", "~")[2:])
        self.post([target("revenue", "1000"), target("volume", "10")])

    def card(self, employee: str, period: str = "2017-10") -> dict[str, Any] | None:
        """The live scorecard's row."""
        return self.stack.table.get(f"EP#E:{employee}#{period}", "S")

    def explained(self, employee: str, period: str = "2017-10") -> dict[str, Any]:
        """The score folded from scratch, with its reasons."""
        return explain(self.stack.table, self.stack.plans(), employee, period)

    def live_value(self, employee: str, observed: str, measure: str, period: str = "2017-10") -> str:
        """A measure as the live totals have it."""
        found = self.stack.table.query(f"EP#E:{employee}#{period}", "M#", "S~")
        plan, days = self.stack.plans()[-1], (first_day(period), last_day(period))
        stored = totals.stored({item["sk"]: item for item in found})
        partials = totals.partials(stored, totals.Definitions([plan]), plan, *days) or {}
        return partials.get(measure, ("none",))[0]

    def messages_now(self) -> Sequence[dict[str, Any]]:
        """What the payroll queue holds at this moment."""
        client = boto3.client("sqs")
        answer = client.receive_message(
            QueueUrl=self.outputs["PayrollQueueUrl"], MaxNumberOfMessages=10, WaitTimeSeconds=2
        )
        return [json.loads(message["Body"]) for message in answer.get("Messages", [])]

    def drained(self, received: int) -> dict[str, Any]:
        """The counts, once this many events were received in all and no message is waiting."""

        def arrived() -> dict[str, Any] | None:
            if self.stack.ingest.waiting():
                return None
            found = counts(log_lines(self.stack.intake))
            return found if found["received"] >= received else None

        return wait_for(arrived)
