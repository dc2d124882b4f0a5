"""Carried: what a scorecard takes from other months, kept beside it: an event of today reads one month.

Row ``O`` of a partition holds the partials of other months that its last fold has asked for. Whatever changes
another month asks for a fold of this one (``R#window``), and that fold reads them anew.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date

from dualtrack.app import rows
from dualtrack.app.parts import accumulates
from dualtrack.app.ports import Item, Put
from dualtrack.app.trial import Read
from dualtrack.domain.measures import Partial
from dualtrack.domain.periods import first_day, last_day
from dualtrack.domain.plan import TARGET, Plan

SK = "O"
Key = tuple[str, str, str]  # plan, subject, month


class Carried:
    """A ``Read`` that takes whole other months from the row, as long as it has them.

    ``anew``: trust nothing that the row holds.
    """

    def __init__(self, read: Read, period: str, item: Item | None, anew: bool) -> None:
        self._read, self._period, self._item = read, period, item
        self._known = {} if anew else _decoded(item)
        self._asked: dict[Key, Mapping[str, Partial]] = {}
        self._changed = anew and item is not None

    def __call__(
        self, plan: Plan, subject: str, month: str, first: date, last: date
    ) -> Mapping[str, Partial]:
        if month == self._period or (first, last) != (first_day(month), last_day(month)):
            return self._read(plan, subject, month, first, last)
        key = (plan.ref, subject, month)
        if key not in self._known:
            found = self._read(plan, subject, month, first, last)
            self._known[key] = {name: each for name, each in found.items() if _reaches(plan, name)}
            self._changed = True
        self._asked[key] = self._known[key]
        return self._known[key]

    def puts(self, pk: str) -> list[Put]:
        """The row with all that was asked for, if any of it was read anew; on the revision that was there."""
        if not self._changed:
            return []
        rev = int(self._item["r"]) if self._item else None
        said = [[*key, self._asked[key]] for key in sorted(self._asked)]
        text = json.dumps(said, separators=(",", ":"), ensure_ascii=False)
        return [Put({"pk": pk, "sk": SK, "o": text, "r": (rev or 0) + 1}, "r", rev)]


def _decoded(item: Item | None) -> dict[Key, Mapping[str, Partial]]:
    return {
        (plan, subject, month): {name: tuple(each) for name, each in found.items()}
        for plan, subject, month, found in (json.loads(item["o"]) if item else ())
    }


def _reaches(plan: Plan, name: str) -> bool:
    """Whether a plan looks at a measure in other months; at all of them if it adds up what it pays for."""
    measure = plan.measure_of.get(name)
    everything = bool(plan.payout.limits) or bool(accumulates(plan)) or name.startswith(TARGET)
    return everything or (measure is not None and measure.window != "month")


def anew(sk: str) -> bool:
    """Whether a change says that other months have to be read again."""
    return sk in (rows.WINDOW, rows.REFOLD)
