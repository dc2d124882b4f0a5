"""Tables and lines for people. Off a terminal nothing is cut: the output may go into a file or a pipe."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table

from dualtrack.domain.errors import Problem
from infra.cli.words import reason, remedy, text

WIDE = 240


def console(stderr: bool = False) -> Console:
    """Where to write."""
    stream = sys.stderr if stderr else sys.stdout
    return Console(file=stream, highlight=False, width=None if stream.isatty() else WIDE)


def line(key: str, **given: object) -> None:
    """One sentence, never wrapped: it may hold a command to copy."""
    console().print(text(key, **given), markup=False, soft_wrap=True)


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Rows under heads; a number stands right by nature of its head."""
    made = Table(*(), box=None, pad_edge=False, header_style="bold")
    for head in heads:
        made.add_column(text(f"col.{head}"), overflow="fold")
    for row in rows:
        made.add_row(*("" if each is None else str(each).replace("[", "\\[") for each in row))
    console().print(made)


def problems(found: Iterable[Problem]) -> None:
    """Every problem in one sentence of its own, on standard error."""
    for each in found:
        said = text(
            "wrong.refused",
            reason=reason(each.reason),
            field=each.field,
            value=" ".join(each.value.split()) or "''",
            remedy=remedy(each.remedy),
        )
        complaint(said)


def complaint(said: str) -> None:
    """One sentence on standard error."""
    console(stderr=True).print(f"dualtrack: {said}", markup=False, soft_wrap=True)
