"""Audit of facts: each is at all of its places, counts where its greatest version puts it, and is listed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from dualtrack.app import rows
from dualtrack.app.audited import Audited, Finding
from dualtrack.app.counts import Entity, Version
from dualtrack.app.ports import Key
from dualtrack.domain.fold import fold
from dualtrack.domain.observations import Observation, Order, Place, Sighting
from dualtrack.domain.periods import TIMELESS


def lost_facts(tenant: Audited) -> Iterator[Finding]:
    """Each version has its fact at every place that the log or the location row names."""
    here = {
        (((o.source, o.kind, o.entity), o.order, o.digest), o.place)
        for found in tenant.facts.values()
        for o in found
        if not o.retracted
    }
    for version, place in sorted(_claimed(tenant)):
        pk = _partition(place)
        if pk in tenant.facts and (version, place) not in here:
            tenant.damaged.add(pk)
            entity, (number, _), digest = version
            yield Finding("lost_fact", f"{_name(entity)} version {number} at {_shown(place)}", "none", digest)


def _claimed(tenant: Audited) -> set[tuple[Version, Place]]:
    logged = {(each.version, place) for each in tenant.logged for place in each.places}
    return logged | {
        ((entity, s.order, s.digest), place)
        for entity, seen in tenant.locations.items()
        for s in seen
        for place in s.places
    }


def moved_facts(tenant: Audited) -> Iterator[Finding]:
    """Each entity that can move counts where its greatest version puts it, and nowhere else."""
    at: dict[Entity, dict[Place, list[Observation]]] = defaultdict(lambda: defaultdict(list))
    for found in tenant.facts.values():
        for row in found:
            at[row.source, row.kind, row.entity][row.place].append(row)
    for entity, sightings in sorted((name, seen) for name, seen in tenant.locations.items() if seen):
        for place, counting, wanted in _misplaced(tenant, at[entity], sightings):
            tenant.damaged.add(_partition(place))
            yield Finding("tombstone", f"{_name(entity)} at {_shown(place)}", str(counting), str(wanted))


def _misplaced(
    tenant: Audited, at: Mapping[Place, Sequence[Observation]], sightings: Sequence[Sighting]
) -> Iterator[tuple[Place, list[str], list[str]]]:
    best = _best(sightings)
    for place in sorted({*at, *(place for s in sightings for place in s.places)}):
        found = at.get(place, ())
        counting = [row.digest for row in fold(found).current]
        wanted = [best.digest] if best is not None and place in best.places else []
        stated = {row.digest for row in found if not row.retracted}
        if _partition(place) in tenant.facts and counting != wanted and stated.issuperset(wanted):
            yield place, counting, wanted


def _best(sightings: Sequence[Sighting]) -> Sighting | None:
    """The greatest version that is not contested."""
    orders: dict[Order, list[Sighting]] = defaultdict(list)
    for sighting in sightings:
        orders[sighting.order].append(sighting)
    settled = [found[0] for found in orders.values() if len(found) == 1]
    return max(settled, key=lambda s: s.order) if settled else None


def unsighted(tenant: Audited) -> Iterator[Finding]:
    """The location row of an entity that can move knows every version that has a fact."""
    staying = {each.version for each in tenant.logged if each.places}
    moving = {each.entity for each in tenant.logged if not each.places} | set(tenant.locations)
    for entity, order, digest in sorted(tenant.versions - tenant.sighted - staying):
        if entity in moving:
            yield Finding("location", f"{_name(entity)} version {order[0]}", "not named", digest)


def unlisted(tenant: Audited) -> Iterator[Finding]:
    """Who and what has facts is in the lists: people on the roster and in their teams, periods."""
    places = tenant.places | {row.place for found in tenant.facts.values() for row in found}
    wanted: set[Key] = {("PERIODS", place.period) for place in places if place.period != TIMELESS}
    people = {place.subject[2:] for place in places if place.subject.startswith("E:")}
    wanted |= {(f"ROSTER#{rows.shard(who)}", who) for who in people}
    for row in tenant.employments:
        items = rows.roster_items(row.place.subject[2:], str(row.values.get("team", "")))
        wanted |= {(item["pk"], item["sk"]) for item in items}
    found = {(item["pk"], item["sk"]) for item in tenant.table.get_many(sorted(wanted))}
    for pk, sk in sorted(wanted - found):
        yield Finding("unlisted", f"{pk} {sk}", "no row", "a row")


def _partition(place: Place) -> str:
    return rows.partition(place.subject, place.period)


def _name(entity: Entity) -> str:
    return " ".join(entity)


def _shown(place: Place) -> str:
    return " ".join(place)
