"""Pay: an approved run becomes rows, files, a manifest and messages, in this order, each written once."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

from dualtrack.app import evidence, rows, runs
from dualtrack.app.close import chunk_list
from dualtrack.app.ports import Fifo, Item, Message, Objects, Put, Table
from dualtrack.domain.errors import Stopped, refuse
from dualtrack.domain.money import major
from dualtrack.domain.payouts import Line, Payout
from dualtrack.domain.runs import Run, after, totals

COLUMNS = ("payout_id", "line_id", "employee", "run", "period", "kind", "currency", "amount")
PREPARED, RELEASED, SENT = "prepared", "released", "sent"
SCHEMA = "dualtrack.payout.v1"


def begin(table: Table, run_id: str) -> Run:
    """A run that may be published: approved, or published already and run again."""
    run = runs.get(table, run_id)
    if run.state not in ("APPROVED", "PUBLISHED"):
        raise refuse("wrong_state", f"run {run_id}", run.state, "approve it first")
    return run


def book(table: Table, objects: Objects, run: Run, chunk: str) -> int:
    """Write the chunk's lines where they are absent; a different line under the same key stops the run.

    Whoever is on hold is marked, so that the next run settles this period too.
    """
    settled = evidence.stored(objects, run, chunk)
    lines = [line for payout in settled.payouts for line in payout.lines]
    for line in lines:
        item = rows.line_item(line)
        if not table.put_if(Put(item, "id", None)):
            _same(item, table.get(item["pk"], item["sk"]))
    for employee in settled.held:
        table.put_if(Put(rows.mark_item(employee, run.period), "sk", None))
    return len(lines)


def _same(wanted: Item, found: Item | None) -> None:
    if found is None or any(found.get(name) != each for name, each in wanted.items()):
        raise Stopped(f"line {wanted['id']} of run {wanted['run']} is booked with other content")


@dataclass(frozen=True, slots=True)
class Publishing:
    """Writes a run's files, proves its control totals, writes the manifest last."""

    table: Table
    objects: Objects
    tenant: str
    plan: str

    def files(self, run: Run) -> str:
        """Files, then control totals, then the manifest; the manifest's sha256."""
        chunks = [each["chunk"] for each in chunk_list(self.objects, run)]
        payouts = [p for c in chunks for p in evidence.stored(self.objects, run, c).payouts]
        lines = [line for payout in payouts for line in payout.lines]
        content = _csv(payouts)
        self._prove(run, payouts, lines, content)
        folder = f"payouts/period={run.period}/run={run.id}"
        _write_once(self.objects, f"{folder}/lines.csv", content)
        manifest = self._manifest(run, payouts, chunks, {"lines.csv": (content, len(lines))})
        _write_once(self.objects, f"{folder}/manifest.json", manifest)
        return sha256(manifest).hexdigest()

    def _prove(self, run: Run, payouts: Sequence[Payout], lines: Sequence[Line], content: bytes) -> None:
        """Approved = settled = rows = file, per currency and to the minor unit, or nothing is published."""
        approved = json.loads(run.totals)["totals"]
        if approved != [asdict(row) for row in totals(payouts)]:
            raise Stopped(f"run {run.id}: the settled totals are not those that were approved")
        keys = [rows.line_key(line) for line in lines]
        booked = {(item["pk"], item["sk"]): item for item in self.table.get_many(keys)}
        for line in lines:
            _same(rows.line_item(line), booked.get(rows.line_key(line)))
        if _sums(content) != [
            (row["currency"], row["lines"], major(row["amount"], row["currency"])) for row in approved
        ]:
            raise Stopped(f"run {run.id}: the sums of lines.csv are not the control totals")

    def _manifest(
        self,
        run: Run,
        payouts: Sequence[Payout],
        chunks: Sequence[str],
        files: Mapping[str, tuple[bytes, int]],
    ) -> bytes:
        before = runs.last_published(runs.every(self.table), run.period)
        keys = [evidence.list_key(run), *(evidence.chunk_key(run, chunk) for chunk in chunks)]
        said = {
            "schema": "dualtrack.manifest.v1",
            "tenant": self.tenant,
            "run": run.id,
            "period": run.period,
            "plan": self.plan,
            "starter": run.starter,
            "approver": run.approver,
            "waiver": run.waiver,
            "totals": [asdict(row) | {"amount": major(row.amount, row.currency)} for row in totals(payouts)],
            "files": [
                {"name": name, "sha256": sha256(data).hexdigest(), "bytes": len(data), "rows": count}
                for name, (data, count) in sorted(files.items())
            ],
            "evidence": [{"key": key, "sha256": sha256(self.objects.read(key)).hexdigest()} for key in keys],
            "previous": {"run": before.id, "sha256": before.manifest} if before else None,
        }
        return json.dumps(said, indent=2, sort_keys=True, ensure_ascii=False).encode() + b"\n"

    def release(self, run: Run) -> Run:
        """PUBLISHED, and the outbox rows that wake the relay. No manifest, no payout.

        Every row of the outbox is there before the run is published, and is only sent after it: so the
        sweeper finds whatever a crash leaves in between.
        """
        manifest = self.objects.read(f"payouts/period={run.period}/run={run.id}/manifest.json")
        items = [_outbox(run, each["chunk"], PREPARED) for each in chunk_list(self.objects, run)]
        for item in items:
            self.table.put_if(Put(item, "state", None))
        if run.state == "APPROVED":
            published = Run(**(asdict(after(run, "publish")) | {"manifest": sha256(manifest).hexdigest()}))
            run = runs.finish(self.table, run, published)
        for item in items:
            self.table.put_if(Put(item | {"state": RELEASED}, "state", PREPARED))
        return run


def _outbox(run: Run, chunk: str, state: str) -> Item:
    return {"pk": f"OUTBOX#{run.id}", "sk": f"OUTBOX#{chunk}", "state": state}


def _write_once(objects: Objects, key: str, data: bytes) -> None:
    if not objects.create(key, data) and objects.read(key) != data:
        raise Stopped(f"{key} exists with other bytes")


def _csv(payouts: Iterable[Payout]) -> bytes:
    """The payout lines for people and Excel: UTF-8 with a byte order mark, sorted by employee and line."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for payout in sorted(payouts, key=lambda p: p.employee):
        for line in payout.lines:
            amount = major(line.amount, line.currency)
            writer.writerow(
                [payout.id, line.id, line.employee, line.run, line.period, line.kind, line.currency, amount]
            )
    return text.getvalue().encode("utf-8-sig")


def _sums(content: bytes) -> list[tuple[str, int, str]]:
    """Per currency the rows and the sum of a file, read back from its bytes."""
    from decimal import Decimal

    found: dict[str, list[Decimal]] = {}
    for row in csv.DictReader(io.StringIO(content.decode("utf-8-sig"))):
        found.setdefault(row["currency"], []).append(Decimal(row["amount"]))
    return [(currency, len(found[currency]), f"{sum(found[currency])}") for currency in sorted(found)]


def relay(table: Table, objects: Objects, queue: Fifo, tenant: str, run: Run, chunk: str) -> int:
    """Send one message per payable payout of a chunk; repeated, it sends the same messages again.

    The payout id is the de-duplication id and the consumer's key, so a repeat has no effect.
    """
    item = table.get(f"OUTBOX#{run.id}", f"OUTBOX#{chunk}")
    if item is None:
        raise Stopped(f"chunk {chunk} of run {run.id} was not released")
    if item["state"] == SENT or run.state != "PUBLISHED":
        return 0
    payable = [p for p in evidence.stored(objects, run, chunk).payouts if p.amount > 0]
    messages = [Message(p.id, f"payout-{rows.shard(p.employee)}", _body(tenant, run, p)) for p in payable]
    if queue.send(messages):
        raise Stopped(f"the payroll queue did not take every payout of chunk {chunk} of run {run.id}")
    amount = sum(p.amount for p in payable)
    table.put_if(
        Put(item | {"state": SENT, "messages": len(payable), "amount": amount}, "state", item["state"])
    )
    return len(payable)


def _body(tenant: str, run: Run, payout: Payout) -> str:
    said: dict[str, Any] = {
        "schema": SCHEMA,
        "tenant": tenant,
        "payout_id": payout.id,
        "run": run.id,
        "period": run.period,
        "employee": payout.employee,
        "currency": payout.currency,
        "amount_minor": payout.amount,
        "amount": major(payout.amount, payout.currency),
        "attempt": 1,
    }
    return json.dumps(said, sort_keys=True)


def unsent(table: Table) -> list[tuple[Run, str]]:
    """Chunks of published runs that were not sent: what a crash or the stream lost, for the sweeper."""
    done = [run for run in runs.every(table) if run.state == "PUBLISHED"]
    return [
        (run, item["sk"].removeprefix("OUTBOX#"))
        for run in done
        for item in table.query(f"OUTBOX#{run.id}", "OUTBOX#", "OUTBOX#" + rows.END)
        if item["state"] != SENT
    ]
