"""A whole tenant in three currencies: live, closed, explained and foretold, with one total for each."""

from __future__ import annotations

import json
from typing import Any

from dualtrack.app import differences, readiness
from dualtrack.app.close import chunk_list
from dualtrack.app.evidence import stored
from dualtrack.app.explain import explain
from dualtrack.domain.runs import Run
from tests.support.events import employee
from tests.support.world import World
from tests.unit.test_draws_and_plans import document, sold

OCTOBER, NOVEMBER = "2017-10", "2017-11"
RATES: dict[str, Any] = {
    "EUR": [{"from": "2017-10-01", "rate": "0.85"}],
    "JPY": [{"from": "2017-11-01", "rate": 113}],
}
EACH: dict[str, Any] = {"payout": {"guarantee": {"amount": 4000}}, "rates": RATES}


def tenant() -> World:
    """Ann is paid in dollars, bob in euro, chie in yen; all have sold what they should, twice."""
    world = World(documents=[document(**EACH)])
    world.take(employee("ann"), employee("bob", currency="EUR"), employee("chie", currency="JPY"))
    for who in ("ann", "bob", "chie"):
        world.take(sold("100", "2017-10-05", who), sold("100", "2017-11-05", who))
    return world


def held(world: World, run: Run) -> dict[str, list[str]]:
    """Who is held by a run, and why."""
    found: dict[str, list[str]] = {}
    for chunk in chunk_list(world.payouts, run):
        found |= {who: list(why) for who, why in stored(world.payouts, run, chunk["chunk"]).held.items()}
    return found


def test_a_run_has_one_total_for_each_currency_and_holds_whom_it_has_no_rate_for() -> None:
    world = tenant()
    run = world.close(OCTOBER)
    why = "2017-10 JPY: no rate from USD (plan plan@1) that holds on 2017-10-31"
    assert held(world, run) == {"chie": [why]}
    totals = {each["currency"]: each["amount"] for each in json.loads(run.totals)["totals"]}
    assert totals == {"USD": 400_000, "EUR": 340_000}


def test_a_scorecard_names_its_currency_where_it_is_not_the_plans() -> None:
    world = tenant()
    assert [world.card(who, NOVEMBER).get("currency") for who in ("ann", "bob", "chie")] == [
        None,
        "EUR",
        "JPY",
    ]
    for who, due in (("ann", 400_000), ("bob", 340_000), ("chie", 452_000)):
        whole = explain(world.table, world.plans(), who, NOVEMBER)
        assert (world.card(who, NOVEMBER)["payout"], whole["payout"]) == (due, due)
    assert explain(world.table, world.plans(), "chie", NOVEMBER)["currency"] == "JPY"


def test_what_a_close_would_come_to_is_added_up_by_currency() -> None:
    found = readiness.outlook(tenant().table, NOVEMBER).payouts
    assert found == {
        ("plan@1", ""): (1, 400_000), ("plan@1", "EUR"): (1, 340_000), ("plan@1", "JPY"): (1, 452_000),
    }  # fmt: skip


def test_a_month_that_was_paid_in_another_currency_is_held_even_if_the_numbers_are_equal() -> None:
    one = [{"from": "2017-10-01", "rate": 1}]
    world = World(documents=[document(**EACH | {"rates": {"EUR": one}})])
    world.take(employee("ann"), sold("100", "2017-10-05"), sold("100", "2017-11-05"))
    world.publish(world.close(OCTOBER))
    world.take(employee("ann", currency="EUR", version=2))
    [found] = differences.queue(world.table, ["ann"], None)
    said = "paid in USD, due in EUR: pay the difference by hand"
    assert (found.currency, found.due, found.change, found.becomes) == ("USD", None, 0, said)
    run = world.close(NOVEMBER)
    why = "2017-10 was paid in USD and is due in EUR: pay the difference by hand"
    assert held(world, run) == {"ann": [why]}
    totals = {each["currency"]: each["amount"] for each in json.loads(run.totals)["totals"]}
    assert totals == {"EUR": 400_000}
