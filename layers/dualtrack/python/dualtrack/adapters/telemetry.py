"""Metrics per batch in the embedded metric format, and a logger that is told no personal data."""

from __future__ import annotations

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import AmazonCloudWatchEMFProvider

NAMESPACE = "Dualtrack"
logger = Logger(service="dualtrack")


class Metrics:
    """One line of metrics for each batch, never one for each event."""

    def __init__(self, stage: str, tenant: str) -> None:
        self._provider = AmazonCloudWatchEMFProvider(namespace=NAMESPACE, service=stage)
        self._provider.set_default_dimensions(tenant=tenant)

    def emit(self, **counts: int) -> None:
        """Write the counts of one batch."""
        for name, count in counts.items():
            self._provider.add_metric(name=name, unit=MetricUnit.Count, value=count)
        self._provider.flush_metrics()
