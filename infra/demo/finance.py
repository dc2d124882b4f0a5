"""Finance's part: a clawback over two runs, a hold paid off-cycle, three rejects sent again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from dualtrack.adapters import pay_file
from dualtrack.app import documents, holds, owed, payments, resend
from dualtrack.domain.money import major
from dualtrack.domain.payments import PAID, REJECTED, Receipt
from dualtrack.domain.runs import OFF_CYCLE, Run
from infra.embedded.server import ROOT
from infra.operator import Failed, Operator

SETUP = ROOT / "events" / "pay" / "demo.yaml"
CLAWED, HELD = "A02", "A01"  # whose payout is taken back in part, whose December is held
AMOUNT, REJECTS = 20_000, 3  # minor units, and how many payments the bank rejects
Row = Mapping[str, Any]


@dataclass
class Finance:
    """One tenant and what finance has done to it; ``told`` are the rows of the story."""

    tenant: Operator
    told: list[tuple[str, str]] = field(default_factory=list)

    def furnish(self) -> None:
        """Publish the pay setup."""
        setup, text = pay_file.load(SETUP)
        documents.publish(self.tenant.stack.table, "pay", setup.id, setup.version, text)

    def claw_back(self, period: str, on: date) -> None:
        """Take back a part of a month that is paid, in two runs."""
        stack = self.tenant.stack
        claim = owed.Claim(CLAWED, period, AMOUNT, 2, "demo-finance", "a customer went bankrupt")
        made = owed.claw_back(stack.table, claim, stack.paying().setup.clawbacks, on, datetime.now(UTC))
        self.told.append(
            ("clawed", f"{CLAWED} {period}: {major(made.amount, made.currency)} {made.currency}")
        )

    def hold(self) -> None:
        """Keep somebody's pay back."""
        holds.place(self.tenant.stack.table, HELD, "", "demo-finance", "an inquiry", datetime.now(UTC))

    def off_cycle(self, period: str) -> Run:
        """Release the hold, and pay it by a run of its own."""
        table = self.tenant.stack.table
        holds.release(table, HELD, "", "demo-finance", "cleared", datetime.now(UTC))
        given = {"period": period, "starter": "demo-starter", "kind": OFF_CYCLE, "reason": "released",
                 "whom": [HELD],
                 "waiver": {"by": "demo-starter", "reason": "as in the regular run"}}  # fmt: skip
        run = self.tenant.publish(self.tenant.start(given), "demo-approver")
        [total] = json.loads(run.totals)["totals"]
        shown = f"{HELD} {run.id}: {major(total['amount'], total['currency'])} {total['currency']}"
        self.told.append(("released", shown))
        return run

    def rejects(self, run: Run) -> None:
        """The bank rejects three payments; they are sent again under four eyes, and arrive."""
        stack, now = self.tenant.stack, datetime.now(UTC)
        known = sorted(payments.payable(stack.payouts, run))
        receipts = [
            Receipt(each, 1, REJECTED if n < REJECTS else PAID, "AC04" if n < REJECTS else "")
            for n, each in enumerate(known)
        ]
        payments.receive(stack.table, stack.payouts, run, receipts)
        batch = resend.prepare(stack.table, stack.payouts, run, "demo-finance", "accounts mended", [], now)
        resend.release(stack.table, stack.payouts, run, batch.name, "demo-approver", batch.digest, now)
        again = self.tenant.messages(REJECTS)
        if sorted(m["payout_id"] for m in again) != sorted(batch.attempts) or len(again) != REJECTS:
            raise Failed(f"{batch.name}: {len(again)} messages came again")
        done = [Receipt(m["payout_id"], m["attempt"], PAID) for m in again]
        payments.receive(stack.table, stack.payouts, run, done)
        self._all_paid(run, len(known))
        sums = ", ".join(f"{major(int(amount), c)} {c}" for c, (_, amount) in batch.totals.items())
        self.told.append(("resent", f"{run.id} {batch.name}: {len(again)}, {sums}"))

    def _all_paid(self, run: Run, count: int) -> None:
        states = [payment.state for payment in payments.every(self.tenant.stack.table, run.id)]
        if states != [PAID] * count:
            raise Failed(f"{run.id}: {states.count(PAID)} of {count} payments have arrived")
