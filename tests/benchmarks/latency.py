"""From the post of an event to its score, on a deployed stack, while so many events a second are posted."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count

from dualtrack.app.ports import Item
from dualtrack.app.roster import person
from infra import embedded
from tests.benchmarks.path import PERIOD, batches
from tests.support.events import deal, employee, target
from tests.support.tenant import Tenant, wait_for

RATES = (1, 50, 200)
SECONDS, PATIENCE = 20, 120.0
CREW, SENDERS, BATCH = 200, 32, 100
PER_DEAL = Decimal("0.0001")  # points of one deal of a million wanted: the score counts the deals
_names = count(1)


@dataclass(frozen=True, slots=True)
class Latency:
    """Of one rate: how many were posted and arrived, how fast they really were posted, seconds to a score."""

    rate: int
    posted: int
    accepted: int
    arrived: int
    real_rate: float
    median: float
    p95: float
    p99: float


@dataclass(slots=True)
class Watch:
    """A score shows how many deals are in it: the n-th that shows is taken for the n-th that was posted."""

    tenant: Tenant
    before: dict[str, int]
    posts: dict[str, list[float]] = field(default_factory=dict)
    found: list[float] = field(default_factory=list)

    def look(self) -> bool:
        """Read the scorecards of all that are under way; whether none is."""
        late = [name for name, times in self.posts.items() if times]
        for name, shown in shown_deals(self.tenant, late).items():
            fresh = shown - self.before[name]
            self.before[name] = shown
            self.found += [time.monotonic() - self.posts[name].pop(0) for _ in range(fresh)]
        return not late


def shown_deals(tenant: Tenant, names: Sequence[str]) -> dict[str, int]:
    """How many deals each one's scorecard shows; it is missing for who has none."""
    found: list[Item] = []
    for part in batches(names, BATCH):
        found += tenant.stack.table.get_many([(f"EP#E:{name}#{PERIOD}", "S") for name in part])
    return {
        card["pk"].split("#")[1][2:]: int(Decimal(card["points"].get("volume", "0")) / PER_DEAL)
        for card in found
    }


def latencies() -> Iterator[Latency]:
    """One rate after the other on one stack, every function warm."""
    with embedded.start("bench") as server:
        os.environ.update(server.environment())
        tenant = Tenant(server, embedded.deploy(server, ["demo"])["demo"])
        tenant.furnish()
        crew = _hired(tenant)
        for rate in RATES:
            yield _at(tenant, crew, rate)


def _hired(tenant: Tenant) -> list[str]:
    """Employees with a scorecard and targets that no rate reaches."""
    crew = [f"c{n}" for n in range(CREW)]
    tenant.send([target("volume", "1000000", version=2), target("revenue", "1000000", version=2)])
    for part in batches(crew, BATCH):
        tenant.send([employee(name) for name in part])
    # The lists of a team are written before the terms themselves, and a deal needs the terms.
    wait_for(lambda: all(person(tenant.stack.table, name).history for name in crew))
    for part in batches(crew, BATCH):
        tenant.send([_deal(name) for name in part])
    wait_for(
        lambda: set(shown_deals(tenant, crew).values()) == {1} and len(shown_deals(tenant, crew)) == CREW
    )
    return crew


def _deal(name: str) -> dict[str, object]:
    return deal(f"D{next(_names)}", name, value="7")


def _at(tenant: Tenant, crew: Sequence[str], rate: int) -> Latency:
    watch = Watch(tenant, shown_deals(tenant, crew), {name: [] for name in crew})
    started = time.monotonic()
    with ThreadPoolExecutor(SENDERS) as pool:
        posts = [pool.submit(_post, watch, crew[n % CREW], started + n / rate) for n in range(rate * SECONDS)]
        while not all(post.done() for post in posts):
            watch.look()
            time.sleep(0.005)
    took = time.monotonic() - started
    _wait(watch)
    accepted = sum(post.result() == 202 for post in posts)
    return _summary(rate, len(posts), accepted, len(posts) / took, watch.found)


def _post(watch: Watch, name: str, due: float) -> int:
    time.sleep(max(0.0, due - time.monotonic()))
    watch.posts[name].append(time.monotonic())
    return watch.tenant.post([_deal(name)])[0]


def _wait(watch: Watch) -> None:
    deadline = time.monotonic() + PATIENCE
    while not watch.look() and time.monotonic() < deadline:
        time.sleep(0.005)


def _summary(rate: int, posted: int, accepted: int, real: float, found: Sequence[float]) -> Latency:
    cuts = statistics.quantiles(found, n=100, method="inclusive")
    return Latency(rate, posted, accepted, len(found), real, cuts[49], cuts[94], cuts[98])
