"""Options and arguments whose help is a key of the texts table, filled in when the application is built."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.models import ParameterInfo

from infra.cli.words import text

_KEYED: list[tuple[ParameterInfo, str]] = []


def argument(key: str, **more: Any) -> Any:
    """A positional argument."""
    return _keyed(typer.Argument(**more), key)


def option(key: str, *names: str, **more: Any) -> Any:
    """An option."""
    return _keyed(typer.Option(*names, **more), key)


def _keyed(info: Any, key: str) -> Any:
    _KEYED.append((info, key))
    return info


def translate() -> None:
    """Give every option its help in the language in use."""
    for info, key in _KEYED:
        info.help = text(key)


Employee = Annotated[str, argument("opt.employee")]
Period = Annotated[str, argument("opt.period")]
RunId = Annotated[str, argument("opt.run", metavar="RUN")]
By = Annotated[str, option("opt.by", "--by")]
Why = Annotated[str, option("opt.why", "--reason")]
PlanFile = Annotated[Path, argument("opt.plan_file", metavar="FILE")]
PlanFiles = Annotated[list[Path], argument("opt.plan_files", metavar="FILE")]
MappingFile = Annotated[Path, argument("opt.mapping_file", metavar="FILE")]
JsonFile = Annotated[Path, argument("opt.payload", metavar="FILE")]
