"""Mappings and plans are remembered for half a minute, and asked for where it matters."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dualtrack.adapters.mapping import parse
from dualtrack.adapters.memory import MemoryTable
from dualtrack.adapters.newest import Newest
from dualtrack.app.documents import Library, publish
from dualtrack.app.ports import Item
from dualtrack.domain.errors import Refused
from tests.support.events import deal, event
from tests.support.world import stored_mapping


def test_a_source_published_a_moment_ago_is_known_before_anything_of_it_is_refused() -> None:
    table, now = MemoryTable(), datetime(2018, 1, 1, tzinfo=UTC)
    library = Library(table, "source", parse)
    Newest(library, now)  # a warm process that has seen none
    publish(table, "source", "crm", 1, stored_mapping("crm"))
    assert Newest(library, now)(deal("D1", "ann"), now, UTC).entity == "D1"


def test_mappings_are_asked_for_once_in_thirty_seconds_and_once_before_refusals() -> None:
    asked: list[str] = []

    class Counting(MemoryTable):
        def get(self, pk: str, sk: str) -> Item | None:
            asked.append(pk)
            return super().get(pk, sk)

    table, now = Counting(), datetime(2018, 1, 1, tzinfo=UTC)
    publish(table, "source", "crm", 1, stored_mapping("crm"))
    library = Library(table, "source", parse)
    for seconds, reads in ((0, 1), (29, 0), (30, 1), (20, 1)):  # the last one: a clock that went back
        asked.clear()
        Newest(library, now + timedelta(seconds=seconds))(deal("D1", "ann"), now, UTC)
        assert len(asked) == reads, seconds
    asked.clear()
    newest = Newest(library, now + timedelta(seconds=21))
    for _ in range(3):
        with pytest.raises(Refused):
            newest(event("erp.nothing", {}), now, UTC)
    assert len(asked) == 1
