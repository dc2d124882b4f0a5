"""What a tenant's ports hold, in a form that can be compared."""

from __future__ import annotations

from typing import Any

from dualtrack.adapters.memory import MemoryObjects, MemoryTable

WHEN = ("r", "s", "at")  # how often and when a derived row was written, not what it says


def table_rows(table: MemoryTable, *prefixes: str) -> dict[tuple[str, str], dict[str, Any]]:
    """Every row whose sort key starts with one of the prefixes; all rows without any."""
    return {
        (pk, sk): {name: each for name, each in row.items() if name not in WHEN}
        for pk, found in table._rows.items()
        for sk, row in found.items()
        if not prefixes or sk.startswith(prefixes)
    }


def objects(bucket: MemoryObjects) -> dict[str, bytes]:
    """Every object."""
    return {key: bucket.read(key) for key in bucket.list("")}
