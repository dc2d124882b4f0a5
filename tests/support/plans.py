"""Plans as tests write them: one metric, one line of condition, one table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from dualtrack.domain.formulas import Formula, Names
from dualtrack.domain.measures import Measure
from dualtrack.domain.plan import Condition, Gate, Metric, Modifier, Plan, Table, Track
from dualtrack.domain.scoring import MetricScore, Scorecard, score

Number = str | int | Decimal | None
D = Decimal


def number(raw: Number) -> Decimal | None:
    """``"0.95"`` as a decimal; None stays None."""
    return None if raw is None else D(raw)


def numbers(given: Mapping[str, Number]) -> dict[str, Decimal | None]:
    """The same for everything that is named."""
    return {name: number(raw) for name, raw in given.items()}


def table(*rows: tuple[str | int, str | int]) -> Table:
    """(edge, given) in turn."""
    return tuple((D(edge), D(given)) for edge, given in rows)


def when(said: str) -> Condition:
    """``metric a points at_least 90``, ``track t above 80``, ``total score above 9`` …"""
    of, identity, *what, test, bound = said.split()
    return Condition(of, identity, what[0] if what else "", test, D(bound))


def gate(*said: str, **fields: Any) -> Gate:
    """A gate of such conditions."""
    return Gate(tuple(map(when, said)), **fields)


def modifier(act: str, amount: str | int | Decimal, *said: str, **fields: Any) -> Modifier:
    """A modifier under such conditions."""
    return Modifier(act, D(amount), when=tuple(map(when, said)), **fields)


def formula(text: str, names: str, calculate: Callable[[Names], Any]) -> Formula:
    """A formula that is calculated by a function of what it names."""
    return Formula(text, tuple(names.split()), calculate)


def metric(identity: str = "m", weight: str | int = 100, target: Number = 100, **fields: Any) -> Metric:
    """A metric on the measure of its own name."""
    fields = {"measure": "" if fields.get("formula") else identity} | fields
    return Metric(identity, weight=D(weight), name={}, target=number(target), **fields)


def track(identity: str, weight: str | int, *metrics: Metric, **fields: Any) -> Track:
    """A track of these metrics."""
    return Track(identity, D(weight), {}, metrics, **fields)


def plan(
    *of: Metric | Track,
    kinds: Mapping[str, str] | None = None,
    defined: Sequence[Measure] = (),
    **fields: Any,
) -> Plan:
    """A plan in euro: of tracks, or of metrics that are one track, ``business``.

    Its measures are sums, except those whose kinds are given or that are defined.
    """
    metrics = [each for each in of if isinstance(each, Metric)]
    tracks = [each for each in of if isinstance(each, Track)] or [track("business", 100, *metrics)]
    named = [m.measure for each in tracks for m in each.metrics if m.measure]
    folded = dict.fromkeys(named, "sum") | dict(kinds or {})
    known_ones = {measure.id: measure for measure in defined}
    measures = tuple(known_ones.get(name, Measure(name, name, kind)) for name, kind in folded.items())
    known: dict[str, Any] = {"start": date(2024, 1, 1), "end": None, "currency": "EUR", "name": {}}
    return Plan("test", 1, measures=measures, tracks=tuple(tracks), **known | fields)


def card(
    written: Plan, month: int = 0, targets: Mapping[str, Number] | None = None, **given: Any
) -> Scorecard:
    """The scorecard of these values; measures that are not named have none."""
    values: dict[str, Decimal | None] = dict.fromkeys(written.measure_of)
    return score(written, values | numbers(given), numbers(targets or {}), month)


def points(found: Scorecard, identity: str = "m") -> Decimal:
    """A metric's points."""
    return named(found, identity).points


def named(found: Scorecard, identity: str = "m") -> MetricScore:
    """A metric of a scorecard."""
    return next(each for each in found.metrics if each.id == identity)


def rules(found: Sequence[Any]) -> list[str]:
    """Which rules reasons name."""
    return [each.rule for each in found]
