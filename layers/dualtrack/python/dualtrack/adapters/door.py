"""The HTTP door: a request body becomes arrivals, each checked as far as a door can check.

A door knows the source mappings, so it answers what a mapping would refuse. Whether an employee is
on the roster is left to measure: the terms may be one message ahead on the same queue.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from dualtrack.app.events import NOT_JSON, dump, parse
from dualtrack.app.receive import Answer, Arrival, problem_data
from dualtrack.domain.errors import Problem, Refused, problem

EVENT_BYTES = 180_000
DEEPEST = 100  # levels of a body; whoever reads it later has less of a stack, and wraps it
Check = Callable[[Mapping[str, Any]], object]  # raises ``Refused``


def arrivals(request: Mapping[str, Any], check: Check) -> tuple[list[Arrival], bool]:
    """The events of an HTTP API request, and whether its body could be read at all."""
    raw = request.get("body") or ""
    data = b64decode(raw) if request.get("isBase64Encoded") else raw.encode("utf-8", "surrogatepass")
    text = data.decode("utf-8", "surrogateescape")
    try:
        data.decode("utf-8")
        content = _shallow(parse(text))
    except UnicodeDecodeError:
        return [_whole(text, "not_utf8")], False
    except (ValueError, RecursionError):
        return [_whole(text, "not_json")], False
    events = content if isinstance(content, list) else [content]
    if not events:
        return [], False
    return [_arrival(event, check) for event in events], True


def _shallow(content: Any) -> Any:
    """The content, if it is not nested so deep that a later reader might not get to its end."""
    layer = [content]
    for _ in range(DEEPEST):
        layer = [child for each in layer for child in _children(each)]
    if layer:
        raise RecursionError(f"more than {DEEPEST} levels")
    return content


def _children(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _whole(text: str, reason: str) -> Arrival:
    remedy = "send JSON in UTF-8: one CloudEvent or an array of them"
    return Arrival(text, "", (problem(reason, "body", text, remedy),))


def _arrival(event: Any, check: Check) -> Arrival:
    text = dump(event)
    if not isinstance(event, dict):
        return Arrival(text, "", (problem("not_an_object", "event", text, NOT_JSON),))
    return Arrival(text, str(event.get("id", ""))[:256], tuple(_problems(event, text, check)))


def _problems(event: Mapping[str, Any], text: str, check: Check) -> Iterator[Problem]:
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > EVENT_BYTES:
        yield problem("too_large", "event", f"{size} bytes", f"send at most {EVENT_BYTES} bytes an event")
    try:
        check(event)
    except Refused as refused:
        yield from refused.problems


def answer(done: Answer, readable: bool) -> tuple[int, dict[str, Any]]:
    """Status and body: 202 all durable and good, 207 some bad, 400 unreadable, 503 some not kept."""
    results = [_refused(index, arrival) for index, arrival in done.bad if index not in done.lost]
    results += [{"index": index, "status": "not_kept", "remedy": "send it again"} for index in done.lost]
    good = done.received - len(done.lost) - len([1 for r in results if r["status"] == "quarantined"])
    body = {"received": done.received, "accepted": good, "results": results}
    if done.lost:
        return 503, body
    if not readable:
        return 400, body
    return (207 if results else 202), body


def _refused(index: int, arrival: Arrival) -> dict[str, Any]:
    first, *others = map(problem_data, arrival.problems)
    said: dict[str, Any] = {"index": index, "id": arrival.id, "status": "quarantined"} | first
    return said | ({"also": others} if others else {})
