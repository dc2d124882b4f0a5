"""What a scenario expects: each row compared with what the tenant says; the differences, if any."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from dualtrack.domain.errors import refuse
from dualtrack.domain.money import exponent, major
from dualtrack.domain.numbers import plain
from infra.scenario import tenant
from infra.scenario.cells import Wanted
from infra.scenario.parse import Row

if TYPE_CHECKING:
    from infra.scenario.play import Stage

Difference = tuple[str, str]  # expected, found
Card = Mapping[str, Any]


def wanted(row: Row) -> str:
    """What a row expects, in its own words."""
    return row.text.split("|")[-1].strip()


def _card(stage: Stage, row: Row) -> Card:
    return tenant.card(stage.tenant, stage.names(row.given["who"]), row.given["period"])


def _among(found: Mapping[str, Any], name: str, what: str) -> Any:
    if name not in found:
        raise refuse("unknown_choice", what, name, f"the plan has {', '.join(found) or 'none'}")
    return found[name]


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _differs(expected: Wanted, found: Decimal | None, about: str = "") -> Iterator[Difference]:
    if not expected.matches(found):
        shown = "none" if found is None else plain(found)
        yield f"{about}{expected.text}", f"{about}{shown}"


def score(stage: Stage, row: Row) -> Iterator[Difference]:
    """The total, and the scores of the tracks that are named."""
    card = _card(stage, row)
    yield from _differs(row.given["number"], Decimal(card["total"]))
    for name, expected in row.free.items():
        found = _among(card["tracks"], name, "track")
        yield from _differs(expected, Decimal(found["score"]), f"{name} ")


def _metric(what: str) -> Callable[[Stage, Row], Iterator[Difference]]:
    """A number of a metric."""

    def compare(stage: Stage, row: Row) -> Iterator[Difference]:
        metric = _among(_card(stage, row)["metrics"], row.given["metric"], "metric")
        yield from _differs(row.given["number"], _number(metric[what]))

    return compare


def _money(expected: Decimal, minor: int, currency: str) -> Iterator[Difference]:
    if expected != Decimal(minor).scaleb(-exponent(currency)):
        yield major_of(expected, currency), major(minor, currency)


def major_of(amount: Decimal, currency: str) -> str:
    """An expected amount as money is written; with all of its digits if it has too many."""
    places = exponent(currency)
    return f"{amount:.{places}f}" if -int(amount.as_tuple().exponent) <= places else plain(amount)


def _currency(stage: Stage, card: Card) -> str:
    """The live scorecard's own, or else its plan's."""
    of_plans = {plan.ref: plan.currency for plan in stage.tenant.plans()}
    return str(card.get("currency") or of_plans[card["plan"]])


def payout(stage: Stage, row: Row) -> Iterator[Difference]:
    """What the live scorecard would pay."""
    card = _card(stage, row)
    currency = _currency(stage, card)
    if card["payout"] is None:
        yield major_of(row.given["amount"], currency), f"held: {'; '.join(card['holds'])}"
    else:
        yield from _money(row.given["amount"], int(card["payout"]), currency)


def paid(stage: Stage, row: Row) -> Iterator[Difference]:
    """What payroll was told to pay by the period's run."""
    run = tenant.run_of(stage.tenant, row.given["period"])
    if run.state != "PUBLISHED":
        raise refuse("wrong_state", f"run {run.id}", run.state, "publish it first")
    employee = stage.names(row.given["who"])
    settled = tenant.settled(stage.tenant, row.given["period"], employee)

    def told() -> Sequence[Mapping[str, Any]]:
        return [m for m in stage.tenant.messages() if (m["run"], m["employee"]) == (run.id, employee)]

    found = told() if settled is None or settled.amount == 0 else stage.tenant.until(told) or []
    amount = sum(Decimal(message["amount"]) for message in found)
    if amount != row.given["amount"]:
        yield plain(row.given["amount"]), plain(Decimal(amount))


def line(stage: Stage, row: Row) -> Iterator[Difference]:
    """The sum of an employee's lines of a kind in a period's run."""
    found = tenant.settled(stage.tenant, row.given["period"], stage.names(row.given["who"]))
    about = row.given.get("about")
    lines = [
        each
        for each in (found.lines if found else ())
        if each.kind == row.given["kind"] and about in (None, each.period)
    ]
    if not lines:
        kinds = ", ".join(dict.fromkeys(each.kind for each in found.lines)) if found else "nothing"
        if row.given["amount"]:
            yield plain(row.given["amount"]), f"no such line; there is {kinds}"
        return
    yield from _money(row.given["amount"], sum(each.amount for each in lines), lines[0].currency)


def held(stage: Stage, row: Row) -> Iterator[Difference]:
    """That somebody has to decide, and why."""
    found = "; ".join(_card(stage, row)["holds"])
    reason = row.given.get("reason", "")
    if not found or reason.lower() not in found.lower():
        yield f"held: {reason}", f"held: {found}" if found else "not held"


def award(stage: Stage, row: Row) -> Iterator[Difference]:
    """Whether somebody qualifies for an award in its month."""
    awards = _card(stage, row)["awards"]
    found = bool(_among(awards, row.given["award"], "award")["qualifies"])
    if found != row.given["answer"]:
        yield _answer(row.given["answer"]), _answer(found)


def _answer(good: bool) -> str:
    return "yes" if good else "no"


def total(stage: Stage, row: Row) -> Iterator[Difference]:
    """The sum of a run's payouts, as it was put up for approval."""
    run = tenant.run_of(stage.tenant, row.given["period"])
    sums = json.loads(run.totals)["totals"] if run.totals else []
    found = sum((Decimal(each["amount"]).scaleb(-exponent(each["currency"])) for each in sums), Decimal(0))
    if found != row.given["amount"]:
        yield plain(row.given["amount"]), plain(found)


def state(stage: Stage, row: Row) -> Iterator[Difference]:
    """Where a period's run stands."""
    found = tenant.run_of(stage.tenant, row.given["period"]).state
    if found.lower() != row.given["state"].lower():
        yield row.given["state"], found


def conflict(stage: Stage, row: Row) -> Iterator[Difference]:
    """That an entity was stated twice, differently."""
    measure, entity = row.given["measure"], stage.names.entity(row.given["entity"])
    expected = f"{measure} {measure}/{entity}"
    found = tenant.conflicts(stage.tenant)
    if expected not in found:
        yield f"a conflict of {entity}", "; ".join(found) or "no conflict"


EXPECTS: Mapping[str, Callable[[Stage, Row], Iterator[Difference]]] = {
    "expect score": score,
    "expect points": _metric("points"),
    "expect value": _metric("value"),
    "expect attainment": _metric("attainment"),
    "expect payout": payout,
    "expect paid": paid,
    "expect line": line,
    "expect held": held,
    "expect award": award,
    "expect total": total,
    "expect state": state,
    "expect conflict": conflict,
}
