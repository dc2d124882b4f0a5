"""The tables of README.md that are written by a run, and read by a test."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

PAGE = Path(__file__).parent / "README.md"
BEGIN, END = "<!-- mutations:begin -->", "<!-- mutations:end -->"
HEAD = ("| bug | lives until it is found | what was seen |", "|---|---|---|")


def written(found: Mapping[str, tuple[int | None, str]]) -> None:
    """Put what was found into the page."""
    lines = [
        f"| {name} | {number or '–'} | {violation[:90]} |" for name, (number, violation) in found.items()
    ]
    before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    PAGE.write_text("\n".join([before + BEGIN, *HEAD, *lines, END + after]), encoding="utf-8")


def stated() -> dict[str, int]:
    """Planted bug → lives, as the page says."""
    table = PAGE.read_text("utf-8").partition(BEGIN)[2].partition(END)[0]
    return {
        name: int(number) for name, number in re.findall(r"^\| ([^|]+?) \| (\d+) \|", table, re.MULTILINE)
    }
