"""What comes out of the ingest queue: our own envelope, a replay, or an event of the bus."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from dualtrack.domain.errors import Problem, problem


@dataclass(frozen=True, slots=True)
class Arrived:
    """One event as it came. ``body`` is the object that already holds it, ``replay`` the entry it left."""

    text: str
    event: Mapping[str, Any] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    body: str = ""
    replay: str = ""


NOT_JSON = "send one CloudEvent as a JSON object in UTF-8"


def parse(text: str) -> Any:
    """JSON with exact numbers; NaN and infinities stay texts, so that a rule can refuse them by name.

    So do numbers that no decimal can be.
    """
    return json.loads(text, parse_float=_decimal, parse_int=_integer, parse_constant=str)


def _decimal(text: str) -> Decimal | str:
    try:
        return Decimal(text)
    except InvalidOperation:  # an exponent beyond all
        return text


def _integer(text: str) -> int | str:
    return int(text) if len(text) <= 40 else text


def unpack(body: str) -> list[Arrived]:
    """The events of a queue message; a body that is none of ours becomes one refused event."""
    try:
        return _unpacked(body, parse(body))
    except (ValueError, RecursionError):
        return [_unusable(body, "not_json")]


def _unpacked(body: str, message: Any) -> list[Arrived]:
    if not isinstance(message, dict):
        return [_unusable(body, "not_an_object")]
    if "replay" in message and "body" in message:
        return [_replayed(str(message["body"]), str(message["replay"]))]
    if isinstance(message.get("events"), list):
        return [_element(element) for element in message["events"]]
    if "detail-type" in message:
        return [_from_bus(message)]
    return [_unusable(body, "unknown_envelope")]


def _unusable(text: str, reason: str, replay: str = "") -> Arrived:
    return Arrived(text, {}, (problem(reason, "body", text, NOT_JSON),), replay=replay)


def _replayed(text: str, entry: str) -> Arrived:
    try:
        event = parse(text)
    except (ValueError, RecursionError):
        return _unusable(text, "not_json", entry)
    if not isinstance(event, dict):
        return _unusable(text, "not_an_object", entry)
    return Arrived(text, event, replay=entry)


def _element(element: Any) -> Arrived:
    if isinstance(element, dict) and "refused" in element:
        refused = element["refused"]
        return Arrived("", {"id": refused["id"]}, tuple(_problems(refused["problems"])), refused["body"])
    text = dump(element)
    return Arrived(text, element) if isinstance(element, dict) else _unusable(text, "not_an_object")


def _problems(data: Iterable[Mapping[str, str]]) -> Iterable[Problem]:
    return (Problem(p["reason"], p["field"], p["value"], p["remedy"]) for p in data)


def _from_bus(message: Mapping[str, Any]) -> Arrived:
    """EventBridge's envelope as a CloudEvent; its detail is the data."""
    event = {
        "specversion": "1.0",
        "id": message.get("id"),
        "source": message.get("source"),
        "type": message.get("detail-type"),
        "time": message.get("time"),
        "data": message.get("detail"),
    }
    return Arrived(dump(event), event)


def dump(value: Any) -> str:
    """JSON text that keeps every digit of a decimal; ASCII, so that half a character stays sendable."""
    return json.dumps(value, default=_text, separators=(",", ":"))


def _text(value: object) -> str:
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form here")
