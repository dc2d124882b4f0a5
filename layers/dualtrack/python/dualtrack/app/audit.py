"""Audit: whether what stands in a tenant is what it has to be (design, "Always true").

Reads and writes nothing. A tenant is in motion: what differs is looked at again after a pause,
and only what differs twice in the same way is a finding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from dualtrack.app.audit_facts import lost_facts, moved_facts, unlisted, unsighted
from dualtrack.app.audit_lines import booked_lines, stray_lines
from dualtrack.app.audit_log import counts_add_up, lost_events, unlogged
from dualtrack.app.audit_money import published_runs
from dualtrack.app.audit_payments import heard_payments
from dualtrack.app.audit_scores import scores
from dualtrack.app.audited import Audited, Finding


def unreadable(tenant: Audited) -> Iterator[Finding]:
    """What the other checks could not read."""
    yield from tenant.unreadable.values()


# Facts before scores: what is folded from damaged facts is not judged. At the end what could not be read.
CHECKS: tuple[Callable[[Audited], Iterator[Finding]], ...] = (
    lost_facts, moved_facts, unsighted, unlisted, counts_add_up, lost_events, unlogged,
    scores, published_runs, heard_payments, booked_lines, stray_lines, unreadable,
)  # fmt: skip
KINDS = (
    "unreadable", "lost_fact", "tombstone", "location", "unlisted", "counts", "lost_event", "unlogged",
    "scorecard", "total", "unjudged", "manifest", "chain", "file", "evidence", "control_total", "outbox",
    "payment", "overpaid", "batch", "payout_row", "stray_line", "payout_id", "balance",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Report:
    """What was looked at, and what differs."""

    findings: tuple[Finding, ...]
    employees: int
    periods: tuple[str, ...]
    runs: int


def audit(tenant: Audited, pause: Callable[[], None]) -> Report:
    """Look at everything; twice, if something differs."""
    first = _look(tenant)
    if not first.findings:
        return first
    pause()
    again = set(_look(tenant).findings)
    return replace(first, findings=tuple(each for each in first.findings if each in again))


def _look(tenant: Audited) -> Report:
    """One look; what was read for it is kept no longer."""
    here = tenant.afresh()
    found = [each for check in CHECKS for each in here.carefully(check.__name__, partial(check, here))]
    return Report(tuple(found), len(here.employees), tuple(here.periods), len(here.runs))
