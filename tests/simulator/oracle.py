"""The truth, simpler than the product: a list of facts and a calculation from scratch, in fractions.

Nothing of the product is used here.
"""

from __future__ import annotations

from calendar import monthrange
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from hashlib import sha256
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
        if not nonsense(event):
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


def nonsense(event: Said) -> bool:
    """What nobody can use, whatever else comes."""
    return bool(event["data"].get("spent") == "much")


def tally(truth: Truth, arrived: Iterable[Said]) -> dict[str, int]:
    """What has to become of all events that arrived, each as often as it did: they add up by themselves."""
    arrived = list(arrived)
    refused = [repr(event) for event in arrived if nonsense(event)]
    texts = {repr(event) for event in arrived if not nonsense(event)}
    contents = [(of, order, said) for of, all_ in truth.versions.items() for order, said in all_.items()]
    open_ = {
        (of, order) for of, order, said in contents if len(said) > 1 and (*of, order) not in truth.decided
    }
    counted = [(of, len(said)) for of, order, said in contents if (of, order) not in open_]
    facts, entities = sum(n for _, n in counted), len({of for of, _ in counted})
    conflict = sum(len(said) for of, order, said in contents if (of, order) in open_)
    again = len(arrived) - len(refused) - len(texts)  # the very same text once more
    known = len(texts) - facts - conflict  # the same fact in other words
    return {
        "received": len(arrived), "quarantined": len(set(refused)), "conflict": conflict,
        "applied": entities, "superseded": facts - entities,
        "duplicate": again + known + len(refused) - len(set(refused)),
    }  # fmt: skip


def told(truth: Truth) -> Counter[str]:
    """What was said that is worth a count."""
    found: Counter[str] = Counter()
    for (kind, _), versions in truth.versions.items():
        said = [each for contents in versions.values() for each in contents.values()]
        times = {each["changed"] for each in said} if kind == "shop.timed" else said
        found["two contents at one time"] += len(times) < len(said)
        found["fact moved to another team"] += len({s["team"] for s in said if kind == "shop.fame"}) > 1
        shares = [each["share"] for s in said if kind in DEALS for each in s["people"]]
        found["share of 0"] += "0" in shares
    return found


def _content(kind: str, data: Said) -> Said:
    """What a version says; what is deleted says nothing else, and who has no share is not named."""
    if data.get("deleted"):
        return {"deleted": True}
    return {**data, "people": sorted(_parts(data))} if kind in DEALS else data


def _digest(said: Said) -> str:
    """Of two contents at one time the one whose digest is greater counts: sha256 of what is said where."""
    place = f"subject='E:{said['owner']}', period='{said['day'][:7]}', measure='deal', day='{said['day']}'"
    values = [("amount", said["amount"]), ("stage", f"s{said['stage']}")]
    return sha256(f"[(Place({place}), {values})]".encode()).hexdigest()[:12]


DEALS = ("shop.deal", "market.deal")
NAMES: dict[str, Any] = {
    "shop.deal": lambda name, d: (d["id"], d["v"]),
    "market.deal": lambda name, d: (d["id"], d["v"]),
    "shop.fame": lambda name, d: (d["id"], d["v"]),
    "shop.timed": lambda name, d: (d["id"], (d["changed"], _digest(d))),
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
    for said in (each for kind in DEALS for each in truth.current(kind)):
        if not said["deleted"] and said["day"][:7] == period:
            found += [(part, said["stage"]) for name, part in _parts(said) if name == who]
    for kind in ("shop.timed", "shop.sale"):
        here = [s for s in truth.current(kind) if s["owner"] == who and s["day"][:7] == period]
        found += [(Fraction(said["amount"]), said["stage"]) for said in here]
    return found


def _parts(said: Said) -> list[tuple[str, Fraction]]:
    """Cents by largest remainder, then by whoever is named first; who has no share has no part."""
    cents = Fraction(said["amount"]) * 100
    exact = [Fraction(each["share"]) * cents for each in said["people"]]
    whole = [int(each) for each in exact]
    order = sorted(range(len(exact)), key=lambda n: (whole[n] - exact[n], n))
    for n in order[: int(cents) - sum(whole)]:
        whole[n] += 1
    parts = zip(said["people"], whole, strict=True)
    return [(each["id"], Fraction(part, 100)) for each, part in parts if Fraction(each["share"])]


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
    goal = _goal(truth, said["team"], period)
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
    used = 40 * _points(2 - sum(spent, Fraction(0)) / 50 if spent else None, 1)
    best = [a for a, _ in deals]
    management = used + 20 * _points(_fame(truth, said["team"], period, version), 50)
    management = (management + 40 * _points(max(best), 300)) / 100 if best else management / 60
    weight = 50 if version == 2 else 60
    share = (weight * business + (100 - weight) * management) / 10_000
    days, whole = covers(said, period)
    return _half_up(said["base"] * share * days / whole)


def _goal(truth: Truth, team: str, period: str) -> Fraction | None:
    """A team's target."""
    said = truth.current("hr.target.set")
    return next(
        (Fraction(t["value"]) for t in said if (t["subject"]["team"], t["period"]) == (team, period)), None
    )


def _fame(truth: Truth, team: str, period: str, version: int) -> Fraction | None:
    """A team's points: their sum, since the second plan the greatest."""
    here = (s for s in truth.current("shop.fame") if not s["deleted"] and s["team"] == team)
    found = [Fraction(said["points"]) for said in here if said["day"][:7] == period]
    return (max(found) if version == 2 else sum(found, Fraction(0))) if found else None


def _points(value: Fraction | int | None, target: Fraction | int) -> Fraction:
    if value is None:
        return Fraction(0)
    return min(Fraction(120), max(Fraction(0), Fraction(100) * value / target))


def _half_up(exact: Fraction) -> int:
    """Away from zero at one half."""
    twice = abs(exact) * 2
    whole = int((twice + 1) // 2)
    return whole if exact >= 0 else -whole
