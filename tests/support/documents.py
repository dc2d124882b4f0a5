"""A plan document that uses the whole language, and ways to change it by place."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

from dualtrack.adapters.yaml_text import parsed

Document = dict[str, Any]
GONE = object()  # stands for a field that is left out

WHOLE: Document = parsed(Path(__file__).with_name("whole_plan.yaml").read_text("utf-8"))


def changed(*changes: tuple[str, Any]) -> Document:
    """The whole plan with other values at some places; a step is a key, an index, or the id of a part."""
    made = copy.deepcopy(WHOLE)
    for place, value in changes:
        *way, last = place.split("/")
        node: Any = made
        for step in way:
            node = node[_key(node, step)]
        if value is GONE:
            del node[_key(node, last)]
        else:
            node[_key(node, last)] = value
    return made


def _key(node: Any, step: str) -> Any:
    if not isinstance(node, list):
        return step
    if step.isdigit():
        return int(step)
    return next(place for place, each in enumerate(node) if each.get("id") == step)
