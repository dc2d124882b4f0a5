"""What trying a plan came to, as JSON and as tables."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dualtrack.app import evidence
from dualtrack.app.trying import Result, Tried
from dualtrack.domain.money import major
from dualtrack.domain.numbers import plain
from dualtrack.domain.payouts import REGULAR
from dualtrack.domain.periods import MONTH
from dualtrack.domain.plan import Plan
from infra.cli import cards
from infra.cli.cards import columns
from infra.cli.show import line
from infra.cli.words import text

Said = dict[str, Any]
NUMBERS = ("value", "target", "attainment", "points")


def as_json(found: Tried, period: str) -> str:
    """A list with one object a line: every employee's months, then the sums of a quarter or year."""
    said = [*map(result, found.results), *_sums(found, period)]
    return "[\n" + ",\n".join(json.dumps(each, ensure_ascii=False) for each in said) + "\n]"


def result(found: Result) -> Said:
    """A month as JSON: decimals as texts, the payout in the currency's own unit, None while on hold."""
    card = evidence.card_data(found.valued, found.period)
    said: Said = {name: card[name] for name in ("employee", "period", "plan", "total")}
    said |= {"payout": _payout(found), "currency": found.valued.currency}
    said |= {"tracks": {track: each["score"] for track, each in card["tracks"].items()}}
    said |= {"metrics": {metric: _metric(each) for metric, each in card["metrics"].items()}}
    said |= {"reasons": _track_reasons(card) + _reasons(card["reasons"])}
    more = {
        "holds": card["holds"],
        "awards": {award: _award(each) for award, each in card["awards"].items()},
        "parts": [_part(each) for each in card["parts"]],
        "lines": _lines(found),
    }
    return said | {name: each for name, each in more.items() if each}


def _payout(found: Result) -> str | None:
    return None if found.payout is None else major(found.payout.amount, found.payout.currency)


def _metric(data: Mapping[str, Any]) -> Said:
    numbers = {name: data[name] for name in NUMBERS}
    state = {"eligible": data["state"] != "ineligible", "state": data["state"]}
    return numbers | state | {"reasons": _reasons(data["reasons"])}


def _part(data: Mapping[str, Any]) -> Said:
    """An earlier part of a month in which another plan, or version, takes over."""
    tracks = {track: each["score"] for track, each in data["tracks"].items()}
    metrics = {metric: _metric(each) for metric, each in data["metrics"].items()}
    return {name: data[name] for name in ("from", "to", "plan", "total")} | {
        "tracks": tracks,
        "metrics": metrics,
    }


def _award(data: Mapping[str, Any]) -> Said:
    return {"qualifies": data["qualifies"], "reasons": _reasons(data["reasons"])}


def _reasons(found: Sequence[Sequence[str]]) -> list[Said]:
    return [{"rule": rule, "given": given, "result": result} for rule, given, result in found]


def _track_reasons(card: Mapping[str, Any]) -> list[Said]:
    return [
        {"track": track} | reason
        for track, each in card["tracks"].items()
        for reason in _reasons(each["reasons"])
    ]


def _lines(found: Result) -> list[Said]:
    """What the payout is made of, if that is more than the month's own amount."""
    lines = found.payout.lines if found.payout else ()
    if all(each.kind == REGULAR for each in lines):
        return []
    return [{"kind": each.kind, "amount": major(each.amount, each.currency)} for each in lines]


def _sums(found: Tried, period: str) -> Iterator[Said]:
    """Of a quarter or a year, what every employee's months come to."""
    if not period or MONTH.match(period):
        return
    for employee in dict.fromkeys(each.employee for each in found.results):
        mine = [each for each in found.results if each.employee == employee]
        currency = mine[-1].valued.currency
        amounts = [each.payout.amount for each in mine if each.payout]
        whole = len(amounts) == len(mine)
        yield {
            "employee": employee,
            "period": period,
            "total": None,
            "payout": major(sum(amounts), currency) if whole else None,
            "currency": currency,
            "tracks": {},
            "metrics": {},
            "months": [each.period for each in mine],
        }


def as_tables(found: Tried, period: str, plan: Plan) -> None:
    """Every month with all its reasons, then one line for each."""
    for each in found.results:
        line("try.head", employee=each.employee, period=each.period, plan=plan.ref)
        cards.printed(evidence.card_data(each.valued, each.period), plan)
        _end(each)
    rows = [
        (e.employee, e.period, cards.short(plain(e.valued.card.total)), *_paid(_payout(e), e))
        for e in found.results
    ]
    sums = [
        (e["employee"], e["period"], "", e["payout"] or text("hold"), e["currency"])
        for e in _sums(found, period)
    ]
    columns(("employee", "period", "total", "payout", "currency"), [*rows, *sums])


def _paid(amount: str | None, found: Result) -> tuple[str, str]:
    return amount or text("hold"), found.valued.currency


def _end(found: Result) -> None:
    for award in found.valued.card.awards:
        line("try.award" if award.qualifies else "try.no_award", award=award.id)
    if lines := _lines(found):
        line("try.lines", lines=" + ".join(f"{each['kind']} {each['amount']}" for each in lines))
    if found.payout is None:
        line("score.held", holds="; ".join(found.valued.holds))
        return
    total = cards.short(plain(found.valued.card.total))
    line("score.total", total=total, payout=_payout(found), currency=found.payout.currency)
