"""The real input as the demo's source systems know it: agents, opportunities, reports."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from pathlib import Path

SOURCES = Path(__file__).resolve().parents[2] / "events" / "sources"
QUARTER = ("2017-10", "2017-11", "2017-12")
LATE_JOINER = ("Boris Faz", "2017-10-16")  # the demo's own addition: everybody else joined in January
PROMPT_DAYS = 60
WORTH = Decimal(100)  # of one approved conversion, as the data set's published analyses take it


def rows(source: str, name: str) -> list[dict[str, str]]:
    """A CSV file of a source."""
    with (SOURCES / source / "data" / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def us_date(text: str) -> date | None:
    """``10/20/2016`` as a date."""
    return datetime.strptime(text, "%m/%d/%Y").date() if text else None  # noqa: DTZ007 - a day has no zone


@dataclass(frozen=True, slots=True)
class Opportunity:
    """One opportunity as the pipeline ends."""

    id: str
    owner: str
    owner_name: str
    product: str
    account: str | None
    stage: str
    engaged: date | None
    closed: date | None
    value: Decimal | None

    @property
    def won(self) -> bool:
        """Whether it was won."""
        return self.stage == "Won"


class World:
    """All of the input, read once."""

    @cached_property
    def agents(self) -> dict[str, str]:
        """Employee id by agent's name: A01 … A35 in the order of names."""
        names = sorted(row["sales_agent"] for row in rows("crm", "sales_teams.csv"))
        return {name: f"A{n:02d}" for n, name in enumerate(names, 1)}

    @cached_property
    def managers(self) -> dict[str, str]:
        """Manager's name by agent's name."""
        return {row["sales_agent"]: row["manager"] for row in rows("crm", "sales_teams.csv")}

    @cached_property
    def opportunities(self) -> list[Opportunity]:
        """The pipeline, in the file's order."""
        return [
            Opportunity(
                row["opportunity_id"], self.agents[row["sales_agent"]], row["sales_agent"], row["product"],
                row["account"] or None, row["deal_stage"], us_date(row["engage_date"]),
                us_date(row["close_date"]), Decimal(row["close_value"]) if row["close_value"] else None,
            )
            for row in rows("crm", "sales_pipeline.csv")
        ]  # fmt: skip

    def won_in(self, month: str) -> list[Opportunity]:
        """Won deals of a month, in the order in which they were won."""
        return [o for o in self.won if f"{o.closed:%Y-%m}" == month]

    @cached_property
    def won(self) -> list[Opportunity]:
        """All won deals, by close date and id."""
        return sorted((o for o in self.opportunities if o.won), key=lambda o: (str(o.closed), o.id))

    def activations(self, without: str = "") -> dict[str, Opportunity]:
        """Each account's first won deal of the quarter. First ever would be none: all were won by May."""
        found: dict[str, Opportunity] = {}
        for deal in self.won:
            if f"{deal.closed:%Y-%m}" in QUARTER and deal.id != without and deal.account:
                found.setdefault(deal.account, deal)
        return found

    @cached_property
    def deleted(self) -> Opportunity:
        """The October deal that is deleted late: it activated an account that another agent won next."""
        first, second = self.activations(), None
        for deal in sorted(self.won_in("2017-10"), key=lambda o: o.id):
            if first.get(deal.account or "") == deal:
                second = self.activations(deal.id).get(deal.account or "")
                if second and second.owner != deal.owner and f"{second.closed:%Y-%m}" == "2017-10":
                    return deal
        raise LookupError("no October deal fits")

    @cached_property
    def amended(self) -> Opportunity:
        """The October deal that is halved late: the largest of the agent with the fewest October wins."""
        october = [o for o in self.won_in("2017-10") if o.id != self.deleted.id]
        wins = {o.owner: sum(1 for x in october if x.owner == o.owner) for o in october}
        best = min(sorted(wins), key=lambda owner: wins[owner])
        return max((o for o in october if o.owner == best), key=lambda o: (o.value or 0, o.id))

    def team_targets(self) -> Iterator[tuple[str, str, Decimal]]:
        """Team, metric, monthly target: the team's own average a head and month of July to September."""
        for manager in sorted(set(self.managers.values())):
            team = {self.agents[name] for name, boss in self.managers.items() if boss == manager}
            third = [o for o in self.won if o.owner in team and "2017-07" <= f"{o.closed:%Y-%m}" <= "2017-09"]
            heads = 3 * len(team)
            cent = Decimal("0.01")
            revenue = sum((o.value or Decimal(0) for o in third), Decimal(0)) / heads
            yield slug(manager), "revenue", revenue.quantize(cent, ROUND_HALF_UP)
            yield slug(manager), "volume", (Decimal(len(third)) / heads).quantize(cent, ROUND_HALF_UP)


def slug(name: str) -> str:
    """A team's id from its manager's name."""
    return name.lower().replace(" ", "-")
