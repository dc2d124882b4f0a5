"""The source mappings as the hot path uses them: remembered, and asked for anew before a refusal."""

from __future__ import annotations

from datetime import datetime, tzinfo

from dualtrack.adapters.mapping import Data, Mappings
from dualtrack.app.documents import Library
from dualtrack.domain.errors import Refused
from dualtrack.domain.observations import Fact


class Newest:
    """The published mappings of one invocation; before an event is refused, those of this very moment."""

    def __init__(self, library: Library[Data], now: datetime) -> None:
        self._library = library
        self._mappings = Mappings(library.recent(now, 0).documents)
        self._asked = False

    def __call__(self, event: Data, now: datetime, zone: tzinfo) -> Fact:
        """The fact that an event states; refuses with every problem found."""
        try:
            return self._mappings(event, now, zone)
        except Refused:
            if self._asked:
                raise
        self._asked, self._mappings = True, Mappings(self._library.now().documents)
        return self._mappings(event, now, zone)
