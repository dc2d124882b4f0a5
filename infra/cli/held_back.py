"""``quarantine list | show | replay | waive | resolve``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from dualtrack.app import conflicts, quarantine
from dualtrack.app.quarantine import Quarantined
from infra.cli.options import By, Why, argument, option
from infra.cli.show import console, line, table
from infra.cli.state import operator
from infra.cli.words import reason, text

app = typer.Typer(no_args_is_help=True)
HEADS = ("id", "reason", "field", "value", "source", "type", "event", "remedy")
EntryId = Annotated[str, argument("opt.entry", metavar="ID")]
OnlyReason = Annotated[str, option("opt.only_reason", "--reason")]
Keep = Annotated[str, option("opt.keep", "--keep", metavar="DIGEST")]
OnlyEntry = Annotated[str, option("opt.only_entry", "--id")]


@app.command("list", help="help.quarantine.list")
def list_(context: typer.Context) -> None:
    """Only what is open; conflicts that a greater version has ended are closed first."""
    stack = operator(context).stack
    conflicts.close_ended(stack.table, stack.intake)
    found = quarantine.entries(stack.table)
    if found:
        table(HEADS, map(_row, found))
    else:
        line("quarantine.none")


@app.command("show", help="help.quarantine.show")
def show(context: typer.Context, entry: EntryId) -> None:
    """In whatever state it is."""
    stack = operator(context).stack
    found = quarantine.get(stack.table, entry)
    table((*HEADS, "state", "note"), [(*_row(found), found.state, found.note)])
    body = stack.intake.read(found.body).decode("utf-8", "backslashreplace")
    console().print(text("col.body"), style="bold")
    console().print(body, markup=False, soft_wrap=True)


@app.command("replay", help="help.quarantine.replay")
def replay(context: typer.Context, reason: OnlyReason = "", id: OnlyEntry = "") -> None:  # noqa: A002
    """Conflicts are left alone: the same two versions would only meet again."""
    stack = operator(context).stack
    chosen = _chosen(quarantine.entries(stack.table), reason, id)
    mendable = [entry for entry in chosen if entry.problem.reason != "conflict"]
    sent = quarantine.replay(stack.table, stack.intake, stack.ingest, mendable)
    line("quarantine.replayed", count=sent)
    if len(mendable) < len(chosen):
        line("quarantine.left", count=len(chosen) - len(mendable))


@app.command("waive", help="help.quarantine.waive")
def waive(context: typer.Context, by: By, reason: Why, id: OnlyEntry = "") -> None:  # noqa: A002
    """All that is open, or one entry."""
    stack = operator(context).stack
    chosen = _chosen(quarantine.entries(stack.table), "", id)
    line("quarantine.waived", count=quarantine.waive(stack.table, chosen, by, reason))


@app.command("resolve", help="help.quarantine.resolve")
def resolve(context: typer.Context, entry: EntryId, keep: Keep, by: By, reason: Why) -> None:
    """The chosen content counts from now on, wherever it says."""
    stack = operator(context).stack
    found = quarantine.get(stack.table, entry)
    conflicts.resolve(stack.table, stack.intake, stack.measuring().keep, found, keep, by, reason)
    line("quarantine.resolved", entry=entry, digest=keep)


def _chosen(found: Sequence[Quarantined], why: str, entry: str) -> list[Quarantined]:
    return [e for e in found if (not why or e.problem.reason == why) and (not entry or e.id == entry)]


def _row(entry: Quarantined) -> tuple[object, ...]:
    wrong = entry.problem
    why = reason(wrong.reason)
    return entry.id, why, wrong.field, wrong.value, entry.source, entry.type, entry.event, wrong.remedy
