"""Explain: every number of a scorecard down to its source events.

``explain`` recomputes from today's rows. ``as_settled`` reads what a run kept as its evidence: what was
known then, whatever arrived later. Both can be narrowed to one metric.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dualtrack.app import evidence, roster, rows
from dualtrack.app.close import chunk_list
from dualtrack.app.folded import FoldedFacts
from dualtrack.app.ports import Item, Objects, Table
from dualtrack.app.valuation import reader, value
from dualtrack.domain.dependencies import order, reads
from dualtrack.domain.errors import refuse
from dualtrack.domain.periods import month
from dualtrack.domain.plan import TARGET, Condition, Plan
from dualtrack.domain.runs import Run

Card = dict[str, Any]


def explain(table: Table, plans: Sequence[Plan], employee: str, period: str, metric: str = "") -> Card:
    """The scorecard with all reasons and the observations that count, folded from scratch.

    With a metric, only its own numbers and the observations that fed them.
    """
    month(period)
    history = roster.person(table, employee).history
    if history is None:
        raise refuse("unknown_employee", "employee", employee, "name somebody on the roster")
    facts = FoldedFacts(table)
    valued = value(history, plans, period, reader(facts))
    if valued is None:
        raise refuse("no_plan", "period", period, "name a period in which the employee has terms and a plan")
    found = [row for key in valued.read for row in facts[key]]
    card = evidence.card_data(valued, period) | {"observations": evidence.observation_data(found)}
    return narrowed(card, plans, metric) if metric else card


def live(table: Table, employee: str, period: str) -> Item | None:
    """The scorecard's row as the stream's function left it; None before the first fold."""
    return table.get(rows.partition(rows.employee_subject(employee), month(period)), "S")


def as_settled(objects: Objects, run: Run, employee: str, period: str) -> Card:
    """The scorecard as a run settled it, and all observations that it is made of."""
    month(period)
    for listed in chunk_list(objects, run):
        if employee in listed["employees"]:
            content = evidence.content(objects.read(evidence.chunk_key(run, listed["chunk"])))
            cards = [c for c in content["cards"] if (c["employee"], c["period"]) == (employee, period)]
            if cards:
                mine = [o for o in content["observations"] if o[:2] in cards[0]["read"]]
                return {**cards[0], "observations": mine}
    raise refuse("not_settled", f"run {run.id}", f"{employee} {period}", "name whom and what it settled")


def narrowed(card: Card, plans: Sequence[Plan], metric: str) -> Card:
    """An explained scorecard's numbers of one metric, and the observations that fed it."""
    sheets = [card, *card["parts"]]
    known = [plan for plan in plans for sheet in sheets if plan.ref == sheet["plan"]]
    if not any(metric in plan.metric_of for plan in known):
        names = ", ".join(name for plan in known for name in plan.metric_of)
        raise refuse("unknown_metric", "metric", metric, f"name one of {names}")
    fed = {name for plan in known if metric in plan.metric_of for name in observed_by(plan, metric)}
    only = {**_only(card, metric), "parts": [_only(part, metric) for part in card["parts"]]}
    return only | {"observations": [o for o in card["observations"] if o[2] in fed]}


def _only(sheet: Mapping[str, Any], metric: str) -> Card:
    return {**sheet, "metrics": {name: each for name, each in sheet["metrics"].items() if name == metric}}


def observed_by(plan: Plan, metric: str) -> set[str]:
    """Under which names that is observed which a metric's points are made of, other metrics' included."""
    needed = _upstream(plan, metric)
    measures = {name for each in needed for name in _measures(plan, each)}
    ratios = [plan.measure_of[name] for name in measures if name in plan.measure_of]
    measures |= {name for ratio in ratios for name in (ratio.numerator, ratio.denominator) if name}
    observed = {plan.measure_of[name].observed for name in measures if name in plan.measure_of}
    return observed | {TARGET + each for each in needed}


def _upstream(plan: Plan, metric: str) -> set[str]:
    """The metric, and all that its gates, modifiers and formulas read, however far up."""
    needed, read = {("metric", metric)}, reads(plan)
    for node in reversed(order(plan)):
        needed |= set(read[node]) if node in needed else set()
    return {name for of, name in needed if of == "metric"}


def _measures(plan: Plan, metric: str) -> Iterator[str]:
    """The measures that a metric reads itself."""
    rule = plan.metric_of[metric][1]
    yield rule.measure
    conditions: list[Condition] = [c for gate in rule.gates for c in gate.conditions]
    conditions += [c for modifier in rule.modifiers for c in modifier.when]
    yield from (condition.id for condition in conditions if condition.of == "measure")
    yield from (modifier.per for modifier in rule.modifiers)
    for formula in (rule.formula, rule.curve.formula):
        yield from formula.names if formula else ()
