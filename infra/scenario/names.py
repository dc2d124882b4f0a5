"""What people and teams are called in the tenant: ids of its alphabet, and of a scenario's own on a stack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

Document = dict[str, Any]
DIGITS = 8


def digest(*said: str) -> str:
    """A few characters that stand for a text."""
    return sha256("\x1f".join(said).encode()).hexdigest()[:DIGITS]


@dataclass(frozen=True, slots=True)
class Names:
    """``tail`` keeps the scenarios of one deployed tenant apart; in memory each has a tenant of its own."""

    tail: str = ""

    def __call__(self, name: str) -> str:
        """The id of an employee or a team: itself if it is ASCII, else made from it."""
        return self.entity(name if name.isascii() else f"n-{digest(name)}")

    def entity(self, name: str) -> str:
        """What a fact is about, which may be called anything."""
        return f"{name}.{self.tail}" if self.tail else name

    def plan(self, document: Document, employees: Mapping[str, Any]) -> Document:
        """A plan with these ids; on a stack it is for this scenario's employees only."""
        whom = {key: [self(each) for each in names] for key, names in document.get("for", {}).items()}
        if self.tail and not whom:
            whom = {"employees": [self(each) for each in employees]}
        renamed = document | ({"for": whom} if whom else {})
        return renamed | ({"id": f"{document['id']}-{self.tail}"} if self.tail else {})
