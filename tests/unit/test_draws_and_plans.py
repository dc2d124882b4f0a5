"""Whole months with draws, leave, histories of terms, and several plans: from the event to what is paid."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dualtrack.adapters import plan_file
from dualtrack.app import close, evidence, operate, roster
from dualtrack.app.explain import explain
from dualtrack.app.totals import Definitions
from dualtrack.domain.errors import Refused, Stopped
from dualtrack.domain.plan import Plan
from tests.support.events import deal, employee, event
from tests.support.world import Document, World

OCTOBER, NOVEMBER, DECEMBER, JANUARY = MONTHS = ("2017-10", "2017-11", "2017-12", "2018-01")


def document(identity: str = "plan", version: int = 1, start: str = "2017-10-01", **fields: Any) -> Document:
    """A plan whose one metric is the revenue of a month against 100."""
    metric = {"id": "revenue", "measure": "revenue", "weight": 100, "target": 100}
    names: dict[str, Any] = {"name": {"en": identity, "zh": identity}}
    return {
        "id": identity, "version": version, "effective": {"from": start}, "currency": "USD", **names,
        "measures": [{"id": "revenue", "observed": "deal", "kind": "sum", "value": "amount"}],
        "tracks": [{"id": "t", "weight": 100, **names, "metrics": [metric | names]}],
    } | fields  # fmt: skip


def sold(value: str, day: str, owner: str = "ann", **said: Any) -> dict[str, Any]:
    """A deal of a day."""
    return deal(f"{owner} {day}", owner, closed_on=day, engaged_on=day, value=value, **said)


def lines(world: World, who: str = "ann") -> list[tuple[str, str, int]]:
    """Every line ever booked for somebody: run, kind, amount."""
    found = [
        (line["run"][:7], line["kind"], int(line["amount"]))
        for period in ("-", *MONTHS)
        for line in world.table.query(f"EP#E:{who}#{period}", "P#", "P#~")
    ]
    order = ("regular", "adjustment", "draw", "recovery", "carried_in", "carried_out")
    return sorted(found, key=lambda line: (line[0], order.index(line[1])))


def paid(world: World, who: str = "ann") -> list[int]:
    """What payroll was told to pay, run by run."""
    messages = [json.loads(message.body) for message in world.payroll.messages]
    return [each["amount_minor"] for each in messages if each["employee"] == who]


def closed(world: World, *months: str) -> None:
    """Each closed, approved and published."""
    for month in months:
        world.publish(world.close(month))


# A draw is at least 3 000.00 a month, and taken back from what is earned above it.

DRAW: dict[str, Any] = {"payout": {"draw": {"amount": "3000.00"}}}


def test_a_draw_is_recovered_and_in_the_end_what_was_paid_is_what_was_earned() -> None:
    world = World(documents=[document(**DRAW)])
    world.take(employee("ann", base=500_000))
    world.take(sold("20", "2017-10-05"), sold("80", "2017-11-05"), sold("120", "2017-12-05"))
    owed = []
    for month in MONTHS[:3]:
        closed(world, month)
        owed.append(roster.person(world.table, "ann").standing.drawn)
    assert lines(world) == [
        ("2017-10", "regular", 100_000), ("2017-10", "draw", 200_000),
        ("2017-11", "regular", 400_000), ("2017-11", "recovery", -100_000),
        ("2017-12", "regular", 600_000), ("2017-12", "recovery", -100_000),
    ]  # fmt: skip
    assert owed == [200_000, 100_000, 0]
    assert paid(world) == [300_000, 300_000, 500_000]
    earned = sum(amount for _, kind, amount in lines(world) if kind == "regular")
    assert sum(paid(world)) == earned == 1_100_000
    assert roster.person(world.table, "ann").standing.owed == 0


def test_a_draw_that_need_not_be_recovered_is_a_guarantee() -> None:
    rule: dict[str, Any] = {"payout": {"draw": {"amount": "3000.00", "recoverable": False}}}
    world = World(documents=[document(**rule)])
    world.take(employee("ann", base=500_000), sold("20", "2017-10-05"), sold("80", "2017-11-05"))
    closed(world, OCTOBER, NOVEMBER)
    assert lines(world) == [("2017-10", "regular", 300_000), ("2017-11", "regular", 400_000)]


def test_a_late_deal_pays_back_a_draw() -> None:
    world = World(documents=[document(**DRAW)])
    world.take(employee("ann", base=500_000), sold("20", "2017-10-05"), sold("60", "2017-11-05"))
    closed(world, OCTOBER)
    world.take(deal("late", "ann", closed_on="2017-10-30", engaged_on="2017-10-30", value="20"))
    closed(world, NOVEMBER)
    assert lines(world)[2:] == [
        ("2017-11", "regular", 300_000), ("2017-11", "adjustment", 100_000),
        ("2017-11", "recovery", -100_000),
    ]  # fmt: skip
    assert roster.person(world.table, "ann").standing.drawn == 100_000


def test_a_draw_goes_by_the_days_of_the_month() -> None:
    world = World(documents=[document(**DRAW)])
    world.take(employee("ann", base=500_000, **{"from": "2017-10-22"}), sold("0", "2017-10-25"))
    closed(world, OCTOBER)
    assert lines(world) == [("2017-10", "regular", 0), ("2017-10", "draw", 96_774)]  # 10 of 31 days


def test_what_is_booked_for_no_period_asks_for_no_fold() -> None:
    world = World(documents=[document(**DRAW)])
    world.take(employee("ann", base=500_000), sold("20", "2017-10-05"))
    before = world.card("ann", OCTOBER)["r"]
    closed(world, OCTOBER)
    assert world.card("ann", OCTOBER)["r"] == before + 1, "for the line of October, not for the draw"


# Terms that follow each other, and leave.


def test_terms_with_an_id_of_their_own_leave_those_before_them_as_they_were() -> None:
    world = World(documents=[document()])
    world.take(employee("ann", base=310_000), sold("100", "2017-10-05"), sold("100", "2017-11-05"))
    closed(world, OCTOBER)
    raised = {"base": 600_000, "from": "2017-11-16", "terms_id": "raise"}
    world.take(employee("ann", **raised))
    assert world.card("ann", NOVEMBER)["payout"] == 310_000 * 15 // 30 + 600_000 * 15 // 30
    assert roster.person(world.table, "ann").restated == ()
    closed(world, NOVEMBER)
    assert paid(world) == [310_000, 455_000]
    world.take(employee("ann", version=2, **{**raised, "from": "2017-11-01"}))
    assert world.card("ann", NOVEMBER)["payout"] == 600_000
    assert roster.person(world.table, "ann").restated == (NOVEMBER,)


def test_without_an_id_the_newest_terms_replace_the_ones_before_them() -> None:
    world = World(documents=[document()])
    world.take(employee("ann", base=310_000), sold("100", "2017-10-05"))
    world.take(employee("ann", base=600_000, version=2, **{"from": "2017-10-17"}))
    history = roster.person(world.table, "ann").history
    assert history is not None
    assert [str(row.start) for row in history.rows] == ["2017-10-17"]
    assert world.card("ann", OCTOBER)["payout"] == 290_323  # 15 of 31 days


def leave(first: str, last: str, version: int = 1, **said: Any) -> dict[str, Any]:
    """Unpaid leave of ann's."""
    usual = {"leave_id": "L1", "employee_id": "ann", "from": first, "to": last, "version": version}
    return event("hr.leave.recorded", usual | said)


@pytest.mark.parametrize("order", ["the leave last", "the leave first"])
def test_leave_without_pay_counts_its_days_until_it_is_taken_back(order: str) -> None:
    world = World(documents=[document()])
    world.take(employee("ann", base=310_000))
    events = [sold("100", "2017-10-05"), leave("2017-10-22", "2017-11-02")]
    for each in events if order == "the leave last" else reversed(events):
        world.take(each)
    assert world.card("ann", OCTOBER)["payout"] == 210_000
    world.take(leave("2017-10-30", "2017-11-02", version=2))
    assert world.card("ann", OCTOBER)["payout"] == 290_000
    world.take(leave("2017-10-30", "2017-11-02", version=3, deleted=True))
    assert world.card("ann", OCTOBER)["payout"] == 310_000


def test_leave_after_a_close_is_the_next_run_s_difference() -> None:
    world = World(documents=[document()])
    world.take(employee("ann", base=310_000), sold("100", "2017-10-05"), sold("100", "2017-11-05"))
    closed(world, OCTOBER)
    world.take(leave("2017-10-22", "2017-10-31"))
    closed(world, NOVEMBER)
    assert lines(world)[1:] == [("2017-11", "regular", 310_000), ("2017-11", "adjustment", -100_000)]


@pytest.mark.parametrize(
    ("first", "last", "reason"),
    [
        ("2017-10-22", "2017-10-21", "bad_range"),
        ("2017-10-22", "some day", "bad_time"),
        ("2017-10-22", "", "missing"),
    ],
)
def test_leave_that_cannot_be_is_quarantined(first: str, last: str, reason: str) -> None:
    world = World(documents=[document()])
    world.take(employee("ann"))
    [outcome] = world.take(leave(first, last))
    assert [problem.reason for problem in outcome.problems] == [reason]
    assert world.take(sold("100", "2017-10-05"))[0].problems == ()


# Several plans.


def of_team(team: str, version: int = 1, **fields: Any) -> Document:
    """A team's own plan."""
    return document(team, version, **{"for": {"teams": [team]}, **fields})


def won_only() -> list[dict[str, Any]]:
    """Revenue of what was won."""
    return [{"id": "revenue", "observed": "deal", "kind": "sum", "value": "amount", "when": {"stage": "Won"}}]


def two_teams() -> World:
    """Ann in t1 and Bob in t2, each team with its own plan; deals that were lost count in t1 only."""
    world = World(documents=[of_team("t1"), of_team("t2", measures=won_only())])
    world.take(employee("ann", base=310_000), employee("bob", base=310_000, team="t2"))
    return world


def test_two_plans_for_two_teams_hold_side_by_side() -> None:
    world = two_teams()
    for who in ("ann", "bob"):
        world.take(sold("40", "2017-10-05", who), sold("20", "2017-10-06", who, stage="Lost", won="0"))
    cards = {who: world.card(who, OCTOBER) for who in ("ann", "bob")}
    assert {who: (card["plan"], card["payout"]) for who, card in cards.items()} == {
        "ann": ("t1@1", 186_000), "bob": ("t2@1", 124_000),
    }  # fmt: skip
    closed(world, OCTOBER)
    assert (paid(world, "ann"), paid(world, "bob")) == ([186_000], [124_000])


def test_who_changes_team_in_mid_month_is_paid_by_both_plans() -> None:
    world = two_teams()
    world.take(sold("60", "2017-10-05"), sold("60", "2017-10-25"))
    world.take(
        sold("60", "2017-10-07", stage="Lost", won="0"), sold("60", "2017-10-27", stage="Lost", won="0")
    )
    world.take(employee("ann", base=310_000, team="t2", terms_id="move", **{"from": "2017-10-16"}))
    card = world.card("ann", OCTOBER)
    # 120 against 15/31 of 100, capped at 120 points; 60 against 16/31 of it, 116.25 points
    assert (card["plan"], card["payout"]) == ("t2@1", 180_000 + 186_000)
    full = explain(world.table, world.plans(), "ann", OCTOBER)
    assert full["payout"] == card["payout"]
    assert [(part["plan"], part["from"], part["to"]) for part in full["parts"]] == [
        ("t1@1", "2017-10-01", "2017-10-15")
    ]
    closed(world, OCTOBER)
    assert paid(world) == [366_000]


def test_a_new_version_in_mid_month_scores_open_periods_by_both() -> None:
    world = World(documents=[document()])
    world.take(employee("ann", base=310_000), sold("60", "2017-10-05"), sold("30", "2017-10-25"))
    world.take(sold("30", "2017-10-27", stage="Lost", won="0"))
    operate.publish_plan(
        world.table, *plan_file.read(document(version=2, start="2017-10-16", measures=won_only()))
    )
    world.score()
    card = world.card("ann", OCTOBER)
    # 60 against 15/31 of 100: capped; 30 against 16/31: 58.125 points
    assert (card["plan"], card["payout"]) == ("plan@2", 180_000 + 93_000)
    assert explain(world.table, world.plans(), "ann", OCTOBER)["payout"] == card["payout"]


def test_whoever_no_plan_is_for_gets_nothing_and_is_named() -> None:
    world = World(documents=[of_team("t1")])
    world.take(employee("ann", base=310_000), employee("eve", team="t9"))
    world.take(sold("100", "2017-10-05"), sold("100", "2017-10-05", "eve"))
    run = world.close(OCTOBER)
    said = json.loads(run.totals)
    assert (said["held"], said["unplanned"]) == ([], ["eve"])
    world.publish(run)
    assert (paid(world, "ann"), paid(world, "eve")) == ([310_000], [])
    assert world.table.get(f"EP#E:eve#{OCTOBER}", "S") is None
    with pytest.raises(Refused, match="no_plan"):
        explain(world.table, world.plans(), "eve", OCTOBER)


def test_who_moves_out_of_every_plan_after_being_paid_is_held() -> None:
    world = World(documents=[of_team("t1")])
    world.take(
        employee("ann", base=310_000),
        employee("bob"),
        sold("100", "2017-10-05"),
        sold("1", "2017-10-05", "bob"),
    )
    closed(world, OCTOBER)
    world.take(employee("ann", base=310_000, team="t9", version=2), sold("1", "2017-11-05", "bob"))
    assert world.card("ann", OCTOBER)["holds"] == ["employment: no terms with a plan cover 2017-10"]
    run = world.close(NOVEMBER)
    assert json.loads(run.totals)["held"] == ["ann"]
    world.publish(run)
    assert paid(world) == [310_000]


def test_two_plans_over_one_person_stop_the_close_with_both_names() -> None:
    world = World(documents=[of_team("t1"), document("all")])
    world.take(employee("ann", team="t2"), sold("100", "2017-10-05"))
    assert world.card("ann", OCTOBER)["plan"] == "all@1"
    world.send([employee("ann", version=2)])
    with pytest.raises(Stopped, match="two plans for ann on 2017-10-01: all@1, t1@1"):
        world.drain()
    with pytest.raises(Stopped, match="two plans for ann on 2017-10-01: all@1, t1@1"):
        world.close(OCTOBER)


def test_who_owes_in_another_currency_than_that_of_now_is_held() -> None:
    euros = of_team("t2", currency="EUR")
    world = World(documents=[of_team("t1", **DRAW), euros])
    world.take(employee("ann", base=500_000), sold("20", "2017-10-05"), sold("60", "2017-11-05"))
    closed(world, OCTOBER)
    moved = {"team": "t2", "currency": "EUR", "base": 500_000, "from": "2017-11-01", "terms_id": "move"}
    world.take(employee("ann", **moved))
    run = world.close(NOVEMBER)
    assert json.loads(run.totals)["held"] == ["ann"]
    chunk = close.chunk_list(world.payouts, run)[0]["chunk"]
    held = evidence.stored(world.payouts, run, chunk).held["ann"]
    assert held == ["2017-11 USD is owed from before, and EUR is paid now"]


def plans_of(*documents: Document) -> list[Plan]:
    """Parsed."""
    return [plan_file.read(each)[0] for each in documents]


def test_what_folds_alike_is_folded_once_whichever_plan_and_name_it_has() -> None:
    renamed = document("b", measures=[
        {"id": "revenue", "observed": "deal", "kind": "sum", "value": "amount", "window": "quarter_to_date"},
        {"id": "won", "observed": "deal", "kind": "sum", "value": "amount", "when": {"stage": "Won"}},
    ])  # fmt: skip
    one, both = plans_of(document("a")), plans_of(document("a"), renamed)
    assert [m.kind for m in Definitions(one).observed("deal")] == ["sum"]
    assert [sorted(m.when) for m in Definitions(both).observed("deal")] == [["stage"], []]
    assert Definitions(both).print("deal") == Definitions(list(reversed(both))).print("deal")
    assert Definitions(one).serve(both[0])
    assert not Definitions(one).serve(both[1])
    assert [place for _, place in Definitions(both).places(both[1], "deal") or []] == [1, 0]
