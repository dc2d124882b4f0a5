"""Scorecards for reading: numbers in columns, reasons line by line, names in the language in use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import typer
from rich.cells import cell_len

from dualtrack.domain.plan import Plan
from infra.cli.rules import result, rule
from infra.cli.words import language, text

Card = Mapping[str, Any]  # as ``evidence.card_data`` has it
NUMBERS = ("weight", "value", "target", "attainment", "points")
DIGITS = 10  # after the point, for reading; JSON has them all


def name(names: Mapping[str, str], otherwise: str = "") -> str:
    """A name in the language in use, else in another, else the id."""
    return names.get(language()) or next(iter(names.values()), otherwise)


def short(said: str | None) -> str:
    """At most ten digits after the point."""
    whole, point, rest = (said or "").partition(".")
    return f"{whole}.{rest[:DIGITS]}…" if point and rest.isdigit() and len(rest) > DIGITS else said or ""


def printed(card: Card, plan: Plan, metric: str = "") -> None:
    """Metrics and tracks in columns, then every reason; of one metric only its own."""
    columns(("track", "metric", *NUMBERS, "state"), list(_metrics(card, plan)))
    tracks = [(track, card["tracks"][track.id]) for track in plan.tracks if not metric]
    columns(
        ("track", "weight", "score"),
        [(name(track.name, track.id), each["weight"], short(each["score"])) for track, each in tracks],
    )
    columns(("about", "rule", "given", "result"), list(reasons(card, plan, metric)))


def _metrics(card: Card, plan: Plan) -> Iterator[Sequence[str]]:
    for track, metric in plan.metrics:
        each = card["metrics"].get(metric.id)
        if each is not None:
            numbers = (short(each[number]) for number in NUMBERS)
            yield name(track.name, track.id), name(metric.name, metric.id), *numbers, result(each["state"])


def reasons(card: Card, plan: Plan, metric: str = "") -> Iterator[tuple[str, str, str, str]]:
    """About what, the rule, what went in, what came out; metrics, tracks, awards, then the payout."""
    for what, each in _explained(card, plan, metric):
        for said, given, came in each:
            yield what, rule(said), result(given), result(short(came))


def _explained(card: Card, plan: Plan, metric: str) -> Iterator[tuple[str, Sequence[Sequence[str]]]]:
    for _, each in plan.metrics:
        if each.id in card["metrics"]:
            yield name(each.name, each.id), card["metrics"][each.id]["reasons"]
    if metric:
        return
    for track in plan.tracks:
        yield name(track.name, track.id), card["tracks"][track.id]["reasons"]
    for award in plan.awards:
        if award.id in card["awards"]:
            yield name(award.name, award.id), card["awards"][award.id]["reasons"]
    yield "", card.get("reasons", ())  # a part's are among those of the whole


def columns(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Rows under heads, every column as wide as its widest cell; nothing is cut or wrapped."""
    listed = [[text(f"col.{head}") for head in heads], *([str(cell) for cell in row] for row in rows)]
    if len(listed) == 1:
        return
    wide = [max(map(cell_len, column)) for column in zip(*listed, strict=True)]
    for row in listed:
        padded = (cell + " " * (width - cell_len(cell)) for cell, width in zip(row, wide, strict=True))
        typer.echo("  " + "  ".join(padded).rstrip())
    typer.echo()
