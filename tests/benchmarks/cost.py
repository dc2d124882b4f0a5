"""Costs: ours and the naive design's, counted in one run, against budgets and floors of the design."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import count
from typing import Any

from dualtrack.adapters.dynamodb import DynamoTable
from dualtrack.adapters.plan_codec import plan
from dualtrack.app import close, operate, pay, rows
from dualtrack.app.documents import Library
from dualtrack.app.runs import get
from dualtrack.app.score import Change
from dualtrack.domain.observations import Observation, Place
from tests.benchmarks.naive import Naive
from tests.benchmarks.path import NOW, CountedObjects, Event, Path, batches, deals, reports, tickets
from tests.benchmarks.prices import Bill, counted
from tests.contract.conftest import KEYS
from tests.simulator.services.dynamodb import DynamoModel
from tests.simulator.services.nerve import Calm
from tests.support.events import report
from tests.support.world import World

EVENTS, EMPLOYEES = 1000, 100
SIZES = (100, 1_000, 10_000)
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
    budget: str
    floor: str = ""
    together: int = 1  # messages that one invocation takes


WORKS = (
    Work("100 a request, 10 an employee, cannot move", reports, 100, TRICKLE, "1.10", "0.08"),
    Work("the same, can move: tickets", tickets, 100, TRICKLE, "1.80"),
    Work("the same, can move: deals, two observations each", deals, 100, TRICKLE, "1.80"),
    Work("one by one, each another employee, a trickle", reports, 1, TRICKLE, "4.00", "1.78"),
    Work("one by one, each another employee, a load", reports, 1, LOAD, "4.00", "1.78", 10),
)


def table_on(client: Any) -> str:
    """A new table of some AWS."""
    name = f"bench-{next(_numbers)}"
    client.create_table(TableName=name, **KEYS)
    return name


def ours(work: Work, client: Any, table: str) -> Bill:
    """Our path over a table."""
    path = Path(client, table, EMPLOYEES)
    number = EVENTS if work.size > 1 else EMPLOYEES
    events = work.events(number, EMPLOYEES) if work.size > 1 else _spread(work.events(10 * number, EMPLOYEES))
    units = path.counted(batches(events, work.size), work.together)
    messages = Decimal(number) / work.size
    return Bill(
        work.name, units | {"queue requests": work.requests * messages, "API calls": messages}, number
    )


def _spread(events: Sequence[Event]) -> list[Event]:
    """One event of each employee."""
    return list(events[::10])


def modelled(work: Work) -> Bill:
    """The same on the in-memory model of DynamoDB."""
    return ours(work, DynamoModel(Calm()), "bench")


def naive(work: Work, client: Any) -> Bill:
    """The naive design doing the same: one event in a message whatever the request held."""
    design = Naive(client, f"naive-{next(_numbers)}")
    design.create()
    number = EVENTS if work.size > 1 else EMPLOYEES
    for each in reports(number, EMPLOYEES) if work.size > 1 else _spread(reports(10 * number, EMPLOYEES)):
        design.take(each)
    requests = {"queue requests": TRICKLE * number, "API calls": Decimal(number) / work.size}
    return Bill(work.name, counted(design.units, CountedObjects().calls) | requests, number)


def growth(size: int) -> Bill:
    """One event when so many observations are there, each in a row of its own: the dearest history."""
    path = Path(DynamoModel(Calm()), "bench", 1)
    for row in history(size):
        path.table.put_many(rows.fact_items([row]))
    path.scoring.partition("EP#E:e0#2017-10", [_refold()], NOW)
    bill = path.counted([[report("new", "e0", "2017-10-05", "7.77")]])
    return Bill(f"one event after {size}", bill, 1)


def _refold() -> Change:
    return Change("EP#E:e0#2017-10", rows.REFOLD)


def history(size: int) -> list[Observation]:
    """Observations of one employee's month, spread over its days."""
    values: Mapping[str, Decimal] = {name: Decimal(n) for n, name in enumerate(
        ("impressions", "clicks", "spent", "approved", "net"), 1)}  # fmt: skip
    return [
        Observation(Place("E:e0", "2017-10", "ad", f"2017-10-{n % 31 + 1:02d}"), f"ad{n}", 1, "0" * 12,
                    values, False, "ads", f"event-{n}", 0, "report")
        for n in range(size)
    ]  # fmt: skip


def naive_growth(size: int, client: Any) -> Bill:
    """The same for the naive design."""
    design = Naive(client, f"naive-{next(_numbers)}")
    design.create()
    design.load([report(f"h{n}", "e0", f"2017-10-{n % 31 + 1:02d}", "1.01") for n in range(size)])
    design.units.clear()
    design.take(report("new", "e0", "2017-10-05", "7.77"))
    return Bill(f"one event after {size}", counted(design.units, CountedObjects().calls), 1)


def closing(employees: int, observations: int) -> Bill:
    """A close and its publication: every employee with so many observations, which came ten at a time."""
    world = World()
    model = DynamoModel(Calm())
    table = DynamoTable(model, "bench", lambda seconds: None)
    path = Path(model, "bench", employees)
    for n in range(employees):
        facts = [_of(row, f"E:e{n}") for row in history(observations)]
        table.put_many(item for part in batches(facts, 10) for item in rows.fact_items(part))
    objects = CountedObjects()
    path.table.units.clear()
    _closed(path.table, objects, world)
    return Bill(f"close of {employees} × {observations}", counted(path.table.units, objects.calls), employees)


def _of(row: Observation, subject: str) -> Observation:
    return replace(row, place=row.place._replace(subject=subject))


def _closed(table: DynamoTable, objects: CountedObjects, world: World) -> None:
    plans = Library(table, "plan", plan).current()
    run = close.open_run(table, objects, world.intake, world.ingest, plans, "2017-10", "anna", None, "x")
    chunks = close.chunk_list(objects, run)
    settling = close.Settling(table, objects, plans, "bench")
    for each in chunks:
        settling.chunk(run, each["chunk"], each["employees"])
    reviewed = close.review(table, objects, run)
    operate.approve(table, run.id, "bert", json.loads(reviewed.totals)["digest"])
    approved = pay.begin(table, run.id)
    for each in chunks:
        pay.book(table, objects, approved, each["chunk"])
    publishing = pay.Publishing(table, objects, "bench", "demo-marketing@1")
    publishing.files(approved)
    publishing.release(approved)
    for each in chunks:
        pay.relay(table, objects, world.payroll, "bench", get(table, run.id), each["chunk"])
