"""What an audit looks at: a tenant behind its ports, with what the checks have in common read once.

Nothing that stands there can end an audit: what cannot be read is noted (``unreadable``), and everything
else is looked at all the same. Only a service that does not answer ends it.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property, partial
from typing import TypeVar
from urllib.parse import unquote

from dualtrack.app import counts, roster, rows, runs
from dualtrack.app.counts import Entity, Line, Logged, Version
from dualtrack.app.ports import Item, Missing, Objects, Table
from dualtrack.app.valuation import reader
from dualtrack.domain.employment import EMPLOYMENT
from dualtrack.domain.errors import Refused, Stopped
from dualtrack.domain.fold import fold
from dualtrack.domain.measures import Partial
from dualtrack.domain.observations import Observation, Place, Sighting
from dualtrack.domain.periods import TIMELESS
from dualtrack.domain.plan import Plan
from dualtrack.domain.runs import Run

T = TypeVar("T")
Subject = tuple[str, str]  # ``E:<employee>`` or ``T:<team>``, and a period
Partition = tuple[Sequence[Observation], Mapping[str, Item]]  # its facts, and its other rows by sort key
NIGHTS = 28  # an older period has its turn on one of the days that every month has
LOG_DAYS = 3  # of the event log, what a night looks at
NOBODY = roster.Person(None, ())
UNREADABLE = (
    Missing, Refused, Stopped, ValueError, LookupError, TypeError, AttributeError, ArithmeticError,
    RecursionError, EOFError, OSError, zlib.error,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that differs: its kind, the key or file it is about, what stands there and what should."""

    kind: str
    where: str
    stored: str
    expected: str


@dataclass
class Audited:
    """One tenant, read strongly consistent.

    ``night`` limits the audit to that night's share of the periods. ``keys`` lists every partition key of
    the table, for those who may scan it: so also what no list and no line of the log names is found.
    """

    table: Table
    intake: Objects
    payouts: Objects
    plans: Callable[[], Sequence[Plan]]
    night: date | None = None
    keys: Callable[[], Iterable[str]] = tuple
    unreadable: dict[str, Finding] = field(default_factory=dict, init=False)
    damaged: set[str] = field(default_factory=set, init=False)  # partitions whose facts are not all there
    _partitions: dict[str, Partition] = field(default_factory=dict, init=False)
    _current: dict[str, Sequence[Observation]] = field(default_factory=dict, init=False)

    def afresh(self) -> Audited:
        """The same tenant with nothing read yet."""
        return replace(self)

    def tried(self, where: str, make: Callable[[], T], default: T) -> T:
        """What can be made of what stands there; else the default, and a note."""
        try:
            return make()
        except UNREADABLE as error:
            self._note(where, error)
            return default

    def carefully(self, where: str, check: Callable[[], Iterable[Finding]]) -> Iterator[Finding]:
        """The findings of a check until it meets something that it cannot read, which is noted."""
        try:
            yield from check()
        except UNREADABLE as error:
            self._note(where, error)

    def _note(self, where: str, error: Exception) -> None:
        said = f"{type(error).__name__}: {error}"[:200]
        self.unreadable[where] = Finding("unreadable", where, said, "something that can be read")

    # The event log, and what it and the location rows name.

    @cached_property
    def log(self) -> Sequence[Line]:
        """The lines of the event log without the events' texts; at night those of the last days."""
        keys = (key for prefix in self._log_prefixes() for key in self.intake.list(prefix))
        texts = ((f"{key} line {n}", text) for key in keys for n, text in enumerate(self._texts(key), 1))
        found = (self.tried(where, partial(_line, text), None) for where, text in texts)
        return [each for each in found if each is not None]

    def _texts(self, key: str) -> Sequence[str]:
        return self.tried(key, lambda: counts.texts(self.intake.read(key)), [])

    def _log_prefixes(self) -> Iterable[str]:
        if self.night is None:
            return [counts.LOG]
        days = (self.night - timedelta(days=n) for n in range(LOG_DAYS))
        return [*(f"{counts.LOG}{day:%Y/%m/%d}/" for day in days), f"{counts.LOG}resolutions/"]

    @cached_property
    def logged(self) -> frozenset[Logged]:
        """Every fact that the log says was kept."""
        return frozenset(counts.logged(each) for each in self.log if each["status"] != "quarantined")

    @cached_property
    def _keys(self) -> tuple[frozenset[Entity], frozenset[Subject]]:
        """The entities and the subjects' periods among all partition keys."""
        entities, subjects = set(), set()
        for pk in self.keys():
            kind, *parts = pk.split("#")
            if kind == "L":
                source, name, entity = map(unquote, parts)
                entities.add((source, name, entity))
            elif kind == "EP":
                subjects.add(rows.parse_partition(pk))
        return frozenset(entities), frozenset(subjects)

    @cached_property
    def _named_locations(self) -> Mapping[Entity, Sequence[Sighting]]:
        moving = {each.entity for each in self.logged if not each.places}
        return self._locations(moving | self._keys[0])

    def _locations(self, entities: Iterable[Entity]) -> Mapping[Entity, Sequence[Sighting]]:
        keys = {rows.location_key(*entity): entity for entity in sorted(entities)}
        return {
            keys[item["pk"], item["sk"]]: self.tried(item["pk"], partial(_sightings, item), ())
            for item in self.table.get_many(list(keys))
        }

    @cached_property
    def locations(self) -> Mapping[Entity, Sequence[Sighting]]:
        """The sightings of every entity that a line, a key or a fact names and that has a location row."""
        staying = {each.entity for each in self.logged if each.places}
        observed = {entity for entity, _, _ in self.versions}
        return {**self._named_locations, **self._locations(observed - staying - set(self._named_locations))}

    @cached_property
    def sighted(self) -> frozenset[Version]:
        """Every version that a location row knows."""
        return frozenset((of, s.order, s.digest) for of, seen in self.locations.items() for s in seen)

    @cached_property
    def places(self) -> frozenset[Place]:
        """Every place that the log or a location row names, whatever the lists say."""
        sighted = {place for seen in self._named_locations.values() for s in seen for place in s.places}
        return frozenset(sighted | {place for each in self.logged for place in each.places})

    @cached_property
    def named(self) -> frozenset[Subject]:
        """The subjects and periods in which something is or should be."""
        return self._keys[1] | {(place.subject, place.period) for place in self.places}

    # People, teams, periods and runs.

    @cached_property
    def listed_employees(self) -> frozenset[str]:
        """Everybody who was ever on the roster."""
        return frozenset(roster.employees(self.table))

    @cached_property
    def listed_periods(self) -> frozenset[str]:
        """Every period in which something was observed."""
        return frozenset(roster.periods(self.table))

    @cached_property
    def employees(self) -> Sequence[str]:
        """Everybody who is listed or named."""
        named = {subject[2:] for subject, _ in self.named if subject.startswith("E:")}
        return sorted(self.listed_employees | named)

    @cached_property
    def people(self) -> Mapping[str, roster.Person]:
        """Terms, marks and balance of everybody."""
        return {who: self._person(who) for who in self.employees}

    def _person(self, who: str) -> roster.Person:
        pk = rows.partition(rows.employee_subject(who), TIMELESS)
        found = self.tried(pk, lambda: roster.person(self.table, who), NOBODY)
        self.damaged |= {pk} & set(self.unreadable)
        return found

    @cached_property
    def employments(self) -> Sequence[Observation]:
        """Every version of everybody's terms."""
        timeless = (rows.partition(rows.employee_subject(who), TIMELESS) for who in self.employees)
        found = (row for pk in timeless for row in self.facts_of(pk))
        return [row for row in found if row.place.measure == EMPLOYMENT and not row.retracted]

    @cached_property
    def teams(self) -> Sequence[str]:
        """The teams that anybody is or was in, and those of which something was observed."""
        named = {subject[2:] for subject, _ in self.named if subject.startswith("T:")}
        return sorted(named | {str(row.values.get("team", "")) for row in self.employments})

    @cached_property
    def every_run(self) -> Sequence[Run]:
        """Every run, oldest period first."""
        return runs.every(self.table)

    @cached_property
    def periods(self) -> Sequence[str]:
        """The periods that are looked at: all, or tonight's."""
        known = self.listed_periods | {month for run in self.every_run for month in run.months}
        known |= {period for _, period in self.named if period != TIMELESS}
        published = {m for run in self.every_run if run.state == "PUBLISHED" for m in run.months}
        return sorted(known if self.night is None else tonight(known, published, self.night))

    @cached_property
    def runs(self) -> Sequence[Run]:
        """The runs of these periods."""
        return [run for run in self.every_run if set(run.months) & set(self.periods)]

    # Rows.

    @cached_property
    def facts(self) -> Mapping[str, Sequence[Observation]]:
        """The observations of every partition that is looked at."""
        subjects = [*map(rows.employee_subject, self.employees), *(f"T:{team}" for team in self.teams)]
        partitions = [rows.partition(s, p) for s in subjects for p in (TIMELESS, *self.periods)]
        return {pk: self.facts_of(pk) for pk in partitions}

    @cached_property
    def versions(self) -> frozenset[Version]:
        """Every version of every entity that has a fact or a tombstone there."""
        return frozenset(
            ((o.source, o.kind, o.entity), o.order, o.digest) for found in self.facts.values() for o in found
        )

    def facts_of(self, pk: str) -> Sequence[Observation]:
        """The observations of one partition that can be read."""
        return self._partition(pk)[0]

    def items(self, pk: str) -> Mapping[str, Item]:
        """Totals, payout lines and the scorecard of a partition, by sort key."""
        return self._partition(pk)[1]

    def _partition(self, pk: str) -> Partition:
        if pk not in self._partitions:
            facts: list[Observation] = []
            others: dict[str, Item] = {}
            for item in self.table.query(pk, rows.FACTS[0], "S" + rows.END):
                if item["sk"].startswith("F#"):
                    facts += self._row(item)
                else:
                    others[item["sk"]] = item
            self._partitions[pk] = facts, others
        return self._partitions[pk]

    def _row(self, item: Item) -> Sequence[Observation]:
        where = f"{item['pk']} {item['sk']}"
        found: Sequence[Observation] = self.tried(where, lambda: rows.facts([item]), [])
        self.damaged |= {item["pk"]} if where in self.unreadable else set()
        return found

    def read(self, plan: Plan, subject: str, month: str, first: date, last: date) -> Mapping[str, Partial]:
        """Partials from scratch, as ``trial.Read`` says; also of months that are only looked back at."""
        pk = rows.partition(subject, month)
        if pk not in self._current:
            self._current[pk] = fold(self.facts_of(pk)).current
        return reader({(subject, month): self._current[pk]})(plan, subject, month, first, last)

    @cached_property
    def lines(self) -> Sequence[Item]:
        """The payout lines of every partition that is looked at, of whatever run."""
        found = (self.items(pk) for pk in self.facts if pk.startswith("EP#E:"))
        return [item for items in found for sk, item in items.items() if sk.startswith("P#")]


def _line(text: str) -> Line:
    return {name: each for name, each in counts.line(text).items() if name != "text"}


def _sightings(item: Item) -> Sequence[Sighting]:
    return [rows.decode_sighting(text) for text in sorted(item["s"])]


def tonight(known: Iterable[str], published: Iterable[str], night: date) -> list[str]:
    """Open periods and the last published one, every night; each older one on one day of the month."""
    done = set(published)
    last = max(done, default="")
    return [p for p in known if p not in done or p == last or _turn(p) == night.day]


def _turn(period: str) -> int:
    """The day of the month on which an older period is looked at."""
    return (12 * int(period[:4]) + int(period[5:7])) % NIGHTS + 1
