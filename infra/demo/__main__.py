"""``./dev demo``: a stranger's first look, and the proof that every amount is right."""

from __future__ import annotations

import json
import os
import signal
import statistics
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from dualtrack.app.explain import explain
from dualtrack.domain.errors import Refused
from infra import embedded
from infra.demo import act, proof, story
from infra.demo.data import QUARTER
from infra.demo.finance import AMOUNT
from infra.demo.player import Event
from infra.demo.texts import texts
from infra.embedded.cdk import Failed as DeployFailed
from infra.operator import Failed, Operator

say = Console(highlight=False)


@contextmanager
def bar(name: str, total: int | None = None) -> Iterator[act.Progress]:
    """A progress bar for whatever takes longer than a moment."""
    columns = (TextColumn("{task.description:<48}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(name, total=total)
        yield lambda done: progress.advance(task, done)


def perform(demo: act.Demo, t: dict[str, str], out: Path) -> None:
    """History and October, then November with the late facts, then December."""
    with bar(t["furnish"]):
        demo.furnish()
    for month in QUARTER:
        events = demo.player.phase(month)
        probes: list[Event] = []
        if month == QUARTER[0]:
            events, probes = act.held_back(events)
        with bar(t["play"].format(month), len(events)) as progress:
            (demo.burst if month == QUARTER[0] else demo.send)(events, progress)
            demo.drained()
        if probes:
            with bar(t["latency"]):
                demo.settled(month)
                demo.probe(probes)
                demo.send(act.wrong_ones(demo))
        if month == QUARTER[1]:
            with bar(t["late"]):
                demo.send(demo.player.late())
        with bar(t["close"].format(month)):
            demo.drained()
            for period in QUARTER[: QUARTER.index(month) + 1]:
                demo.settled(period)
            before_closing(demo, month)
            run = demo.close(month, out)
    with bar(t["finance"]):
        demo.finance.rejects(run)
        demo.take(demo.finance.off_cycle(QUARTER[-1]), out)


def before_closing(demo: act.Demo, month: str) -> None:
    """What finance decides in between: a clawback of October, a hold in December."""
    if month == QUARTER[1]:
        demo.finance.claw_back(QUARTER[0], date(2017, 11, 20))
    if month == QUARTER[-1]:
        demo.finance.hold()


def send_again(demo: act.Demo, t: dict[str, str]) -> int:
    """The same events from the start: how many numbers have changed."""
    before = demo.numbers()
    events = demo.everything()
    with bar(t["again"], len(events)) as progress:
        demo.send(events, progress)
        demo.drained()
        for period in QUARTER:
            demo.settled(period)
    after = demo.numbers()
    return sum(1 for key in before if before[key] != after[key])


def differences(demo: act.Demo) -> tuple[int, list[str]]:
    """Every employee and month against the independent recomputation."""
    wanted = proof.expected()
    found = []
    for key, amounts in wanted.items():
        lines: Mapping[str, int] = demo.paid.get(key, {})
        got = {
            "regular": lines.get("regular", 0),
            "adjustment": lines.get("adjustment", 0),
            "net": sum(amount for kind, amount in lines.items() if kind != "clawback"),
        }
        if got != amounts:
            found.append(f"{' '.join(key)}: paid {got}, expected {amounts}")
    found += [f"{' '.join(key)}: paid without being expected" for key in demo.paid if key not in wanted]
    return len(wanted), found


def figures(demo: act.Demo, changed: int) -> dict[str, Any]:
    """The story's figures, for ``--report``."""
    compared, found = differences(demo)
    ordered = sorted(demo.latencies)
    return {
        "events": demo.counted(),
        "latency_ms": {"median": statistics.median(ordered), "p99": ordered[int(len(ordered) * 0.99)]},
        "events_per_second": demo.rate,
        "runs": demo.runs,
        "finance": [list(each) for each in demo.finance.told],
        "clawed_back": sum(lines.get("clawback", 0) for lines in demo.paid.values()),
        "billed_units": demo.billed(),
        "sent_again": {"changed": changed},
        "proof": {"compared": compared, "differences": len(found), "which": found},
    }


def tell(demo: act.Demo, t: dict[str, str], lang: str, report: dict[str, Any]) -> None:
    """The story."""
    faults = {
        "mapped": sum(1 for o in demo.world.opportunities if o.product == "GTXPro"),
        "no_account": sum(1 for o in demo.world.opportunities if not o.account),
    }
    story.events(say, t, report["events"], faults)
    story.speed(say, t, report)
    plans = demo.tenant.stack.plans()
    names = {metric.id: metric.name[lang] for _, metric in plans[-1].metrics}
    people = {agent: name for name, agent in demo.world.agents.items()}
    cards = [explain(demo.table, plans, agent, QUARTER[0]) for agent in people]
    cards.sort(key=lambda card: float(card["total"]))
    for which, card in (("best", cards[-1]), ("last", cards[0])):
        title = t[which].format(f"{people[card['employee']]} ({card['employee']})")
        story.card(say, t, title, card, names)
    story.runs(say, t, report["runs"])
    story.finance(say, t, report["finance"])
    changed = report["sent_again"]["changed"]
    say.print(t["changed"].format(changed) if changed else t["unchanged"])
    say.print(f"[bold]{t['proved'].format(report['proof']['compared'], report['proof']['differences'])}[/]")
    for line in report["proof"]["which"]:
        say.print(line, markup=False)


def main(
    lang: Annotated[str, typer.Option(help="en or zh")] = "en",
    report: Annotated[Path | None, typer.Option(help="write all figures there, as JSON")] = None,
    keep: Annotated[bool, typer.Option("--keep", help="leave everything running")] = False,
    seed: Annotated[int, typer.Option(help="decides duplicates and disorder")] = 1,
    out: Annotated[Path, typer.Option(help="where the payout files go")] = Path("out/demo"),
    port: Annotated[int | None, typer.Option(help="of the embedded AWS; a free one if absent")] = None,
) -> None:
    """Deploy, play a real quarter, close, pay, prove, tell; stop what was started."""
    if lang not in ("en", "zh"):
        raise typer.BadParameter("choose en or zh", param_hint="--lang")
    started, t = time.monotonic(), texts(lang)
    say.rule(t["title"])
    server = embedded.start("demo", port)
    try:
        os.environ.update(server.environment())
        tenant = Operator(embedded.deploy(server, ["demo"])["demo"], server.endpoint)
        demo = act.Demo(server, tenant, seed)
        perform(demo, t, out)
        with bar(t["proof"]):
            first = demo.counted()
        changed = send_again(demo, t)
        done = figures(demo, changed) | {"events": first}
        tell(demo, t, lang, done)
    finally:
        if not keep:
            server.stop()
    if keep:
        say.print(t["kept"].format(server.endpoint))
    done["seconds"] = round(time.monotonic() - started, 1)
    say.print(t["seconds"].format(done["seconds"], out))
    if report:
        report.write_text(json.dumps(done, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    if changed or done["proof"]["differences"] or first["received"] != first["sent"] or _unclawed(done):
        raise typer.Exit(1)


def _unclawed(done: Mapping[str, Any]) -> bool:
    """Whether the clawback has not been taken whole, and once."""
    return bool(done["clawed_back"] != -AMOUNT)


def run() -> None:
    """Errors that a person can mend are one sentence; Ctrl-C stops what was started."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        typer.run(main)
    except (embedded.NotStarted, DeployFailed, Failed, Refused) as error:
        Console(stderr=True, highlight=False).print(f"demo: {error}", markup=False)
        sys.exit(2)


if __name__ == "__main__":
    run()
