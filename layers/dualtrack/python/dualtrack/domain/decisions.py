"""What people decide about pay: holds, and what becomes of a difference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

EVERYTHING = "*"  # a hold of the person, not of one period's lines
CARRIED, LEFT, SETTLED = "carried", "left", "settled"


@dataclass(frozen=True, slots=True)
class Hold:
    """Somebody's pay, or the lines about one period, kept back by name and reason until it is released."""

    period: str
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Decision:
    """Carry a difference, or waive it. It names what was due and paid: it is void when either changes."""

    do: str
    due: int
    paid: int


def fate(
    change: int,
    due: int,
    paid: int,
    currency: str,
    limits: Mapping[str, int] | None,
    decided: Decision | None,
) -> str:
    """What becomes of a difference in this run: carried, left for somebody to decide, or settled by a waiver.

    Without limits every difference is carried; a currency that the limits do not name is decided by people.
    """
    if decided is not None and (decided.due, decided.paid) == (due, paid):
        return CARRIED if decided.do == "carry" else SETTLED
    if limits is None or abs(change) <= limits.get(currency, 0):
        return CARRIED
    return LEFT
