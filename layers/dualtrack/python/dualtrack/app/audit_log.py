"""Audit of the event log: its counts add up, what it says was kept is there, and what is there is in it."""

from __future__ import annotations

from collections.abc import Iterator

from dualtrack.app import counts, rows
from dualtrack.app.audited import Audited, Finding
from dualtrack.app.conflicts import CONFLICT

LINE = "a line in the event log"


def counts_add_up(tenant: Audited) -> Iterator[Finding]:
    """Every arrival is exactly one of five things. Only the whole log can say so."""
    if tenant.night is None:
        found = counts.counts(tenant.log)
        parts = sum(found[state] for state in counts.STATES)
        if found["received"] != parts:
            yield Finding("counts", "event log", f"received {found['received']}", f"{parts} accounted for")


def lost_events(tenant: Audited) -> Iterator[Finding]:
    """What the log says was kept has left something; what it says was refused stands in quarantine."""
    moving = {each.version for each in tenant.logged if not each.places}
    for entity, order, digest in sorted(moving - tenant.sighted - tenant.versions):
        yield Finding("lost_event", f"{' '.join(entity)} version {order[0]}", "no trace", digest)
    refused = {counts.event(line) for line in tenant.log if line["status"] == "quarantined"}
    keys = {(f"QUARANTINE#{rows.shard(name)}", name) for name in refused}
    found = {(item["pk"], item["sk"]) for item in tenant.table.get_many(sorted(keys))}
    for pk, sk in sorted(keys - found):
        yield Finding("lost_event", f"{pk} {sk}", "no entry", "an entry")


def unlogged(tenant: Audited) -> Iterator[Finding]:
    """Every stored fact, sighting and quarantine entry has a line. Only the whole log can say so."""
    if tenant.night is None:
        logged = {each.version for each in tenant.logged}
        for entity, order, digest in sorted((tenant.versions | tenant.sighted) - logged):
            yield Finding("unlogged", f"{' '.join(entity)} version {order[0]}", digest, LINE)
        events = {counts.event(line) for line in tenant.log if line["status"] != "resolved"}
        for pk, name in _refused(tenant):
            if name not in events:
                yield Finding("unlogged", f"{pk} {name}", "an entry", LINE)


def _refused(tenant: Audited) -> Iterator[tuple[str, str]]:
    """The quarantine entries of refused events: conflicts are none."""
    for number in range(rows.SHARDS):
        for item in tenant.table.query(f"QUARANTINE#{number:02d}", " ", rows.END):
            if item.get("reason") != CONFLICT:
                yield item["pk"], item["sk"]
