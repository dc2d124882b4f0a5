"""Receive: a door that acknowledges only what is durable.

Good events go to the ingest queue in messages of many; bad ones go there too, with what is wrong
with them, so that one place counts and keeps everything. What the queue cannot carry is kept whole
in the intake bucket and the message points to it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from dualtrack.app.ports import Objects, Queue
from dualtrack.domain.errors import Problem

MESSAGE_BYTES = 200_000  # an SQS message carries 256 KB and the envelope needs some of it
EVENTS_PER_MESSAGE = 100


@dataclass(frozen=True, slots=True)
class Arrival:
    """One event at the door: its text, its id if it has one, and what is wrong with it."""

    text: str
    id: str
    problems: tuple[Problem, ...] = ()


@dataclass(slots=True)
class Answer:
    """What the sender is told. ``lost`` are the indexes that are not durable: send them again."""

    received: int
    bad: list[tuple[int, Arrival]] = field(default_factory=list)
    lost: list[int] = field(default_factory=list)


def receive(arrivals: Sequence[Arrival], queue: Queue, intake: Objects) -> Answer:
    """Make every event durable, good or bad, and say which is which."""
    bad = [(i, a) for i, a in enumerate(arrivals) if a.problems]
    entries = [(i, _entry(arrival, intake)) for i, arrival in enumerate(arrivals)]
    messages = list(_packed(entries))
    refused = queue.send([body for _, body in messages])
    lost = sorted(index for m in refused for index in messages[m][0])
    return Answer(len(arrivals), bad, lost)


def _entry(arrival: Arrival, intake: Objects) -> str:
    """One event as an element of a message."""
    if not arrival.problems:
        return arrival.text
    data = arrival.text.encode("utf-8", "surrogateescape")
    refusal: dict[str, Any] = {"id": arrival.id, "problems": [problem_data(p) for p in arrival.problems]}
    key = f"quarantine/{sha256(data).hexdigest()[:32]}"
    intake.put(key, data)
    return json.dumps({"refused": refusal | {"body": key}})


def _packed(entries: Iterable[tuple[int, str]]) -> Iterable[tuple[list[int], str]]:
    """Messages below the size and count limits, each with the indexes it carries."""
    indexes: list[int] = []
    texts: list[str] = []
    size = 0
    for index, text in entries:
        weight = len(text.encode()) + 1
        if texts and (size + weight > MESSAGE_BYTES or len(texts) == EVENTS_PER_MESSAGE):
            yield indexes, _message(texts)
            indexes, texts, size = [], [], 0
        indexes.append(index)
        texts.append(text)
        size += weight
    if texts:
        yield indexes, _message(texts)


def _message(texts: Sequence[str]) -> str:
    # The events are put in as they came: parsing and printing again could change a number.
    return '{"events":[' + ",".join(texts) + "]}"


def problem_data(problem: Problem) -> dict[str, str]:
    """A problem as JSON."""
    return {
        "reason": problem.reason,
        "field": problem.field,
        "value": problem.value,
        "remedy": problem.remedy,
    }
