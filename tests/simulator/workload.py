"""What happens to a tenant: drawn from a seed, a list of steps. The steps carry all that the oracle knows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.support.events import employee, event, target

PEOPLE = ("ann", "bob", "cid", "dan")
TEAMS = ("t1", "t2")
MONTHS = ("2017-10", "2017-11", "2017-12")
DAYS = ("03", "17", "28")


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that somebody does: send these events, publish plan 2, close a month."""

    kind: str
    events: tuple[dict[str, Any], ...] = ()
    period: str = ""


@dataclass(slots=True)
class Drawn:
    """The workload being drawn; contents of versions stay what they were once."""

    random: Random
    steps: list[Step] = field(default_factory=list)
    contents: dict[tuple[str, str, int], dict[str, Any]] = field(default_factory=dict)
    hired: list[str] = field(default_factory=list)
    ids: int = 0

    def day(self) -> str:
        """A day of one of the months, the first one most of all."""
        month = self.random.choice((*MONTHS, MONTHS[0]))
        return f"{month}-{self.random.choice(DAYS)}"

    def said(self, kind: str, data: dict[str, Any]) -> dict[str, Any]:
        """An event with an id of its own."""
        self.ids += 1
        return event(kind, data, id=f"w{self.ids}", source=kind.split(".")[0])


def draw(seed: int, length: int | None = None) -> list[Step]:
    """A tenant's life."""
    random = Random(f"workload {seed}")
    drawn = Drawn(random)
    drawn.hired = list(PEOPLE[: random.randint(2, 3)])
    goals = [target("revenue", "100", month, subject={"team": team}) for month in MONTHS for team in TEAMS]
    drawn.steps.append(Step("send", (*(_hire(drawn, who, 1) for who in drawn.hired), *goals)))
    for _ in range(length or random.randint(4, 16)):
        kind = random.choices(list(KINDS), [weight for weight, _ in KINDS.values()])[0]
        KINDS[kind][1](drawn)
    if random.random() < 0.6:
        _orderly(drawn)
    return drawn.steps


def _orderly(drawn: Drawn) -> None:
    """Months closed one after the other when all is quiet, with late facts in between."""
    for period in MONTHS[: drawn.random.randint(1, 2)]:
        decide = [Step("resolve")] if drawn.random.random() < 0.5 else []
        drawn.steps += [Step("rest"), *decide, Step("rest"), Step("close", period=period)]
        if drawn.random.random() < 0.5:
            _facts(drawn)  # while the run is under way
        drawn.steps.append(Step("rest"))
        for _ in range(drawn.random.randint(1, 3)):
            drawn.random.choice((_facts, _facts, _terms, _joins))(drawn)


def _hire(drawn: Drawn, who: str, version: int, **changed: Any) -> dict[str, Any]:
    usual = {"team": drawn.random.choice(TEAMS), "base": 300000 + 100 * version}
    said = employee(who, version=version, **{**usual, **changed})
    drawn.ids += 1
    return said | {"id": f"w{drawn.ids}"}


def _facts(drawn: Drawn) -> None:
    """Some versions of some facts, in one message or several, now and then one of them twice."""
    makers = [
        MAKERS[name]
        for name in drawn.random.choices(list(MAKERS), [5, 2, 2, 2, 1], k=drawn.random.randint(1, 5))
    ]
    events = [each for each in (make(drawn) for make in makers) if each]
    if drawn.random.random() < 0.2:
        events += drawn.random.sample(events, 1)
    drawn.steps.append(Step("send", tuple(events)))


def _deal(drawn: Drawn) -> dict[str, Any]:
    """A version of one of three deals: shared by up to three people, or deleted."""
    random = drawn.random
    name, version = random.choice("ABC"), random.randint(1, 5)
    key = ("deal", name, version)
    if key not in drawn.contents or random.random() < 0.15:  # the same version, said differently
        drawn.contents[key] = _deal_content(drawn, name, version)
    return drawn.said("shop.deal", drawn.contents[key])


def _deal_content(drawn: Drawn, name: str, version: int) -> dict[str, Any]:
    random = drawn.random
    who = random.sample(drawn.hired, random.randint(1, len(drawn.hired)))
    cuts = sorted(random.sample(range(1, 10), len(who) - 1))
    tenths = [right - left for left, right in zip([0, *cuts], [*cuts, 10], strict=True)]
    people = [{"id": each, "share": f"{tenth / 10:.1f}"} for each, tenth in zip(who, tenths, strict=True)]
    amount = f"{random.randint(1, 20_000) / 100:.2f}"
    return {"id": name, "v": version, "day": drawn.day(), "amount": amount, "people": people,
            "stage": random.choice(("Won", "Won", "Lost")), "deleted": random.random() < 0.12}  # fmt: skip


def _timed(drawn: Drawn) -> dict[str, Any]:
    """A change of one of two facts of a source without versions; no two at one time."""
    random = drawn.random
    name, minute = random.choice("PQ"), random.randint(0, 59)
    key = ("timed", name, minute)
    if key not in drawn.contents:
        amount, changed = str(random.randint(1, 90)), f"2017-12-31T08:{minute:02d}:00Z"
        drawn.contents[key] = {"id": name, "changed": changed, "day": drawn.day(), "amount": amount,
                               "owner": random.choice(drawn.hired), "stage": "Won"}  # fmt: skip
    return drawn.said("shop.timed", drawn.contents[key])


def _sale(drawn: Drawn) -> dict[str, Any]:
    """A difference: an event that is a fact."""
    owner, amount = drawn.random.choice(drawn.hired), str(drawn.random.randint(-20, 60))
    said = {"day": drawn.day(), "amount": amount, "owner": owner, "stage": "Won"}
    return drawn.said("shop.sale", said)


def _report(drawn: Drawn) -> dict[str, Any]:
    """A day's report of somebody: it never moves; a later version corrects it."""
    random = drawn.random
    owner, day, version = random.choice(drawn.hired), drawn.day(), random.randint(1, 3)
    key = ("report", f"{owner}/{day}", version)
    if key not in drawn.contents:
        drawn.contents[key] = {"id": owner, "day": day, "v": version, "owner": owner,
                               "spent": str(random.randint(1, 60))}  # fmt: skip
    return drawn.said("shop.report", drawn.contents[key])


def _nonsense(drawn: Drawn) -> dict[str, Any]:
    """What can never be used."""
    return drawn.said("shop.report", {"id": "x", "day": "someday", "v": 1, "owner": "ann", "spent": "much"})


MAKERS: dict[str, Callable[[Drawn], dict[str, Any]]] = {
    "deal": _deal, "timed": _timed, "sale": _sale, "report": _report, "nonsense": _nonsense,
}  # fmt: skip


def _terms(drawn: Drawn) -> None:
    """Another team, another base, or the end of an employment."""
    random = drawn.random
    who = random.choice(drawn.hired)
    version = random.randint(2, 6)
    key = ("terms", who, version)
    if key not in drawn.contents:
        end = random.choice((None, None, None, "2017-11-10"))
        drawn.contents[key] = _hire(drawn, who, version, to=end)["data"]
    drawn.steps.append(Step("send", (drawn.said("hr.employee.changed", drawn.contents[key]),)))


def _joins(drawn: Drawn) -> None:
    """Facts of somebody nobody knows yet, the terms afterwards."""
    absent = [who for who in PEOPLE if who not in drawn.hired]
    if absent:
        drawn.hired.append(absent[0])
        said = {"day": drawn.day(), "amount": "70", "owner": absent[0], "stage": "Won"}
        drawn.steps.append(Step("send", (drawn.said("shop.sale", said),)))
        drawn.steps.append(Step("send", (_hire(drawn, absent[0], 1),)))


def _target(drawn: Drawn) -> None:
    random = drawn.random
    team, month, version = random.choice(TEAMS), random.choice(MONTHS), random.randint(2, 5)
    key = ("target", f"{team}/{month}", version)
    if key not in drawn.contents:
        value = str(random.choice((50, 80, 200)))
        drawn.contents[key] = target("revenue", value, month, subject={"team": team}, version=version)["data"]
    drawn.steps.append(Step("send", (drawn.said("hr.target.set", drawn.contents[key]),)))


def _close(drawn: Drawn) -> None:
    done = [step.period for step in drawn.steps if step.kind == "close"]
    drawn.steps.append(Step("close", period=MONTHS[min(len(set(done)), 1)]))


def _plan(drawn: Drawn) -> None:
    drawn.steps.append(Step("plan"))


KINDS: dict[str, tuple[int, Callable[[Drawn], None]]] = {
    "facts": (12, _facts), "terms": (2, _terms), "joins": (1, _joins), "target": (2, _target),
    "close": (2, _close), "plan": (1, _plan), "replay": (1, lambda d: d.steps.append(Step("replay"))),
    "rest": (2, lambda d: d.steps.append(Step("rest"))),
    "resolve": (2, lambda d: d.steps.append(Step("resolve"))),
}  # fmt: skip
