"""A whole life: the drawn workload in bad weather, then calm, then everything has to be right."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from unittest.mock import patch

from dualtrack.app import opening, runs, totals
from tests.simulator import invariants, releases
from tests.simulator.cloud import INGEST, INGEST_DLQ, Cloud, Process
from tests.simulator.dice import Dice
from tests.simulator.people import People
from tests.simulator.simulation import MOST_TURNS, Rates, Scheduler, Violation
from tests.simulator.workload import MONTHS, Step, draw

SHORT = (timedelta(minutes=1), timedelta(minutes=7), timedelta(hours=3), timedelta(minutes=-5))
JUMPS = (SHORT, SHORT, (*SHORT, timedelta(hours=25)))
CHUNK = 2  # employees in a chunk, so that small worlds have several
ROOM = (900, 390, 330, 330)  # bytes of a scorecard's row; so few that days have to leave it
LAST = "2018-01"


@dataclass(slots=True)
class Result:
    """What a life came to."""

    seed: int
    steps: int
    violation: str
    trace: list[str]
    hit: list[str]
    workload: list[Step]
    reached: Counter[str] = field(default_factory=Counter)

    @property
    def hash(self) -> str:
        """Of the whole trace: equal seeds have equal ones."""
        return sha256("\n".join(self.trace).encode()).hexdigest()[:16]


def live(seed: int, workload: Sequence[Step] | None = None, without: frozenset[str] = frozenset()) -> Result:
    """Run one seed; the workload and the disturbances may be fewer than it would draw."""
    steps = list(draw(seed) if workload is None else workload)
    dice = Dice(seed, without)
    scheduler = Scheduler(dice, Rates.drawn(dice))
    try:
        with _small(dice):
            Life(scheduler, steps).run()
        violation = ""
    except Violation as found:
        violation = str(found)
    return Result(seed, scheduler.steps, violation, scheduler.trace, dice.hit, steps, scheduler.reached)


@contextmanager
def _small(dice: Dice) -> Iterator[None]:
    """Small chunks and, in some lives, small scorecards; in others the code of two releases."""
    deploy = releases.two() if deploying(dice) else nullcontext()
    room = patch.object(totals, "ROOM", dice.choose("room", ROOM))
    with patch.object(opening, "CHUNK", CHUNK), room, deploy:
        yield


def deploying(dice: Dice) -> bool:
    """Whether a new release comes in this life."""
    return dice.roll("deploy") < 0.2


class Life:
    """The tenant that is simulated, and a neighbour to whom nothing may happen."""

    def __init__(self, scheduler: Scheduler, steps: Sequence[Step]) -> None:
        self.scheduler = scheduler
        self.cloud, self.neighbour = Cloud(scheduler), Cloud(scheduler, "acme")
        for cloud in (self.cloud, self.neighbour):
            cloud.furnish()
        self.actors = People(self.cloud, scheduler, steps=deque(steps))
        self.actors.deploying = deploying(scheduler.dice)
        self.jumps = scheduler.dice.choose("jumps", JUMPS)
        self.history = invariants.History(self.cloud)
        scheduler.after_effect = self.history.look
        scheduler.calm = False

    def run(self) -> None:
        """Weather, then calm, then the last closes; checked all along and at the end."""
        before = self.neighbour.digest()
        self._until_still("weather")
        self.scheduler.calm = True
        self.scheduler.say("— the weather is calm now")
        self._mend()
        self._finish()
        self._settle_differences()
        self._check(before)

    def _until_still(self, name: str) -> None:
        """Until nobody has anything to do."""
        dice = self.scheduler.dice
        for turn in range(MOST_TURNS):
            options = self.actors.options()
            if not options and not self.actors.invisible():
                return
            about = f"{name} {turn}"
            if not options or (not self.scheduler.calm and dice.disturbs(f"clock {about}", 0.01)):
                jump = dice.choose(f"jump {about}", self.jumps) if options else timedelta(minutes=6)
                self.scheduler.tick(jump)
                self.scheduler.reached["clock jumped"] += bool(options)
            else:
                dice.choose(f"who {about}", options)[1]()
        raise Violation("it does not come to rest")

    def _mend(self) -> None:
        """What an operator does about alarms: dead letters, records that were lost, refused events."""
        self._until_still("calm")
        sqs = self.cloud.sqs
        for message in list(sqs.messages(INGEST_DLQ)):
            sqs.move(INGEST_DLQ, INGEST, message)
            self.scheduler.reached["dead letter brought back"] += 1
        self._until_still("after the dead letters")
        self._do("replay", self.actors.replay)
        self.actors.look_around()
        if self.actors.lost or self.actors.deploying:
            self._deployed()
            self.scheduler.reached["everything folded anew"] += 1
            self.actors.refold()
            self._until_still("refold")
        self._do("sweep", self.actors.sweep)

    def _deployed(self) -> None:
        """The last process of the release before is gone."""
        self.actors.deploying = False
        self.actors.lost.clear()
        for pool in self.actors.warm.values():
            pool[:] = [process for process in pool if not process.old]

    def _do(self, name: str, act: Callable[[Process], object]) -> None:
        self.actors.human.append((name, act))
        self._until_still(name)

    def _finish(self) -> None:
        """Runs that got stuck are finished, or sent back and closed again."""
        for _ in range(4):
            process = Process(self.cloud)
            found = runs.under_way(process.table)
            if not found:
                return
            for run in found:
                self.scheduler.reached[f"found in {run.state}"] += 1
            self._do("tend", self.actors.tend)
            self._do("sweep", self.actors.sweep)
        raise Violation(f"run {runs.under_way(Process(self.cloud).table)} cannot be finished")

    def _settle_differences(self) -> None:
        """Every month that is not yet closed, and one more that carries what is still open."""
        done = [run.period for run in runs.every(Process(self.cloud).table) if run.state == "PUBLISHED"]
        for period in (*MONTHS, LAST):
            if period > max(done, default=""):
                self.actors.steps.append(Step("close", period=period))
                self._until_still(f"closing {period}")
                self._do("sweep", self.actors.sweep)
                self._finish()

    def _check(self, neighbour: str) -> None:
        for name, check in invariants.AT_THE_END.items():
            for wrong in check(self.actors):
                raise Violation(f"{name}: {wrong}")
        if self.neighbour.digest() != neighbour:
            raise Violation("a tenant's events changed something of another one's")
        self.scheduler.reached.update(invariants.seen(self.actors))
        self.scheduler.reached.update(self.cloud.sqs.met)
