"""Costs of events: ours and the naive design's, counted in one run, against the budgets of the design."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import count
from typing import Any

from dualtrack.app import rows
from dualtrack.app.score import Change
from dualtrack.domain.observations import Observation, Place
from tests.benchmarks.naive import Naive
from tests.benchmarks.path import PERIOD, Event, Path, ad, batches, deals, reports, tickets
from tests.benchmarks.prices import Bill
from tests.contract.conftest import KEYS
from tests.simulator.services.dynamodb import DynamoModel
from tests.simulator.services.nerve import Calm

EVENTS, EMPLOYEES = 1000, 100
SIZES = (100, 1_000, 10_000)
DAYS = 31
_numbers = count(1)
TRICKLE = Decimal(3)  # send, receive, delete
LOAD = Decimal("1.2")  # ten messages in a receive, and in a delete


@dataclass(frozen=True, slots=True)
class Work:
    """One kind of work: its events, how many in a request, what a message costs on the queue."""

    name: str
    events: Callable[[int, int], list[Event]]
    size: int
    requests: Decimal
    units: tuple[str, str]  # write and read units of an event, not to be exceeded
    budget: str
    floor: str = ""
    together: int = 1  # messages that one invocation takes

    @property
    def list(self) -> Sequence[Event]:
        """All of its events: of single ones, one an employee."""
        if self.size > 1:
            return self.events(EVENTS, EMPLOYEES)
        return self.events(10 * EMPLOYEES, EMPLOYEES)[::10]


WORKS = (
    Work("100 a request, 10 an employee, cannot move", reports, 100, TRICKLE, ("0.6", "0.4"), "1.10", "0.08"),
    Work("the same, can move: tickets", tickets, 100, TRICKLE, ("1.6", "0.4"), "1.80"),
    Work("the same, can move: deals, two observations", deals, 100, TRICKLE, ("2.2", "0.5"), "1.80"),
    Work("one by one, each another employee, a trickle", reports, 1, TRICKLE, ("2", "4"), "4.00", "1.78"),
    Work("one by one, each another employee, a load", reports, 1, LOAD, ("2", "4"), "4.00", "1.78", 10),
)


def table_on(client: Any) -> str:
    """A new table of some AWS."""
    name = f"bench-{next(_numbers)}"
    client.create_table(TableName=name, **KEYS)
    return name


def ours(work: Work, client: Any, table: str) -> Bill:
    """Our path over a table."""
    path = Path(client, table, EMPLOYEES)
    messages = batches(work.list, work.size)
    said = path.counted(messages, work.together)
    doors = {"queue requests": work.requests * len(messages), "API calls": Decimal(len(messages))}
    return Bill(work.name, said | doors, len(work.list))


def modelled(work: Work) -> Bill:
    """The same on the in-memory model of DynamoDB."""
    return ours(work, DynamoModel(Calm()), "bench")


def naive(work: Work, client: Any) -> Bill:
    """The naive design doing as many reports: one event in a message whatever the request held."""
    design = created(client)
    given = Work("", reports, work.size, TRICKLE, work.units, work.budget).list
    for each in given:
        design.take(each)
    requests = Decimal(len(batches(given, work.size)))
    return _naive_bill(work.name, design, len(given), work.requests * len(given), requests)


def created(client: Any) -> Naive:
    """A naive design with empty tables."""
    design = Naive(client, f"naive-{next(_numbers)}")
    design.create()
    return design


def _naive_bill(name: str, design: Naive, number: int, queue: Decimal, requests: Decimal) -> Bill:
    said = {f"{side} units": Decimal(design.units[side]) / 2 for side in ("write", "read")}
    doors = {"calls": Decimal(design.calls), "queue requests": queue, "API calls": requests}
    return Bill(name, said | doors, number)


def growth(size: int, together: int) -> Bill:
    """One event when so many observations are there, which came so many at a time.

    One at a time is the dearest history: each stands in a row of its own.
    """
    path = Path(DynamoModel(Calm()), "bench", 1)
    for part in batches(history(size, "E:e0"), together):
        path.table.put_many(rows.fact_items(part))
    path.score([Change(f"EP#E:e0#{PERIOD}", rows.REFOLD)])
    return Bill(f"one event after {size}", path.counted([[each] for each in _fresh()]), DAYS)


def _fresh() -> list[Event]:
    """One event a day, in no order of the days: some stand in the scorecard's row then, and most do not."""
    return [ad(f"new{n}", n, "e0", f"{PERIOD}-{n * 11 % DAYS + 1:02d}") for n in range(DAYS)]


def history(size: int, subject: str) -> list[Observation]:
    """Reports of one employee's month, spread over its days."""
    names = ("impressions", "clicks", "spent", "approved", "net")
    return [
        Observation(Place(subject, PERIOD, "ad", f"{PERIOD}-{n % DAYS + 1:02d}"), f"ad{n}", 1, f"{n:012d}",
                    {name: Decimal(data[name]) for name in names}, False, "ads", f"event-{n}", 0, "report")
        for n in range(size)
        for data in [ad(f"ad{n}", n, "", "")["data"]]
    ]  # fmt: skip


def naive_growth(size: int, client: Any) -> Bill:
    """The same for the naive design."""
    design = created(client)
    design.load([ad(f"h{n}", n, "e0", f"{PERIOD}-{n % DAYS + 1:02d}") for n in range(size)])
    for each in _fresh():
        design.take(each)
    return _naive_bill(f"one event after {size}", design, DAYS, Decimal(0), Decimal(0))
