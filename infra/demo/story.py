"""The story as tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

STATES = ("applied", "superseded", "duplicate", "conflict", "quarantined")
Texts = Mapping[str, str]


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold")
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number else "left")
    return table


def events(say: Console, t: Texts, found: Mapping[str, Any], faults: Mapping[str, int]) -> None:
    """What became of every event; the parts add up to what was sent."""
    table = _table(t["events"], "", t["count"])
    for name in ("sent", "received", *STATES):
        table.add_row(t[name], f"{found[name]:,}")
    for name, count in faults.items():
        table.add_row(t[name], f"{count:,}")
    say.print(table)
    say.print(t["adds"])
    reasons = _table(t["reasons"], "", t["count"])
    for reason, count in found["reasons"].items():
        reasons.add_row(reason, str(count))
    say.print(reasons)


def speed(say: Console, t: Texts, report: Mapping[str, Any]) -> None:
    """Latency, rate, billed units."""
    table = _table(t["speed"], "", "")
    table.add_row(t["median"], f"{report['latency_ms']['median']:.0f}")
    table.add_row(t["p99"], f"{report['latency_ms']['p99']:.0f}")
    table.add_row(t["rate"], f"{report['events_per_second']:.0f}")
    for name, key in (("units_events", "per_1000_events"), ("units_payouts", "per_1000_payouts")):
        units = report["billed_units"][key]
        table.add_row(t[name], f"{units['write']:,.0f}, {units['read']:,.0f}")
    say.print(table)


def card(say: Console, t: Texts, title: str, found: Mapping[str, Any], names: Mapping[str, str]) -> None:
    """One employee's scorecard with what made it."""
    table = _table(title, t["metric"], t["weight"], t["value"], t["target"], t["points"])
    for name, metric in found["metrics"].items():
        shown = [_short(metric[each]) for each in ("value", "target", "points")]
        table.add_row(names[name], metric["weight"], *shown)
    say.print(table)
    for each in found["tracks"].values():
        for rule, given, result in each["reasons"]:
            say.print(f"  {rule}: {given} = {_short(result)}", markup=False)
    for rule, given, result in found["reasons"]:
        say.print(f"  {rule}: {given} = {result}", markup=False)


def _short(text: str | None) -> str:
    return "–" if text is None else text[:10]


def finance(say: Console, t: Texts, told: Sequence[Sequence[str]]) -> None:
    """What finance has decided, and what came of it."""
    table = _table(t["finance"], "", "")
    for name, shown in told:
        table.add_row(t[name], shown)
    say.print(table)


def runs(say: Console, t: Texts, found: Sequence[Mapping[str, Any]]) -> None:
    """Three runs and their files."""
    table = _table(
        t["runs"], t["period"], t["lines"], t["amount"], t["adjusted"], t["messages"], t["controlled"]
    )
    for run in found:
        total = ", ".join(f"{each['amount']} {each['currency']}" for each in run["totals"])
        table.add_row(
            run["period"], str(run["lines"]), total, run["adjustments"], str(run["messages"]), t["agree"]
        )
    say.print(table)
    files = _table(t["files"], "", "sha256")
    for run in found:
        for each in run["files"]:
            files.add_row(f"{run['run']}/{each['name']}", each["sha256"])
    say.print(files)
