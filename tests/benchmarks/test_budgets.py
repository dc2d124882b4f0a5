"""The budgets of the design are assertions: units that are billed, never seconds."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from infra import embedded
from infra.embedded import Embedded
from tests.benchmarks.cost import WORKS, Work, closing, growth, modelled, naive, ours, table_on

SIDES = ("write units", "read units")


@pytest.fixture(scope="module")
def server() -> Iterator[Embedded]:
    """An embedded AWS of its own."""
    with embedded.start("budgets") as started:
        yield started


@pytest.mark.parametrize("work", WORKS, ids=lambda work: work.name)
def test_a_million_events_stay_inside_their_budget(work: Work) -> None:
    bill = modelled(work)
    assert bill.dollars() <= Decimal(work.budget), bill


@pytest.mark.parametrize("work", WORKS[:4], ids=lambda work: work.name)
def test_the_model_charges_what_the_embedded_aws_reports(work: Work, server: Embedded) -> None:
    client = server.client("dynamodb")
    there, here = ours(work, client, table_on(client)), modelled(work)
    assert [there.each(side) for side in SIDES] == [here.each(side) for side in SIDES]


def test_the_naive_design_is_right_and_several_times_dearer(server: Embedded) -> None:
    client = server.client("dynamodb")
    ratios = [naive(work, client).dollars() / modelled(work).dollars() for work in (WORKS[0], WORKS[3])]
    assert ratios[0] > 5
    assert ratios[1] > 1


def test_ten_thousand_observations_cost_at_most_half_more_than_a_hundred() -> None:
    small, large = growth(100), growth(10_000)
    assert large.each("write units") == small.each("write units")
    assert sum(map(large.each, SIDES)) <= Decimal("1.5") * sum(map(small.each, SIDES))
    assert large.dollars() <= Decimal("1.25") * small.dollars()


def test_a_close_stays_inside_its_budget() -> None:
    bill = closing(60, 500)
    assert bill.dollars() / 10 <= Decimal("0.60"), "for 100 000 employees"


def test_twice_the_employees_cost_twice_as_much() -> None:
    small, large = closing(40, 50), closing(80, 50)
    assert abs(large.dollars() / small.dollars() - 1) < Decimal("0.25")
