"""State machines: start one, look at it until it ends, and read why it failed."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

import boto3
import typer
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

from infra.cli.show import complaint, console, line
from infra.cli.words import text

Execution = Mapping[str, Any]
PAUSE = 0.5


def start(machine: str, name: str, given: Mapping[str, Any]) -> str:
    """Start an execution; its ARN."""
    client = boto3.client("stepfunctions")
    started = client.start_execution(stateMachineArn=machine, name=name, input=json.dumps(given))
    return str(started["executionArn"])


def look(execution: str) -> Execution:
    """The execution as it is now."""
    found: Execution = boto3.client("stepfunctions").describe_execution(executionArn=execution)
    return found


def wait(execution: str, said: str, done: Callable[[], tuple[int, int]]) -> Execution:
    """The ended execution, with a bar of what is done meanwhile."""
    bar(said, lambda: look(execution)["status"] == "RUNNING", done)
    return look(execution)


def bar(said: str, going_on: Callable[[], bool], done: Callable[[], tuple[int, int]]) -> None:
    """A bar of what is done, as long as something goes on."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    err = console(stderr=True)
    shown = Progress(*columns, TimeElapsedColumn(), console=err, transient=True, disable=not err.is_terminal)
    with shown as progress:
        task = progress.add_task(said, total=None)
        while going_on():
            count, total = done()
            progress.update(task, completed=count, total=total or None)
            time.sleep(PAUSE)


def outcome(
    machine: str, execution: str, said: str, done: Callable[[], tuple[int, int]]
) -> Mapping[str, Any]:
    """The output of a succeeded execution; otherwise says why and exits with 2."""
    try:
        found = wait(execution, said, done)
    except KeyboardInterrupt:
        line("run.stopped_here")
        raise
    if found["status"] == "SUCCEEDED":
        output: Mapping[str, Any] = json.loads(found["output"])
        return output
    complaint(text("run.failed", machine=machine, why=why(found)))
    raise typer.Exit(2)


def why(found: Execution) -> str:
    """What a failed execution says: the error's own sentence if there is one."""
    cause, error = found.get("cause") or "", found.get("error") or found["status"]
    try:
        said = json.loads(cause)
    except ValueError:
        return cause or str(error)
    return str(said["errorMessage"]) if isinstance(said, dict) and "errorMessage" in said else cause
