"""Published documents: plans and source mappings, versioned, never changed, found by one head row.

Rows: ``DOC#<kind>`` / ``V#<id>#<version>`` holds the text, ``DOC#<kind>`` / ``HEAD`` a revision that
every publication raises. A function keeps what it has parsed as long as the revision stands, and on
the hot path it asks for the revision twice a minute, or when a row tells it that there is a newer one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from dualtrack.app.ports import Put, Table
from dualtrack.app.rows import END
from dualtrack.domain.errors import refuse

T = TypeVar("T")
FRESH = timedelta(seconds=30)  # how long the hot path goes on without asking


@dataclass(frozen=True, slots=True)
class Published(Generic[T]):
    """Every version of every document, oldest first, as of a revision."""

    rev: int
    documents: Sequence[T]


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


def revision(table: Table, kind: str) -> int:
    """How often documents of this kind were published."""
    head = table.get(f"DOC#{kind}", "HEAD")
    return int(head["rev"]) if head else 0


class Library(Generic[T]):
    """All published documents of a kind, parsed once per revision."""

    def __init__(self, table: Table, kind: str, parse: Callable[[str], T]) -> None:
        self._table, self._kind, self._parse = table, kind, parse
        self._published: Published[T] = Published(0, ())
        self._asked: datetime | None = None

    def current(self) -> Sequence[T]:
        """Every version, oldest first; one read when nothing was published since."""
        return self.now().documents

    def now(self) -> Published[T]:
        """The same with its revision."""
        rev = revision(self._table, self._kind)
        if rev != self._published.rev:
            rows = self._table.query(f"DOC#{self._kind}", "V#", "V#" + END)
            self._published = Published(rev, [self._parse(row["text"]) for row in rows])
        return self._published

    def recent(self, now: datetime, at_least: int) -> Published[T]:
        """What was published up to half a minute ago, and surely what revision ``at_least`` brought.

        A clock that went back counts as time that has passed: nothing is kept for longer by it.
        """
        fresh = self._asked is not None and timedelta(0) <= now - self._asked < FRESH
        if not fresh or at_least > self._published.rev:
            self._published, self._asked = self.now(), now
        return self._published
