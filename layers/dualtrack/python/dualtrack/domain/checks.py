"""What is wrong with a plan: every problem at once, each with its place, the value found and what mends it.

This module holds what concerns the document as a whole; ``checks_measures``, ``checks_scores`` and
``checks_money`` hold the rest, ``checks_parts`` what they share. An empty list: the plan can be published.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import combinations
from typing import Protocol

from dualtrack.domain.checks_measures import courses, measures
from dualtrack.domain.checks_money import awards, payout
from dualtrack.domain.checks_parts import identities, text
from dualtrack.domain.checks_rates import rates
from dualtrack.domain.checks_scores import formulas, metrics, tracks
from dualtrack.domain.dependencies import circle
from dualtrack.domain.errors import Problem, problem
from dualtrack.domain.money import EXPONENTS
from dualtrack.domain.numbers import HUNDRED, ZERO, exact, plain
from dualtrack.domain.plan import Plan, Whom

__all__ = ["Claim", "formulas", "problems", "problems_among", "problems_with"]

DAY = timedelta(days=1)


@exact
def problems(plan: Plan) -> list[Problem]:
    """Everything that is wrong with a plan."""
    found = [*_document(plan), *_weights(plan), *measures(plan), *courses(plan), *tracks(plan)]
    return [*found, *metrics(plan), *_circle(plan), *payout(plan), *awards(plan)]


def _document(plan: Plan) -> Iterator[Problem]:
    yield from identities("", [plan.id])
    yield from text("name", plan.name)
    yield from text("description", plan.description, needed=False)
    if plan.currency not in EXPONENTS:
        known = ", ".join(sorted(EXPONENTS))
        yield problem("unknown_currency", "currency", plan.currency, f"use one of {known}")
    if plan.end is not None and plan.end < plan.start:
        yield problem("bad_range", "effective.to", str(plan.end), f"a day from {plan.start} on")
    yield from rates(plan)


def _weights(plan: Plan) -> Iterator[Problem]:
    total = sum((track.weight for track in plan.tracks), ZERO)
    if total != HUNDRED:
        yield problem(
            "weights", "tracks[].weight", f"{plain(total)} in all", "make the tracks' weights sum to 100"
        )
    for track in plan.tracks:
        inside = sum((metric.weight for metric in track.metrics), ZERO)
        if inside != HUNDRED:
            place = f"tracks.{track.id}.metrics[].weight"
            yield problem("weights", place, f"{plain(inside)} in all", "make the metrics' weights sum to 100")
    weights = [(f"tracks.{track.id}", track.weight) for track in plan.tracks]
    weights += [(f"tracks.{track.id}.metrics.{metric.id}", metric.weight) for track, metric in plan.metrics]
    for place, weight in weights:
        if weight < 0:
            yield problem("weights", f"{place}.weight", plain(weight), "a weight is 0 or more")


def _circle(plan: Plan) -> Iterator[Problem]:
    """The way around: each is read by the next."""
    if nodes := circle(plan):
        path = " → ".join(f"{of} {name}" for of, name in nodes)
        places = [
            f"tracks.{plan.metric_of[name][0].id}.metrics.{name}" for of, name in nodes if of == "metric"
        ]
        yield problem("circle", [*places, "tracks"][0], path, "let one of them not read the other")


class Claim(Protocol):
    """Whom a plan's version is for, and from when to when: what a plan says, or what its stored text does."""

    @property
    def id(self) -> str:
        """The plan's name."""

    @property
    def version(self) -> int:
        """Its number."""

    @property
    def start(self) -> date:
        """The first day."""

    @property
    def end(self) -> date | None:
        """The last day; None is open."""

    @property
    def whom(self) -> Whom:
        """Teams and employees; nobody named is everybody."""


def problems_among(plans: Iterable[Claim]) -> list[Problem]:
    """Plans of different names that surely hold on one day for one employee.

    A team against an employee cannot be known without the roster: scoring stops there if it happens.
    """
    known = list(plans)
    pairs = combinations(known, 2)
    return [each for one, other in pairs for each in _between(one, other, known)]


def problems_with(plan: Claim, others: Iterable[Claim]) -> list[Problem]:
    """The same between one plan and others; a stored copy of itself is none of them."""
    there = [each for each in others if (each.id, each.version) != (plan.id, plan.version)]
    return [each for other in there for each in _between(plan, other, [*there, plan])]


def _between(one: Claim, other: Claim, plans: Sequence[Claim]) -> Iterator[Problem]:
    day = _both(one, other, plans)
    if one.id != other.id and day is not None and _meet(one.whom, other.whom):
        said = f"{one.id}@{one.version} and {other.id}@{other.version} from {day} on"
        yield problem("two_plans", "effective", said, "end one of them before, or name others under for")


def _both(one: Claim, other: Claim, plans: Sequence[Claim]) -> date | None:
    """The first day on which both are in force."""
    first = max(one.start, other.start)
    lasts = [last for last in (_last(one, plans), _last(other, plans)) if last is not None]
    return first if all(first <= last for last in lasts) else None


def _last(plan: Claim, plans: Sequence[Claim]) -> date | None:
    """The last day of a version: its own, or the day before a greater one starts; None is open."""
    ends = [each.start - DAY for each in plans if each.id == plan.id and each.version > plan.version]
    return min([*ends, *([plan.end] if plan.end else [])], default=None)


def _meet(one: Whom, other: Whom) -> bool:
    everybody = not (one.teams or one.employees) or not (other.teams or other.employees)
    return everybody or bool(one.teams & other.teams) or bool(one.employees & other.employees)
