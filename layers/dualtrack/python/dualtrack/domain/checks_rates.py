"""What is wrong with a plan's rates from its currency into others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from dualtrack.domain.errors import Problem, problem
from dualtrack.domain.money import EXPONENTS
from dualtrack.domain.numbers import plain
from dualtrack.domain.plan import Plan
from dualtrack.domain.rates import Rate


def rates(plan: Plan) -> Iterator[Problem]:
    """Unknown currencies, the plan's own, rates that are none, two from one day."""
    for currency, found in plan.rates.items():
        place = f"rates.{currency}"
        if currency not in EXPONENTS:
            known = ", ".join(sorted(EXPONENTS))
            yield problem("unknown_currency", place, currency, f"use one of {known}")
        if currency == plan.currency:
            yield problem("not_here", place, currency, "leave it out")
        yield from _rows(place, found)


def _rows(place: str, found: Sequence[Rate]) -> Iterator[Problem]:
    for each in found:
        if each.rate <= 0:
            yield problem("bad_range", f"{place}.rate", plain(each.rate), "write a rate above 0")
    for one, other in pairwise(found):
        if one.start == other.start:
            yield problem("twice", f"{place}.from", str(one.start), "give each day one rate")
