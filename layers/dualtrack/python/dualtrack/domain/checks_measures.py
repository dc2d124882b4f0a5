"""What is wrong with a plan's measures and courses."""

from __future__ import annotations

from collections.abc import Iterator

from dualtrack.domain.checks_parts import (
    DOTTED,
    at_least,
    between,
    choice,
    identities,
    known,
    misplaced,
    rows,
    text,
)
from dualtrack.domain.errors import Problem, problem
from dualtrack.domain.measures import RATIO, Each, Measure
from dualtrack.domain.plan import TARGET, Course, Plan
from dualtrack.domain.vocabulary import COURSE_NUMBERS, RESERVED

LONGEST = 36  # months
COURSE = "course."
READ = (COURSE, TARGET, "metrics.", "tracks.")  # what names in formulas begin with


def measures(plan: Plan) -> Iterator[Problem]:
    """Problems of the measures; those that a course makes are only looked at for names that are taken."""
    made = [f"{COURSE}{course.id}.{what}" for course in plan.courses for what in COURSE_NUMBERS]
    ids = [measure.id for measure in plan.measures]
    yield from identities("measures", [name for name in ids if ids.count(name) > made.count(name)], DOTTED)
    simple = {measure.id for measure in plan.measures if measure.kind != RATIO}
    for measure in plan.measures:
        if measure.id not in made:
            yield from _measure(f"measures.{measure.id}", measure, simple)


def _measure(where: str, measure: Measure, simple: set[str]) -> Iterator[Problem]:
    yield from _name(where, measure)
    for name in ("kind", "scope", "window"):
        yield from choice(where, name, getattr(measure, name))
    yield from _ratio(where, measure, simple)
    yield from _months(where, measure)
    if measure.each is not None:
        yield from _each(f"{where}.each", measure, measure.each)


def _name(where: str, measure: Measure) -> Iterator[Problem]:
    taken = measure.id in RESERVED or measure.id.startswith(READ)
    if taken:
        yield problem("reserved", f"{where}.id", measure.id, "choose another name: formulas know this one")
    if measure.observed.startswith(TARGET):
        yield problem(
            "reserved", f"{where}.observed", measure.observed, "targets are read by their metrics alone"
        )


def _ratio(where: str, measure: Measure, simple: set[str]) -> Iterator[Problem]:
    ratio = measure.kind == RATIO
    for side in ("numerator", "denominator"):
        name = getattr(measure, side)
        if ratio:
            yield from known("unknown_measure", f"{where}.{side}", name, simple)
        else:
            yield from misplaced(f"{where}.{side}", name, bool(name), "only a ratio has it")
    if ratio:
        remedy = "say it of the numerator and the denominator"
        yield from misplaced(f"{where}.when", ", ".join(measure.when), bool(measure.when), remedy)
        yield from misplaced(f"{where}.window", measure.window, measure.window != "month", remedy)


def _months(where: str, measure: Measure) -> Iterator[Problem]:
    place = f"{where}.months"
    yield from between(place, measure.months, 1, LONGEST)
    alone = measure.months != 1 and measure.window != "rolling"
    yield from misplaced(place, str(measure.months), alone, "write window: rolling, or leave it out")


def _each(where: str, measure: Measure, each: Each) -> Iterator[Problem]:
    yield from misplaced(where, measure.kind, measure.kind != "sum", "only a sum makes something of each")
    if not each.table and not each.factors:
        yield problem("missing", where, "nothing", "give a table or factors")
    for name in ("how", "tie"):
        yield from choice(where, name, getattr(each, name))
    if each.table:
        yield from rows(f"{where}.table", each.table, each.how == "interpolated")


def courses(plan: Plan) -> Iterator[Problem]:
    """Problems of the training catalogue."""
    yield from identities("courses", [course.id for course in plan.courses])
    for course in plan.courses:
        yield from _course(f"courses.{course.id}", course)


def _course(where: str, course: Course) -> Iterator[Problem]:
    yield from text(f"{where}.name", course.name)
    yield from choice(where, "attempts", course.attempts)
    yield from between(f"{where}.months", course.months, 1, LONGEST)
    yield from at_least(f"{where}.pass_score", course.pass_score)
    yield from at_least(f"{where}.hours", course.hours)
