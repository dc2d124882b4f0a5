"""Payouts: from scorecards to lines of whole minor units, with ids that never change."""

from __future__ import annotations

from base64 import b32encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from dualtrack.domain.money import major
from dualtrack.domain.reasons import Reason

REGULAR, ADJUSTMENT, CARRIED_IN, CARRIED_OUT = "regular", "adjustment", "carried_in", "carried_out"
DRAW, RECOVERY = "draw", "recovery"  # paid in advance of earnings, and taken back from later ones
CLAWBACK = "clawback"  # a decision to take back what was paid, whatever the facts say
KINDS = (REGULAR, ADJUSTMENT, CARRIED_IN, CARRIED_OUT, DRAW, RECOVERY, CLAWBACK)
# About what is owed, and not about what a period's facts earn.
BALANCES = (CARRIED_IN, CARRIED_OUT, DRAW, RECOVERY, CLAWBACK)


@dataclass(frozen=True, slots=True)
class Line:
    """One amount (minor units, either sign) about one period, with its reasons.

    ``ref`` is the clawback that a line takes an instalment of.
    """

    id: str
    employee: str
    run: str
    kind: str
    period: str
    amount: int
    currency: str
    reasons: tuple[Reason, ...] = ()
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Payout:
    """What one employee gets from one run: the lines and their sum, never below 0."""

    id: str
    employee: str
    run: str
    currency: str
    amount: int
    lines: tuple[Line, ...]


def payout_id(tenant: str, period: str, employee: str, kind: str, sequence: str) -> str:
    """The same in the table, the file, the queue and the payroll system: 32 characters of A–Z, 2–7."""
    said = "\x1f".join((tenant, period, employee, kind, sequence)).encode()
    return b32encode(sha256(said).digest())[:32].decode()


@dataclass(frozen=True, slots=True)
class Taking:
    """An instalment of a clawback that a run takes: minor units, of what was paid for a period, and why."""

    id: str
    period: str
    amount: int
    why: str


@dataclass(frozen=True, slots=True)
class Statement:
    """What a run has to settle for one employee: this period, earlier ones, what is taken back, a balance.

    ``most`` is how much of the balance the run takes at most: all of it if that is None (then a negative rest
    is carried on), else no more than what there is to be paid.
    """

    tenant: str
    run: str
    period: str
    employee: str
    currency: str
    regular: tuple[int, tuple[Reason, ...]] | None
    restated: Mapping[str, tuple[int, int]]  # earlier period → (due now, paid so far)
    balance: int  # what the employee owes from earlier runs, 0 or more
    draw: int = 0  # what is paid at least, if the plan lets it be recovered; 0 without a draw
    drawn: int = 0  # what was paid in advance so far and is not recovered yet, 0 or more
    clawed: Mapping[str, int] = field(default_factory=dict)  # period → taken back so far, 0 or more
    takings: Sequence[Taking] = ()
    most: int | None = None


def difference(due: int, paid: int, clawed: int = 0) -> int:
    """What a restated period changes: due less paid; after a clawback never more back than is left of it.

    Otherwise a fact that is taken out after its payout was clawed back would cost the employee twice.
    """
    change = due - paid
    return max(change, min(0, clawed - paid)) if clawed else change


def settle(statement: Statement) -> Payout | None:
    """The payout of one employee: regular, differences, draw, clawbacks, balance; None if there is nothing.

    A negative net is carried to the next run by a line of its own, so a payout is never negative
    and nothing is dropped.
    """
    lines = [*_regular(statement), *_adjustments(statement)]
    lines += [*_draw(statement, sum(line.amount for line in lines)), *_clawbacks(statement)]
    lines += _balance(statement, sum(line.amount for line in lines))
    net = sum(line.amount for line in lines)
    if net < 0:
        lines.append(_line(statement, CARRIED_OUT, statement.period, -net))
    if not lines:
        return None
    identity = payout_id(statement.tenant, statement.period, statement.employee, "payout", statement.run)
    return Payout(identity, statement.employee, statement.run, statement.currency, max(0, net), tuple(lines))


def _regular(s: Statement) -> Sequence[Line]:
    return [] if s.regular is None else [_line(s, REGULAR, s.period, s.regular[0], s.regular[1])]


def _adjustments(s: Statement) -> Sequence[Line]:
    found = [
        (period, now, paid, difference(now, paid, s.clawed.get(period, 0)))
        for period, (now, paid) in sorted(s.restated.items())
    ]
    return [
        _line(s, ADJUSTMENT, period, amount, (_restated(s, period, now, paid, amount),))
        for period, now, paid, amount in found
        if amount
    ]


def _restated(s: Statement, period: str, now: int, paid: int, amount: int) -> Reason:
    given = f"{_own(s, now)} due − {_own(s, paid)} paid"
    if amount != now - paid:
        given += f", {_own(s, s.clawed[period])} taken back already"
    return Reason("restated", given, _own(s, amount))


def _draw(s: Statement, earned: int) -> Sequence[Line]:
    """Up to the draw in advance of earnings, or back what earnings above it allow."""
    if s.regular is None:
        return []
    missing = s.draw - s.regular[0]
    if s.draw and missing > 0:
        given = f"{_own(s, s.draw)} at least, {_own(s, s.regular[0])} earned"
        why = Reason("draw", given, _own(s, missing))
        return [_line(s, DRAW, s.period, missing, (why,))]
    back = min(s.drawn, max(0, earned - s.draw))
    given = f"{_own(s, s.drawn)} drawn, {_own(s, earned)} earned, {_own(s, s.draw)} stay"
    why = Reason("recovery", given, _own(s, -back))
    return [_line(s, RECOVERY, s.period, -back, (why,))] if back else []


def _clawbacks(s: Statement) -> Sequence[Line]:
    return [
        _line(s, CLAWBACK, t.period, -t.amount, (Reason("clawback", t.why, _own(s, -t.amount)),), t.id)
        for t in s.takings
        if t.amount
    ]


def _balance(s: Statement, net: int) -> Sequence[Line]:
    """All of it, or at most an instalment, and of that no more than there is to be paid."""
    if s.most is None:
        return [_line(s, CARRIED_IN, s.period, -s.balance)] if s.balance else []
    taken = max(0, min(s.balance, s.most, net))
    why = Reason("balance", f"{_own(s, s.balance)} owed, at most {_own(s, s.most)} of it", _own(s, -taken))
    return [_line(s, CARRIED_IN, s.period, -taken, (why,))] if taken else []


def _line(
    s: Statement, kind: str, period: str, amount: int, reasons: tuple[Reason, ...] = (), ref: str = ""
) -> Line:
    named = f"{kind}:{ref}" if ref else kind
    identity = payout_id(s.tenant, period, s.employee, named, s.run)
    return Line(identity, s.employee, s.run, kind, period, amount, s.currency, reasons, ref)


def _own(s: Statement, amount: int) -> str:
    """As people read it."""
    return major(amount, s.currency)
