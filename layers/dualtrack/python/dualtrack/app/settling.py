"""Settling: each employee of a run is priced once, from a full fold of the observations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from dualtrack.app import evidence, readiness, roster, rows, runs
from dualtrack.app.folded import FoldedFacts
from dualtrack.app.parts import plan_on
from dualtrack.app.ports import Item, Objects, Put, Table
from dualtrack.app.roster import Person
from dualtrack.app.settled import Settled
from dualtrack.app.standing import CLAIMED
from dualtrack.app.valuation import Valued, paid, reader, value
from dualtrack.domain import owing
from dualtrack.domain.decisions import CARRIED, EVERYTHING, LEFT, fate
from dualtrack.domain.employment import History
from dualtrack.domain.errors import Stopped
from dualtrack.domain.payouts import Statement, Taking, difference, settle
from dualtrack.domain.periods import TIMELESS
from dualtrack.domain.plan import Plan
from dualtrack.domain.reasons import Reason
from dualtrack.domain.runs import CORRECTION, Run
from dualtrack.domain.setup import Setup

ATTEMPTS = 5
ENDED = ("OPEN", "PUBLISHED")  # runs that settle nobody any more


@dataclass(frozen=True, slots=True)
class Settling:
    """Settles chunks of employees."""

    table: Table
    objects: Objects
    plans: Sequence[Plan]
    tenant: str
    setup: Setup

    def chunk(self, run: Run, chunk: str, employees: Sequence[str]) -> bool:
        """Settle the chunk; True if this call did, False if somebody had: then theirs stands, whole."""
        work = _Work(self, run)
        results = [each for employee in employees if (each := work.employee(employee))]
        data = {
            "run": run.id,
            "chunk": chunk,
            "employees": list(employees),
            "payouts": [evidence.payout_data(r.payout) for r in results if r.payout],
            "held": {r.employee: r.held for r in results if r.held},
            "marks": {r.employee: sorted(r.marks) for r in results if r.marks},
            "undecided": {r.employee: r.undecided for r in results if r.undecided},
            "unplanned": [r.employee for r in results if r.unplanned],
            "cards": [evidence.card_data(card, period) for r in results for period, card in r.cards],
            "observations": evidence.observation_data(work.facts.observations()),
        }
        return self.objects.create(evidence.chunk_key(run, chunk), evidence.pack(data))


@dataclass
class _Work:
    """One chunk at work: facts and lists are read once for all of its employees."""

    settling: Settling
    run: Run

    def __post_init__(self) -> None:
        self.table, self.plans, self.setup = self.settling.table, self.settling.plans, self.settling.setup
        self.facts = FoldedFacts(self.table)
        self.group = self.setup.group(self.run.group)

    @cached_property
    def every(self) -> Sequence[Run]:
        """All runs, as they are now."""
        return runs.every(self.table)

    @cached_property
    def sequences(self) -> Mapping[str, int]:
        """The order in which runs were started."""
        return {run.id: run.sequence for run in self.every}

    @cached_property
    def late(self) -> Sequence[str]:
        """Earlier months that nobody has closed; a correction has none."""
        if self.run.kind == CORRECTION:
            return ()
        return readiness.unpaid(self.table, self.every, self.plans, self.group, self.run)

    @cached_property
    def own(self) -> bool:
        """Whether the run settles its month as its own: a correction does not, nor what is closed already."""
        closed = self.run.month in readiness.closed_months(self.every, self.group)
        return self.run.kind != CORRECTION and not closed

    @cached_property
    def touched(self) -> bool:
        """Whether another run may have paid something for this month: off-cycle ones pay other months too."""
        return self._several or any(not run.regular for run in self.every)

    def employee(self, employee: str) -> Settled | None:
        """One employee's result; None if another group's run settles them."""
        known, history = self._known(employee)
        other = ""
        if self._several:
            if self._group(history) != self.group.id:
                return None
            other = self._claimed(employee)
            known, history = self._known(employee)  # whoever had claimed them may have paid meanwhile
        valued = self._value(history, self.run.month) if self.own else None
        result = Settled(employee, valued.currency if valued else history.newest.currency)
        result.unplanned = self.own and valued is None and history.covers(self.run.month)
        if valued is not None:
            result.take(self.run.month, valued)
        self._restate_all(result, history, known)
        if not self._kept_back(result, known, other):
            self._settle(result, known, valued, self._on_hold(result, known))
        if result.held:
            result.marks.add(self.run.month)
        return result

    def _known(self, employee: str) -> tuple[Person, History]:
        known = roster.person(self.table, employee, before_run=self.run.id)
        if known.history is None:
            raise Stopped(f"{employee} is on the roster without terms of employment")
        return known, known.history

    @property
    def _several(self) -> bool:
        return len(self.setup.groups) > 1 and self.run.regular

    def _group(self, history: History) -> str:
        """The group of whoever is employed, or was last."""
        terms = history.newest
        plan = plan_on(self.plans, terms.until(self.run.month), history.employee, terms.team)
        return self.setup.group_of(history.employee, terms.team, plan.id if plan else "").id

    def _claimed(self, employee: str) -> str:
        """Claim the employee; the run under way that has, if it is another one."""
        pk = rows.partition(rows.employee_subject(employee), TIMELESS)
        for _ in range(ATTEMPTS):
            found = self.table.get(pk, CLAIMED)
            if found and found["run"] == self.run.id:
                return ""
            if found and runs.get(self.table, found["run"]).state not in ENDED:
                return str(found["run"])
            claim: Item = {"pk": pk, "sk": CLAIMED, "run": self.run.id}
            if self.table.put_if(Put(claim, "run", found["run"] if found else None)):
                return ""
        raise Stopped(f"{employee} is claimed by several runs at once: start the step again")

    def _restate_all(self, result: Settled, history: History, known: Person) -> None:
        employed = {month for month in self.late if history.covers(month)}
        marked = {month for month in known.restated if month <= self.run.month}
        if self.run.kind == CORRECTION:
            marked &= set(self.run.months)
        if self.own:
            marked -= {self.run.month}
        for month in sorted(employed | marked):
            self._restate(result, history, month, known)

    def _restate(self, result: Settled, history: History, month: str, known: Person) -> None:
        """What is due now for an earlier month, against what was paid."""
        valued = self._value(history, month)
        if valued is None:  # what was rightly paid would look like nothing: somebody has to look
            result.held.append(f"{month} was paid, and no terms with a plan cover it now")
            self._again(result, month)
            return
        result.take(month, valued)
        if valued.currency != result.currency:
            result.held.append(
                f"{month} is in {valued.currency} and not in {result.currency}: pay it by hand"
            )
            self._again(result, month)
        elif valued.due is not None:
            self._compare(result, month, valued.due, self._lines(result.employee, month), known)
        else:
            self._again(result, month)

    def _again(self, result: Settled, month: str) -> None:
        """A month that no mark stands for, and that this run does not settle: the next one looks at it."""
        if month in self.late:
            result.marks.add(month)

    def _compare(self, result: Settled, month: str, due: int, lines: Sequence[Item], known: Person) -> None:
        """Take a difference into the run, or leave it where somebody has to decide first."""
        if other := sorted({line["currency"] for line in lines} - {result.currency}):
            said = f"{month} was paid in {' and '.join(other)} and is due in {result.currency}"
            result.held.append(f"{said}: pay the difference by hand")
            self._again(result, month)
            return
        before = paid(lines)
        change = difference(due, before, known.standing.clawed().get(month, 0))
        asked = bool(lines) and self.run.regular and change != 0
        limits = self.setup.carry_up_to if asked else None
        decided = (known.standing.decisions or {}).get(month)
        becomes = fate(change, due, before, result.currency, limits, decided)
        if becomes == CARRIED:
            result.restated[month] = (due, before)
        elif becomes == LEFT:
            result.undecided.append((month, due, before))

    def _lines(self, employee: str, month: str) -> Sequence[Item]:
        pk = rows.partition(rows.employee_subject(employee), month)
        return self.table.query(pk, "P#", "P#" + rows.END)  # the totals between are not read

    def _kept_back(self, result: Settled, known: Person, other: str) -> bool:
        """Whether nothing at all can be paid now, and why."""
        standing, found = known.standing, []
        if other:
            found.append(f"{self.run.period} is being settled by run {other}")
        if any(currency != result.currency for currency in standing.currencies):
            owed = " and ".join(standing.currencies)
            found.append(f"{self.run.month} {owed} is owed from before, and {result.currency} is paid now")
        for hold in standing.holds:
            if hold.period == EVERYTHING:
                found.append(f"{self.run.month} held by {hold.by}: {hold.reason}")
        result.held += found
        result.marks |= set(result.restated) & set(self.late) if found else set()
        return bool(found)

    def _on_hold(self, result: Settled, known: Person) -> set[str]:
        """The months whose lines a person keeps back; the next run looks at them again."""
        months = {self.run.month, *result.restated} if self.own else set(result.restated)
        found = [(hold.period, hold) for hold in known.standing.holds if hold.period in months]
        result.held += [f"{month} held by {hold.by}: {hold.reason}" for month, hold in found]
        result.marks |= {month for month, _ in found}
        return {month for month, _ in found}

    def _settle(self, result: Settled, known: Person, valued: Valued | None, on_hold: set[str]) -> None:
        standing, run = known.standing, self.run
        regular = self._regular(result, known, valued)
        restated = {month: each for month, each in result.restated.items() if month not in on_hold}
        if run.kind == CORRECTION and all(due == before for due, before in restated.values()):
            return  # a correction is for differences: who has none is left alone, whatever they owe
        negative = self._negative(known.history)
        statement = Statement(
            self.settling.tenant, run.id, run.month, result.employee, result.currency,
            None if run.month in on_hold else regular,
            restated,
            standing.owed, valued.draw if valued else 0, standing.drawn, standing.clawed(),
            () if run.kind == CORRECTION else self._takings(result, known, restated),
            owing.most(standing.balance(self.sequences), negative.how, negative.periods),
        )  # fmt: skip
        result.payout = settle(statement)

    def _takings(
        self, result: Settled, known: Person, restated: Mapping[str, tuple[int, int]]
    ) -> list[Taking]:
        """Instalments of clawbacks; of a month never more than is left of it after its difference here."""
        clawed, found = known.standing.clawed(), []
        for each in known.standing.takings():
            before = paid(self._lines(result.employee, each.period))
            due, _ = restated.get(each.period, (before, before))
            taken = clawed.get(each.period, 0)
            left = before + difference(due, before, taken) - taken
            amount = max(0, min(each.amount, left))
            clawed[each.period] = taken + amount
            found.append(replace(each, amount=amount))
        return found

    def _regular(
        self, result: Settled, known: Person, valued: Valued | None
    ) -> tuple[int, tuple[Reason, ...]] | None:
        """What is due for the run's own month; only a difference if an off-cycle run has paid it already."""
        if valued is None or valued.due is None:
            return None
        lines = self._lines(result.employee, self.run.month) if self.touched else ()
        if lines:
            self._compare(result, self.run.month, valued.due, lines, known)
            return None
        return valued.due, valued.reasons

    def _negative(self, history: History | None) -> owing.Negative:
        """How a plan recovers what is owed: the plan of the last day of the run's month, or of employment."""
        if history is None:
            return owing.Negative()
        terms = history.newest
        plan = plan_on(self.plans, terms.until(self.run.month), history.employee, terms.team)
        return plan.payout.negative if plan else owing.Negative()

    def _value(self, history: History, month: str) -> Valued | None:
        """A month from its observations, and from those of other months that its plan looks at."""
        return value(history, self.plans, month, reader(self.facts))
