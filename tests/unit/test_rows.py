"""Keys: what is written under a name is found under it, whatever the name."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dualtrack.app import rows
from dualtrack.domain.measures import Measure, partial
from dualtrack.domain.observations import Observation, Place, Sighting
from tests.support.events import deal, employee, target
from tests.support.world import World

SEEN = Observation(
    Place("E:ann", "2017-10", "deal", "2017-10-05"), "D1", 3, "abc",
    {"amount": Decimal("1.5"), "stage": "Won"}, False, "crm", "e1",
)  # fmt: skip
NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)


def stored(*seen: Observation) -> list[Observation]:
    """Observations as they are read again."""
    return rows.facts(rows.fact_items(seen))


@given(NAMES, NAMES, NAMES, NAMES)
def test_an_observation_is_read_as_it_was_written(
    entity: str, measure: str, subject: str, label: str
) -> None:
    place = SEEN.place._replace(measure=measure, subject=f"E:{subject}")
    seen = replace(SEEN, place=place, entity=entity, values={"amount": Decimal("1.50"), "stage": label})
    assert stored(seen) == [replace(seen, values={"amount": Decimal("1.5"), "stage": label})]


@given(NAMES, NAMES)
def test_an_observation_stands_in_its_cell_s_range(entity: str, measure: str) -> None:
    seen = replace(SEEN, entity=entity, place=SEEN.place._replace(measure=measure))
    [item] = rows.fact_items([seen])
    low, high = rows.facts_of(measure, rows.cell(seen.place.day, entity))
    assert low <= item["sk"] <= high
    assert rows.FACTS[0] <= item["sk"] <= rows.FACTS[1]
    assert rows.changed_cell(item["sk"]) == (measure, rows.cell(seen.place.day, entity))


def test_facts_of_one_day_that_come_together_share_rows() -> None:
    seen = [replace(SEEN, entity=f"D{n}") for n in range(100)]
    items = rows.fact_items(seen)
    assert len(items) == rows.BUCKETS
    assert sorted(o.entity for o in rows.facts(items)) == sorted(o.entity for o in seen)


def test_the_same_facts_are_the_same_row_in_any_order_and_number() -> None:
    first, second = SEEN, replace(SEEN, version=4)
    assert rows.fact_items([first, second]) == rows.fact_items([second, first, second])


@given(
    NAMES,
    st.integers(0, 10**19),
    st.integers(0, 16**12),
    st.sets(st.builds(Place, NAMES, NAMES, NAMES, NAMES), max_size=3),
)
def test_a_sighting_is_read_as_it_was_written(
    digest: str, version: int, rank: int, places: set[Place]
) -> None:
    sighting = Sighting(version, digest, frozenset(places), rank)
    assert rows.decode_sighting(rows.encode_sighting(sighting)) == sighting


def test_a_tombstone_has_no_values() -> None:
    [row] = stored(replace(SEEN, values={}, retracted=True))
    assert row.retracted
    assert row.values == {}


def test_versions_and_contents_never_share_a_row() -> None:
    items = [
        rows.fact_items([replace(SEEN, version=v, digest=d)])[0] for v in (9, 10, 100) for d in ("a", "b")
    ]
    assert len({item["sk"] for item in items}) == 6


@pytest.mark.parametrize("name", ["~", "~x", "客户", "a#b", "a/b", "100%", "%7E", "x" * 256])
def test_a_deal_counts_whatever_it_is_called(name: str) -> None:
    world = World()
    world.take(employee("ann"), target("revenue", "900"), target("volume", "1"), deal(name, "ann"))
    assert world.card("ann", "2017-10")["points"]["revenue"] == "100"


def test_a_key_fits_into_the_table() -> None:
    """A sort key has at most 1 024 bytes."""
    world = World()
    longest = world.mapper(world.now)(deal("客" * 77, "ann"), datetime(2018, 1, 1, tzinfo=UTC), world.zone)
    for item in rows.fact_items(longest.observations()):
        assert len(item["sk"]) < 800


def test_partials_of_a_cell_keep_every_digit() -> None:
    amount = Measure("amount", "deal", "sum", "amount")
    assert partial(amount, [SEEN]) == ("1.5",)
