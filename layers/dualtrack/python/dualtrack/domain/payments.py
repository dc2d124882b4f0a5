"""What becomes of a payment after publication. The states are a table; receipts come in any order, or twice.

A payment is sent as attempt 1; when a bank rejects an attempt, the next one may be sent under the same payout
id. So at most one attempt is out at a time, unless the bank contradicts itself: then a person decides.
Where a payment stands follows from where each of its attempts stands, whatever came first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from dualtrack.domain.errors import refuse

SENT, PAID, REJECTED, DOUBT, TWICE = "sent", "paid", "rejected", "doubt", "paid twice"
OUT, RETURNED = "out", "returned"
OUTCOMES = (PAID, REJECTED)
DECISIONS = {f"settled {outcome}": outcome for outcome in OUTCOMES}
KEPT = 40  # receipts; of later ones only those that change something are kept

# (attempt, outcome) → the attempt after it. What is not here changes nothing.
HEARD: Mapping[tuple[str, str], str] = {
    (OUT, PAID): PAID,
    (OUT, REJECTED): REJECTED,
    (REJECTED, PAID): PAID,  # late success
    (PAID, REJECTED): RETURNED,  # the money came back, or somebody is mistaken
}
# (how many attempts are paid: 0, 1, or 2 for more, is one returned, is one out) → the payment
STANDS: Mapping[tuple[int, bool, bool], str] = {
    (0, False, True): SENT,
    (0, False, False): REJECTED,  # only now it may be sent again
    (1, False, False): PAID,
    (1, False, True): DOUBT,  # an attempt before was paid after all: the one that is out has to be stopped
    (0, True, False): DOUBT,
    (0, True, True): DOUBT,
    (1, True, False): DOUBT,
    (1, True, True): DOUBT,
    **{(2, returned, out): TWICE for returned in (False, True) for out in (False, True)},
}
ALARMS = (DOUBT, TWICE)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a bank or payroll says about an attempt; ``attempt`` 0: it names none.

    ``amount`` in the currency's unit, as it was written; empty where the receipt says nothing about it.
    ``batch``: the sending that it is about, if it says so.
    """

    payout: str
    attempt: int
    outcome: str
    code: str = ""
    text: str = ""
    at: str = ""
    amount: str = ""
    currency: str = ""
    batch: str = ""


@dataclass(frozen=True, slots=True)
class Whole:
    """What a bank says about every payment of an order, or of its part in one currency.

    ``batch`` is empty for the run's own order; ``but``: the payouts of which it speaks by themselves.
    """

    run: str
    batch: str
    currency: str
    outcome: str
    code: str = ""
    text: str = ""
    at: str = ""
    but: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Payment:
    """Where a payout's payment stands: its newest attempt, and what was heard, oldest first.

    ``heard``: attempt, outcome, code, text, time; ``batch``: the sending that made the newest attempt.
    """

    payout: str
    attempt: int = 1
    state: str = SENT
    heard: tuple[tuple[str, ...], ...] = ()
    batch: str = ""


def attempts(payment: Payment) -> dict[int, str]:
    """Where each attempt stands: out, paid, rejected, or returned."""
    found = dict.fromkeys(range(1, payment.attempt + 1), OUT)
    for number, said, *_ in payment.heard:
        n = int(number)
        if said in DECISIONS:
            found |= _decided(found, n, DECISIONS[said])
        else:
            found[n] = HEARD.get((found[n], said), found[n])
    return found


def _decided(found: Mapping[int, str], newest: int, outcome: str) -> dict[int, str]:
    """A person's word closes every attempt up to then; of a paid one, the first that was heard of as paid."""
    closed = dict.fromkeys(range(1, newest + 1), REJECTED)
    if outcome == PAID:
        paid = [n for state in (PAID, RETURNED) for n in closed if found[n] == state]
        closed[paid[0]] = PAID
    return closed


def _standing(payment: Payment) -> Payment:
    found = list(attempts(payment).values())
    return replace(payment, state=STANDS[min(found.count(PAID), 2), RETURNED in found, OUT in found])


def owed_back(payment: Payment) -> int:
    """How many times too often the bank has paid it."""
    return max(0, list(attempts(payment).values()).count(PAID) - 1)


def heard(payment: Payment, receipt: Receipt) -> Payment:
    """The payment after a receipt; itself if the receipt says nothing new. Refuses one that cannot be."""
    attempt = _attempt(payment, receipt)
    said = (str(attempt), receipt.outcome, receipt.code, receipt.text, receipt.at)
    if any(_same(each, said) for each in payment.heard):
        return payment
    after = _standing(replace(payment, heard=(*payment.heard, said)))
    full = len(payment.heard) >= KEPT and attempts(after) == attempts(payment)
    return payment if full else after


def _same(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """The same once more. Said of another time it is news: what was paid late may still be returned."""
    return one[:2] == other[:2] and (one[4] == other[4] or not (one[4] and other[4]))


def _attempt(payment: Payment, receipt: Receipt) -> int:
    if receipt.outcome not in OUTCOMES:
        raise refuse(
            "unknown_choice", f"{receipt.payout} outcome", receipt.outcome, f"use {', '.join(OUTCOMES)}"
        )
    if receipt.attempt == 0 and payment.attempt > 1:
        remedy = f"say which: 1 to {payment.attempt}"
        raise refuse("missing", f"{receipt.payout} attempt", "none", remedy)
    if not 0 <= receipt.attempt <= payment.attempt:
        remedy = f"{payment.attempt} were sent"
        raise refuse("bad_range", f"{receipt.payout} attempt", str(receipt.attempt), remedy)
    return receipt.attempt or 1


def resent(payment: Payment, batch: str) -> Payment:
    """The next attempt, in a batch; the same again if it is in that batch already. Only what was rejected."""
    if payment.batch == batch:
        return payment
    if payment.state != REJECTED:
        remedy = "only a rejected payment is sent again"
        raise refuse("wrong_state", f"payout {payment.payout}", payment.state, remedy)
    return _standing(replace(payment, attempt=payment.attempt + 1, batch=batch))


def due(payment: Payment, attempt: int) -> bool:
    """Whether an attempt may go out: it is the newest, and no other one has turned out to be paid."""
    return payment.attempt == attempt and payment.state == SENT


def stopped(payment: Payment, attempt: int) -> bool:
    """Whether an attempt was kept from going out: it is not due, and nobody has heard of it."""
    answered = any(each[0] == str(attempt) and each[1] in OUTCOMES for each in payment.heard)
    return not due(payment, attempt) and not answered


def settled(payment: Payment, outcome: str, who: str, why: str, at: str) -> Payment:
    """A person has found out what became of a payment that is in doubt: paid once, or not at all."""
    if payment.state not in ALARMS:
        raise refuse(
            "wrong_state", f"payout {payment.payout}", payment.state, "only a payment in doubt is settled"
        )
    if outcome not in OUTCOMES:
        raise refuse("unknown_choice", "outcome", outcome, f"use {', '.join(OUTCOMES)}")
    said = (str(payment.attempt), f"settled {outcome}", who, why, at)
    return _standing(replace(payment, heard=(*payment.heard, said)))
