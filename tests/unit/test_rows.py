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


@given(NAMES, NAMES, NAMES)
def test_an_observation_is_read_as_it_was_written(entity: str, measure: str, subject: str) -> None:
    place = replace(SEEN, place=SEEN.place._replace(measure=measure, subject=f"E:{subject}"), entity=entity)
    assert rows.observation(rows.observation_item(place)) == place


@given(NAMES, NAMES)
def test_an_observation_stands_in_its_cell_s_range(entity: str, measure: str) -> None:
    seen = replace(SEEN, entity=entity, place=SEEN.place._replace(measure=measure))
    _, sk = rows.observation_key(seen)
    low, high = rows.observations_of(measure, rows.cell(seen.place.day, entity))
    assert low <= sk <= high
    assert "O#" <= sk <= "O#" + rows.END
    assert rows.changed_cell(sk) == (measure, rows.cell(seen.place.day, entity))


@given(NAMES, st.integers(0, 10**19), st.sets(st.builds(Place, NAMES, NAMES, NAMES, NAMES), max_size=3))
def test_a_sighting_is_read_as_it_was_written(digest: str, version: int, places: set[Place]) -> None:
    sighting = Sighting(version, digest, frozenset(places))
    assert rows.decode_sighting(rows.encode_sighting(sighting)) == sighting


def test_a_tombstone_has_no_values() -> None:
    item = rows.observation_item(replace(SEEN, values={}, retracted=True))
    assert "v" not in item
    assert rows.observation(item).retracted


def test_versions_and_contents_never_share_a_key() -> None:
    keys = {
        rows.observation_key(replace(SEEN, version=v, digest=d)) for v in (9, 10, 100) for d in ("a", "b")
    }
    assert len(keys) == 6


@pytest.mark.parametrize("name", ["~", "~x", "客户", "a#b", "a/b", "100%", "%7E", "x" * 256])
def test_a_deal_counts_whatever_it_is_called(name: str) -> None:
    world = World()
    world.take(employee("ann"), target("revenue", "900"), target("volume", "1"), deal(name, "ann"))
    assert world.card("ann", "2017-10")["points"]["revenue"] == "100"


def test_a_key_fits_into_the_table() -> None:
    """A sort key has at most 1 024 bytes."""
    world = World()
    longest = world.mapper()(deal("客" * 77, "ann"), datetime(2018, 1, 1, tzinfo=UTC), world.zone)
    for row in longest.observations():
        assert len(rows.observation_key(row)[1]) < 800


def test_partials_of_a_cell_keep_every_digit() -> None:
    amount = Measure("amount", "deal", "sum", "amount")
    assert partial(amount, [SEEN]) == ("1.5",)
