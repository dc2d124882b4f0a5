"""Evidence: what a chunk of a run came to, in one object that is created once and never changed.

Whoever creates the object first has settled the chunk; everybody else, and every retry, reads it.
So each employee is priced exactly once in an attempt, and rows, files and messages all come from
the same bytes. It also holds the observations that counted: explaining a paid amount reads this, never
today's rows. Those that were overruled are not kept: which of them had arrived, and in which order, would
make the bytes differ between two runs of the same facts.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dualtrack.app.events import dump
from dualtrack.app.ports import Objects
from dualtrack.app.rows import reasons_data
from dualtrack.app.valuation import PartValue, Valued
from dualtrack.domain.numbers import plain
from dualtrack.domain.observations import Observation
from dualtrack.domain.payouts import Line, Payout
from dualtrack.domain.reasons import Reason
from dualtrack.domain.runs import Run
from dualtrack.domain.scoring import MetricScore, Scorecard


@dataclass(frozen=True, slots=True)
class Chunk:
    """What one chunk was settled to."""

    employees: tuple[str, ...]
    payouts: tuple[Payout, ...]
    held: Mapping[str, Sequence[str]]
    observations: int
    unplanned: tuple[str, ...] = ()
    marks: Mapping[str, Sequence[str]] = field(default_factory=dict)
    undecided: Mapping[str, Sequence[tuple[str, int, int]]] = field(default_factory=dict)
    plans: tuple[str, ...] = ()


def folder(run: Run) -> str:
    """Where an attempt keeps its evidence."""
    return f"runs/period={run.period}/run={run.id}/attempt={run.attempt}"


def list_key(run: Run) -> str:
    """The list of chunks that the state machine maps over."""
    return f"{folder(run)}/chunks.json"


def chunk_key(run: Run, chunk: str) -> str:
    """The object of one chunk."""
    return f"{folder(run)}/chunk-{chunk}.json.gz"


def pack(data: Any) -> bytes:
    """Same content, same bytes: sorted keys and no time stamp in the archive."""
    text = json.dumps(json.loads(dump(data)), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return gzip.compress(text.encode(), mtime=0)


def stored(objects: Objects, run: Run, chunk: str) -> Chunk:
    """What a chunk was settled to; raises ``Missing`` if it is not settled."""
    return read(objects.read(chunk_key(run, chunk)), run.id)


def read(data: bytes, run: str) -> Chunk:
    """A chunk from its object's bytes."""
    found = content(data)
    return Chunk(
        tuple(found["employees"]),
        tuple(_payout(each, run) for each in found["payouts"]),
        found["held"],
        len(found["observations"]),
        tuple(found["unplanned"]),
        found["marks"],
        {who: [(p, due, paid) for p, due, paid in each] for who, each in found["undecided"].items()},
        tuple(sorted({sheet["plan"] for card in found["cards"] for sheet in (card, *card["parts"])})),
    )


def content(data: bytes) -> dict[str, Any]:
    """All that a chunk's object holds."""
    found: dict[str, Any] = json.loads(gzip.decompress(data))
    return found


def _payout(data: Mapping[str, Any], run: str) -> Payout:
    lines = tuple(_line(each, data, run) for each in data["lines"])
    return Payout(data["id"], data["employee"], run, data["currency"], data["amount"], lines)


def _line(data: Mapping[str, Any], payout: Mapping[str, Any], run: str) -> Line:
    reasons = tuple(Reason(*reason) for reason in data["reasons"])
    return Line(
        data["id"], payout["employee"], run, data["kind"], data["period"], data["amount"],
        payout["currency"], reasons, data["ref"],
    )  # fmt: skip


def payout_data(payout: Payout) -> dict[str, Any]:
    """A payout as JSON."""
    lines = [
        {
            "id": x.id,
            "kind": x.kind,
            "period": x.period,
            "amount": x.amount,
            "ref": x.ref,
            "reasons": reasons_data(x.reasons),
        }
        for x in payout.lines
    ]
    return {"id": payout.id, "employee": payout.employee, "currency": payout.currency,
            "amount": payout.amount, "lines": lines}  # fmt: skip


def card_data(valued: Valued, period: str) -> dict[str, Any]:
    """A scorecard with all its reasons as JSON; decimals as texts.

    Of several plans in one period it is the last one's; ``parts`` has the earlier ones. ``read`` names the
    subjects and months whose observations it is made of.
    """
    *earlier, _ = valued.parts
    return {
        "employee": valued.employee,
        "period": period,
        "payout": valued.due,
        "currency": valued.currency,
        "holds": list(valued.holds),
        **_scores(valued.card),
        "parts": [_part_data(each) for each in earlier],
        "reasons": reasons_data(valued.reasons),
        "read": [list(each) for each in valued.read],
    }


def _part_data(value: PartValue) -> dict[str, Any]:
    return {"from": str(value.part.first), "to": str(value.part.last), **_scores(value.card)}


def _scores(card: Scorecard) -> dict[str, Any]:
    return {
        "plan": card.plan,
        "total": plain(card.total),
        "tracks": {
            t.id: {"weight": plain(t.weight), "score": plain(t.score), "reasons": reasons_data(t.reasons)}
            for t in card.tracks
        },
        "metrics": {m.id: _metric_data(m) for m in card.metrics},
        "awards": {a.id: {"qualifies": a.qualifies, "reasons": reasons_data(a.reasons)} for a in card.awards},
    }


def _metric_data(metric: MetricScore) -> dict[str, Any]:
    numbers = {"value": metric.value, "target": metric.target, "attainment": metric.attainment}
    shown = {name: None if each is None else plain(each) for name, each in numbers.items()}
    return shown | {
        "track": metric.track,
        "weight": plain(metric.weight),
        "state": metric.state,
        "points": plain(metric.points),
        "reasons": reasons_data(metric.reasons),
    }


def observation_data(found: Iterable[Observation]) -> list[list[Any]]:
    """Observations as JSON lists, in order: place, entity, version, digest, values, source, event, rank."""
    return [
        [*o.place, o.entity, o.version, o.digest, dict(o.values), o.source, o.event, o.rank]
        for o in sorted(found, key=lambda o: (o.place, o.entity))
    ]
