"""What people do to a tenant: send, close, look, approve, reject, publish, replay, decide."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from dualtrack.adapters.plan_codec import plan as parsed
from dualtrack.app import conflicts, operate, quarantine, runs
from dualtrack.domain.runs import Run
from tests.simulator import documents, invariants
from tests.simulator.actors import Actors
from tests.simulator.cloud import Process
from tests.simulator.machines import Machine, close_stages, publish_stages
from tests.simulator.simulation import Violation
from tests.simulator.workload import Step


@dataclass
class People(Actors):
    """All actors, those who decide included."""

    refolds: int = 0

    def take(self, step: Step) -> None:
        """The next step of the workload."""
        STEPS[step.kind](self, step)

    def send_step(self, step: Step) -> None:
        """A sender has events; sometimes it sends them once more although they were taken."""
        for event in step.events:
            self.sent[event["id"]] = event
            self.truth.hear(event)
        events = list(step.events)
        if events:
            self.unsent.append(events)
            if self.scheduler.dice.roll(f"again {events[0]['id']}") < 0.15:
                self.unsent.append(events)

    def _reviewed(self, run_id: str) -> None:
        """Somebody has to look at it."""
        self.human.append((f"look at {run_id}", lambda p: self.look(p, run_id)))

    def look(self, process: Process, run_id: str) -> None:
        """Approve what is there, or send it back."""
        run = runs.get(process.table, run_id)
        if run.state != "REVIEW":
            return
        if not self.scheduler.calm and self.scheduler.dice.roll(f"reject {run_id} {run.attempt}") < 0.2:
            operate.reject(process.table, run_id, "bert", "something looks odd", process.now)
            self.scheduler.reached["run rejected"] += 1
            return
        operate.approve(
            process.table, process.payouts, run_id, "bert", json.loads(run.totals)["digest"], process.now,
            process.paying(self.cloud.tenant).publishing().rehearse,
        )  # fmt: skip
        self.publish(run_id)

    def publish(self, run_id: str) -> None:
        """Start a publication, now and then two of them."""
        number = len(self.machines)
        self.start(f"publish {run_id} {number}", publish_stages(self.cloud.tenant, run_id))
        if self.scheduler.dice.roll(f"two publications {run_id}") < 0.3:
            self.start(f"publish {run_id} {number + 1}", publish_stages(self.cloud.tenant, run_id))

    def rest_step(self, step: Step) -> None:
        """Everything else was done before this: so the scorecards have to be right."""
        self.look_around()

    def look_around(self) -> None:
        """Live scorecards against a fold from scratch, while nobody does anything."""
        if not self.deploying:
            for wrong in invariants.folds(self):
                raise Violation(f"scores are not what the facts say: {wrong}")

    def gave_up(self, machine: Machine) -> None:
        """An execution has failed; mostly somebody sees the alarm and does something about it."""
        if not self.scheduler.calm and self.scheduler.dice.disturbs(f"tended {machine.name}", 0.6):
            self.human.append(("tend", self.tend))

    def tend(self, process: Process) -> None:
        """A run that got stuck is finished, or sent back and closed again."""
        for run in runs.under_way(process.table):
            TEND[run.state](self, process, run)

    def _close_again(self, process: Process, run: Run) -> None:
        self.close_step(Step("close", period=run.period))

    def _send_back(self, process: Process, run: Run) -> None:
        operate.reject(process.table, run.id, "bert", "stuck", process.now)
        if not self.scheduler.calm:
            self._close_again(process, run)

    def _look_at(self, process: Process, run: Run) -> None:
        self.look(process, run.id)

    def _publish_again(self, process: Process, run: Run) -> None:
        self.publish(run.id)

    def close_step(self, step: Step) -> None:
        """Somebody starts a close; now and then two do."""
        number = len(self.machines)
        for n in range(2 if self.scheduler.dice.roll(f"two closers {number}") < 0.3 else 1):
            name = f"close {step.period} {number + n}"
            given = (self.cloud.tenant, step.period, f"anna{n}", name, self.scheduler.reached, self._reviewed)
            self.start(name, close_stages(*given))

    def plan_step(self, step: Step) -> None:
        """The second version of the plan is published."""

        def act(process: Process) -> None:
            try:
                operate.publish_plan(process.table, parsed(documents.PLANS[1]), documents.PLANS[1])
            finally:
                if process.table.get("DOC#plan", "V#sim#000002"):
                    self.truth.plans.add(2)
                    self.scheduler.reached["plan changed"] += 1

        self.human.append(("publish plan 2", act))

    def replay_step(self, step: Step) -> None:
        """What can be used now is sent through the route again."""
        self.human.append(("replay", self.replay))

    def replay(self, process: Process) -> None:
        """All of quarantine but the conflicts."""
        chosen = [e for e in quarantine.entries(process.table) if e.problem.reason != "conflict"]
        self.scheduler.reached["quarantine replayed"] += quarantine.replay(
            process.table, process.intake, process.ingest, chosen
        )

    def refold_step(self, step: Step) -> None:
        """An operator has everything folded anew, for whatever reason."""
        self.refold()

    def refold(self) -> None:
        """Each time for another reason: the same request twice is none."""
        self.refolds += 1
        cause = f"audit {self.refolds}"
        self.human.append((cause, lambda p: operate.refold(p.table, cause)))

    def resolve_step(self, step: Step) -> None:
        """Somebody decides the first contradiction there is."""
        self.human.append(("resolve", self._resolve))

    def _resolve(self, process: Process) -> None:
        found = [e for e in quarantine.entries(process.table) if e.type == conflicts.CONFLICT]
        for entry in found[:1]:
            said = conflicts.contents(process.intake, entry)
            known = {digest: each["event"] for digest, each in said["contents"].items() if each["event"]}
            digest = sorted(known)[0]
            name = f"decide {entry.id}"
            self.human.append((name, partial(self._decide, entry=entry, digest=digest, event=known[digest])))

    def _decide(self, process: Process, entry: quarantine.Quarantined, digest: str, event: str) -> None:
        keep = process.measuring.keep
        conflicts.resolve(process.table, process.intake, keep, entry, digest, "eva", "asked")
        self.truth.decide(self.sent[event])
        self.scheduler.reached["conflict resolved"] += 1


STEPS: dict[str, Callable[[People, Step], None]] = {
    "send": People.send_step, "close": People.close_step, "plan": People.plan_step,
    "replay": People.replay_step, "rest": People.rest_step, "resolve": People.resolve_step,
    "refold": People.refold_step,
}  # fmt: skip
TEND: dict[str, Callable[[People, Process, Run], None]] = {
    "OPEN": People._close_again, "CLOSING": People._send_back, "REVIEW": People._look_at,
    "APPROVED": People._publish_again,
}  # fmt: skip
