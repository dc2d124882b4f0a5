"""Payments: receipts of banks and payroll, kept by payout; a row is there only when something was heard."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from dualtrack.app import acts, evidence, rows
from dualtrack.app.close import chunk_list
from dualtrack.app.ports import Item, Objects, Put, Table
from dualtrack.domain import payments
from dualtrack.domain.errors import Problem, Refused, Stopped, problem, refuse
from dualtrack.domain.money import major
from dualtrack.domain.numbers import PLAIN
from dualtrack.domain.payments import Payment, Receipt
from dualtrack.domain.payouts import Payout
from dualtrack.domain.runs import Run

ATTEMPTS = 5
Due = tuple[str, str]  # currency, amount in its unit


def payable(objects: Objects, run: Run) -> dict[str, Payout]:
    """Every payout above 0 of a run, by its id, from the evidence."""
    chunks = (evidence.stored(objects, run, each["chunk"]) for each in chunk_list(objects, run))
    return {payout.id: payout for chunk in chunks for payout in chunk.payouts if payout.amount > 0}


def due(objects: Objects, run: Run) -> dict[str, Due]:
    """The amount of every payable payout of a published run by its id; it never changes: remember it."""
    if run.state != "PUBLISHED":
        raise refuse("wrong_state", f"run {run.id}", run.state, "only a published run has payments")
    found = payable(objects, run).values()
    return {payout.id: (payout.currency, major(payout.amount, payout.currency)) for payout in found}


def get(table: Table, run: str, payout: str) -> Payment:
    """Where a payment stands; sent once and nothing heard, if there is no row."""
    item = table.get(f"PAYMENT#{run}", payout)
    return _payment(item) if item else Payment(payout)


def every(table: Table, run: str) -> list[Payment]:
    """Every payment of a run of which something was heard."""
    return [_payment(item) for item in table.query(f"PAYMENT#{run}", " ", rows.END)]


def _payment(item: Item) -> Payment:
    said = tuple(tuple(each) for each in json.loads(item["heard"]))
    return Payment(item["sk"], int(item["attempt"]), item["state"], said, item["batch"])


def change(table: Table, run: str, payout: str, act: Callable[[Payment], Payment]) -> tuple[Payment, Payment]:
    """Bring a payment forward by one act, whoever else does at the same moment; before and after."""
    for _ in range(ATTEMPTS):
        item = table.get(f"PAYMENT#{run}", payout)
        before = _payment(item) if item else Payment(payout)
        after = act(before)
        if after == before or table.put_if(_put(run, after, item)):
            return before, after
    raise Stopped(f"payout {payout} is changed by others again and again: try once more")


def _put(run: str, payment: Payment, before: Item | None) -> Put:
    was = int(before["rev"]) if before else None
    item = {"pk": f"PAYMENT#{run}", "sk": payment.payout, "attempt": payment.attempt, "state": payment.state,
            "batch": payment.batch, "heard": json.dumps(payment.heard, ensure_ascii=False),
            "rev": (was or 0) + 1}  # fmt: skip
    return Put(item, "rev", was)


def receive(table: Table, objects: Objects, run: Run, receipts: Sequence[Receipt]) -> Mapping[str, int]:
    """Take in what was heard about a run's payments; how many are in which state now.

    All of it is checked first, and refused as a whole with every fault: then nothing has changed.
    """
    return take(table, run.id, due(objects, run), receipts)


def bring(
    table: Table, objects: Objects, run: Run, receipts: Sequence[Receipt], by: str, file: str, at: datetime
) -> Mapping[str, int]:
    """The same by a person with a file, in the log before anything changes: half a file is brought again."""
    known = due(objects, run)
    _checked(table, run.id, known, receipts)
    acts.record(table, by, "payment.receipts", run.id, file, at, "", f"{len(receipts)} receipts")
    return take(table, run.id, known, receipts)


def take(table: Table, run: str, known: Mapping[str, Due], receipts: Sequence[Receipt]) -> Mapping[str, int]:
    """The same for who remembers what was due in a published run."""
    _checked(table, run, known, receipts)
    found = {}
    for receipt in receipts:
        _, after = change(table, run, receipt.payout, lambda p, r=receipt: payments.heard(p, r))  # type: ignore[misc]
        found[receipt.payout] = after.state
    return Counter(found.values())


def _checked(table: Table, run: str, known: Mapping[str, Due], receipts: Sequence[Receipt]) -> None:
    if wrong := [each for receipt in receipts for each in _wrong(table, run, known, receipt)]:
        raise Refused(*wrong)


def _wrong(table: Table, run: str, known: Mapping[str, Due], receipt: Receipt) -> Iterable[Problem]:
    if receipt.payout not in known:
        remedy = f"it is no payout of run {run}: name the run that it belongs to"
        return [problem("unknown_payout", "payout_id", receipt.payout, remedy)]
    try:
        payments.heard(get(table, run, receipt.payout), receipt)
    except Refused as refused:
        return refused.problems
    return _other_money(receipt, *known[receipt.payout])


def _other_money(receipt: Receipt, currency: str, amount: str) -> Iterable[Problem]:
    """A receipt that speaks of another amount speaks of another payment."""
    if receipt.currency not in ("", currency):
        yield problem("unknown_payout", f"{receipt.payout} currency", receipt.currency, f"it is {currency}")
    said = receipt.amount
    if said and not (PLAIN.match(said) and Decimal(said) == Decimal(amount)):
        yield problem("unknown_payout", f"{receipt.payout} amount", said, f"it is {amount}")


def settle(table: Table, run: Run, payout: str, outcome: str, by: str, reason: str, at: datetime) -> Payment:
    """A person says what became of a payment in doubt."""
    if not by.strip() or not reason.strip():
        raise refuse("missing", "by, reason", f"{by}, {reason}", "name who has found out, and how")
    item = table.get(f"PAYMENT#{run.id}", payout)
    before = _payment(item) if item else Payment(payout)
    after = payments.settled(before, outcome, by, reason, at.isoformat(timespec="seconds"))
    put = _put(run.id, after, item)
    acts.done(table, lambda n: [put], by, "payment.settle", payout, reason, at, before.state, after.state)
    return after


def in_doubt(table: Table, run: str) -> list[Payment]:
    """The payments that somebody has to look at."""
    return [payment for payment in every(table, run) if payment.state in payments.ALARMS]


def waiting(table: Table, run: str) -> list[Payment]:
    """The rejected payments that nobody has sent again."""
    return [payment for payment in every(table, run) if payment.state == payments.REJECTED]


def again(table: Table, run: str, payout: str, attempt: int, batch: str) -> Payment:
    """Make that attempt of a payment, in a batch; nothing if it is not rejected any more."""

    def act(payment: Payment) -> Payment:
        if (payment.state, payment.attempt + 1) != (payments.REJECTED, attempt):
            return payment
        return payments.resent(payment, batch)

    _, after = change(table, run, payout, act)
    return after
