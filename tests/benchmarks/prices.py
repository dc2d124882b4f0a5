"""What things cost, in dollars a million, and what that makes of counted units."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

# List prices of the design (section 7); those of S3 and Step Functions are public list prices, us-east-1.
PRICES: Mapping[str, Decimal] = {
    "write units": Decimal("0.625"),
    "read units": Decimal("0.125"),
    "queue requests": Decimal("0.40"),
    "API calls": Decimal("1.00"),
    "S3 writes": Decimal("5.00"),
    "S3 reads": Decimal("0.40"),
    "state transitions": Decimal("25.00"),
}
BUDGETED = ("write units", "read units", "queue requests", "API calls")


@dataclass(frozen=True, slots=True)
class Bill:
    """What some work was billed, by the name of the price."""

    work: str
    counted: Mapping[str, Decimal]
    per: int  # events, or employees

    def each(self, name: str) -> Decimal:
        """Units of one event."""
        return Decimal(self.counted.get(name, 0)) / self.per

    def dollars(self, names: tuple[str, ...] = BUDGETED) -> Decimal:
        """For a million events, only what the budgets count."""
        return sum((self.each(name) * PRICES[name] for name in names), Decimal(0))

    def beside(self) -> Decimal:
        """For a million events, what the budgets leave out."""
        return self.dollars(tuple(name for name in PRICES if name not in BUDGETED))


def counted(units: Counter[str], objects: Counter[str]) -> dict[str, Decimal]:
    """Half units of a table and calls of a bucket, by the names of their prices."""
    return {
        "write units": Decimal(units["write"]) / 2,
        "read units": Decimal(units["read"]) / 2,
        "S3 writes": Decimal(objects["write"]),
        "S3 reads": Decimal(objects["read"]),
    }
