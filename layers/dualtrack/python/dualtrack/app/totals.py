"""Totals: the partials of a measure's days, and where they stand.

A day's totals stand in a row of their own (``M#<measure>#<day>``), or in the scorecard's row while it has
room: the days that were touched last, so that the next event of such a day writes one row instead of two.
Where both hold a day, the scorecard's row is right: a day leaves it only after its own row is written.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from dualtrack.app import rows
from dualtrack.app.ports import Item, Put, Table
from dualtrack.app.valuation import reader
from dualtrack.domain.fold import fold
from dualtrack.domain.measures import RATIO, Measure, Partial, fingerprint, merge
from dualtrack.domain.plan import TARGET, Plan

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


class Definitions:
    """What the totals of a month are folded by: the measures of all plans that hold in it, each but once.

    Measures that fold alike are one, whatever their names and windows and whichever plans they are from.
    """

    def __init__(self, plans: Sequence[Plan]) -> None:
        self.plans = plans
        self._observed: dict[str, list[Measure]] = {}
        self._prints: dict[str, str] = {}
        self._places: dict[tuple[str, str], list[tuple[Measure, int]] | None] = {}

    def observed(self, name: str) -> list[Measure]:
        """How observations of a name are folded, in an order of its own."""
        if name not in self._observed:
            found = {_said(measure): measure for plan in self.plans for measure in plan.observed(name)}
            self._observed[name] = [_nameless(found[said]) for said in sorted(found)]
        return self._observed[name]

    def print(self, name: str) -> str:
        """The fingerprint of how a name is folded."""
        if name not in self._prints:
            self._prints[name] = fingerprint(self.observed(name))
        return self._prints[name]

    def places(self, plan: Plan, name: str) -> list[tuple[Measure, int]] | None:
        """A plan's own measures of a name, each with its place among ours; None if one is not among them."""
        key = (plan.ref, name)
        if key not in self._places:
            ours = [_said(measure) for measure in self.observed(name)]
            theirs = plan.observed(name)
            known = all(_said(measure) in ours for measure in theirs)
            self._places[key] = [(m, ours.index(_said(m))) for m in theirs] if known else None
        return self._places[key]

    def serve(self, plan: Plan) -> bool:
        """Whether everything that a plan measures is among them."""
        names = {measure.observed for measure in plan.measures if measure.kind != RATIO}
        names |= {TARGET + metric.id for _, metric in plan.metrics}
        return plan in self.plans or all(self.places(plan, name) is not None for name in names)


def _nameless(measure: Measure) -> Measure:
    when = dict(sorted(measure.when.items()))
    return Measure("", measure.observed, measure.kind, measure.value, measure.weight, when, each=measure.each)


def _said(measure: Measure) -> str:
    return repr(_nameless(measure))


def revision(rows_of: Mapping[str, Item]) -> int:
    """The revision of the scorecard among the rows of a partition; 0 without one."""
    return int(rows_of["S"]["r"]) if "S" in rows_of else 0


def newer(rows_of: Mapping[str, Item]) -> bool:
    """Whether totals may be newer than the scorecard: written by a fold of its revision or of a later one."""
    rev = revision(rows_of)
    return any(int(item["s"]) >= rev > 0 for sk, item in rows_of.items() if sk.startswith("M#"))


def stale(found: Mapping[str, Totals], known: Definitions) -> bool:
    """Whether totals of anything that is measured now were folded under other definitions."""
    prints = {(rows.totals_measure(sk), each.print) for sk, each in found.items()}
    return any(known.observed(name) and known.print(name) != print_ for name, print_ in prints)


def partials(
    found: Mapping[str, Totals], known: Definitions, plan: Plan, first: date, last: date
) -> dict[str, Partial] | None:
    """Cells of some days merged, by the plan's measures; None if other definitions than ours folded them."""
    parts: dict[str, list[Partial]] = defaultdict(list)
    measures: dict[str, Measure] = {}
    for sk in sorted(found):
        name = rows.totals_measure(sk)
        places = known.places(plan, name) or []
        if not places or not str(first) <= rows.day_of_totals(sk) <= str(last):
            continue
        if found[sk].print != known.print(name):
            return None
        for text in found[sk].content.values():
            cell = rows.decode_partials(text)
            for measure, place in places:
                measures[measure.id] = measure
                parts[measure.id] += [each for each in (cell[place],) if each is not None]
    merged = {name: merge(measures[name], each) for name, each in parts.items()}
    return {name: each for name, each in merged.items() if each is not None}


class Reader:
    """Partials from rows of totals; from facts, where a month's totals were not folded for the plan.

    ``known``: totals that were read or folded already, by subject and month.
    """

    def __init__(
        self,
        table: Table,
        define: Callable[[str], Definitions],
        known: Mapping[tuple[str, str], Mapping[str, Totals]],
    ) -> None:
        self._table, self._define, self._known = table, define, dict(known)

    def __call__(
        self, plan: Plan, subject: str, month: str, first: date, last: date
    ) -> Mapping[str, Partial]:
        """As ``trial.Read`` says."""
        definitions = self._define(month)
        if definitions.serve(plan):
            found = partials(self._totals(subject, month), definitions, plan, first, last)
            if found is not None:
                return found
        facts = self._table.query(rows.partition(subject, month), *rows.FACTS)
        return reader({(subject, month): fold(rows.facts(facts)).current})(plan, subject, month, first, last)

    def _totals(self, subject: str, month: str) -> Mapping[str, Totals]:
        """Read once; the scorecard's row first: a day leaves it only when its own row is written."""
        key = (subject, month)
        if key not in self._known:
            pk = rows.partition(subject, month)
            found = self._table.query(pk, "M#", "S" + rows.END, last_first=True)
            self._known[key] = stored({item["sk"]: item for item in found})
        return self._known[key]
