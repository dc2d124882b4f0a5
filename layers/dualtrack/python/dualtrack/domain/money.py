"""Money in minor units, rounded once, and split so that the parts are the whole."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal

from dualtrack.domain.errors import refuse
from dualtrack.domain.numbers import ONE, exact

# ISO 4217 exponents of the currencies a tenant can pay in.
EXPONENTS = {
    **dict.fromkeys(("AUD", "CAD", "CHF", "CNY", "EUR", "GBP", "HKD", "INR", "MOP", "MYR"), 2),
    **dict.fromkeys(("NZD", "PHP", "SGD", "THB", "TWD", "USD"), 2),
    **dict.fromkeys(("JPY", "KRW", "VND"), 0),
    **dict.fromkeys(("BHD", "KWD", "OMR"), 3),
}


def exponent(currency: str) -> int:
    """Digits after the point of a currency; refuses one that is not in the table."""
    if currency not in EXPONENTS:
        known = ", ".join(sorted(EXPONENTS))
        raise refuse("unknown_currency", "currency", currency, f"use one of {known}")
    return EXPONENTS[currency]


@exact
def half_up(amount: Decimal) -> int:
    """Minor units (a decimal) to whole minor units: half away from zero, the payroll convention."""
    return int(amount.quantize(ONE, rounding=ROUND_HALF_UP))


def major(minor: int, currency: str) -> str:
    """Minor units as text in the currency's unit: ``860000`` USD is ``8600.00``."""
    places = exponent(currency)
    return f"{Decimal(minor).scaleb(-places):.{places}f}"


@exact
def allot(total: int, shares: Sequence[Decimal]) -> list[int]:
    """Split minor units by shares that sum to exactly 1; largest remainder, ties to the earlier share.

    The rule of formance's ledger (allotment.go): the parts always sum to the total.
    """
    if sum(shares) != 1 or any(share < 0 for share in shares):
        raise refuse("shares", "shares", [str(s) for s in shares], "shares must sum to exactly 1")
    exact_parts = [share * total for share in shares]
    floors = [int(part.to_integral_value(ROUND_FLOOR)) for part in exact_parts]
    order = sorted(range(len(shares)), key=lambda i: (floors[i] - exact_parts[i], i))
    for i in order[: total - sum(floors)]:
        floors[i] += 1
    return floors
