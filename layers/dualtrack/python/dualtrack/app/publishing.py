"""Publishing: an approved run becomes rows and files, each written once and not read back here."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from hashlib import sha256
from typing import Any, Protocol

from dualtrack.app import acts, evidence, rows, runs
from dualtrack.app.close import chunk_list
from dualtrack.app.ports import Item, Objects, Put, Table
from dualtrack.domain.calendars import pay_day
from dualtrack.domain.errors import Stopped, refuse
from dualtrack.domain.payouts import Payout
from dualtrack.domain.published import Payee, PayFile, Publication, Sums
from dualtrack.domain.runs import Run
from dualtrack.domain.setup import Setup

ACTS = "acts.jsonl"
Payees = Callable[[Sequence[str], int], Mapping[str, Payee]]  # employees, act number → where their money goes


class Writers(Protocol):
    """Makes the files of a publication, and reads back what they say."""

    def files(self, publication: Publication) -> list[PayFile]:
        """All files of the run that its setup asks for, without statements."""

    def statements(self, publication: Publication, chunk: str) -> list[PayFile]:
        """The statements of a chunk's employees, if the setup asks for them."""

    def kind(self, name: str) -> str:
        """Which kind of file a name is of: a key of ``published.COVERS``; "" for one without amounts."""

    def sums(self, name: str, data: bytes, setup: Setup) -> Sums:
        """Rows and sums by currency, from the bytes alone."""


@dataclass(frozen=True, slots=True)
class Again:
    """A later sending: its number, the payouts, the number of the attempt of each, and its time."""

    number: int
    payouts: Sequence[Payout]
    attempts: Mapping[str, int]
    at: str


def begin(table: Table, run_id: str) -> Run:
    """A run that may be published: approved, or published already and run again."""
    run = runs.get(table, run_id)
    if run.state not in ("APPROVED", "PUBLISHED"):
        raise refuse("wrong_state", f"run {run_id}", run.state, "approve it first")
    return run


def folder(run: Run) -> str:
    """Where a run's files are."""
    return f"payouts/period={run.period}/run={run.id}"


def setup_of(run: Run, published: Iterable[Setup]) -> Setup:
    """The version of the pay setup that a run was started with."""
    found = [setup for setup in published if setup.ref == run.setup]
    if not found:
        raise Stopped(f"run {run.id} was started with pay setup {run.setup}, which is not published")
    return found[0]


def book(table: Table, objects: Objects, run: Run, chunk: str) -> int:
    """Write the chunk's lines where they are absent; a different line under the same key stops the run.

    Periods that are not settled with it are marked, so that the next run looks at them.
    """
    settled = evidence.stored(objects, run, chunk)
    lines = [line for payout in settled.payouts for line in payout.lines]
    for line in lines:
        item = rows.line_item(line)
        if not table.put_if(Put(item, "id", None)):
            same_line(item, table.get(item["pk"], item["sk"]))
    for employee, months in settled.marks.items():
        for month in months:
            table.put_if(Put(rows.mark_item(employee, month), "sk", None))
    return len(lines)


def same_line(wanted: Item, found: Item | None) -> None:
    """Stops the run if a line is booked with other content, or not at all."""
    if found is None or any(found.get(name) != each for name, each in wanted.items()):
        raise Stopped(f"line {wanted['id']} of run {wanted['run']} is booked with other content")


@dataclass(frozen=True, slots=True)
class Publishing:
    """Writes a run's files. Same run, same bytes: everything in them was fixed by its approval."""

    table: Table
    objects: Objects
    tenant: str
    setups: Sequence[Setup]
    writers: Writers
    payees: Payees
    zone: tzinfo

    def files(self, run: Run) -> int:
        """The files of the whole run, and the list of what they have to be; how many there are."""
        chunks = [each["chunk"] for each in chunk_list(self.objects, run)]
        publication = self.publication(run, chunks)
        return self._write(run, "files", [*self.writers.files(publication), self._acts(run)])

    def rehearse(self, run: Run) -> int:
        """Make the run's files without writing them; how many. Raises what is wrong with any of them."""
        chunks = [each["chunk"] for each in chunk_list(self.objects, run)]
        return len(self.writers.files(self.publication(run, chunks)))

    def statements(self, run: Run, chunk: str) -> int:
        """The statements of one chunk, and the list of what they have to be."""
        if "statements" not in setup_of(run, self.setups).files:
            return 0
        publication = self.publication(run, [chunk])
        return self._write(run, f"files-{chunk}", self.writers.statements(publication, chunk))

    def publication(self, run: Run, chunks: Sequence[str]) -> Publication:
        """What the files of these chunks say."""
        settled = [evidence.stored(self.objects, run, chunk) for chunk in chunks]
        setup = setup_of(run, self.setups)
        payouts = sorted((p for each in settled for p in each.payouts), key=lambda p: p.employee)
        who = [payout.employee for payout in payouts if payout.amount > 0]
        return Publication(
            self.tenant, run.id, run.kind, run.group, run.period,
            pay_day(setup, setup.group(run.group), run.period), datetime.fromisoformat(run.approved_at),
            run.starter, run.approvals, tuple(sorted({plan for each in settled for plan in each.plans})),
            setup, payouts, self.payees(who, run.acts) if setup.accounts == "tenant" else {},
            {who: reasons for each in settled for who, reasons in each.held.items()},
        )  # fmt: skip

    def again(self, run: Run, sending: Again, act: int) -> list[PayFile]:
        """The files that a bank takes of a later sending: stored once, and the same again."""
        chunks = [each["chunk"] for each in chunk_list(self.objects, run)]
        whole = self.publication(run, chunks)
        who = [payout.employee for payout in sending.payouts]
        made = replace(
            whole, payouts=sending.payouts, batch=sending.number, attempts=sending.attempts,
            approved_at=datetime.fromisoformat(sending.at),
            payees=self.payees(who, act) if whole.setup.accounts == "tenant" else {},
        )  # fmt: skip
        files = [
            PayFile(f"resend-R{sending.number:02d}/{file.name}", file.data)
            for file in self.writers.files(made)
        ]
        for file in files:
            write_once(self.objects, f"{folder(run)}/{file.name}", file.data)
        return files

    def _acts(self, run: Run) -> PayFile:
        """The human acts since the run before was approved, up to this one's approval."""
        since = runs.get(self.table, run.previous).acts if run.previous else 0
        lines = (acts.line(act) + "\n" for act in acts.between(self.table, since, run.acts))
        return PayFile(ACTS, "".join(lines).encode())

    def _write(self, run: Run, name: str, files: Sequence[PayFile]) -> int:
        for file in files:
            self.objects.create(f"{folder(run)}/{file.name}", file.data)
        said = {file.name: sha256(file.data).hexdigest() for file in files}
        write_once(self.objects, listed(run, name), json.dumps(said, sort_keys=True).encode())
        return len(files)


def listed(run: Run, name: str) -> str:
    """The object that lists what files have to be, beside the evidence."""
    return f"{evidence.folder(run)}/{name}.json"


def wanted_files(objects: Objects, run: Run) -> dict[str, str]:
    """Every file of a run with the sha256 that it has to have."""
    found: dict[str, Any] = {}
    for key in objects.list(f"{evidence.folder(run)}/files"):
        found |= json.loads(objects.read(key))
    return found


def write_once(objects: Objects, key: str, data: bytes) -> None:
    """Create an object; stops if it exists with other bytes."""
    if not objects.create(key, data) and objects.read(key) != data:
        raise Stopped(f"{key} exists with other bytes")
