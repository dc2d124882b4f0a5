"""``plan simulate``: a draft against a period's real facts; nothing is written but the files asked for."""

from __future__ import annotations

import csv
import re
from io import StringIO
from pathlib import Path
from typing import Annotated

import typer

from dualtrack.adapters import plan_file
from dualtrack.app.simulation import Simulation, simulate
from infra.cli import trying
from infra.cli.cards import columns
from infra.cli.options import PlanFile, option
from infra.cli.show import line
from infra.cli.simulation_page import page
from infra.cli.simulation_rows import HEADS, METRIC_HEADS, cost, metric_rows, row, rows, span, title
from infra.cli.state import operator

app = trying.app
Period = Annotated[str, option("opt.period", "--period")]
Csv = Annotated[Path | None, option("opt.sim_csv", "--csv", show_default=False)]
Html = Annotated[Path | None, option("opt.sim_html", "--html", show_default=False)]
SHOWN = 10  # of those who gain or lose most; the files have everybody
WIDTH = 40  # characters of the longest bar
FORMULA = re.compile(r"[=@\t\r]|[+-](?![0-9])")
EIGHTHS = " ▏▎▍▌▋▊▉"


@app.command("simulate", help="help.plan.simulate")
def simulated(
    context: typer.Context, draft: PlanFile, period: Period, csv_: Csv = None, html: Html = None
) -> None:
    """Before is what the plans in force make of the same facts; what was paid stands beside it."""
    plan, _ = plan_file.load(draft)
    stack = operator(context).stack
    found = simulate(stack.table, stack.plans(), plan, period)
    _told(found)
    if csv_:
        csv_.write_text(table(found), "utf-8-sig", newline="")
        line("sim.written", file=csv_)
    if html:
        html.write_text(page(found), "utf-8")
        line("sim.written", file=html)


def _told(found: Simulation) -> None:
    typer.echo(title(found))
    for currency in found.currencies:
        for sentence in cost(found, currency):
            typer.echo(sentence)
        _histogram(found, currency)
    columns(METRIC_HEADS, metric_rows(found))
    for sign, key in ((1, "sim.gain"), (-1, "sim.lose")):
        people = found.differing(sign)
        line(key, count=len(people))
        columns(HEADS, [row(each) for each in people[:SHOWN]])
    if found.held:
        line("sim.held", names=", ".join(each.employee for each in found.held))


def _histogram(found: Simulation, currency: str) -> None:
    bars = found.bars(currency)
    longest = max((bar.count for bar in bars), default=1)
    shown = [(span(bar, currency), str(bar.count), blocks(bar.count, longest)) for bar in bars]
    columns(("difference", "people", "bar"), shown)


def blocks(count: int, longest: int) -> str:
    """A bar of eighths of characters; a single one among thousands is still seen."""
    whole, rest = divmod(max(1 if count else 0, count * WIDTH * 8 // longest), 8)
    return ("█" * whole + EIGHTHS[rest]).rstrip()


def table(found: Simulation) -> str:
    """Everybody as CSV."""
    out = StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(["period", *(head.removeprefix("sim_") for head in HEADS)])
    writer.writerows([found.period, *map(inert, each)] for each in rows(found))
    return out.getvalue()


def inert(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula; amounts stay as they are."""
    return f"'{cell}" if FORMULA.match(cell) else cell
