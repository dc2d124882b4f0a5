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
EXACT = Context(prec=50, traps=[InvalidOperation, DivisionByZero, Overflow])
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


def exact(function: Callable[P, R]) -> Callable[P, R]:
    """Run a rule in the one arithmetic context, whatever the caller's thread has set."""

    @wraps(function)
    def inside(*args: P.args, **kwargs: P.kwargs) -> R:
        with localcontext(EXACT):
            return function(*args, **kwargs)

    return inside


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
