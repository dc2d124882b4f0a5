"""Totals: the partials of a measure's days, and where they stand.

A day's totals stand in a row of their own (``M#<measure>#<day>``), or in the scorecard's row while it has
room: the days that were touched last, so that the next event of such a day writes one row instead of two.
Where both hold a day, the scorecard's row is right: a day leaves it only after its own row is written.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from dualtrack.app import rows
from dualtrack.app.ports import Item, Put
from dualtrack.domain.measures import Measure, Partial, fingerprint, merge
from dualtrack.domain.plan import Plan

ROOM = 900  # bytes of a scorecard's row; more would be a second write unit for every update


class Totals(NamedTuple):
    """One day of one observed measure: encoded partials by bucket, and which definitions they are of."""

    content: Mapping[str, str]
    print: str


def stored(rows_of: Mapping[str, Item]) -> dict[str, Totals]:
    """All totals of a partition by their sort key, from its rows."""
    own = {sk: Totals(item["c"], item["f"]) for sk, item in rows_of.items() if sk.startswith("M#")}
    newest = rows_of.get("S", {}).get("days", {})
    return own | {sk: Totals(each["c"], each["f"]) for sk, each in newest.items()}


def split(
    old: Mapping[str, Any], touched: Mapping[str, Totals], card: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Totals]]:
    """What the scorecard's row keeps (its attribute ``days``), and the totals that need their own rows.

    What was folded now comes first, then the latest days, as long as there is room.
    """
    inside = {sk: Totals(each["c"], each["f"]) for sk, each in old.get("days", {}).items()}
    days = inside | dict(touched)
    newest = sorted(days, key=lambda sk: (rows.day_of_totals(sk), sk), reverse=True)
    wanted = sorted(newest, key=lambda sk: sk not in touched)
    kept: dict[str, Any] = {}
    room = ROOM - len(json.dumps(card))
    for sk in wanted:
        row = {"c": dict(days[sk].content), "f": days[sk].print}
        room -= len(sk) + len(json.dumps(row))
        if room < 0:
            break
        kept[sk] = row
    return kept, {sk: days[sk] for sk in wanted if sk not in kept}


def puts(pk: str, rows_of: Mapping[str, Item], wanted: Mapping[str, Totals]) -> list[Put]:
    """Writes of rows of totals, each on the revision that was read, and also if nothing changes."""
    found = []
    for sk in sorted(wanted):
        rev = int(rows_of[sk]["r"]) if sk in rows_of else None
        each = wanted[sk]
        item = {"pk": pk, "sk": sk, "c": dict(each.content), "f": each.print, "r": (rev or 0) + 1,
                "s": revision(rows_of)}  # fmt: skip
        found.append(Put(item, "r", rev))
    return found


def revision(rows_of: Mapping[str, Item]) -> int:
    """The revision of the scorecard among the rows of a partition; 0 without one."""
    return int(rows_of["S"]["r"]) if "S" in rows_of else 0


def newer(rows_of: Mapping[str, Item]) -> bool:
    """Whether totals may be newer than the scorecard: written by a fold of its revision or of a later one."""
    rev = revision(rows_of)
    return any(int(item["s"]) >= rev > 0 for sk, item in rows_of.items() if sk.startswith("M#"))


def stale(found: Mapping[str, Totals], plan: Plan) -> bool:
    """Whether any totals of a measure that the plan has were folded under other definitions."""
    prints = {(rows.totals_measure(sk), each.print) for sk, each in found.items()}
    defined = ((plan.observed(name), print_) for name, print_ in prints)
    return any(known and fingerprint(known) != print_ for known, print_ in defined)


def month(found: Mapping[str, Totals], plan: Plan) -> dict[str, Partial]:
    """Cells merged to the month, by measure. Totals of other definitions than the plan's are not used."""
    parts: dict[str, list[Partial]] = defaultdict(list)
    definitions: dict[str, Measure] = {}
    for sk in sorted(found):
        measures = plan.observed(rows.totals_measure(sk))
        if measures and found[sk].print == fingerprint(measures):
            definitions |= {measure.id: measure for measure in measures}
            for name, each in _cells(found[sk].content, measures):
                parts[name].append(each)
    merged = {name: merge(definitions[name], each) for name, each in parts.items()}
    return {name: result for name, result in merged.items() if result is not None}


def _cells(content: Mapping[str, str], measures: Sequence[Measure]) -> Iterator[tuple[str, Partial]]:
    for bucket in sorted(content):
        for measure, each in zip(measures, rows.decode_partials(content[bucket]), strict=True):
            if each is not None:
                yield measure.id, each
