"""The review sheet of a run: what has moved since the run before, and whom somebody should look at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median_low

from dualtrack.app import evidence, runs
from dualtrack.app.close import chunk_list
from dualtrack.app.ports import Objects, Table
from dualtrack.domain.payouts import ADJUSTMENT, CARRIED_OUT, CLAWBACK, Payout
from dualtrack.domain.runs import Run

TIMES = 3  # an outlier is above so many times the median of its currency
MOVED = 2  # or has more than doubled, or more than halved, since the run before


@dataclass(frozen=True, slots=True)
class Row:
    """One employee in a run: minor units now and in the run before (None: not in it), and why to look."""

    employee: str
    currency: str
    amount: int
    before: int | None
    flags: tuple[str, ...]
    said: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """What a flag is decided by."""

    payout: Payout
    before: int | None
    median: int


def _kinds(seen: Seen) -> set[str]:
    return {line.kind for line in seen.payout.lines}


def _moved(seen: Seen) -> bool:
    now, before = seen.payout.amount, seen.before or 0
    return bool(before) and not before <= now * MOVED <= before * MOVED * MOVED


FLAGS: Mapping[str, Callable[[Seen], bool]] = {
    "zero": lambda seen: seen.payout.amount == 0,
    "first": lambda seen: seen.before is None,
    "moved": _moved,
    "outlier": lambda seen: seen.payout.amount > TIMES * seen.median,
    "difference": lambda seen: ADJUSTMENT in _kinds(seen),
    "clawback": lambda seen: CLAWBACK in _kinds(seen),
    "carried_out": lambda seen: CARRIED_OUT in _kinds(seen),
}


def sheet(table: Table, objects: Objects, run: Run) -> list[Row]:
    """Everybody in the run: those whom somebody should look at first, then by how much has moved."""
    settled = _settled(objects, run)
    before = _before(table, objects, run)
    found = [*_paid(settled, before), *_kept_back(settled, before)]
    return sorted(
        found, key=lambda row: (-len(row.flags), -abs(row.amount - (row.before or 0)), row.employee)
    )


def _settled(objects: Objects, run: Run) -> list[evidence.Chunk]:
    return [evidence.stored(objects, run, each["chunk"]) for each in chunk_list(objects, run)]


def _before(table: Table, objects: Objects, run: Run) -> dict[str, int]:
    """What everybody got in the published regular run of the group before this one."""
    mine = [r for r in runs.every(table) if r.group == run.group and r.regular and r.sequence < run.sequence]
    last = runs.last_published(mine, run)
    chunks = _settled(objects, last) if last else []
    return {payout.employee: payout.amount for chunk in chunks for payout in chunk.payouts}


def _paid(settled: Sequence[evidence.Chunk], before: Mapping[str, int]) -> Iterable[Row]:
    payouts = [payout for chunk in settled for payout in chunk.payouts]
    amounts: dict[str, list[int]] = {}
    for payout in payouts:
        amounts.setdefault(payout.currency, []).append(payout.amount)
    middle = {currency: median_low(found) for currency, found in amounts.items()}
    for payout in payouts:
        seen = Seen(payout, before.get(payout.employee), middle[payout.currency])
        flags = tuple(name for name, holds in FLAGS.items() if holds(seen))
        yield Row(payout.employee, payout.currency, payout.amount, seen.before, flags)


def _kept_back(settled: Sequence[evidence.Chunk], before: Mapping[str, int]) -> Iterable[Row]:
    """Rows for what is not paid: holds, differences that nobody has decided, people without a plan."""
    for chunk in settled:
        for who, reasons in chunk.held.items():
            yield Row(who, "", 0, before.get(who), ("held",), tuple(reasons))
        for who, open_ in chunk.undecided.items():
            said = tuple(f"{period}: {paid} paid, {due} due" for period, due, paid in open_)
            yield Row(who, "", 0, before.get(who), ("undecided",), said)
        for who in chunk.unplanned:
            yield Row(who, "", 0, before.get(who), ("unplanned",))
