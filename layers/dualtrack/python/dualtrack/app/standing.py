"""Where an employee stands: what is owed, held, decided and clawed back, from the rows under no period."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from dualtrack.app.ports import Item
from dualtrack.domain.decisions import Decision, Hold
from dualtrack.domain.owing import Balance, Clawback, Entry, balance, instalment
from dualtrack.domain.payouts import CARRIED_IN, CARRIED_OUT, CLAWBACK, DRAW, RECOVERY, Taking

ADVANCES = (DRAW, RECOVERY)
CARRIED = (CARRIED_IN, CARRIED_OUT)
SETTLED, CLAWED, DECIDED, HELD, CLAIMED = "B#", "C#", "E#", "H#", "K"  # sort keys begin so
Sequences = Mapping[str, int]  # run id → its place in the order in which runs were started


@dataclass(frozen=True, slots=True)
class Standing:
    """Rows of one employee under no period, read but not weighed yet.

    ``lines`` are the payout lines about balances; ``settled`` what became of a balance outside of runs.
    """

    lines: tuple[Item, ...] = ()
    settled: tuple[Item, ...] = ()
    holds: tuple[Hold, ...] = ()
    decisions: Mapping[str, Decision] | None = None
    clawbacks: tuple[Clawback, ...] = ()

    @property
    def drawn(self) -> int:
        """What was paid in advance and is not recovered yet."""
        return sum(int(line["amount"]) for line in self.lines if line["kind"] in ADVANCES)

    @property
    def owed(self) -> int:
        """What was carried on and is not taken, collected or waived yet."""
        carried = sum(int(line["amount"]) for line in self.lines if line["kind"] in CARRIED)
        return carried - sum(int(row["amount"]) for row in self.settled)

    def balance(self, sequences: Sequences) -> Balance:
        """The same with its history; entries of a run stand where the run was started."""
        moved: dict[str, int] = {}  # by run: what is taken and carried on in one is one change
        for line in self.lines:
            if line["kind"] in CARRIED:
                moved[line["run"]] = moved.get(line["run"], 0) + int(line["amount"])
        entries = [Entry((sequences[run], 0), CARRIED_OUT, amount) for run, amount in moved.items()]
        entries += [
            Entry(
                (int(row["after"]), 2 + int(row["act"])), row["kind"], int(row["amount"]), int(row["periods"])
            )
            for row in self.settled
        ]
        return balance(entries)

    def taken(self, clawback: str) -> int:
        """What runs have taken of a clawback."""
        return -sum(int(line["amount"]) for line in self.lines if line.get("ref") == clawback)

    def clawed(self) -> dict[str, int]:
        """By period what was taken back of it."""
        found: dict[str, int] = {}
        for line in self.lines:
            if line["kind"] == CLAWBACK:
                found[line["period"]] = found.get(line["period"], 0) - int(line["amount"])
        return found

    def takings(self) -> list[Taking]:
        """What the next run takes of every clawback."""
        due = ((each, instalment(each, self.taken(each.id))) for each in self.clawbacks)
        return [Taking(c.id, c.period, amount, f"{c.by}: {c.reason}") for c, amount in due if amount]

    @property
    def currencies(self) -> tuple[str, ...]:
        """Currencies in which something is still owed or to be taken back."""
        found: dict[str, int] = {}
        for line in self.lines:
            if line["kind"] != CLAWBACK:
                found[line["currency"]] = found.get(line["currency"], 0) + int(line["amount"])
        for row in self.settled:
            found[row["currency"]] = found.get(row["currency"], 0) - int(row["amount"])
        open_ = {c.currency for c in self.clawbacks if instalment(c, self.taken(c.id))}
        return tuple(sorted(open_ | {currency for currency, amount in found.items() if amount}))


def standing(items: Sequence[Item], before_run: str = "") -> Standing:
    """From the rows of the partition; lines of ``before_run`` itself are left out."""
    lines = tuple(i for i in items if i["sk"].startswith("P#") and i["run"] != before_run)
    return Standing(
        lines,
        tuple(_of(items, SETTLED)),
        tuple(Hold(i["sk"][2:], i["by"], i["reason"]) for i in _of(items, HELD) if not i["released"]),
        {i["sk"][2:]: Decision(i["do"], int(i["due"]), int(i["paid"])) for i in _of(items, DECIDED)},
        tuple(_clawback(i) for i in _of(items, CLAWED)),
    )


def _of(items: Iterable[Item], prefix: str) -> Iterable[Item]:
    return (item for item in items if item["sk"].startswith(prefix))


def _clawback(item: Item) -> Clawback:
    return Clawback(
        item["sk"][2:], item["period"], int(item["amount"]), item["currency"], int(item["instalments"]),
        item["by"], item["reason"], Decimal(item["share"]), bool(item["void"]),
    )  # fmt: skip
