"""Scoring: values against a plan, with the reasons that explain every number.

The rules and their order are those of the design, "Scoring, exactly" (1 value … 10 reasons).
Nothing is rounded here; rounding happens once, on the payout line.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from dualtrack.domain.curves import CURVES
from dualtrack.domain.numbers import HUNDRED, ONE, ZERO, exact, plain
from dualtrack.domain.plan import TARGET, Metric, Plan, Track

Values = Mapping[str, Decimal | None]


@dataclass(frozen=True, slots=True)
class Reason:
    """One line of an explanation: the rule, what went in, what came out."""

    rule: str
    given: str
    result: str


@dataclass(frozen=True, slots=True)
class MetricScore:
    """A metric's way from value to points. ``state``: scored, zero, excluded or hold."""

    id: str
    track: str
    weight: Decimal
    state: str
    value: Decimal | None
    target: Decimal | None
    attainment: Decimal | None
    points: Decimal
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class TrackScore:
    """A track's score: weighted points over the weights in play."""

    id: str
    weight: Decimal
    score: Decimal
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Scorecard:
    """Everything that one employee's period came to. ``holds`` says what somebody has to decide."""

    plan: str
    metrics: tuple[MetricScore, ...]
    tracks: tuple[TrackScore, ...]
    total: Decimal
    holds: tuple[str, ...]


@exact
def score(plan: Plan, values: Values, targets: Values) -> Scorecard:
    """Score measures against targets (by metric id; absent ones fall back to the plan's own)."""
    metrics = tuple(_metric(track, metric, values, targets) for track, metric in plan.metrics)
    tracks = tuple(_track(track, [m for m in metrics if m.track == track.id]) for track in plan.tracks)
    total = sum((t.weight * t.score / HUNDRED for t in tracks), ZERO)
    holds = tuple(f"{m.id}: {m.reasons[-1].result}" for m in metrics if m.state == "hold")
    return Scorecard(plan.ref, metrics, tracks, total, holds)


def target_of(metric: Metric, layers: Iterable[Values]) -> Decimal | None:
    """The nearest target: the employee's own, then the team's, then the plan's default."""
    for layer in layers:
        own = layer.get(TARGET + metric.id)
        if own is not None:
            return own
    return metric.target


def _metric(track: Track, metric: Metric, values: Values, targets: Values) -> MetricScore:
    value = values[metric.measure]
    target = targets.get(metric.id, metric.target)
    reasons = [Reason("value", metric.measure, _shown(value)), Reason("target", metric.id, _shown(target))]
    if not target:
        return _without(track, metric, value, target, "hold", [*reasons, Reason("target", "", "no target")])
    if value is None:
        state = {"zero": "zero", "exclude": "excluded", "hold": "hold"}[metric.no_data]
        why = Reason("no data", metric.no_data, "no data")
        return _without(track, metric, value, target, state, [*reasons, why])
    reached = attainment(value, target, metric.direction, metric.falling)
    points, curve_reasons = _points(metric, reached)
    reasons += [Reason("attainment", f"{metric.direction} {plain(value)} / {plain(target)}", plain(reached))]
    return MetricScore(
        metric.id,
        track.id,
        metric.weight,
        "scored",
        value,
        target,
        reached,
        points,
        (*reasons, *curve_reasons),
    )


def _without(
    track: Track,
    metric: Metric,
    value: Decimal | None,
    target: Decimal | None,
    state: str,
    reasons: Sequence[Reason],
) -> MetricScore:
    return MetricScore(metric.id, track.id, metric.weight, state, value, target, None, ZERO, tuple(reasons))


def attainment(value: Decimal, target: Decimal, direction: str, falling: str) -> Decimal:
    """Value against target; 1 at exactly the target in both directions, never below 0."""
    if direction == "up":
        return max(ZERO, value / target)
    if falling == "linear":
        return max(ZERO, 2 - value / target)
    return max(ZERO, target / value) if value else _best(target)


def _best(target: Decimal) -> Decimal:
    # Lower is better and nothing is lowest: as good as it gets, and the cap says how good that is.
    return Decimal("1E+6") if target > 0 else ONE


def _points(metric: Metric, reached: Decimal) -> tuple[Decimal, list[Reason]]:
    raw = CURVES[metric.curve.kind](reached, metric.curve.table, metric.curve.tie)
    points = min(metric.cap, max(metric.floor, raw))
    reasons = [Reason("curve", metric.curve.kind, plain(raw))]
    if points != raw:
        reasons.append(
            Reason("cap and floor", f"{plain(metric.floor)} to {plain(metric.cap)}", plain(points))
        )
    return points, reasons


def _track(track: Track, metrics: Sequence[MetricScore]) -> TrackScore:
    in_play = [m for m in metrics if m.state != "excluded"]
    weights = sum((m.weight for m in in_play), ZERO)
    if not weights:
        return TrackScore(track.id, track.weight, ZERO, (Reason("track", track.id, "no metric in play"),))
    weighted = sum((m.weight * m.points for m in in_play), ZERO)
    given = " + ".join(f"{plain(m.weight)} × {plain(m.points)}" for m in in_play)
    result = weighted / weights
    reason = Reason("track", f"({given}) / {plain(weights)}", plain(result))
    return TrackScore(track.id, track.weight, result, (reason,))


def _shown(value: Decimal | None) -> str:
    return "none" if value is None else plain(value)
