"""``payroll receipts | rejects | resend | release | discard | settle | redrive``: after publication."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Annotated

import typer

from dualtrack.adapters import receipts as files
from dualtrack.app import acts, payments, resend, runs
from dualtrack.domain.money import major
from dualtrack.domain.payments import Payment, owed_back
from dualtrack.domain.payouts import Payout
from infra.cli import payroll
from infra.cli.options import By, RunId, Why, argument, option
from infra.cli.show import line, table
from infra.cli.state import operator

app = payroll.app
ReceiptFile = Annotated[Path, argument("opt.receipt_file", metavar="FILE")]
OfRun = Annotated[str, option("opt.run", "--run")]
Payouts = Annotated[str, option("opt.payouts", "--payouts")]
Batch = Annotated[str, argument("opt.batch", metavar="BATCH")]
Digest = Annotated[str, option("opt.digest", "--digest")]
Out = Annotated[Path, option("opt.out", "--out")]
Outcome = Annotated[str, option("opt.outcome", "--as")]
PayoutId = Annotated[str, argument("opt.payout", metavar="ID")]


@app.command("receipts", help="help.payroll.receipts")
def receipts(context: typer.Context, file: ReceiptFile, run: OfRun, by: By) -> None:
    """All of the file, or nothing of it."""
    stack = operator(context).stack
    of = runs.get(stack.table, run)
    data = file.read_bytes()
    found = resend.spread(stack.payouts, of, files.read(data))
    named = f"{file.name} sha256 {sha256(data).hexdigest()}"
    done = payments.bring(stack.table, stack.payouts, of, found, by, named, datetime.now(UTC))
    said = ", ".join(f"{count} {state}" for state, count in sorted(done.items()))
    line("payroll.receipts", count=len(found), run=run, said=said)


@app.command("rejects", help="help.payroll.rejects")
def rejects(context: typer.Context, run: RunId) -> None:
    """Rejected, and those in doubt: which attempt, and what the bank says."""
    stack = operator(context).stack
    found = runs.get(stack.table, run)
    known = payments.payable(stack.payouts, found)
    open_ = [*payments.in_doubt(stack.table, run), *payments.waiting(stack.table, run)]
    batches = resend.open_batches(stack.table, stack.payouts, found)
    if batches:
        table(("id", "state", "by", "digest"), [(b.name, state, b.by, b.digest) for b, state in batches])
    if not open_ and not batches:
        line("payroll.no_rejects", run=run)
        return
    heads = ("payout_id", "employee", "currency", "amount", "state", "attempt", "owed", "said")
    table(heads, [_row(payment, known[payment.payout]) for payment in open_])


def _row(payment: Payment, payout: Payout) -> tuple[object, ...]:
    amount = major(payout.amount, payout.currency)
    back = major(owed_back(payment) * payout.amount, payout.currency)
    said = " ".join(payment.heard[-1][1:])
    return payout.id, payout.employee, payout.currency, amount, payment.state, payment.attempt, back, said


@app.command("resend", help="help.payroll.resend")
def again(context: typer.Context, run: RunId, by: By, reason: Why, payouts: Payouts = "") -> None:
    """Only listed: somebody else has to release it."""
    stack = operator(context).stack
    which = [each.strip() for each in payouts.split(",") if each.strip()]
    found = runs.get(stack.table, run)
    batch = resend.prepare(stack.table, stack.payouts, found, by, reason, which, datetime.now(UTC))
    rows = [(c, count, major(amount, c)) for c, (count, amount) in sorted(batch.totals.items())]
    table(("currency", "payouts", "amount"), rows)
    line("payroll.prepared", run=run, batch=batch.name, digest=batch.digest)


@app.command("release", help="help.payroll.release")
def release(context: typer.Context, run: RunId, batch: Batch, by: By, digest: Digest) -> None:
    """Four eyes, and bound to what was listed."""
    stack = operator(context).stack
    found = runs.get(stack.table, run)
    done = resend.release(stack.table, stack.payouts, found, batch, by, digest, datetime.now(UTC))
    line("payroll.released", count=len(done.attempts), run=run, batch=batch)


@app.command("files", help="help.payroll.files")
def files_(context: typer.Context, run: RunId, batch: Batch, out: Out) -> None:
    """As often as it is asked for, the same bytes."""
    stack = operator(context).stack
    found = runs.get(stack.table, run)
    publishing = stack.paying().publishing()
    for file in resend.files(stack.table, stack.payouts, found, batch, publishing):
        path = out / file.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.data)
        line("payroll.file", file=path)


@app.command("discard", help="help.payroll.discard")
def discard(context: typer.Context, run: RunId, batch: Batch, by: By, reason: Why) -> None:
    """Nothing of it is sent."""
    rows = operator(context).stack.table
    resend.discard(rows, runs.get(rows, run), batch, by, reason, datetime.now(UTC))
    line("payroll.discarded", run=run, batch=batch)


@app.command("settle", help="help.payroll.settle")
def settle(
    context: typer.Context, payout: PayoutId, run: OfRun, outcome: Outcome, by: By, reason: Why
) -> None:
    """Only a payment that is in doubt."""
    rows = operator(context).stack.table
    done = payments.settle(rows, runs.get(rows, run), payout, outcome, by, reason, datetime.now(UTC))
    line("payroll.settled", payout=payout, state=done.state)


@app.command("redrive", help="help.payroll.redrive")
def redrive(context: typer.Context, by: By, reason: Why) -> None:
    """What payroll could not take comes again, in its order."""
    place = operator(context)
    count = payroll.redriven(place.outputs["PayrollDlqUrl"], place.outputs["PayrollQueueUrl"])
    acts.record(
        place.stack.table, by, "payment.redrive", "payroll queue", reason, datetime.now(UTC), "", str(count)
    )
    line("payroll.redriven", count=count)
