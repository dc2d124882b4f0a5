"""``events send`` and ``events count``."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer
from rich.progress import track

from dualtrack.app.counts import STATES, counts, log_lines
from dualtrack.app.events import dump, parse
from dualtrack.domain.errors import refuse
from infra.cli.options import JsonFile
from infra.cli.show import complaint, console, line, table
from infra.cli.state import operator
from infra.cli.words import text
from infra.operator import BUSY, Operator

app = typer.Typer(no_args_is_help=True)
BATCH = 250
BATCH_BYTES = 3_000_000  # a function takes requests of 6 MB, and JSON may be escaped on the way
TRIES = 6


@app.command("send", help="help.events.send")
def send(context: typer.Context, file: JsonFile) -> None:
    """What was not kept is sent again; what was kept twice counts once."""
    events = _texts(file)
    door, err = operator(context), console(stderr=True)
    answers = [
        _kept(door, batch)
        for batch in track(
            _batches(events), text("events.sending"), console=err, transient=True, disable=not err.is_terminal
        )
    ]
    results = [each for answer in answers for each in answer["results"]]
    if results:
        heads = ("id", "reason", "field", "value", "remedy")
        table(heads, ([each.get(head) for head in heads] for each in results))
    accepted = sum(answer["accepted"] for answer in answers)
    line("events.sent", received=len(events), accepted=accepted, quarantined=len(results))


@app.command("count", help="help.events.count")
def count(context: typer.Context) -> None:
    """A fold of the whole event log."""
    found = counts(log_lines(operator(context).stack.intake))
    table(("state", "count"), [(state, found[state]) for state in ("received", *STATES)])
    if found["reasons"]:
        table(("reason", "count"), found["reasons"].items())


def _texts(file: Path) -> list[str]:
    """The events of a file, each as text that keeps every digit."""
    content = parse(file.read_text("utf-8"))
    if not isinstance(content, list):
        raise refuse("not_an_array", str(file), type(content).__name__, "write a JSON array of CloudEvents")
    return [dump(event) for event in content]


def _batches(events: Sequence[str]) -> list[list[str]]:
    batches: list[list[str]] = []
    size = 0
    for each in events:
        weight = len(each) + 1
        if not batches or len(batches[-1]) == BATCH or size + weight > BATCH_BYTES:
            batches.append([])
            size = 0
        batches[-1].append(each)
        size += weight
    return batches


def _kept(door: Operator, batch: Sequence[str]) -> dict[str, Any]:
    """The answer about a batch that is wholly durable."""
    lost: object = len(batch)
    for attempt in range(TRIES):
        status, answer = door.post(("[" + ",".join(batch) + "]").encode())
        if status in (202, 207):
            return answer
        if status not in BUSY:
            complaint(text("wrong.door", status=status, what=json.dumps(answer, ensure_ascii=False)))
            raise typer.Exit(2)
        lost = [each for each in answer.get("results", []) if each["status"] == "not_kept"] or lost
        time.sleep(0.2 * 2**attempt)
    count = len(lost) if isinstance(lost, list) else lost
    complaint(text("wrong.not_kept", count=count, tries=TRIES))
    raise typer.Exit(2)
