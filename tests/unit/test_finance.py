"""Paying as finance does it: differences, holds, clawbacks, balances, runs of three kinds, side by side."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from dualtrack.app import acts, differences, holds, operate, owed, payout, reviewing, roster, runs
from dualtrack.app.close import chunk_list
from dualtrack.app.opening import NotReady, Request
from dualtrack.domain.errors import Refused, Stopped
from dualtrack.domain.payouts import Statement, difference, settle
from dualtrack.domain.runs import CORRECTION, OFF_CYCLE, Run
from dualtrack.domain.setup import DEFAULT, Clawbacks, Group
from tests.support.events import deal, employee
from tests.support.world import Document, World
from tests.unit.test_draws_and_plans import document, lines, paid, sold

OCTOBER, NOVEMBER, DECEMBER = "2017-10", "2017-11", "2017-12"
NOW = datetime(2018, 2, 1, tzinfo=UTC)


def tenant(*documents: Document) -> World:
    """Ann, and what she has sold in three months: 100, 80 and 50 of 100, at 3 000.00 a month."""
    world = World(documents=documents or [document()])
    world.take(employee("ann"), employee("bob"))
    world.take(sold("100", "2017-10-05"), sold("80", "2017-11-05"), sold("50", "2017-12-05"))
    return world


def closed(world: World, *months: str) -> None:
    """Each closed, approved and published."""
    for month in months:
        world.publish(world.close(month))


def late(world: World, value: str, version: int = 4) -> None:
    """Ann's October deal is another one after all."""
    world.take(deal("ann 2017-10-05", "ann", version=version, closed_on="2017-10-05", engaged_on="2017-10-05",
                    value=value))  # fmt: skip


def settled(**fields: Any) -> tuple[int, list[tuple[str, int]]]:
    """What a statement comes to: the payout, and its lines."""
    usual: dict[str, Any] = {"tenant": "t", "run": "2017-12-01", "period": DECEMBER, "employee": "ann",
                             "currency": "USD", "regular": None, "restated": {}, "balance": 0}  # fmt: skip
    found = settle(Statement(**usual | fields))
    return (found.amount, [(line.kind, line.amount) for line in found.lines]) if found else (0, [])


@pytest.mark.parametrize(
    ("due", "before", "pays", "carried"),
    [
        (7_000_000, 5_500_000, 1_500_000, 0),  # 50 000 and 5 000 of corrections were paid, 70 000 are due
        (4_000_000, 5_500_000, 0, 1_500_000),  # 40 000 are due: 15 000 are carried
        (0, 5_500_000, 0, 5_500_000),  # all of it is reversed
        (5_500_000, 5_500_000, 0, 0),
    ],
)
def test_arrears_and_refunds(due: int, before: int, pays: int, carried: int) -> None:
    amount, found = settled(restated={OCTOBER: (due, before)})
    assert (amount, dict(found).get("carried_out", 0)) == (pays, carried)
    assert sum(value for _, value in found) == amount


def test_june_paid_august_clawed_back_september_pays_the_rest() -> None:
    from dualtrack.domain.payouts import Taking

    august = settled(regular=(30_000, ()), takings=[Taking("c1", "2017-06", 50_000, "otto: cancelled")])
    assert august == (0, [("regular", 30_000), ("clawback", -50_000), ("carried_out", 20_000)])
    assert settled(regular=(40_000, ()), balance=20_000) == (
        20_000,
        [("regular", 40_000), ("carried_in", -20_000)],
    )


@pytest.mark.parametrize(
    ("due", "before", "clawed", "changes"),
    [(0, 500, 500, 0), (0, 500, 200, -300), (400, 500, 500, 0), (700, 500, 500, 200), (0, 500, 0, -500)],
)
def test_a_restatement_takes_no_more_than_is_left_after_a_clawback(
    due: int, before: int, clawed: int, changes: int
) -> None:
    assert difference(due, before, clawed) == changes


def test_two_currencies_have_two_totals() -> None:
    euro = document("euro") | {"currency": "EUR", "for": {"employees": ["bob"]}}
    dollar = document("dollar") | {"for": {"employees": ["ann"]}}
    world = World(documents=[dollar, euro])
    world.take(employee("ann"), employee("bob", currency="EUR"))
    world.take(sold("100", "2017-10-05"), sold("50", "2017-10-06", "bob"))
    run = world.close(OCTOBER)
    said = {t["currency"]: t["amount"] for t in json.loads(run.totals)["totals"]}
    assert said == {"EUR": 150_000, "USD": 300_000}
    world.publish(run)
    assert {json.loads(m.body)["currency"] for m in world.payroll.messages} == {"EUR", "USD"}


def test_a_difference_is_restated_again_and_again_and_every_run_can_be_looked_at() -> None:
    world = tenant()
    closed(world, OCTOBER)
    late(world, "80")
    closed(world, NOVEMBER)
    late(world, "120", version=5)
    closed(world, DECEMBER)
    found = payout.history(world.table, "ann", OCTOBER)
    assert [(v.number, v.run, v.amount, v.due) for v in found] == [
        (1, "2017-10-01", 300_000, 300_000), (2, "2017-11-01", -60_000, 240_000),
        (3, "2017-12-01", 120_000, 360_000),
    ]  # fmt: skip
    first = payout.find(
        world.table, world.payouts, world.table.query("EP#E:ann#2017-10", "P#", "P#~")[0]["id"]
    )
    assert (first.payout.amount, first.run.id, first.plans) == (300_000, "2017-10-01", ["plan@1"])
    assert first.lines[0][1].endswith("regular,USD,3000.00")


LIMITED = replace(DEFAULT, id="pay", version=1, carry_up_to={"USD": 10_000}, clawbacks=Clawbacks(
    ((12, Decimal(100)), (18, Decimal(50))), 2))  # fmt: skip


def limited(*documents: Document) -> World:
    """A tenant whose differences above 100.00 are decided by people, and whose clawbacks take two runs."""
    world = tenant(*documents)
    world.setups.append(LIMITED)
    return world


def test_a_difference_above_the_limit_waits_until_somebody_decides() -> None:
    world = limited()
    closed(world, OCTOBER)
    late(world, "80")
    run = world.close(NOVEMBER)
    assert json.loads(run.totals)["undecided"] == ["ann"]
    world.publish(run)
    [found] = differences.queue(world.table, ["ann", "bob"], LIMITED.carry_up_to)
    assert (found.paid, found.due, found.change, found.becomes) == (300_000, 240_000, -60_000, "left")
    causes = differences.causes(world.table, world.payouts, world.plans(), "ann", OCTOBER)
    deals = [(c.sign, c.entity, c.version) for c in causes if c.measure == "deal"]
    assert deals == [("−", "ann 2017-10-05", 3), ("+", "ann 2017-10-05", 4)]
    differences.decide(world.table, found, "carry", "otto", "the customer paid less", NOW)
    closed(world, DECEMBER)
    assert ("2017-12", "adjustment", -60_000) in lines(world)


def test_a_decision_is_void_when_the_facts_change_again() -> None:
    world = limited()
    closed(world, OCTOBER)
    late(world, "80")
    found = differences.one(world.table, "ann", OCTOBER, LIMITED.carry_up_to)
    differences.decide(world.table, found, "carry", "otto", "seen", NOW)
    late(world, "60", version=5)
    assert json.loads(world.close(NOVEMBER).totals)["undecided"] == ["ann"]


def test_what_would_be_taken_back_can_be_waived_and_what_is_owed_cannot() -> None:
    world = limited()
    closed(world, OCTOBER)
    late(world, "80")
    found = differences.one(world.table, "ann", OCTOBER, LIMITED.carry_up_to)
    differences.decide(world.table, found, "waive", "otto", "our own mistake", NOW)
    closed(world, NOVEMBER, DECEMBER)
    assert not [line for line in lines(world) if line[1] == "adjustment"]
    late(world, "120", version=5)
    found = differences.one(world.table, "ann", OCTOBER, LIMITED.carry_up_to)
    with pytest.raises(Refused, match="it is the employee's"):
        differences.decide(world.table, found, "waive", "otto", "no", NOW)


def test_small_differences_are_carried_by_the_rule() -> None:
    world = limited()
    closed(world, OCTOBER)
    late(world, "99")
    closed(world, NOVEMBER)
    assert ("2017-11", "adjustment", -3_000) in lines(world)


def test_a_hold_keeps_all_pay_back_until_it_is_released_and_an_off_cycle_run_pays_it() -> None:
    world = tenant()
    holds.place(world.table, "ann", "", "otto", "an inquiry", NOW)
    run = world.close(OCTOBER)
    assert json.loads(run.totals)["held"] == ["ann"]
    world.publish(run)
    assert paid(world) == []
    holds.release(world.table, "ann", "", "olga", "cleared", NOW)
    off = world.settled(Request(OCTOBER, "anna", "x", OFF_CYCLE, reason="released", whom=["ann"]))
    assert (off.id, off.kind) == ("2017-10-02", OFF_CYCLE)
    world.publish(off)
    assert paid(world) == [300_000]
    closed(world, NOVEMBER)
    assert paid(world) == [300_000, 240_000]


def test_a_hold_of_one_month_keeps_only_its_lines_back() -> None:
    world = tenant()
    closed(world, OCTOBER)
    late(world, "120")
    holds.place(world.table, "ann", OCTOBER, "otto", "is that so?", NOW)
    closed(world, NOVEMBER)
    assert paid(world) == [300_000, 240_000]
    holds.release(world.table, "ann", OCTOBER, "otto", "it is", NOW)
    closed(world, DECEMBER)
    assert paid(world) == [300_000, 240_000, 150_000 + 60_000]


def test_a_hold_after_settling_makes_the_approval_refuse() -> None:
    world = tenant()
    run = world.close(OCTOBER)
    holds.place(world.table, "ann", "", "otto", "wait", NOW)
    with pytest.raises(Refused, match="ann on hold since it was settled"):
        world.approve(run)
    operate.reject(world.table, run.id, "bert", "ann is on hold", NOW)
    again = world.close(OCTOBER, "carl")
    assert json.loads(again.totals)["held"] == ["ann"]


def test_a_leaver_is_paid_before_the_month_is_over_and_the_regular_run_pays_nothing_twice() -> None:
    world = World(documents=[document()])
    world.now = datetime(2017, 12, 20, tzinfo=UTC)
    world.take(employee("ann", to="2017-12-10"), employee("bob"), sold("50", "2017-12-05"))
    with pytest.raises(Refused, match="not_over: employees is bob"):
        world.settled(Request(DECEMBER, "anna", "x", OFF_CYCLE, reason="leavers", whom=["ann", "bob"]))
    world.publish(world.settled(Request(DECEMBER, "anna", "x", OFF_CYCLE, reason="leaves", whom=["ann"])))
    [first] = paid(world)
    world.now = NOW
    world.take(sold("20", "2017-12-09"))
    closed(world, DECEMBER)
    known = world.card("ann", DECEMBER)["payout"]
    assert sum(paid(world)) == known > first > 0
    assert [kind for _, kind, _ in lines(world)] == ["regular", "adjustment"]


def test_a_correction_run_pays_only_the_difference_of_its_run() -> None:
    world = tenant()
    closed(world, OCTOBER, NOVEMBER)
    late(world, "120")
    run = world.settled(Request(OCTOBER, "anna", "c", CORRECTION, of="2017-10-01", reason="a deal was wrong"))
    assert (run.id, run.of) == ("2017-10-02", "2017-10-01")
    world.publish(run)
    assert paid(world) == [300_000, 240_000, 60_000]
    manifest = json.loads(world.payouts.read("payouts/period=2017-10/run=2017-10-02/manifest.json"))
    assert (manifest["corrects"], manifest["reason"]) == ("2017-10-01", "a deal was wrong")
    assert manifest["previous"]["run"] == "2017-11-01"
    closed(world, DECEMBER)
    assert paid(world)[3:] == [150_000]


@pytest.mark.parametrize(
    ("request_", "why"),
    [
        (Request(OCTOBER, "anna", "x", CORRECTION, of="2017-10-01"), "say why"),
        (Request(OCTOBER, "anna", "x", CORRECTION, of="2017-09-01", reason="r"), "unknown_run"),
        (Request(NOVEMBER, "anna", "x", CORRECTION, of="2017-10-01", reason="r"), "is of 2017-10"),
        (Request(OCTOBER, "anna", "x", OFF_CYCLE, reason="r"), "name who is paid"),
        (Request(OCTOBER, "anna", "x", OFF_CYCLE, reason="r", whom=["zoe"]), "unknown_employee"),
        (Request(OCTOBER, "anna", "x"), "already_published"),
        (Request(OCTOBER, " ", "x"), "name who starts"),
        (Request("2017Q4", "anna", "x"), "closed every month"),
        (Request(OCTOBER, "anna", "x", group="none"), "use one of all"),
    ],
)
def test_a_start_that_cannot_be_is_refused_and_changes_nothing(request_: Request, why: str) -> None:
    world = tenant()
    closed(world, OCTOBER)
    before = [run.id for run in runs.every(world.table)]
    with pytest.raises(Refused, match=why):
        world.settled(request_)
    assert [run.id for run in runs.every(world.table)] == before


def test_a_run_that_is_not_ready_can_be_forced_by_name_and_then_needs_three_people() -> None:
    world = tenant()
    with pytest.raises(NotReady, match="2017-10 is not published"):
        world.close(NOVEMBER)
    force = {"by": "fred", "reason": "October is paid by hand"}
    run = world.settled(Request(NOVEMBER, "anna", "x", force=force))
    assert run.force.startswith("fred: October is paid by hand (2017-10 is not published")
    run = world.approve(run, "bert")
    assert (run.state, run.approvals) == ("REVIEW", ("bert",))
    for name in ("anna", "BERT ", "Fred"):
        with pytest.raises(Refused, match="four_eyes"):
            world.approve(run, name)
    run = world.approve(run, "cora")
    assert (run.state, run.approvals) == ("APPROVED", ("bert", "cora"))


def test_a_clawback_takes_two_runs_and_never_more_than_was_paid() -> None:
    world = limited()
    closed(world, OCTOBER)
    claim = owed.Claim("ann", OCTOBER, 100_000, 2, "otto", "the customer went bankrupt")
    made = owed.claw_back(world.table, claim, LIMITED.clawbacks, date(2018, 1, 10), NOW)
    assert (made.amount, int(made.share)) == (100_000, 100)
    again = replace(claim, amount=999_999)
    assert owed.claw_back(world.table, again, LIMITED.clawbacks, date(2018, 1, 10), NOW).amount == 200_000
    closed(world, NOVEMBER, DECEMBER)
    taken = [amount for _, kind, amount in _clawbacks(world)]
    assert sorted(taken) == [-100_000, -100_000, -50_000, -50_000]
    assert paid(world) == [300_000, 240_000 - 150_000]
    assert roster.person(world.table, "ann").standing.owed == 0
    with pytest.raises(Refused, match="nothing can be taken back"):
        owed.claw_back(world.table, claim, LIMITED.clawbacks, date(2018, 1, 10), NOW)


def _clawbacks(world: World) -> list[tuple[str, str, int]]:
    found = world.table.query("EP#E:ann#-", "P#", "P#~")
    return [(i["run"], i["kind"], int(i["amount"])) for i in found if i["kind"] == "clawback"]


@pytest.mark.parametrize(
    ("on", "percent"),
    [
        (date(2026, 12, 31), 100),
        (date(2027, 1, 1), 100),
        (date(2027, 1, 2), 50),
        (date(2027, 6, 30), 50),
        (date(2027, 7, 2), 0),
    ],
)
def test_how_much_may_be_taken_back_depends_on_the_months_since_the_payment(on: date, percent: int) -> None:
    from dualtrack.domain.owing import share

    assert share(LIMITED.clawbacks.shares, date(2026, 1, 1), on) == percent


def refunded(**negative: Any) -> World:
    """Ann was paid 3 000.00 for October, of which nothing is due any more; November brings 300.00."""
    world = World(documents=[document(payout={"negative": negative})])
    world.take(
        employee("ann"), sold("100", "2017-10-05"), sold("10", "2017-11-05"), sold("100", "2017-12-05")
    )
    closed(world, OCTOBER)
    late(world, "0")
    return world


def test_a_negative_net_is_carried_spread_or_left_to_finance_by_the_plan() -> None:
    world = refunded(how="carry")
    closed(world, NOVEMBER, DECEMBER)
    assert paid(world) == [300_000, 300_000 - 270_000]
    world = refunded(how="spread", periods=3)
    closed(world, NOVEMBER, DECEMBER)
    assert paid(world) == [300_000, 300_000 - 90_000]
    world = refunded(how="finance")
    closed(world, NOVEMBER, DECEMBER)
    assert paid(world) == [300_000, 300_000]
    assert roster.person(world.table, "ann").standing.owed == 270_000


def test_finance_decides_what_becomes_of_a_balance() -> None:
    world = refunded(how="finance")
    closed(world, NOVEMBER)
    owed.decide(world.table, "ann", "collected", 70_000, 1, "otto", "she has paid it back", NOW)
    owed.decide(world.table, "ann", "spread", 0, 2, "otto", "agreed with her", NOW)
    closed(world, DECEMBER)
    assert paid(world)[1:] == [300_000 - 100_000]
    [owing] = owed.owing(world.table, ["ann"])
    assert owing.balance.owed == 100_000
    with pytest.raises(Refused, match="at most the 100000 owed"):
        owed.decide(world.table, "ann", "waived", 100_001, 1, "otto", "too much", NOW)


SIDE_BY_SIDE = replace(
    DEFAULT, id="pay", version=1,
    groups=(Group("all"), Group("quarterly", every="quarter", employees=frozenset({"bob"}))),
)  # fmt: skip


def test_a_monthly_and_a_quarterly_group_close_side_by_side() -> None:
    world = tenant()
    world.take(sold("40", "2017-10-06", "bob"), sold("60", "2017-12-06", "bob"))
    world.setups.append(SIDE_BY_SIDE)
    closed(world, OCTOBER, NOVEMBER)
    monthly = world.close(DECEMBER)
    quarterly = world.settled(Request("2017Q4", "carl", "q", group="quarterly"))
    assert {run.id for run in runs.under_way(world.table)} == {"2017-12-01", "2017Q4-01"}
    world.publish(quarterly)
    world.publish(monthly)
    assert paid(world, "bob") == [120_000 + 180_000]
    assert paid(world) == [300_000, 240_000, 150_000]


def test_an_employee_who_changes_groups_between_two_runs_is_settled_by_one_of_them() -> None:
    world = tenant()
    world.setups.append(SIDE_BY_SIDE)
    closed(world, OCTOBER, NOVEMBER)
    monthly = world.close(DECEMBER)
    moved = replace(SIDE_BY_SIDE, version=2, groups=(
        Group("all"), Group("quarterly", every="quarter", employees=frozenset({"ann", "bob"})),
    ))  # fmt: skip
    world.setups.append(moved)
    quarterly = world.settled(Request("2017Q4", "carl", "q", group="quarterly"))
    assert json.loads(quarterly.totals)["held"] == ["ann"]
    world.publish(monthly)
    world.publish(quarterly)
    assert paid(world) == [300_000, 240_000, 150_000]


def test_two_runs_that_could_settle_the_same_person_do_not_run_side_by_side() -> None:
    world = tenant()
    closed(world, OCTOBER)
    world.close(NOVEMBER)
    with pytest.raises(Refused, match="finish run 2017-11-01 first"):
        world.settled(Request(OCTOBER, "anna", "x", OFF_CYCLE, reason="r", whom=["ann"]))


def test_off_cycle_runs_of_different_people_may_run_side_by_side() -> None:
    world = tenant()
    closed(world, OCTOBER)
    for name in ("ann", "bob"):
        world.settled(Request(OCTOBER, "anna", name, OFF_CYCLE, reason="r", whom=[name]))
    assert [run.id for run in runs.under_way(world.table)] == ["2017-10-02", "2017-10-03"]


def test_every_human_act_is_in_the_log_and_the_files_and_nothing_can_be_taken_out() -> None:
    world = tenant()
    holds.place(world.table, "bob", "", "otto", "wait", NOW)
    closed(world, OCTOBER)
    found = acts.between(world.table, 0, acts.last(world.table))
    assert [(a.what, a.who) for a in found] == [
        ("hold.place", "otto"), ("run.start", "anna"), ("run.approve", "bert"),
    ]  # fmt: skip
    exported = world.payouts.read("payouts/period=2017-10/run=2017-10-01/acts.jsonl").decode().splitlines()
    assert exported == [acts.line(act) for act in found]
    assert acts.broken(found) == []
    assert acts.broken([found[0], found[2]]) == [3]
    assert acts.broken([replace(found[0], why="changed"), *found[1:]]) == [2]


def test_the_review_sheet_says_whom_to_look_at() -> None:
    world = tenant()
    closed(world, OCTOBER)
    holds.place(world.table, "bob", "", "otto", "wait", NOW)
    run = world.close(NOVEMBER)
    rows = {row.employee: row for row in reviewing.sheet(world.table, world.payouts, run)}
    assert (rows["ann"].before, rows["ann"].amount, rows["ann"].flags) == (300_000, 240_000, ())
    assert rows["bob"].flags == ("held",)
    closed_again = world.publish(run)
    assert closed_again.state == "PUBLISHED"
    rows = {row.employee: row for row in reviewing.sheet(world.table, world.payouts, world.close(DECEMBER))}
    assert rows["ann"].flags == ()


@pytest.mark.parametrize("broken", ["lines.csv", "workbook.xlsx", "acts.jsonl"])
def test_a_file_that_differs_from_what_was_meant_stops_the_run_and_is_named(broken: str) -> None:
    world = tenant()
    run = world.approve(world.close(OCTOBER))
    paying = world.paying()
    for chunk in chunk_list(world.payouts, run):
        paying.book(run, chunk["chunk"])
    world.payouts.create(f"payouts/period=2017-10/run=2017-10-01/{broken}", b"somebody was here first")
    paying.publishing().files(run)
    with pytest.raises(Stopped, match=f"{broken} exists with other bytes"):
        paying.proving().prove(run)
    assert runs.get(world.table, run.id).state == "APPROVED"


def test_a_line_that_was_changed_in_the_table_stops_the_run() -> None:
    world = tenant()
    run = world.approve(world.close(OCTOBER))
    paying = world.paying()
    for chunk in chunk_list(world.payouts, run):
        paying.book(run, chunk["chunk"])
    paying.publishing().files(run)
    [row] = world.table.query("EP#E:ann#2017-10", "P#", "P#~")
    world.table.put_many([row | {"amount": 1}])
    with pytest.raises(Stopped, match="booked with other content"):
        paying.proving().prove(run)


def test_a_late_fact_or_a_new_plan_while_a_run_is_published_changes_nothing_of_it() -> None:
    world = tenant()
    run = world.approve(world.close(OCTOBER))
    late(world, "10")
    world.publish(run)
    assert paid(world) == [300_000]
    with pytest.raises(Refused, match="already_published"):
        operate.publish_plan(world.table, world.plans()[0], "{}")
    closed(world, NOVEMBER)
    assert sum(paid(world)) == 300_000
    assert roster.person(world.table, "ann").standing.owed == 30_000


def test_an_old_execution_after_the_next_run_changes_nothing() -> None:
    world = tenant()
    run = world.close(OCTOBER)
    world.publish(run)
    closed(world, NOVEMBER)
    before = sorted(world.payouts.list(""))
    paying = world.paying()
    done: Run = runs.get(world.table, run.id)
    for chunk in chunk_list(world.payouts, done):
        assert not paying.settle(done, chunk["chunk"], chunk["employees"])
        paying.book(done, chunk["chunk"])
    paying.publishing().files(done)
    paying.proving().prove(done)
    paying.proving().release(done)
    world.score()
    assert sorted(world.payouts.list("")) == before
    assert len(world.payroll.messages) == 2


def test_an_approval_twice_is_refused() -> None:
    world = tenant()
    run = world.approve(world.close(OCTOBER))
    with pytest.raises(Refused, match="not ready to approve"):
        world.approve(run)


def test_a_run_whose_files_cannot_be_made_is_not_approved() -> None:
    world = tenant()
    world.setups.append(replace(DEFAULT, id="pay", version=1, files=("lines", "pain001")))
    run = world.close(OCTOBER)
    with pytest.raises(Refused, match="no_debtor"):
        world.approve(run)
    assert runs.get(world.table, run.id).state == "REVIEW"


def test_a_correction_leaves_those_alone_who_have_no_difference() -> None:
    world = refunded(how="carry")
    closed(world, NOVEMBER)
    assert roster.person(world.table, "ann").standing.owed == 270_000
    run = world.settled(Request(OCTOBER, "anna", "c", CORRECTION, of="2017-10-01", reason="looked again"))
    assert json.loads(run.totals)["totals"] == []


def test_an_off_cycle_run_that_pays_earlier_months_too_is_not_repeated_by_their_own_close() -> None:
    world = tenant()
    world.publish(world.settled(Request(NOVEMBER, "anna", "x", OFF_CYCLE, reason="leaves", whom=["ann"])))
    closed(world, OCTOBER)
    assert sum(paid(world)) == 300_000 + 240_000


def test_a_run_that_was_sent_back_is_not_started_again_beside_one_that_has_its_people() -> None:
    world = tenant()
    run = world.close(OCTOBER)
    world.take(employee("cid"), sold("10", "2017-10-07", "cid"))
    world.settled(Request(OCTOBER, "carl", "y", OFF_CYCLE, reason="joined late", whom=["cid"]))
    operate.reject(world.table, run.id, "bert", "somebody is missing", NOW)
    with pytest.raises(Refused, match="finish run 2017-10-02 first"):
        world.close(OCTOBER, "dora")


def test_a_held_quarter_is_paid_whole_when_it_is_released() -> None:
    world = tenant()
    world.setups.append(replace(DEFAULT, id="pay", version=1, groups=(Group("all", every="quarter"),)))
    holds.place(world.table, "ann", "", "otto", "wait", NOW)
    world.publish(world.settled(Request("2017Q4", "anna", "q")))
    holds.release(world.table, "ann", "", "olga", "cleared", NOW)
    world.publish(world.settled(Request("2017Q4", "anna", "o", OFF_CYCLE, reason="released", whom=["ann"])))
    assert sum(paid(world)) == 300_000 + 240_000 + 150_000


def test_money_that_is_clawed_back_is_not_taken_once_more_when_its_fact_goes() -> None:
    world = limited()
    world.setups[-1] = replace(LIMITED, carry_up_to=None)
    closed(world, OCTOBER)
    claim = owed.Claim("ann", OCTOBER, 300_000, 2, "otto", "cancelled")
    owed.claw_back(world.table, claim, LIMITED.clawbacks, date(2018, 1, 10), NOW)
    late(world, "0")
    closed(world, NOVEMBER, DECEMBER)
    rows = [row for month in ("-", OCTOBER) for row in world.table.query(f"EP#E:ann#{month}", "P#", "P#~")]
    taken = sum(int(row["amount"]) for row in rows if row["kind"] in ("adjustment", "clawback"))
    assert taken == -300_000


def test_a_void_clawback_counts_by_what_it_has_taken() -> None:
    world = limited()
    closed(world, OCTOBER)
    claim = owed.Claim("ann", OCTOBER, 300_000, 1, "otto", "cancelled")
    made = owed.claw_back(world.table, claim, LIMITED.clawbacks, date(2018, 1, 10), NOW)
    closed(world, NOVEMBER)
    owed.void(world.table, "ann", made.id, "otto", "after all not", NOW)
    with pytest.raises(Refused, match="nothing can be taken back"):
        owed.claw_back(world.table, claim, LIMITED.clawbacks, date(2018, 1, 10), NOW)


def test_a_run_whose_files_were_not_written_is_not_proven() -> None:
    world = tenant()
    run = world.approve(world.close(OCTOBER))
    paying = world.paying()
    for chunk in chunk_list(world.payouts, run):
        paying.book(run, chunk["chunk"])
    with pytest.raises(Stopped, match="lines, workbook was not written"):
        paying.proving().prove(run)


def test_a_decision_on_a_balance_holds_until_nothing_is_owed() -> None:
    world = World(documents=[document(payout={"negative": {"how": "finance"}})])
    world.take(employee("ann"), sold("100", "2017-10-05"), sold("10", "2017-11-05"), sold("10", "2017-12-05"))
    closed(world, OCTOBER)
    late(world, "0")
    closed(world, NOVEMBER)
    owed.decide(world.table, "ann", "carry", 0, 1, "otto", "agreed", NOW)
    closed(world, DECEMBER)
    [owing] = owed.owing(world.table, ["ann"])
    assert (owing.balance.owed, owing.balance.how) == (240_000, "carry")
