"""Cells: what people are shown as text, and what a file read back adds up to."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

from dualtrack.domain.errors import Stopped
from dualtrack.domain.money import exponent
from dualtrack.domain.numbers import exact
from dualtrack.domain.published import Sum

# What a spreadsheet takes for a formula: "CSV Injection", OWASP community pages.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# What neither XML 1.0 nor a reader can do anything with: control characters, lone surrogates, non-characters;
# and what turns the order of reading around, so that a cell shows another text than it holds.
UNREADABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]")


def formula(text: str) -> bool:
    """Whether a spreadsheet takes a text for a formula."""
    return text.startswith(FORMULA)


def visible(text: str) -> str:
    """Text whose unreadable characters are shown by their code: nothing of it is dropped."""
    return UNREADABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def escaped(text: str) -> str:
    """A cell of a human file: readable, and behind an apostrophe if it looks like a formula."""
    return f"'{visible(text)}" if formula(text) else visible(text)


@exact
def minor(text: str, currency: str) -> int:
    """An amount as a file states it, in minor units; stops at what is no amount of that currency."""
    try:
        amount = Decimal(text).scaleb(exponent(currency))
    except InvalidOperation:
        raise Stopped(f"{text!r} is no amount") from None
    if amount != amount.to_integral_value():
        raise Stopped(f"{text} is finer than the minor unit of {currency}")
    return int(amount)


def added(rows: Iterable[tuple[str, int]]) -> dict[str, Sum]:
    """Rows and their sum by currency."""
    found: dict[str, Sum] = {}
    for currency, amount in rows:
        before = found.get(currency, Sum(0, 0))
        found[currency] = Sum(before.rows + 1, before.amount + amount)
    return found
