"""``./dev bench cost``: billed units against the budgets. ``./dev bench speed``: ratios against a floor."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from infra import embedded
from tests.benchmarks import speed as speeds
from tests.benchmarks.cost import (
    SIZES,
    WORKS,
    Work,
    closing,
    growth,
    modelled,
    naive,
    naive_growth,
    ours,
    table_on,
)
from tests.benchmarks.prices import Bill

say = Console(width=130)
app = typer.Typer(add_completion=False, no_args_is_help=True)
Report = Annotated[Path | None, typer.Option("--report", help="write the figures as JSON")]
PEOPLE, OBSERVATIONS = 200, 500
HEADS = ("work", "W", "R", "W model", "R model", "$", "budget", "floor", "naive $", "ratio", "S3 $")
CLOSE_BUDGET, CLOSE_FLOOR = "0.60", "0.07"


def _written(report: Path | None, found: object) -> None:
    if report:
        report.write_text(json.dumps(found, indent=2, default=str) + "\n", encoding="utf-8")


@app.command()
def cost(report: Report = None) -> None:
    """Billed units, ours and the naive design's, on the embedded AWS and on the model of DynamoDB."""
    with embedded.start("bench") as server:
        client = server.client("dynamodb")
        works = [(w, ours(w, client, table_on(client)), modelled(w), naive(w, client)) for w in WORKS]
        grown = [(growth(size), naive_growth(size, client)) for size in SIZES]
    found = [_work(*each) for each in works]
    _print("a million events", HEADS, found)
    sizes = [_size(size, *each) for size, each in zip(SIZES, grown, strict=True)]
    _print(
        "one event, by what is there already",
        ("observations", "W", "R", "$ a million", "naive R", "naive $"),
        sizes,
    )
    closed = _close(closing(PEOPLE, OBSERVATIONS))
    _print("a close", ("employees", "W", "R", "$ for 100 000", "budget", "floor", "S3 $"), [closed])
    _written(report, {"works": found, "growth": sizes, "close": closed})


def _work(work: Work, mine: Bill, model: Bill, other: Bill) -> list[str]:
    units = [f"{bill.each(side):.2f}" for bill in (mine, model) for side in ("write units", "read units")]
    ratio = f"{other.dollars() / mine.dollars():.1f} ×"
    dollars = [
        f"{mine.dollars():.2f}",
        work.budget,
        work.floor,
        f"{other.dollars():.2f}",
        ratio,
        f"{mine.beside():.2f}",
    ]
    return [work.name, *units, *dollars]


def _size(size: int, mine: Bill, other: Bill) -> list[str]:
    units = [f"{mine.each(side):.1f}" for side in ("write units", "read units")]
    naive_read = f"{other.each('read units'):.1f}"
    return [f"{size}", *units, f"{mine.dollars():.2f}", naive_read, f"{other.dollars():.2f}"]


def _close(bill: Bill) -> list[str]:
    units = [f"{bill.each(side):.2f}" for side in ("write units", "read units")]
    dollars = [f"{bill.dollars() / 10:.2f}", CLOSE_BUDGET, CLOSE_FLOOR, f"{bill.beside() / 10:.2f}"]
    return [f"{PEOPLE} × {OBSERVATIONS}", *units, *dollars]


def _print(title: str, heads: tuple[str, ...], lines: list[list[str]]) -> None:
    table = Table(*heads, title=title)
    for line in lines:
        table.add_row(*line)
    say.print(table)


@app.command()
def speed(
    report: Report = None,
    latency: Annotated[bool, typer.Option("--latency", help="also from a post to the visible score")] = False,
) -> None:
    """Events a second in one process, import times, and latency on a deployed stack."""
    route, floor = speeds.interleaved(speeds.route, speeds.floor)
    names = ("measure", "score", "receive")
    base, *handlers = speeds.interleaved(speeds.imported("import boto3"), *map(speeds.handler, names))
    lines = [["events a second through measure and score", _shown(route, 0), _shown(floor, 0),
              f"1 : {floor.median / route.median:.0f}"]]  # fmt: skip
    for name, each in zip(names, handlers, strict=True):
        ratio = f"{each.median / base.median:.2f}"
        lines.append([f"import of {name}, seconds", _shown(each, 3), _shown(base, 3), ratio])
    _print("medians (quartiles)", ("what", "ours", "floor", "ratio"), lines)
    late = _latency() if latency else []
    _written(report, {"speed": lines, "latency": late})


def _latency() -> list[list[str]]:
    found: list[list[Any]] = [
        [f"{rate}", f"{number}", *(f"{shown[name]:.3f}" for name in ("median", "p95", "max"))]
        for rate, number, shown in speeds.latencies()
    ]
    _print(
        "seconds from a post to the visible score",
        ("events a second", "probes", "median", "p95", "max"),
        found,
    )
    return found


def _shown(each: speeds.Spread, places: int) -> str:
    return f"{each.median:,.{places}f} ({each.low:,.{places}f}–{each.high:,.{places}f})"


if __name__ == "__main__":
    app()
