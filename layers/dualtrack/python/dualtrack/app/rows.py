"""The rows of the table: keys, encodings, and nothing else. README.md beside this file has them all."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote, unquote
from zlib import crc32

from dualtrack.app.ports import Item, Key
from dualtrack.domain.measures import Partial
from dualtrack.domain.observations import Observation, Place, Sighting
from dualtrack.domain.payouts import Line
from dualtrack.domain.periods import TIMELESS
from dualtrack.domain.scoring import Reason

END = "~"  # sorts after every character that a key part can have
BUCKETS = 8
SHARDS = 16


def part(text: str) -> str:
    """A key part: ASCII, without the separators and without ``END``, which quoting would leave."""
    return quote(text, safe=" .:@_-/").replace(END, "%7E")


def employee_subject(employee: str) -> str:
    """``E:A01``."""
    return f"E:{employee}"


def partition(subject: str, period: str) -> str:
    """Where everything about a subject's period stands together."""
    return f"EP#{part(subject)}#{period}"


def parse_partition(pk: str) -> tuple[str, str]:
    """Subject and period of a partition."""
    _, subject, period = pk.split("#")
    return unquote(subject), period


def bucket(entity: str) -> str:
    """Which eighth of a day an entity belongs to, so that a busy day is read in parts."""
    return str(crc32(entity.encode()) % BUCKETS)


def cell(day: str, entity: str) -> str:
    """What is folded at once: one day's bucket, ``2017-10-05.3``."""
    return f"{day}.{bucket(entity)}"


def observation_key(row: Observation) -> Key:
    """Version and digest are part of the key: no write of one version can overwrite another."""
    place = row.place
    names = (part(place.measure), place.day, bucket(row.entity), part(row.entity))
    return partition(place.subject, place.period), "#".join(("O", *names, f"{row.version:020d}", row.digest))


def observation_item(row: Observation) -> Item:
    """The row of an observation; a tombstone has ``x`` and no values."""
    pk, sk = observation_key(row)
    item: Item = {"pk": pk, "sk": sk, "s": row.source, "e": row.event}
    return item | ({"x": True} if row.retracted else {"v": dict(row.values)})


def observation(item: Mapping[str, Any]) -> Observation:
    """The observation of a row."""
    subject, period = parse_partition(item["pk"])
    _, measure, day, _, entity, version, digest = item["sk"].split("#")
    place = Place(subject, period, unquote(measure), day)
    return Observation(
        place,
        unquote(entity),
        int(version),
        digest,
        item.get("v", {}),
        item.get("x", False),
        item["s"],
        item["e"],
    )


def observations_of(measure: str, cell_id: str) -> tuple[str, str]:
    """The range of sort keys of a measure's cell."""
    day, number = cell_id.split(".")
    start = f"O#{part(measure)}#{day}#{number}#"
    return start, start + END


def changed_cell(sk: str) -> tuple[str, str]:
    """Measure and cell of an observation's sort key."""
    _, measure, day, number, *_ = sk.split("#")
    return unquote(measure), f"{day}.{number}"


def bucket_of(cell_id: str) -> str:
    """The bucket of a cell: how its day's row of totals names it."""
    return cell_id[11:]


def totals_key(measure: str, cell_id: str) -> str:
    """The sort key of the row of totals that holds a cell: one row a day, so that it stays below 1 KB."""
    return f"M#{part(measure)}#{cell_id[:10]}"


def totals_measure(sk: str) -> str:
    """The observed measure of a row of totals."""
    return unquote(sk.split("#")[1])


def encode_partials(partials: Sequence[Partial | None]) -> str:
    """A cell's partials in the order of their definitions; empty when nothing is left there."""
    if not any(partials):
        return ""
    return json.dumps(partials, separators=(",", ":"), ensure_ascii=False)


def decode_partials(text: str) -> list[Partial | None]:
    """The partials of a cell, in the order of their definitions."""
    return [None if values is None else tuple(values) for values in json.loads(text)]


def location_key(source: str, fact_kind: str, entity: str) -> Key:
    """The row that knows every place where an entity ever was."""
    return f"L#{part(source)}#{part(fact_kind)}#{part(entity)}", "L"


def encode_sighting(sighting: Sighting) -> str:
    """One version and its places, as a member of a string set."""
    places = sorted([*place] for place in sighting.places)
    return json.dumps([sighting.version, sighting.digest, places], separators=(",", ":"), ensure_ascii=False)


def decode_sighting(text: str) -> Sighting:
    """The sighting of a set's member."""
    version, digest, places = json.loads(text)
    return Sighting(version, digest, frozenset(Place(*place) for place in places))


def line_key(line: Line) -> Key:
    """Amounts stand under the period they concern; balances under no period."""
    period = TIMELESS if line.kind.startswith("carried") else line.period
    return partition(employee_subject(line.employee), period), f"P#{line.run}#{line.kind}"


def line_item(line: Line) -> Item:
    """The row of a payout line; its reasons are in the run's evidence."""
    pk, sk = line_key(line)
    return {"pk": pk, "sk": sk, "id": line.id, "amount": line.amount, "currency": line.currency,
            "kind": line.kind, "run": line.run, "period": line.period}  # fmt: skip


def shard(name: str) -> str:
    """Spreads what would be one hot partition."""
    return f"{crc32(name.encode()) % SHARDS:02d}"


def roster_items(employee: str, team: str) -> list[Item]:
    """Index rows: who is on the roster, who was ever in a team. The facts decide, these only list."""
    return [
        {"pk": f"ROSTER#{shard(employee)}", "sk": employee},
        {"pk": f"TEAM#{part(team)}", "sk": employee},
    ]


def rescore_item(subject: str, period: str, why: str, cause: str) -> Item:
    """A request to fold again; the newest one of its kind is enough."""
    return {"pk": partition(subject, period), "sk": f"R#{why}", "cause": cause}


def mark_item(employee: str, period: str) -> Item:
    """A settled period that the next run has to look at again."""
    return {"pk": partition(employee_subject(employee), TIMELESS), "sk": f"D#{period}"}


PLAN_CHANGED = "R#plan"


def reasons_data(reasons: Iterable[Reason]) -> list[list[str]]:
    """Reasons as JSON lists."""
    return [[r.rule, r.given, r.result] for r in reasons]
