"""What an employee owes, and how much of it a run takes; what may be clawed back, and in which parts.

Amounts are minor units of one currency, 0 or more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from dualtrack.domain.errors import refuse
from dualtrack.domain.numbers import HUNDRED, ZERO, exact
from dualtrack.domain.payouts import CARRIED_IN, CARRIED_OUT

CARRY, SPREAD, FINANCE = "carry", "spread", "finance"
WAYS = (CARRY, SPREAD, FINANCE)  # all of it at once, in parts, or nothing until somebody decides
COLLECTED, WAIVED = "collected", "waived"  # what lowers a balance outside of any run


@dataclass(frozen=True, slots=True)
class Negative:
    """How what an employee owes is taken from later payouts.

    ``how``: carry (all from the next), spread (over ``periods``), finance (nothing until somebody decides).
    """

    how: str = "carry"
    periods: int = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that raised or lowered a balance, or a decision on how it is taken.

    ``order``: entries of one employee in the order in which they came about.
    """

    order: tuple[int, int]
    kind: str
    amount: int = 0
    periods: int = 1


@dataclass(frozen=True, slots=True)
class Balance:
    """What is owed; ``grown`` was owed when it last grew; ``how`` was decided for it, "" if nothing was."""

    owed: int = 0
    grown: int = 0
    how: str = ""
    periods: int = 1


SIGNS = {CARRIED_OUT: 1, CARRIED_IN: 1, COLLECTED: -1, WAIVED: -1}  # lines of carried_in are negative already


def balance(entries: Iterable[Entry]) -> Balance:
    """The balance after all entries. A decision holds until nothing is owed any more."""
    found = Balance()
    for entry in sorted(entries, key=lambda e: e.order):
        found = _after(found, entry)
    return found


def _after(before: Balance, entry: Entry) -> Balance:
    if entry.kind in WAYS:
        return Balance(before.owed, before.owed, entry.kind, entry.periods)
    owed = before.owed + SIGNS[entry.kind] * entry.amount
    if not owed:
        return Balance()
    return Balance(owed, owed if owed > before.owed else before.grown, before.how, before.periods)


def most(found: Balance, how: str, periods: int) -> int | None:
    """How much of a balance a run takes at most, by the plan unless another way was decided; None is all."""
    if found.how:
        how, periods = found.how, found.periods
    return {CARRY: None, SPREAD: -(-found.grown // max(1, periods)), FINANCE: 0}[how]


@dataclass(frozen=True, slots=True)
class Clawback:
    """A decision to take back what was paid for a period: a record of its own.

    ``amount`` is what is taken back in all, after schedule and cap; ``instalments`` in so many runs.
    """

    id: str
    period: str
    amount: int
    currency: str
    instalments: int
    by: str
    reason: str
    share: Decimal = HUNDRED
    void: bool = False


def instalment(clawback: Clawback, taken: int) -> int:
    """What the next run takes: an equal part, rounded up to the minor unit, and no more than is left."""
    if clawback.void:
        return 0
    return max(0, min(-(-clawback.amount // clawback.instalments), clawback.amount - taken))


def months_between(paid: date, on: date) -> int:
    """Months that have begun since a payment: 12 up to the same day a year later, 13 from the next day on."""
    months = (on.year - paid.year) * 12 + on.month - paid.month
    return months + 1 if on.day > paid.day else months


def share(shares: Sequence[tuple[int, Decimal]], paid: date, on: date) -> Decimal:
    """The percentage that may be taken back on a day; 0 when the last month of the schedule is over."""
    months = months_between(paid, on)
    return next((percent for upto, percent in shares if months <= upto), ZERO)


@exact
def recoverable(asked: int, percent: Decimal, paid: int, clawed: int) -> int:
    """What is taken back of an amount asked for: by the schedule, rounded in the employee's favour.

    Never more than what was paid for the period and is not taken back yet. Refuses what comes to nothing.
    """
    amount = min(int(asked * percent / HUNDRED), paid - clawed)
    if asked <= 0 or amount <= 0:
        given = f"{asked} of {paid} paid, {clawed} of it taken back, {percent} % by the schedule"
        raise refuse("nothing_to_claw", "amount", given, "nothing can be taken back: see `clawback list`")
    return amount
