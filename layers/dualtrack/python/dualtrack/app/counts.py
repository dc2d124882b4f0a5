"""Counts: what became of every event that arrived, as a fold of the event log.

Each arrival is exactly one of: duplicate (an equal event or an equal fact came before), applied
(the greatest version of its entity), superseded (an older version), conflict (an equal version
with other content), quarantined. The log is the list of arrivals, so a re-delivered queue message
counts once; a replay is not a new arrival but changes what became of the first.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Set
from typing import Any

from dualtrack.app.ports import Objects

Line = Mapping[str, Any]
Order = tuple[int, ...]
STATES = ("applied", "superseded", "duplicate", "conflict", "quarantined")


def log_lines(intake: Objects) -> list[Line]:
    """Every line of the event log."""
    texts = (intake.read(key).decode("utf-8", "surrogatepass") for key in intake.list("log/"))
    return [json.loads(line) for text in texts for line in text.split("\n") if line]


def counts(lines: Iterable[Line]) -> dict[str, Any]:
    """``received`` and its parts, which add up, and the reasons of what is in quarantine."""
    lines = list(lines)
    arrivals = {line["instance"] for line in lines if not line["replay"]}
    decided = {(json.dumps(e["entity"]), tuple(e["settles"])) for e in lines if e["status"] == "resolved"}
    kept, refused = _distinct(line for line in lines if line["status"] != "resolved")
    found: Counter[str] = Counter(dict.fromkeys(STATES, 0))
    found.update(_facts(kept, decided))
    found["quarantined"] = len(refused)
    found["duplicate"] = (
        len(arrivals) - len(refused) - sum(found[s] for s in ("applied", "superseded", "conflict"))
    )
    reasons = Counter(line["reason"] for line in refused)
    return {"received": len(arrivals)} | dict(found) | {"reasons": dict(sorted(reasons.items()))}


def _distinct(lines: Iterable[Line]) -> tuple[list[Line], list[Line]]:
    """One line for each distinct event: kept if it was ever kept, else refused."""
    by_event: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        by_event[line["replay"] or line["text_id"]].append(line)
    last = [next((e for e in same if e["status"] == "kept"), same[0]) for same in by_event.values()]
    return [e for e in last if e["status"] == "kept"], [e for e in last if e["status"] != "kept"]


def _facts(kept: Iterable[Line], decided: Set[tuple[str, Order]]) -> Counter[str]:
    """States of distinct facts: by entity, the greatest version that is not contested is applied."""
    entities: dict[str, dict[Order, set[str]]] = defaultdict(lambda: defaultdict(set))
    for line in kept:
        entities[json.dumps(line["entity"])][tuple(line["order"])].add(line["digest"])
    found: Counter[str] = Counter()
    for entity, versions in entities.items():
        contested = {o for o in versions if len(versions[o]) > 1 and (entity, o) not in decided}
        facts = sum(len(digests) for order, digests in versions.items() if order not in contested)
        found["conflict"] += sum(len(versions[order]) for order in contested)
        found["applied"] += min(1, facts)
        found["superseded"] += max(0, facts - 1)
    return found
