"""Audit of money: of a published run, manifest = files = evidence = approved = sent, as the outbox has it.

Whether the table's payout lines are those of the files is looked at in ``audit_lines.py``.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, partial
from hashlib import sha256
from typing import Any

from dualtrack.app import evidence, rows
from dualtrack.app.audited import Audited, Finding
from dualtrack.app.close import control_totals
from dualtrack.app.files import folder
from dualtrack.app.ports import Missing, Objects
from dualtrack.app.proving import SENT
from dualtrack.app.relay import counted
from dualtrack.domain.money import major
from dualtrack.domain.runs import Run

Sums = dict[str, tuple[int, str]]  # lines and their sum, by currency


@dataclass
class Paid:
    """One published run with its files, each read once. What cannot be read is None, and noted."""

    tenant: Audited
    run: Run
    before: Run | None

    @cached_property
    def folder(self) -> str:
        """Where its files lie."""
        return folder(self.run.id)

    @cached_property
    def data(self) -> bytes | None:
        """The manifest's bytes; None if there is none."""
        return _bytes(self.tenant.payouts, f"{self.folder}/manifest.json")

    @cached_property
    def manifest(self) -> Mapping[str, Any] | None:
        """What the manifest says."""
        data = self.data
        where = f"{self.folder}/manifest.json"
        return None if data is None else self.tenant.tried(where, lambda: _object(data), None)

    @cached_property
    def lines(self) -> Sequence[Mapping[str, str]] | None:
        """The lines of lines.csv."""
        key = f"{self.folder}/lines.csv"
        data = _bytes(self.tenant.payouts, key)
        return None if data is None else self.tenant.tried(key, lambda: _csv_lines(data), None)

    @cached_property
    def approved(self) -> Sequence[Mapping[str, Any]] | None:
        """The control totals that were approved."""
        return self.tenant.tried(f"RUN {self.run.id} totals", lambda: _approved(self.run), None)

    @cached_property
    def chunks(self) -> Mapping[str, evidence.Chunk | None]:
        """The settled chunks by name; None for one whose bytes are not those that the manifest names."""
        named = {each["key"]: each["sha256"] for each in self.manifest["evidence"]} if self.manifest else {}
        start = f"{evidence.folder(self.run)}/chunk-"
        chunks = {key: wanted for key, wanted in named.items() if key.startswith(start)}
        return {key[len(start) :].partition(".")[0]: self._chunk(key, each) for key, each in chunks.items()}

    def _chunk(self, key: str, wanted: str) -> evidence.Chunk | None:
        data = _bytes(self.tenant.payouts, key)
        if data is None or _digest(data) != wanted:
            return None
        return self.tenant.tried(key, lambda: evidence.read(data, self.run.id), None)


def published_runs(tenant: Audited) -> Iterator[Finding]:
    """Every published run that is looked at, in the order of the periods."""
    named = {run.id: run for run in tenant.every_run}
    for run in tenant.runs:
        if run.state == "PUBLISHED":
            paid = Paid(tenant, run, named.get(run.previous))
            for check in OF_A_RUN:
                yield from tenant.carefully(f"{paid.folder} {check.__name__}", partial(check, paid))


def manifest(paid: Paid) -> Iterator[Finding]:
    """The manifest is the one that was published, and follows that of the run before."""
    where, previous = f"{paid.folder}/manifest.json", None
    if _digest(paid.data) != paid.run.manifest:
        yield Finding("manifest", where, _digest(paid.data), paid.run.manifest)
    if paid.before is not None:
        previous = {"run": paid.before.id, "sha256": paid.before.manifest}
    if paid.manifest is not None and paid.manifest["previous"] != previous:
        yield Finding("chain", where, str(paid.manifest["previous"]), str(previous))


def files(paid: Paid) -> Iterator[Finding]:
    """Every file and every piece of evidence is, byte for byte, the one that the manifest names."""
    if paid.manifest is None:
        return
    named = [("file", f"{paid.folder}/{each['name']}", each["sha256"]) for each in paid.manifest["files"]]
    named += [("evidence", each["key"], each["sha256"]) for each in paid.manifest["evidence"]]
    for kind, key, wanted in named:
        found = _digest(_bytes(paid.tenant.payouts, key))
        if found != wanted:
            yield Finding(kind, key, found, wanted)


def control_totals_agree(paid: Paid) -> Iterator[Finding]:
    """Approved = manifest = lines.csv, per currency the number and the sum of lines; approved = evidence."""
    if paid.approved is None:
        return
    wanted = {t["currency"]: (t["lines"], major(t["amount"], t["currency"])) for t in paid.approved}
    places: dict[str, Sums] = {}
    if paid.manifest is not None:
        places["manifest"] = {t["currency"]: (t["lines"], t["amount"]) for t in paid.manifest["totals"]}
    if paid.lines is not None:
        places["lines.csv"] = _sums(paid.lines)
    for name, found in places.items():
        if found != wanted:
            yield Finding("control_total", f"run {paid.run.id} {name}", str(found), str(wanted))
    chunks = [each for each in paid.chunks.values() if each is not None]
    if chunks and len(chunks) == len(paid.chunks) and control_totals(chunks) != paid.run.totals:
        yield Finding("control_total", f"run {paid.run.id} evidence", control_totals(chunks), paid.run.totals)


def outbox(paid: Paid) -> Iterator[Finding]:
    """Of each chunk was sent, says its row, what was settled to be paid: number and sum by currency."""
    pk = f"OUTBOX#{paid.run.id}"
    items = {item["sk"]: item for item in paid.tenant.table.query(pk, "OUTBOX#", "OUTBOX#" + rows.END)}
    for sk in sorted({*items, *(f"OUTBOX#{name}" for name in paid.chunks)}):
        state = items.get(sk, {}).get("state", "no row")
        chunk = paid.chunks.get(sk.removeprefix("OUTBOX#"))
        if sk.startswith("OUTBOX#R"):
            continue  # a batch that is sent again: it waits for somebody, and has no chunk of its own
        if state != SENT:
            yield Finding("outbox", f"run {paid.run.id} {sk}", str(state), SENT)
        elif chunk is not None:
            wanted = counted([each for each in chunk.payouts if each.amount > 0])
            if json.loads(items[sk]["sent"]) != wanted:
                yield Finding("outbox", f"run {paid.run.id} {sk}", str(items[sk]["sent"]), str(wanted))


OF_A_RUN: tuple[Callable[[Paid], Iterator[Finding]], ...] = (manifest, files, control_totals_agree, outbox)


def _approved(run: Run) -> Sequence[Mapping[str, Any]]:
    found: Sequence[Mapping[str, Any]] = json.loads(run.totals)["totals"]
    return found


def _object(data: bytes) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(data)
    return found


def _csv_lines(data: bytes) -> Sequence[Mapping[str, str]]:
    """The lines of a payout file; fails if one has no amount."""
    found = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    _sums(found)
    return found


def _sums(lines: Sequence[Mapping[str, str]]) -> Sums:
    found: dict[str, list[Decimal]] = {}
    for line in lines:
        found.setdefault(line["currency"], []).append(Decimal(line["amount"]))
    return {currency: (len(each), str(sum(each))) for currency, each in found.items()}


def _bytes(objects: Objects, key: str) -> bytes | None:
    try:
        return objects.read(key)
    except Missing:
        return None


def _digest(data: bytes | None) -> str:
    return "missing" if data is None else sha256(data).hexdigest()
