"""Cost of a close and its publication, step by step, as the machines and functions run them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from dualtrack.adapters.payfiles.registry import PayFiles
from dualtrack.adapters.s3 import S3Objects
from dualtrack.adapters.sqs import SqsFifo, SqsQueue
from dualtrack.app import close, operate, rows, runs
from dualtrack.app.opening import Request
from dualtrack.app.paying import Paying
from dualtrack.app.publishing import begin
from dualtrack.app.relay import relay
from dualtrack.app.score import Change
from dualtrack.domain.observations import Observation, Place
from dualtrack.domain.runs import Run
from tests.benchmarks.cost import history
from tests.benchmarks.path import PERIOD, Path, batches
from tests.benchmarks.prices import Bill, stored
from tests.simulator.services.dynamodb import DynamoModel
from tests.simulator.services.nerve import Calm
from tests.simulator.services.s3 import S3Model
from tests.simulator.services.sqs import SqsModel

TOGETHER = 10  # observations of an employee that came together
RUN = f"{PERIOD}-01"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
# States that the two machines of infra/machines enter themselves. A chunk is an express execution, and one
# transition more ("Transitions", Step Functions developer guide). Its seconds are not counted.
STATES = Decimal(8)
PREFIXES = ("F#", "R#", "P#")  # what the stream tells score


def _ticket(subject: str) -> Observation:
    """What management is scored by: without it everybody would be on hold, and nobody paid."""
    place = Place(subject, PERIOD, "ticket", f"{PERIOD}-05")
    return Observation(place, "t", 1, "0" * 12, {"in_time": Decimal(1)}, False, "desk", "t", 0, "ticket")


class Closing:
    """A tenant whose employees have so many observations each, all folded, and one run over them."""

    def __init__(self, employees: int, observations: int) -> None:
        self.model, self.queues, self.bucket = DynamoModel(Calm()), SqsModel(Calm()), S3Model(Calm())
        self.path = Path(self.model, "bench", employees)
        self.table, self.objects = self.path.table, S3Objects(self.bucket, "payouts")
        self.ingest = SqsQueue(self.queues, self.queues.create("ingest"))
        self.payroll = SqsFifo(self.queues, self.queues.create("payroll.fifo", fifo=True))
        self.employees = employees
        for n in range(employees):
            self._furnish(f"E:e{n}", observations)

    def _furnish(self, subject: str, observations: int) -> None:
        facts = [*history(observations - 1, subject), _ticket(subject)]
        for part in batches(facts, TOGETHER):
            self.table.put_many(rows.fact_items(part))
        self.path.score([Change(rows.partition(subject, PERIOD), rows.REFOLD)])

    def bills(self) -> list[Bill]:
        """What each step is billed, and all of them; per employee."""
        self.path.table.calls.clear()
        found = [self._step(name, step) for name, step in self._steps().items()]
        names = sorted({name for bill in found for name in bill.counted})
        whole = {name: sum((bill.counted[name] for bill in found), Decimal(0)) for name in names}
        return [*found, Bill("all", whole, self.employees)]

    def _steps(self) -> Mapping[str, Callable[[], Decimal]]:
        return {
            "open": self._open,
            "settle": lambda: self._map(self._settle),
            "review": self._review,
            "approve, begin": self._approve,
            "book": lambda: self._map(lambda chunk: self._paying().book(self._begun(), chunk["chunk"])),
            "score what is booked": self._score,
            "files": self._files,
            "prove": self._prove,
            "release": self._release,
            "relay": self._relay,
        }

    def _step(self, name: str, step: Callable[[], Decimal]) -> Bill:
        """Units as the model bills them, failed conditions included."""
        self.table.calls.clear()
        self.bucket.requests.clear()
        self.queues.requests.clear()
        before = dict(self.model.billed)
        chunks = step()
        said = {f"{side} units": Decimal(self.model.billed[side] - before[side]) for side in before}
        said |= {"calls": Decimal(self.table.calls.total()), "express executions": chunks} | stored(
            self.bucket.requests
        )
        said |= {"queue requests": Decimal(self.queues.requests.total())}
        said["state transitions"] = chunks + (STATES if name == "open" else 0)
        return Bill(name, said, self.employees)

    def _run(self) -> Run:
        return runs.get(self.table, RUN)

    def _begun(self) -> Run:
        return begin(self.table, RUN)

    def _paying(self) -> Paying:
        plans, queues = self.path.plans.current(), {"ingest": self.ingest}
        return Paying(self.table, self.objects, self.path.intake, queues, plans, (), "bench", UTC, PayFiles())

    def _chunks(self) -> Sequence[Mapping[str, Any]]:
        return close.chunk_list(self.objects, self._run())

    def _map(self, step: Callable[[Mapping[str, Any]], object]) -> Decimal:
        """What a map state does: read the list, and an execution for each chunk."""
        chunks = self._chunks()
        for chunk in chunks:
            step(chunk)
        return Decimal(len(chunks))

    def _open(self) -> Decimal:
        self._paying().open(Request(PERIOD, "anna", "x"), NOW)
        return Decimal(0)

    def _settle(self, chunk: Mapping[str, Any]) -> None:
        self._paying().settle(self._run(), chunk["chunk"], chunk["employees"])

    def _review(self) -> Decimal:
        self._paying().review(self._run())
        return Decimal(0)

    def _approve(self) -> Decimal:
        operate.approve(
            self.table,
            self.objects,
            RUN,
            "bert",
            json.loads(self._run().totals)["digest"],
            NOW,
            self._paying().publishing().rehearse,
        )
        self.told = len(self.model.stream)
        self._begun()
        return Decimal(0)

    def _score(self) -> Decimal:
        """The stream brings every booked line to score, which folds its scorecard again."""
        records = self.model.stream[self.told :]
        if not any(record.sk.startswith("P#") for record in records):
            raise AssertionError("nobody was paid: the bill would be that of another close")
        for part in batches([r for r in records if r.sk.startswith(PREFIXES)], 100):
            self.path.score(Change(record.pk, record.sk) for record in part)
        return Decimal(0)

    def _files(self) -> Decimal:
        self._paying().publishing().files(self._begun())
        return Decimal(0)

    def _prove(self) -> Decimal:
        self._paying().proving().prove(self._begun())
        return Decimal(0)

    def _release(self) -> Decimal:
        self._paying().proving().release(self._begun())
        return Decimal(0)

    def _relay(self) -> Decimal:
        for chunk in self._chunks():
            relay(self.table, self.objects, self.payroll, "bench", self._run(), chunk["chunk"])
        return Decimal(0)
