"""Published documents: plans and source mappings, versioned, never changed, found by one head row.

Rows: ``DOC#<kind>`` / ``V#<id>#<version>`` holds the text, ``DOC#<kind>`` / ``HEAD`` a revision that
every publication raises. A function keeps what it has parsed as long as the revision stands.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from dualtrack.app.ports import Put, Table
from dualtrack.app.rows import END
from dualtrack.domain.errors import refuse

T = TypeVar("T")


def publish(table: Table, kind: str, name: str, version: int, text: str) -> bool:
    """Store a version once. False if the very same text was there already; refuses another text."""
    pk, sk = f"DOC#{kind}", f"V#{name}#{version:06d}"
    stored = table.get(pk, sk)
    if stored is not None:
        if stored["text"] == text:
            return False
        raise refuse(
            "published", f"{kind} {name}", f"version {version}", "raise its version: a published one stays"
        )
    head = table.get(pk, "HEAD")
    was = head["rev"] if head else None
    rev = int(was or 0) + 1
    puts = [
        Put({"pk": pk, "sk": sk, "text": text, "rev": rev}, "rev", None),
        Put({"pk": pk, "sk": "HEAD", "rev": rev}, "rev", was),
    ]
    if not table.transact(puts):
        raise refuse("busy", f"{kind} {name}", f"version {version}", "somebody published just now: try again")
    return True


class Library(Generic[T]):
    """All published documents of a kind, parsed once per revision."""

    def __init__(self, table: Table, kind: str, parse: Callable[[str], T]) -> None:
        self._table, self._pk, self._parse = table, f"DOC#{kind}", parse
        self._rev: object = None
        self._documents: list[T] = []

    def current(self) -> list[T]:
        """Every version, oldest first; one read when nothing was published since."""
        head = self._table.get(self._pk, "HEAD")
        rev = head["rev"] if head else None
        if rev != self._rev:
            rows = self._table.query(self._pk, "V#", "V#" + END)
            self._documents = [self._parse(row["text"]) for row in rows]
            self._rev = rev
        return self._documents
