"""Audit of payments: what was heard of them since, and whether each attempt of a batch was really sent."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import partial

from dualtrack.app import payments, rows
from dualtrack.app.audit_money import Paid
from dualtrack.app.audited import Audited, Finding
from dualtrack.app.ports import Item
from dualtrack.app.proving import RELEASED, SENT
from dualtrack.domain.money import major
from dualtrack.domain.payments import DOUBT, TWICE, Payment, owed_back
from dualtrack.domain.payouts import Payout


def heard_payments(tenant: Audited) -> Iterator[Finding]:
    """No payment is in doubt or paid twice, and no attempt waits for a batch that is not on its way."""
    for run in tenant.runs:
        if run.state == "PUBLISHED":
            paid = Paid(tenant, run, None)
            yield from tenant.carefully(f"{paid.folder} payments", partial(_heard, paid))


def _heard(paid: Paid) -> Iterator[Finding]:
    found = payments.every(paid.tenant.table, paid.run.id)
    batches = _batches(paid) if found else {}
    known = _payouts(paid) if any(payment.state == TWICE for payment in found) else {}
    for payment in found:
        where = f"run {paid.run.id} payout {payment.payout}"
        if payment.state == DOUBT:
            yield Finding("payment", where, DOUBT, "paid or rejected")
        elif payment.state == TWICE:
            times = owed_back(payment)
            back = _shown(known.get(payment.payout), times)
            yield Finding("overpaid", where, f"paid {times + 1} times", f"owed back: {back}")
        yield from _sent(where, payment, batches)
    for name, item in batches.items():
        if item["state"] == SENT and "stopped" not in item:
            sent, expected = json.loads(item["sent"]), json.loads(item["expected"])
            if sent != expected:
                yield Finding("outbox", f"run {paid.run.id} {name}", str(sent), str(expected))


def _sent(where: str, payment: Payment, batches: Mapping[str, Item]) -> Iterator[Finding]:
    state = batches[payment.batch]["state"] if payment.batch in batches else "no row"
    if payment.batch and state not in (RELEASED, SENT):
        yield Finding("batch", f"{where} attempt {payment.attempt}", f"{payment.batch} {state}", SENT)


def _batches(paid: Paid) -> Mapping[str, Item]:
    pk = f"OUTBOX#{paid.run.id}"
    found = paid.tenant.table.query(pk, "OUTBOX#R", "OUTBOX#R" + rows.END)
    return {item["sk"].removeprefix("OUTBOX#"): item for item in found}


def _payouts(paid: Paid) -> Mapping[str, Payout]:
    chunks = [chunk for chunk in paid.chunks.values() if chunk is not None]
    return {payout.id: payout for chunk in chunks for payout in chunk.payouts}


def _shown(payout: Payout | None, times: int) -> str:
    """How much it is, unless the evidence that says it is damaged: that is a finding of its own."""
    return f"{major(times * payout.amount, payout.currency)} {payout.currency}" if payout else "its amount"
