"""Every night: whether what stands in the tenant is what it has to be. What differs raises an alarm."""

from __future__ import annotations

import json
import time
from collections import Counter
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any

from dualtrack.adapters.telemetry import Metrics
from dualtrack.adapters.wiring import Stack
from dualtrack.app.audit import KINDS, audit

PAUSE = 60  # seconds until what differed is looked at again
stack = Stack.from_env("intake_bucket", "payout_bucket")
metrics = Metrics("audit", stack.settings.tenant)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """``{}``, or ``{"pause": seconds}`` → findings by kind; the report is in the intake bucket.

    Looks at tonight's share: open periods, the last published one, and the older ones whose turn it is.
    """
    now = datetime.now(UTC)
    tenant = replace(stack.audited(), night=now.date())
    report = audit(tenant, lambda: time.sleep(event.get("pause", PAUSE)))
    key = f"audit/{now:%Y/%m/%d/%H%M%S}.json"
    stack.intake.put(key, json.dumps(asdict(report), ensure_ascii=False, indent=1).encode())
    found = Counter(finding.kind for finding in report.findings)
    metrics.emit(AuditFindings=len(report.findings), **{f"Audit_{k}": found[k] for k in KINDS if found[k]})
    return {"report": key, "findings": dict(sorted(found.items()))}
