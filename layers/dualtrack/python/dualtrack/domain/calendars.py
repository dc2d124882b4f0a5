"""Calendars: when a group's close starts and when its money is to arrive, in the tenant's time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo

from dualtrack.domain.periods import closing_month, last_day
from dualtrack.domain.setup import Calendar, Group, Moment, Setup

DAY = timedelta(days=1)


def open_on(calendar: Calendar, day: date) -> bool:
    """Whether banks and offices work on a day: weekends may be workdays, by decree."""
    if day in calendar.workdays:
        return True
    return day.weekday() not in calendar.weekend and day not in calendar.holidays


def day_after(start: date, days: int, calendar: Calendar | None) -> date:
    """So many days after a day; of a calendar, so many of its open days."""
    if calendar is None:
        return start + days * DAY
    found = start
    for _ in range(days):
        found += DAY
        while not open_on(calendar, found):
            found += DAY
    return found


def _calendar(setup: Setup, moment: Moment) -> Calendar | None:
    return {c.id: c for c in setup.calendars}[moment.calendar] if moment.calendar else None


def pay_day(setup: Setup, group: Group, period: str) -> date:
    """The day on which a period's money is to arrive."""
    return day_after(last_day(closing_month(period)), group.pay.days, _calendar(setup, group.pay))


def closes_at(setup: Setup, group: Group, period: str, zone: tzinfo) -> datetime | None:
    """When the close of a period is to start, in UTC; None if people start it.

    A local time that summer time leaves out is the one an hour later; one that comes twice is the first.
    """
    if group.close is None:
        return None
    day = day_after(last_day(closing_month(period)), group.close.days, _calendar(setup, group.close))
    hour, minute = map(int, group.close.time.split(":"))
    return datetime.combine(day, time(hour, minute), tzinfo=zone).astimezone(UTC)
