"""A run: one close of one period for one group, or what corrects and completes it. The states are a table."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from dualtrack.domain.errors import refuse
from dualtrack.domain.payouts import Payout
from dualtrack.domain.periods import closing_month, months_of
from dualtrack.domain.setup import EVERYBODY

REGULAR_RUN, CORRECTION, OFF_CYCLE = "regular", "correction", "off-cycle"

# (state, act) → next state. Whatever is not in the table is refused.
TRANSITIONS: Mapping[tuple[str, str], str] = {
    ("OPEN", "close"): "CLOSING",
    ("CLOSING", "review"): "REVIEW",
    ("CLOSING", "reject"): "OPEN",  # the close failed half-way: without this nobody could close again
    ("REVIEW", "endorse"): "REVIEW",  # the first of the two approvals that a forced run needs
    ("REVIEW", "approve"): "APPROVED",
    ("REVIEW", "reject"): "OPEN",
    ("APPROVED", "publish"): "PUBLISHED",
}


@dataclass(frozen=True, slots=True)
class Run:
    """Where a run stands. ``fence`` grows with every transition: a stale closer's write fails.

    ``of`` and ``reason``: the corrected run, and why there is a run that is not regular. ``whom``: the only
    employees, if not everybody. ``force``: by whom and why it was started although
    something was missing, and what.
    ``sequence`` grows from run to run in the order in which they were started. ``acts`` is the number of the
    act that approved it (before that, of the one that started it), ``approved_at`` its time; ``previous`` is
    the run that was published last when this one was approved.
    """

    id: str
    period: str
    state: str
    attempt: int
    fence: int
    starter: str
    kind: str = REGULAR_RUN
    group: str = EVERYBODY
    of: str = ""
    reason: str = ""
    whom: tuple[str, ...] = ()
    sequence: int = 0
    approvals: tuple[str, ...] = ()
    approved_at: str = ""
    acts: int = 0
    previous: str = ""
    totals: str = ""
    waiver: str = ""
    force: str = ""
    setup: str = ""
    watermark: str = ""
    manifest: str = ""
    execution: str = ""
    rejection: str = ""

    @property
    def approver(self) -> str:
        """Who approved it."""
        return ", ".join(self.approvals)

    @property
    def month(self) -> str:
        """The month that it settles as its own: a quarter's last."""
        return closing_month(self.period)

    @property
    def months(self) -> list[str]:
        """All months of its period."""
        return months_of(self.period)

    @property
    def regular(self) -> bool:
        """Whether it closes its period, rather than corrects or completes it."""
        return self.kind == REGULAR_RUN


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


def same_person(one: str, other: str) -> bool:
    """Whether two names are one person's, however they are typed: case, width and spaces do not count."""
    return _plain(one) == _plain(other)


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def approvals_needed(run: Run) -> int:
    """Two for a run that was started although something was missing, else one."""
    return 2 if run.force else 1


def approve(run: Run, approver: str, totals: str) -> Run:
    """Four eyes, six for a forced run, each bound to the control totals that were seen."""
    last = len(run.approvals) + 1 >= approvals_needed(run)
    approved = after(run, "approve" if last else "endorse")
    _somebody_else(run, approver)
    if totals != run.totals:
        raise refuse("totals_changed", "totals", totals, f"review again: they are now {run.totals}")
    return replace(approved, approvals=(*run.approvals, approver.strip()))


def _somebody_else(run: Run, approver: str) -> None:
    if not approver.strip() or same_person(approver, run.starter):
        raise refuse("four_eyes", "approver", approver, f"somebody other than the starter {run.starter}")
    if any(same_person(approver, each) for each in run.approvals):
        raise refuse("four_eyes", "approver", approver, f"a third person: {approver} has approved it already")
    forcer = run.force.partition(":")[0]
    if run.force and same_person(approver, forcer):
        raise refuse("four_eyes", "approver", approver, f"somebody other than {forcer}, who forced it")


def reject(run: Run, by: str, reason: str) -> Run:
    """Back to OPEN under a reason; the next close is a new attempt."""
    if not by.strip() or not reason.strip():
        raise refuse("missing", "by, reason", f"{by}, {reason}", "name who rejects and why")
    opened = after(run, "reject")
    said = f"attempt {run.attempt}, {by}: {reason}"
    fresh = replace(
        opened, attempt=run.attempt + 1, rejection=said, approvals=(), approved_at="", previous=""
    )
    return replace(fresh, totals="", waiver="", force="", execution="", watermark="")


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
