"""Watermark: whether everything that was on the table's stream at a moment has been scored.

A probe row in each of many partitions, and score echoes every probe that reaches it. The stream keeps the
order of its shards, so when all probes of a moment are echoed, what was written before them has been scored
too, or has failed visibly. Which shards there are nobody is told: with many probes every
one is met almost surely.
"""

from __future__ import annotations

from dualtrack.app.ports import Table

PROBES = 32
PREFIX = "WATERMARK#"
PROBE, ECHO = "R#probe", "W"


def mark(table: Table, moment: str) -> None:
    """Put the probes of a moment (text that sorts by time) behind all that is on the stream."""
    table.put_many({"pk": f"{PREFIX}{n:02d}", "sk": PROBE, "moment": moment} for n in range(PROBES))


def echo(table: Table, pk: str) -> None:
    """Answer the probe of a partition."""
    probe = table.get(pk, PROBE)
    if probe is not None:
        table.put_many([probe | {"sk": ECHO}])


def reached(table: Table, moment: str) -> bool:
    """Whether every probe of that moment, or of a later one, is answered."""
    found = table.get_many([(f"{PREFIX}{n:02d}", ECHO) for n in range(PROBES)])
    return len(found) == PROBES and all(item["moment"] >= moment for item in found)
