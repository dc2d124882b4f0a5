"""Score: what changed in a partition is folded again, and its scorecard with it.

The stream keeps the records of one partition in order, so one folder works on it at a time; the
revision on every derived row catches the rare second one (a poller that lost its lease). Every
fold reads strongly consistent rows and writes what they say now, so it may be repeated at will.

The totals of the days that were touched last stand in the scorecard's own row, as many as its first
kilobyte has room for (``totals.py``): an event of today costs one write here and not two.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dualtrack.app import carried, conflicts, roster, rows, runs, telling, totals, watermark
from dualtrack.app.carried import Carried
from dualtrack.app.documents import Published
from dualtrack.app.ports import Item, Objects, Put, Table
from dualtrack.app.telling import Change, begun
from dualtrack.app.totals import Definitions, Totals
from dualtrack.app.valuation import Read, Valued, in_force, paid, value
from dualtrack.domain.fold import fold
from dualtrack.domain.measures import Measure, Partial, partial
from dualtrack.domain.numbers import plain
from dualtrack.domain.observations import Observation
from dualtrack.domain.payouts import ADJUSTMENT
from dualtrack.domain.periods import TIMELESS
from dualtrack.domain.plan import Plan

__all__ = ["Change", "Contended", "Scoring", "card", "grouped"]
ATTEMPTS = 5
MANY_CELLS = 3  # of a day's five: from here on one long read costs fewer calls, and hardly more units
NEWEST = 2**53  # a revision that nobody has: ask


class Contended(Exception):
    """Somebody else folded this partition at the same time, again and again: try later."""


@dataclass(frozen=True, slots=True)
class Scoring:
    """The use case with what it needs."""

    table: Table
    intake: Objects
    plans: Callable[[datetime, int], Published[Plan]]  # as of now, at least of that revision
    found: Counter[str] = field(default_factory=Counter)  # new conflicts, for the caller to report and clear
    known: dict[str, Definitions] = field(default_factory=dict)  # by month, as long as nothing is published

    def partition(self, pk: str, changes: Iterable[Change], now: datetime) -> Valued | None:
        """Bring one partition up to date with its observations."""
        changes = list(changes)
        if pk.startswith(watermark.PREFIX):
            watermark.echo(self.table, pk)
            return None
        subject, period = rows.parse_partition(pk)
        if period == TIMELESS:
            self._fan_out(subject, changes)
            return None
        for _ in range(ATTEMPTS):
            valued, puts = self._folded(subject, period, changes, now)
            if all(self.table.put_if(put) for put in puts):
                telling.members(self.table, subject, period, changes)
                telling.later(self.table, subject, period, changes, self.plans(now, 0).documents, now)
                return valued
        raise Contended(pk)

    def _folded(
        self, subject: str, period: str, changes: Sequence[Change], now: datetime
    ) -> tuple[Valued | None, list[Put]]:
        pk = rows.partition(subject, period)
        stored = self._rows(pk)
        published = self.plans(now, _needed(stored))
        plan = self._definitions(published.documents, period)
        if not plan.plans:
            return None, []
        before = totals.stored(stored)
        touched = self._totals(pk, before, plan, changes)
        if subject.startswith("T:") or not ("S" in stored or begun(period, now)):
            return None, totals.puts(pk, stored, touched)
        here = self._reader(published.documents, {(subject, period): before | touched})
        read = Carried(here, period, stored.get(carried.SK), any(carried.anew(c.sk) for c in changes))
        valued = self._value(subject[2:], period, published.documents, read)
        if valued is None:
            self._mark_if_paid(subject[2:], period, stored)
        else:
            self._mark_if_restated(valued, period, stored)
        if valued is None and "S" not in stored:
            return None, totals.puts(pk, stored, touched)
        shown = card(valued) if valued else _nobody(plan.plans[-1].ref, period)
        return valued, [*read.puts(pk), *_puts(pk, stored, touched, shown, published.rev, now)]

    def _definitions(self, plans: Sequence[Plan], period: str) -> Definitions:
        """How totals of a month are folded; worked out once for what is published."""
        held = in_force(plans, period)
        if period not in self.known or list(map(id, self.known[period].plans)) != list(map(id, held)):
            self.known[period] = Definitions(held)
        return self.known[period]

    def _rows(self, pk: str) -> dict[str, Item]:
        """Totals and scorecard as they stood at one revision of the scorecard.

        A query is no snapshot, and a fold writes totals first and the scorecard last. So the scorecard's row
        is read first; totals that are older than it are right. Totals of its own revision or a later one are
        those of a fold that has not come to its end: it is kept from it, and all is read again.
        """
        for _ in range(ATTEMPTS):
            found = {item["sk"]: item for item in self.table.query(pk, "M#", "S" + rows.END, last_first=True)}
            if not totals.newer(found):
                return found
            card = found["S"]
            self.table.put_if(Put(card | {"r": int(card["r"]) + 1}, "r", card["r"]))
        raise Contended(pk)

    def _totals(
        self, pk: str, before: Mapping[str, Totals], plan: Definitions, changes: Sequence[Change]
    ) -> dict[str, Totals]:
        """The totals of the days that the changed cells belong to; of every day when definitions changed."""
        cells = {rows.changed_cell(change.sk) for change in changes if change.sk.startswith("F#")}
        anew = any(change.sk in (rows.PLAN_CHANGED, rows.REFOLD) for change in changes)
        if not anew and not totals.stale(before, plan):
            return self._days(pk, before, plan, cells)
        cells = {rows.changed_cell(item["sk"]) for item in self.table.query(pk, *rows.FACTS)}
        # From nothing: also totals that no fact stands behind are gone then.
        known = (sk for sk in before if plan.observed(rows.totals_measure(sk)))
        return {sk: Totals({}, before[sk].print) for sk in known} | self._days(pk, {}, plan, cells)

    def _days(
        self, pk: str, before: Mapping[str, Totals], plan: Definitions, cells: Iterable[tuple[str, str]]
    ) -> dict[str, Totals]:
        days: dict[tuple[str, str], set[str]] = defaultdict(set)
        for measure, cell in cells:
            if plan.observed(measure):
                days[measure, rows.totals_key(measure, cell)].add(cell)
        return {sk: self._day(pk, m, ids, before.get(sk), plan) for (m, sk), ids in sorted(days.items())}

    def _day(self, pk: str, measure: str, cells: set[str], old: Totals | None, plan: Definitions) -> Totals:
        definitions, print_ = plan.observed(measure), plan.print(measure)
        content = dict(old.content) if old and old.print == print_ else {}
        observed = self._observed(pk, measure, cells)
        for cell in sorted(cells):
            content[rows.bucket_of(cell)] = rows.encode_partials(self._cell(observed[cell], definitions))
        return Totals({bucket: text for bucket, text in content.items() if text}, print_)

    def _observed(self, pk: str, measure: str, cells: set[str]) -> Mapping[str, Sequence[Observation]]:
        """The observations of a day's cells: one read each, or one of the day when they are many."""
        spans = [(cell, cell) for cell in sorted(cells)]
        if len(cells) >= MANY_CELLS:
            spans = [(min(cells), max(cells))]
        found: dict[str, list[Observation]] = defaultdict(list)
        for first, last in spans:
            low, high = rows.facts_of(measure, first)[0], rows.facts_of(measure, last)[1]
            for item in self.table.query(pk, low, high):
                found[rows.changed_cell(item["sk"])[1]] += rows.facts([item])
        return found

    def _cell(self, found: Iterable[Observation], definitions: Iterable[Measure]) -> Sequence[Partial | None]:
        """One cell folded from its observations; contradictions go to quarantine."""
        folded = fold(found)
        for contested in folded.conflicts:
            self._contradiction(contested)
        return [partial(measure, folded.current) for measure in definitions]

    def _contradiction(self, conflict: Sequence[Observation]) -> None:
        """Reported where a statement wants to count; where it only overrules, nobody has to look."""
        if not all(row.retracted for row in conflict):
            self.found["conflicts"] += conflicts.report(self.table, self.intake, conflict)

    def _reader(
        self, plans: Sequence[Plan], known: Mapping[tuple[str, str], Mapping[str, Totals]]
    ) -> totals.Reader:
        return totals.Reader(self.table, lambda month: self._definitions(plans, month), known)

    def _value(self, employee: str, period: str, plans: Sequence[Plan], read: Read) -> Valued | None:
        history = roster.person(self.table, employee).history
        return value(history, plans, period, read) if history else None

    def _mark_if_paid(self, employee: str, period: str, stored: Mapping[str, Item]) -> None:
        """Paid, and the terms of now do not cover it: the next run lists the employee as held."""
        if any(sk.startswith("P#") for sk in stored):
            self.table.put_many([rows.mark_item(employee, period)])

    def _mark_if_restated(self, valued: Valued, period: str, stored: Mapping[str, Item]) -> None:
        """A settled period whose score has moved is looked at again by the next run."""
        lines = [item for item in stored.values() if item["sk"].startswith("P#")]
        mark = rows.mark_item(valued.employee, period)
        other = any(line["currency"] != valued.currency for line in lines)
        if lines and (other or paid(lines) != valued.due):
            self.table.put_many([mark])
        elif any(line["kind"] == ADJUSTMENT for line in lines):
            self.table.delete(mark["pk"], mark["sk"])

    def _fan_out(self, subject: str, changes: Iterable[Change]) -> None:
        """Terms changed: every period that knows this employee is folded again.

        A closed period in which the employee has no line yet is marked for the next run: whoever joins
        the roster late has nothing there that a fold could compare with. That is so from the moment
        at which a run has listed its employees, long before it is published.
        """
        changes = [change for change in changes if not change.sk.startswith("P#")]
        if not changes:
            return  # what is owed says nothing about a scorecard
        employee, cause = subject[2:], telling.cause(changes)
        known = roster.person(self.table, employee)
        for conflict in known.conflicts:
            self._contradiction(conflict)
        listed = {m for run in runs.every(self.table) if run.state != "OPEN" for m in run.months}
        covered = [p for p in sorted(listed) if known.history is not None and known.history.covers(p)]
        self.table.put_many([rows.mark_item(employee, p) for p in covered if not self._has_line(employee, p)])
        roster.rescore(self.table, [employee], roster.periods(self.table), "employment", cause)

    def _has_line(self, employee: str, period: str) -> bool:
        pk = rows.partition(rows.employee_subject(employee), period)
        return bool(self.table.query(pk, "P#", "P#" + rows.END))


def _needed(stored: Mapping[str, Item]) -> int:
    """The revision of the plans that a fold has to know of; the first fold of all asks anew.

    A process that has not heard of a new plan would else put the old one's numbers over the new one's.
    """
    known = [int(item["rev"]) for sk, item in stored.items() if sk.startswith("R#") or sk == "S"]
    return max(known) if "S" in stored else NEWEST


def card(valued: Valued) -> dict[str, Any]:
    """What the scorecard's row shows live. Its reasons are worked out when somebody asks."""
    scored, plan = valued.card, valued.parts[-1].part.plan
    awards = {award.id: award.qualifies for award in scored.awards}
    return {
        "plan": scored.plan,
        "total": plain(round(scored.total, 10)),
        "tracks": {t.id: plain(round(t.score, 10)) for t in scored.tracks},
        "points": {m.id: plain(round(m.points, 6)) for m in scored.metrics if m.state != "excluded"},
        "holds": list(valued.holds),
        "payout": valued.due,
    } | _more(awards, "" if valued.currency == plan.currency else valued.currency)


def _more(awards: Mapping[str, bool], currency: str) -> dict[str, Any]:
    """What few rows have: awards, and a currency that is not the plan's."""
    found = {"awards": awards, "currency": currency}
    return {name: each for name, each in found.items() if each}


def _nobody(plan: str, period: str) -> dict[str, Any]:
    """A scorecard that was there before the terms said that the employee was not."""
    why = f"employment: no terms with a plan cover {period}"
    return {"plan": plan, "total": "0", "tracks": {}, "points": {}, "holds": [why], "payout": None}


def _puts(
    pk: str, stored: Mapping[str, Item], touched: Mapping[str, Totals], shown: Mapping[str, Any], plans: int,
    now: datetime,
) -> list[Put]:  # fmt: skip
    """Rows of totals that have to leave the scorecard's row, then that row with the days it keeps.

    Also what has not changed is written: a slower fold that has read less would else find the revision
    that it knows, and put its older numbers over these.
    """
    old = stored.get("S", {})
    kept, left = totals.split(old, touched, shown)
    rev = old.get("r")
    stamp = now.isoformat(timespec="milliseconds")
    item = {"pk": pk, "sk": "S", "r": int(rev or 0) + 1, "at": stamp, "rev": plans, **shown, "days": kept}
    return [*totals.puts(pk, stored, left), Put(item, "r", rev)]


def grouped(changes: Iterable[Change]) -> dict[str, list[Change]]:
    """Changes by partition, each in the stream's order."""
    found: dict[str, list[Change]] = defaultdict(list)
    for change in changes:
        found[change.pk].append(change)
    return found
