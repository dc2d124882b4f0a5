"""Metrics per batch in the embedded metric format, and a logger that is told no personal data."""

from __future__ import annotations

import json
import time

NAMESPACE = "Dualtrack"


class Metrics:
    """One line of metrics for each batch, never one for each event.

    ``tenant`` is the only dimension, because an alarm has to name all of a metric's dimensions; the
    stage stands beside it as a property. Written without powertools, whose metrics always add a
    service dimension once the environment names one, and whose import a hot function would pay for.
    """

    def __init__(self, stage: str, tenant: str) -> None:
        self._stage, self._tenant = stage, tenant

    def emit(self, **counts: int) -> None:
        """Write the counts of one batch."""
        declared = {
            "Namespace": NAMESPACE,
            "Dimensions": [["tenant"]],
            "Metrics": [{"Name": name, "Unit": "Count"} for name in counts],
        }
        about = {"Timestamp": time.time_ns() // 1_000_000, "CloudWatchMetrics": [declared]}
        print(json.dumps({"_aws": about, "tenant": self._tenant, "stage": self._stage} | counts), flush=True)


def failed(message: str, error: Exception, **where: str) -> None:
    """Log what failed and at which lines; not what the error says, for that can hold people's data."""
    from aws_lambda_powertools.logging import Logger  # only a failure pays for this import

    frames = []
    trace = error.__traceback__
    while trace is not None:
        frames.append(f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}")
        trace = trace.tb_next
    Logger().error(message, extra={"error": type(error).__name__, "frames": frames, **where})
