"""YAML (or JSON) as people mean it: numbers, true, false and texts, and nothing that YAML 1.1 would guess.

``on``, ``no`` and ``2017-10-01`` are texts, ``010`` is no octal number, a key that stands twice is refused.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

from dualtrack.domain.errors import refuse

FLOATS = (
    r"[-+]?(?:[0-9]*\.[0-9]+|[0-9]+\.)(?:[eE][-+]?[0-9]+)?",
    r"[-+]?[0-9]+[eE][-+]?[0-9]+",
    r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
)
PLAIN = {  # by tag: the words, and with what they can begin
    "null": (r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    "bool": (r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    "int": (r"[-+]?(?:0|[1-9][0-9]*)", list("-+0123456789")),
    "float": ("|".join(FLOATS), list("-+0123456789.")),
    "merge": (r"<<", ["<"]),
}


class _Loader(yaml.SafeLoader):
    """The safe loader with the plain words of YAML 1.2."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012  # the library's own name and form

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        """A mapping without any key twice."""
        node = super().compose_mapping_node(anchor)
        seen: set[str] = set()
        for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
            if key.value in seen:
                said = f"{key.value} stands here twice"
                raise yaml.MarkedYAMLError(problem=said, problem_mark=key.start_mark)
            seen.add(key.value)
        return node


for tag, (words, first) in PLAIN.items():
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(rf"(?:{words})\Z"), first)


def parsed(text: str) -> Any:
    """What a text says; refuses one that is no YAML, with line and column."""
    try:
        return yaml.load(text, _Loader)  # a safe loader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}" if mark else "document"
        raise refuse("not_yaml", place, error.problem or str(error), "write one YAML document") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise refuse("not_yaml", "document", str(error), "write one YAML document") from None
