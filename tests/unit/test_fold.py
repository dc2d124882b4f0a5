"""Facts, tombstones and the fold: what counts, where, and what contradicts."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

import pytest

from dualtrack.domain.fold import fold
from dualtrack.domain.observations import Fact, Observation, Place, tombstones, winners

A = Place("E:ann", "2017-10", "deal", "2017-10-05")
B = Place("E:bob", "2017-11", "deal", "2017-11-05")


def fact(version: int, *places: Place, amount: int = 1) -> Fact:
    """A version of deal D1 at these places."""
    parts = tuple((place, {"amount": Decimal(amount)}) for place in places)
    return Fact("deal", "D1", version, True, "crm", f"e{version}", parts)


def written(facts: Iterable[Fact]) -> list[Observation]:
    """All rows that the facts leave, each writer knowing those before it."""
    seen, left = set(), []
    for each in facts:
        seen.add(each.sighting())
        left += [*each.observations(), *tombstones(each, seen)]
    return left


def counted(facts: Iterable[Fact]) -> list[tuple[str, int]]:
    """Who has which version in the end."""
    return [(row.place.subject, row.version) for row in fold(written(facts)).current]


MOVED = {
    "a newer version at the same place": ([fact(1, A), fact(2, A)], [("E:ann", 2)]),
    "an older version comes late": ([fact(2, A), fact(1, A)], [("E:ann", 2)]),
    "moved": ([fact(1, A), fact(2, B)], [("E:bob", 2)]),
    "moved, and the old version comes late": ([fact(2, B), fact(1, A)], [("E:bob", 2)]),
    "there and back": ([fact(1, A), fact(2, B), fact(3, A)], [("E:ann", 3)]),
    "there and back, backwards": ([fact(3, A), fact(2, B), fact(1, A)], [("E:ann", 3)]),
    "split": ([fact(1, A), fact(2, A, B)], [("E:ann", 2), ("E:bob", 2)]),
    "no longer split": ([fact(1, A, B), fact(2, B)], [("E:bob", 2)]),
    "deleted": ([fact(1, A, B), fact(2)], []),
    "deleted before it was there": ([fact(2), fact(1, A)], []),
    "back after a deletion": ([fact(1, A), fact(2), fact(3, B)], [("E:bob", 3)]),
    "twice the same": ([fact(1, A), fact(1, A)], [("E:ann", 1)]),
    "contradicting itself": ([fact(1, A), fact(1, A, amount=2)], []),
    "contradicting itself after a version that does not": (
        [fact(1, A), fact(2, A), fact(2, A, amount=2)], [("E:ann", 1)],
    ),
    "contradicting itself at two places": ([fact(1, A), fact(2, A), fact(2, B)], [("E:ann", 1)]),
    "contradicting a deletion": ([fact(1, A), fact(2), fact(2, B)], [("E:ann", 1)]),
    "settled by a greater version": ([fact(2, A), fact(2, B), fact(3, B)], [("E:bob", 3)]),
}  # fmt: skip


@pytest.mark.parametrize("name", MOVED)
def test_a_fact_counts_where_its_greatest_uncontested_version_is(name: str) -> None:
    facts, expected = MOVED[name]
    assert counted(facts) == expected


def test_a_contradiction_is_given_back_with_both_contents() -> None:
    [conflict] = fold(written([fact(1, A), fact(1, A, amount=2)])).conflicts
    assert [row.version for row in conflict] == [1, 1]
    assert len({row.digest for row in conflict}) == 2


def test_no_contradiction_is_reported_below_what_counts() -> None:
    assert fold(written([fact(1, A), fact(1, A, amount=2), fact(2, A)])).conflicts == ()


def test_who_sent_it_is_no_part_of_what_it_says() -> None:
    first = fact(1, A)
    again = Fact("deal", "D1", 1, True, "crm", "another event", first.parts)
    assert first.digest == again.digest


@pytest.mark.parametrize(("left", "right"), [("1", "1.0"), ("100", "1E+2"), ("0", "-0")])
def test_one_number_has_one_digest(left: str, right: str) -> None:
    digests = {
        Fact("k", "e", 1, True, "s", "i", ((A, {"amount": Decimal(n)}),)).digest for n in (left, right)
    }
    assert len(digests) == 1


def test_a_number_and_the_same_text_differ() -> None:
    digests = {Fact("k", "e", 1, True, "s", "i", ((A, {"x": value}),)).digest for value in (Decimal(1), "1")}
    assert len(digests) == 2


def test_the_greatest_version_wins_alone_or_contested() -> None:
    one, other, newer = fact(1, A).sighting(), fact(1, B).sighting(), fact(2, B).sighting()
    assert winners([one, other]) == {one, other}
    assert winners([one, newer]) == {newer}


def test_an_entity_is_named_within_its_source_and_kind() -> None:
    deal = fact(1, A, amount=100)
    ticket = Fact("ticket", "D1", 2, True, "crm", "t1", ((B, {"amount": Decimal(10)}),))
    other = Fact("deal", "D1", 2, True, "erp", "x1", ((A, {"amount": Decimal(30)}),))
    left = [*written([deal]), *written([ticket]), *written([other])]
    left += tombstones(
        ticket, {ticket.sighting(), ticket.sighting()._replace(places=frozenset({A}), version=1)}
    )
    assert [(row.source, row.kind, row.version) for row in fold(left).current] == [
        ("crm", "deal", 1), ("erp", "deal", 2), ("crm", "ticket", 2),
    ]  # fmt: skip
    assert not fold(left).conflicts
