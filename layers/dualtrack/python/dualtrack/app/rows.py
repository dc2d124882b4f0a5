"""The rows of the table: keys, encodings, and nothing else. README.md beside this file has them all."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from hashlib import sha256
from typing import Any
from urllib.parse import quote, unquote
from zlib import crc32

from dualtrack.app.ports import Item, Key
from dualtrack.domain.measures import Partial
from dualtrack.domain.numbers import plain
from dualtrack.domain.observations import Observation, Place, Sighting
from dualtrack.domain.payouts import BALANCES, CLAWBACK, Line
from dualtrack.domain.periods import TIMELESS
from dualtrack.domain.reasons import Reason

END = "~"  # sorts after every character that a key part can have
# More parts of a day make a busy day cheaper to fold and a batch of events dearer to write.
BUCKETS = 5
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
    """Which fifth of a day an entity belongs to, so that a busy day is read in parts."""
    return str(crc32(entity.encode()) % BUCKETS)


def cell(day: str, entity: str) -> str:
    """What is folded at once: one day's bucket, ``2017-10-05.3``."""
    return f"{day}.{bucket(entity)}"


def fact_items(observed: Iterable[Observation]) -> list[Item]:
    """Rows of facts: what comes together for one cell stands together in one row.

    The digest of the content is part of the key, so a row never changes, none overwrites another,
    and the same facts written again are the same row.
    """
    cells: dict[Key, set[str]] = defaultdict(set)
    for row in observed:
        place = row.place
        start = f"F#{part(place.measure)}#{place.day}#{bucket(row.entity)}#"
        cells[partition(place.subject, place.period), start].add(_packed(row))
    packed = {key: "[" + ",".join(sorted(texts)) + "]" for key, texts in cells.items()}
    return [
        {"pk": pk, "sk": start + sha256(text.encode()).hexdigest()[:16], "o": text}
        for (pk, start), text in packed.items()
    ]


def _packed(row: Observation) -> str:
    said: list[Any] = [row.entity, row.version, row.rank, row.digest, row.source, row.kind, row.event]
    if not row.retracted:
        numbers = {name: plain(v) for name, v in row.values.items() if isinstance(v, Decimal)}
        labels = {name: v for name, v in row.values.items() if isinstance(v, str)}
        said += [numbers, labels] if labels else [numbers]
    return json.dumps(said, separators=(",", ":"), ensure_ascii=False, sort_keys=True)


def facts(items: Iterable[Mapping[str, Any]]) -> list[Observation]:
    """The observations of rows of facts, each as often as it was written."""
    return [row for item in items for row in _unpacked(item)]


def _unpacked(item: Mapping[str, Any]) -> Iterator[Observation]:
    subject, period = parse_partition(item["pk"])
    _, measure, day, *_ = item["sk"].split("#")
    place = Place(subject, period, unquote(measure), day)
    for entity, version, rank, digest, source, kind, event, *values in json.loads(item["o"]):
        numbers = {name: Decimal(text) for name, text in values[0].items()} if values else {}
        stated = numbers | values[1] if values[1:] else numbers
        yield Observation(place, entity, version, digest, stated, not values, source, event, rank, kind)


FACTS = ("F#", "F#" + END)


def facts_of(measure: str, cell_id: str) -> tuple[str, str]:
    """The range of sort keys of a measure's cell."""
    day, number = cell_id.split(".")
    start = f"F#{part(measure)}#{day}#{number}#"
    return start, start + END


def changed_cell(sk: str) -> tuple[str, str]:
    """Measure and cell of the sort key of a row of facts."""
    _, measure, day, number, *_ = sk.split("#")
    return unquote(measure), f"{day}.{number}"


def day_of_totals(sk: str) -> str:
    """The day of a row of totals."""
    return sk.rpartition("#")[2]


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
    said = [sighting.version, sighting.rank, sighting.digest, places]
    return json.dumps(said, separators=(",", ":"), ensure_ascii=False)


def decode_sighting(text: str) -> Sighting:
    """The sighting of a set's member."""
    version, rank, digest, places = json.loads(text)
    return Sighting(version, digest, frozenset(Place(*place) for place in places), rank)


def line_key(line: Line) -> Key:
    """Amounts stand under the period they concern; balances under no period."""
    period = TIMELESS if line.kind in BALANCES else line.period
    several = f"#{line.id}" if line.kind == CLAWBACK else ""  # a run may take parts of more than one
    return partition(employee_subject(line.employee), period), f"P#{line.run}#{line.kind}{several}"


def line_item(line: Line) -> Item:
    """The row of a payout line; its reasons are in the run's evidence."""
    pk, sk = line_key(line)
    said = {"pk": pk, "sk": sk, "id": line.id, "amount": line.amount, "currency": line.currency,
            "kind": line.kind, "run": line.run, "period": line.period}  # fmt: skip
    return said | ({"ref": line.ref} if line.ref else {})


def shard(name: str) -> str:
    """Spreads what would be one hot partition."""
    return f"{crc32(name.encode()) % SHARDS:02d}"


def roster_items(employee: str, team: str) -> list[Item]:
    """Index rows: who is on the roster, who was ever in a team. The facts decide, these only list."""
    return [
        {"pk": f"ROSTER#{shard(employee)}", "sk": employee},
        {"pk": f"TEAM#{part(team)}", "sk": employee},
    ]


def rescore_item(subject: str, period: str, why: str, cause: str, rev: int = 0) -> Item:
    """A request to fold again; the newest one of its kind is enough.

    ``rev`` is the revision of the published plans that the fold has to know of.
    """
    return {"pk": partition(subject, period), "sk": f"R#{why}", "cause": cause, "rev": rev}


def mark_item(employee: str, period: str) -> Item:
    """A settled period that the next run has to look at again."""
    return {"pk": partition(employee_subject(employee), TIMELESS), "sk": f"D#{period}"}


PLAN_CHANGED, REFOLD = "R#plan", "R#refold"  # what asks for a fold of every cell
WINDOW = "R#window"  # what says that another month has changed
LOOKED_AT = "R#looked_at"  # tells a month that later ones are made of its facts too, by a plan that is new


def reasons_data(reasons: Iterable[Reason]) -> list[list[str]]:
    """Reasons as JSON lists."""
    return [[r.rule, r.given, r.result] for r in reasons]
