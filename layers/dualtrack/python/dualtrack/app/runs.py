"""The rows of runs: ``RUN`` / ``<run id>`` holds the state, ``RUN`` / ``~LOCK`` the runs under way.

Two runs are under way side by side only if nobody can be in both, so no difference is ever carried by two.
Every transition is a conditional write on the fence; a stale closer's write fails.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from dualtrack.app import acts
from dualtrack.app.ports import Item, Put, Table
from dualtrack.domain import runs
from dualtrack.domain.errors import refuse
from dualtrack.domain.runs import Run

LOCK = ("RUN", "~LOCK")
NUMBERS = ("attempt", "fence", "sequence", "acts")
TEXTS = ("whom", "approvals")  # tuples of names, as JSON
ATTEMPTS = 5


def _item(run: Run) -> Item:
    lists = {name: json.dumps(getattr(run, name), ensure_ascii=False) for name in TEXTS}
    return {"pk": "RUN", "sk": run.id} | asdict(run) | lists


def put(run: Run, fence: int | None) -> Put:
    """A run's row, to be written if it is still at that fence; None: if there is none yet."""
    return Put(_item(run), "fence", fence)


def _run(item: Item) -> Run:
    fields: dict[str, Any] = {name: item[name] for name in Run.__dataclass_fields__}
    numbers = {name: int(item[name]) for name in NUMBERS}
    return Run(**fields | numbers | {name: tuple(json.loads(item[name])) for name in TEXTS})


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


def under_way(table: Table) -> list[Run]:
    """The runs that hold the lock, in the order in which they were started."""
    held, _ = _lock(table)
    return [get(table, run) for run in held]


def _lock(table: Table) -> tuple[list[str], int]:
    item = table.get(*LOCK)
    return (json.loads(item["runs"]), int(item["rev"])) if item else ([], 0)


def _lock_put(held: Sequence[str], rev: int) -> Put:
    item = {"pk": LOCK[0], "sk": LOCK[1], "runs": json.dumps(held), "rev": rev + 1}
    return Put(item, "rev", rev or None)


def newest(table: Table) -> int:
    """The sequence of the run that was started last."""
    return max((run.sequence for run in every(table)), default=0)


def start(
    table: Table, wanted: Run, beside: Callable[[Run], bool], allowed: Callable[[], None], at: datetime
) -> Run:
    """OPEN → CLOSING under the lock: a new run, or the next attempt of a rejected one.

    ``wanted`` has everything but id, state and counters. ``beside`` says whether a run under way leaves room
    for it, ``allowed`` refuses it if it may not be at all. Both look after the lock was read: whoever starts
    or publishes a run after that changes the lock, and this start is refused.
    """
    held, rev = _lock(table)
    holders = [get(table, run) for run in held]
    again = next((run for run in holders if _same(run, wanted)), None)
    if again is not None and again.state == "CLOSING" and again.execution == wanted.execution:
        return again  # the step is run again: nothing changes
    allowed()
    others = (run for run in holders if again is None or run.id != again.id)
    beside_it = next((run for run in others if not beside(run)), None)
    if again is not None and again.state == "OPEN" and beside_it is None:
        return _restarted(table, again, wanted, at)
    blocking = beside_it or again
    if blocking is not None:
        remedy = f"finish run {blocking.id} first: it is {blocking.state}"
        raise refuse("run_under_way", "period", wanted.period, remedy)
    return _first_attempt(table, wanted, held, rev, at)


def _same(run: Run, wanted: Run) -> bool:
    """Whether both are about the same: then they are attempts of one run."""
    return (run.kind, run.period, run.group, run.of, run.whom) == (
        wanted.kind, wanted.period, wanted.group, wanted.of, wanted.whom,
    )  # fmt: skip


def _first_attempt(table: Table, wanted: Run, held: Sequence[str], rev: int, at: datetime) -> Run:
    found = every(table)
    number = 1 + sum(1 for run in found if run.period == wanted.period)
    fresh = replace(wanted, id=runs.run_id(wanted.period, number), state="OPEN", attempt=1, fence=0)
    run = replace(runs.after(fresh, "close"), sequence=1 + max((r.sequence for r in found), default=0))
    lock = _lock_put([*held, run.id], rev)
    return _started(table, run, lambda started: [put(started, None), lock], at)


def _restarted(table: Table, before: Run, wanted: Run, at: datetime) -> Run:
    closing = replace(
        runs.after(before, "close"), starter=wanted.starter, waiver=wanted.waiver, force=wanted.force,
        execution=wanted.execution, setup=wanted.setup, watermark=wanted.watermark, reason=wanted.reason,
    )  # fmt: skip
    return _started(table, closing, lambda started: [put(started, before.fence)], at)


def _started(table: Table, run: Run, puts: Callable[[Run], Sequence[Put]], at: datetime) -> Run:
    why = "; ".join(each for each in (run.reason, run.force, run.waiver) if each)
    number = acts.done(
        table, lambda n: puts(replace(run, acts=n)), run.starter, "run.start", run.id, why, at, "OPEN",
        f"CLOSING attempt {run.attempt}",
    )  # fmt: skip
    return replace(run, acts=number)


def move(table: Table, before: Run, after: Run) -> Run:
    """Write a transition; refused if the run has moved since it was read."""
    if not table.put_if(put(after, before.fence)):
        raise stale(before)
    return after


def stale(run: Run) -> Exception:
    """The refusal of a write by somebody who has read an older state."""
    return refuse("stale", f"run {run.id}", f"fence {run.fence}", "the run has moved on: look again")


def finish(table: Table, before: Run, after: Run) -> Run:
    """The last transition: write it and give the lock back, in one."""
    for _ in range(ATTEMPTS):
        held, rev = _lock(table)
        lock = _lock_put([run for run in held if run != before.id], rev)
        if table.transact([put(after, before.fence), lock]):
            return after
        if get(table, before.id).fence != before.fence:
            break
    raise stale(before)


def last_published(found: Sequence[Run], before_run: Run) -> Run | None:
    """The run that was started before this one last and is published: whose manifest this one's names."""
    done = [r for r in found if r.state == "PUBLISHED" and r.sequence < before_run.sequence]
    return max(done, key=lambda run: run.sequence, default=None)


def same_attempt(run: Run, attempt: int) -> None:
    """A step of an earlier attempt must not touch the present one."""
    if run.attempt != attempt:
        raise refuse("stale", f"run {run.id}", f"attempt {attempt}", f"attempt {run.attempt} is under way")
