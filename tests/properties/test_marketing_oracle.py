"""The marketing plan against an oracle in another style: a thousand people, no difference in any digit."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from dualtrack.app.valuation import Valued, reader, value
from dualtrack.domain.employment import Employment, History
from dualtrack.domain.fold import fold
from dualtrack.domain.observations import Observation, Place
from tests.properties.marketing_oracle import METRICS, Person, Row, days, evaluate, months
from tests.support.forms import shipped

D = Decimal
SEED = 20261125
LONG_AGO = date(2020, 1, 1)
OBSERVED = ("exposure", "revenue", "volume", "new_customers")
TEAMS = [f"t{n}" for n in range(12)]


class Dice:
    """Draws people and their facts."""

    def __init__(self, seed: int, period: str) -> None:
        self.chance, self.period, self.days = Random(seed), period, days(period)
        self.count = 0

    def people(self, count: int) -> list[Person]:
        """Some who stay, joiners, leavers, people who change base or team, who are away, who come later."""
        return [self._person(f"e{n}") for n in range(count)]

    def _person(self, name: str) -> Person:
        first, *_, last = self.days
        some, more = sorted(self.chance.sample(self.days, 2))
        team, other = self.chance.sample(TEAMS, 2)
        base, rise = self.chance.randrange(0, 3_000_000), self.chance.randrange(1, 500_000)
        terms: dict[str, tuple[tuple[date, date | None, int, str], ...]] = {
            "stays": ((LONG_AGO, None, base, team),),
            "joins": ((some, None, base, team),),
            "leaves": ((LONG_AGO, some, base, team),),
            "changes": ((LONG_AGO, None, base, team), (some, None, base + rise, other)),
            "returns": ((LONG_AGO, some, base, team), (more, None, base, other)),
            "is gone": ((LONG_AGO, first - timedelta(1), base, team),),
            "comes later": ((last + timedelta(1), None, base, team),),
        }
        how = self.chance.choices([*terms], weights=(60, 10, 8, 10, 4, 4, 4))[0]
        leaves = ((some, more), (more, more + timedelta(3))) if self.chance.random() < 0.15 else ()
        return Person(name, terms[how], leaves)

    def facts(self, people: Sequence[Person]) -> list[Row]:
        """Everything that was ever observed, in any order."""
        rows = [row for person in people for row in self._of(f"E:{person.id}", KINDS)]
        rows += [row for person in people for row in self._targets(f"E:{person.id}", 0.15)]
        for team in TEAMS:
            rows += [*self._of(f"T:{team}", {"awareness": KINDS_OF_TEAMS}), *self._targets(f"T:{team}", 0.97)]
        self.chance.shuffle(rows)
        return rows

    def _of(self, subject: str, kinds: Mapping[str, Any]) -> Iterator[Row]:
        for kind, (which, draw) in kinds.items():
            looked_at = sorted(months(self.period, which) | {f"{LONG_AGO:%Y-%m}"})
            if self.chance.random() < 0.85:
                picked = self.chance.choices(looked_at, k=self.chance.randint(1, 3))
                for month in (*picked, *([self.period] if self.chance.random() < 0.7 else [])):
                    yield from self._versions(subject, kind, month, draw)

    def _versions(self, subject: str, kind: str, month: str, draw: Any) -> Iterator[Row]:
        """A fact, now and then corrected, now and then deleted."""
        self.count += 1
        day = f"{self.chance.choice(days(month))}"
        versions = self.chance.choices((1, 2, 3), weights=(85, 12, 3))[0]
        for version in range(1, versions + 1):
            gone = version == versions and self.chance.random() < 0.04
            said = {name: each for name, each in draw(self).items() if each is not None}
            name = "training" if "course" in said else kind
            yield Row(subject, name, month, day, f"{self.count}", version, gone, said)

    def _targets(self, subject: str, often: float) -> Iterator[Row]:
        for metric, *_, plan, _, _ in METRICS:
            rate = metric not in OBSERVED
            which = "quarter" if metric == "new_customers" else "month"
            for month in sorted(months(self.period, which)):
                if self.chance.random() < (often * 0.1 if rate else often):
                    yield from self._versions(
                        subject, f"target.{metric}", month, lambda d, p=plan: d.target(p)
                    )

    def target(self, plan: str) -> dict[str, Decimal]:
        """Around the plan's; of amounts anything; now and then 0."""
        known = D(plan or self.chance.choice(("10", "50", "700", "100000.50")))
        return {"value": self.chance.choices((known, known * D("1.1"), D(0)), weights=(50, 48, 2))[0]}

    def whole(self, most: int, least: int = 0) -> Decimal:
        """A whole number, often on the edge."""
        return D(self.chance.choice((least, most, self.chance.randint(least, most))))

    def cents(self, most: int) -> Decimal:
        """An amount."""
        return D(self.chance.randint(0, most * 100)) / 100

    def maybe(self, number: Any, often: float = 0.8) -> Any:
        """A number that may be missing."""
        return number if self.chance.random() < often else None

    def of(self, most: int, *shares: str) -> tuple[Decimal, Decimal]:
        """A whole and a part of it, often exactly a share."""
        whole = D(self.chance.choice((0, 20, 200, self.chance.randint(1, most))))
        exact = D(self.chance.choice(shares)) * whole
        return whole, self.chance.choice((exact, D(self.chance.randint(0, int(whole)))))


def _pair(whole: str, part: str, most: int, *shares: str) -> Any:
    return lambda d: dict(zip((whole, part), d.of(most, *shares), strict=True))


def _survey(d: Dice) -> dict[str, Decimal]:
    now, before = d.of(1000, "0.23", "0.3"), d.of(1000, "0.20", "0")
    return {"asked": now[0], "aware": now[1], "baseline_asked": before[0], "baseline_aware": before[1]}


def _files(d: Dice) -> dict[str, Decimal]:
    names = (("customers", "covered", "0.95"), ("files", "updated", "0.30"), ("checked", "correct", "0.90"))
    return {
        n: each
        for all_, part, share in names
        for n, each in zip((all_, part), d.of(500, share, "1"), strict=True)
    }


def _report(d: Dice) -> dict[str, Any]:
    parts = {part: d.maybe(D(1), 0.97) for part in ("features", "target_users", "impact", "advice")}
    hours = d.chance.choice((D(24), D("24.01"), d.cents(24), d.cents(24), d.cents(24)))
    return {**parts, "hours": hours, "quality": d.maybe(d.whole(100))}


def _violation(d: Dice) -> dict[str, Decimal]:
    due = d.whole(1)
    return {"violations": d.whole(1), "due": due, "rectified": d.chance.choice((due, due, D(0)))}


def _ad(d: Dice) -> dict[str, Any]:
    seen, clicks = d.of(90000, "0.02", "0.018")
    spent = d.chance.choice((D(0), D(800), d.cents(2000)))
    return {"spent": spent, "revenue": d.maybe(spent * d.whole(3)), "impressions": seen, "clicks": clicks,
            "acquired": d.maybe(d.whole(20))}  # fmt: skip


def _course(course: str) -> Any:
    def drawn(d: Dice) -> dict[str, Any]:
        said = {
            "score": d.maybe(d.chance.choice((D(60), d.cents(100))), 0.7),
            "completed": d.maybe(d.whole(1), 0.7),
        }
        return {"course": course, "hours": D(2), **said}

    return drawn


KINDS_OF_TEAMS = ("quarter", _survey)
# What is observed of people: kind, the months it is looked at in, and how it is drawn.
KINDS: Mapping[str, tuple[str, Any]] = {
    "brand": ("month", _pair("exposures", "conversions", 90000, "0.02", "0.01")),
    "deal": ("month", lambda d: {"amount": d.cents(60000), "units": d.maybe(d.whole(40)),
                                 "stage": d.chance.choice(("Won", "Won", "Lost", "Open"))}),
    "customer": ("quarter", lambda d: {"account": f"A{d.chance.randint(1, 5)}"}),
    "input": ("month", lambda d: {"inputs": d.whole(10, 1), "decided": d.maybe(d.whole(10)),
                                  "adopted": d.maybe(d.whole(6), 0.6)}),
    "ad": ("month", _ad),
    "files": ("month", _files),
    "stock": ("twelve", lambda d: {"consumed": d.whole(9000, -100), "stock": d.whole(30000)}),
    "material": ("month", _pair("issued", "lost", 5000, "0.02", "0")),
    "approval": ("month", lambda d: {"hours": d.cents(90), "approvals": d.whole(3)}),
    "report": ("month", _report),
    "violation": ("year", _violation),
    "complaint": ("month", _pair("complaints", "in_time", 30, "1", "1", "0.9")),
    "returning": ("month", _pair("customers", "returning", 90, "0.80", "1")),
    "rating": ("month", lambda d: {"rating": d.cents(30), "ratings": d.whole(3)}),
    **{name: ("twelve", _course(name)) for name in ("customer_files", "competitor_tools", "sales_policy")},
}  # fmt: skip


def observation(row: Row) -> Observation:
    """A row as the route stores it."""
    place = Place(row.subject, row.month, row.kind, row.day)
    digest = f"v{row.version}"
    return Observation(place, row.entity, row.version, digest, row.values, row.gone)


def valued(people: Sequence[Person], facts: Sequence[Row], period: str) -> dict[str, Valued | None]:
    """What the real route makes of it."""
    found = defaultdict(list)
    for row in fold(map(observation, facts)).current:
        found[row.place.subject, row.place.period].append(row)
    read, plans = reader(found), [shipped("marketing")]
    return {person.id: value(history(person), plans, period, read) for person in people}


def history(person: Person) -> History:
    """A person's terms as the roster tells them."""
    rows = [Employment(person.id, team, base, "CNY", start, end) for start, end, base, team in person.terms]
    return History(tuple(rows), person.leaves)


def compared(found: Valued | None) -> dict[str, Any]:
    """A scorecard as a row of the oracle's table."""
    if found is None:
        return {"payout": None}
    row: dict[str, Any] = {"total": found.card.total, "payout": found.due}
    row |= {track.id: track.score for track in found.card.tracks}
    for metric in found.card.metrics:
        row |= {metric.id: metric.points, f"{metric.id}.state": metric.state}
        row |= {f"{metric.id}.attainment": metric.attainment, f"{metric.id}.target": metric.target}
        if metric.value is not None:
            row[f"{metric.id}.value"] = metric.value
    return row


@pytest.mark.parametrize(("period", "count"), [("2026-12", 600), ("2026-02", 400)])
def test_the_marketing_plan_is_worth_what_the_oracle_says(period: str, count: int) -> None:
    dice = Dice(SEED, period)
    people = dice.people(count)
    facts = dice.facts(people)
    said = evaluate(people, facts, period).to_dict("index")
    seen: Counter[str] = Counter()
    for name, found in valued(people, facts, period).items():
        row = compared(found)
        assert {key: said[name][key] for key in row} == row, f"{name} of seed {SEED}, {period}"
        seen.update(f"{metric} {row[f'{metric}.state']}" for metric, *_ in METRICS if len(row) > 1)
        seen["paid" if row["payout"] else "held" if len(row) > 1 else "not there"] += 1
    assert_telling(seen, count)


def assert_telling(seen: Counter[str], count: int) -> None:
    """The people were not all alike: everybody's way through the rules was taken often."""
    assert seen["paid"] > count / 3
    assert seen["held"] > count / 10
    assert seen["not there"] > count / 30
    for metric, *_, without in METRICS:
        always = metric == "policy_violations"
        assert seen[f"{metric} scored"] > count / 5
        assert always or seen[f"{metric} {without}"] > count / 100, metric
    assert seen["response_hours ineligible"] > count / 20
    assert seen["report_quality ineligible"] > count / 20
