"""What an audit looks at: a tenant behind its ports, with what the checks have in common read once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from dualtrack.app import roster, rows, runs
from dualtrack.app.ports import Item, Objects, Table
from dualtrack.domain.fold import fold
from dualtrack.domain.observations import Observation
from dualtrack.domain.periods import TIMELESS
from dualtrack.domain.plan import Plan
from dualtrack.domain.runs import Run


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that differs: its kind, the key or file it is about, what stands there and what should."""

    kind: str
    where: str
    stored: str
    expected: str


@dataclass
class Audited:
    """One tenant. Everything is read strongly consistent and at most once."""

    table: Table
    intake: Objects
    payouts: Objects
    plans: Callable[[], Sequence[Plan]]

    def afresh(self) -> Audited:
        """The same tenant with nothing read yet."""
        return Audited(self.table, self.intake, self.payouts, self.plans)

    @cached_property
    def employees(self) -> Sequence[str]:
        """Everybody who was ever on the roster."""
        return roster.employees(self.table)

    @cached_property
    def people(self) -> Mapping[str, roster.Person]:
        """Terms, marks and balance of everybody."""
        return {who: roster.person(self.table, who) for who in self.employees}

    @cached_property
    def teams(self) -> Sequence[str]:
        """The teams that anybody is in."""
        return roster.teams(self.people.values())

    @cached_property
    def periods(self) -> Sequence[str]:
        """Every period in which something was observed."""
        return roster.periods(self.table)

    @cached_property
    def runs(self) -> Sequence[Run]:
        """Every run, oldest period first."""
        return runs.every(self.table)

    @cached_property
    def facts(self) -> Mapping[str, Sequence[Observation]]:
        """All observations by partition."""
        subjects = [rows.employee_subject(who) for who in self.employees]
        partitions = [rows.partition(s, p) for s in (*subjects, *map("T:{}".format, self.teams))
                      for p in (TIMELESS, *self.periods)]  # fmt: skip
        return {pk: rows.facts(self.table.query(pk, *rows.FACTS)) for pk in partitions}

    @cached_property
    def folded(self) -> Mapping[tuple[str, str], Sequence[Observation]]:
        """What counts, by subject and month."""
        return {rows.parse_partition(pk): fold(found).current for pk, found in self.facts.items()}

    @cached_property
    def lines(self) -> Sequence[Item]:
        """All payout lines, of whatever run."""
        known = {TIMELESS, *self.periods, *(run.period for run in self.runs)}
        return [
            row for who in self.employees for period in sorted(known) for row in self._booked(who, period)
        ]

    def _booked(self, who: str, period: str) -> Iterable[Item]:
        return self.table.query(rows.partition(rows.employee_subject(who), period), "P#", "P#" + rows.END)
