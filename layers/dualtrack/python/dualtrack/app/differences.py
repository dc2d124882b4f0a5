"""Differences: published months whose due has changed, and what people decide about them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dualtrack.app import acts, roster, rows, runs
from dualtrack.app.explain import Card, as_settled, explain
from dualtrack.app.ports import Objects, Put, Table
from dualtrack.app.standing import DECIDED
from dualtrack.app.valuation import paid
from dualtrack.domain.decisions import fate
from dualtrack.domain.errors import refuse
from dualtrack.domain.payouts import difference
from dualtrack.domain.periods import TIMELESS
from dualtrack.domain.plan import Plan

DECISIONS = ("carry", "waive")


@dataclass(frozen=True, slots=True)
class Difference:
    """A published month: minor units paid, due now (None: on hold), what changes, what becomes of it."""

    employee: str
    period: str
    currency: str
    paid: int
    due: int | None
    change: int
    becomes: str


@dataclass(frozen=True, slots=True)
class Cause:
    """An observation that counts now and did not when it was paid (+), or the other way round (−)."""

    sign: str
    measure: str
    day: str
    entity: str
    version: int
    values: Mapping[str, str]
    source: str
    event: str


def queue(table: Table, employees: Iterable[str], limits: Mapping[str, int] | None) -> Iterator[Difference]:
    """Every difference that waits, of these employees."""
    for employee in employees:
        known = roster.person(table, employee)
        for period in known.restated:
            found = _difference(table, employee, period, known, limits)
            if found is not None:
                yield found


def _difference(
    table: Table, employee: str, period: str, known: roster.Person, limits: Mapping[str, int] | None
) -> Difference | None:
    items = table.query(rows.partition(rows.employee_subject(employee), period), "P#", "S")
    lines = [item for item in items if item["sk"].startswith("P#")]
    card = next((item for item in items if item["sk"] == "S"), None)
    if not lines or card is None:
        return None
    before, currency = paid(lines), lines[-1]["currency"]
    if known.history and (other := known.history.currencies(period) - {currency}):
        why = f"paid in {currency}, due in {' and '.join(sorted(other))}: pay the difference by hand"
        return Difference(employee, period, currency, before, None, 0, why)
    due = None if card["payout"] is None else int(card["payout"])
    if due is None:
        return Difference(employee, period, currency, before, None, 0, "; ".join(card["holds"]))
    change = difference(due, before, known.standing.clawed().get(period, 0))
    becomes = fate(change, due, before, currency, limits, (known.standing.decisions or {}).get(period))
    return Difference(employee, period, currency, before, due, change, becomes) if change else None


def decide(table: Table, found: Difference, do: str, by: str, reason: str, at: datetime) -> int:
    """Carry a difference into the next run, or waive one that the employee would have to pay back.

    Refuses to waive what is owed to the employee. The decision is void as soon as due or paid change.
    """
    if do not in DECISIONS:
        raise refuse("unknown_choice", "decision", do, f"use one of {', '.join(DECISIONS)}")
    if not by.strip() or not reason.strip():
        raise refuse("missing", "by, reason", f"{by}, {reason}", "name who decides and why")
    if found.due is None:
        raise refuse("on_hold", f"{found.employee} {found.period}", found.becomes, "mend what holds it first")
    if do == "waive" and found.change > 0:
        raise refuse(
            "owed", f"{found.employee} {found.period}", str(found.change), "it is the employee's: carry it"
        )
    pk = rows.partition(rows.employee_subject(found.employee), TIMELESS)
    before = table.get(pk, DECIDED + found.period)
    was = int(before["rev"]) if before else None
    item = {"pk": pk, "sk": DECIDED + found.period, "do": do, "due": found.due, "paid": found.paid,
            "by": by.strip(), "reason": reason, "rev": (was or 0) + 1}  # fmt: skip
    about = f"{found.employee} {found.period}"
    said = f"due {found.due}, paid {found.paid}"
    return acts.done(
        table, lambda n: [Put(item, "rev", was)], by, f"difference.{do}", about, reason, at, said, do
    )


def one(table: Table, employee: str, period: str, limits: Mapping[str, int] | None) -> Difference:
    """The difference of an employee's month; refuses if there is none."""
    known = roster.person(table, employee)
    found = _difference(table, employee, period, known, limits)
    if found is None or (not found.change and found.due is not None):
        waiting = ", ".join(f"{d.period}" for d in queue(table, [employee], limits)) or "none"
        raise refuse(
            "no_difference", f"{employee} {period}", "paid as due", f"differences of {employee}: {waiting}"
        )
    return found


def causes(table: Table, objects: Objects, plans: Sequence[Plan], employee: str, period: str) -> list[Cause]:
    """What has changed since the month was settled last, down to the source events."""
    pk = rows.partition(rows.employee_subject(employee), period)
    paid_by = {str(line["run"]) for line in table.query(pk, "P#", "P#" + rows.END)}
    last = max((runs.get(table, each) for each in paid_by), key=lambda run: run.sequence)
    before = _by_content(as_settled(objects, last, employee, period))
    after = _by_content(explain(table, plans, employee, period))
    gone = [_cause("−", before[key]) for key in sorted(before.keys() - after.keys())]
    return [*gone, *(_cause("+", after[key]) for key in sorted(after.keys() - before.keys()))]


def _by_content(card: Card) -> dict[tuple[str, ...], Sequence[Any]]:
    """Observations by place, entity, version and digest: the same keys, the same content."""
    return {tuple(map(str, row[:7])): row for row in card["observations"]}


def _cause(sign: str, row: Sequence[Any]) -> Cause:
    _, _, measure, day, entity, version, _, values, source, event, *_ = row
    shown = {name: str(each) for name, each in values.items()}
    return Cause(sign, measure, day, entity, int(version), shown, source, event)
