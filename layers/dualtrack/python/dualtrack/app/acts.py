"""The log of human acts: who did what to what, when and why, what was before and after. Append-only.

Rows: ``ACTS`` / ``HEAD`` holds the last number and digest, ``ACTS`` / ``<nnnnnnnn>`` one act. Each act names
the digest of the one before, so nothing can be taken out or changed unseen. An act and what it does are one
transaction: neither is there without the other.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256

from dualtrack.app.ports import Item, Put, Table
from dualtrack.domain.errors import refuse

PK, HEAD = "ACTS", "HEAD"
ATTEMPTS = 20


@dataclass(frozen=True, slots=True)
class Act:
    """One act. ``previous`` is the digest of the act before, empty for the first."""

    number: int
    at: str
    who: str
    what: str
    about: str
    why: str
    before: str
    after: str
    previous: str

    @property
    def digest(self) -> str:
        """What the next act names this one by."""
        return sha256(line(self).encode()).hexdigest()


def line(act: Act) -> str:
    """An act as one line of JSON: the same act, the same bytes."""
    return json.dumps(asdict(act), sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def record(
    table: Table, who: str, what: str, about: str, why: str, at: datetime, before: str = "", after: str = ""
) -> int:
    """Log an act that has no rows of its own; its number."""
    return done(table, lambda number: (), who, what, about, why, at, before, after)


def done(
    table: Table, puts: Callable[[int], Sequence[Put]], who: str, what: str, about: str, why: str,
    at: datetime, before: str = "", after: str = "",
) -> int:  # fmt: skip
    """Write what an act does together with its entry in the log: ``puts`` by the act's number. Returns it.

    Refuses an act without a name, and one whose rows have changed since they were read.
    """
    if not who.strip():
        raise refuse("missing", "by", who, "name who does it")
    for _ in range(ATTEMPTS):
        head = table.get(PK, HEAD)
        act = _next(head, who, what, about, why, at, before, after)
        if table.transact([*puts(act.number), *_puts(act, head)]):
            return act.number
        if table.get(PK, HEAD) == head:
            break
    raise refuse("stale", about, what, "it has changed since it was read: look again")


def _next(
    head: Item | None, who: str, what: str, about: str, why: str, at: datetime, before: str, after: str
) -> Act:
    number, previous = (int(head["n"]), head["digest"]) if head else (0, "")
    return Act(
        number + 1, at.isoformat(timespec="seconds"), who.strip(), what, about, why, before, after, previous
    )


def _puts(act: Act, head: Item | None) -> list[Put]:
    was = head["n"] if head else None
    item = {"pk": PK, "sk": f"{act.number:08d}", **asdict(act)}
    return [
        Put(item, "number", None),
        Put({"pk": PK, "sk": HEAD, "n": act.number, "digest": act.digest}, "n", was),
    ]


def last(table: Table) -> int:
    """The number of the newest act; 0 if there is none."""
    head = table.get(PK, HEAD)
    return int(head["n"]) if head else 0


def between(table: Table, after: int, upto: int) -> list[Act]:
    """The acts with ``after`` < number ≤ ``upto``, in order."""
    items = table.query(PK, f"{after + 1:08d}", f"{upto:08d}") if upto > after else []
    return [_act(item) for item in items]


def _act(item: Item) -> Act:
    fields = {name: item[name] for name in Act.__dataclass_fields__}
    return Act(**fields | {"number": int(item["number"])})


def broken(acts: Sequence[Act], previous: str = "") -> list[int]:
    """Numbers of acts that do not follow the one before them: taken out, put in, or changed."""
    found = []
    for act in acts:
        if act.previous != previous:
            found.append(act.number)
        previous = act.digest
    return found
