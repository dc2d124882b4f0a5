"""Proving: rows = lines = files = messages, per currency, or nothing is released. The manifest comes last."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from typing import Any

from dualtrack.app import evidence, rows, runs
from dualtrack.app.close import chunk_list
from dualtrack.app.ports import Item, Missing, Objects, Put, Table
from dualtrack.app.publishing import Writers, folder, same_line, setup_of, wanted_files, write_once
from dualtrack.domain.errors import Stopped
from dualtrack.domain.money import major
from dualtrack.domain.payouts import Payout
from dualtrack.domain.published import COVERS, Sum, Sums
from dualtrack.domain.runs import Run, after, totals
from dualtrack.domain.setup import Setup

PREPARED, RELEASED, SENT = "prepared", "released", "sent"


@dataclass(frozen=True, slots=True)
class Proving:
    """Compares what was written with what was approved, writes the manifest, releases."""

    table: Table
    objects: Objects
    tenant: str
    setups: Sequence[Setup]
    writers: Writers

    def prove(self, run: Run) -> str:
        """Every control total, then the manifest; its sha256. Stops, and says which, if one differs."""
        chunks = [each["chunk"] for each in chunk_list(self.objects, run)]
        settled = [evidence.stored(self.objects, run, chunk) for chunk in chunks]
        payouts = [payout for each in settled for payout in each.payouts]
        self._approved(run, payouts)
        self._booked(payouts)
        files = self._files(run, payouts)
        plans = sorted({plan for each in settled for plan in each.plans})
        manifest = self._manifest(run, payouts, chunks, files, plans)
        write_once(self.objects, f"{folder(run)}/manifest.json", manifest)
        return sha256(manifest).hexdigest()

    def _approved(self, run: Run, payouts: Sequence[Payout]) -> None:
        if json.loads(run.totals)["totals"] != [asdict(row) for row in totals(payouts)]:
            raise Stopped(f"run {run.id}: the settled totals are not those that were approved")

    def _booked(self, payouts: Sequence[Payout]) -> None:
        lines = [line for payout in payouts for line in payout.lines]
        booked = {(i["pk"], i["sk"]): i for i in self.table.get_many([rows.line_key(line) for line in lines])}
        for line in lines:
            same_line(rows.line_item(line), booked.get(rows.line_key(line)))

    def _files(self, run: Run, payouts: Sequence[Payout]) -> list[Mapping[str, Any]]:
        """Each file byte for byte what the writer meant, and its sums those of the run."""
        setup, named = setup_of(run, self.setups), wanted_files(self.objects, run)
        found: list[Mapping[str, Any]] = []
        sums: dict[str, dict[str, Sum]] = {}
        for name, wanted in sorted(named.items()):
            data = self._read(run, name, wanted)
            kind, count = self.writers.kind(name), 0
            if kind:
                said = self.writers.sums(name, data, setup)
                count = sum(each.rows for each in said.values())
                _add(sums.setdefault(_together(kind, name), {}), said)
            found.append({"name": name, "sha256": wanted, "bytes": len(data), "rows": count})
        self._complete(run, setup, {which.split()[0] for which in sums}, payouts)
        for which, said in sums.items():
            _compare(run, which, said, payouts)
        return found

    def _complete(self, run: Run, setup: Setup, found: set[str], payouts: Sequence[Payout]) -> None:
        """Each kind that the setup asks for is there, as far as there is something to say in it."""
        payable = [payout for payout in payouts if payout.amount > 0]
        wanted = {kind for kind in setup.files if (payable if COVERS[kind] == "payable" else payouts)}
        absent = sorted(wanted - found)
        if absent:
            raise Stopped(f"run {run.id}: {', '.join(absent)} was not written")

    def _read(self, run: Run, name: str, wanted: str) -> bytes:
        key = f"{folder(run)}/{name}"
        try:
            data = self.objects.read(key)
        except Missing:
            raise Stopped(f"{key} is not there") from None
        if sha256(data).hexdigest() != wanted:
            raise Stopped(f"{key} exists with other bytes")
        return data

    def _manifest(
        self, run: Run, payouts: Sequence[Payout], chunks: Sequence[str],
        files: Sequence[Mapping[str, Any]], plans: Sequence[str],
    ) -> bytes:  # fmt: skip
        keys = [evidence.list_key(run), *(evidence.chunk_key(run, chunk) for chunk in chunks)]
        said = {
            "schema": "dualtrack.manifest.v2",
            "tenant": self.tenant,
            **_head(run),
            "plans": plans,
            "totals": [asdict(row) | {"amount": major(row.amount, row.currency)} for row in totals(payouts)],
            "files": files,
            "evidence": [{"key": key, "sha256": sha256(self.objects.read(key)).hexdigest()} for key in keys],
            "previous": self._previous(run),
        }
        return json.dumps(said, indent=2, sort_keys=True, ensure_ascii=False).encode() + b"\n"

    def _previous(self, run: Run) -> Mapping[str, str] | None:
        """The manifest before: so all manifests are a chain, and none can be exchanged unseen."""
        if not run.previous:
            return None
        return {"run": run.previous, "sha256": runs.get(self.table, run.previous).manifest}

    def release(self, run: Run) -> Run:
        """PUBLISHED, and the outbox rows that wake the relay. No manifest, no payout.

        Every row of the outbox is there before the run is published, and is only sent after it: so the
        sweeper finds whatever a crash leaves in between.
        """
        manifest = self.objects.read(f"{folder(run)}/manifest.json")
        items = [self._outbox(run, each["chunk"]) for each in chunk_list(self.objects, run)]
        self._messages(run, items)
        for item in items:
            self.table.put_if(Put(item, "state", None))
        if run.state == "APPROVED":
            published = replace(after(run, "publish"), manifest=sha256(manifest).hexdigest())
            run = runs.finish(self.table, run, published)
        for item in items:
            self.table.put_if(Put(item | {"state": RELEASED}, "state", PREPARED))
        return run

    def _outbox(self, run: Run, chunk: str) -> Item:
        """What is to be sent of a chunk, before anything is: payouts and their sum, by currency."""
        payable = [p for p in evidence.stored(self.objects, run, chunk).payouts if p.amount > 0]
        expected = {t.currency: [t.payouts, t.amount] for t in totals(payable)}
        return {"pk": f"OUTBOX#{run.id}", "sk": f"OUTBOX#{chunk}", "state": PREPARED,
                "expected": json.dumps(expected, sort_keys=True)}  # fmt: skip

    def _messages(self, run: Run, items: Sequence[Item]) -> None:
        """Messages = payable payouts: the last of the control totals before anything is released."""
        found: dict[str, Sum] = {}
        for item in items:
            _add(found, {c: Sum(*each) for c, each in json.loads(item["expected"]).items()})
        wanted = {
            t["currency"]: Sum(t["payable"], t["amount"])
            for t in json.loads(run.totals)["totals"]
            if t["payable"]
        }
        if found != wanted:
            raise Stopped(f"run {run.id}: messages come to {_said(found)}, approved were {_said(wanted)}")


def _head(run: Run) -> Mapping[str, Any]:
    return {
        "run": run.id,
        "kind": run.kind,
        "corrects": run.of,
        "reason": run.reason,
        "group": run.group,
        "period": run.period,
        "setup": run.setup,
        "starter": run.starter,
        "approvals": list(run.approvals),
        "approved_at": run.approved_at,
        "waiver": run.waiver,
        "force": run.force,
        "watermark": run.watermark,
        "acts": run.acts,
    }


def _together(kind: str, name: str) -> str:
    """Files whose sums are one control total: all statements are, each other file is by itself."""
    return kind if kind == "statements" else f"{kind} {name}"


def _add(to: dict[str, Sum], more: Sums) -> None:
    for currency, each in more.items():
        before = to.get(currency, Sum(0, 0))
        to[currency] = Sum(before.rows + each.rows, before.amount + each.amount)


def _compare(run: Run, which: str, found: Mapping[str, Sum], payouts: Sequence[Payout]) -> None:
    """A file's sums against those of the payouts that it covers, of the currencies that it is for."""
    kind = which.split()[0]
    counted = COVERS[kind]
    wanted = {t.currency: Sum(getattr(t, counted), t.amount) for t in totals(payouts)}
    if counted == "payable":
        mine = found if kind == "bank" else wanted
        wanted = {currency: each for currency, each in wanted.items() if each.rows and currency in mine}
    if {c: s for c, s in found.items() if s.rows} != {c: s for c, s in wanted.items() if s.rows}:
        raise Stopped(f"run {run.id}: {which} comes to {_said(found)}, approved were {_said(wanted)}")


def _said(sums: Mapping[str, Sum]) -> str:
    shown = (f"{each.rows} rows of {major(each.amount, c)} {c}" for c, each in sorted(sums.items()))
    return ", ".join(shown) or "nothing"
