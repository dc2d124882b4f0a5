"""What is always true (design, section 6), as a table: checks after every effect, and at the end."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256
from typing import Any

from dualtrack.app import quarantine, roster, rows, runs
from dualtrack.app.audit import audit
from dualtrack.app.audited import Audited
from dualtrack.app.counts import STATES, counts, log_lines
from dualtrack.app.explain import explain
from tests.simulator import oracle
from tests.simulator.actors import Actors
from tests.simulator.cloud import INGEST, INGEST_DLQ, PAYROLL, Cloud, Process
from tests.simulator.simulation import Violation
from tests.simulator.workload import MONTHS, PEOPLE

Wrong = Iterator[str]


@dataclass(slots=True)
class History:
    """Looks at the tenant after every effect of a call."""

    cloud: Cloud
    told: int = 0
    objects: dict[str, bytes] = field(default_factory=dict)
    lines: dict[tuple[str, str], Any] = field(default_factory=dict)
    messages: dict[str, str] = field(default_factory=dict)
    paid: int = 0

    def look(self) -> None:
        """Raises ``Violation`` at the first thing that must never be."""
        self._rows()
        self._files()
        self._paid()

    def _rows(self) -> None:
        """Facts and payout lines never change once they are written."""
        fresh, self.told = self.cloud.dynamo.stream[self.told :], len(self.cloud.dynamo.stream)
        for record in fresh:
            if record.sk.startswith(("P#", "F#")):
                row = self.cloud.dynamo.rows[record.pk].get(record.sk)
                if self.lines.setdefault((record.pk, record.sk), row) != row or row is None:
                    raise Violation(f"row {record.pk} {record.sk} changed")

    def _files(self) -> None:
        """Evidence and payout files never change; a manifest names only what is there."""
        if len(self.cloud.payouts.objects) == len(self.objects) and all(
            self.cloud.payouts.objects[key] is data for key, data in self.objects.items()
        ):
            return
        for key, data in self.cloud.payouts.objects.items():
            if self.objects.setdefault(key, data) != data:
                raise Violation(f"object {key} changed")
            self.objects[key] = data
            if key.endswith("manifest.json"):
                self._named(key, json.loads(data))

    def _named(self, key: str, manifest: dict[str, Any]) -> None:
        folder = key.rpartition("/")[0]
        named = [(f"{folder}/{f['name']}", f["sha256"]) for f in manifest["files"]]
        named += [(each["key"], each["sha256"]) for each in manifest["evidence"]]
        for name, wanted in named:
            data = self.cloud.payouts.objects.get(name)
            if data is None or sha256(data).hexdigest() != wanted:
                raise Violation(f"{key} was written before {name}")

    def _paid(self) -> None:
        """A payout id has one effect; nothing is paid without a manifest."""
        accepted = self.cloud.sqs.accepted
        fresh, self.paid = accepted[self.paid :], len(accepted)
        for message in fresh:
            said = json.loads(message.body)
            if self.messages.setdefault(said["payout_id"], message.body) != message.body:
                raise Violation(f"payout {said['payout_id']} was sent with two contents")
            if (
                f"payouts/period={said['period']}/run={said['run']}/manifest.json"
                not in self.cloud.payouts.objects
            ):
                raise Violation(f"run {said['run']} was paid before its manifest")


def nothing_is_lost(actors: Actors) -> Wrong:
    """Every event that arrived is in the log, became what it had to become, and the queue is empty."""
    process = Process(actors.cloud)
    for name in (INGEST, INGEST_DLQ):
        if actors.cloud.sqs.messages(name):
            yield f"{name} still holds {len(actors.cloud.sqs.messages(name))} messages"
    lines = log_lines(process.intake)
    arrived = dict(_arrived(actors.cloud))
    logged = {line["instance"] for line in lines if not line["replay"]}
    for instance in sorted(arrived.keys() ^ logged):
        yield f"arrival {instance} {'has no line in the log' if instance in arrived else 'is nowhere known'}"
    known = {event["id"] for event in arrived.values()}
    for name in sorted(actors.sent):
        if name not in known:
            yield f"event {name} is nowhere"
    found, wanted = counts(lines), oracle.tally(actors.truth, arrived.values())
    if any(found[name] != wanted[name] for name in ("received", *STATES)):
        yield f"counts do not add up: {found}, the truth is {wanted}"


def _arrived(cloud: Cloud) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every event on every message that the queue ever took, by its place there."""
    for message in cloud.sqs.taken(INGEST):
        for n, event in enumerate(json.loads(message.body).get("events", [])):
            kept = cloud.intake.objects[event["refused"]["body"]] if "refused" in event else b""
            yield f"{message.id}#{n}", json.loads(kept) if kept else event


def scores_are_the_truth(actors: Actors) -> Wrong:
    """Live scorecards, a fold from scratch and the oracle agree to the last digit."""
    process = Process(actors.cloud)
    known = oracle.terms(actors.truth)
    for who in PEOPLE:
        for period in MONTHS:
            card = process.table.get(rows.partition(f"E:{who}", period), "S")
            if who not in known or not oracle.covers(known[who], period)[0]:
                if card is not None and card["payout"] is not None:
                    yield f"{who} {period} has a scorecard and was not employed"
            elif card is not None:
                wanted = oracle.due(actors.truth, who, period)
                if card["payout"] != wanted:
                    yield f"{who} {period}: live {card['payout']}, the truth is {wanted}"
                yield from _same_as_fold(process, card, who, period)
            elif oracle.amounts(actors.truth, who, period):
                yield f"{who} {period} has facts and no scorecard"


def folds(actors: Actors) -> Wrong:
    """Live scorecards of which no record was lost, nor of an earlier month, against a fold from scratch."""
    process = Process(actors.cloud)
    known = sorted(oracle.terms(actors.truth))
    shared = [pk for pk in actors.lost if not pk.startswith("EP#E:") or pk.endswith("#-")]
    for pk in [] if shared else [rows.partition(f"E:{who}", period) for who in known for period in MONTHS]:
        card = process.table.get(pk, "S")
        who, period = rows.parse_partition(pk)
        looked_at = {rows.partition(who, month) for month in MONTHS if month <= period}
        if card is not None and card["payout"] is not None and actors.lost.isdisjoint(looked_at):
            yield from _same_as_fold(process, card, who[2:], period)


def _same_as_fold(process: Process, card: dict[str, Any], who: str, period: str) -> Wrong:
    full = explain(process.table, process.plans.current(), who, period)
    if card["payout"] != full["payout"] or Decimal(card["total"]) != round(Decimal(full["total"]), 10):
        folded = f"{full['payout']} {full['total']}"
        yield f"{who} {period}: live {card['payout']} {card['total']}, folded {folded}"


def money_adds_up(actors: Actors) -> Wrong:
    """Of each published run: rows = lines = manifest = approved = messages."""
    process = Process(actors.cloud)
    messages = [json.loads(m.body) for m in actors.cloud.sqs.accepted]
    booked = [row for pk in sorted(actors.cloud.dynamo.rows) for row in process.table.query(pk, "P#", "P#~")]
    for run in runs.every(process.table):
        mine = [row for row in booked if row["run"] == run.id]
        if run.state != "PUBLISHED":
            continue
        folder = f"payouts/period={run.period}/run={run.id}"
        manifest = json.loads(process.payouts.read(f"{folder}/manifest.json"))
        text = process.payouts.read(f"{folder}/lines.csv").decode("utf-8-sig")
        lines = list(csv.DictReader(io.StringIO(text)))
        total = sum((Decimal(t["amount"]) for t in manifest["totals"]), Decimal(0))
        sums = {
            "rows": Decimal(sum(int(row["amount"]) for row in mine)) / 100,
            "lines": sum((Decimal(line["amount"]) for line in lines), Decimal(0)),
            "approved": Decimal(sum(t["amount"] for t in json.loads(run.totals)["totals"])) / 100,
            "messages": Decimal(sum(_distinct(messages, run.id).values())) / 100,
        }
        if set(sums.values()) != {total} or len(mine) != len(lines):
            yield f"run {run.id}: manifest {total}, {sums}"


def _distinct(messages: list[dict[str, Any]], run: str) -> dict[str, int]:
    """What a consumer pays that knows a payout id when it comes again."""
    return {m["payout_id"]: m["amount_minor"] for m in messages if m["run"] == run}


def everybody_got_what_is_due(actors: Actors) -> Wrong:
    """After one more run: Σ of all about a period = what the facts say now; balances are owed, not lost."""
    process = Process(actors.cloud)
    known = oracle.terms(actors.truth)
    published = {run.period for run in runs.every(process.table) if run.state == "PUBLISHED"}
    for who in sorted(known):
        paid = Counter[str]()
        for period in (*MONTHS, "2018-01"):
            found = process.table.query(rows.partition(f"E:{who}", period), "P#", "P#~")
            paid[period] = sum(int(row["amount"]) for row in found)
        for period in MONTHS:
            covered = oracle.covers(known[who], period)[0]
            wanted = oracle.due(actors.truth, who, period) if covered else 0
            excused = not covered or wanted is None or not (published & {p for p in MONTHS if p >= period})
            if not excused and paid[period] != wanted:
                yield f"{who} got {paid[period]} for {period}, due is {wanted}"
        yield from _balanced(process, actors, who, sum(paid.values()))


def _balanced(process: Process, actors: Actors, who: str, booked: int) -> Wrong:
    messages = {m["payout_id"]: m for m in (json.loads(s.body) for s in actors.cloud.sqs.accepted)}
    sent = sum(m["amount_minor"] for m in messages.values() if m["employee"] == who)
    owed = roster.person(process.table, who).standing.owed
    if sent - owed != booked:
        yield f"{who}: sent {sent}, owed {owed}, booked {booked}"


def the_auditor_agrees(actors: Actors) -> Wrong:
    """The audit that runs on a live tenant finds nothing."""
    process = Process(actors.cloud)
    tenant = Audited(process.table, process.intake, process.payouts, process.plans.current)
    yield from map(str, audit(tenant, lambda: None).findings)


def a_second_close_is_the_same(actors: Actors) -> Wrong:
    """Nothing is left to do: no outbox row waits, no run is under way, no mark without a reason."""
    process = Process(actors.cloud)
    if runs.under_way(process.table):
        yield "a run is still under way"
    for pk, sks in sorted(actors.cloud.dynamo.rows.items()):
        for sk, row in sks.items():
            if sk.startswith("OUTBOX#") and row["state"]["S"] != "sent":
                yield f"{pk} {sk} was never sent"


AT_THE_END: dict[str, Callable[[Actors], Wrong]] = {
    "nothing is lost": nothing_is_lost,
    "scores are the truth": scores_are_the_truth,
    "money adds up": money_adds_up,
    "everybody got what is due": everybody_got_what_is_due,
    "the auditor agrees": the_auditor_agrees,
    "nothing is left over": a_second_close_is_the_same,
}


def seen(actors: Actors) -> Counter[str]:
    """What a life has come to: branches that are only visible in what they left."""
    process = Process(actors.cloud)
    found: Counter[str] = Counter()
    for pk in actors.cloud.dynamo.rows:
        for row in process.table.query(pk, "P#", "P#~"):
            found[f"line {row['kind']}"] += 1
    for run in runs.every(process.table):
        found["run of a second attempt"] += run.attempt > 1
        found["somebody held"] += bool(run.totals and json.loads(run.totals)["held"])
    for state in ("open", "replayed", "ended", "resolved"):
        found[f"quarantine {state}"] += len(quarantine.entries(process.table, state))
    found["payroll queue"] += len(actors.cloud.sqs.messages(PAYROLL))
    found["day left the scorecard's row"] += any(
        sk.startswith("M#") and "S" in sks for sks in actors.cloud.dynamo.rows.values() for sk in sks
    )
    return found + oracle.told(actors.truth)
