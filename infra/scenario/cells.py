"""What a cell can hold: a name, a day, an amount, a number that is expected."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_DOWN, Decimal
from typing import Any

from dualtrack.domain.errors import Refused
from dualtrack.domain.numbers import HUNDRED, number
from dualtrack.domain.periods import month

Reader = Callable[[str], Any]
THOUSANDS = re.compile(r"(?<=[0-9])[,， ](?=[0-9]{3}(?![0-9]))")
SHARE = re.compile(r"(.+?)\s+([0-9.]+\s*%)\Z")
TEAM = re.compile(r"(?:team|团队)\s*(.+)\Z", re.IGNORECASE)
CUT = ("…", "...")
YES, NO = ("yes", "是"), ("no", "否")
NOTHING = ("none", "无")


class Wrong(ValueError):
    """A cell that does not hold what its column asks for; says the remedy."""


@dataclass(frozen=True, slots=True)
class Who:
    """Whom a row is about: people with their shares of 1 (a single one has 1), or one team."""

    names: tuple[str, ...]
    shares: tuple[Decimal, ...] = (Decimal(1),)
    team: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """A number as expected; ``places``: so many digits of it were written (``33.33…``). None is no number."""

    text: str
    value: Decimal | None
    places: int | None = None

    def matches(self, found: Decimal | None) -> bool:
        """Whether the found number is the expected one, or begins like it."""
        if found is None or self.value is None or self.places is None:
            return found == self.value
        return found.quantize(Decimal(1).scaleb(-self.places), rounding=ROUND_DOWN) == self.value


def name(text: str) -> str:
    """One word or several: an employee, a team, somebody who approves."""
    return text


def decimal(text: str) -> Decimal:
    """A number with or without separators of thousands; ``12 %`` is 0.12."""
    plain = THOUSANDS.sub("", text).replace("−", "-")
    percent = plain.endswith(("%", "％"))
    try:
        found = number(plain.rstrip("%％").strip(), "")
    except Refused:
        raise Wrong("write a number such as 12000, 12,000.50 or 12 %") from None
    return found / HUNDRED if percent else found


def whole(text: str) -> int:
    """A whole number that is not negative."""
    if not (text.isascii() and text.isdigit()):
        raise Wrong("write a whole number")
    return int(text)


def day(text: str) -> str:
    """A calendar day, YYYY-MM-DD."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise Wrong("write a day as YYYY-MM-DD") from None


def moment(text: str) -> str:
    """A day, or an instant with its offset."""
    if "T" not in text:
        return day(text)
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Wrong("write a day as YYYY-MM-DD, or an instant such as 2026-01-31T23:30:00-06:00") from None
    if found.tzinfo is None:
        raise Wrong("add the offset from UTC: 2026-01-31T23:30:00-06:00")
    return text


def period(text: str) -> str:
    """A month, YYYY-MM."""
    try:
        return month(text)
    except Refused:
        raise Wrong("write a month as YYYY-MM") from None


def when(text: str) -> str:
    """The day from which a target counts; a month stands for its first day."""
    return f"{period(text)}-01" if text.count("-") == 1 else day(text)


def people(text: str) -> Who:
    """``ann``, ``team east``, or ``ann 60 % + bob 40 %``."""
    team = TEAM.match(text)
    if team:
        return Who((team[1].strip(),), team=True)
    if "+" not in text:
        return Who((text,))
    parts = [SHARE.match(part.strip()) for part in text.split("+")]
    found = [part for part in parts if part is not None]
    if len(found) < len(parts):
        raise Wrong("give everybody a share: ann 60 % + bob 40 %")
    return Who(tuple(part[1] for part in found), tuple(decimal(part[2]) for part in found))


def wanted(text: str) -> Wanted:
    """A number that is expected: exactly, or how it begins (``33.33…``), or ``none``."""
    if text.lower() in NOTHING:
        return Wanted(text, None)
    cut = text.endswith(CUT)
    value = decimal(text.rstrip(".…"))
    return Wanted(text, value, max(0, -int(value.as_tuple().exponent)) if cut else None)


def yes(text: str) -> bool:
    """Yes or no."""
    if text.lower() not in (*YES, *NO):
        raise Wrong("write yes or no")
    return text.lower() in YES


def flag(text: str) -> bool:
    """A word that stands alone; ``1`` and ``0`` are understood too."""
    if text in ("", "1", "0"):
        return text != "0"
    raise Wrong("write the word alone")


KINDS: Mapping[str, Reader] = {
    "text": name,
    "name": name,
    "people": people,
    "number": decimal,
    "amount": decimal,
    "whole": whole,
    "day": day,
    "moment": moment,
    "period": period,
    "when": when,
    "wanted": wanted,
    "yes": yes,
    "flag": flag,
}
