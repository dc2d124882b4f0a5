"""The proof: every amount once more, from the CSV files alone.

It shares no code and no style with the product or the player: plain csv, fractions, one loop a
number, and its own table of the plan's constants. A change on either side that the other does not
make is a difference, and a difference fails the demo.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction
from pathlib import Path

HERE = Path(__file__).resolve().parents[2] / "events" / "sources"
MONTHS = {"2017-10": 31, "2017-11": 30, "2017-12": 31}
BASE = 300000
JOINED_LATE = ("Boris Faz", 16)  # of 31 days in October

# id: (weight in its track, target, lower is better, what happens without data)
BUSINESS = {
    "revenue": (30, None, False, "zero"),
    "volume": (20, None, False, "zero"),
    "new_customers": (10, Fraction(2), False, "out"),
    "win_rate": (10, Fraction(60, 100), False, "out"),
    "ad_roi": (10, Fraction(1), False, "out"),
    "ad_ctr": (10, Fraction(20, 100000), False, "out"),
    "ad_cac": (10, Fraction(60), True, "out"),
}
MANAGEMENT = {
    "file_coverage": (30, Fraction(95, 100), False, "out"),
    "update_rate": (20, Fraction(30, 100), False, "out"),
    "response_days": (20, Fraction(60), True, "out"),
    "exam": (10, Fraction(85), False, "out"),
    "complaints_in_time": (20, Fraction(1), False, "out"),
}
Rules = Mapping[str, tuple[int, Fraction | None, bool, str]]
Amounts = dict[tuple[str, str], dict[str, int]]
Table = list[dict[str, str]]


def read(path: str) -> Table:
    with (HERE / path).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def half_up(x: Fraction) -> int:
    return int((2 * x + 1) // 2) if x >= 0 else -half_up(-x)


def quotient(numbers: list[Fraction]) -> Fraction | None:
    return sum(numbers, Fraction(0)) / len(numbers) if numbers else None


def over(top: Fraction, bottom: Fraction) -> Fraction | None:
    return top / bottom if bottom else None


class Books:
    """Everything that the CSV files say, with or without the two late facts."""

    def __init__(self, late: bool) -> None:
        self.teams = {row["sales_agent"]: row["manager"] for row in read("crm/data/sales_teams.csv")}
        self.ids = {name: f"A{n + 1:02d}" for n, name in enumerate(sorted(self.teams))}
        self.deals = [row for row in read("crm/data/sales_pipeline.csv") if row["engage_date"]]
        for row in self.deals:
            row["engaged"] = self.iso(row["engage_date"])
            row["closed"] = self.iso(row["close_date"]) if row["close_date"] else ""
        self.targets = self.find_targets()
        gone, halved = self.late_facts()
        if late:
            self.deals = [row for row in self.deals if row is not gone]
            halved["close_value"] = str(Fraction(halved["close_value"]) / 2)
        self.first = self.first_wins(self.deals)

    @staticmethod
    def iso(american: str) -> str:
        month, day, year = american.split("/")
        return f"{year}-{int(month):02d}-{int(day):02d}"

    def wins(self, first: str, last: str) -> Table:
        found = [r for r in self.deals if r["deal_stage"] == "Won" and first <= r["closed"][:7] <= last]
        return sorted(found, key=lambda r: (r["closed"], r["opportunity_id"]))

    @staticmethod
    def first_wins(deals: Table) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {}
        won = [r for r in deals if r["deal_stage"] == "Won" and r["closed"] >= "2017-10-01"]
        for row in sorted(won, key=lambda r: (r["closed"], r["opportunity_id"])):
            found.setdefault(row["account"], row)
        return found

    def late_facts(self) -> tuple[dict[str, str], dict[str, str]]:
        """The deleted deal and the halved one, by the demo's stated rule."""
        first = self.first_wins(self.deals)
        october = self.wins("2017-10", "2017-10")
        gone = next(
            row for row in sorted(october, key=lambda r: r["opportunity_id"]) if self.has_heir(row, first)
        )
        rest = [row for row in october if row is not gone]
        tally: dict[str, int] = defaultdict(int)
        for row in rest:
            tally[row["sales_agent"]] += 1
        best = min(tally, key=lambda name: (tally[name], name))
        own = [row for row in rest if row["sales_agent"] == best]
        return gone, max(own, key=lambda r: (Fraction(r["close_value"]), r["opportunity_id"]))

    def has_heir(self, row: dict[str, str], first: dict[str, dict[str, str]]) -> bool:
        if first[row["account"]] is not row:
            return False
        heir = self.first_wins([r for r in self.deals if r is not row]).get(row["account"])
        return bool(
            heir and heir["sales_agent"] != row["sales_agent"] and heir["closed"].startswith("2017-10")
        )

    def find_targets(self) -> dict[tuple[str, str], Fraction]:
        found = {}
        for boss in set(self.teams.values()):
            heads = 3 * sum(1 for b in self.teams.values() if b == boss)
            won = [r for r in self.wins("2017-07", "2017-09") if self.teams[r["sales_agent"]] == boss]
            money = sum((Fraction(r["close_value"]) for r in won), Fraction(0))
            found[boss, "revenue"] = Fraction(half_up(money / heads * 100), 100)
            found[boss, "volume"] = Fraction(half_up(Fraction(len(won), heads) * 100), 100)
        return found

    def values(self, name: str, month: str) -> dict[str, Fraction | None]:
        """Every indicator's value for an agent and month; None where nothing was observed."""
        closed = [r for r in self.deals if r["sales_agent"] == name and r["closed"].startswith(month)]
        won = [r for r in closed if r["deal_stage"] == "Won"]
        opened = [r for r in self.deals if r["sales_agent"] == name and r["engaged"].startswith(month)]
        days = [self.days(r) for r in closed]
        new = [r for r in self.first.values() if r["sales_agent"] == name and r["closed"].startswith(month)]
        return {
            "revenue": sum((Fraction(r["close_value"]) for r in won), Fraction(0)) if won else None,
            "volume": Fraction(len(won)) if won else None,
            "new_customers": Fraction(len(new)) if new else None,
            "win_rate": quotient([Fraction(r in won) for r in closed]),
            "file_coverage": quotient([Fraction(bool(r["account"])) for r in opened]),
            "update_rate": quotient([Fraction(d <= 60) for d in days]),
            "response_days": quotient([Fraction(d) for d in days]),
            **self.ads(name, month),
            **self.feeds(self.ids[name], month),
        }

    @staticmethod
    def days(row: dict[str, str]) -> int:
        return (datetime.fromisoformat(row["closed"]) - datetime.fromisoformat(row["engaged"])).days

    def ads(self, name: str, month: str) -> dict[str, Fraction | None]:
        order, months = sorted(self.teams), list(MONTHS)
        mine = [
            r for i, r in enumerate(read("ads/data/conversion_data.csv"))
            if order[i % 35] == name and months[i % 3] == month
        ]  # fmt: skip
        add = {key: sum((Fraction(r[key]) for r in mine), Fraction(0)) for key in (mine[0] if mine else {})
               if key in ("Impressions", "Clicks", "Spent", "Approved_Conversion")}  # fmt: skip
        if not add:
            return {"ad_roi": None, "ad_ctr": None, "ad_cac": None}
        spent, approved = add["Spent"], add["Approved_Conversion"]
        return {
            "ad_roi": over(100 * approved - spent, spent),
            "ad_ctr": over(add["Clicks"], add["Impressions"]),
            "ad_cac": over(spent, approved),
        }

    @staticmethod
    def feeds(agent: str, month: str) -> dict[str, Fraction | None]:
        exams = [r for r in read("lms/data/exams.csv") if r["employee"] == agent]
        tickets = [r for r in read("desk/data/tickets.csv") if r["owner"] == agent]
        return {
            "exam": quotient([Fraction(r["score"]) for r in exams if r["finished_on"].startswith(month)]),
            "complaints_in_time": quotient(
                [Fraction(r["in_time"]) for r in tickets if r["closed_on"].startswith(month)]
            ),
        }

    def track(self, table: Rules, name: str, month: str) -> Fraction:
        top = bottom = Fraction(0)
        values = self.values(name, month)
        for metric, (weight, fixed, lower, without) in table.items():
            target = fixed if fixed is not None else self.targets[self.teams[name], metric]
            value = values[metric]
            if value is None:
                bottom += weight if without == "zero" else 0
                continue
            points = 100 * (2 - value / target if lower else value / target)
            if metric == "complaints_in_time":  # a stepped table: 0 below 80 %, 60, 80 from 90 %, 100
                points = Fraction(
                    100 if value >= 1 else 80 if value * 10 >= 9 else 60 if value * 10 >= 8 else 0
                )
            top += weight * min(Fraction(120), max(Fraction(0), points))
            bottom += weight
        return top / bottom if bottom else Fraction(0)

    def due(self, name: str, month: str) -> int:
        """Minor units for an agent's month."""
        share = Fraction(60, 100) * self.track(BUSINESS, name, month)
        share += Fraction(40, 100) * self.track(MANAGEMENT, name, month)
        absent = JOINED_LATE[1] - 1 if name == JOINED_LATE[0] and month == "2017-10" else 0
        return half_up(BASE * share / 100 * Fraction(MONTHS[month] - absent, MONTHS[month]))


def expected() -> Amounts:
    """What each run has to pay: {(employee, month): {regular, adjustment, net}} in minor units."""
    early, late = Books(late=False), Books(late=True)
    found: Amounts = {}
    for name, agent in early.ids.items():
        october = early.due(name, "2017-10")
        difference = late.due(name, "2017-10") - october
        balance = 0
        for month in MONTHS:
            regular = october if month == "2017-10" else late.due(name, month)
            adjustment = difference if month == "2017-11" else 0
            net = regular + adjustment - balance
            balance = max(0, -net)
            found[agent, month] = {"regular": regular, "adjustment": adjustment, "net": max(0, net)}
    return found
