"""The roster: employments as observed, and the lists of employees and of a team's members."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from dualtrack.app import rows
from dualtrack.app.ports import Item, Table
from dualtrack.app.standing import SETTLED, Standing, standing
from dualtrack.domain.employment import EMPLOYMENT, LEAVE, History, history
from dualtrack.domain.fold import fold
from dualtrack.domain.observations import Observation
from dualtrack.domain.periods import TIMELESS


@dataclass(frozen=True, slots=True)
class Person:
    """What stands under an employee for no period: terms and leave, restated periods, where they stand."""

    history: History | None
    restated: tuple[str, ...]
    standing: Standing = field(default_factory=Standing)
    conflicts: tuple[tuple[Observation, ...], ...] = ()


def person(table: Table, employee: str, before_run: str = "") -> Person:
    """One employee, by one read; amounts of ``before_run`` itself are left out."""
    pk = rows.partition(rows.employee_subject(employee), TIMELESS)
    items = table.query(pk, SETTLED, "P#" + rows.END)
    kept = rows.facts(item for item in items if item["sk"].startswith((f"F#{EMPLOYMENT}#", f"F#{LEAVE}#")))
    marks = tuple(item["sk"][2:] for item in items if item["sk"].startswith("D#"))
    folded = fold(kept)
    return Person(history(folded.current), marks, standing(items, before_run), folded.conflicts)


def employees(table: Table) -> list[str]:
    """Everybody who was ever on the roster, in order."""
    shards = (table.query(f"ROSTER#{n:02d}", " ", rows.END) for n in range(rows.SHARDS))
    return sorted(item["sk"] for shard in shards for item in shard)


def members(table: Table, team: str) -> list[str]:
    """Everybody who was ever in a team; whether they are now, their own terms say."""
    return [item["sk"] for item in table.query(f"TEAM#{rows.part(team)}", " ", rows.END)]


def teams(table: Table) -> list[str]:
    """The teams of which anything was observed, also those that nobody is in: somebody may join."""
    return [item["sk"] for item in table.query("TEAMS", " ", rows.END)]


def periods(table: Table) -> list[str]:
    """The periods in which anything was observed, in order."""
    return [item["sk"] for item in table.query("PERIODS", "0", rows.END)]


def rescore(table: Table, who: Sequence[str], when: Sequence[str], why: str, cause: str, rev: int = 0) -> int:
    """Ask for a new fold of these employees' periods; how many were asked for."""
    return refold(table, [rows.employee_subject(e) for e in who], when, why, cause, rev)


def refold(
    table: Table, subjects: Iterable[str], when: Sequence[str], why: str, cause: str, rev: int = 0
) -> int:
    """The same for any subjects: ``E:<employee>``, ``T:<team>``."""
    requests: list[Item] = [rows.rescore_item(s, p, why, cause, rev) for s in subjects for p in when]
    table.put_many(requests)
    return len(requests)
