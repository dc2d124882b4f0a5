"""Score: what changed in a partition is folded again, and its scorecard with it.

The stream keeps the records of one partition in order, so one folder works on it at a time; the
revision on every derived row catches the rare second one (a poller that lost its lease). Every
fold reads strongly consistent rows and writes what they say now, so it may be repeated at will.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from dualtrack.app import quarantine, roster, rows, runs
from dualtrack.app.ports import Item, Objects, Put, Table
from dualtrack.app.valuation import Valued, paid, plan_for, value
from dualtrack.domain.errors import problem
from dualtrack.domain.fold import fold
from dualtrack.domain.measures import Measure, Partial, fingerprint, merge, partial
from dualtrack.domain.numbers import plain
from dualtrack.domain.observations import Observation
from dualtrack.domain.payouts import ADJUSTMENT
from dualtrack.domain.periods import TIMELESS
from dualtrack.domain.plan import Plan

ATTEMPTS = 5
MANY_CELLS = 3  # of a day's eight: from here on one long read costs fewer calls, and hardly more units


class Contended(Exception):
    """Somebody else folded this partition at the same time, again and again: try later."""


@dataclass(frozen=True, slots=True)
class Change:
    """One record of the stream: the key of a row that was written."""

    pk: str
    sk: str


@dataclass(frozen=True, slots=True)
class Scoring:
    """The use case with what it needs."""

    table: Table
    intake: Objects
    plans: Callable[[], Sequence[Plan]]
    found: Counter[str] = field(default_factory=Counter)  # new conflicts, for the caller to report and clear

    def partition(self, pk: str, changes: Iterable[Change], now: datetime) -> Valued | None:
        """Bring one partition up to date with its observations."""
        changes = list(changes)
        subject, period = rows.parse_partition(pk)
        if period == TIMELESS:
            self._fan_out(subject, changes)
            return None
        for _ in range(ATTEMPTS):
            valued, puts = self._folded(subject, period, changes, now)
            if all(self.table.put_if(put) for put in puts):
                self._tell_members(subject, period, changes)
                return valued
        raise Contended(pk)

    def _folded(
        self, subject: str, period: str, changes: Sequence[Change], now: datetime
    ) -> tuple[Valued | None, list[Put]]:
        plan = plan_for(self.plans(), period)
        if plan is None:
            return None, []
        pk = rows.partition(subject, period)
        stored = self._derived(pk)
        puts = self._totals(pk, stored, plan, changes)
        if subject.startswith("T:"):
            return None, puts
        totals = stored | {put.item["sk"]: put.item for put in puts}
        valued = self._value(subject[2:], period, plan, totals)
        if valued is None:
            self._mark_if_paid(subject[2:], period, stored)
            return None, puts
        self._mark_if_restated(valued, period, stored)
        return valued, [*puts, *_card_put(pk, stored.get("S"), valued, now)]

    def _derived(self, pk: str) -> dict[str, Item]:
        """Totals, payout lines, requests and scorecard; the observations between them are not read."""
        ranges = (("M#", "M#" + rows.END), ("P#", "S" + rows.END))
        return {item["sk"]: item for low, high in ranges for item in self.table.query(pk, low, high)}

    def _totals(
        self, pk: str, stored: Mapping[str, Item], plan: Plan, changes: Sequence[Change]
    ) -> list[Put]:
        """The rows of totals that the changed cells belong to, folded anew where needed."""
        blocks: dict[tuple[str, str], set[str]] = defaultdict(set)
        for measure, cell in self._cells(pk, stored, plan, changes):
            blocks[measure, rows.totals_key(measure, cell)].add(cell)
        puts = [self._block(pk, sk, m, ids, stored, plan) for (m, sk), ids in sorted(blocks.items())]
        return [put for put in puts if put is not None]

    def _cells(
        self, pk: str, stored: Mapping[str, Item], plan: Plan, changes: Sequence[Change]
    ) -> set[tuple[str, str]]:
        """What has to be folded: the cells that changed, or all of them when definitions did."""
        touched = {rows.changed_cell(change.sk) for change in changes if change.sk.startswith("O#")}
        new_plan = any(change.sk == rows.PLAN_CHANGED for change in changes)
        if not new_plan and not _stale(stored, plan):
            return touched
        return {rows.changed_cell(item["sk"]) for item in self.table.query(pk, "O#", "O#" + rows.END)}

    def _block(
        self, pk: str, sk: str, measure: str, cells: set[str], stored: Mapping[str, Item], plan: Plan
    ) -> Put | None:
        definitions = plan.observed(measure)
        if not definitions:
            return None
        print_ = fingerprint(definitions)
        old = stored.get(sk, {})
        content = dict(old["c"]) if old.get("f") == print_ else {}
        observed = self._observed(pk, measure, cells)
        for cell in sorted(cells):
            content[rows.bucket_of(cell)] = rows.encode_partials(self._cell(observed[cell], definitions))
        content = {bucket: text for bucket, text in content.items() if text}
        rev = old.get("r")
        item = {"pk": pk, "sk": sk, "c": content, "f": print_, "r": int(rev or 0) + 1}
        return None if old.get("c") == content and old.get("f") == print_ else Put(item, "r", rev)

    def _observed(self, pk: str, measure: str, cells: set[str]) -> Mapping[str, Sequence[Observation]]:
        """The observations of a day's cells: one read each, or one of the day when they are many."""
        spans = [(cell, cell) for cell in sorted(cells)]
        if len(cells) >= MANY_CELLS:
            spans = [(min(cells), max(cells))]
        found: dict[str, list[Observation]] = defaultdict(list)
        for first, last in spans:
            low, high = rows.observations_of(measure, first)[0], rows.observations_of(measure, last)[1]
            for item in self.table.query(pk, low, high):
                found[rows.changed_cell(item["sk"])[1]].append(rows.observation(item))
        return found

    def _cell(self, found: Iterable[Observation], definitions: Iterable[Measure]) -> Sequence[Partial | None]:
        """One cell folded from its observations; contradictions go to quarantine."""
        folded = fold(found)
        for conflict in folded.conflicts:
            self._contradiction(conflict)
        return [partial(measure, folded.current) for measure in definitions]

    def _contradiction(self, conflict: Sequence[Observation]) -> None:
        first = conflict[0]
        shown = f"version {first.version} with contents {', '.join(row.digest for row in conflict)}"
        wrong = problem(
            "conflict",
            f"{first.place.measure} {first.entity}",
            shown,
            "send a greater version with what is right",
        )
        identity = quarantine.identity("conflict", first.source, first.entity, str(first.version))
        body = f"quarantine/{identity}"
        self.intake.put(body, "\n".join(repr(row) for row in conflict).encode())
        entry = quarantine.Quarantined(identity, first.source, "conflict", first.event, wrong, body)
        self.found["conflicts"] += self.table.put_if(Put(quarantine.item(entry), "pk", None))

    def _value(self, employee: str, period: str, plan: Plan, totals: Mapping[str, Item]) -> Valued | None:
        known = roster.person(self.table, employee)
        if known.terms is None or not known.terms.covers(period):
            return None
        own = month_partials(totals, plan)
        found = self.table.query(rows.partition(f"T:{known.terms.team}", period), "M#", "M#" + rows.END)
        team = month_partials({item["sk"]: item for item in found}, plan)
        return value(plan, own, team, known.terms, period)

    def _mark_if_paid(self, employee: str, period: str, stored: Mapping[str, Item]) -> None:
        """Paid, and the terms of now do not cover it: the next run lists the employee as held."""
        if any(sk.startswith("P#") for sk in stored):
            self.table.put_many([rows.mark_item(employee, period)])

    def _mark_if_restated(self, valued: Valued, period: str, stored: Mapping[str, Item]) -> None:
        """A settled period whose score has moved is looked at again by the next run."""
        lines = [item for item in stored.values() if item["sk"].startswith("P#")]
        mark = rows.mark_item(valued.employee, period)
        if lines and paid(lines) != valued.due:
            self.table.put_many([mark])
        elif any(line["kind"] == ADJUSTMENT for line in lines):
            self.table.delete(mark["pk"], mark["sk"])

    def _tell_members(self, subject: str, period: str, changes: Sequence[Change]) -> None:
        """Only now that the team's totals are there to be read."""
        if subject.startswith("T:"):
            found = (self.table.get(c.pk, c.sk) for c in changes if c.sk == rows.PLAN_CHANGED)
            plans = [Change("", row["cause"]) for row in found if row is not None]
            members = roster.members(self.table, subject[2:])
            roster.rescore(self.table, members, [period], "team", _cause([*changes, *plans]))

    def _fan_out(self, subject: str, changes: Iterable[Change]) -> None:
        """Terms changed: every period that knows this employee is folded again.

        A published period in which the employee has no line yet is marked for the next run: whoever
        joins the roster late has nothing there that a fold could compare with.
        """
        employee, cause = subject[2:], _cause(changes)
        known = roster.person(self.table, employee)
        for conflict in known.conflicts:
            self._contradiction(conflict)
        published = [run.period for run in runs.every(self.table) if run.state == "PUBLISHED"]
        covered = [p for p in published if known.terms is not None and known.terms.covers(p)]
        self.table.put_many([rows.mark_item(employee, p) for p in covered if not self._has_line(employee, p)])
        roster.rescore(self.table, [employee], roster.periods(self.table), "employment", cause)

    def _has_line(self, employee: str, period: str) -> bool:
        pk = rows.partition(rows.employee_subject(employee), period)
        return bool(self.table.query(pk, "P#", "P#" + rows.END))


def _cause(changes: Iterable[Change]) -> str:
    """Differs for different changes: writing the very same row again would not wake the stream."""
    return sha256("".join(sorted(change.sk for change in changes)).encode()).hexdigest()[:16]


def _stale(stored: Mapping[str, Item], plan: Plan) -> bool:
    """Whether any stored totals of a measure that the plan has were folded under other definitions."""
    prints = {(rows.totals_measure(sk), item["f"]) for sk, item in stored.items() if sk.startswith("M#")}
    defined = ((plan.observed(name), print_) for name, print_ in prints)
    return any(found and fingerprint(found) != print_ for found, print_ in defined)


def month_partials(totals: Mapping[str, Item], plan: Plan) -> dict[str, Partial]:
    """Cells merged to the month, by measure. Totals of other definitions than the plan's are not used."""
    found: dict[str, list[Partial]] = defaultdict(list)
    definitions: dict[str, Measure] = {}
    for sk in sorted(totals):
        measures = plan.observed(rows.totals_measure(sk)) if sk.startswith("M#") else []
        if measures and totals[sk]["f"] == fingerprint(measures):
            definitions |= {measure.id: measure for measure in measures}
            for name, each in _cells(totals[sk]["c"], measures):
                found[name].append(each)
    merged = {name: merge(definitions[name], parts) for name, parts in found.items()}
    return {name: result for name, result in merged.items() if result is not None}


def _cells(content: Mapping[str, str], measures: Sequence[Measure]) -> Iterator[tuple[str, Partial]]:
    for bucket in sorted(content):
        for measure, each in zip(measures, rows.decode_partials(content[bucket]), strict=True):
            if each is not None:
                yield measure.id, each


def _card_put(pk: str, old: Item | None, valued: Valued, now: datetime) -> list[Put]:
    """The scorecard's row: what is shown live. Its reasons are worked out when somebody asks."""
    card = valued.card
    content: dict[str, Any] = {
        "plan": card.plan,
        "total": plain(round(card.total, 10)),
        "tracks": {t.id: plain(round(t.score, 10)) for t in card.tracks},
        "points": {m.id: plain(round(m.points, 6)) for m in card.metrics if m.state != "excluded"},
        "holds": list(card.holds),
        "payout": valued.due,
    }
    if old is not None and all(old.get(name) == each for name, each in content.items()):
        return []
    rev = old["r"] if old else None
    stamp = now.isoformat(timespec="milliseconds")
    return [Put({"pk": pk, "sk": "S", "r": int(rev or 0) + 1, "at": stamp} | content, "r", rev)]


def grouped(changes: Iterable[Change]) -> dict[str, list[Change]]:
    """Changes by partition, each in the stream's order."""
    found: dict[str, list[Change]] = defaultdict(list)
    for change in changes:
        found[change.pk].append(change)
    return found
