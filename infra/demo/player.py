"""Plays the data as the events that the source systems would have fired."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from infra.demo.data import LATE_JOINER, PROMPT_DAYS, QUARTER, WORTH, Opportunity, World, rows, slug

Event = dict[str, Any]
BATCH = 250
DUPLICATES = 33  # every so many events one is sent again
WINDOW = 60  # events change places within so many
MONTH_DAYS = {"2017-10": 31, "2017-11": 30, "2017-12": 31}


def event(kind: str, name: str, day: date | str, data: dict[str, Any]) -> Event:
    """A CloudEvent of a day; its id names what it is about, so that a repeat is recognisable."""
    return {
        "specversion": "1.0",
        "id": f"{kind}:{name}",
        "source": kind.split(".")[0],
        "type": kind,
        "time": f"{day}T17:00:00Z",
        "data": data,
    }


class Player:
    """The events of the quarter, by seed."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.random = world, random.Random(seed)

    def roster(self) -> list[Event]:
        """35 employees in 6 teams, 3 000.00 USD a month."""
        found = []
        for name, agent in self.world.agents.items():
            manager = self.world.managers[name]
            since = LATE_JOINER[1] if name == LATE_JOINER[0] else "2017-01-01"
            data = {"employee_id": agent, "name": name, "team": slug(manager), "manager": manager,
                    "base": 300000, "currency": "USD", "from": since, "to": None, "version": 1}  # fmt: skip
            found.append(event("hr.employee.changed", agent, since, data))
        return found

    def targets(self) -> list[Event]:
        """Team targets of three months."""
        return [
            event("hr.target.set", f"{team}/{metric}/{month}", "2017-09-30", said | {"period": month})
            for team, metric, value in self.world.team_targets()
            for said in [{"subject": {"team": team}, "metric": metric, "value": str(value), "version": 1}]
            for month in QUARTER
        ]

    def phase(self, month: str) -> list[Event]:
        """What happened in a month; the first one brings the whole history, and the undated too."""
        chosen = [e for e in self._all() if self._month(e) == month]
        return self._disturbed(sorted(chosen, key=lambda e: (e["time"], e["id"])))

    def _month(self, e: Event) -> str:
        return max(QUARTER[0], str(e["time"])[:7])

    def _all(self) -> Iterator[Event]:
        for each in self.world.opportunities:
            yield from opportunity(each)
        for account, deal in self.world.activations().items():
            yield activation(account, deal, 1)
        yield from self._reports()
        yield from synthetic()

    def _reports(self) -> Iterator[Event]:
        agents = list(self.world.agents.values())
        for i, row in enumerate(rows("ads", "conversion_data.csv")):
            month = QUARTER[i % 3]
            day = f"{month}-{min(int(row['Date'][:2]), MONTH_DAYS[month]):02d}"
            approved, spent = int(row["Approved_Conversion"]), Decimal(row["Spent"])
            data = {"ad_id": row["ad_id"], "day": day, "owner": {"id": agents[i % len(agents)]},
                    "impressions": int(row["Impressions"]), "clicks": int(row["Clicks"]),
                    "spent": str(spent), "approved": approved, "net": str(WORTH * approved - spent),
                    "version": 1}  # fmt: skip
            yield event("ads.report.day", f"{row['ad_id']}/{day}", day, data)

    def _disturbed(self, events: Sequence[Event]) -> list[Event]:
        """As it arrives in life: out of order within a window, some of it twice."""
        doubled = [*events, *self.random.sample(events, len(events) // DUPLICATES)]
        places = [
            (index % len(events) + self.random.randrange(WINDOW), index) for index in range(len(doubled))
        ]
        return [doubled[index] for _, index in sorted(places)]

    def late(self) -> list[Event]:
        """Facts about October that arrive in November: a deal amended down, a won deal deleted."""
        halved, gone = self.world.amended, self.world.deleted
        value = (halved.value or Decimal(0)) / 2
        amended = state(halved, 4, halved.stage) | {"value": str(value)}
        deleted = state(gone, 4, gone.stage) | {"deleted": True}
        found = [
            event("crm.opportunity.amended", f"{halved.id}/4", "2017-11-20", amended),
            event("crm.opportunity.deleted", f"{gone.id}/4", "2017-11-21", deleted),
        ]
        heir = self.world.activations(gone.id)[gone.account or ""]
        return [*found, activation(gone.account or "", heir, 2)]


def opportunity(o: Opportunity) -> Iterator[Event]:
    """Created, moved on, closed: the data has one date for the first two, so both happen on it."""
    stages = {"Prospecting": 1, "Engaging": 2}.get(o.stage, 3)
    start = o.engaged or date(2017, 9, 30)
    names = ("created", "stage_changed", "closed")
    days = (start, start, o.closed or start)
    for version in range(1, stages + 1):
        stage = ("Prospecting", "Engaging", o.stage)[version - 1]
        name = f"{o.id}/{version}"
        yield event(
            f"crm.opportunity.{names[version - 1]}", name, days[version - 1], state(o, version, stage)
        )


def state(o: Opportunity, version: int, stage: str) -> dict[str, Any]:
    """The whole state of an opportunity at one of its versions."""
    closed = o.closed if version >= 3 else None
    days = (closed - o.engaged).days if closed and o.engaged else None
    return {
        "opportunity_id": o.id,
        "version": version,
        "owner": {"id": o.owner, "name": o.owner_name},
        "product": o.product,
        "account": o.account,
        "stage": stage,
        "engaged_on": o.engaged.isoformat() if o.engaged else None,
        "closed_on": closed.isoformat() if closed else None,
        "value": str(o.value) if closed else None,
        "won": str(int(o.won)) if closed else None,
        "days": days,
        "prompt": None if days is None else str(int(days <= PROMPT_DAYS)),
        "deleted": False,
    }


def activation(account: str, deal: Opportunity, version: int) -> Event:
    """An account was won for the first time this quarter."""
    data = {
        "quarter": "2017Q4",
        "account": account,
        "version": version,
        "opportunity_id": deal.id,
        "owner": {"id": deal.owner, "name": deal.owner_name},
        "activated_on": str(deal.closed),
    }
    return event("crm.customer.activated", f"{account}/{version}", str(deal.closed), data)


def synthetic() -> Iterator[Event]:
    """The feeds that the public data has nothing for, labelled so wherever they are shown."""
    for row in rows("lms", "exams.csv"):
        yield event("lms.exam.finished", row["exam_id"], row["finished_on"], row | {"version": 1})
    for row in rows("desk", "tickets.csv"):
        data = {"ticket": row["ticket"], "owner": {"id": row["owner"]}, "in_time": row["in_time"],
                "closed_on": row["closed_on"], "version": 1}  # fmt: skip
        yield event("desk.ticket.closed", row["ticket"], row["closed_on"], data)


def bad(world: World) -> list[Event]:
    """One of each kind of event that cannot be used."""
    deal = world.won_in("2017-10")[0]
    good = state(deal, 3, "Won")
    wrong: Iterable[tuple[str, dict[str, Any]]] = (
        ("unknown employee", {"opportunity_id": "BAD1", "owner": {"id": "Z99", "name": "Nobody"}}),
        ("missing field", {"opportunity_id": "BAD2", "won": None}),
        ("not a number", {"opportunity_id": "BAD3", "value": "NaN"}),
        ("too large", {"opportunity_id": "BAD4", "value": "1e400"}),
        ("future", {"opportunity_id": "BAD5", "closed_on": "2999-01-01"}),
        ("unknown product", {"opportunity_id": "BAD6", "product": "GTX Maybe"}),
    )
    found = [
        event("crm.opportunity.closed", f"bad/{name}", "2017-10-31", good | fault) for name, fault in wrong
    ]
    return [*found, event("crm.opportunity.exploded", "bad/type", "2017-10-31", good)]


def batches(events: Sequence[Event]) -> list[Sequence[Event]]:
    """Requests of at most so many events."""
    return [events[i : i + BATCH] for i in range(0, len(events), BATCH)]
