"""One payout, as its run settled it, a year later: from the evidence, never from today's rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dualtrack.app import evidence, rows, runs
from dualtrack.app.close import chunk_list
from dualtrack.app.ports import Missing, Objects, Table
from dualtrack.app.publishing import folder
from dualtrack.domain.errors import refuse
from dualtrack.domain.payouts import Payout
from dualtrack.domain.runs import Run

LINES = "lines.csv"


@dataclass(frozen=True, slots=True)
class Found:
    """A payout, its run, the plans behind it, and where the run's file has its lines (number, text)."""

    payout: Payout
    run: Run
    plans: Sequence[str]
    lines: Sequence[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Version:
    """What one run has settled for an employee's month; ``due`` is what the month came to by then."""

    number: int
    run: str
    kind: str
    amount: int
    due: int
    currency: str


def find(table: Table, objects: Objects, payout: str) -> Found:
    """The payout of that id, in whatever run; newest runs are looked at first."""
    for run in sorted(runs.every(table), key=lambda run: run.sequence, reverse=True):
        for chunk in _settled(objects, run):
            for each in chunk.payouts:
                if payout in (each.id, *(line.id for line in each.lines)):
                    return Found(each, run, _plans(objects, run, each.employee), _lines(objects, run, each))
    raise refuse("unknown_payout", "payout", payout, "take an id from lines.csv or from `payout history`")


def _settled(objects: Objects, run: Run) -> list[evidence.Chunk]:
    try:
        return [evidence.stored(objects, run, each["chunk"]) for each in chunk_list(objects, run)]
    except Missing:
        return []  # it has not come so far


def _plans(objects: Objects, run: Run, employee: str) -> Sequence[str]:
    """The plan versions behind an employee's scorecards in the run."""
    [listed] = [each for each in chunk_list(objects, run) if employee in each["employees"]]
    content = evidence.content(objects.read(evidence.chunk_key(run, listed["chunk"])))
    mine = [card for card in content["cards"] if card["employee"] == employee]
    return sorted({sheet["plan"] for card in mine for sheet in (card, *card["parts"])})


def _lines(objects: Objects, run: Run, payout: Payout) -> Sequence[tuple[int, str]]:
    if run.state != "PUBLISHED":
        return ()
    text = objects.read(f"{folder(run)}/{LINES}").decode("utf-8-sig").splitlines()
    return [(number, each) for number, each in enumerate(text, 1) if each.startswith(payout.id)]


def history(table: Table, employee: str, period: str) -> list[Version]:
    """Every version of a month, in the order of the runs that settled it: 1, 2, 3 …"""
    pk = rows.partition(rows.employee_subject(employee), period)
    items = table.query(pk, "P#", "P#" + rows.END)
    order = {run.id: run.sequence for run in runs.every(table)}
    found, due = [], 0
    for number, item in enumerate(sorted(items, key=lambda item: order[item["run"]]), 1):
        due += int(item["amount"])
        amount = int(item["amount"])
        found.append(Version(number, item["run"], item["kind"], amount, due, item["currency"]))
    return found
