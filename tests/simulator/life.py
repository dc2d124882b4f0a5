"""A whole life: the drawn workload in bad weather, then calm, then everything has to be right."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256

from dualtrack.app import close, operate, runs
from tests.simulator import invariants
from tests.simulator.cloud import INGEST, INGEST_DLQ, Cloud, Process
from tests.simulator.dice import Dice
from tests.simulator.people import People
from tests.simulator.simulation import MOST_TURNS, Rates, Scheduler, Violation
from tests.simulator.workload import MONTHS, Step, draw

JUMPS = (
    timedelta(minutes=1),
    timedelta(minutes=7),
    timedelta(hours=3),
    timedelta(hours=25),
    timedelta(minutes=-5),
)
CHUNK = 2  # employees in a chunk, so that small worlds have several
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
    world = Life(scheduler, steps)
    before, close.CHUNK = close.CHUNK, CHUNK
    try:
        world.run()
        violation = ""
    except Violation as found:
        violation = str(found)
    finally:
        close.CHUNK = before
    return Result(seed, scheduler.steps, violation, scheduler.trace, dice.hit, steps, scheduler.reached)


class Life:
    """The tenant that is simulated, and a neighbour to whom nothing may happen."""

    def __init__(self, scheduler: Scheduler, steps: Sequence[Step]) -> None:
        self.scheduler = scheduler
        self.cloud, self.neighbour = Cloud(scheduler), Cloud(scheduler, "acme")
        for cloud in (self.cloud, self.neighbour):
            cloud.furnish()
        self.actors = People(self.cloud, scheduler, steps=deque(steps))
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
                jump = dice.choose(f"jump {about}", JUMPS) if options else timedelta(minutes=6)
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
        if self.actors.lost_records:
            self._do("refold", lambda p: operate.refold(p.table, "audit"))
        self._do("sweep", self.actors.sweep)

    def _do(self, name: str, act: Callable[[Process], object]) -> None:
        self.actors.human.append((name, act))
        self._until_still(name)

    def _finish(self) -> None:
        """Runs that got stuck are finished, or sent back and closed again."""
        for _ in range(4):
            process = Process(self.cloud)
            run = runs.under_way(process.table)
            if run is None:
                return
            self.scheduler.reached[f"found in {run.state}"] += 1
            FINISH[run.state](self, run.id, run.period)
            self._until_still(f"finishing {run.id}")
            self._do("sweep", self.actors.sweep)
        raise Violation(f"run {runs.under_way(Process(self.cloud).table)} cannot be finished")

    def send_back(self, run_id: str, period: str) -> None:
        """A close that failed half-way."""
        self.actors.human.append(("reject", lambda p: operate.reject(p.table, run_id, "bert", "stuck")))

    def close(self, run_id: str, period: str) -> None:
        """Close a month."""
        self.actors.steps.append(Step("close", period=period))

    def look(self, run_id: str, period: str) -> None:
        """A run waits for its approval."""
        self.actors.human.append(("look", lambda p: self.actors.look(p, run_id)))

    def publish(self, run_id: str, period: str) -> None:
        """A publication that failed half-way."""
        self.actors.publish(run_id)

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


FINISH: dict[str, Callable[[Life, str, str], None]] = {
    "OPEN": Life.close, "CLOSING": Life.send_back, "REVIEW": Life.look, "APPROVED": Life.publish,
}  # fmt: skip
