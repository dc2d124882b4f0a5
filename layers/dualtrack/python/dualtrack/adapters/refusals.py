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
    "greater_than_equal": "write at least {ge}",
    "less_than_equal": "write at most {le}",
    "too_short": "write at least {min_length}",
    "too_long": "write at most {max_length}",
}
# What stands in for a missing field while everything else is looked at.
STANDING_IN = {"name": {"en": "-", "zh": "-"}}


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
        steps = list(_steps(copied, each["loc"]))
        if each["type"] == "missing":
            _stand_in(copied, each["loc"])
        elif steps:
            container, step = steps[-1]
            _leave_out(container, step)
    return copied


def _leave_out(container: Any, step: Any) -> None:
    if isinstance(container[step], float):
        container[step] = f"{container[step]:f}"
    elif isinstance(container, dict):
        del container[step]


def _stand_in(raw: object, location: Location) -> None:
    *way, last = location
    here: Any = raw
    for container, step in _steps(raw, way):
        here = container[step]
    if isinstance(here, dict) and last in STANDING_IN:
        here[last] = STANDING_IN[str(last)]
