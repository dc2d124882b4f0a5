"""``./dev bench cost``: billed units against the budgets. ``speed`` and ``try``: ratios against a floor."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from infra import embedded
from tests.benchmarks import cost as costs
from tests.benchmarks import speed as speeds
from tests.benchmarks import trying as trials
from tests.benchmarks.closing import Closing
from tests.benchmarks.cost import SIZES, WORKS, Work
from tests.benchmarks.latency import latencies
from tests.benchmarks.prices import PRICES, Bill

say = Console(width=170)
app = typer.Typer(add_completion=False, no_args_is_help=True)
Report = Annotated[Path | None, typer.Option("--report", help="write the figures as JSON")]
Line = Mapping[str, str]
PEOPLE, OBSERVATIONS = 1000, 500
CLOSE_BUDGET, CLOSE_FLOOR = "0.60", "0.07"


@app.command()
def cost(report: Report = None) -> None:
    """Billed units, ours and the naive design's, on the embedded AWS and on the model of DynamoDB."""
    with embedded.start("bench") as server:
        client = server.client("dynamodb")
        works = [_compared(work, client) for work in WORKS]
        sizes = [_grown(size, client) for size in SIZES]
    closed = [_close(bill) for bill in Closing(PEOPLE, OBSERVATIONS).bills()]
    _print("a million events (units and calls are of one)", works)
    _print("one event, by how many observations are there; table only, without door and queue", sizes)
    _print(f"a close of {PEOPLE} × {OBSERVATIONS} (units are of one employee, dollars for 100 000)", closed)
    prices = {name: str(price) for name, price in PRICES.items()}
    _written(report, {"dollars_a_million": prices, "works": works, "growth": sizes, "close": closed})


def _compared(work: Work, client: Any) -> Line:
    mine = costs.ours(work, client, costs.table_on(client))
    return _work(work, mine, costs.modelled(work), costs.naive(work, client))


def _grown(size: int, client: Any) -> Line:
    return _size(size, costs.growth(size, 1), costs.growth(size, 100), costs.naive_growth(size, client))


def _work(work: Work, mine: Bill, model: Bill, other: Bill) -> Line:
    both = mine.dollars() + mine.beside()
    return {
        "work": work.name,
        "W": f"{mine.each('write units'):.2f}",
        "R": f"{mine.each('read units'):.2f}",
        "W, R model": f"{model.each('write units'):.2f}, {model.each('read units'):.2f}",
        "calls": f"{mine.each('calls'):.2f}",
        "queue": f"{mine.each('queue requests'):.2f}",
        "API": f"{mine.each('API calls'):.2f}",
        "$": f"{mine.dollars():.2f}",
        "budget": work.budget,
        "floor": work.floor,
        "naive $": f"{other.dollars():.2f}",
        "S3 PUT": f"{mine.each('S3 PUT'):.2f}",
        "$ with S3": f"{both:.2f}",
        "ratio": f"{other.dollars() / mine.dollars():.1f}",
        "with S3": f"{other.dollars() / both:.1f}",
    }


def _size(size: int, alone: Bill, packed: Bill, other: Bill) -> Line:
    found = {"observations": f"{size}"}
    for name, bill in (("one by one", alone), ("by hundreds", packed), ("naive", other)):
        found |= {
            f"{name}: W": f"{bill.each('write units'):.1f}",
            f"{name}: R": f"{bill.each('read units'):.1f}",
            f"{name}: $": f"{_table_only(bill):.2f}",
        }
    return found


def _table_only(bill: Bill) -> Decimal:
    return sum((bill.each(name) * PRICES[name] for name in ("write units", "read units")), Decimal(0))


def _close(bill: Bill) -> Line:
    whole = bill.work == "all"
    return {
        "step": bill.work,
        "W": f"{bill.each('write units'):.3f}",
        "R": f"{bill.each('read units'):.3f}",
        "calls": f"{bill.each('calls'):.3f}",
        "queue": f"{bill.each('queue requests'):.3f}",
        "$": f"{bill.dollars() / 10:.3f}",
        "budget": CLOSE_BUDGET if whole else "",
        "floor": CLOSE_FLOOR if whole else "",
        "S3 PUT": f"{bill.each('S3 PUT'):.3f}",
        "S3 GET": f"{bill.each('S3 GET'):.3f}",
        "transitions": f"{bill.each('state transitions'):.3f}",
        "express": f"{bill.each('express executions'):.3f}",
        "beside $": f"{bill.beside() / 10:.3f}",
    }


@app.command()
def speed(
    report: Report = None,
    latency: Annotated[bool, typer.Option("--latency", help="also from a post to the visible score")] = False,
) -> None:
    """Events a second in one process, import times, and latency on a deployed stack."""
    route, floor = speeds.interleaved(speeds.route, speeds.floor)
    names = ("measure", "score", "receive")
    base, *handlers = speeds.interleaved(speeds.imported("import boto3"), *map(speeds.handler, names))
    lines = [_speed("measure and score, events a second", route, floor, floor.median / route.median, 0)]
    for name, each in zip(names, handlers, strict=True):
        lines.append(_speed(f"import of {name}, seconds", each, base, each.median / base.median, 3))
    _print("medians (quartiles)", lines)
    late = [asdict(each) for each in latencies()] if latency else []
    if late:
        _print("seconds from a post to the visible score", [_late(each) for each in late])
    _written(report, {"speed": lines, "latency": late})


@app.command("try")
def try_(report: Report = None) -> None:
    """A plan tried on 240 000 facts, against reading them and adding up their numbers."""
    with TemporaryDirectory() as folder:
        lines = [_tried(case) for case in trials.cases(Path(folder))]
    _print(f"seconds for {trials.FACTS} facts (quartiles)", lines)
    _written(report, {"try": lines})


def _tried(case: trials.Case) -> Line:
    floor, ours, bare = case.measured()
    return {
        "what": case.name,
        "try": _shown(ours, 2),
        "reading them": _shown(floor, 2),
        "ratio": f"{ours.median / floor.median:.2f}",
        "bare reader": _shown(bare, 2) if bare.median else "",
    }


def _speed(what: str, ours: speeds.Spread, floor: speeds.Spread, ratio: float, places: int) -> Line:
    return {
        "what": what,
        "ours": _shown(ours, places),
        "floor": _shown(floor, places),
        "ratio": f"{ratio:.2f}",
    }


def _late(each: Mapping[str, float]) -> Line:
    return {name: f"{value:.3f}" if isinstance(value, float) else f"{value}" for name, value in each.items()}


def _shown(each: speeds.Spread, places: int) -> str:
    return f"{each.median:,.{places}f} ({each.low:,.{places}f}–{each.high:,.{places}f})"


def _print(title: str, lines: Sequence[Line]) -> None:
    table = Table(*lines[0], title=title)
    for line in lines:
        table.add_row(*line.values())
    say.print(table)


def _written(report: Path | None, found: object) -> None:
    if report:
        report.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    app()
