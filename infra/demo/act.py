"""The acts of the demo: what is done to the tenant, and what is measured while it is done."""

from __future__ import annotations

import csv
import json
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from typing import Any

from dualtrack.adapters import mapping_file, plan_file
from dualtrack.app import operate
from dualtrack.app.counts import counts, log_lines
from dualtrack.app.explain import explain
from dualtrack.domain.money import major
from dualtrack.domain.runs import Run
from infra.demo.data import QUARTER, World
from infra.demo.finance import Finance
from infra.demo.player import Event, Player, bad, batches
from infra.embedded import Embedded
from infra.embedded.server import ROOT
from infra.operator import Failed, Operator, wait_for

SENDERS = 3
PROBES = 20
PATIENCE = 300.0
WAIVER = {"by": "demo-starter", "reason": "undated opportunities and the events that are wrong on purpose"}
Progress = Callable[[int], None]


class Demo:
    """One performance: a deployed tenant, the player, and what was seen."""

    def __init__(self, server: Embedded, tenant: Operator, seed: int) -> None:
        self.server, self.tenant = server, tenant
        self.world = World()
        self.player = Player(self.world, seed)
        self.sent = 0
        self.latencies: list[float] = []
        self.rate = 0.0
        self.runs: list[dict[str, Any]] = []
        self.paid: dict[tuple[str, str], Counter[str]] = {}
        self.finance = Finance(tenant)

    @property
    def table(self) -> Any:
        """The tenant's table."""
        return self.tenant.stack.table

    def furnish(self) -> None:
        """Publish mappings and the plan; hire everybody; set the targets."""
        for path in sorted((ROOT / "events" / "sources").glob("*/mapping.yaml")):
            mapping = mapping_file.load(path)
            operate.publish_source(self.table, mapping.source, mapping.version, mapping_file.stored(mapping))
        self.finance.furnish()
        operate.publish_plan(self.table, *plan_file.load(ROOT / "events" / "plans" / "demo-2017.yaml"))
        self.send(self.player.roster())
        self.drained()
        self.send(self.player.targets())

    def send(self, events: Sequence[Event], progress: Progress = lambda n: None) -> None:
        """Send in batches from several senders; everything is durable afterwards."""
        parts = batches(events)
        with ThreadPoolExecutor(SENDERS) as pool:
            for part, answer in zip(parts, pool.map(self.tenant.send, parts), strict=True):
                if answer.get("received") != len(part):
                    raise Failed(f"the door answered {answer}")
                progress(len(part))
        self.sent += len(events)

    def drained(self) -> None:
        """Wait until measure has taken in everything and score has nothing left to fold."""
        wait_for(lambda: not self.tenant.stack.ingest.waiting(), PATIENCE, "the end of the queue")

    def burst(self, events: Sequence[Event], progress: Progress) -> None:
        """Send many events at once and time them until the queue is empty."""
        started = time.monotonic()
        self.send(events, progress)
        self.drained()
        self.rate = len(events) / (time.monotonic() - started)

    def probe(self, events: Sequence[Event]) -> None:
        """One event at a time: how long until the fold that its score is made of has changed."""
        for event in events:
            employee = event["data"]["owner"]["id"]
            before = self._revisions(employee)
            started = time.monotonic()
            self.send([event])
            while self._revisions(employee) == before:
                if time.monotonic() - started > PATIENCE:
                    raise Failed(f"the score of {employee} does not change")
                time.sleep(0.01)
            self.latencies.append((time.monotonic() - started) * 1000)

    def _revisions(self, employee: str) -> list[object]:
        found = self.table.query(f"EP#E:{employee}#{QUARTER[0]}", "M#deal#", "S~")
        return [(item["sk"], item["r"]) for item in found if item["sk"][0] in "MS"]

    def settled(self, period: str) -> None:
        """Wait until every live score is the fold from scratch: the stream has been worked through."""
        plans = self.tenant.stack.plans()
        for employee in self.world.agents.values():
            due = explain(self.table, plans, employee, period)["payout"]

            def same(who: str = employee, amount: object = due) -> bool:
                card = self.table.get(f"EP#E:{who}#{period}", "S")
                return card is not None and card["payout"] == amount

            wait_for(same, PATIENCE, f"the live score of {employee}")

    def close(self, period: str, out: Path) -> Run:
        """Close, approve, publish; then as below."""
        run = self.tenant.publish(self.tenant.close(period, "demo-starter", WAIVER), "demo-approver")
        self.take(run, out)
        return run

    def take(self, run: Run, out: Path) -> None:
        """Take a run's messages, fetch its files, compare all of them."""
        period = run.period
        [total] = json.loads(run.totals)["totals"]
        messages = self.tenant.messages(total["payable"])
        files, rows = self._files(run, out)
        for row in rows:
            self.paid.setdefault((row["employee"], period), Counter())[_kind(run, row)] += _cents(
                row["amount"]
            )
        same = (
            sum(m["amount_minor"] for m in messages)
            == total["amount"]
            == sum(_cents(r["amount"]) for r in rows)
        )
        if not same or len(messages) != total["payable"]:
            raise Failed(f"{period}: messages, lines and control totals differ")
        adjusted = sum(_cents(row["amount"]) for row in rows if row["kind"] == "adjustment")
        self.runs.append(
            {"period": period, "run": run.id, "kind": run.kind, "lines": len(rows),
             "messages": len(messages), "files": files,
             "totals": [{"currency": total["currency"], "amount": major(total["amount"], total["currency"])}],
             "adjustments": major(adjusted, total["currency"])}
        )  # fmt: skip

    def _files(self, run: Run, out: Path) -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
        """Fetch the manifest and every file it names; compare each one's sha256."""
        folder = f"payouts/period={run.period}/run={run.id}"
        manifest = self.tenant.stack.payouts.read(f"{folder}/manifest.json")
        named = json.loads(manifest)["files"]
        (out / run.id).mkdir(parents=True, exist_ok=True)
        (out / run.id / "manifest.json").write_bytes(manifest)
        found = [{"name": "manifest.json", "sha256": sha256(manifest).hexdigest()}]
        for each in named:
            data = self.tenant.stack.payouts.read(f"{folder}/{each['name']}")
            if sha256(data).hexdigest() != each["sha256"]:
                raise Failed(f"{each['name']} of run {run.id} is not what its manifest says")
            (out / run.id / each["name"]).parent.mkdir(parents=True, exist_ok=True)
            (out / run.id / each["name"]).write_bytes(data)
            found.append({"name": each["name"], "sha256": each["sha256"]})
        return found, _lines(out / run.id / "lines.csv")

    def numbers(self) -> dict[tuple[str, str], object]:
        """Every live score and amount: what must not change when events come again."""
        cards: dict[tuple[str, str], object] = {}
        for employee in self.world.agents.values():
            for period in QUARTER:
                card = self.table.get(f"EP#E:{employee}#{period}", "S") or {}
                shown = ("total", "payout", "tracks", "points", "holds")
                cards[employee, period] = tuple(card.get(name) for name in shown)
        return cards

    def everything(self) -> list[Event]:
        """All that happened in the quarter: to be sent once more."""
        again = Player(self.world, 1)
        quarter = [e for month in QUARTER for e in again.phase(month) if e["time"] >= QUARTER[0]]
        return [*again.roster(), *again.targets(), *quarter, *again.late()]

    def counted(self) -> dict[str, Any]:
        """What became of every event, from the event log."""
        return counts(log_lines(self.tenant.stack.intake)) | {"sent": self.sent}

    def billed(self) -> dict[str, Any]:
        """Request units from the functions' own metrics: for 1 000 events and for 1 000 payouts."""
        totals = {name: _metrics(self.server, name) for name in ("measure", "score", "settle", "book")}
        events = totals["measure"]["Events"]
        payouts = totals["settle"]["Employees"]
        return {
            "per_1000_events": _units([totals["measure"], totals["score"]], events),
            "per_1000_payouts": _units([totals["settle"], totals["book"]], payouts),
        }


def held_back(events: Sequence[Event]) -> tuple[list[Event], list[Event]]:
    """Events without, and the ones that are played one at a time: deals that closed in October."""
    chosen = {e["id"]: e for e in events if e["type"] == "crm.opportunity.closed" and e["time"] >= QUARTER[0]}
    probes = list(chosen.values())[-PROBES:]
    ids = {event["id"] for event in probes}
    return [event for event in events if event["id"] not in ids], probes


def wrong_ones(demo: Demo) -> list[Event]:
    """One of each kind of bad event."""
    return bad(demo.world)


def _metrics(server: Embedded, function: str) -> Counter[str]:
    """The sums of a function's embedded metrics, read from its log."""
    client, found = server.client("logs"), Counter[str]()
    token: dict[str, str] = {}
    while True:
        page = client.filter_log_events(logGroupName=f"/aws/lambda/dualtrack-demo-{function}", **token)
        for event in page["events"]:
            if '"CloudWatchMetrics"' in event["message"]:
                found.update(_counts(json.loads(event["message"])))
        if not page.get("nextToken"):
            return found
        token = {"nextToken": page["nextToken"]}


def _counts(line: Mapping[str, Any]) -> dict[str, int]:
    names = [m["Name"] for each in line["_aws"]["CloudWatchMetrics"] for m in each["Metrics"]]
    return {name: int(sum(line[name]) if isinstance(line[name], list) else line[name]) for name in names}


def _kind(run: Run, row: Mapping[str, str]) -> str:
    """What a line is for the proof: a held month that an off-cycle run pays is that month's regular pay."""
    return "regular" if not run.regular and row["period"] == run.period else row["kind"]


def _units(sums: Sequence[Counter[str]], of: int) -> dict[str, float]:
    thousandth = max(1, of) / 1000
    return {
        "write": round(sum(s["WriteHalfUnits"] for s in sums) / 2 / thousandth, 1),
        "read": round(sum(s["ReadHalfUnits"] for s in sums) / 2 / thousandth, 1),
    }


def _cents(amount: str) -> int:
    return int(amount.replace(".", ""))


def _lines(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))
