"""Which days and people the published plans claim, so that no two of them claim the same."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date

from dualtrack.app.ports import Table
from dualtrack.app.rows import END
from dualtrack.domain.plan import Whom


@dataclass(frozen=True, slots=True)
class Published:
    """What a stored plan says of its days and people; the rest of it is not looked at."""

    id: str
    version: int
    start: date
    end: date | None
    whom: Whom


def claims(table: Table) -> list[Published]:
    """Of every published version."""
    return [_published(row["text"]) for row in table.query("DOC#plan", "V#", "V#" + END)]


def _published(text: str) -> Published:
    said = json.loads(text)
    start, end = (said["effective"].get(name) for name in ("from", "to"))
    whom = {name: frozenset(said.get("for", {}).get(name, ())) for name in ("teams", "employees")}
    return Published(
        said["id"],
        said["version"],
        date.fromisoformat(start),
        date.fromisoformat(end) if end else None,
        Whom(**whom),
    )
