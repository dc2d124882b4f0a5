"""The budgets of the design are assertions: units that are billed, never seconds."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from infra import embedded
from infra.embedded import Embedded
from tests.benchmarks.closing import Closing
from tests.benchmarks.cost import (
    EMPLOYEES,
    WORKS,
    Work,
    created,
    growth,
    modelled,
    naive,
    naive_growth,
    ours,
    table_on,
)
from tests.benchmarks.path import Path, ad, batches, reports
from tests.benchmarks.prices import Bill
from tests.simulator.services.dynamodb import DynamoModel
from tests.simulator.services.nerve import Calm

SIDES = ("write units", "read units")
every_work = pytest.mark.parametrize("work", WORKS, ids=lambda work: work.name)


@pytest.fixture(scope="module")
def server() -> Iterator[Embedded]:
    """An embedded AWS of its own."""
    with embedded.start("budgets") as started:
        yield started


def closed(employees: int, observations: int) -> Bill:
    """The bill of a whole close."""
    return Closing(employees, observations).bills()[-1]


@every_work
def test_a_million_events_stay_inside_their_budget(work: Work) -> None:
    bill = modelled(work)
    assert bill.dollars() <= Decimal(work.budget), bill
    assert [bill.each(side) <= Decimal(most) for side, most in zip(SIDES, work.units, strict=True)] == [
        True
    ] * 2


@every_work
def test_every_event_that_is_counted_changes_the_score(work: Work) -> None:
    path = Path(DynamoModel(Calm()), "bench", EMPLOYEES)
    for message in batches(work.list, work.size):
        owners = {event["data"]["owner"]["id"] for event in message}
        before = {owner: path.total(owner) for owner in owners}
        path.take(message)
        assert not [owner for owner in owners if path.total(owner) == before[owner]]


@pytest.mark.parametrize("work", WORKS[:4], ids=lambda work: work.name)
def test_the_model_charges_what_the_embedded_aws_reports(work: Work, server: Embedded) -> None:
    client = server.client("dynamodb")
    there, here = ours(work, client, table_on(client)), modelled(work)
    assert [there.each(side) for side in SIDES] == [here.each(side) for side in SIDES]


def test_the_naive_design_is_right_also_if_everything_comes_twice(server: Embedded) -> None:
    design = created(server.client("dynamodb"))
    given = reports(10, 1)
    for event in [*given, *given]:
        design.take(event)
    spent = sum(Decimal(event["data"]["spent"]) for event in given)
    net = sum(Decimal(event["data"]["net"]) for event in given)
    expected = {"spent": round(spent / 10_000, 6), "roi": round(net / spent, 6)}
    assert {name: Decimal(each) for name, each in design.points("e0#2017-10").items()} == expected


def test_the_naive_design_writes_eight_units_for_an_event(server: Embedded) -> None:
    """Id claimed 1, fact and counter in a transaction 4, index 1, score 1, id completed 1."""
    design = created(server.client("dynamodb"))
    design.take(ad("one", 1, "e0", "2017-10-05"))
    assert design.units["write"] / 2 == 8


def test_the_naive_design_is_several_times_dearer_in_batches(server: Embedded) -> None:
    client = server.client("dynamodb")
    assert naive(WORKS[0], client).dollars() > 5 * modelled(WORKS[0]).dollars()


@pytest.mark.parametrize("together", [1, 100])
def test_ten_thousand_observations_cost_at_most_half_more_than_a_hundred(together: int) -> None:
    small, large = growth(100, together), growth(10_000, together)
    assert large.each("write units") <= small.each("write units") + Decimal("0.1")
    assert sum(map(large.each, SIDES)) <= Decimal("1.5") * sum(map(small.each, SIDES))


def test_the_naive_design_reads_the_history_for_every_event(server: Embedded) -> None:
    client = server.client("dynamodb")
    small, large = naive_growth(100, client), naive_growth(1_000, client)
    assert large.each("read units") > 5 * small.each("read units")


def test_a_close_stays_inside_its_budget() -> None:
    assert closed(60, 500).dollars() / 10 <= Decimal("0.60"), "for 100 000 employees"


def test_twice_the_employees_cost_twice_as_much() -> None:
    small, large = closed(40, 50), closed(80, 50)
    assert abs(large.dollars() / small.dollars() - 1) < Decimal("0.25")
