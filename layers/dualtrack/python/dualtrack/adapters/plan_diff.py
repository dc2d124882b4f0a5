"""What differs between two plans, by place: the value before and the value after."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from dualtrack.adapters.plan_model import PlanModel


class Change(NamedTuple):
    """A place whose value differs; empty is nothing there."""

    place: str
    before: str
    after: str


def changes(before: str, after: str) -> list[Change]:
    """What changes from one stored text to another, in the order of places.

    A field that is not said counts as its default; of a part that comes or goes, only what is not the
    default is listed.
    """
    old, new = _Said(before), _Said(after)
    places = sorted(old.short.keys() | new.short.keys())
    found = (Change(place, old.full.get(place, ""), new.full.get(place, "")) for place in places)
    return [change for change in found if change.before != change.after]


class _Said:
    """A plan's values by place: those that are not the default, and all of them."""

    def __init__(self, text: str) -> None:
        model = PlanModel.model_validate_json(text)
        full = model.model_dump(mode="json", by_alias=True, exclude_none=True)
        short = model.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_defaults=True)
        self.full, self.short = dict(_flat("", full)), dict(_flat("", short))


def _flat(place: str, node: Any) -> Iterator[tuple[str, str]]:
    dot = f"{place}." if place else ""
    match node:
        case dict():
            for name, value in node.items():
                yield from _flat(f"{dot}{name}", value)
        case [dict(), *_]:
            yield from _parts(place, node)
        case []:
            return
        case str():
            yield place, node
        case _:
            yield place, json.dumps(node, ensure_ascii=False)


def _parts(place: str, parts: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """Parts by their names, or their positions; another order of named ones is a difference too."""
    names = [str(part.get("id", number)) for number, part in enumerate(parts)]
    if all("id" in part for part in parts):
        yield place, ", ".join(names)
    for name, part in zip(names, parts, strict=True):
        yield from _flat(f"{place}.{name}", part)
