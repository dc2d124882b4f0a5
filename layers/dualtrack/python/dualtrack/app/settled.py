"""What settling one employee has come to so far."""

from __future__ import annotations

from dataclasses import dataclass, field

from dualtrack.app.valuation import Valued
from dualtrack.domain.payouts import Payout


@dataclass
class Settled:
    """What settling one employee has come to so far.

    ``unplanned``: employed, and no plan is for them; ``undecided``: period, due and paid of differences that
    somebody has to decide; ``marks``: the periods that the next run has to look at.
    """

    employee: str
    currency: str
    unplanned: bool = False
    payout: Payout | None = None
    restated: dict[str, tuple[int, int]] = field(default_factory=dict)
    held: list[str] = field(default_factory=list)
    marks: set[str] = field(default_factory=set)
    undecided: list[tuple[str, int, int]] = field(default_factory=list)
    cards: list[tuple[str, Valued]] = field(default_factory=list)

    def take(self, period: str, valued: Valued) -> None:
        """Keep a month's scorecard, and what holds it."""
        self.cards.append((period, valued))
        self.held += [f"{period} {why}" for why in valued.holds]
