"""What DynamoDB bills, as pure functions.

Sources: the developer guide, "DynamoDB item sizes and formats", "DynamoDB read and write operations",
"Managing complex workflows with transactions".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

Wire = Mapping[str, Any]  # attribute → {"S": …} and so on
KB = 1024


def size(item: Wire) -> int:
    """Bytes of an item: names and values."""
    return sum(len(name.encode()) + _value(each) for name, each in item.items())


def _value(typed: Mapping[str, Any]) -> int:
    [(kind, value)] = typed.items()
    return int(SIZES[kind](value))


def _number(text: str) -> int:
    """One byte for two significant digits and one more; another one below zero."""
    value = Decimal(text)
    digits = len("".join(map(str, value.normalize().as_tuple().digits)))
    return (digits + 1) // 2 + 1 + (value < 0)


def _texts(values: Iterable[str]) -> int:
    return sum(len(value.encode()) for value in values)


SIZES: dict[str, Any] = {
    "S": lambda text: len(text.encode()),
    "N": _number,
    "B": len,
    "BOOL": lambda _: 1,
    "NULL": lambda _: 1,
    "SS": _texts,
    "NS": lambda values: sum(map(_number, values)),
    "L": lambda values: 3 + sum(1 + _value(each) for each in values),
    "M": lambda values: 3 + sum(1 + len(n.encode()) + _value(v) for n, v in values.items()),
}


def write_units(old: Wire | None, new: Wire | None) -> int:
    """One for each started KB of the larger of before and after; one at least, also for nothing."""
    return max(1, -(-max(size(old or {}), size(new or {})) // KB))


def read_units(total: int, consistent: bool = True) -> float:
    """One for each started 4 KB if strongly consistent, half of it if not; nothing costs the least."""
    units = max(1, -(-total // (4 * KB)))
    return float(units) if consistent else units / 2


TRANSACTION = 2  # a transaction prepares and commits
