"""Random histories of facts that move, and the plain model of what they come to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from dualtrack.domain.observations import Fact, Place, Value
from tests.support.events import employee, event, target
from tests.support.world import World

PEOPLE = ("ann", "bob", "cid")
PERIODS = ("2017-10", "2017-11")


@dataclass(frozen=True)
class Version:
    """One version of a deal: who has which part of it on which day; no parts is a deletion."""

    entity: str
    number: int
    parts: tuple[tuple[str, date, int], ...]

    def event(self) -> dict[str, Any]:
        """The event that states it."""
        parts = [[who, day.isoformat(), amount] for who, day, amount in self.parts]
        return event("split.deal", {"entity": self.entity, "version": self.number, "parts": parts})


class Splits:
    """A mapper that knows deals split between people; everything else it leaves to the shipped one."""

    def __init__(self, world: World) -> None:
        self._world = world

    def __call__(self, stated: Mapping[str, Any], now: datetime, zone: tzinfo) -> Fact:
        """The fact of an event."""
        if stated["source"] != "split":
            return self._world.mapper(now)(stated, now, zone)
        data = stated["data"]
        parts: tuple[tuple[Place, dict[str, Value]], ...] = tuple(
            (Place(f"E:{who}", day[:7], "deal", day), {"amount": Decimal(amount), "stage": "Won"})
            for who, day, amount in data["parts"]
        )
        return Fact("deal", data["entity"], data["version"], True, "split", stated["id"], parts)


def furnished() -> World:
    """A tenant with three people and targets, and a mapper that knows splits."""
    world = World()
    world.measuring.mapper = lambda now: Splits(world)
    targets = [target(m, "100", p) for m in ("revenue", "volume") for p in PERIODS]
    world.take(*(employee(name) for name in PEOPLE), *targets)
    return world


days = st.dates(date(2017, 10, 1), date(2017, 11, 30))
amounts = st.integers(1, 500)


@st.composite
def versions(draw: st.DrawFn) -> Version:
    """One version of one of two deals, shared by up to three people."""
    who = draw(st.lists(st.sampled_from(PEOPLE), max_size=3, unique=True))
    parts = tuple((name, draw(days), draw(amounts)) for name in who)
    return Version(draw(st.sampled_from("AB")), draw(st.integers(1, 4)), parts)


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[list[Version], list[list[Version]]]:
    """A history, and messages that deliver all of it in some order, some of it twice."""
    history = draw(st.lists(versions(), min_size=1, max_size=7))
    order = draw(st.permutations([*history, *draw(st.lists(st.sampled_from(history), max_size=4))]))
    messages: list[list[Version]] = [[]]
    for each in order:
        cut: bool = draw(st.booleans())
        if messages[-1] and cut:
            messages.append([])
        messages[-1].append(each)
    return history, messages


def contents(history: Iterable[Version]) -> dict[str, dict[int, set[Any]]]:
    """By entity and version, every content that was stated."""
    said: dict[str, dict[int, set[Any]]] = defaultdict(lambda: defaultdict(set))
    for each in history:
        said[each.entity][each.number].add(frozenset(each.parts))
    return said


def due(history: Iterable[Version]) -> dict[tuple[str, str], tuple[int, int]]:
    """The model: by person and period, sum and count of each deal's greatest uncontested version."""
    found: dict[tuple[str, str], tuple[int, int]] = {}
    for numbers in contents(history).values():
        settled = [number for number, said in numbers.items() if len(said) == 1]
        for who, day, amount in next(iter(numbers[max(settled)])) if settled else ():
            total, count = found.get((who, f"{day:%Y-%m}"), (0, 0))
            found[who, f"{day:%Y-%m}"] = total + amount, count + 1
    return found


def contested(history: Iterable[Version]) -> set[tuple[str, int]]:
    """The versions that contradict themselves and are greater than what counts."""
    found = set()
    for entity, numbers in contents(history).items():
        settled = max((number for number, said in numbers.items() if len(said) == 1), default=0)
        found |= {(entity, n) for n, said in numbers.items() if len(said) > 1 and n > settled}
    return found
