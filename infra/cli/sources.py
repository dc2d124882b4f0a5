"""``source check``, ``source publish`` and ``source try``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

from dualtrack.adapters import mapping, mapping_file
from dualtrack.app import operate
from dualtrack.app.events import NOT_JSON, dump, parse
from dualtrack.domain.errors import Refused, refuse
from dualtrack.domain.observations import Fact
from infra.cli.options import JsonFile, MappingFile, option
from infra.cli.show import line, problems, table
from infra.cli.state import operator

app = typer.Typer(no_args_is_help=True)
HEADS = ("subject", "period", "measure", "day", "entity", "version", "values")
Zone = Annotated[str, option("opt.zone", "--zone")]


@app.command("check", help="help.source.check")
def check(file: MappingFile) -> None:
    """No tenant is needed: only the file is read."""
    found = mapping_file.load(file)
    types = ", ".join(each for rule in found.events for each in rule.type)
    line("source.ok", source=found.source, version=found.version, types=types)


@app.command("publish", help="help.source.publish")
def publish(context: typer.Context, file: MappingFile) -> None:
    """A published version never changes; the newest one is in force."""
    found = mapping_file.load(file)
    table_ = operator(context).stack.table
    new = operate.publish_source(table_, found.source, found.version, mapping_file.stored(found))
    line("source.published" if new else "source.same", source=found.source, version=found.version)


@app.command("try", help="help.source.try")
def attempt(file: MappingFile, payload: JsonFile, zone: Zone = "UTC") -> None:
    """Exits with 2 if an event is refused."""
    mapper = mapping.Mappings([mapping.parse(mapping_file.stored(mapping_file.load(file)))])
    good = bad = 0
    where, rows = zone_named(zone), []
    for event in _events(payload):
        try:
            rows += _rows(mapper(event, datetime.now(UTC), where))
            good += 1
        except Refused as refused:
            problems(refused.problems)
            bad += 1
    table(HEADS, rows)
    line("source.tried", good=good, bad=bad)
    if bad:
        raise typer.Exit(2)


def zone_named(name: str) -> ZoneInfo:
    """A time zone by its IANA name; refuses one that there is not."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise refuse("unknown_choice", "--zone", name, "name an IANA zone such as Asia/Shanghai") from None


def _events(file: Path) -> Iterator[Mapping[str, Any]]:
    content = parse(file.read_text("utf-8"))
    for event in content if isinstance(content, list) else [content]:
        if not isinstance(event, dict):
            raise refuse("not_an_object", str(file), json.dumps(event), NOT_JSON)
        yield event


def _rows(fact: Fact) -> list[tuple[object, ...]]:
    entity = f"{fact.kind} {fact.entity}"
    if not fact.parts:
        line("source.deleted", entity=entity, version=fact.version)
    return [(*place, entity, fact.version, dump(values)) for place, values in fact.parts]
