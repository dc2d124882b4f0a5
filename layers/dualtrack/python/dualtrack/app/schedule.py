"""Which period a start of a close means."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any

from dualtrack.domain.errors import refuse
from dualtrack.domain.periods import before, instant, last_day, month


def period_of(request: Mapping[str, Any], zone: tzinfo, now: datetime) -> str:
    """The period asked for; a scheduled start closes the month before its own day in the tenant's zone.

    A month that is not over in that zone is refused: what happens in the rest of it would only come
    as differences of the next run.
    """
    period = _named(request, zone)
    if now.astimezone(zone).date() <= last_day(period):
        raise refuse("not_over", "period", period, f"close it after {last_day(period)}")
    return period


def _named(request: Mapping[str, Any], zone: tzinfo) -> str:
    if "period" in request:
        return month(str(request["period"]))
    if "scheduled" not in request:
        raise refuse("missing", "period", "missing", "name the period, for example 2017-10")
    started = instant(request["scheduled"], "scheduled").astimezone(zone)
    return before(f"{started:%Y-%m}")
