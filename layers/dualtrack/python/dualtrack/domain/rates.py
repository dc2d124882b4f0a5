"""Rates: what a unit of a plan's currency is worth in the currency that an employee is paid in.

Nothing is converted unless the plan has a rate for it: without one the employee is held. Bases are in the
employee's currency and never converted; only amounts that the plan itself names are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from dualtrack.domain.money import exponent
from dualtrack.domain.numbers import ONE, plain
from dualtrack.domain.reasons import Reason


@dataclass(frozen=True, slots=True)
class Rate:
    """From a day on, so many units of an employee's currency for one of the plan's."""

    start: date
    rate: Decimal


Rates = Mapping[str, Sequence[Rate]]  # by the employee's currency, rising days


@dataclass(frozen=True, slots=True)
class Money:
    """In which currency an employee is paid, and what a unit of the plan's currency ``of`` is worth in it."""

    currency: str
    of: str
    rate: Decimal = ONE
    since: date | None = None

    @property
    def unit(self) -> Decimal:
        """Minor units of one unit that is paid."""
        return Decimal(10) ** exponent(self.currency)

    @property
    def worth(self) -> Decimal:
        """Minor units that are paid for one unit of the plan's currency."""
        return self.unit * self.rate

    def said(self, amount: Decimal) -> str:
        """An amount of the plan as reasons say it: with its currency where another one is paid."""
        return plain(amount) if self.since is None else f"{plain(amount)} {self.of}"

    def reasons(self) -> list[Reason]:
        """The rate, where there is one."""
        if self.since is None:
            return []
        return [Reason("rate", f"{self.currency} for 1 {self.of} since {self.since}", plain(self.rate))]


def own(currency: str) -> Money:
    """Whoever is paid in the plan's currency."""
    return Money(currency, currency)


def money_on(rates: Rates, of: str, currency: str, day: date) -> Money | None:
    """How amounts in ``of`` are paid in another currency on a day; None if no rate holds then."""
    if currency == of:
        return own(currency)
    held = [each for each in rates.get(currency, ()) if each.start <= day]
    return Money(currency, of, held[-1].rate, held[-1].start) if held else None
