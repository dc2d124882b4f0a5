"""A run to write files of: three currencies, names of every kind, zero payouts, lines of either sign."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from dualtrack.domain.payouts import KINDS, Line, Payout, payout_id
from dualtrack.domain.published import COVERS, Payee, Publication, Sum, Sums
from dualtrack.domain.runs import totals
from dualtrack.domain.setup import Debtor, Setup

RUN, PERIOD = "2026-10-01", "2026-10"
ACCOUNTS = {kind: (f"66{number:02d}01", "221101") for number, kind in enumerate(KINDS)}
DEBTORS = (
    Debtor("CNY", "示例科技有限公司", "1001234509000123456", "102100099996"),
    Debtor("JPY", "Example KK", "1234567", "0005001"),
    Debtor("USD", "Example Inc", "GB82WEST12345698765432", "IRVTUS3N"),
)
SETUP = Setup(
    "pay", 3, debtors=DEBTORS, journal=ACCOUNTS, files=("lines", "workbook", "journal", "pain001"),
    accounts="tenant",
)  # fmt: skip
Lines = Sequence[tuple[str, str, int]]  # kind, period, minor units


def payout(employee: str, currency: str, *lines: tuple[str, str, int]) -> Payout:
    """A payout of these lines; a negative net is carried out, as settling does it."""
    net = sum(amount for _, _, amount in lines)
    all_ = [*lines, *([("carried_out", PERIOD, -net)] if net < 0 else [])]
    made = tuple(
        Line(payout_id("acme", period, employee, kind, RUN), employee, RUN, kind, period, amount, currency)
        for kind, period, amount in all_
    )
    identity = payout_id("acme", PERIOD, employee, "payout", RUN)
    return Payout(identity, employee, RUN, currency, max(0, net), made)


PAYOUTS = (
    payout("=cmd|'/c calc'!A1", "CNY", ("regular", PERIOD, 1_234_567)),
    payout("@SUM(A1:A9)", "USD", ("regular", PERIOD, 100)),
    payout("ann", "CNY", ("regular", PERIOD, 860_000), ("adjustment", "2026-09", -20_000)),
    payout("bob", "CNY", ("regular", PERIOD, 0)),
    payout("eva", "USD", ("regular", PERIOD, 30_000), ("adjustment", "2026-08", -50_000)),
    payout("ken", "JPY", ("regular", PERIOD, 300_001), ("draw", PERIOD, 99_999)),
    payout("li", "CNY", ("regular", PERIOD, 50_005), ("carried_in", PERIOD, -5), ("clawback", "2026-01", -1)),
    payout("max", "USD", ("regular", PERIOD, 99_999_999), ("recovery", PERIOD, -9)),
    payout("zoe", "JPY", ("regular", PERIOD, 1)),
)
PAYEES: Mapping[str, Payee] = {
    "=cmd|'/c calc'!A1": Payee("王=1+1", "6222021234567890123", "102100099996"),
    "@SUM(A1:A9)": Payee("Müller & <b>Söhne</b>", "DE89370400440532013000", "COBADEFFXXX"),
    "ann": Payee("吉𠮷田·㐂", "6222021234567890124", "102100099996"),
    "ken": Payee("髙橋健", "7654321", "0005001"),
    "li": Payee("<r>李</r>", "6222021234567890125"),
    "max": Payee("Max Muster", "000123456789", "026009593"),
    "zoe": Payee("Zoë 𪚥", "7654322", "MHCBJPJT"),
}
HELD = {"kim": ["no target: revenue", "=1+1"], "rob": ["held by hr"]}


def publication(payouts: Sequence[Payout] = PAYOUTS, **changed: object) -> Publication:
    """The run of these payouts."""
    made = Publication(
        "acme", RUN, "regular", "all", PERIOD, date(2026, 11, 10), datetime(2026, 11, 3, 9, 30, tzinfo=UTC),
        "Finn Ance", ("Ada Prover", "李雷"), ("marketing@4", "sales@2"), SETUP, payouts, PAYEES, HELD,
    )  # fmt: skip
    return replace(made, **changed)  # type: ignore[arg-type]


def control(kind: str, payouts: Sequence[Payout] = PAYOUTS) -> Sums:
    """The control totals that a kind of file has to come to."""
    found = totals(payouts)
    counted = {total.currency: Sum(getattr(total, COVERS[kind]), total.amount) for total in found}
    return {currency: each for currency, each in counted.items() if each.rows}


def many(count: int) -> list[Payout]:
    """So many payouts in three currencies, every third one with lines of both signs."""
    kinds = [("CNY", 2), ("JPY", 1), ("USD", 3)]
    made = []
    for number in range(count):
        currency, more = kinds[number % 3]
        lines = [("regular", PERIOD, number * 7919 % 2_000_000)]
        lines += [("adjustment", f"2026-0{each}", (-1) ** each * (number % 997)) for each in range(1, more)]
        made.append(payout(f"E{number:06d}", currency, *lines))
    return made
