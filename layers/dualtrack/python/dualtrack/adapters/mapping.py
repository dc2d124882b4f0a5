"""Source mappings at work: JMESPath picks the fields, the configuration says what they mean.

The format is documented in ``events/sources/README.md``; ``mapping_file`` checks it before it is
published, so here a mapping is trusted and only the event is not.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError

from dualtrack.adapters.functions import OPTIONS
from dualtrack.app.rows import part
from dualtrack.domain.errors import Problem, Refused, problem, refuse
from dualtrack.domain.money import allot
from dualtrack.domain.numbers import exact, number, plain
from dualtrack.domain.observations import Fact, Place, Value, rank_of
from dualtrack.domain.periods import TIMELESS, day_of, instant, month, not_ahead

Data = Mapping[str, Any]
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._@/:-]{0,127}\Z")
ENTITY_BYTES = 700  # of the 1 024 that a sort key may have
EPOCH, MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
PATH_IN_BRACES = re.compile(r"\{([^}]+)\}")


@lru_cache(maxsize=512)
def _compiled(path: str) -> Any:
    return jmespath.compile(path)


def _pick(path: str, data: Data) -> Any:
    try:
        return _compiled(path).search(data, OPTIONS)
    except JMESPathError as error:
        raise refuse("unreadable", path, str(error), "send the field in the documented form") from None


def _required(path: str, data: Data) -> Any:
    found = _pick(path, data)
    if found is None or found == "":
        raise refuse("missing", f"data.{path}", "missing", "send this field")
    return found


def _name(path: str, data: Data) -> str:
    raw = _required(path, data)
    text = str(raw) if isinstance(raw, int | str | Decimal) and not isinstance(raw, bool) else ""
    if not NAME.match(text):
        raise refuse(
            "bad_id", f"data.{path}", raw, "send an id of at most 128 ASCII letters, digits and . _ @ / : -"
        )
    return text


def _title(path: str, data: Data) -> str:
    """Part of an entity's name: what the source calls it, as long as it can be printed."""
    raw = _required(path, data)
    text = str(raw) if isinstance(raw, int | str | Decimal) and not isinstance(raw, bool) else ""
    if not 0 < len(text) <= 256 or not text.isprintable():
        raise refuse("bad_id", f"data.{path}", raw, "send a name of at most 256 printable characters")
    return text


class Mappings:
    """All published mappings of a tenant; the newest version of each source is in force."""

    def __init__(self, documents: Sequence[Data]) -> None:
        self._sources = {each["source"]: each for each in sorted(documents, key=lambda d: d["version"])}

    def __call__(self, event: Data, now: datetime, zone: tzinfo) -> Fact:
        """The fact that an event states; refuses with every problem found."""
        found = list(envelope_problems(event))
        if found:
            raise Refused(*found)
        mapping, rule = self._rule(event)
        data = event["data"]
        if "changed" in rule:
            not_ahead(_required(rule["changed"], data), now, zone, f"data.{rule['changed']}")
        parts = [] if _deleted(rule, data) else list(self._parts(mapping, rule, event, now, zone))
        _once_each(parts)
        return _fact(rule, event, tuple(parts))

    def _rule(self, event: Data) -> tuple[Data, Data]:
        mapping = self._sources.get(event["source"])
        if mapping is None:
            known = ", ".join(sorted(self._sources)) or "none yet"
            raise refuse(
                "unknown_source", "source", event["source"], f"publish a mapping for it; known: {known}"
            )
        for rule in mapping["events"]:
            if any(fnmatchcase(event["type"], wanted) for wanted in rule["type"]):
                return mapping, rule
        raise refuse("unknown_type", "type", event["type"], f"add it to the mapping of {event['source']}")

    def _parts(
        self, mapping: Data, rule: Data, event: Data, now: datetime, zone: tzinfo
    ) -> Iterator[tuple[Place, Mapping[str, Value]]]:
        data = event["data"]
        found: list[Problem] = []
        for observed in rule["observe"]:
            try:
                if "when" in observed and not _pick(observed["when"], data):
                    continue
                values = _values(mapping, observed, data)
                for subject, share in _subjects(observed, data, values):
                    yield _place(subject, observed, event, now, zone), share
            except Refused as refused:
                found += refused.problems
        if found:
            raise Refused(*dict.fromkeys(found))


def envelope_problems(event: Data) -> Iterator[Problem]:
    """CloudEvents 1.0: what every event must carry."""
    if event.get("specversion") != "1.0":
        yield problem("bad_envelope", "specversion", event.get("specversion"), "send CloudEvents 1.0")
    for field in ("id", "source", "type"):
        text = event.get(field)
        if not isinstance(text, str) or not 0 < len(text) <= 256 or not text.isprintable():
            yield problem("missing", field, text, "send a text of 1 to 256 printable characters")
    if not isinstance(event.get("data"), dict):
        yield problem("missing", "data", event.get("data"), "send the payload as a JSON object")
    try:
        instant(event.get("time"), "time")
    except Refused as refused:
        yield from refused.problems


def _once_each(parts: Sequence[tuple[Place, Mapping[str, Value]]]) -> None:
    """Two parts at one place would share one row, and only one of them would count."""
    places = [place for place, _ in parts]
    if len(set(places)) < len(places):
        shown = f"{len(places) - len(set(places)) + 1} parts at one place"
        raise refuse("twice", "data", shown, "send one part for each person, measure and day")


def _fact(rule: Data, event: Data, parts: tuple[tuple[Place, Mapping[str, Value]], ...]) -> Fact:
    """The fact and its place in the entity's history: a number, a time, or (append) the event by itself."""
    data, said = event["data"], (event["source"], event["id"], parts)
    if rule.get("append"):
        return Fact(rule["kind"], _short(event["id"], "id"), 0, False, *said)
    entity = _entity(rule, data)
    if "version" in rule:
        return Fact(rule["kind"], entity, _version(rule, data), rule["moves"], *said)
    fact = Fact(rule["kind"], entity, _changed(rule["changed"], data), rule["moves"], *said)
    return replace(fact, rank=rank_of(fact.digest))


def _entity(rule: Data, data: Data) -> str:
    name = "/".join(_title(path, data) for path in rule["entity"])
    return _short(name, f"data.{rule['entity'][0]}")


def _short(name: str, field: str) -> str:
    if len(part(name)) > ENTITY_BYTES:
        raise refuse("bad_id", field, name, "send a shorter name: a row's key holds it")
    return name


def _deleted(rule: Data, data: Data) -> bool:
    return "deleted" in rule and _pick(rule["deleted"], data) in (True, "true")


def _version(rule: Data, data: Data) -> int:
    raw = _required(rule["version"], data)
    version = number(raw, f"data.{rule['version']}")
    if version < 0 or version % 1 or version >= 10**19:
        raise refuse("bad_version", f"data.{rule['version']}", raw, "send a whole number that grows")
    return int(version)


def _changed(path: str, data: Data) -> int:
    """Microseconds since 1970, as the source's clock has them."""
    raw = _required(path, data)
    passed = (instant(raw, f"data.{path}") - EPOCH) // MICROSECOND
    if passed < 0:
        raise refuse("bad_time", f"data.{path}", raw, "send the time of the last change")
    return passed


def _place(subject: str, observed: Data, event: Data, now: datetime, zone: tzinfo) -> Place:
    data = event["data"]
    measure = PATH_IN_BRACES.sub(lambda match: _name(match[1], data), observed["measure"])
    if "period" in observed:
        period = month(_name(observed["period"], data))
        return Place(subject, period, measure, f"{period}-01")
    path = observed["day"]
    raw = _pick(path, data)
    day = day_of(raw, zone, f"data.{path}")
    if observed["timeless"]:
        return Place(subject, TIMELESS, measure, day.isoformat())
    not_ahead(raw, now, zone, f"data.{path}")
    return Place(subject, day.isoformat()[:7], measure, day.isoformat())


def _subjects(observed: Data, data: Data, values: dict[str, Value]) -> list[tuple[str, dict[str, Value]]]:
    """Who it counts for, each with the values of their part."""
    return (
        _divided(observed["split"], data, values)
        if "split" in observed
        else [(_subject(observed, data), values)]
    )


@exact
def _divided(split: Data, data: Data, values: dict[str, Value]) -> list[tuple[str, dict[str, Value]]]:
    """Parts that sum to exactly the whole, in the order in which the source names the people.

    Largest remainder: 100.01 split 60/40 is 60.01 and 40.00. Whoever has no share has no part.
    """
    where, people = f"data.{split['over']}", _required(split["over"], data)
    if not isinstance(people, list) or not all(isinstance(each, dict) for each in people):
        raise refuse("bad_split", where, people, "send a list of people with their shares")
    shares = [number(_required(split["share"], each), f"{where}[].{split['share']}") for each in people]
    if sum(shares) != 1 or min(shares) < 0:
        raise refuse("shares", where, [plain(s) for s in shares], "send shares that sum to exactly 1")
    parts = {
        name: _allotted(values[name], shares, split["places"]) for name in split["values"] if name in values
    }
    found = []
    for n, person in enumerate(people):
        if shares[n]:
            mine: dict[str, Value] = {name: part[n] for name, part in parts.items()}
            found.append((f"E:{_name(split['employee'], person)}", values | mine))
    return found


def _allotted(value: Value, shares: Sequence[Decimal], places: int) -> list[Decimal]:
    if not isinstance(value, Decimal):
        raise refuse("not_a_number", "split", value, "divide numbers only")
    digits = max(places, -int(value.normalize().as_tuple().exponent))
    return [Decimal(part).scaleb(-digits) for part in allot(int(value.scaleb(digits)), shares)]


def _subject(observed: Data, data: Data) -> str:
    for letter, kind in (("E", "employee"), ("T", "team")):
        path = observed.get(kind)
        if path and _pick(path, data) is not None:
            return f"{letter}:{_name(path, data)}"
    path = observed.get("employee") or observed.get("team")
    raise refuse("missing", f"data.{path}", "missing", "name the employee or the team")


def _values(mapping: Data, observed: Data, data: Data) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for name, path in observed["values"].items():
        raw = _pick(path, data)
        if raw is not None:
            found[name] = number(raw, f"data.{path}")
    for name, path in observed["labels"].items():
        raw = _pick(path, data)
        if raw is not None:
            found[name] = _label(mapping, observed, name, path, raw)
    missing = [name for name in observed["required"] if name not in found]
    if missing:
        paths = observed["values"] | observed["labels"]
        raise Refused(
            *(problem("missing", f"data.{paths[m]}", "missing", "send this field") for m in missing)
        )
    return found


def _label(mapping: Data, observed: Data, name: str, path: str, raw: object) -> str:
    """A label after the value map; refused if the mapping lists what is allowed and this is not."""
    text = mapping["values"].get(name, {}).get(str(raw), str(raw))
    allowed = observed["allowed"].get(name)
    if allowed is not None and text not in allowed:
        remedy = f"map it to one of {', '.join(allowed)}"
        raise refuse("unknown_value", f"data.{path}", raw, remedy)
    if len(text) > 256 or not text.isprintable():
        raise refuse("bad_label", f"data.{path}", raw, "send at most 256 printable characters")
    return str(text)


def parse(text: str) -> Data:
    """A published mapping from its stored text."""
    document: Data = json.loads(text)
    return document
