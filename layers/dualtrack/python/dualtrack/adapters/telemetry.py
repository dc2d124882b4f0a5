"""Metrics per batch in the embedded metric format, and a logger that is told no personal data."""

from __future__ import annotations

from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import AmazonCloudWatchEMFProvider

NAMESPACE = "Dualtrack"
logger = Logger(service="dualtrack")


class Metrics:
    """One line of metrics for each batch, never one for each event.

    ``tenant`` is the only dimension, because an alarm has to name all of a metric's dimensions. The
    stage is told beside it.
    """

    def __init__(self, stage: str, tenant: str) -> None:
        # An empty service, for powertools adds any other one to the dimensions.
        self._provider = AmazonCloudWatchEMFProvider(namespace=NAMESPACE, service="")
        self._provider.set_default_dimensions(tenant=tenant)
        self._stage = stage

    def emit(self, **counts: int) -> None:
        """Write the counts of one batch."""
        self._provider.add_metadata("stage", self._stage)
        for name, count in counts.items():
            self._provider.add_metric(name=name, unit=MetricUnit.Count, value=count)
        self._provider.flush_metrics()


def failed(message: str, error: Exception, **where: str) -> None:
    """Log what failed and at which lines; not what the error says, for that can hold people's data."""
    frames = []
    trace = error.__traceback__
    while trace is not None:
        frames.append(f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}")
        trace = trace.tb_next
    logger.error(message, error=type(error).__name__, frames=frames, **where)
