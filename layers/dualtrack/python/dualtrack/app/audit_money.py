"""Audit of money: of each published run, rows = lines = manifest = approved = messages, byte for byte."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from hashlib import sha256
from typing import Any

from dualtrack.app import rows
from dualtrack.app.audited import Audited, Finding
from dualtrack.app.files import folder
from dualtrack.app.pay import SENT
from dualtrack.app.ports import Missing, Objects
from dualtrack.domain.money import major
from dualtrack.domain.runs import Run


def published_runs(tenant: Audited) -> Iterator[Finding]:
    """Every published run, in the order of the periods."""
    before: Run | None = None
    for run in tenant.runs:
        if run.state == "PUBLISHED":
            yield from _run(tenant, run, before)
            before = run


def _run(tenant: Audited, run: Run, before: Run | None) -> Iterator[Finding]:
    where = f"{folder(run.id)}/manifest.json"
    data = _bytes(tenant.payouts, where)
    if _digest(data) != run.manifest:
        yield Finding("manifest", where, _digest(data), run.manifest)
    if data is None:
        return
    manifest = json.loads(data)
    yield from _files(tenant, run, manifest)
    yield from _totals(tenant, run, manifest)
    yield from _outbox(tenant, run, manifest)
    previous = {"run": before.id, "sha256": before.manifest} if before else None
    if manifest["previous"] != previous:
        yield Finding("chain", where, str(manifest["previous"]), str(previous))


def _files(tenant: Audited, run: Run, manifest: Mapping[str, Any]) -> Iterator[Finding]:
    named = [("file", f"{folder(run.id)}/{each['name']}", each["sha256"]) for each in manifest["files"]]
    named += [("evidence", each["key"], each["sha256"]) for each in manifest["evidence"]]
    for kind, key, wanted in named:
        found = _digest(_bytes(tenant.payouts, key))
        if found != wanted:
            yield Finding(kind, key, found, wanted)


def _totals(tenant: Audited, run: Run, manifest: Mapping[str, Any]) -> Iterator[Finding]:
    """Per currency: the number and the sum of the lines, in four places."""
    wanted = {t["currency"]: (t["lines"], t["amount"]) for t in json.loads(run.totals)["totals"]}
    stated = {t["currency"]: (t["lines"], t["amount"]) for t in manifest["totals"]}
    places = {
        "manifest": stated,
        "rows": _sums([(r["currency"], Decimal(r["amount"]), r["run"]) for r in tenant.lines], run),
        "lines.csv": _file_sums(tenant, run),
    }
    shown = {currency: (count, major(amount, currency)) for currency, (count, amount) in wanted.items()}
    for name, found in places.items():
        if found != shown:
            yield Finding("control_total", f"run {run.id} {name}", str(found), str(shown))


def _sums(lines: list[tuple[str, Decimal, str]], run: Run) -> dict[str, tuple[int, str]]:
    mine = [(currency, amount) for currency, amount, of in lines if of == run.id]
    count = Counter(currency for currency, _ in mine)
    sums = {each: sum(int(amount) for currency, amount in mine if currency == each) for each in count}
    return {currency: (count[currency], major(sums[currency], currency)) for currency in count}


def _file_sums(tenant: Audited, run: Run) -> dict[str, tuple[int, str]]:
    data = _bytes(tenant.payouts, f"{folder(run.id)}/lines.csv") or b""
    lines = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    found: dict[str, list[Decimal]] = {}
    for line in lines:
        found.setdefault(line["currency"], []).append(Decimal(line["amount"]))
    return {currency: (len(each), str(sum(each))) for currency, each in found.items()}


def _outbox(tenant: Audited, run: Run, manifest: Mapping[str, Any]) -> Iterator[Finding]:
    """What was sent: as many messages, and as much, as payouts were approved."""
    items = tenant.table.query(f"OUTBOX#{run.id}", "OUTBOX#", "OUTBOX#" + rows.END)
    waiting = [item["sk"] for item in items if item["state"] != SENT]
    for sk in waiting:
        yield Finding("outbox", f"run {run.id} {sk}", "not sent", SENT)
    approved = json.loads(run.totals)["totals"]
    wanted = (sum(t["payable"] for t in approved), sum(t["amount"] for t in approved))
    sent = (sum(int(i.get("messages", 0)) for i in items), sum(int(i.get("amount", 0)) for i in items))
    if not waiting and sent != wanted:
        yield Finding(
            "outbox", f"run {run.id}", f"{sent[0]} messages of {sent[1]}", f"{wanted[0]} of {wanted[1]}"
        )


def stray_lines(tenant: Audited) -> Iterator[Finding]:
    """Lines belong to a run that is published or being published, once; balances are never below 0."""
    states = {run.id: run.state for run in tenant.runs}
    for row in tenant.lines:
        if states.get(row["run"]) not in ("PUBLISHED", "APPROVED"):
            yield Finding(
                "stray_line", f"{row['pk']} {row['sk']}", str(states.get(row["run"])), "no such line"
            )
    for name, count in sorted(Counter(row["id"] for row in tenant.lines).items()):
        if count > 1:
            yield Finding("payout_id", name, str(count), "1")
    for who, known in tenant.people.items():
        if known.balance < 0:
            yield Finding("balance", who, str(known.balance), "0 or more")


def _bytes(objects: Objects, key: str) -> bytes | None:
    try:
        return objects.read(key)
    except Missing:
        return None


def _digest(data: bytes | None) -> str:
    return "missing" if data is None else sha256(data).hexdigest()
