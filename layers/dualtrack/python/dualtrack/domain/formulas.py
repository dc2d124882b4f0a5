"""Formulas as the domain sees them: a text, the names it reads, and somebody who calculates it.

The rules library that calculates is an adapter (``dualtrack/adapters/formulas.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal


class Incalculable(Exception):
    """A formula that came to nothing: an overflow, a division by zero, a text instead of a number."""


Names = Mapping[str, Decimal | None]


@dataclass(frozen=True, slots=True)
class Formula:
    """``names`` are all that it may read: measures (``deals``) and ``metrics.<id>.points`` and the like.

    ``calculate`` gets their values and raises ``Incalculable``.
    """

    text: str
    names: tuple[str, ...]
    calculate: Callable[[Names], Decimal] = field(compare=False, repr=False)
