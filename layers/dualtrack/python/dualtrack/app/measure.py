"""Measure: queue messages become observations, or quarantine entries with a reason.

Order of writes for the messages of one invocation (README.md beside this file says what a crash leaves
behind): index rows, location rows, then facts with their tombstones, then quarantine, then the log. Only
then are the messages acknowledged. Every write may be repeated.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from hashlib import sha256
from typing import Any

from dualtrack.app import quarantine, rows
from dualtrack.app.events import Arrived, unpack
from dualtrack.app.ports import Item, Key, Mapper, Objects, Table
from dualtrack.app.roster import person
from dualtrack.domain.employment import EMPLOYMENT, LEAVE, employment, leave
from dualtrack.domain.errors import Problem, Refused, refuse
from dualtrack.domain.observations import Fact, Observation, Place, tombstones
from dualtrack.domain.periods import TIMELESS

LISTS = ("PERIODS", "TEAMS")
KEPT, QUARANTINED = "kept", "quarantined"


@dataclass(slots=True)
class Outcome:
    """What became of one arrived event; a line of the log. ``instance`` names its place in its message."""

    instance: str
    arrived: Arrived
    fact: Fact | None = None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message as the queue delivered it."""

    id: str
    body: str
    sent: datetime


@dataclass(slots=True)
class Measuring:
    """The use case with what it needs; keeps what it learned about employees and periods.

    Only what cannot become untrue is remembered, and only once it is durable: that somebody is on
    the roster, that a period was registered.
    """

    table: Table
    intake: Objects
    mapper: Callable[[datetime], Mapper]
    zone: tzinfo
    known: set[str] = field(default_factory=set)
    listed: set[Key] = field(default_factory=set)

    def messages(self, deliveries: Sequence[Delivery], now: datetime) -> list[Outcome]:
        """Take in the messages of one invocation; raises only if something could not be made durable.

        They are taken together, because facts of one day that come together share a row.
        """
        mapper = self.mapper(now)
        outcomes = [self._read(each, mapper, now) for d in deliveries for each in _arrivals(d)]
        hired = self._check_roster(outcomes)
        self.keep([o.fact for o in outcomes if o.fact is not None])
        self.known |= hired
        self._quarantine(outcomes)
        self._log(deliveries, outcomes)
        return outcomes

    def keep(self, facts: Sequence[Fact]) -> None:
        """Make facts durable: where their employees and periods are listed, then where they count.

        The lists come first: whoever publishes a plan or changes terms asks for new folds of what is
        listed, and what is listed later is folded with that plan and those terms anyway.
        """
        observed = [row for fact in facts for row in fact.observations()]
        listed = [index for row in observed for index in _roster_index(row)]
        listed += self._new([row.place for row in observed])
        self.table.put_many(_once(listed))
        self.listed |= {(item["pk"], item["sk"]) for item in listed if item["pk"] in LISTS}
        observed += [row for same in _by_entity(facts) for row in self._overruled(same)]
        self.table.put_many(rows.fact_items(observed))

    def _read(self, arrival: tuple[str, Arrived], mapper: Mapper, now: datetime) -> Outcome:
        instance, arrived = arrival
        if arrived.problems:
            return Outcome(instance, arrived, None, arrived.problems)
        try:
            return Outcome(instance, arrived, mapper(arrived.event, now, self.zone))
        except Refused as refused:
            return Outcome(instance, arrived, None, refused.problems)

    def _check_roster(self, outcomes: Iterable[Outcome]) -> set[str]:
        """Employments first, which are given back: an employee may come with the first facts."""
        hired: set[str] = set()
        for outcome in outcomes:
            try:
                hired |= _hired(outcome.fact)
            except Refused as refused:
                outcome.fact, outcome.problems = None, refused.problems
        for outcome in outcomes:
            unknown = self._unknown(outcome.fact, hired)
            if unknown:
                wrong = refuse("unknown_employee", "employee", unknown, "put them on the roster, then replay")
                outcome.fact, outcome.problems = None, wrong.problems
        return hired

    def _unknown(self, fact: Fact | None, hired: set[str]) -> str:
        for place, _ in fact.parts if fact else ():
            here = place.subject in hired or not place.subject.startswith("E:")
            if not here and not self._on_roster(place.subject):
                return place.subject[2:]
        return ""

    def _on_roster(self, subject: str) -> bool:
        if subject not in self.known and person(self.table, subject[2:]).history is not None:
            self.known.add(subject)
        return subject in self.known

    def _overruled(self, same: Sequence[Fact]) -> list[Observation]:
        """Tell an entity's location row where these versions are, and learn where others were."""
        mine = {fact.sighting() for fact in same}
        pk, sk = rows.location_key(same[0].source, same[0].kind, same[0].entity)
        before = self.table.add(pk, sk, "s", set(map(rows.encode_sighting, mine)))
        return tombstones(same[0], {*mine, *map(rows.decode_sighting, before)})

    def _new(self, places: Iterable[Place]) -> list[Item]:
        """The periods and teams that are not listed yet, as far as this process knows."""
        found = {("PERIODS", place.period) for place in places if place.period != TIMELESS}
        found |= {("TEAMS", place.subject[2:]) for place in places if place.subject.startswith("T:")}
        return [{"pk": pk, "sk": sk} for pk, sk in sorted(found - self.listed)]

    def _quarantine(self, outcomes: Iterable[Outcome]) -> None:
        entries = {e.id: e for o in outcomes if o.problems for e in [self._entry(o)]}
        self.table.put_many([quarantine.item(entry) for entry in entries.values()])

    def _entry(self, outcome: Outcome) -> quarantine.Quarantined:
        arrived = outcome.arrived
        event = arrived.event
        identity = arrived.replay or quarantine.identity(arrived.text or arrived.body)
        body = arrived.body or f"quarantine/{identity}"
        if not arrived.body:
            self.intake.put(body, arrived.text.encode("utf-8", "surrogateescape"))
        source, kind, name = (_sendable(event.get(each, ""))[:200] for each in ("source", "type", "id"))
        wrong = outcome.problems[0]
        seen = outcome.instance.rpartition("#")[0]
        return quarantine.Quarantined(identity, source, kind, name, wrong, body, seen=seen)

    def _log(self, deliveries: Sequence[Delivery], outcomes: Sequence[Outcome]) -> None:
        """The event log: every event as it came and what became of it. Same messages, same object."""
        lines = [json.dumps(_line(outcome), ensure_ascii=False) for outcome in outcomes]
        name = sha256("\n".join(sorted(d.id for d in deliveries)).encode()).hexdigest()[:32]
        first = min(d.sent for d in deliveries)
        data = "\n".join(lines).encode("utf-8", "surrogatepass")
        self.intake.put(f"log/{first:%Y/%m/%d}/{name}.jsonl", data)


def _arrivals(delivery: Delivery) -> Iterable[tuple[str, Arrived]]:
    return ((f"{delivery.id}#{n}", arrived) for n, arrived in enumerate(unpack(delivery.body)))


def _once(items: Iterable[Item]) -> list[Item]:
    """Each key once: a batch may not name a key twice."""
    return list({(item["pk"], item["sk"]): item for item in items}.values())


def _sendable(name: object) -> str:
    """Half a character, which JSON can carry and no row can, is written out."""
    return str(name).encode("utf-8", "backslashreplace").decode()


def _hired(fact: Fact | None) -> set[str]:
    """Whom a fact puts on the roster; refuses terms and leave that cannot be paid by."""
    said = [Observation(place, "", 0, "", values) for place, values in (fact.parts if fact else ())]
    for row in said:
        if row.place.measure == LEAVE:
            leave(row)
    return {f"E:{employment(row).employee}" for row in said if row.place.measure == EMPLOYMENT}


def _by_entity(facts: Iterable[Fact]) -> list[list[Fact]]:
    """Facts that can move, those of one entity together: one update of its location row for all."""
    found: dict[tuple[str, str, str], list[Fact]] = {}
    for fact in facts:
        if fact.moves:
            found.setdefault((fact.source, fact.kind, fact.entity), []).append(fact)
    return list(found.values())


def _roster_index(row: Observation) -> list[Item]:
    if row.place.measure != EMPLOYMENT or row.retracted:
        return []
    return rows.roster_items(row.place.subject[2:], str(row.values["team"]))


def _line(outcome: Outcome) -> Mapping[str, Any]:
    arrived, fact = outcome.arrived, outcome.fact
    line: dict[str, Any] = {"instance": outcome.instance, "replay": arrived.replay, "text": arrived.text}
    line["text_id"] = quarantine.identity(arrived.text or arrived.body)
    if fact is None:
        return line | {"status": QUARANTINED, "reason": outcome.problems[0].reason}
    places = [[*place] for place, _ in fact.parts] if not fact.moves else []
    entity = [fact.source, fact.kind, fact.entity, places]
    order = [fact.version, fact.rank]
    return line | {"status": KEPT, "entity": entity, "order": order, "digest": fact.digest}
