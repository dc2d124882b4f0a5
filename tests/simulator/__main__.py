"""``./dev sim``: explore, replay, and show that planted bugs are found."""

from __future__ import annotations

import json
import secrets
import sys
from itertools import count
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from tests.simulator import shrink
from tests.simulator.explore import FIXED, Report, explore
from tests.simulator.life import Result, live
from tests.simulator.mutations import BOUND, MUTATIONS, seeds_needed
from tests.simulator.pages import written
from tests.simulator.reached import missing

say = Console(highlight=False, soft_wrap=True)
app = typer.Typer(add_completion=False)


@app.command()
def main(
    seed: Annotated[int | None, typer.Option(help="replay one seed, to the letter")] = None,
    minutes: Annotated[float | None, typer.Option(help="explore fresh seeds for so long")] = None,
    mutations: Annotated[
        bool, typer.Option(help="plant bugs, count the lives that find them, write the table")
    ] = False,
    report: Annotated[Path | None, typer.Option(help="write what was found as JSON")] = None,
) -> None:
    """Simulate the write path. Without options: the fixed seeds, and what they have to reach."""
    if seed is not None:
        raise typer.Exit(_replay(seed))
    if mutations:
        raise typer.Exit(_mutations())
    found = explore(FIXED) if minutes is None else explore(count(secrets.randbelow(2**40)), minutes * 60)
    if report:
        report.write_text(json.dumps(found.data, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    raise typer.Exit(_told(found, missing(found.reached) if found.lives >= len(FIXED) else []))


def _told(found: Report, absent: list[str]) -> int:
    rate = found.lives / found.seconds if found.seconds else 0
    say.print(
        f"{found.lives} lives from seed {found.first}, {found.steps} service calls, {rate:.1f} lives a second"
    )
    for result in found.violations:
        say.print(f"seed {result.seed}: {result.violation}", markup=False)
    for name in absent:
        say.print(f"never reached: {name}", markup=False)
    if found.violations:
        say.print(f"replay: ./dev sim --seed {found.violations[0].seed}")
    return 1 if found.violations or absent else 0


def _replay(seed: int) -> int:
    result = live(seed)
    if not result.violation:
        say.print(f"seed {seed}: nothing wrong in {result.steps} service calls; trace {result.hash}")
        return 0
    _show(shrink.shrunk(result), result)
    return 1


def _show(short: Result, whole: Result) -> None:
    for line in short.trace:
        say.print(line, markup=False)
    for step in short.workload:
        said = [f"{e['type']} {json.dumps(e['data'])}" for e in step.events]
        say.print(f"{step.kind} {step.period} {' | '.join(said)}", markup=False)
    say.print(f"{short.violation}", markup=False, style="bold red")
    say.print(
        f"seed {whole.seed}, trace {whole.hash}: {len(whole.trace)} lines, {len(whole.workload)} steps and"
    )
    left = f"{len(short.trace)}, {len(short.workload)} and {len(short.hit)}"
    say.print(f"{len(whole.hit)} disturbances, shortened to {left}")


def _mutations() -> int:
    """Each planted bug, and the page's table anew."""
    table = Table("planted bug", "lives until it is found", "what was seen")
    found = {name: seeds_needed(name) for name in MUTATIONS}
    for name, (number, violation) in found.items():
        table.add_row(name, str(number or f"not within {BOUND}"), violation[:90])
    say.print(table)
    written(found)
    return 1 if any(number is None for number, _ in found.values()) else 0


if __name__ == "__main__":
    sys.exit(app())
