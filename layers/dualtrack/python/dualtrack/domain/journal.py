"""The journal of a run for the general ledger: each kind of line is booked on two accounts, always balanced.

Lines are added up per currency, kind and period before they are booked: a ledger has no employees.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dualtrack.domain.errors import Refused, problem
from dualtrack.domain.payouts import Line

Accounts = Mapping[str, tuple[str, str]]  # kind of line → what a positive amount debits, and what it credits


@dataclass(frozen=True, slots=True)
class Posting:
    """One side of an entry: minor units, 0 or more; one of the two is 0."""

    account: str
    debit: int
    credit: int


@dataclass(frozen=True, slots=True)
class Entry:
    """So many lines of one kind about one period, and their sum (minor units, either sign)."""

    currency: str
    kind: str
    period: str
    lines: int
    net: int
    accounts: tuple[str, str]

    @property
    def postings(self) -> tuple[Posting, Posting]:
        """Debit and credit. A negative sum is booked the other way round, never as a negative amount."""
        debited, credited = self.accounts if self.net >= 0 else self.accounts[::-1]
        return Posting(debited, abs(self.net), 0), Posting(credited, 0, abs(self.net))


def entries(lines: Iterable[Line], accounts: Accounts) -> list[Entry]:
    """Entries in the order of currency, kind and period; refuses every kind that has no accounts.

    Sums of 0 are entries too: so the journal has been told of every line.
    """
    found: dict[tuple[str, str, str], tuple[int, int]] = {}
    for line in lines:
        key = (line.currency, line.kind, line.period)
        count, net = found.get(key, (0, 0))
        found[key] = (count + 1, net + line.amount)
    _complete({kind for _, kind, _ in found}, accounts)
    return [Entry(*key, *found[key], accounts[key[1]]) for key in sorted(found)]


def _complete(kinds: Iterable[str], accounts: Accounts) -> None:
    missing = sorted(kind for kind in kinds if not all(accounts.get(kind, ("", ""))))
    if missing:
        remedy = "name the accounts that it debits and credits in the pay setup"
        raise Refused(*(problem("no_ledger_account", f"journal.{k}", "missing", remedy) for k in missing))
