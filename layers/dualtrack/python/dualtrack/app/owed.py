"""Owed: balances between runs, what people decide about them, and clawbacks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from dualtrack.app import acts, roster, rows, runs
from dualtrack.app.ports import Item, Put, Table
from dualtrack.app.standing import CLAWED, SETTLED, Standing
from dualtrack.app.valuation import paid
from dualtrack.domain.errors import refuse
from dualtrack.domain.owing import COLLECTED, WAIVED, WAYS, Balance, Clawback, recoverable, share
from dualtrack.domain.periods import TIMELESS, month
from dualtrack.domain.setup import Clawbacks

REVISION = "B"  # of what is decided about a balance: two who decide at once do not both count


@dataclass(frozen=True, slots=True)
class Owing:
    """What somebody owes: a balance, a draw that is not recovered, clawbacks with what is taken."""

    employee: str
    currencies: Sequence[str]
    balance: Balance
    drawn: int
    clawbacks: Sequence[tuple[Clawback, int]]


def owing(table: Table, employees: Iterable[str]) -> Iterator[Owing]:
    """Everybody of these who owes something."""
    sequences = {run.id: run.sequence for run in runs.every(table)}
    for employee in employees:
        standing = roster.person(table, employee).standing
        clawbacks = [(each, standing.taken(each.id)) for each in standing.clawbacks]
        left = any(not each.void and each.amount > taken for each, taken in clawbacks)
        if standing.owed or standing.drawn or left:
            yield Owing(employee, standing.currencies, standing.balance(sequences), standing.drawn, clawbacks)


def decide(
    table: Table, employee: str, do: str, amount: int, periods: int, by: str, reason: str, at: datetime
) -> int:
    """What becomes of a balance: collected or waived (an amount), or from now on carry, spread, finance."""
    _named(by, reason)
    pk = rows.partition(rows.employee_subject(employee), TIMELESS)
    before_it = table.get(pk, REVISION)
    was = int(before_it["rev"]) if before_it else None
    standing = roster.person(table, employee).standing
    _possible(employee, standing, do, amount, periods)
    after = runs.newest(table)
    currency = _currency(standing)

    def puts(number: int) -> list[Put]:
        item = {"pk": pk, "sk": f"{SETTLED}{number:08d}", "kind": do, "amount": amount, "currency": currency,
                "periods": periods, "after": after, "act": number, "by": by.strip(),
                "reason": reason}  # fmt: skip
        revision = {"pk": pk, "sk": REVISION, "rev": (was or 0) + 1}
        return [Put(item, "act", None), Put(revision, "rev", was)]

    before = f"owed {standing.owed} {currency}"
    return acts.done(
        table, puts, by, f"balance.{do}", employee, reason, at, before, f"{do} {amount or periods}"
    )


def _possible(employee: str, standing: Standing, do: str, amount: int, periods: int) -> None:
    if do not in (*WAYS, COLLECTED, WAIVED):
        known = ", ".join((*WAYS, COLLECTED, WAIVED))
        raise refuse("unknown_choice", "decision", do, f"use one of {known}")
    if not standing.owed:
        raise refuse("nothing_owed", "employee", employee, "see `balance list` for who owes something")
    if do in (COLLECTED, WAIVED) and not 0 < amount <= standing.owed:
        raise refuse("bad_range", "amount", str(amount), f"more than 0, and at most the {standing.owed} owed")
    if do in WAYS and amount:
        raise refuse("not_here", "amount", str(amount), f"{do} is for all that is owed: leave it out")
    if periods < 1 or (do != "spread" and periods != 1):
        raise refuse("bad_range", "periods", str(periods), "1 or more, and only with spread")


def _currency(standing: Standing) -> str:
    found = {str(line["currency"]) for line in standing.lines if line["kind"].startswith("carried")}
    if len(found) > 1:
        raise refuse("several_currencies", "currency", ", ".join(sorted(found)), "settle each by hand")
    return found.pop()


@dataclass(frozen=True, slots=True)
class Claim:
    """A wish to take back: minor units of what was paid for a month, in so many instalments."""

    employee: str
    period: str
    amount: int
    instalments: int
    by: str
    reason: str


def claw_back(table: Table, claim: Claim, rule: Clawbacks, on: date, at: datetime) -> Clawback:
    """Record a clawback: by the schedule since the payment, capped at what was paid and is left of it."""
    _named(claim.by, claim.reason)
    lines = _lines(table, claim.employee, month(claim.period))
    if not lines:
        raise refuse(
            "nothing_paid", f"{claim.employee} {claim.period}", "no line", "name a month that was paid"
        )
    if claim.instalments < 1:
        raise refuse("bad_range", "instalments", str(claim.instalments), "1 or more")
    standing = roster.person(table, claim.employee).standing
    percent = share(rule.shares, paid_on(table, lines), on)
    mine = (c for c in standing.clawbacks if c.period == claim.period)
    clawed = sum(max(standing.taken(c.id), 0 if c.void else c.amount) for c in mine)
    amount = recoverable(claim.amount, percent, paid(lines), clawed)
    said = (claim.employee, claim.period, str(amount), claim.reason, at.isoformat())
    name = sha256("\x1f".join(said).encode()).hexdigest()[:8]
    made = Clawback(
        name, claim.period, amount, str(lines[-1]["currency"]), claim.instalments, claim.by.strip(),
        claim.reason, percent,
    )  # fmt: skip
    _write(table, claim.employee, made, None, claim.by, "clawback.add", claim.reason, at)
    return made


def void(table: Table, employee: str, name: str, by: str, reason: str, at: datetime) -> Clawback:
    """Take nothing more of a clawback; what was taken stays taken."""
    _named(by, reason)
    pk = rows.partition(rows.employee_subject(employee), TIMELESS)
    item = table.get(pk, CLAWED + name)
    found = next((c for c in roster.person(table, employee).standing.clawbacks if c.id == name), None)
    if item is None or found is None or found.void:
        raise refuse("unknown_entry", "clawback", name, "take an id from `clawback list`")
    _write(table, employee, found, item, by, "clawback.void", reason, at)
    return found


def _write(
    table: Table,
    employee: str,
    claw: Clawback,
    before: Item | None,
    by: str,
    what: str,
    why: str,
    at: datetime,
) -> None:
    pk = rows.partition(rows.employee_subject(employee), TIMELESS)
    item = {"pk": pk, "sk": CLAWED + claw.id, "period": claw.period, "amount": claw.amount,
            "currency": claw.currency, "instalments": claw.instalments, "by": claw.by, "reason": claw.reason,
            "share": str(claw.share), "void": before is not None, "rev": 2 if before else 1}  # fmt: skip
    put = Put(item, "rev", 1 if before else None)
    said = f"{claw.amount} {claw.currency} of {claw.period} in {claw.instalments}"
    acts.done(table, lambda n: [put], by, what, f"{employee} {claw.id}", why, at, "", said)


def paid_on(table: Table, lines: Sequence[Item]) -> date:
    """The day on which the first of these lines was approved: from it the schedule counts."""
    approved = [runs.get(table, line["run"]).approved_at for line in lines]
    return datetime.fromisoformat(min(approved)).date()


def _lines(table: Table, employee: str, period: str) -> list[Item]:
    pk = rows.partition(rows.employee_subject(employee), period)
    return table.query(pk, "P#", "P#" + rows.END)


def _named(by: str, reason: str) -> None:
    if not by.strip() or not reason.strip():
        raise refuse("missing", "by, reason", f"{by}, {reason}", "name who decides and why")
