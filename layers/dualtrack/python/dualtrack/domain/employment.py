"""Who is employed, in which team, on what base, from when to when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from dualtrack.domain.errors import refuse
from dualtrack.domain.money import exponent
from dualtrack.domain.observations import Observation, Value
from dualtrack.domain.periods import days_between, days_in, first_day, last_day

EMPLOYMENT = "employment"  # the measure under which the roster's facts are observed
LEAVE = "leave"  # and that of days that are not paid


@dataclass(frozen=True, slots=True)
class Employment:
    """One employee's terms. ``base`` is in minor units a period; ``end`` is the last day, if known."""

    employee: str
    team: str
    base: int
    currency: str
    start: date
    end: date | None

    def until(self, period: str) -> date:
        """The last day on which the terms hold in a period."""
        return min(self.end or last_day(period), last_day(period))

    def factor(self, period: str) -> tuple[int, int]:
        """Calendar days in employment and in the period: joined on 15 January is 17 of 31."""
        return days_between(self.start, self.end or last_day(period), period), days_in(period)

    def covers(self, period: str) -> bool:
        """Whether any day of the period is employed."""
        ended = self.end is not None and self.end < first_day(period)
        return self.start <= last_day(period) and not ended


@dataclass(frozen=True, slots=True)
class History:
    """All terms of an employee, by their start, and unpaid leave (first and last day of each).

    Terms hold until the day before the next ones start, or until their own end.
    """

    rows: tuple[Employment, ...]
    leaves: tuple[tuple[date, date], ...] = ()

    @property
    def employee(self) -> str:
        """Whose terms these are."""
        return self.rows[-1].employee

    @property
    def newest(self) -> Employment:
        """The terms that start last."""
        return self.rows[-1]

    def covers(self, period: str) -> bool:
        """Whether any day of the period is employed."""
        return bool(self.spells(period))

    def spells(self, period: str) -> list[tuple[Employment, date, date]]:
        """Terms in a period with the first and last day on which each holds there, in order."""
        found = []
        for row, after in zip(self.rows, [*self.rows[1:], None], strict=True):
            first = max(row.start, first_day(period))
            last = row.until(period)
            last = min(last, after.start - timedelta(days=1)) if after else last
            found += [(row, first, last)] if first <= last else []
        return found

    def currencies(self, period: str) -> set[str]:
        """In which a period is paid, by its terms."""
        return {row.currency for row, _, _ in self.spells(period)}

    def worked(self, first: date, last: date) -> int:
        """Calendar days of a stretch that are not unpaid leave; overlapping leaves count once."""
        absent = {
            day
            for start, end in self.leaves
            for day in range(max(start, first).toordinal(), min(end, last).toordinal() + 1)
        }
        return max(0, last.toordinal() - first.toordinal() + 1 - len(absent))

    def days(self, period: str) -> tuple[int, int]:
        """Calendar days in employment, without unpaid leave, and of the period."""
        return sum(self.worked(first, last) for _, first, last in self.spells(period)), days_in(period)


def history(rows: Iterable[Observation]) -> History | None:
    """The history that observed terms and leaves tell; None without terms.

    Of terms that start on one day the newest version holds.
    """
    found = sorted(rows, key=lambda row: (row.order, row.entity))
    terms = {
        each.start: each for each in (employment(row) for row in found if row.place.measure == EMPLOYMENT)
    }
    leaves = tuple(leave(row) for row in found if row.place.measure == LEAVE)
    return History(tuple(terms[start] for start in sorted(terms)), leaves) if terms else None


def leave(row: Observation) -> tuple[date, date]:
    """First and last day of an unpaid leave; refuses one that ends before it begins."""
    start, end = _day(row.values, "from"), _day(row.values, "to")
    if end < start:
        raise refuse("bad_range", "to", end, f"a day from {start} on")
    return start, end


def employment(row: Observation) -> Employment:
    """The terms an observation states; refuses terms that cannot be paid by."""
    values = row.values
    base = values.get("base")
    if not isinstance(base, Decimal) or base < 0 or base % 1:
        raise refuse("bad_base", "base", str(base), "send the base in minor units, a whole number")
    end = _day(values, "to") if "to" in values else None
    start = _day(values, "from")
    if end is not None and end < start:
        raise refuse("bad_range", "to", end, f"a day from {start} on")
    currency = _label(values, "currency")
    exponent(currency)
    return Employment(row.place.subject[2:], _label(values, "team"), int(base), currency, start, end)


def _label(values: Mapping[str, Value], name: str) -> str:
    value = values.get(name)
    if not isinstance(value, str) or not value:
        raise refuse("missing", name, str(value), "send it with every change of employment")
    return value


def _day(values: Mapping[str, Value], name: str) -> date:
    text = _label(values, name)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise refuse("bad_time", name, text, "send a day as YYYY-MM-DD") from None
