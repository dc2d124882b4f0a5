"""What paths in a mapping can calculate beyond JMESPath: quotients, products, hours.

Documented in ``events/sources/README.md``. Numbers are decimals. Where an argument is missing there is no
result, so that a name that is not required stays away.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from functools import wraps
from typing import Any

from jmespath import Options
from jmespath.exceptions import JMESPathError
from jmespath.functions import Functions, signature

from dualtrack.domain.numbers import exact, number
from dualtrack.domain.periods import instant

PLACES, GREATEST = (
    Decimal(1).scaleb(-14),
    Decimal(10) ** 24,
)  # of a value
SECONDS_OF = {"weeks": 604800, "days": 86400, "hours": 3600, "minutes": 60, "seconds": 1}
ISO = re.compile(
    r"P(?:(?P<weeks>\d{1,6})W)?(?:(?P<days>\d{1,6}(?:\.\d{1,9})?)D)?"
    r"(?:T(?:(?P<hours>\d{1,6}(?:\.\d{1,9})?)H)?(?:(?P<minutes>\d{1,6}(?:\.\d{1,9})?)M)?"
    r"(?:(?P<seconds>\d{1,9}(?:\.\d{1,9})?)S)?)?\Z",
    re.ASCII,
)
SECONDS_ALONE = re.compile(r"P(?=[0-9.]+S\Z)")  # P16559.14S: an example of xAPI, section 4.6
CLOCK = re.compile(
    r"(?P<hours>\d{1,6}):(?P<minutes>[0-5]\d)(?::(?P<seconds>[0-5]\d(?:\.\d{1,9})?))?\Z", re.ASCII
)


def _if_all_there(function: Callable[..., Decimal | None]) -> Callable[..., Decimal | None]:
    @wraps(function)
    def inside(self: Any, *given: object) -> Decimal | None:
        return None if any(each is None or each == "" for each in given) else exact(function)(self, *given)

    return inside


def _hours(seconds: Decimal) -> Decimal:
    # Upwards: three times 20 minutes are a full hour, and no less.
    return (seconds / 3600).quantize(PLACES, ROUND_CEILING)


def _seconds(text: object) -> Decimal:
    said = SECONDS_ALONE.sub("PT", text) if isinstance(text, str) else ""
    found = ISO.match(said) or CLOCK.match(said)
    if found is None or not any(found.groups()):
        raise JMESPathError(f"{text!r} is no duration such as PT1H30M or 1:30:00 (months have no length)")
    parts = found.groupdict().items()
    return sum((Decimal(value) * SECONDS_OF[name] for name, value in parts if value), Decimal(0))


def _placed(value: Decimal) -> Decimal:
    if abs(value) >= GREATEST:
        raise JMESPathError(f"{value:.6E} has more than 24 digits before the point")
    return value.quantize(PLACES, ROUND_HALF_UP)


class Calculating(Functions):
    """The functions by their names in a path: ``_func_over`` is ``over(a, b)``."""

    @signature({"types": []}, {"types": []})
    @_if_all_there
    def _func_over(self, part: object, whole: object) -> Decimal | None:
        divisor = number(whole, "over")
        return _placed(number(part, "over") / divisor) if divisor else None

    @signature({"types": []}, {"types": []})
    @_if_all_there
    def _func_times(self, first: object, second: object) -> Decimal | None:
        return _placed(number(first, "times") * number(second, "times"))

    @signature({"types": []})
    @_if_all_there
    def _func_hours(self, duration: object) -> Decimal | None:
        return _hours(_seconds(duration))

    @signature({"types": []}, {"types": []})
    @_if_all_there
    def _func_hours_between(self, start: object, end: object) -> Decimal | None:
        passed = instant(end, "hours_between") - instant(start, "hours_between")
        seconds = passed.days * SECONDS_OF["days"] + passed.seconds + Decimal(passed.microseconds).scaleb(-6)
        if seconds < 0:
            raise JMESPathError(f"{end} is before {start}")
        return _hours(seconds)

    @signature({"types": []}, {"types": ["string"]})
    def _func_after(self, text: object, prefix: str) -> str | None:
        return text.removeprefix(prefix) if isinstance(text, str) else None


OPTIONS = Options(custom_functions=Calculating())


def unknown(parsed: Any) -> list[str]:
    """Functions that a parsed path calls and nobody knows."""
    node = parsed if isinstance(parsed, dict) else {}
    called = [node["value"]] if node.get("type") == "function_expression" else []
    inside = [name for child in node.get("children", ()) for name in unknown(child)]
    return [name for name in called if name not in Calculating.FUNCTION_TABLE] + inside
