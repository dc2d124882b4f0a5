"""Facts as forms send them, and what a shipped plan makes of them: mapped, folded, valued."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from dualtrack.adapters import mapping_file, plan_file
from dualtrack.adapters.mapping import Mappings, parse
from dualtrack.app.valuation import Valued, reader, value
from dualtrack.domain.employment import EMPLOYMENT, history
from dualtrack.domain.fold import fold
from dualtrack.domain.observations import Observation
from dualtrack.domain.plan import Plan
from tests.support import events

ROOT = Path(__file__).parents[2]
ZONE, NOW = ZoneInfo("Asia/Shanghai"), datetime(2027, 2, 1, tzinfo=UTC)
Event = dict[str, Any]
_numbers = count(1)


@cache
def shipped(name: str) -> Plan:
    """A plan that ships."""
    return plan_file.load(ROOT / f"events/plans/{name}.yaml")[0]


@cache
def mappings() -> Mappings:
    """The sources that feed the shipped plans."""
    files = (ROOT / f"events/sources/{each}/mapping.yaml" for each in ("facts", "hr", "lms"))
    return Mappings([parse(mapping_file.stored(mapping_file.load(file))) for file in files])


def form(kind: str, day: str = "2026-03-16", /, **data: Any) -> Event:
    """A row of a form: of ann, in March, the first version, unless it says otherwise."""
    usual = {"id": f"{kind}-{next(_numbers)}", "version": 1, "day": day, "employee": "ann", "deleted": False}
    return events.event(f"facts.{kind}", usual | data, time=f"{data.get('day', day)}T12:00:00+08:00")


def learned(kind: str, day: str = "2026-03-16", /, **data: Any) -> Event:
    """An event of the learning system about ann: ``exam`` or ``completed``."""
    number, usual = f"l{next(_numbers)}", {"version": 1, "employee": "ann"}
    named = {"exam": ("lms.exam.finished", {"exam_id": number, "finished_on": day}),
             "completed": ("lms.course.completed", {"completion_id": number, "completed_on": day}),
             "enrolled": ("lms.enrolled", {"enrolment_id": number, "enrolled_on": day}),
             "progress": ("lms.progress", {"day": day})}  # fmt: skip
    kind, more = named[kind]
    return events.event(kind, usual | more | data, time=f"{day}T12:00:00+08:00")


def observed(given: Iterable[Event]) -> list[Observation]:
    """What the mappings make of events; of each entity the greatest version, since nothing here moves."""
    facts = sorted((mappings()(event, NOW, ZONE) for event in given), key=lambda fact: fact.version)
    newest = {(fact.kind, fact.entity): fact for fact in facts}
    return [each for fact in newest.values() for each in fact.observations()]


def valued(plan: str, given: Iterable[Event], period: str = "2026-03", **terms: Any) -> Valued:
    """Ann's period by a shipped plan: 10 000.00 a month in its currency, in team t1 since 2024."""
    usual = {"base": 1000000, "currency": shipped(plan).currency, "from": "2024-01-01"}
    rows = observed([events.employee("ann", **usual | terms), *given])
    facts: dict[tuple[str, str], list[Observation]] = defaultdict(list)
    for row in fold(rows).current:
        facts[row.place.subject, row.place.period].append(row)
    [*terms_of] = (row for row in rows if row.place.measure == EMPLOYMENT)
    known = history(terms_of)
    assert known is not None
    found = value(known, [shipped(plan)], period, reader(facts))
    assert found is not None
    return found


def targets(period: str = "2026-03", **metrics: str) -> list[Event]:
    """Targets of team t1."""
    return [events.target(metric, said, period) for metric, said in metrics.items()]


def scores(found: Valued) -> Mapping[str, Any]:
    """The metrics of a scorecard by their ids."""
    return {each.id: each for each in found.card.metrics}
