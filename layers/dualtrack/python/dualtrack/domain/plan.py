"""The plan: what counts, how much, against what. Data, checked once, the same for everybody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from dualtrack.domain.curves import CURVES, WITH_TABLE
from dualtrack.domain.errors import Problem, problem
from dualtrack.domain.measures import KINDS, RATIO, Measure
from dualtrack.domain.money import EXPONENTS
from dualtrack.domain.numbers import HUNDRED, ZERO

Text = Mapping[str, str]  # by language: en, zh
TARGET = "target."  # a measure with this prefix carries a metric's target, for a team or an employee


@dataclass(frozen=True, slots=True)
class Curve:
    """From attainment to points; edges rise, ``tie`` says to which side an exact edge belongs."""

    kind: str = "linear"
    table: tuple[tuple[Decimal, Decimal], ...] = ()
    tie: str = "upper"


@dataclass(frozen=True, slots=True)
class Metric:
    """An indicator of the plan."""

    id: str
    measure: str
    weight: Decimal
    name: Text
    target: Decimal | None = None
    direction: str = "up"
    falling: str = "linear"
    curve: Curve = field(default_factory=Curve)
    cap: Decimal = Decimal(120)
    floor: Decimal = ZERO
    no_data: str = "zero"


@dataclass(frozen=True, slots=True)
class Track:
    """Business or management: metrics whose weights sum to 100."""

    id: str
    weight: Decimal
    name: Text
    metrics: tuple[Metric, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """A published version never changes; a new version starts on a date."""

    id: str
    version: int
    start: date
    end: date | None
    currency: str
    name: Text
    measures: tuple[Measure, ...]
    tracks: tuple[Track, ...]
    proration: str = "calendar_days"

    @property
    def ref(self) -> str:
        """How a scorecard or a manifest names the plan: ``demo-marketing@1``."""
        return f"{self.id}@{self.version}"

    @property
    def metrics(self) -> Iterator[tuple[Track, Metric]]:
        """Every metric with its track, in the plan's order."""
        return ((track, metric) for track in self.tracks for metric in track.metrics)

    def observed(self, name: str) -> list[Measure]:
        """The measures that fold observations of this name; a target folds to its last value."""
        if name.startswith(TARGET):
            return [Measure(name, name, "last")]
        return [m for m in self.measures if m.kind != RATIO and m.observed == name]


CHOICES = {
    "direction": ("up", "down"),
    "falling": ("linear", "inverse"),
    "no_data": ("zero", "exclude", "hold"),
}


def problems(plan: Plan) -> list[Problem]:
    """Everything that is wrong with a plan, all at once; empty means that it can be published."""
    found = [*_weights(plan), *_tracks(plan), *_measures(plan), *_metrics(plan)]
    if plan.currency not in EXPONENTS:
        found.append(problem("unknown_currency", "currency", plan.currency, f"one of {', '.join(EXPONENTS)}"))
    if plan.proration not in ("calendar_days", "none"):
        found.append(problem("unknown_choice", "proration", plan.proration, "calendar_days or none"))
    if plan.end is not None and plan.end < plan.start:
        found.append(problem("bad_range", "effective.to", plan.end, f"a day from {plan.start} on"))
    return found


def _weights(plan: Plan) -> Iterator[Problem]:
    total = sum((track.weight for track in plan.tracks), ZERO)
    if total != HUNDRED:
        yield problem("weights", "tracks[].weight", f"{total} in all", "make the tracks' weights sum to 100")
    for track in plan.tracks:
        inside = sum((metric.weight for metric in track.metrics), ZERO)
        if inside != HUNDRED:
            place = f"tracks.{track.id}.metrics[].weight"
            yield problem("weights", place, f"{inside} in all", "make the metrics' weights sum to 100")
    weights = [(t.id, t.weight) for t in plan.tracks] + [(m.id, m.weight) for _, m in plan.metrics]
    for name, weight in weights:
        if weight < 0:
            yield problem("weights", f"{name}.weight", weight, "a weight is 0 or more")


def _tracks(plan: Plan) -> Iterator[Problem]:
    ids = [track.id for track in plan.tracks]
    for twice in sorted({each for each in ids if ids.count(each) > 1}):
        yield problem("twice", f"tracks.{twice}", twice, "give every track its own id")


def _measures(plan: Plan) -> Iterator[Problem]:
    simple = {m.id for m in plan.measures if m.kind != RATIO}
    ids = [m.id for m in plan.measures]
    for measure in plan.measures:
        where = f"measures.{measure.id}"
        if ids.count(measure.id) > 1:
            yield problem("twice", where, measure.id, "give every measure its own id")
        if measure.kind not in (*KINDS, RATIO):
            yield problem("unknown_kind", f"{where}.kind", measure.kind, f"one of {', '.join(KINDS)}, ratio")
        if measure.scope not in ("employee", "team"):
            yield problem("unknown_choice", f"{where}.scope", measure.scope, "employee or team")
        for side in ("numerator", "denominator") if measure.kind == RATIO else ():
            if getattr(measure, side) not in simple:
                yield problem("unknown_measure", f"{where}.{side}", getattr(measure, side), _known(simple))


def _known(names: set[str]) -> str:
    return f"name one of {', '.join(sorted(names))}"


def _metrics(plan: Plan) -> Iterator[Problem]:
    names = {m.id for m in plan.measures}
    ids = [metric.id for _, metric in plan.metrics]
    for track, metric in plan.metrics:
        where = f"tracks.{track.id}.metrics.{metric.id}"
        if ids.count(metric.id) > 1:
            yield problem("twice", where, metric.id, "give every metric its own id")
        if metric.measure not in names:
            yield problem("unknown_measure", f"{where}.measure", metric.measure, _known(names))
        for name, allowed in CHOICES.items():
            if getattr(metric, name) not in allowed:
                yield problem(
                    "unknown_choice", f"{where}.{name}", getattr(metric, name), " or ".join(allowed)
                )
        if metric.cap < metric.floor:
            yield problem("bad_range", f"{where}.cap", metric.cap, f"at least the floor {metric.floor}")
        yield from _curve(metric.curve, f"{where}.curve")


def _curve(curve: Curve, where: str) -> Iterator[Problem]:
    if curve.kind not in CURVES:
        yield problem("unknown_kind", f"{where}.kind", curve.kind, f"one of {', '.join(CURVES)}")
        return
    if curve.tie not in ("lower", "upper"):
        yield problem("unknown_choice", f"{where}.tie", curve.tie, "lower or upper")
    edges = [edge for edge, _ in curve.table]
    if (curve.kind in WITH_TABLE) != bool(edges):
        yield problem("table", f"{where}.table", f"{len(edges)} rows", f"{curve.kind} needs " + _rows(curve))
    if edges != sorted(set(edges)):
        yield problem(
            "overlap", f"{where}.table", [str(e) for e in edges], "let every edge be above the last"
        )
    if edges and curve.kind != "interpolated" and edges[0] != 0:
        yield problem("gap", f"{where}.table", f"starts at {edges[0]}", "start the table at 0")


def _rows(curve: Curve) -> str:
    return "a table of [edge, points]" if curve.kind in WITH_TABLE else "no table"
