"""Holds: somebody's pay, or the lines about one period, kept back by a person until it is released."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from dualtrack.app import acts, roster, rows
from dualtrack.app.ports import Item, Put, Table
from dualtrack.app.standing import HELD
from dualtrack.domain.decisions import EVERYTHING, Hold
from dualtrack.domain.errors import refuse
from dualtrack.domain.periods import TIMELESS, month

PLACE, RELEASE = "hold.place", "hold.release"


@dataclass(frozen=True, slots=True)
class Held:
    """A hold and whose it is."""

    employee: str
    hold: Hold


def place(table: Table, employee: str, period: str, by: str, reason: str, at: datetime) -> int:
    """Keep back everything, or the lines about a period, from the next settling on; the act's number."""
    _named(by, reason)
    if roster.person(table, employee).history is None:
        raise refuse("unknown_employee", "employee", employee, "name somebody on the roster")
    what = month(period) if period else EVERYTHING
    found = _row(table, employee, what)
    if found is not None and not found["released"]:
        raise refuse(
            "held_already", f"{employee} {what}", f"{found['by']}: {found['reason']}", "release it first"
        )
    said = _key(employee, what) | {"by": by.strip(), "reason": reason, "released": ""}
    return _write(table, said, found, PLACE, by, reason, at)


def release(table: Table, employee: str, period: str, by: str, reason: str, at: datetime) -> int:
    """Let it be paid again: by the next regular run, or an off-cycle one."""
    _named(by, reason)
    what = period or EVERYTHING
    found = _row(table, employee, what)
    if found is None or found["released"]:
        held = ", ".join(f"{h.employee} {h.hold.period}" for h in current(table, [employee])) or "nothing"
        raise refuse("not_held", f"{employee} {what}", "no hold", f"on hold is {held}")
    return _write(table, found | {"released": f"{by.strip()}: {reason}"}, found, RELEASE, by, reason, at)


def current(table: Table, employees: Iterable[str]) -> list[Held]:
    """Every hold in force of these employees."""
    standings = ((who, roster.person(table, who).standing) for who in employees)
    return [Held(who, hold) for who, standing in standings for hold in standing.holds]


def placed_since(table: Table, act: int, employees: Iterable[str]) -> list[str]:
    """Which of these employees were put on hold after an act and are still."""
    later = acts.between(table, act, acts.last(table))
    named = {each.about.rpartition(" ")[0] for each in later if each.what == PLACE} & set(employees)
    return sorted({each.employee for each in current(table, sorted(named))})


def _named(by: str, reason: str) -> None:
    if not by.strip() or not reason.strip():
        raise refuse("missing", "by, reason", f"{by}, {reason}", "name who decides and why")


def _key(employee: str, what: str) -> Item:
    return {"pk": rows.partition(rows.employee_subject(employee), TIMELESS), "sk": HELD + what}


def _row(table: Table, employee: str, what: str) -> Item | None:
    key = _key(employee, what)
    return table.get(key["pk"], key["sk"])


def _write(
    table: Table, item: Item, before: Item | None, what: str, by: str, reason: str, at: datetime
) -> int:
    subject, _ = rows.parse_partition(item["pk"])
    about = f"{subject[2:]} {item['sk'][len(HELD) :]}"
    was = int(before["rev"]) if before else None
    put = Put(item | {"rev": (was or 0) + 1}, "rev", was)
    return acts.done(table, lambda n: [put], by, what, about, reason, at)
