"""Every hour: start the closes whose moment has passed; a missed one is caught up and raises an alarm."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from dualtrack.adapters.machines import Machines
from dualtrack.adapters.telemetry import Metrics
from dualtrack.adapters.wiring import Stack
from dualtrack.app import roster, runs
from dualtrack.app.schedule import closable, due, late

stack = Stack.from_env("payout_bucket", "close_machine")
metrics = Metrics("schedule", stack.settings.tenant)
machines = Machines(stack.settings.close_machine)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Which closes were started: ``{"started": ["all 2017-10"]}``."""
    now = datetime.now(UTC)
    paying, every = stack.paying(), runs.every(stack.table)
    known = closable(roster.periods(stack.table), paying.plans)
    found = due(paying.setup, stack.settings.tz(), every, known, now)
    for each in found:
        given = {"period": each.period, "starter": "schedule", "group": each.group}
        machines.start(f"scheduled-{each.group}-{each.period}-{now:%Y%m%d%H}", given)
    metrics.emit(ClosesOverdue=late(found, now), ClosesStarted=len(found))
    return {"started": [f"{each.group} {each.period}" for each in found]}
