"""Who is employed, in which team, on what base, from when to when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from dualtrack.domain.errors import refuse
from dualtrack.domain.money import exponent
from dualtrack.domain.observations import Observation, Value
from dualtrack.domain.periods import days_between, days_in, first_day, last_day

EMPLOYMENT = "employment"  # the measure under which the roster's facts are observed


@dataclass(frozen=True, slots=True)
class Employment:
    """One employee's terms. ``base`` is in minor units a period; ``end`` is the last day, if known."""

    employee: str
    team: str
    base: int
    currency: str
    start: date
    end: date | None

    def factor(self, period: str) -> tuple[int, int]:
        """Calendar days in employment and in the period: joined on 15 January is 17 of 31."""
        return days_between(self.start, self.end or last_day(period), period), days_in(period)

    def covers(self, period: str) -> bool:
        """Whether any day of the period is employed."""
        ended = self.end is not None and self.end < first_day(period)
        return self.start <= last_day(period) and not ended


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
