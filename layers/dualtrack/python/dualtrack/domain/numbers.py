"""Decimals in, decimals out: one context, one way to read a number."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from decimal import Context, Decimal, DivisionByZero, InvalidOperation, Overflow, localcontext
from functools import wraps
from typing import ParamSpec, TypeVar

from dualtrack.domain.errors import refuse

P = ParamSpec("P")
R = TypeVar("R")

# 50 digits: a sum of 10^12 values of 34 digits is still exact, and DynamoDB keeps 38.
TRAPS = [InvalidOperation, DivisionByZero, Overflow]
EXACT = Context(prec=50, traps=TRAPS)
# A fold multiplies values by weights and adds up millions: cut off anything, and the order would show.
FOLDING = Context(prec=120, traps=TRAPS)
DUSTED = Context(prec=40, traps=TRAPS)
PLAIN = re.compile(r"-?[0-9]{1,24}(\.[0-9]{1,14})?\Z")
ZERO = Decimal(0)
ONE = Decimal(1)
HUNDRED = Decimal(100)
# How a number is compared with a bound, in filters and in conditions.
TESTS: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "at_least": operator.ge,
    "above": operator.gt,
    "at_most": operator.le,
    "below": operator.lt,
    "equals": operator.eq,
}


def within(context: Context) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Run a rule in a context, whatever the caller's thread has set."""

    def decorated(function: Callable[P, R]) -> Callable[P, R]:
        @wraps(function)
        def inside(*args: P.args, **kwargs: P.kwargs) -> R:
            with localcontext(context):
                return function(*args, **kwargs)

        return inside

    return decorated


exact = within(EXACT)  # the one context of all rules
folding = within(FOLDING)  # and that of sums over observations


def dusted(value: Decimal) -> Decimal:
    """A number as it is compared with an edge or rounded: at 40 digits.

    A third of 30 points is 9.99…9 at 50 digits: what a division cut off must not decide about a tier, a
    threshold or a cent.
    """
    return DUSTED.plus(value)


def number(raw: object, field: str) -> Decimal:
    """A decimal from a JSON number or text: ASCII digits, at most 24 before and 14 after the point.

    Refuses NaN, infinities, exponents beyond that range, floats and booleans, naming the field.
    """
    if isinstance(raw, Decimal):
        raw = f"{raw:f}" if raw.is_finite() and abs(raw.adjusted()) < 40 else str(raw)
    if isinstance(raw, int) and not isinstance(raw, bool):
        raw = str(raw)
    if not isinstance(raw, str) or not PLAIN.match(raw):
        raise refuse("not_a_number", field, raw, "send a plain decimal such as 1054 or 12.50")
    return Decimal(raw)


def plain(value: Decimal) -> str:
    """The shortest text of a decimal without exponent: ``1E+2`` is ``100``, ``1.50`` is ``1.5``."""
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text
