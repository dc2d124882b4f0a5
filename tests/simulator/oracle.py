"""The truth, simpler than the product: a list of facts and a calculation from scratch, in fractions.

Nothing of the product is used here.
"""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

Said = Mapping[str, Any]
QUARTER = ("2017-10", "2017-11", "2017-12")


@dataclass(slots=True)
class Truth:
    """Everything that was ever said, however often, and what people decided about contradictions."""

    versions: dict[tuple[str, str], dict[Any, dict[str, Said]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(dict))
    )
    decided: dict[tuple[str, str, Any], str] = field(default_factory=dict)
    plans: set[int] = field(default_factory=lambda: {1})

    def hear(self, event: Said) -> None:
        """Take in one event; nonsense is forgotten."""
        kind, data = event["type"], event["data"]
        if kind in NAMES and data.get("spent") != "much":
            entity, order = NAMES[kind](event["id"], data)
            self.versions[kind, entity][order].setdefault(repr(sorted(_content(kind, data).items())), data)

    def decide(self, event: Said) -> None:
        """Somebody said that of contradicting contents this event's counts."""
        kind, data = event["type"], event["data"]
        entity, order = NAMES[kind](event["id"], data)
        self.decided[kind, entity, order] = repr(sorted(_content(kind, data).items()))

    def current(self, kind: str) -> Iterable[Said]:
        """Of each entity, the greatest version that is not contested."""
        for (of, entity), versions in sorted(self.versions.items()):
            if of == kind:
                said = [self._one(of, entity, order, versions[order]) for order in sorted(versions)]
                settled = [each for each in said if each is not None]
                yield from settled[-1:]

    def _one(self, kind: str, entity: str, order: Any, contents: Mapping[str, Said]) -> Said | None:
        if len(contents) == 1:
            return next(iter(contents.values()))
        return contents.get(self.decided.get((kind, entity, order), ""))


def _content(kind: str, data: Said) -> Said:
    """What a version says; a deleted deal says nothing else."""
    return {"deleted": True} if data.get("deleted") else data


NAMES: dict[str, Any] = {
    "shop.deal": lambda name, d: (d["id"], d["v"]),
    "shop.timed": lambda name, d: (d["id"], d["changed"]),
    "shop.sale": lambda name, d: (name, 0),
    "shop.report": lambda name, d: (f"{d['id']}/{d['day']}", d["v"]),
    "hr.employee.changed": lambda name, d: (d["employee_id"], d["version"]),
    "hr.target.set": lambda name, d: (f"{d['subject']['team']}/{d['metric']}/{d['period']}", d["version"]),
}  # fmt: skip


def terms(truth: Truth) -> dict[str, Said]:
    """Everybody's terms as they are now."""
    return {said["employee_id"]: said for said in truth.current("hr.employee.changed")}


def amounts(truth: Truth, who: str, period: str) -> list[tuple[Fraction, str]]:
    """Amount and stage of each fact of the deal measure that counts for somebody."""
    found: list[tuple[Fraction, str]] = []
    for said in truth.current("shop.deal"):
        if not said["deleted"] and said["day"][:7] == period:
            found += [(part, said["stage"]) for name, part in _parts(said) if name == who]
    for kind in ("shop.timed", "shop.sale"):
        here = [s for s in truth.current(kind) if s["owner"] == who and s["day"][:7] == period]
        found += [(Fraction(said["amount"]), said["stage"]) for said in here]
    return found


def _parts(said: Said) -> list[tuple[str, Fraction]]:
    """Cents by largest remainder, then by whoever is named first."""
    cents = Fraction(said["amount"]) * 100
    exact = [Fraction(each["share"]) * cents for each in said["people"]]
    whole = [int(each) for each in exact]
    order = sorted(range(len(exact)), key=lambda n: (whole[n] - exact[n], n))
    for n in order[: int(cents) - sum(whole)]:
        whole[n] += 1
    return [(each["id"], Fraction(part, 100)) for each, part in zip(said["people"], whole, strict=True)]


def covers(said: Said, period: str) -> tuple[int, int]:
    """Days employed and days of the period."""
    year, month = int(period[:4]), int(period[5:])
    whole = monthrange(year, month)[1]
    first, last = date(year, month, 1), date(year, month, whole)
    start = max(first, date.fromisoformat(said["from"]))
    end = min(last, date.fromisoformat(said["to"]) if said["to"] else last)
    return max(0, (end - start).days + 1), whole


def due(truth: Truth, who: str, period: str) -> int | None:
    """What somebody has earned in a period, in cents; None if a target is missing."""
    said = terms(truth)[who]
    version = 2 if 2 in truth.plans and period >= "2017-11" else 1
    deals = amounts(truth, who, period)
    so_far = [each for month in QUARTER if month <= period for each in amounts(truth, who, month)]
    goals = {
        (t["subject"]["team"], t["period"]): Fraction(t["value"]) for t in truth.current("hr.target.set")
    }
    goal = goals.get((said["team"], period))
    if goal is None:
        return None
    spent = [
        Fraction(s["spent"])
        for s in truth.current("shop.report")
        if s["owner"] == who and s["day"][:7] == period
    ]
    counted = [a for a, stage in deals if version == 1 or stage == "Won"]
    business = (
        60 * _points(sum(counted) if counted else None, goal) + 40 * _points(len(so_far) or None, 12)
    ) / 100
    used = 50 * _points(2 - sum(spent, Fraction(0)) / 50 if spent else None, 1)
    best = [a for a, _ in deals]
    management = (used + 50 * _points(max(best), 300)) / 100 if best else used / 50
    weight = 50 if version == 2 else 60
    share = (weight * business + (100 - weight) * management) / 10_000
    days, whole = covers(said, period)
    return _half_up(said["base"] * share * days / whole)


def _points(value: Fraction | int | None, target: Fraction | int) -> Fraction:
    if value is None:
        return Fraction(0)
    return min(Fraction(120), max(Fraction(0), Fraction(100) * value / target))


def _half_up(exact: Fraction) -> int:
    """Away from zero at one half."""
    twice = abs(exact) * 2
    whole = int((twice + 1) // 2)
    return whole if exact >= 0 else -whole
