"""What things cost, in dollars a million, and what that makes of counted units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

# List prices of the design (section 7); those of S3 and Step Functions are public list prices, us-east-1.
PRICES: Mapping[str, Decimal] = {
    "write units": Decimal("0.625"),
    "read units": Decimal("0.125"),
    "queue requests": Decimal("0.40"),
    "API calls": Decimal("1.00"),
    "S3 PUT": Decimal("5.00"),
    "S3 GET": Decimal("0.40"),
    "state transitions": Decimal("25.00"),
    "express executions": Decimal("1.00"),
}
BUDGETED = ("write units", "read units", "queue requests", "API calls")
BESIDE = tuple(name for name in PRICES if name not in BUDGETED)
S3 = {"put_object": "S3 PUT", "list_objects_v2": "S3 PUT", "get_object": "S3 GET"}


@dataclass(frozen=True, slots=True)
class Bill:
    """What some work was billed, by the name of the price; ``calls`` of the table are not priced."""

    work: str
    counted: Mapping[str, Decimal]
    per: int  # events, or employees

    def each(self, name: str) -> Decimal:
        """Units of one event."""
        return Decimal(self.counted.get(name, 0)) / self.per

    def dollars(self) -> Decimal:
        """For a million events, only what the budgets count."""
        return self._sum(BUDGETED)

    def beside(self) -> Decimal:
        """For a million events, what the budgets leave out."""
        return self._sum(BESIDE)

    def _sum(self, names: tuple[str, ...]) -> Decimal:
        return sum((self.each(name) * PRICES[name] for name in names), Decimal(0))


def stored(requests: Mapping[str, int]) -> dict[str, Decimal]:
    """Calls of a bucket by the names of their prices: a list costs as much as a write."""
    found = {"S3 PUT": Decimal(0), "S3 GET": Decimal(0)}
    for operation, number in requests.items():
        found[S3[operation]] += number
    return found
