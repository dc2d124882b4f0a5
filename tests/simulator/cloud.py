"""One tenant's cloud: the models, and processes that run the real use cases over the real adapters."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from dualtrack.adapters.dynamodb import DynamoTable
from dualtrack.adapters.mapping import parse
from dualtrack.adapters.newest import Newest
from dualtrack.adapters.payfiles.registry import PayFiles
from dualtrack.adapters.plan_codec import plan as parsed
from dualtrack.adapters.s3 import S3Objects
from dualtrack.adapters.sqs import SqsFifo, SqsQueue
from dualtrack.app import operate
from dualtrack.app.documents import Library
from dualtrack.app.measure import Measuring
from dualtrack.app.paying import Paying
from dualtrack.app.score import Scoring
from dualtrack.domain.setup import DEFAULT
from tests.simulator import documents
from tests.simulator.services.dynamodb import DynamoModel
from tests.simulator.services.nerve import Nerve
from tests.simulator.services.s3 import S3Model
from tests.simulator.services.sqs import SqsModel

LINES = replace(DEFAULT, id="sim", version=1, files=("lines",))
ZONE = ZoneInfo("America/Chicago")
START = datetime(2026, 1, 1, tzinfo=UTC)
INGEST, INGEST_DLQ, PAYROLL = "ingest", "ingest-dlq", "payroll.fifo"
VISIBILITY, MOST_RECEIVES = timedelta(seconds=360), 5


class Cloud:
    """The models of one tenant."""

    def __init__(self, nerve: Nerve, tenant: str = "demo") -> None:
        self.tenant, self.nerve = tenant, nerve
        self.dynamo, self.sqs = DynamoModel(nerve), SqsModel(nerve)
        self.intake, self.payouts = S3Model(nerve), S3Model(nerve)
        for name, fifo in ((INGEST, False), (INGEST_DLQ, False), (PAYROLL, True)):
            self.sqs.create(name, fifo)

    def furnish(self) -> None:
        """The mapping and the first version of the plan."""
        process = Process(self)
        for name, text in documents.SOURCES.items():
            operate.publish_source(process.table, name, 1, text)
        operate.publish_plan(process.table, parsed(documents.PLANS[0]), documents.PLANS[0])

    def digest(self) -> str:
        """Of everything that is stored."""
        rows = sorted((pk, sk, repr(sorted(row.items()))) for pk, all_ in self.dynamo.rows.items()
                      for sk, row in all_.items())  # fmt: skip
        objects = sorted((*self.intake.objects.items(), *self.payouts.objects.items()))
        return sha256(repr((rows, objects)).encode()).hexdigest()[:16]


class Process:
    """What one warm function has: adapters, and use cases with what they remember; ``old`` code or new."""

    def __init__(self, cloud: Cloud, old: bool = False) -> None:
        self.cloud, self.old = cloud, old
        self.table = DynamoTable(cloud.dynamo, "table", lambda seconds: None)
        self.intake, self.payouts = S3Objects(cloud.intake, "intake"), S3Objects(cloud.payouts, "payouts")
        self.ingest, self.payroll = SqsQueue(cloud.sqs, INGEST), SqsFifo(cloud.sqs, PAYROLL)
        self.plans: Library[Any] = Library(self.table, "plan", parsed)
        self._sources: Library[Any] = Library(self.table, "source", parse)
        self.measuring = Measuring(self.table, self.intake, self.mapper, ZONE)
        self.scoring = Scoring(self.table, self.intake, self.plans.recent)

    @property
    def now(self) -> datetime:
        """The time at which people do things: always the same, so that a life can be told again."""
        return START

    def paying(self, tenant: str) -> Paying:
        """As ``wiring`` makes it."""
        queues, plans = {"ingest": self.ingest}, self.plans.current()
        return Paying(self.table, self.payouts, self.intake, queues, plans, [LINES], tenant, ZONE, PayFiles())

    def mapper(self, now: datetime) -> Newest:
        """As ``wiring`` makes it."""
        return Newest(self._sources, now)
