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
DAYS = ("03", "11", "17", "28")


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
    contents: dict[tuple[object, ...], dict[str, Any]] = field(default_factory=dict)
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
    goals = [_goal(drawn, "100", team, month, 1) for month in MONTHS for team in TEAMS]
    drawn.steps.append(Step("send", (*(_hire(drawn, who, 1) for who in drawn.hired), *goals)))
    for _ in range(length or random.randint(4, 18)):
        kind = random.choices(list(KINDS), [weight for weight, _ in KINDS.values()])[0]
        KINDS[kind][1](drawn)
    if random.random() < 0.8:
        _orderly(drawn)
    return drawn.steps


def _orderly(drawn: Drawn) -> None:
    """Months closed one after the other when all is quiet, with late facts in between."""
    for period in MONTHS[: drawn.random.randint(1, 2)]:
        decide = [Step("resolve")] if drawn.random.random() < 0.5 else []
        drawn.steps += [Step("rest"), *decide, Step("rest"), Step("close", period=period)]
        if drawn.random.random() < 0.8:
            _facts(drawn)  # while the run is under way
        drawn.steps.append(Step("rest"))
        for _ in range(drawn.random.randint(1, 3)):
            drawn.random.choice((_facts, _facts, _terms, _joins))(drawn)


def _goal(drawn: Drawn, value: str, team: str, month: str, version: int) -> dict[str, Any]:
    """A team's target of a month."""
    said = target("revenue", value, month, subject={"team": team}, version=version)
    return drawn.said("hr.target.set", said["data"])


def _hire(drawn: Drawn, who: str, version: int, **changed: Any) -> dict[str, Any]:
    usual = {"team": drawn.random.choice(TEAMS), "base": 300000 + 100 * version}
    said = employee(who, version=version, **{**usual, **changed})
    drawn.ids += 1
    return said | {"id": f"w{drawn.ids}"}


def _facts(drawn: Drawn) -> None:
    """Some versions of some facts, in one message or several, now and then one of them twice."""
    makers = [
        MAKERS[name]
        for name in drawn.random.choices(list(MAKERS), [5, 3, 2, 2, 3, 1], k=drawn.random.randint(1, 5))
    ]
    events = [each for each in (make(drawn) for make in makers) if each]
    if drawn.random.random() < 0.2:
        events += drawn.random.sample(events, 1)
    drawn.steps.append(Step("send", tuple(events)))


def _deal(drawn: Drawn) -> dict[str, Any]:
    """A version of one of three deals of one of two sources: shared by up to three people, or deleted."""
    random = drawn.random
    kind = random.choice(("shop.deal", "shop.deal", "market.deal"))
    name, version = random.choice("ABC"), random.randint(1, 5)
    key = (kind, name, version)
    if key not in drawn.contents or random.random() < 0.15:  # the same version, said differently
        who = random.sample(drawn.hired, random.randint(1, len(drawn.hired)))
        shares = random.choice(SHARES[len(who)]) if len(who) in SHARES else _cut(random, len(who))
        drawn.contents[key] = _deal_content(drawn, name, version, dict(zip(who, shares, strict=True)))
    return drawn.said(kind, drawn.contents[key])


SHARES = {1: (("1",),), 2: (("0.6", "0.4"), ("1", "0")), 3: (("0.6", "0.4", "0"), ("0.34", "0.33", "0.33"))}


def _cut(random: Random, people: int) -> tuple[str, ...]:
    """Tenths for so many people."""
    cuts = sorted(random.sample(range(1, 10), people - 1))
    return tuple(f"0.{right - left}" for left, right in zip([0, *cuts], [*cuts, 10], strict=True))


def _deal_content(drawn: Drawn, name: str, version: int, shares: dict[str, str]) -> dict[str, Any]:
    random = drawn.random
    people = [{"id": who, "share": share} for who, share in shares.items()]
    amount = f"{random.randint(1, 20_000) / 100:.2f}"
    return {"id": name, "v": version, "day": drawn.day(), "amount": amount, "people": people,
            "stage": random.choice(("Won", "Won", "Lost")), "deleted": random.random() < 0.12}  # fmt: skip


def _split(drawn: Drawn) -> None:
    """A deal is split 60/40, then one has all of it, then a third person joins; told in any order."""
    random = drawn.random
    first, second, *others = random.sample(drawn.hired, len(drawn.hired))
    drawn.ids += 1
    versions = [{first: "0.6", second: "0.4"}, {first: "1", second: "0"}]
    versions += [{first: "0.5", second: "0.3", others[0]: "0.2"}] if others else []
    name = f"S{drawn.ids}"
    told = [
        drawn.said("shop.deal", _deal_content(drawn, name, n, shares) | {"deleted": False})
        for n, shares in enumerate(versions, 1)
    ]
    drawn.steps += [Step("send", (each,)) for each in random.sample(told, len(told))]


def _burst(drawn: Drawn) -> None:
    """Somebody sells on many days of one month, told one after another: many folds of one partition."""
    random = drawn.random
    owner, month = random.choice(drawn.hired), random.choice(MONTHS)
    for day in random.sample(range(1, 29), random.randint(3, 7)):
        said = {
            "day": f"{month}-{day:02d}",
            "amount": str(random.randint(1, 60)),
            "owner": owner,
            "stage": "Won",
        }
        drawn.steps.append(Step("send", (drawn.said("shop.sale", said),)))
    drawn.steps.append(Step("rest"))


def _contradiction(drawn: Drawn) -> None:
    """A version said in two ways; then somebody decides, or a greater version comes, or nobody cares."""
    drawn.ids += 1
    who, name = drawn.random.choice(drawn.hired), f"K{drawn.ids}"
    told = [drawn.said("shop.deal", _deal_content(drawn, name, n, {who: "1"})) for n in (1, 1, 2)]
    ends = drawn.random.choice(([Step("resolve")], [Step("send", (told[2],))], []))
    drawn.steps += [Step("send", (each,)) for each in told[:2]] + [Step("rest"), *ends]


def _timed(drawn: Drawn) -> dict[str, Any]:
    """A change of one of two facts of a source without versions, now and then two at one time.

    They have the names of deals, and nothing to do with them.
    """
    random = drawn.random
    name, minute = random.choice("AB"), random.randint(0, 9)
    key = ("timed", name, minute)
    if key not in drawn.contents or random.random() < 0.3:
        amount, changed = str(random.randint(1, 90)), f"2017-12-31T08:{minute:02d}:00Z"
        drawn.contents[key] = {"id": name, "changed": changed, "day": drawn.day(), "amount": amount,
                               "owner": random.choice(drawn.hired), "stage": "Won"}  # fmt: skip
    return drawn.said("shop.timed", drawn.contents[key])


def _fame(drawn: Drawn) -> dict[str, Any]:
    """A fact of a team, which counts for all who are in it; it moves to the other team as a ticket does."""
    random = drawn.random
    name, version = random.choice("AF"), random.randint(1, 4)
    key = ("fame", name, version)
    if key not in drawn.contents or random.random() < 0.1:
        points = str(random.randint(1, 60))
        drawn.contents[key] = {"id": name, "v": version, "day": drawn.day(), "team": random.choice(TEAMS),
                               "points": points, "deleted": random.random() < 0.12}  # fmt: skip
    return drawn.said("shop.fame", drawn.contents[key])


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
    "deal": _deal, "timed": _timed, "sale": _sale, "report": _report, "fame": _fame, "nonsense": _nonsense,
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
        drawn.contents[key] = _goal(drawn, value, team, month, version)["data"]
    drawn.steps.append(Step("send", (drawn.said("hr.target.set", drawn.contents[key]),)))


def _close(drawn: Drawn) -> None:
    done = [step.period for step in drawn.steps if step.kind == "close"]
    drawn.steps.append(Step("close", period=MONTHS[min(len(set(done)), 1)]))


KINDS: dict[str, tuple[int, Callable[[Drawn], None]]] = {
    "facts": (12, _facts), "split": (1, _split), "burst": (3, _burst), "contradiction": (1, _contradiction),
    "terms": (2, _terms), "joins": (1, _joins), "target": (2, _target), "close": (2, _close),
    "plan": (1, lambda d: d.steps.append(Step("plan"))),
    "replay": (1, lambda d: d.steps.append(Step("replay"))),
    "rest": (5, lambda d: d.steps.append(Step("rest"))),
    "resolve": (2, lambda d: d.steps.append(Step("resolve"))),
    "refold": (1, lambda d: d.steps.append(Step("refold"))),
}  # fmt: skip
