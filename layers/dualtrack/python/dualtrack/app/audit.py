"""Audit: whether what stands in a live tenant is what it has to be (design, "Always true").

Reads everything, writes nothing. A tenant is in motion: what differs is looked at again after a pause,
and only what differs twice in the same way is a finding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from dualtrack.app.audit_facts import kept_events, moved_facts, scores
from dualtrack.app.audit_money import published_runs, stray_lines
from dualtrack.app.audited import Audited, Finding

CHECKS: tuple[Callable[[Audited], Iterator[Finding]], ...] = (
    scores, moved_facts, kept_events, published_runs, stray_lines,
)  # fmt: skip
KINDS = (
    "scorecard", "total", "tombstone", "lost_fact", "counts", "lost_event",
    "manifest", "file", "evidence", "control_total", "outbox", "chain", "payout_id", "stray_line", "balance",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Report:
    """What was looked at, and what differs."""

    findings: tuple[Finding, ...]
    employees: int
    periods: int
    runs: int


def audit(tenant: Audited, pause: Callable[[], None]) -> Report:
    """Look at everything; twice, if something differs."""
    found = _all(tenant)
    if found:
        pause()
        again = set(_all(tenant.afresh()))
        found = [each for each in found if each in again]
    return Report(tuple(found), len(tenant.employees), len(tenant.periods), len(tenant.runs))


def _all(tenant: Audited) -> Sequence[Finding]:
    return [finding for check in CHECKS for finding in check(tenant)]
