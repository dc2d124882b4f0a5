"""The auditor finds nothing in a sound tenant, and each damage that is planted."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from dualtrack.app import rows
from dualtrack.app.audit import CHECKS, KINDS, Report, audit
from dualtrack.app.audited import Audited, Finding
from dualtrack.app.ports import Item
from tests.support.events import deal, employee, report, target
from tests.support.world import World

OCTOBER, NOVEMBER = "2017-10", "2017-11"
FOLDER = "payouts/period=2017-10/run=2017-10-01"
LINES = f"{FOLDER}/lines.csv"


def history() -> World:
    """Two closed months: moved deals, reports, a contradiction that was ended, late facts, refused events."""
    world = World()
    goals = [
        target(metric, "100", period) for metric in ("revenue", "volume") for period in (OCTOBER, NOVEMBER)
    ]
    world.take(*map(employee, ("ann", "bob")), *goals)
    world.take(deal("D1", "ann", version=3), deal("D2", "bob"), report("r1", "ann", "2017-10-05", "7"))
    world.take(deal("D1", "bob", version=4), deal("D3", "zoe"), {"no": "event"})
    world.take(deal("D4", "ann"), deal("D4", "ann", value="7"), deal("D4", "ann", version=4))
    waiver = {"by": "eva", "reason": "seen"}
    world.publish(world.close(OCTOBER, waiver=waiver))
    world.take(deal("D2", "bob", version=4, value="1"), deal("D5", "ann", closed_on="2017-11-05"))
    world.publish(world.close(NOVEMBER, waiver=waiver))
    return world


def audited(world: World, pause: Callable[[], None] = lambda: None) -> Report:
    """An audit of a tenant in memory."""
    return audit(Audited(world.table, world.intake, world.payouts, world.plans), pause)


def changed(world: World, pk: str, sk: str, **values: object) -> None:
    """Write over a row behind everybody's back."""
    row = world.table.get(pk, sk)
    assert row is not None, (pk, sk)
    world.table.put_many([row | values])


def test_a_sound_tenant_has_no_findings() -> None:
    found = audited(history())
    assert found == Report((), 2, 2, 2)


def first(world: World, pk: str, prefix: str) -> Item:
    """The first row of a partition with that beginning."""
    return world.table.query(pk, prefix, prefix + "~")[0]


def without_tombstone(world: World) -> None:
    """D1 went from Ann to Bob; Ann's tombstone is lost."""
    pk = f"EP#E:ann#{OCTOBER}"
    for item in world.table.query(pk, "F#deal", "F#deal~"):
        if any(row.entity == "D1" and row.retracted for row in rows.facts([item])):
            world.table.delete(pk, item["sk"])


def without_fact(world: World) -> None:
    """D1 is gone where it counts."""
    pk = f"EP#E:bob#{OCTOBER}"
    for item in world.table.query(pk, "F#deal", "F#deal~"):
        if any(row.entity == "D1" and row.version == 4 for row in rows.facts([item])):
            world.table.delete(pk, item["sk"])


def forged_log(world: World) -> None:
    """A line says that an event was kept of which there is no fact."""
    line = (
        '{"instance": "x#0", "replay": "", "text": "{}", "text_id": "x", "status": "kept",'
        ' "entity": ["crm", "opportunity", "D9", []], "order": [1, 0], "digest": "d"}'
    )
    world.intake.put("log/2026/01/01/forged.jsonl", line.encode())


def totals_forgotten(world: World) -> None:
    """The days of Ann's scorecard row are empty, and no row of totals has them."""
    changed(world, f"EP#E:ann#{OCTOBER}", "S", days={})


def line_lost(world: World) -> None:
    """A payout line is gone."""
    world.table.delete(f"EP#E:ann#{OCTOBER}", "P#2017-10-01#regular")


def line_twice(world: World) -> None:
    """A payout line of a run that does not exist, under an id that does."""
    row = first(world, f"EP#E:ann#{OCTOBER}", "P#")
    world.table.put_many([row | {"sk": "P#2017-10-09#regular", "run": "2017-10-09"}])


DAMAGE: dict[str, tuple[Callable[[World], None], set[str]]] = {
    "a wrong scorecard": (
        lambda w: changed(w, f"EP#E:ann#{OCTOBER}", "S", payout=Decimal(1)), {"scorecard"},
    ),
    "totals that are forgotten": (totals_forgotten, {"total"}),
    "a missing tombstone": (without_tombstone, {"tombstone", "total", "scorecard"}),
    "a lost fact": (without_fact, {"lost_fact", "total", "scorecard"}),
    "a forged log": (forged_log, {"lost_event"}),
    "an altered payout file": (
        lambda w: w.payouts.put(LINES, w.payouts.read(LINES).replace(b"ann", b"eve")),
        {"file"},
    ),
    "an altered manifest": (lambda w: w.payouts.put(f"{FOLDER}/manifest.json", w.payouts.read(
        f"{FOLDER}/manifest.json").replace(b'"anna"', b'"otto"')), {"manifest"}),
    "altered evidence": (
        lambda w: w.payouts.put(f"runs/period={OCTOBER}/run=2017-10-01/attempt=1/chunk-0001.json.gz", b""),
        {"evidence"},
    ),
    "a lost payout line": (line_lost, {"control_total"}),
    "a payout line of no run": (line_twice, {"stray_line", "payout_id"}),
    "messages that were never sent": (
        lambda w: changed(w, "OUTBOX#2017-10-01", "OUTBOX#0001", state="released"), {"outbox"},
    ),
    "messages that were sent twice": (
        lambda w: changed(w, "OUTBOX#2017-10-01", "OUTBOX#0001", messages=Decimal(9)), {"outbox"},
    ),
    "a run before that was not there": (
        lambda w: changed(w, "RUN", "2017-10-01", manifest="other"), {"manifest", "chain"},
    ),
    "a balance that nobody owes": (
        lambda w: w.table.put_many([first(w, f"EP#E:ann#{OCTOBER}", "P#") | {
            "pk": "EP#E:ann#-", "sk": "P#2017-11-01#carried_in", "run": "2017-11-01", "id": "x",
            "amount": Decimal(-5)}]),
        {"balance", "control_total"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", DAMAGE)
def test_a_planted_damage_is_found_and_named(what: str) -> None:
    plant, kinds = DAMAGE[what]
    world = history()
    plant(world)
    found = audited(world)
    assert {finding.kind for finding in found.findings} == kinds, found.findings
    assert kinds <= set(KINDS)


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
    changed(world, f"EP#E:ann#{OCTOBER}", "S", payout=Decimal(1))
    found = audited(world, pause=lambda: paused.append(True))
    wanted = next(f.expected for f in found.findings)
    assert found.findings == (Finding("scorecard", f"EP#E:ann#{OCTOBER} S payout", "1", wanted),)
    assert paused == [True]


def test_an_audit_writes_nothing() -> None:
    world = history()
    world.changes.clear()
    before = world.intake.list(""), world.payouts.list("")
    audited(world)
    assert world.changes == []
    assert (world.intake.list(""), world.payouts.list("")) == before
    assert len(CHECKS) == 5
