"""Which kinds of files there are: who writes them, what they are called, and who reads their sums back."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from dualtrack.adapters.payfiles import bank, journal, lines, pain001, statements, workbook
from dualtrack.domain.published import COVERS, PayFile, Publication, Sums
from dualtrack.domain.setup import Setup

Writer = Callable[[Publication], list[PayFile]]
Reader = Callable[[str, bytes, Setup], Sums]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file. ``names``: what its files are called, without the folder of a sending."""

    names: str
    write: Writer
    sums: Reader


def _alone(read: Callable[[bytes], Sums]) -> Reader:
    """A reader that needs nothing but the bytes."""
    return lambda name, data, setup: read(data)


# Whoever adds a kind adds a line; its key is one of published.COVERS and setup.FILES.
KINDS: Mapping[str, Kind] = {
    "lines": Kind(r"lines\.csv", lines.write, _alone(lines.sums)),
    "workbook": Kind(r"workbook\.xlsx", workbook.write, _alone(workbook.sums)),
    "journal": Kind(r"journal\.csv", journal.write, _alone(journal.sums)),
    "pain001": Kind(r"pain001\.xml", pain001.write, _alone(pain001.sums)),
    "bank": Kind(r"bank-.+\.csv", bank.write, bank.sums),
    "statements": Kind(r"statements/.+\.zip", lambda publication: [], _alone(statements.sums)),  # by chunk
}
SENDING = re.compile(r"resend-R\d+/")  # the folder of payouts that are sent again


class PayFiles:
    """The ``Writers`` of ``app/publishing.py``."""

    def files(self, publication: Publication) -> list[PayFile]:
        """All files that the setup asks for, without statements; of a later sending only what banks take.

        What is sent again was told to people and to the ledger when the run was published.
        """
        asked = [kind for kind in publication.setup.files if kind in KINDS]
        if publication.batch:
            asked = [kind for kind in asked if COVERS[kind] == "payable"]
        return [file for kind in asked for file in KINDS[kind].write(publication)]

    def statements(self, publication: Publication, chunk: str) -> list[PayFile]:
        """The statements of a chunk's employees."""
        return statements.write(publication, chunk)

    def kind(self, name: str) -> str:
        """Which kind of file a name is of; "" for one without amounts."""
        own = SENDING.sub("", name, count=1)
        return next((kind for kind, each in KINDS.items() if re.fullmatch(each.names, own)), "")

    def sums(self, name: str, data: bytes, setup: Setup) -> Sums:
        """Rows and sums by currency, from the bytes alone."""
        return KINDS[self.kind(name)].sums(name, data, setup)
