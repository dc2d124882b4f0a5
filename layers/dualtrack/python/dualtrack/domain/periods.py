"""Periods in the tenant's time zone: the event's own time decides, never the arrival's."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, date, datetime, timedelta, tzinfo

from dualtrack.domain.errors import refuse

MONTH = re.compile(r"(?!000[01])[0-9]{4}-(0[1-9]|1[0-2])\Z")
QUARTER = re.compile(r"(?!000[01])([0-9]{4})Q([1-4])\Z")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
AHEAD = timedelta(hours=24)
TIMELESS = "-"  # where facts live that belong to no period: who is employed since when


def month(text: str) -> str:
    """A monthly period such as ``2017-10``; refuses anything else."""
    if not MONTH.match(text):
        raise refuse("bad_period", "period", text, "write a month as YYYY-MM, for example 2017-10")
    return text


def a_period(text: str) -> str:
    """A month such as ``2026-10`` or a quarter such as ``2026Q4``; refuses anything else."""
    if not MONTH.match(text) and not QUARTER.match(text):
        raise refuse("bad_period", "period", text, "write a month as 2026-10 or a quarter as 2026Q4")
    return text


def closing_month(period: str) -> str:
    """The month with which a period ends: that of ``2026Q4`` is ``2026-12``."""
    quarter = QUARTER.match(period)
    return f"{quarter[1]}-{int(quarter[2]) * 3:02d}" if quarter else period


def months_of(period: str) -> list[str]:
    """All months of a period, oldest first."""
    last = closing_month(period)
    return [last] if last == period else [shifted(last, -n) for n in (2, 1, 0)]


def period_in(month: str, every: str) -> str:
    """The period of a group that is closed every month or every quarter, in which a month lies."""
    return month if every == "month" else f"{month[:4]}Q{(month_of(month) + 2) // 3}"


def first_day(period: str) -> date:
    """The first calendar day of a month."""
    return date(int(period[:4]), int(period[5:7]), 1)


def days_in(period: str) -> int:
    """Calendar days of a month."""
    return monthrange(int(period[:4]), int(period[5:7]))[1]


def last_day(period: str) -> date:
    """The last calendar day of a month."""
    return first_day(period).replace(day=days_in(period))


def before(period: str) -> str:
    """The month before."""
    return (first_day(period) - timedelta(days=1)).strftime("%Y-%m")


def shifted(period: str, months: int) -> str:
    """The month so many months later; earlier, if negative."""
    number = int(period[:4]) * 12 + int(period[5:7]) - 1 + months
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def month_of(period: str) -> int:
    """1 to 12."""
    return int(period[5:7])


def window(period: str, kind: str, months: int = 1) -> list[str]:
    """The months that a measure of a period looks at, oldest first; the period itself is the last."""
    before_it = {
        "month": 0,
        "quarter_to_date": (month_of(period) - 1) % 3,
        "year_to_date": month_of(period) - 1,
        "rolling": months - 1,
    }[kind]
    return [shifted(period, -n) for n in range(before_it, -1, -1)]


def instant(text: object, field: str) -> datetime:
    """An RFC 3339 instant with an offset, in UTC."""
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        raise refuse("bad_time", field, text, "send RFC 3339 with an offset: 2017-10-05T08:00:00Z") from None
    if moment.tzinfo is None:
        raise refuse("bad_time", field, text, "add the offset from UTC: 2017-10-05T08:00:00Z")
    if not date.min.year < moment.year < date.max.year:  # another zone's day might be outside of all
        raise refuse("bad_time", field, text, "send the time at which it happened")
    return moment.astimezone(UTC)


def day_of(raw: object, zone: tzinfo, field: str) -> date:
    """The tenant's calendar day of a plain date or of an instant."""
    if raw is None or raw == "":
        raise refuse("missing", field, raw, "send the date on which it happened")
    if isinstance(raw, str) and DAY.match(raw):
        try:
            return date.fromisoformat(raw)
        except ValueError:
            raise refuse("bad_time", field, raw, "send a day that the calendar has") from None
    return instant(raw, field).astimezone(zone).date()


def not_ahead(raw: object, now: datetime, zone: tzinfo, field: str) -> None:
    """Refuse what is stamped more than 24 h ahead of now: an instant by the second, a date by its day."""
    limit = now + AHEAD
    plain_day = isinstance(raw, str) and DAY.match(raw)
    ahead = day_of(raw, zone, field) > limit.astimezone(zone).date()
    if ahead or (not plain_day and instant(raw, field) > limit):
        raise refuse("future", field, raw, "correct the source's clock, then replay the event")


def days_between(start: date, end: date, period: str) -> int:
    """Calendar days of ``start``–``end`` (both included) that fall into a period."""
    return max(0, (min(end, last_day(period)) - max(start, first_day(period))).days + 1)
