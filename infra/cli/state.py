"""What the global options said, and the tenant they lead to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import typer

from infra.cli import place
from infra.operator import Operator


@dataclass(frozen=True, slots=True)
class State:
    """The global options."""

    tenant: str
    outputs: Path | None


def operator(context: typer.Context) -> Operator:
    """The tenant that this command is about."""
    state: State = context.find_root().obj
    return place.operator(state.tenant, state.outputs)
