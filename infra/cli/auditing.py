"""``audit``."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, replace
from enum import StrEnum
from typing import Annotated

import typer

from dualtrack.app.audit import Report, audit
from infra.cli.options import option
from infra.cli.show import console, line, table
from infra.cli.state import operator
from infra.cli.words import text

HEADS = ("kind", "where", "stored", "expected", "cause")


class Format(StrEnum):
    """For people or for programs."""

    TEXT = "text"
    JSON = "json"


How = Annotated[Format, option("opt.format", "--format")]
Pause = Annotated[int, option("opt.pause", "--pause", min=0, max=900)]


def audited(context: typer.Context, format: How = Format.TEXT, pause: Pause = 10) -> None:  # noqa: A002
    """Reads everything and writes nothing: every period, the whole event log, every key of the table."""
    stack = operator(context).stack
    tenant = replace(stack.audited(), keys=stack.table.partitions)
    report = audit(tenant, lambda: time.sleep(pause))
    if format == Format.JSON:
        console().print_json(json.dumps(asdict(report)))
    else:
        _told(report)
    raise typer.Exit(1 if report.findings else 0)


def _told(report: Report) -> None:
    looked = {"employees": report.employees, "periods": len(report.periods), "runs": report.runs}
    if not report.findings:
        line("audit.sound", **looked)
        return
    rows = [(f.kind, f.where, f.stored, f.expected, text(f"cause.{f.kind}")) for f in report.findings]
    table(HEADS, rows)
    line("audit.differs", count=len(report.findings), **looked)
