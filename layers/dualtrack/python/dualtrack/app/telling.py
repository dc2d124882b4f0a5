"""Telling: who else has to be folded again once a partition's totals are there to be read.

A request is a row under the partition that it is for (``R#…``); the stream brings it to score.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from dualtrack.app import roster, rows
from dualtrack.app.parts import in_force, looks_at, looks_back
from dualtrack.app.ports import Table
from dualtrack.domain.periods import first_day, shifted
from dualtrack.domain.plan import Plan

TELLING = ("F#", rows.PLAN_CHANGED, rows.REFOLD, rows.LOOKED_AT)  # what later months may have to hear of
AHEAD = timedelta(days=2)  # facts are taken up to a day ahead, and a zone is up to a day ahead of UTC
SKEW = timedelta(days=1)  # whose clock is behind tells all the same whoever's clock is not


@dataclass(frozen=True, slots=True)
class Change:
    """One record of the stream: the key of a row that was written."""

    pk: str
    sk: str


def begun(period: str, now: datetime) -> bool:
    """Whether anything but targets can have been observed in a month; before that nobody is scored in it."""
    return first_day(period) <= (now + AHEAD).date()


def members(table: Table, subject: str, period: str, changes: Sequence[Change]) -> None:
    """Of a team: its members of the same month."""
    if subject.startswith("T:"):
        who = roster.members(table, subject[2:])
        roster.rescore(table, who, [period], "team", _whole_cause(table, changes))


def later(
    table: Table, subject: str, period: str, changes: Iterable[Change], plans: Sequence[Plan], now: datetime
) -> None:
    """Later months whose windows reach back to this one, as far as they have begun.

    Also if this month's totals are as before: who comes back after a crash cannot know whom it has told.
    """
    told = [change for change in changes if change.sk.startswith(TELLING)]
    if not told or not begun(shifted(period, 1), now + SKEW) or not any(map(looks_back, plans)):
        return
    known = (each for each in roster.periods(table) if each > period and begun(each, now + SKEW))
    months = [each for each in known if _reaches(plans, each, period)]
    if months:
        team = subject.startswith("T:")
        who = roster.members(table, subject[2:]) if team else [subject[2:]]
        roster.rescore(table, who, months, "window", _whole_cause(table, told))


def _reaches(plans: Sequence[Plan], period: str, month: str) -> bool:
    """Whether any scorecard of a period is made of an earlier month's facts too."""
    return any(month in looks_at(plan, period) for plan in in_force(plans, period))


def _whole_cause(table: Table, changes: Sequence[Change]) -> str:
    """That of a request counts with what had asked for it: its row has one key whoever asks."""
    found = (table.get(c.pk, c.sk) for c in changes if c.sk.startswith("R#"))
    return cause([*changes, *(Change("", row["cause"]) for row in found if row is not None)])


def cause(changes: Iterable[Change]) -> str:
    """Differs for different changes: writing the very same row again would not wake the stream."""
    return sha256("".join(sorted(change.pk + change.sk for change in changes)).encode()).hexdigest()[:16]
