"""What a run's files are made of, and what each of them says about itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from dualtrack.domain.payouts import Payout
from dualtrack.domain.setup import Setup


@dataclass(frozen=True, slots=True)
class Payee:
    """Where an employee's money goes. Without an account payroll knows it, by the employee's id."""

    name: str = ""
    account: str = ""
    bank: str = ""  # BIC or national bank code
    branch: str = ""


@dataclass(frozen=True, slots=True)
class Publication:
    """Everything that the files of a run say. Same publication, same bytes.

    ``payouts`` in the order of employees; ``approved_at`` is the time that files carry as theirs; ``batch``
    is 0 for the run's own files and n for the n-th sending of what a bank rejected; ``attempts`` by payout id
    where it is not the first.
    """

    tenant: str
    run: str
    kind: str
    group: str
    period: str
    pay_day: date
    approved_at: datetime
    starter: str
    approvers: tuple[str, ...]
    plans: tuple[str, ...]
    setup: Setup
    payouts: Sequence[Payout]
    payees: Mapping[str, Payee] = field(default_factory=dict)
    held: Mapping[str, Sequence[str]] = field(default_factory=dict)
    batch: int = 0
    attempts: Mapping[str, int] = field(default_factory=dict)

    @property
    def payable(self) -> list[Payout]:
        """The payouts above 0: what banks and payroll see."""
        return [payout for payout in self.payouts if payout.amount > 0]


@dataclass(frozen=True, slots=True)
class Sum:
    """Of one currency in one file: how many rows, and their sum in minor units."""

    rows: int
    amount: int


Sums = Mapping[str, Sum]  # by currency


@dataclass(frozen=True, slots=True)
class PayFile:
    """One file: its name below the run's folder, and its bytes."""

    name: str
    data: bytes


COVERS = {  # what a kind of file has a row for; its sums are compared with those control totals
    "lines": "lines",
    "workbook": "lines",
    "journal": "lines",
    "pain001": "payable",
    "bank": "payable",
    "statements": "payouts",
}
