"""Audit of facts: scorecards and totals against a fold from scratch, moves, and the event log."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dualtrack.app import counts, rows, score, totals
from dualtrack.app.audited import Audited, Finding
from dualtrack.app.ports import Item
from dualtrack.app.totals import Definitions, Totals
from dualtrack.app.valuation import in_force, reader, value
from dualtrack.domain.fold import fold
from dualtrack.domain.measures import partial
from dualtrack.domain.observations import Observation, Order, Place, Sighting

Entity = tuple[str, str, str]  # source, kind, name


def scores(tenant: Audited) -> Iterator[Finding]:
    """Every day's totals and every scorecard, to the last digit."""
    for period in tenant.periods:
        plan = Definitions(in_force(tenant.plans(), period))
        if plan.plans:
            for team in tenant.teams:
                yield from _totals(tenant, plan, rows.partition(f"T:{team}", period))
            for who in tenant.employees:
                yield from _totals(tenant, plan, rows.partition(rows.employee_subject(who), period))
                yield from _scorecard(tenant, who, period)


def _derived(tenant: Audited, pk: str) -> dict[str, Item]:
    return {item["sk"]: item for item in tenant.table.query(pk, "M#", "S" + rows.END)}


def _totals(tenant: Audited, plan: Definitions, pk: str) -> Iterator[Finding]:
    stored = totals.stored(_derived(tenant, pk))
    wanted = _folded(plan, tenant.facts[pk])
    for sk in sorted({*stored, *wanted}):
        if plan.observed(rows.totals_measure(sk)):
            there, right = stored.get(sk, Totals({}, "")), wanted.get(sk, Totals({}, ""))
            if dict(there.content) != dict(right.content):
                yield Finding("total", f"{pk} {sk}", str(dict(there.content)), str(dict(right.content)))


def _folded(plan: Definitions, facts: Sequence[Observation]) -> Mapping[str, Totals]:
    """The totals of every day, from all facts at once."""
    cells: dict[tuple[str, str], list[Observation]] = defaultdict(list)
    for row in fold(facts).current:
        cells[row.place.measure, rows.cell(row.place.day, row.entity)].append(row)
    found: dict[str, dict[str, str]] = defaultdict(dict)
    prints: dict[str, str] = {}
    for (measure, cell), current in cells.items():
        definitions = plan.observed(measure)
        text = rows.encode_partials([partial(each, current) for each in definitions])
        if text:
            sk = rows.totals_key(measure, cell)
            found[sk][rows.bucket_of(cell)], prints[sk] = text, plan.print(measure)
    return {sk: Totals(content, prints[sk]) for sk, content in found.items()}


def _scorecard(tenant: Audited, who: str, period: str) -> Iterator[Finding]:
    pk = rows.partition(rows.employee_subject(who), period)
    stored = _derived(tenant, pk)
    wanted = _card(tenant, who, period)
    if wanted is None or not (stored or tenant.facts[pk]):
        return
    card = stored.get("S")
    if card is None:
        yield Finding("scorecard", f"{pk} S", "none", str(wanted["payout"]))
        return
    for name, right in wanted.items():
        if card.get(name) != right:
            yield Finding("scorecard", f"{pk} S {name}", str(card.get(name)), str(right))


def _card(tenant: Audited, who: str, period: str) -> dict[str, Any] | None:
    history = tenant.people[who].history
    valued = value(history, tenant.plans(), period, reader(tenant.folded)) if history else None
    return score.card(valued) if valued else None


def moved_facts(tenant: Audited) -> Iterator[Finding]:
    """Each entity that can move counts where its greatest version puts it, and nowhere else."""
    at: dict[Entity, dict[Place, list[Observation]]] = defaultdict(lambda: defaultdict(list))
    for found in tenant.facts.values():
        for row in found:
            at[row.source, row.kind, row.entity][row.place].append(row)
    locations = _locations(tenant, sorted(at))
    for entity, sightings in sorted(locations.items()):
        yield from _entity(entity, at[entity], sightings)


def _locations(tenant: Audited, entities: Sequence[Entity]) -> Mapping[Entity, Sequence[Sighting]]:
    keys = {rows.location_key(*entity): entity for entity in entities}
    found = tenant.table.get_many(list(keys))
    return {
        keys[item["pk"], item["sk"]]: [rows.decode_sighting(text) for text in item["s"]] for item in found
    }


def _entity(
    entity: Entity, at: Mapping[Place, Sequence[Observation]], sightings: Sequence[Sighting]
) -> Iterator[Finding]:
    orders: dict[Order, list[Sighting]] = defaultdict(list)
    for sighting in sightings:
        orders[sighting.order].append(sighting)
    settled = [found[0] for found in orders.values() if len(found) == 1]
    best = max(settled, key=lambda s: s.order) if settled else None
    name = " ".join(entity)
    for place in sorted({*at, *(place for s in sightings for place in s.places)}):
        current = [row.digest for row in fold(at.get(place, ())).current]
        wanted = [best.digest] if best is not None and place in best.places else []
        if current != wanted:
            kind = "tombstone" if current else "lost_fact"
            yield Finding(kind, f"{name} at {' '.join(place)}", str(current), str(wanted))


def kept_events(tenant: Audited) -> Iterator[Finding]:
    """The counts of the event log add up, and each event that was kept has its fact."""
    lines = counts.log_lines(tenant.intake)
    found = counts.counts(lines)
    parts = sum(found[state] for state in counts.STATES)
    if found["received"] != parts or found["duplicate"] < 0:
        yield Finding("counts", "event log", f"received {found['received']}", f"{parts} accounted for")
    kept = {json.dumps([e["entity"], e["order"], e["digest"]]): e for e in lines if e["status"] == "kept"}
    here = {(o.source, o.kind, o.entity, o.order, o.digest) for found in tenant.facts.values() for o in found}
    moving = [e for e in kept.values() if not e["entity"][3]]
    seen = _locations(tenant, sorted({(e["entity"][0], e["entity"][1], e["entity"][2]) for e in moving}))
    for line in kept.values():
        source, kind, name, places = line["entity"]
        order, digest = (line["order"][0], line["order"][1]), line["digest"]
        sighted = any((s.order, s.digest) == (order, digest) for s in seen.get((source, kind, name), ()))
        if not (sighted if not places else (source, kind, name, order, digest) in here):
            yield Finding("lost_event", f"{source} {kind} {name} {order}", "no fact", digest)
