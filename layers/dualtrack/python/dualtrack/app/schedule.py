"""Which period a start of a close means."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo
from typing import Any

from dualtrack.domain.errors import refuse
from dualtrack.domain.periods import a_period, before, instant


def period_of(request: Mapping[str, Any], zone: tzinfo) -> str:
    """The period asked for; a scheduled start closes the month before its own day in the tenant's zone."""
    if "period" in request:
        return a_period(str(request["period"]))
    if "scheduled" not in request:
        raise refuse("missing", "period", "missing", "name the period, for example 2017-10")
    started = instant(request["scheduled"], "scheduled").astimezone(zone)
    return before(f"{started:%Y-%m}")
