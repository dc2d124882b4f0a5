"""What pydantic finds wrong with a document, in our words: place, value, remedy."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from pydantic import ValidationError

from dualtrack.domain.errors import Problem, Refused, problem

Location = Sequence[int | str]
REMEDIES = {
    "missing": "write it",
    "extra_forbidden": "delete it, or correct its spelling",
    "string_type": "write a text; a number that is meant as one stands in quotes",
    "int_type": "write a whole number, without quotes",
    "bool_type": "write true or false",
    "list_type": "write a list",
    "dict_type": "write a mapping",
    "model_type": "write a mapping",
    "invalid_key": "write the key as a text",
    "greater_than_equal": "write at least {ge}",
    "less_than_equal": "write at most {le}",
    "too_short": "write at least {min_length}",
    "too_long": "write at most {max_length}",
}
# What stands in for a field that is missing or cannot be read, and for a part of a wrong form, while
# everything else is looked at. Nothing that is said about a stand-in reaches anybody.
CONDITION = {"measure": "-", "at_least": 0}
FIELDS: Mapping[str, object] = {
    "name": {"en": "-", "zh": "-"}, "weight": 0, "kind": "sum", "table": [[0, 0]], "amount": 0, "by": 1,
    "version": 1, "currency": "CNY", "effective": {"from": "2026-01-01"}, "from": "2026-01-01", "metrics": [],
    "when": [CONDITION],
}  # fmt: skip
FORMS: Mapping[str, object] = {
    "condition": CONDITION,
    "gate": {"when": [CONDITION]},
    "modifier": {"add": 0},
}


def refusal(error: ValidationError, raw: object = None) -> Refused:
    """Every finding; with the document, places are told by ids instead of positions."""
    return Refused(*(_problem(each, raw) for each in _errors(error)))


def _errors(error: ValidationError) -> list[Mapping[str, Any]]:
    return cast("list[Mapping[str, Any]]", error.errors(include_url=False))


def _problem(error: Mapping[str, Any], raw: object) -> Problem:
    place = ".".join(map(str, error["loc"])) if raw is None else ".".join(_words(raw, error))
    known = REMEDIES.get(error["type"])
    remedy = error["msg"] if known is None else known.format(**error.get("ctx", {}))
    return problem(error["type"], place or "document", _found(error), remedy)


def _found(error: Mapping[str, Any]) -> object:
    """What stands at the place; of a missing field pydantic shows all that is around it."""
    return "missing" if error["type"] == "missing" else error["input"]


def _steps(raw: object, location: Location) -> Iterator[tuple[Any, Any]]:
    """The way through a document: each container with the key or index that is taken there.

    Pydantic also names steps that the document does not have, such as the form of a union: they are left
    out.
    """
    here: Any = raw
    for step in location:
        if _has(here, step):
            yield here, step
            here = here[step]


def _has(container: object, step: int | str) -> bool:
    if isinstance(container, list):
        return isinstance(step, int) and step < len(container)
    return isinstance(container, Mapping) and step in container


def _words(raw: object, error: Mapping[str, Any]) -> Iterator[str]:
    for container, step in _steps(raw, error["loc"]):
        inside = container[step] if isinstance(container, list) else None
        name = inside.get("id") if isinstance(inside, Mapping) else None
        yield name if isinstance(name, str) else str(step)
    if error["type"] == "missing":
        yield str(error["loc"][-1])


def mended(raw: object, error: ValidationError) -> object:
    """The document without what pydantic found, so that the rest can be looked at in the same go."""
    copied = copy.deepcopy(raw)
    for each in _errors(error):
        _mend(copied, each["type"], each["loc"])
    return copied


def _mend(raw: object, kind: str, location: Location) -> None:
    steps = list(_steps(raw, location))
    if not steps:
        return
    container, step = steps[-1]
    if kind == "missing":
        container, step = container[step], location[-1]
    if kind in FORMS:
        container[step] = copy.deepcopy(FORMS[kind])
    elif kind != "missing" and isinstance(container[step], float):
        container[step] = f"{container[step]:f}"
    elif kind == "missing":
        _replace(container, step)
    else:  # of a list, all of it: positions that moved would tell wrong places
        _replace(*next(each for each in reversed(steps) if isinstance(each[0], dict)))


def _replace(container: dict[object, object], name: object) -> None:
    if name in FIELDS:
        container[name] = copy.deepcopy(FIELDS[str(name)])
    else:
        container.pop(name, None)
