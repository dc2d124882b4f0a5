"""The rows of runs: ``RUN`` / ``<run id>`` holds the state, ``RUN`` / ``~LOCK`` the one run under way.

One run is under way at a time, so that no difference is ever carried by two of them. Every
transition is a conditional write on the fence; a stale closer's write fails.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from dualtrack.app.ports import Item, Put, Table
from dualtrack.domain import runs
from dualtrack.domain.errors import refuse
from dualtrack.domain.runs import Run

LOCK = ("RUN", "~LOCK")


def _item(run: Run) -> Item:
    return {"pk": "RUN", "sk": run.id} | asdict(run)


def _run(item: Item) -> Run:
    fields: dict[str, Any] = {name: item[name] for name in Run.__dataclass_fields__}
    return Run(**(fields | {"attempt": int(item["attempt"]), "fence": int(item["fence"])}))


def get(table: Table, run_id: str) -> Run:
    """One run; refuses an id that does not exist."""
    item = table.get("RUN", run_id)
    if item is None:
        known = ", ".join(run.id for run in every(table)) or "none yet"
        raise refuse("unknown_run", "run", run_id, f"runs: {known}")
    return _run(item)


def every(table: Table) -> list[Run]:
    """All runs, oldest period first."""
    return [_run(item) for item in table.query("RUN", "0", "9" + "~")]


def under_way(table: Table) -> Run | None:
    """The run that holds the lock, if any."""
    item = table.get(*LOCK)
    return get(table, item["run"]) if item else None


def start(table: Table, period: str, starter: str, waiver: str, execution: str) -> Run:
    """OPEN → CLOSING under the lock: a new run, or the next attempt of a rejected one."""
    holder = under_way(table)
    if holder is None:
        return _first_attempt(table, period, starter, waiver, execution)
    if holder.execution == execution and holder.state == "CLOSING":
        return holder  # the step is run again: nothing changes
    if holder.period != period or holder.state != "OPEN":
        remedy = f"finish run {holder.id} first: it is {holder.state}"
        raise refuse("run_under_way", "period", period, remedy)
    return move(table, holder, _closing(holder, starter, waiver, execution))


def _first_attempt(table: Table, period: str, starter: str, waiver: str, execution: str) -> Run:
    done = [run for run in every(table) if run.period >= period and run.state == "PUBLISHED"]
    if done:
        raise refuse(
            "already_published", "period", period, f"run {done[-1].id} is published; differences are carried"
        )
    fresh = Run(runs.run_id(period, 1), period, "OPEN", 1, 0, starter)
    run = _closing(fresh, starter, waiver, execution)
    lock = {"pk": LOCK[0], "sk": LOCK[1], "run": run.id}
    if not table.transact([Put(_item(run), "fence", None), Put(lock, "run", None)]):
        raise refuse("run_under_way", "period", period, "somebody started a run just now: look at it first")
    return run


def _closing(run: Run, starter: str, waiver: str, execution: str) -> Run:
    closing = runs.after(run, "close")
    changed = asdict(closing) | {"starter": starter, "waiver": waiver, "execution": execution}
    return Run(**changed)


def move(table: Table, before: Run, after: Run) -> Run:
    """Write a transition; refused if the run has moved since it was read."""
    if not table.put_if(Put(_item(after), "fence", before.fence)):
        raise refuse("stale", f"run {before.id}", f"fence {before.fence}", "the run has moved on: look again")
    return after


def finish(table: Table, before: Run, after: Run) -> Run:
    """The last transition: write it and give the lock back, in one."""
    if not table.transact([Put(_item(after), "fence", before.fence)], delete=[LOCK]):
        raise refuse("stale", f"run {before.id}", f"fence {before.fence}", "the run has moved on: look again")
    return after


def last_published(found: Sequence[Run], before_period: str) -> Run | None:
    """The newest published run of an earlier period."""
    done = [run for run in found if run.state == "PUBLISHED" and run.period < before_period]
    return done[-1] if done else None


def same_attempt(run: Run, attempt: int) -> None:
    """A step of an earlier attempt must not touch the present one."""
    if run.attempt != attempt:
        raise refuse("stale", f"run {run.id}", f"attempt {attempt}", f"attempt {run.attempt} is under way")
