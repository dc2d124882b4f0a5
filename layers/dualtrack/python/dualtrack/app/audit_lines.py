"""Audit of payout lines: each row is a line of its run's file, each line of the file has its row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import partial

from dualtrack.app import rows
from dualtrack.app.audit_money import Paid
from dualtrack.app.audited import Audited, Finding
from dualtrack.app.ports import Item
from dualtrack.domain.money import major
from dualtrack.domain.payouts import Line

TOLD = ("employee", "kind", "run", "period", "currency", "amount")


def booked_lines(tenant: Audited) -> Iterator[Finding]:
    """By id: who, what kind, which period and how much, in the table and in lines.csv."""
    seen = {row["run"] for row in tenant.lines} | {run.id for run in tenant.runs}
    for run in tenant.every_run:
        if run.state == "PUBLISHED" and run.id in seen:
            paid = Paid(tenant, run, None)
            yield from tenant.carefully(f"{paid.folder} lines", partial(_compared, paid))


def _compared(paid: Paid) -> Iterator[Finding]:
    if paid.lines is None:
        return
    lines = {line["line_id"]: " ".join(line[name] for name in TOLD) for line in paid.lines}
    booked = {row["id"]: _shown(row) for row in _rows(paid)}
    for name in sorted({*lines, *booked}):
        row, line = booked.get(name, "no row"), lines.get(name, "no line")
        if row != line:
            yield Finding("payout_row", f"run {paid.run.id} {name}", row, line)


def _rows(paid: Paid) -> list[Item]:
    """The rows of a run: where its file says that they are, and among all that are looked at."""
    keys = sorted({rows.line_key(_line(line)) for line in paid.lines or ()})
    found = {(row["pk"], row["sk"]): row for row in paid.tenant.table.get_many(keys)}
    found |= {(row["pk"], row["sk"]): row for row in paid.tenant.lines if row["run"] == paid.run.id}
    return [found[key] for key in sorted(found)]


def _line(said: Mapping[str, str]) -> Line:
    who, run, kind, period = (said[name] for name in ("employee", "run", "kind", "period"))
    return Line(said["line_id"], who, run, kind, period, 0, said["currency"])


def _shown(row: Item) -> str:
    """A row in the words of the file."""
    who = rows.parse_partition(row["pk"])[0][2:]
    amount = major(int(row["amount"]), row["currency"])
    return " ".join([who, row["kind"], row["run"], row["period"], row["currency"], amount])


def stray_lines(tenant: Audited) -> Iterator[Finding]:
    """Lines belong to a run that is published or being published, once; balances are never below 0."""
    states = {run.id: run.state for run in tenant.every_run}
    for row in tenant.lines:
        if states.get(row["run"]) not in ("PUBLISHED", "APPROVED"):
            where, state = f"{row['pk']} {row['sk']}", str(states.get(row["run"]))
            yield Finding("stray_line", where, state, "no such line")
    for name, count in sorted(Counter(row["id"] for row in tenant.lines).items()):
        if count > 1:
            yield Finding("payout_id", name, str(count), "1")
    for who, known in tenant.people.items():
        if known.standing.owed < 0:
            yield Finding("balance", who, str(known.standing.owed), "0 or more")
