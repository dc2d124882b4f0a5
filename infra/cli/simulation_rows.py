"""A simulation in words and rows: the terminal, the CSV file and the page say the same."""

from __future__ import annotations

from collections.abc import Sequence

from dualtrack.app.simulation import Bar, Compared, Simulation, due
from dualtrack.domain.money import major
from infra.cli.cards import name
from infra.cli.words import text

HEADS = ("employee", "team", "sim_before", "sim_after", "difference", "paid", "currency")
METRIC_HEADS = ("metric", "sim_before", "sim_after", "difference")


def title(found: Simulation) -> str:
    """What is compared."""
    return text("sim.head", draft=found.draft.ref, period=found.period, count=len(found.people))


def cost(found: Simulation, currency: str) -> list[str]:
    """What everybody costs before and after, and what was paid if the period is published."""
    before, after = (found.cost(currency, of) for of in (_before, _after))
    amounts = {"before": major(before, currency), "after": major(after, currency)}
    said = [text("sim.cost", currency=currency, **amounts, difference=signed(after - before, currency))]
    if found.published:
        paid = major(found.cost(currency, lambda each: each.paid), currency)
        said.append(text("sim.paid", paid=paid, currency=currency))
    return said


def _before(each: Compared) -> int | None:
    return due(each.before)


def _after(each: Compared) -> int | None:
    return due(each.after)


def signed(amount: int, currency: str) -> str:
    """A difference in the currency's own unit, with its sign."""
    return ("+" if amount > 0 else "") + major(amount, currency)


def span(bar: Bar, currency: str) -> str:
    """From where to where a bar counts."""
    if bar.low == bar.high:
        return text("sim.unchanged")
    return f"{signed(bar.low, currency)} … {signed(bar.high, currency)}"


def rows(found: Simulation) -> list[Sequence[str]]:
    """Everybody: who is on hold, then from the greatest loss to the greatest gain."""
    same = [each for each in found.people if each.difference == 0]
    gaining = reversed(found.differing(1))
    return [row(each) for each in (*found.held, *found.differing(-1), *same, *gaining)]


def row(each: Compared) -> Sequence[str]:
    """An employee's amounts, each in the currency's own unit."""
    amounts = (_before(each), _after(each))
    shown = [text("hold") if amount is None else major(amount, each.currency) for amount in amounts]
    difference = "" if each.difference is None else signed(each.difference, each.currency)
    paid = "" if each.paid is None else major(each.paid, each.currency)
    return each.employee, each.team, *shown, difference, paid, each.currency


def metric_rows(found: Simulation) -> list[Sequence[str]]:
    """Mean points of every metric before and after, to two digits."""
    names = {metric.id: metric.name for plan in (*found.plans, found.draft) for _, metric in plan.metrics}
    made: list[Sequence[str]] = []
    for metric, before, after in found.means():
        moved = None if before is None or after is None else after - before
        shown = ("" if each is None else f"{each:.2f}" for each in (before, after, moved))
        made.append((name(names[metric], metric), *shown))
    return made
