"""Training: where somebody stands in the courses of their plan, and what that does to their metrics.

A course is nothing but observations of ``training`` and the plan's rules over them: this module folds and
tells, it keeps nothing of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from dualtrack.app import roster, rows
from dualtrack.app.folded import FoldedFacts
from dualtrack.app.parts import parts
from dualtrack.app.ports import Table
from dualtrack.app.valuation import Valued, reader, value
from dualtrack.domain.employment import History
from dualtrack.domain.errors import refuse
from dualtrack.domain.fold import fold
from dualtrack.domain.measures import Measure, partial, values
from dualtrack.domain.numbers import ONE, plain
from dualtrack.domain.observations import Observation
from dualtrack.domain.periods import last_day, month, shifted, window
from dualtrack.domain.plan import Condition, Course, Gate, Metric, Modifier, Plan, Text
from dualtrack.domain.reasons import Reason

TRAINING = "training"  # what mappings observe; the label ``course`` says which
WHAT = ("score", "hours", "progress", "completed")
ACTS = ("add", "multiply", "deduct")
OPEN = "open"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One exam."""

    day: str
    score: Decimal
    event: str
    counts: bool  # whether it is the one that the plan goes by


@dataclass(frozen=True, slots=True)
class Effect:
    """A line of the scorecard about a gate or a modifier that reads the course, and that one's name."""

    rule: str
    given: str
    result: str
    name: Text


@dataclass(frozen=True, slots=True)
class Feed:
    """What a course feeds, and the lines of the scorecard that say what it did there."""

    of: str  # metric, track, payout, award
    id: str
    state: str  # of a metric: scored, ineligible, …
    points: str  # of a metric or a track, exactly
    effects: tuple[Effect, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """Somebody in a course, as of a period. Days are texts, empty where there is none; ``hours`` were spent.

    ``until``: the last day on which it stays passed (else: completed) if nothing else comes.
    """

    course: Course
    enrolled: str
    progress: Decimal | None
    hours: Decimal
    attempts: tuple[Attempt, ...]
    score: Decimal | None
    completed: bool
    passed: bool
    until: str
    feeds: tuple[Feed, ...] = ()

    @property
    def state(self) -> str:
        """passed, completed, failed, begun or none."""
        if self.passed or self.completed:
            return "passed" if self.passed else "completed"
        if self.attempts:
            return "failed"
        return "begun" if self.enrolled else "none"


@dataclass(frozen=True, slots=True)
class Behind:
    """A course that somebody still has to complete, or only just has: its validity ends with the period."""

    employee: str
    team: str
    standing: Standing
    ends: bool


def shown(table: Table, plans: Sequence[Plan], employee: str, period: str) -> tuple[Plan, list[Standing]]:
    """Every course of the plan that holds for an employee at the end of a period, with what it feeds."""
    month(period)
    history = roster.person(table, employee).history
    if history is None:
        raise refuse("unknown_employee", "employee", employee, "name somebody on the roster")
    facts = FoldedFacts(table)
    valued = value(history, plans, period, reader(facts))
    if valued is None:
        raise refuse("no_plan", "period", period, "name a period in which the employee has terms and a plan")
    plan, subject = valued.parts[-1].part.plan, rows.employee_subject(employee)
    found = []
    for course in plan.courses:
        months = window(period, "rolling", course.months)
        seen = _of_course([row for each in months for row in facts[subject, each]], course)
        found.append(standing(plan, course, seen, period, tuple(feeds(plan, course, valued))))
    return plan, found


def behind(table: Table, plans: Sequence[Plan], period: str) -> list[Behind]:
    """Who has not completed what, and whose validity ends with the period, by employee."""
    month(period)
    people = (roster.person(table, employee).history for employee in roster.employees(table))
    return [each for history in people if history for each in _behind(table, plans, history, period)]


def _behind(table: Table, plans: Sequence[Plan], history: History, period: str) -> Iterator[Behind]:
    held = parts(history, plans, period)
    if not held or not held[-1].plan.courses:
        return
    plan, terms = held[-1].plan, held[-1].terms
    seen = _trained(table, terms.employee, window(period, "rolling", max(c.months for c in plan.courses)))
    for course in plan.courses:
        months = window(period, "rolling", course.months)
        inside = [row for row in _of_course(seen, course) if row.place.period in months]
        found = standing(plan, course, inside, period)
        ends = found.until == str(last_day(period))
        if ends or not (found.passed or found.completed):
            yield Behind(terms.employee, terms.team, found, ends)


def _trained(table: Table, employee: str, months: Sequence[str]) -> list[Observation]:
    """Folded observations of training, read without anything else of those months."""
    subject, low = rows.employee_subject(employee), f"F#{TRAINING}#"
    items = [
        item for each in months for item in table.query(rows.partition(subject, each), low, low + rows.END)
    ]
    return list(fold(rows.facts(items)).current)


def _of_course(seen: Sequence[Observation], course: Course) -> list[Observation]:
    return [row for row in seen if row.place.measure == TRAINING and row.values.get("course") == course.id]


def standing(
    plan: Plan, course: Course, seen: Sequence[Observation], period: str, fed: tuple[Feed, ...] = ()
) -> Standing:
    """Where observations of a course, all within its validity, leave somebody."""
    measured = _measured(plan, course, seen)
    passed, completed = _done(course, measured)
    return Standing(
        course,
        min((row.place.day for row in seen), default=""),
        measured["progress"],
        measured["hours"] or Decimal(0),
        tuple(_attempts(plan, course, seen)),
        measured["score"],
        completed,
        passed,
        _until(plan, course, seen, period),
        fed,
    )


def _measured(plan: Plan, course: Course, seen: Sequence[Observation]) -> Mapping[str, Decimal | None]:
    """The course's four measures by what they measure, by the plan's own definitions."""
    made = {what: _measure(plan, course, what) for what in WHAT}
    folded = {measure.id: partial(measure, seen) for measure in made.values()}
    found = values(list(made.values()), {name: each for name, each in folded.items() if each is not None})
    return {what: found[measure.id] for what, measure in made.items()}


def _measure(plan: Plan, course: Course, what: str) -> Measure:
    return plan.measure_of[f"course.{course.id}.{what}"]


def _done(course: Course, measured: Mapping[str, Decimal | None]) -> tuple[bool, bool]:
    """Passed, completed."""
    score, completed = measured["score"], (measured["completed"] or 0) >= ONE
    if course.pass_score is None:
        return completed, completed
    return score is not None and score >= course.pass_score, completed


def _attempts(plan: Plan, course: Course, seen: Sequence[Observation]) -> Iterator[Attempt]:
    """Every exam in order; of equal scores the later one counts, so that it counts longest."""
    measure = _measure(plan, course, "score")
    exams = sorted(
        (row for row in seen if measure.takes(row)), key=lambda r: (r.place.day, r.order, r.entity)
    )
    score = _measured(plan, course, exams)["score"] if exams else None
    those = [n for n, row in enumerate(exams) if row.values["score"] == score]
    chosen = those[0 if course.attempts == "first" else -1] if those else None
    for n, row in enumerate(exams):
        found = row.values["score"]
        if isinstance(found, Decimal):
            yield Attempt(row.place.day, found, row.event, n == chosen)


def _until(plan: Plan, course: Course, seen: Sequence[Observation], period: str) -> str:
    """Month by month from the period on, by the same rule as ever: as long as it holds without a break."""
    last = ""
    which = 0 if _done(course, _measured(plan, course, seen))[0] else 1
    for n in range(course.months):
        here = shifted(period, n)
        months = window(here, "rolling", course.months)
        inside = [row for row in seen if row.place.period in months]
        if not _done(course, _measured(plan, course, inside))[which]:
            break
        last = str(last_day(here))
    return last


def feeds(plan: Plan, course: Course, valued: Valued) -> Iterator[Feed]:
    """What reads the course in a plan, and the lines of the scorecard that say what came of it."""
    mark, card = f"course.{course.id}.", valued.card
    for scored in card.metrics:
        metric = plan.metric_of[scored.id][1]
        if _read_by(mark, metric.gates, metric.modifiers) or _in_formulas(mark, metric):
            effects = _effects(mark, metric.gates, metric.modifiers, scored.reasons)
            yield Feed("metric", metric.id, scored.state, plain(scored.points), effects)
    for done in card.tracks:
        track = plan.track_of[done.id]
        if _read_by(mark, track.gates, track.modifiers):
            effects = _effects(mark, track.gates, track.modifiers, done.reasons)
            yield Feed("track", track.id, "", plain(done.score), effects)
    if _read_by(mark, plan.payout.gates, ()):
        yield Feed("payout", "", "", "", _effects(mark, plan.payout.gates, (), valued.reasons))
    results = {result.id: result.reasons for result in card.awards}
    for award in plan.awards:
        if _read_by(mark, award.gates, ()):
            effects = (
                tuple(_shut_or_open(mark, award.gates, results[award.id])) if award.id in results else ()
            )
            yield Feed("award", award.id, "", "", effects)


def _effects(
    mark: str, gates: Sequence[Gate], modifiers: Sequence[Modifier], reasons: Sequence[Reason]
) -> tuple[Effect, ...]:
    return (*_shut_or_open(mark, gates, reasons), *_modified(mark, modifiers, reasons))


def _shut_or_open(mark: str, gates: Sequence[Gate], reasons: Sequence[Reason]) -> Iterator[Effect]:
    """A gate that shuts has a line that names the course; one that lets pass has none, so it is said here.

    After one that asks for something else and shuts, nobody knows: it was not looked at.
    """
    lines = [reason for reason in reasons if reason.rule == "gate"]
    named = [reason for reason in lines if mark in reason.given]
    for gate in gates:
        if _reads(mark, gate.conditions) and (named or not lines):
            line = named[0] if named else Reason("gate", "", OPEN)
            yield Effect(line.rule, line.given, line.result, gate.name)


def _modified(mark: str, modifiers: Sequence[Modifier], reasons: Sequence[Reason]) -> Iterator[Effect]:
    """The lines of the modifiers that read the course: where any are applied, each has one, in order."""
    lines = [reason for reason in reasons if reason.rule in ACTS]
    if len(lines) == len(modifiers):
        for modifier, line in zip(sorted(modifiers, key=lambda each: each.order), lines, strict=True):
            if _read_by(mark, (), (modifier,)):
                yield Effect(line.rule, line.given, line.result, modifier.name)


def _read_by(mark: str, gates: Sequence[Gate], modifiers: Sequence[Modifier]) -> bool:
    conditions = [c for gate in gates for c in gate.conditions] + [c for m in modifiers for c in m.when]
    return _reads(mark, conditions) or any(modifier.per.startswith(mark) for modifier in modifiers)


def _reads(mark: str, conditions: Sequence[Condition]) -> bool:
    return any(condition.id.startswith(mark) for condition in conditions)


def _in_formulas(mark: str, metric: Metric) -> bool:
    formulas = (metric.formula, metric.curve.formula)
    named = [name for formula in formulas if formula for name in formula.names]
    return any(name.startswith(mark) for name in (metric.measure, *named))
