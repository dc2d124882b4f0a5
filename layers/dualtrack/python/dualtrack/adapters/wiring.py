"""Wiring: use cases over AWS clients, made once per process.

Every function imports this module and wires one use case. So use cases are imported where they are
wired, and a client is made at its first call: a cold start pays for nothing that it does not use.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from dualtrack.adapters.dynamodb import DynamoTable
from dualtrack.adapters.s3 import S3Objects
from dualtrack.adapters.settings import Settings
from dualtrack.adapters.sqs import SqsFifo, SqsQueue

if TYPE_CHECKING:
    from dualtrack.adapters.mapping import Data
    from dualtrack.adapters.newest import Newest
    from dualtrack.adapters.vault import KmsVault
    from dualtrack.app.audited import Audited
    from dualtrack.app.documents import Library
    from dualtrack.app.measure import Measuring
    from dualtrack.app.paying import Paying
    from dualtrack.app.score import Scoring
    from dualtrack.domain.plan import Plan
    from dualtrack.domain.published import Payee
    from dualtrack.domain.setup import Setup

# Queues that a close waits for: their names in ``app/readiness.py``, and where settings have them.
DRAINED = {"ingest": "ingest_queue", "ingest_dlq": "ingest_dlq", "stream_failures": "stream_failures"}
RETRIES = Config(retries={"mode": "standard", "max_attempts": 5}, connect_timeout=3, read_timeout=20)


class Stack:
    """One tenant's services behind the ports."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @classmethod
    def from_env(cls, *needed: str) -> Stack:
        """The stack that this function's environment describes."""
        return cls(Settings.from_env(os.environ, *needed))

    @cached_property
    def table(self) -> DynamoTable:
        """The tenant's table."""
        return DynamoTable(_Late("dynamodb"), self.settings.table, time.sleep)

    @cached_property
    def intake(self) -> S3Objects:
        """Event log and quarantined bodies."""
        return S3Objects(_Late("s3"), self.settings.intake_bucket)

    @cached_property
    def payouts(self) -> S3Objects:
        """Evidence and payout files."""
        return S3Objects(_Late("s3"), self.settings.payout_bucket)

    @cached_property
    def ingest(self) -> SqsQueue:
        """The ingest queue."""
        return SqsQueue(_Late("sqs"), self.settings.ingest_queue)

    @cached_property
    def payroll(self) -> SqsFifo:
        """The payroll queue."""
        return SqsFifo(_Late("sqs"), self.settings.payroll_queue)

    @cached_property
    def _plans(self) -> Library[Plan]:
        from dualtrack.adapters.plan_codec import plan
        from dualtrack.app.documents import Library

        return Library(self.table, "plan", plan)

    @cached_property
    def _sources(self) -> Library[Data]:
        from dualtrack.adapters.mapping import parse
        from dualtrack.app.documents import Library

        return Library(self.table, "source", parse)

    def billed(self) -> dict[str, int]:
        """Request units billed since the last call, in half units, for a line of metrics."""
        units = {"ReadHalfUnits": self.table.units["read"], "WriteHalfUnits": self.table.units["write"]}
        self.table.units.clear()
        return units

    def plans(self) -> Sequence[Plan]:
        """Every published plan version."""
        return self._plans.current()

    def mapper(self, now: datetime) -> Newest:
        """The published source mappings, for one invocation."""
        from dualtrack.adapters.newest import Newest

        return Newest(self._sources, now)

    def measuring(self) -> Measuring:
        """The measure use case."""
        from dualtrack.app.measure import Measuring

        return Measuring(self.table, self.intake, self.mapper, self.settings.tz())

    def scoring(self) -> Scoring:
        """The score use case."""
        from dualtrack.app.score import Scoring

        return Scoring(self.table, self.intake, self._plans.recent)

    def audited(self) -> Audited:
        """What an audit looks at."""
        from dualtrack.app.audited import Audited

        return Audited(self.table, self.intake, self.payouts, self.plans)

    @cached_property
    def _setups(self) -> Library[Setup]:
        from dualtrack.adapters.pay_codec import setup
        from dualtrack.app.documents import Library

        return Library(self.table, "pay", setup)

    def setups(self) -> Sequence[Setup]:
        """Every published pay setup."""
        return self._setups.current()

    @property
    def _queues(self) -> dict[str, SqsQueue]:
        """The queues that have to be empty before a close, as far as this function is told of them."""
        named = {name: getattr(self.settings, url) for name, url in DRAINED.items()}
        return {name: SqsQueue(_Late("sqs"), url) for name, url in named.items() if url}

    def paying(self) -> Paying:
        """The steps of closes and publications."""
        from dualtrack.adapters.payfiles.registry import PayFiles
        from dualtrack.app.paying import Paying

        return Paying(
            self.table, self.payouts, self.intake, self._queues, self.plans(), self.setups(),
            self.settings.tenant, self.settings.tz(), PayFiles(), self._payees,
        )  # fmt: skip

    @cached_property
    def vault(self) -> KmsVault:
        """Seals and opens bank accounts with the tenant's key."""
        from dualtrack.adapters.vault import KmsVault

        return KmsVault(_Late("kms"), self.settings.key, self.settings.tenant)

    def _payees(self, employees: Sequence[str], act: int) -> Mapping[str, Payee]:
        from dualtrack.app.accounts import payees

        return payees(self.table, self.vault, self.settings.tenant, employees, act)


class _Late:
    """A client that is made at its first call."""

    def __init__(self, service: str) -> None:
        self._service = service

    @cached_property
    def _made(self) -> Any:
        return boto3.client(self._service, config=RETRIES)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._made, name)
