"""The auditor finds nothing in a sound tenant, and each damage that is planted."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal

import pytest

from dualtrack.adapters.memory import MemoryObjects
from dualtrack.app import conflicts, payments, quarantine, rows, runs
from dualtrack.app.audit import KINDS, Report, audit
from dualtrack.app.audited import Audited, Finding, tonight
from dualtrack.app.ports import Item
from dualtrack.domain.payments import PAID, REJECTED, Receipt
from infra.cli.audit_texts import AUDIT_TEXTS
from tests.support.events import deal, employee, report, target
from tests.support.world import World

OCTOBER, NOVEMBER = "2017-10", "2017-11"
RUN = "2017-10-01"
FOLDER = f"payouts/period={OCTOBER}/run={RUN}"
LINES, MANIFEST = f"{FOLDER}/lines.csv", f"{FOLDER}/manifest.json"
CHUNK = f"runs/period={OCTOBER}/run={RUN}/attempt=1/chunk-0001.json.gz"
ANN, BOB, T2 = (f"EP#{subject}#{OCTOBER}" for subject in ("E:ann", "E:bob", "T:t2"))


def history() -> World:
    """Two closed months: moved deals, reports, contradictions that were ended, late facts, refused events.

    Cid has left, and the team that cid was in has nobody any more.
    """
    world = World()
    goals = [
        target(metric, "100", period) for metric in ("revenue", "volume") for period in (OCTOBER, NOVEMBER)
    ]
    world.take(*map(employee, ("ann", "bob")), employee("cid", team="t2"), *goals)
    world.take(target("revenue", "100", subject={"team": "t2"}))
    world.take(deal("D1", "ann", version=3), deal("D2", "bob"), report("r1", "ann", "2017-10-05", "7"))
    world.take(deal("D7", "cid"), employee("cid", team="t2", to="2017-09-30", version=2))
    world.take(deal("D1", "bob", version=4), deal("D3", "zoe"), {"no": "event"})
    world.take(deal("D4", "ann"), deal("D4", "ann", value="7"), deal("D4", "ann", version=4))
    world.take(deal("D6", "bob"), deal("D6", "bob", value="7"))
    [entry] = [e for e in quarantine.entries(world.table) if "D6" in e.problem.field]
    keep = sorted(conflicts.contents(world.intake, entry)["contents"])[0]
    conflicts.resolve(world.table, world.intake, world.measuring.keep, entry, keep, "eva", "asked")
    world.score()
    waiver = {"by": "eva", "reason": "seen"}
    world.publish(world.close(OCTOBER, waiver=waiver))
    world.take(deal("D2", "bob", version=4, value="1"), deal("D5", "ann", closed_on="2017-11-05"))
    world.publish(world.close(NOVEMBER, waiver=waiver))
    return world


def audited(
    world: World,
    pause: Callable[[], None] = lambda: None,
    night: date | None = None,
    keys: Callable[[], Iterable[str]] = tuple,
) -> Report:
    """An audit of a tenant in memory."""
    return audit(Audited(world.table, world.intake, world.payouts, world.plans, night, keys), pause)


def changed(world: World, pk: str, sk: str, **values: object) -> None:
    """Write over a row behind everybody's back."""
    row = world.table.get(pk, sk)
    assert row is not None, (pk, sk)
    world.table.put_many([row | values])


def paid_by(world: World) -> str:
    """The first payout of October that is paid."""
    return min(payments.payable(world.payouts, runs.get(world.table, RUN)))


def told(world: World, *said: Receipt) -> None:
    """What a bank says."""
    payments.receive(world.table, world.payouts, runs.get(world.table, RUN), said)


def came_back(world: World) -> Receipt:
    """The money of the first payout was returned."""
    return Receipt(paid_by(world), 1, REJECTED)


def again(world: World) -> None:
    """A second attempt that belongs to no batch."""
    told(world, came_back(world))
    payments.again(world.table, RUN, paid_by(world), 2, "R01")


def twice(world: World) -> None:
    """Both attempts were paid after all."""
    again(world)
    told(world, *(Receipt(paid_by(world), n, PAID) for n in (1, 2)))


def first(world: World, pk: str, prefix: str) -> Item:
    """The first row of a partition with that beginning."""
    return world.table.query(pk, prefix, prefix + "~")[0]


def without(world: World, pk: str, entity: str, version: int, retracted: bool = False) -> None:
    """Delete the rows of facts that hold a version of an entity, or its tombstone."""
    for item in world.table.query(pk, *rows.FACTS):
        if any(
            (o.entity, o.version, o.retracted) == (entity, version, retracted) for o in rows.facts([item])
        ):
            world.table.delete(pk, item["sk"])


def logged(world: World, **said: object) -> None:
    """A line of the log that nobody wrote."""
    usual: dict[str, object] = {
        "instance": "x#0",
        "replay": "",
        "text": "{}",
        "text_id": "x",
        "status": "kept",
    }
    usual |= {"entity": ["crm", "opportunity", "D9", []], "order": [1, 0], "digest": "d"}
    world.intake.put("log/2026/01/01/forged.jsonl", json.dumps(usual | said).encode())


def cut(world: World, key: str, start: bytes = b"") -> None:
    """A file that ends too early, or begins as nothing that can be read."""
    world.payouts.put(key, start + world.payouts.read(key)[:50])


def altered(world: World, key: str, old: bytes, new: bytes) -> None:
    """Other bytes in a file of the payout bucket."""
    data = world.payouts.read(key)
    assert old in data
    world.payouts.put(key, data.replace(old, new))


def lose(objects: MemoryObjects, key: str) -> None:
    """An object is gone, as no use case can bring about."""
    del objects._objects[key]


def log_deleted(world: World) -> None:
    """The event log is gone."""
    for key in world.intake.list("log/"):
        lose(world.intake, key)


def half_a_move(world: World) -> None:
    """Measure died after the location row: D1 is said to be Ann's again, and nothing else says so."""
    place = ["E:ann", OCTOBER, "deal", "2017-10-20"]
    key = rows.location_key("crm", "opportunity", "D1")
    world.table.add(*key, "s", {json.dumps([5, 0, "new", [place]], separators=(",", ":"))})


def line_twice(world: World) -> None:
    """A payout line of a run that does not exist, under an id that does."""
    row = first(world, ANN, "P#")
    world.table.put_many([row | {"sk": "P#2017-10-09#regular", "run": "2017-10-09"}])


def swapped(world: World) -> None:
    """50.00 of Ann's are Bob's now."""
    for pk, more in ((ANN, -5000), (BOB, 5000)):
        row = first(world, pk, "P#")
        world.table.put_many([row | {"amount": row["amount"] + more}])


def owed(world: World) -> None:
    """Ann is owed what was never carried."""
    row = first(world, ANN, "P#") | {"pk": "EP#E:ann#-", "sk": "P#2017-11-01#carried_in", "id": "x"}
    world.table.put_many([row | {"run": "2017-11-01", "amount": Decimal(-5), "kind": "carried_in"}])


def test_a_sound_tenant_has_no_findings() -> None:
    assert audited(history()) == Report((), 3, (OCTOBER, NOVEMBER), 2)


def refused(world: World) -> Item:
    """The row of an event that nobody could use."""
    [entry] = [e for e in quarantine.entries(world.table) if e.problem.reason == "unknown_employee"]
    return first(world, f"QUARANTINE#{rows.shard(entry.id)}", entry.id)


def no_plan(world: World) -> None:
    """A published plan's text is cut off."""
    changed(world, "DOC#plan", first(world, "DOC#plan", "V#")["sk"], text="{")
    changed(world, "DOC#plan", "HEAD", rev=9)


DAMAGE: dict[str, tuple[Callable[[World], None], set[str]]] = {
    # scores
    "a wrong scorecard": (lambda w: changed(w, ANN, "S", payout=Decimal(1)), {"scorecard"}),
    "no scorecard": (lambda w: w.table.delete(ANN, "S"), {"scorecard", "total"}),
    "totals that are forgotten": (lambda w: changed(w, ANN, "S", days={}), {"total"}),
    "an amount for somebody who had left": (
        lambda w: changed(w, f"EP#E:cid#{OCTOBER}", "S", payout=Decimal(1)), {"scorecard"},
    ),
    "wrong totals of a team that nobody is in": (
        lambda w: changed(w, T2, first(w, T2, "M#")["sk"], c={}), {"total"},
    ),
    # facts
    "a missing tombstone": (lambda w: without(w, ANN, "D1", 4, True), {"tombstone", "unjudged"}),
    "a lost fact": (lambda w: without(w, BOB, "D1", 4), {"lost_fact", "unjudged"}),
    "the only row of a deal is lost": (
        lambda w: without(w, f"EP#E:ann#{NOVEMBER}", "D5", 3), {"lost_fact", "unjudged"},
    ),
    "an overruled fact is lost": (lambda w: without(w, ANN, "D1", 3), {"lost_fact"}),
    "a fact is lost that cannot move": (
        lambda w: without(w, ANN, "r1/2017-10-05", 1), {"lost_fact", "unjudged"},
    ),
    "half a move": (half_a_move, {"lost_fact", "tombstone", "unlogged"}),
    "a lost location row": (
        lambda w: w.table.delete(*rows.location_key("crm", "opportunity", "D1")), {"location"},
    ),
    "somebody who is not listed": (
        lambda w: w.table.delete(f"ROSTER#{rows.shard('bob')}", "bob"), {"unlisted"},
    ),
    "somebody who is not in the team's list": (lambda w: w.table.delete("TEAM#t1", "bob"), {"unlisted"}),
    "a period that is not listed": (lambda w: w.table.delete("PERIODS", OCTOBER), {"unlisted"}),
    # the event log
    "a forged line": (logged, {"lost_event"}),
    "a forged refusal": (lambda w: logged(w, status="quarantined", reason="x"), {"lost_event"}),
    "a replay of what never came": (
        lambda w: logged(w, status="quarantined", reason="x", replay="y"), {"counts", "lost_event"},
    ),
    "the log is deleted": (log_deleted, {"unlogged"}),
    "an object of the log is deleted": (lambda w: lose(w.intake, w.intake.list("log/2")[0]), {"unlogged"}),
    "a decision without its line": (
        lambda w: lose(w.intake, w.intake.list("log/resolutions/")[0]), {"unlogged"},
    ),
    "a quarantine entry is deleted": (
        lambda w: w.table.delete(refused(w)["pk"], refused(w)["sk"]), {"lost_event"},
    ),
    "a quarantine entry of no event": (
        lambda w: w.table.put_many([refused(w) | {"sk": "forged"}]), {"unlogged"},
    ),
    # money
    "an altered payout file": (
        lambda w: altered(w, LINES, b",ann,", b",eve,"), {"file", "payout_row"},
    ),
    "an altered manifest": (lambda w: altered(w, MANIFEST, b'"anna"', b'"otto"'), {"manifest"}),
    "a missing manifest": (lambda w: lose(w.payouts, MANIFEST), {"manifest"}),
    "altered evidence": (lambda w: w.payouts.put(CHUNK, b""), {"evidence"}),
    "other totals than were approved": (
        lambda w: changed(w, "RUN", RUN, totals=first(w, "RUN", RUN)["totals"].replace("USD", "EUR")),
        {"control_total"},
    ),
    "a lost payout line": (lambda w: w.table.delete(ANN, f"P#{RUN}#regular"), {"payout_row"}),
    "an amount moved from one to another": (swapped, {"payout_row"}),
    "a payout line of no run": (line_twice, {"stray_line", "payout_id"}),
    "messages that were never sent": (
        lambda w: changed(w, f"OUTBOX#{RUN}", "OUTBOX#0001", state="released"), {"outbox"},
    ),
    "messages that were sent twice": (
        lambda w: changed(w, f"OUTBOX#{RUN}", "OUTBOX#0001", sent='{"USD": [9, 1]}'), {"outbox"},
    ),
    "a chunk that nobody sends": (lambda w: w.table.delete(f"OUTBOX#{RUN}", "OUTBOX#0001"), {"outbox"}),
    "a run before that was not there": (
        lambda w: changed(w, "RUN", RUN, manifest="other"), {"manifest", "chain"},
    ),
    "a payment that came back": (lambda w: told(w, Receipt(paid_by(w), 1, PAID), came_back(w)), {"payment"}),
    "an attempt whose batch was never sent": (lambda w: again(w), {"batch"}),
    "a payment that the bank made twice": (lambda w: twice(w), {"overpaid", "batch"}),
    "a balance that nobody owes": (owed, {"balance", "payout_row"}),
    # what cannot be read
    "a manifest that ends too early": (lambda w: cut(w, MANIFEST), {"manifest", "unreadable"}),
    "a manifest that says something else": (
        lambda w: w.payouts.put(MANIFEST, b"[]"), {"manifest", "unreadable"},
    ),
    "a payout file in no encoding": (lambda w: cut(w, LINES, b"\xff\xfe"), {"file", "unreadable"}),
    "a payout file without amounts": (
        lambda w: altered(w, LINES, b",amount", b",much"), {"file", "unreadable"},
    ),
    "a log object that is none": (
        lambda w: w.intake.put("log/2026/01/01/x.jsonl", b"\xff"), {"unreadable"},
    ),
    "a line of the log that is none": (
        lambda w: w.intake.put("log/2026/01/01/x.jsonl", b'{"status": "kept"}\n{'), {"unreadable"},
    ),
    "a row of facts that is none": (
        lambda w: changed(w, ANN, first(w, ANN, "F#ad#")["sk"], o="["),
        {"unreadable", "lost_fact", "unjudged"},
    ),
    "terms that are none": (
        lambda w: changed(w, "EP#E:ann#-", first(w, "EP#E:ann#-", "F#")["sk"], o='[["ann", 1]]'),
        {"unreadable", "lost_fact", "unjudged"},
    ),
    "a location row that is none": (
        lambda w: changed(w, *rows.location_key("crm", "opportunity", "D1"), s=frozenset({"["})),
        {"unreadable", "location"},
    ),
    "totals that are none": (lambda w: changed(w, ANN, "S", days="x"), {"unreadable"}),
    "a run without totals": (lambda w: changed(w, "RUN", RUN, totals="{"), {"unreadable"}),
    "a plan that is none": (
        no_plan, {"unreadable"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", DAMAGE)
def test_a_planted_damage_is_found_and_named(what: str) -> None:
    plant, kinds = DAMAGE[what]
    world = history()
    plant(world)
    found = audited(world)
    assert {finding.kind for finding in found.findings} == kinds, found.findings


def test_every_kind_of_finding_is_planted_and_explained() -> None:
    assert set(KINDS) == {kind for _, kinds in DAMAGE.values() for kind in kinds}
    assert {f"cause.{kind}" for kind in KINDS} == {key for key in AUDIT_TEXTS if key.startswith("cause.")}


def test_what_cannot_be_read_hides_nothing_else() -> None:
    world = history()
    cut(world, MANIFEST)
    world.intake.put("log/2026/01/01/x.jsonl", b"{")
    changed(world, BOB, first(world, BOB, "F#deal")["sk"], o="[")
    changed(world, ANN, "S", payout=Decimal(1))
    swapped(world)
    found = {(each.kind, each.where) for each in audited(world).findings}
    assert ("scorecard", f"{ANN} S payout") in found
    assert ("unreadable", MANIFEST) in found
    assert ("unreadable", "log/2026/01/01/x.jsonl line 1") in found
    assert {kind for kind, _ in found} >= {"payout_row", "lost_fact"}


def test_a_lost_fact_is_named_with_its_place_and_not_blamed_on_score() -> None:
    world = history()
    without(world, f"EP#E:ann#{NOVEMBER}", "D5", 3)
    found = {each.kind: each for each in audited(world).findings}
    assert found["lost_fact"].where == f"crm opportunity D5 version 3 at E:ann {NOVEMBER} deal 2017-11-05"
    assert found["unjudged"].where.startswith(f"EP#E:ann#{NOVEMBER} ")


def test_two_kinds_under_one_name_are_two_entities() -> None:
    world = World()
    world.take(employee("ann"), deal("7", "ann"), report("7", "ann", "2017-10-20", "7"))
    assert audited(world).findings == ()
    without(world, ANN, "7", 3)
    assert {
        each.where.split(" version")[0] for each in audited(world).findings if each.kind == "lost_fact"
    } == {"crm opportunity 7"}


def test_a_location_row_that_nothing_names_is_found_by_whoever_may_list_the_keys() -> None:
    world = history()
    place = ["E:ann", OCTOBER, "deal", "2017-10-20"]
    key = rows.location_key("crm", "opportunity", "half")
    world.table.add(*key, "s", {json.dumps([1, 0, "d", [place]], separators=(",", ":"))})
    assert audited(world).findings == ()
    found = audited(world, keys=world.table.partitions).findings
    assert {each.kind for each in found} == {"lost_fact", "unlogged"}
    assert all(each.where.startswith("crm opportunity half version 1") for each in found)


def test_the_keys_lead_to_what_no_list_names() -> None:
    world = history()
    assert audited(world, keys=world.table.partitions) == audited(world)
    item = first(world, T2, "M#")
    world.table.put_many([item | {"pk": f"EP#T:gone#{OCTOBER}"}])
    [found] = audited(world, keys=world.table.partitions).findings
    assert (found.kind, found.where.split()[0]) == ("total", f"EP#T:gone#{OCTOBER}")


OPEN, LAST, OLDER = "2017-12", NOVEMBER, OCTOBER
NIGHTS = {
    "a day that is nobody's turn": (date(2026, 1, 30), [LAST, OPEN]),
    "the day of an older period": (date(2026, 1, 23), [OLDER, LAST, OPEN]),
    "the same day of the next month": (date(2026, 2, 23), [OLDER, LAST, OPEN]),
    "the day after": (date(2026, 1, 24), [LAST, OPEN]),
}


@pytest.mark.parametrize("name", NIGHTS)
def test_a_night_looks_at_open_periods_the_last_published_one_and_a_share_of_the_older(name: str) -> None:
    night, periods = NIGHTS[name]
    assert tonight([OLDER, LAST, OPEN], [OLDER, LAST], night) == periods


def test_every_older_period_has_its_turn_in_every_month_and_few_share_a_night() -> None:
    months = [f"{year}-{month:02d}" for year in (2015, 2016) for month in range(1, 13)]
    nights = [tonight(months, months, date(2026, 2, day)) for day in range(1, 29)]
    assert {period for night in nights for period in night} == set(months)
    assert max(map(len, nights)) == 2


def test_a_night_finds_in_its_periods_what_the_whole_audit_finds() -> None:
    world = history()
    quiet, turn = date(2026, 1, 1), date(2026, 1, 23)
    assert audited(world, night=quiet) == Report((), 3, (NOVEMBER,), 1)
    changed(world, ANN, "S", payout=Decimal(1))
    swapped(world)
    without(world, f"EP#E:ann#{NOVEMBER}", "D5", 3)
    kinds = [{each.kind for each in audited(world, night=night).findings} for night in (quiet, turn)]
    assert kinds == [{"lost_fact", "unjudged"}, {"lost_fact", "unjudged", "scorecard", "payout_row"}]


def test_a_night_reads_the_log_of_the_last_days_only() -> None:
    world = history()
    logged(world)
    seen = [bool(audited(world, night=date(2026, 1, day)).findings) for day in (1, 3, 4)]
    assert seen == [True, True, False]


def test_what_was_only_in_motion_is_no_finding() -> None:
    world = history()
    world.send([deal("D6", "ann")])
    world.measuring.messages(
        [world.delivery(world.ingest.bodies.pop())], world.now
    )  # observed, not yet scored
    assert audited(world, pause=world.score).findings == ()


def test_what_stays_is_reported_after_the_second_look() -> None:
    world = history()
    paused: list[bool] = []
    changed(world, ANN, "S", payout=Decimal(1))
    found = audited(world, pause=lambda: paused.append(True))
    wanted = next(f.expected for f in found.findings)
    assert found.findings == (Finding("scorecard", f"{ANN} S payout", "1", wanted),)
    assert paused == [True]


def test_an_audit_writes_nothing() -> None:
    world = history()
    world.changes.clear()
    before = world.intake.list(""), world.payouts.list("")
    audited(world)
    assert world.changes == []
    assert (world.intake.list(""), world.payouts.list("")) == before
