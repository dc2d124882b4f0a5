"""A run: one close of one period. The states are a table; the diagram is drawn from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from dualtrack.domain.errors import refuse
from dualtrack.domain.payouts import Payout

# (state, act) → next state. Whatever is not in the table is refused.
TRANSITIONS: Mapping[tuple[str, str], str] = {
    ("OPEN", "close"): "CLOSING",
    ("CLOSING", "review"): "REVIEW",
    ("CLOSING", "reject"): "OPEN",  # the close failed half-way: without this nobody could close again
    ("REVIEW", "approve"): "APPROVED",
    ("REVIEW", "reject"): "OPEN",
    ("APPROVED", "publish"): "PUBLISHED",
}


@dataclass(frozen=True, slots=True)
class Run:
    """Where a run stands. ``fence`` grows with every transition: a stale closer's write fails."""

    id: str
    period: str
    state: str
    attempt: int
    fence: int
    starter: str
    approver: str = ""
    totals: str = ""
    waiver: str = ""
    manifest: str = ""
    execution: str = ""
    rejection: str = ""


def run_id(period: str, number: int) -> str:
    """``2017-10-01``: the first run of October."""
    return f"{period}-{number:02d}"


def after(run: Run, act: str) -> Run:
    """The run after an act; refuses an act that its state does not know."""
    allowed = [a for (state, a) in TRANSITIONS if state == run.state]
    if (run.state, act) not in TRANSITIONS:
        remedy = f"allowed now: {', '.join(allowed)}" if allowed else "a published run never changes"
        raise refuse("wrong_state", f"run {run.id}", f"{run.state}, not ready to {act}", remedy)
    return replace(run, state=TRANSITIONS[run.state, act], fence=run.fence + 1)


def approve(run: Run, approver: str, totals: str) -> Run:
    """Four eyes, and bound to the control totals that were seen."""
    approved = after(run, "approve")
    if not approver or approver == run.starter:
        raise refuse("four_eyes", "approver", approver, f"somebody other than the starter {run.starter}")
    if totals != run.totals:
        raise refuse("totals_changed", "totals", totals, f"review again: they are now {run.totals}")
    return replace(approved, approver=approver)


def reject(run: Run, by: str, reason: str) -> Run:
    """Back to OPEN under a reason; the next close is a new attempt."""
    if not by or not reason:
        raise refuse("missing", "by, reason", f"{by}, {reason}", "name who rejects and why")
    opened = after(run, "reject")
    said = f"attempt {run.attempt}, {by}: {reason}"
    return replace(opened, attempt=run.attempt + 1, totals="", waiver="", execution="", rejection=said)


@dataclass(frozen=True, slots=True)
class Totals:
    """Control totals of one currency: payouts, payable payouts, lines, and their sum in minor units."""

    currency: str
    payouts: int
    payable: int
    lines: int
    amount: int


def totals(payouts: Iterable[Payout]) -> list[Totals]:
    """One row a currency, in its order; never one sum over currencies."""
    by_currency: dict[str, list[Payout]] = {}
    for payout in payouts:
        by_currency.setdefault(payout.currency, []).append(payout)
    return [_totals(currency, by_currency[currency]) for currency in sorted(by_currency)]


def _totals(currency: str, payouts: list[Payout]) -> Totals:
    payable = sum(1 for p in payouts if p.amount > 0)
    lines = sum(len(p.lines) for p in payouts)
    return Totals(currency, len(payouts), payable, lines, sum(p.amount for p in payouts))
