"""A deployed tenant as a scenario sees it: events through the HTTP door, runs by its state machines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from dualtrack.app.counts import counts, log_lines
from dualtrack.app.ports import Objects, Table
from dualtrack.domain.errors import refuse
from dualtrack.domain.plan import Plan
from dualtrack.domain.runs import Run
from infra.operator import Failed, Operator, wait_for
from infra.scenario.facts import Event
from infra.scenario.names import digest

T = TypeVar("T")
PATIENCE = 120.0  # seconds until what was sent is measured and scored
LOOK, MANY = 2.0, 10_000  # seconds for which the payroll queue is read, and more than it holds


class StackTenant:
    """One deployed tenant; the names of every scenario are its own there (``tail``)."""

    def __init__(self, operator: Operator, title: str) -> None:
        self._operator = operator
        self.tail = digest(title)
        self._taken: list[Mapping[str, Any]] = []

    @property
    def now(self) -> datetime:
        """The time at which things are done."""
        return datetime.now(UTC)

    @property
    def table(self) -> Table:
        """The tenant's rows."""
        return self._operator.stack.table

    @property
    def intake(self) -> Objects:
        """The event log and quarantined bodies."""
        return self._operator.stack.intake

    @property
    def payouts(self) -> Objects:
        """Evidence and payout files."""
        return self._operator.stack.payouts

    def plans(self) -> Sequence[Plan]:
        """Every published plan version."""
        return self._operator.stack.plans()

    def zone(self, name: str) -> None:
        """A deployed tenant has its zone already."""
        has = self._operator.stack.settings.zone
        if name != has:
            raise refuse("unknown_choice", "zone", name, f"this tenant's zone is {has}")

    def send(self, batches: Sequence[Sequence[Event]]) -> None:
        """A request for each batch, the next when the log has the last: facts need their employees first."""
        wanted = self._received()
        for events in batches:
            answer = self._operator.send(list(events))
            if answer.get("received", answer.get("accepted")) is None:
                raise Failed(f"the door answers {answer}")
            wanted += len(events)
            self._logged(wanted)

    def _logged(self, wanted: int) -> None:
        wait_for(lambda: self._received() >= wanted, PATIENCE, "the event log")

    def _received(self) -> int:
        found: int = counts(log_lines(self.intake))["received"]
        return found

    def close(self, period: str, by: str, waiver: Mapping[str, str] | None) -> Run:
        """By the tenant's own state machine."""
        return self._operator.close(period, by, waiver)

    def rehearse(self, run: Run) -> int:
        """Make a run's files without writing them."""
        return self._operator.stack.paying().publishing().rehearse(run)

    def publish(self, run: Run) -> None:
        """By the tenant's own state machine."""
        self._operator.execute("PublishMachineArn", {"run": run.id})

    def messages(self) -> Sequence[Mapping[str, Any]]:
        """What the payroll queue held since the scenario began; it is taken out of it."""
        self._taken += self._operator.messages(MANY, LOOK)
        return self._taken

    def until(self, what: Callable[[], T | None]) -> T | None:
        """What is there in the end."""
        try:
            return wait_for(what, PATIENCE, "")
        except Failed:
            return None
