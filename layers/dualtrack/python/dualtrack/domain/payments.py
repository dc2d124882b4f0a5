"""What becomes of a payment after publication. The states are a table; receipts come in any order, or twice.

A payment is sent as attempt 1; when a bank rejects an attempt, the next one may be sent under the same payout
id. So at most one attempt is out at a time, unless the bank contradicts itself: then a person decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from dualtrack.domain.errors import refuse

SENT, PAID, REJECTED, DOUBT, TWICE = "sent", "paid", "rejected", "doubt", "paid twice"
OUTCOMES = (PAID, REJECTED)

# (state, outcome, is it about the newest attempt) → next state. What is not here changes nothing.
HEARD: Mapping[tuple[str, str, bool], str] = {
    (SENT, PAID, True): PAID,
    (SENT, REJECTED, True): REJECTED,
    (SENT, PAID, False): DOUBT,  # the attempt before was paid after all, and the next one is out
    (REJECTED, PAID, True): PAID,  # late success: nothing is sent again
    (REJECTED, PAID, False): DOUBT,  # an attempt that was reported rejected was paid, and a later one failed
    (PAID, REJECTED, True): DOUBT,  # returned, or a mistake: somebody has to find out
    (PAID, PAID, False): TWICE,
    (DOUBT, PAID, True): TWICE,
    (DOUBT, REJECTED, True): PAID,  # the newest attempt did not go through, the one before it did
}
ALARMS = (DOUBT, TWICE)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a bank or payroll says about an attempt; ``attempt`` 0: it names none."""

    payout: str
    attempt: int
    outcome: str
    code: str = ""
    text: str = ""
    at: str = ""


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


def heard(payment: Payment, receipt: Receipt) -> Payment:
    """The payment after a receipt; itself if the receipt says nothing new. Refuses one that cannot be."""
    attempt = _attempt(payment, receipt)
    said = (str(attempt), receipt.outcome, receipt.code, receipt.text, receipt.at)
    if any(each[:2] == said[:2] for each in payment.heard):
        return payment  # the same once more
    newest = attempt == payment.attempt
    state = HEARD.get((payment.state, receipt.outcome, newest), payment.state)
    return replace(payment, state=state, heard=(*payment.heard, said))


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
    return replace(payment, attempt=payment.attempt + 1, state=SENT, batch=batch)


def settled(payment: Payment, outcome: str, who: str, why: str, at: str) -> Payment:
    """A person has found out what became of a payment that is in doubt."""
    if payment.state not in ALARMS:
        raise refuse(
            "wrong_state", f"payout {payment.payout}", payment.state, "only a payment in doubt is settled"
        )
    if outcome not in OUTCOMES:
        raise refuse("unknown_choice", "outcome", outcome, f"use {', '.join(OUTCOMES)}")
    said = (str(payment.attempt), f"settled {outcome}", who, why, at)
    return replace(payment, state=outcome, heard=(*payment.heard, said))
