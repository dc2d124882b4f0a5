"""``run start | list | show | approve | reject | publish | files``."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from dualtrack.app import evidence, files, operate, runs
from dualtrack.app.close import chunk_list
from dualtrack.app.ports import Missing
from dualtrack.app.publishing import begin
from dualtrack.domain.errors import Refused, refuse
from dualtrack.domain.money import major
from dualtrack.domain.periods import a_period
from dualtrack.domain.plan import Plan
from dualtrack.domain.runs import Run
from dualtrack.domain.setup import EVERYBODY
from infra.cli import machines
from infra.cli.options import By, Period, RunId, Why, option
from infra.cli.show import line, table
from infra.cli.state import operator
from infra.cli.words import text
from infra.operator import Operator

app = typer.Typer(no_args_is_help=True)
WaiveBy = Annotated[str, option("opt.waive_by", "--waive-by")]
WaiveReason = Annotated[str, option("opt.waive_reason", "--waive-reason")]
ForceBy = Annotated[str, option("opt.force_by", "--force-by")]
ForceReason = Annotated[str, option("opt.force_reason", "--force-reason")]
Group = Annotated[str, option("opt.group", "--group")]
Plans = Sequence[Plan]
Digest = Annotated[str, option("opt.digest", "--digest")]
Out = Annotated[Path, option("opt.out", "--out")]
Manifest = Annotated[str, option("opt.manifest", "--manifest")]


@app.command("start", help="help.run.start")
def start(
    context: typer.Context, period: Period, by: By, group: Group = EVERYBODY, waive_by: WaiveBy = "",
    waive_reason: WaiveReason = "", force_by: ForceBy = "", force_reason: ForceReason = "",
) -> None:  # fmt: skip
    """Refused, with every reason at once, if the period is not ready."""
    a_period(period)
    force = _said("force", force_by, force_reason)
    waiver = _said("waive", waive_by, waive_reason)
    close(
        operator(context), period,
        {"period": period, "starter": by, "group": group, "waiver": waiver, "force": force},
    )  # fmt: skip


def close(tenant: Operator, period: str, given: Mapping[str, Any]) -> None:
    """Start a run, wait until it is up for review, and show it."""
    execution = machines.start(tenant.outputs["CloseMachineArn"], _name("close", period), given)
    output = machines.outcome(
        "close", execution, text("run.closing", period=period), lambda: _settled(tenant, period)
    )
    _show(runs.get(tenant.stack.table, output["run"]))


def follow(tenant: Operator, run_id: str) -> None:
    """A bar until the run is settled or sent back, then the run."""
    run = runs.get(tenant.stack.table, run_id)
    machines.bar(
        text("run.closing", period=run.period),
        lambda: runs.get(tenant.stack.table, run_id).state == "CLOSING",
        lambda: _counted(tenant, run),
    )
    _show(runs.get(tenant.stack.table, run_id))


def _said(what: str, by: str, reason: str) -> dict[str, str] | None:
    if bool(by) != bool(reason):
        missing = f"--{what}-reason" if by else f"--{what}-by"
        raise refuse("missing", missing, "", "give both: who says so and why")
    return {"by": by, "reason": reason} if by else None


def _name(verb: str, about: str) -> str:
    """An execution's name; two starts are two executions, and the run's lock decides between them."""
    return f"{verb}-{about}-{time.time_ns() // 1000}"


def _settled(tenant: Operator, period: str) -> tuple[int, int]:
    """Settled chunks and all chunks of the run under way; 0 of 0 before there are any."""
    found = [run for run in runs.under_way(tenant.stack.table) if run.period == period]
    return _counted(tenant, found[-1]) if found else (0, 0)


def _counted(tenant: Operator, run: Run) -> tuple[int, int]:
    try:
        total = len(chunk_list(tenant.stack.payouts, run))
    except Missing:
        return 0, 0
    return len(tenant.stack.payouts.list(f"{evidence.folder(run)}/chunk-")), total


@app.command("list", help="help.run.list")
def list_(context: typer.Context) -> None:
    """Oldest period first."""
    found = runs.every(operator(context).stack.table)
    if not found:
        line("run.none")
        return
    heads = ("run", "state", "attempt", "starter", "approver", "currency", "payouts", "amount", "manifest")
    table(heads, [row for run in found for row in _rows(run)])


def _rows(run: Run) -> list[tuple[object, ...]]:
    base = (run.id, run.state, run.attempt, run.starter, run.approver)
    totals = json.loads(run.totals)["totals"] if run.totals else []
    sums = [(each["currency"], each["payouts"], major(each["amount"], each["currency"])) for each in totals]
    return [(*base, *each, run.manifest) for each in sums or [("", "", "")]]


@app.command("show", help="help.run.show")
def show(context: typer.Context, run: RunId) -> None:
    """With everything an approver is bound to."""
    _show(runs.get(operator(context).stack.table, run))


def _show(run: Run) -> None:
    heads = (
        "run",
        "run_kind",
        "group",
        "state",
        "attempt",
        "starter",
        "approver",
        "waiver",
        "force",
        "setup",
        "manifest",
    )
    shown = (run.id, run.kind, run.group, run.state, run.attempt, run.starter, run.approver, run.waiver)
    table(heads, [(*shown, run.force, run.setup, run.manifest)])
    if not run.totals:
        return
    said = json.loads(run.totals)
    sums = ("currency", "payouts", "payable", "lines", "amount", "digest")
    numbers = [(t, major(t["amount"], t["currency"])) for t in said["totals"]]
    table(
        sums,
        [
            (t["currency"], t["payouts"], t["payable"], t["lines"], sum_, said["digest"])
            for t, sum_ in numbers
        ],
    )
    if said["held"]:
        line("run.held", held=", ".join(said["held"]))
    for name in ("undecided", "unplanned"):
        if said[name]:
            line(f"run.{name}", names=", ".join(said[name]))
    if run.state == "REVIEW":
        line("run.review", run=run.id, digest=said["digest"])


@app.command("approve", help="help.run.approve")
def approve(context: typer.Context, run: RunId, by: By, digest: Digest) -> None:
    """Four eyes, by name."""
    stack = operator(context).stack
    done = operate.approve(
        stack.table, stack.payouts, run, by, digest, datetime.now(UTC), stack.paying().publishing().rehearse
    )
    if done.state == "REVIEW":
        line("run.endorsed", run=done.id, by=by)
    else:
        line("run.approved", run=done.id, by=done.approver)


@app.command("reject", help="help.run.reject")
def reject(context: typer.Context, run: RunId, by: By, reason: Why) -> None:
    """Also a close that failed half-way is sent back so."""
    done = operate.reject(operator(context).stack.table, run, by, reason, datetime.now(UTC))
    line("run.rejected", run=done.id, attempt=done.attempt)


@app.command("publish", help="help.run.publish")
def publish(context: typer.Context, run: RunId) -> None:
    """May be repeated: nothing is written or paid twice."""
    tenant = operator(context)
    table_ = tenant.stack.table
    begin(table_, run)
    execution = machines.start(tenant.outputs["PublishMachineArn"], _name("publish", run), {"run": run})
    machines.outcome("publish", execution, text("run.publishing", run=run), lambda: (0, 0))
    line("run.published", run=run, manifest=runs.get(table_, run).manifest)


@app.command("files", help="help.run.files")
def files_(context: typer.Context, run: RunId, out: Out, manifest: Manifest = "") -> None:
    """Nothing is written unless all of it agrees."""
    stack = operator(context).stack
    wanted = manifest or runs.get(stack.table, run).manifest
    if not wanted:
        raise refuse("wrong_state", f"run {run}", "not published", "no manifest, no payout: publish it first")
    found = _fetched(stack.payouts, run, wanted)
    out.mkdir(parents=True, exist_ok=True)
    for name, data in found.items():
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_bytes(data)
    table(
        ("file", "bytes", "sha256"), [(name, len(data), files.digest(data)) for name, data in found.items()]
    )
    line("run.files", count=len(found), out=out)


def _fetched(objects: files.Objects, run: str, manifest: str) -> dict[str, bytes]:
    try:
        return files.verified(objects, run, manifest)
    except Missing as missing:
        raise Refused(
            *refuse(
                "missing", f"run {run}", str(missing), "do not pay by this folder; look at `run show`"
            ).problems
        ) from None
