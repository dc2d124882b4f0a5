"""Rows become CloudEvents of the source ``scenario``, and that source's mapping."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from dualtrack.adapters.mapping_file import MappingModel, stored
from dualtrack.domain.errors import refuse
from dualtrack.domain.money import exponent
from dualtrack.domain.numbers import plain
from infra.scenario.cells import Who
from infra.scenario.names import Names
from infra.scenario.parse import Row

SOURCE = "scenario"
Event = dict[str, Any]
EMPLOYED = ("employee", "leave")  # whatever is observed of somebody comes after their employment


@dataclass(slots=True)
class Facts:
    """Makes events of rows; remembers everybody's terms, which a later row need not repeat."""

    names: Names
    about: str  # stands in every event's id
    terms: dict[str, dict[str, Any]] = field(default_factory=dict)

    def event(self, row: Row) -> Event:
        """The CloudEvent of a row; its id is the row's place."""
        kind, data = MADE[row.command](self, row)
        said = {"version": row.given.get("version", 1), "retracted": row.given.get("retracted", False)}
        when = next((data[name] for name in ("date", "day", "from") if name in data), "")
        time = when if "T" in when else f"{when}T12:00:00Z"
        return {
            "specversion": "1.0",
            "id": f"{self.about}-{row.line}",
            "source": SOURCE,
            "type": f"{SOURCE}.{kind}",
            "time": time,
            "data": data | said,
        }

    def employee(self, row: Row) -> tuple[str, dict[str, Any]]:
        """Terms of employment; what a later row leaves out stays as it was, but not the end."""
        who = row.given["who"]
        known = self.terms.get(who, {})
        terms = {name: row.given.get(name, known.get(name)) for name in ("base", "team", "currency", "from")}
        missing = [name for name, each in terms.items() if each is None]
        if missing:
            raise refuse("missing", ", ".join(missing), "nothing", f"say it with the first row of {who}")
        self.terms[who] = terms
        minor = terms["base"].scaleb(exponent(terms["currency"]))
        return "employee", {
            "employee": self.names(who),
            "name": who,
            "base": plain(minor),
            "team": self.names(terms["team"]),
            "currency": terms["currency"],
            "from": terms["from"],
            "to": row.given.get("to"),
            "manager": row.given.get("manager"),
        }

    def leave(self, row: Row) -> tuple[str, dict[str, Any]]:
        """Days that are not paid."""
        return "leave", self._someone(row) | {"from": row.given["from"], "to": row.given["to"]}

    def target(self, row: Row) -> tuple[str, dict[str, Any]]:
        """A metric's target from a day on."""
        numbers = {
            "metric": row.given["metric"],
            "day": row.given["when"],
            "value": plain(row.given["value"]),
        }
        return "target", self._subject(row.given["who"]) | numbers

    def training(self, row: Row) -> tuple[str, dict[str, Any]]:
        """An attempt at a course, or progress in it."""
        numbers = {
            name: plain(Decimal(row.given[name]))
            for name in ("score", "hours", "progress", "completed")
            if name in row.given
        }
        said = {"course": row.given["course"], "date": row.given["date"], "entity": self._entity(row)}
        return "training", self._someone(row) | said | numbers

    def fact(self, row: Row) -> tuple[str, dict[str, Any]]:
        """One version of one entity of a measure; of several people, each has a share."""
        who: Who = row.given["who"]
        numbers = {name: plain(each) for name, each in row.free.items() if isinstance(each, Decimal)}
        if "value" in row.given:
            numbers["value"] = plain(row.given["value"])
        data = {
            "measure": row.given["measure"],
            "date": row.given["date"],
            "entity": self._entity(row),
            "values": numbers,
            "labels": {name: each for name, each in row.free.items() if isinstance(each, str)},
        }
        if len(who.names) == 1:
            return "fact", self._subject(who) | data
        shares = zip(who.names, who.shares, strict=True)
        people = [{"employee": self.names(name), "share": plain(share)} for name, share in shares]
        return "split", data | {"people": people}

    def _entity(self, row: Row) -> str:
        """What it is about; a row that names nothing is about itself."""
        return self.names.entity(row.given.get("entity", f"row {row.line}"))

    def _someone(self, row: Row) -> dict[str, Any]:
        return {"employee": self.names(row.given["who"])}

    def _subject(self, who: Who) -> dict[str, Any]:
        if len(who.names) > 1:
            raise refuse("shares", "who", " + ".join(who.names), "name one employee or one team")
        return {"team" if who.team else "employee": self.names(who.names[0])}


MADE: Mapping[str, Callable[[Facts, Row], tuple[str, dict[str, Any]]]] = {
    "employee": Facts.employee,
    "leave": Facts.leave,
    "target": Facts.target,
    "training": Facts.training,
    "fact": Facts.fact,
}


def mapping(rows: Iterable[Row], version: int) -> str:
    """The source's mapping as it is published; it knows the values that the rows name."""
    free = [(name, each) for row in rows if row.command == "fact" for name, each in row.free.items()]
    numbers = dict.fromkeys(["value", *(name for name, each in free if isinstance(each, Decimal))])
    labels = dict.fromkeys(name for name, each in free if isinstance(each, str))
    observed = {
        "measure": "{measure}",
        "day": "date",
        "values": {name: f'values."{name}"' for name in sorted(numbers)},
        "labels": {name: f'labels."{name}"' for name in sorted(labels)},
    }
    shared = {"over": "people", "employee": "employee", "share": "share", "values": ["value"]}
    rules = [
        *FIXED,
        _rule("fact", "fact", ["measure", "entity"], observed | SUBJECT),
        _rule("split", "fact", ["measure", "entity"], observed | {"split": shared}),
    ]
    return stored(MappingModel.model_validate({"source": SOURCE, "version": version, "events": rules}))


def _rule(event: str, kind: str, entity: list[str], observed: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": [f"{SOURCE}.{event}"],
        "kind": kind,
        "entity": entity,
        "version": "version",
        "deleted": "retracted",
        "observe": [observed],
    }


SUBJECT = {"employee": "employee", "team": "team"}
TERMS = ("team", "currency", "name", "manager", "from", "to")
FIXED = (
    _rule(
        "employee",
        "employee",
        ["employee", "from"],
        {
            "measure": "employment",
            "employee": "employee",
            "day": "from",
            "timeless": True,
            "values": {"base": "base"},
            "labels": {name: name for name in TERMS},
            "required": ["base", "team", "currency", "from"],
        },
    ),
    _rule(
        "leave",
        "leave",
        ["employee", "from"],
        {
            "measure": "leave",
            "employee": "employee",
            "day": "from",
            "timeless": True,
            "labels": {"from": "from", "to": "to"},
            "required": ["from", "to"],
        },
    ),
    _rule(
        "target",
        "target",
        ["team || employee", "metric", "day"],
        SUBJECT
        | {"measure": "target.{metric}", "day": "day", "values": {"value": "value"}, "required": ["value"]},
    ),
    _rule(
        "training",
        "training",
        ["employee", "course", "entity"],
        {
            "measure": "training",
            "employee": "employee",
            "day": "date",
            "values": {name: name for name in ("score", "hours", "progress", "completed")},
            "labels": {"course": "course"},
            "required": ["course"],
        },
    ),
)
