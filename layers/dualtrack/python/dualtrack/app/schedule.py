"""The schedule: which closes are to be started, and which period a start means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any

from dualtrack.app.parts import in_force
from dualtrack.domain.calendars import closes_at
from dualtrack.domain.errors import refuse
from dualtrack.domain.periods import a_period, period_in
from dualtrack.domain.plan import Plan
from dualtrack.domain.runs import Run
from dualtrack.domain.setup import Group, Setup

LATE = timedelta(hours=24)


def period_of(request: Mapping[str, Any]) -> str:
    """The period asked for; refuses a start that names none."""
    if "period" not in request:
        raise refuse("missing", "period", "missing", "name the period, for example 2017-10")
    return a_period(str(request["period"]))


def closable(observed: Sequence[str], plans: Sequence[Plan]) -> list[str]:
    """Of the months of which anything was observed those in which a plan holds.

    History from before the first plan would else wait for ever, and every later month with it.
    """
    return [month for month in observed if in_force(plans, month)]


@dataclass(frozen=True, slots=True)
class Due:
    """A period of a group whose close is to be started, and since when, in UTC."""

    group: str
    period: str
    since: datetime


def due(setup: Setup, zone: tzinfo, every: Sequence[Run], known: Sequence[str], now: datetime) -> list[Due]:
    """The oldest period of each group whose moment has passed and that nobody has closed or is closing.

    ``known`` are the months that can be closed at all. A schedule that was missed is caught up by the
    next call, whenever that is.
    """
    found = (_oldest(setup, group, zone, every, known, now) for group in setup.groups)
    return [each for each in found if each is not None]


def _oldest(
    setup: Setup, group: Group, zone: tzinfo, every: Sequence[Run], known: Sequence[str], now: datetime
) -> Due | None:
    mine = [run for run in every if run.regular and run.group == group.id]
    handled = {run.period for run in mine if run.state != "OPEN"}
    last = max((run.month for run in mine if run.state == "PUBLISHED"), default="")
    months = (month for month in known if month >= group.since and month > last)
    for period in dict.fromkeys(period_in(month, group.every) for month in sorted(months)):
        moment = closes_at(setup, group, period, zone)
        if period in handled or moment is None or moment > now:
            return None  # months close in their order: the next one waits
        return Due(group.id, period, moment)
    return None


def late(found: Sequence[Due], now: datetime) -> int:
    """How many of these should have been started more than a day ago."""
    return sum(1 for each in found if now - each.since > LATE)
