"""Audit of scores: totals and scorecards, to the last digit, against a fold of all facts from scratch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from dualtrack.app import rows, score, totals
from dualtrack.app.audited import Audited, Finding
from dualtrack.app.totals import Definitions, Totals
from dualtrack.app.valuation import in_force, looks_at, value
from dualtrack.domain import measures
from dualtrack.domain.fold import fold
from dualtrack.domain.observations import Observation
from dualtrack.domain.periods import TIMELESS
from dualtrack.domain.plan import TARGET, Plan

NOT_EMPLOYED: Mapping[str, Any] = {"total": "0", "tracks": {}, "points": {}, "payout": None}


def scores(tenant: Audited) -> Iterator[Finding]:
    """Every day's totals and every scorecard. Where facts are damaged, what differs is not judged."""
    plans = tenant.plans()
    subjects = [*(f"T:{team}" for team in tenant.teams), *map(rows.employee_subject, tenant.employees)]
    for period in tenant.periods:
        plan = Definitions(in_force(plans, period))
        if plan.plans:
            for subject in subjects:
                pk = rows.partition(subject, period)
                yield from tenant.carefully(f"{pk} M#", partial(_totals, tenant, plan, pk))
            for who in tenant.employees:
                pk = rows.partition(rows.employee_subject(who), period)
                yield from tenant.carefully(f"{pk} S", partial(_scorecard, tenant, plan.plans, who, period))


def _totals(tenant: Audited, plan: Definitions, pk: str) -> Iterator[Finding]:
    stored = totals.stored(tenant.items(pk))
    wanted = _folded(plan, tenant.facts[pk])
    safe = pk not in tenant.damaged
    for sk in sorted({*stored, *wanted}):
        if plan.observed(rows.totals_measure(sk)):
            there, right = stored.get(sk, Totals({}, "")), wanted.get(sk, Totals({}, ""))
            if dict(there.content) != dict(right.content):
                yield _differs("total", safe, f"{pk} {sk}", dict(there.content), dict(right.content))


def _folded(plan: Definitions, facts: Sequence[Observation]) -> Mapping[str, Totals]:
    """The totals of every day, from all facts at once."""
    cells: dict[tuple[str, str], list[Observation]] = defaultdict(list)
    for row in fold(facts).current:
        cells[row.place.measure, rows.cell(row.place.day, row.entity)].append(row)
    found: dict[str, dict[str, str]] = defaultdict(dict)
    prints: dict[str, str] = {}
    for (measure, cell), current in cells.items():
        definitions = plan.observed(measure)
        text = rows.encode_partials([measures.partial(each, current) for each in definitions])
        if text:
            sk = rows.totals_key(measure, cell)
            found[sk][rows.bucket_of(cell)], prints[sk] = text, plan.print(measure)
    return {sk: Totals(content, prints[sk]) for sk, content in found.items()}


def _scorecard(tenant: Audited, plans: Sequence[Plan], who: str, period: str) -> Iterator[Finding]:
    subject, history = rows.employee_subject(who), tenant.people[who].history
    pk, teams = rows.partition(subject, period), [f"T:{row.team}" for row in history.rows] if history else []
    card = tenant.items(pk).get("S")
    read = [pk, *(rows.partition(team, period) for team in teams)]
    if not card and not any(_measured(tenant, each) for each in read):
        return
    valued = value(history, tenant.plans(), period, tenant.read) if history else None
    wanted = score.card(valued) if valued else NOT_EMPLOYED
    months = {TIMELESS, period} | {m for plan in plans for m in looks_at(plan, period)}
    safe = tenant.damaged.isdisjoint(rows.partition(s, m) for s in (subject, *teams) for m in months)
    if card is not None:
        for name in (name for name in wanted if card.get(name) != wanted[name]):
            yield _differs("scorecard", safe, f"{pk} S {name}", card.get(name), wanted[name])
    elif wanted is not NOT_EMPLOYED:
        yield _differs("scorecard", safe, f"{pk} S", "none", wanted["payout"])


def _measured(tenant: Audited, pk: str) -> bool:
    """Whether more than targets was observed: a month that has not begun has those at most, and no scores."""
    names = {row.place.measure for row in tenant.facts_of(pk)}
    names |= {rows.totals_measure(sk) for sk in totals.stored(tenant.items(pk))}
    return any(not name.startswith(TARGET) for name in names)


def _differs(kind: str, safe: bool, where: str, stored: object, right: object) -> Finding:
    """What is folded from damaged facts is no measure of what should stand there."""
    if safe:
        return Finding(kind, where, str(stored), str(right))
    return Finding("unjudged", where, str(stored), "not known")
