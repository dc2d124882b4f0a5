"""Scoring: values against a plan, with the reasons that explain every number.

The rules and their order are those of the design, "Scoring, exactly" (1 value … 10 reasons).
Nothing is rounded here unless the plan says ``round_attainment``; money is rounded once, on the payout line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from dualtrack.domain.conditions import Board, Values, gate_reason, passed, shown
from dualtrack.domain.curves import CURVES, FORMULA
from dualtrack.domain.formulas import Incalculable
from dualtrack.domain.modifiers import Bounds, modified
from dualtrack.domain.numbers import HUNDRED, ZERO, dusted, exact, plain
from dualtrack.domain.plan import Award, Gate, Metric, Plan, Track
from dualtrack.domain.reasons import Reason

STATE_OF = {"zero": "ineligible", "exclude": "excluded", "hold": "hold"}  # after a gate that failed
WITHOUT_DATA = {"zero": "zero", "exclude": "excluded", "hold": "hold"}
# Lower is better and nothing is lower: as good as it gets, and the cap says how good that is.
BEST = Decimal("1E+6")


@dataclass(frozen=True, slots=True)
class MetricScore:
    """A metric's way from value to points. ``state``: scored, zero, ineligible, excluded or hold."""

    id: str
    track: str
    weight: Decimal
    state: str
    value: Decimal | None
    target: Decimal | None
    attainment: Decimal | None
    points: Decimal
    reasons: tuple[Reason, ...]

    @property
    def eligible(self) -> bool:
        """Whether no gate has shut it out."""
        return self.state != "ineligible"


@dataclass(frozen=True, slots=True)
class TrackScore:
    """A track's score: weighted points over the weights in play. ``held`` says why somebody has to decide."""

    id: str
    weight: Decimal
    score: Decimal
    reasons: tuple[Reason, ...]
    held: str = ""


@dataclass(frozen=True, slots=True)
class AwardResult:
    """Whether somebody qualifies for an award, and what each of its gates saw."""

    id: str
    qualifies: bool
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Scorecard:
    """Everything that one employee's period came to. ``holds`` says what somebody has to decide."""

    plan: str
    metrics: tuple[MetricScore, ...]
    tracks: tuple[TrackScore, ...]
    total: Decimal
    holds: tuple[str, ...]
    awards: tuple[AwardResult, ...] = ()


@exact
def score(plan: Plan, values: Values, targets: Values, month: int = 0) -> Scorecard:
    """Score measures against targets (by metric id; absent ones fall back to the plan's own).

    ``month`` (1 to 12) is that of the period: awards of that month are decided with it.
    """
    return worked_out(plan, values, targets, month)[0]


@exact
def worked_out(plan: Plan, values: Values, targets: Values, month: int = 0) -> tuple[Scorecard, Board]:
    """The scorecard, and the board it was worked out on, for the payout's own conditions."""
    board = Board(plan, values)
    for node in plan.order:
        _work_out(board, plan, node, targets)
    board.total = sum((t.weight * board.tracks[t.id].score / HUNDRED for t in plan.tracks), ZERO)
    metrics = tuple(board.metrics[metric.id] for _, metric in plan.metrics)
    tracks = tuple(board.tracks[track.id] for track in plan.tracks)
    holds = [f"{m.id}: {_why(m.reasons[-1])}" for m in metrics if m.state == "hold"]
    holds += [f"{t.id}: {t.held}" for t in tracks if t.held]
    awards = tuple(_award(board, award) for award in plan.awards if award.month == month)
    return Scorecard(plan.ref, metrics, tracks, board.total, tuple(holds), awards), board


def _why(reason: Reason) -> str:
    """Why somebody has to decide: what a gate saw, or what there is none of."""
    return reason.given if reason.rule == "gate" else reason.result


def _work_out(board: Board, plan: Plan, node: tuple[str, str], targets: Values) -> None:
    of, name = node
    if of == "number":
        track, metric = plan.metric_of[name]
        board.metrics[name] = _measured(board, track, metric, targets.get(metric.id, metric.target))
    elif of == "metric":
        _finish(board, plan.metric_of[name][1])
    else:
        board.tracks[name] = _track(board, plan.track_of[name])
        if not board.tracks[name].held:
            _finish_track(board, plan.track_of[name])


def _measured(board: Board, track: Track, metric: Metric, target: Decimal | None) -> MetricScore:
    """Value, target, attainment, curve, cap and floor; or why there are none."""
    draft = MetricScore(metric.id, track.id, metric.weight, "scored", None, target, None, ZERO, ())
    about = metric.formula.text if metric.formula else metric.measure
    try:
        value = board.calculate(metric.formula) if metric.formula else board.values[metric.measure]
    except Incalculable as error:
        return _noted(draft, Reason("formula", about, str(error)), state="hold")
    why = Reason("value", about, shown(value)), Reason("target", metric.id, shown(target))
    draft = _noted(draft, *why, value=value)
    if not target or target < 0:  # half of a loss that was planned says nothing about who did well
        result = "target below 0" if target else "no target"
        return _noted(draft, Reason("target", shown(target), result), state="hold")
    if value is None:
        return _noted(draft, Reason("no data", metric.no_data, "no data"), state=WITHOUT_DATA[metric.no_data])
    return _curved(board, metric, draft, value, target)


def _noted(card: MetricScore, *reasons: Reason, **changes: Any) -> MetricScore:
    return replace(card, reasons=(*card.reasons, *reasons), **changes)


def _curved(board: Board, metric: Metric, draft: MetricScore, value: Decimal, target: Decimal) -> MetricScore:
    raw = attainment(value, target, metric.direction, metric.falling)
    reached = _rounded(raw, metric.round_attainment)
    given = f"{metric.direction} {plain(value)} / {plain(target)}"
    draft = _noted(draft, Reason("attainment", given, plain(reached)), attainment=reached)
    curve = metric.curve
    if curve.kind != FORMULA or curve.formula is None:
        return _capped(metric, draft, CURVES[curve.kind](reached, curve.table, curve.tie))
    try:
        points = board.calculate(curve.formula, {"value": value, "target": target, "attainment": reached})
    except Incalculable as error:
        return _noted(draft, Reason("formula", curve.formula.text, str(error)), state="hold")
    if points is None:
        return _noted(
            draft, Reason("formula", curve.formula.text, "needs a number that is not there"), state="hold"
        )
    return _capped(metric, draft, points)


def _rounded(value: Decimal, places: int | None) -> Decimal:
    if places is None:
        return value
    return dusted(value).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def attainment(value: Decimal, target: Decimal, direction: str, falling: str) -> Decimal:
    """Value against a target above 0; 1 at exactly the target in both directions, never below 0."""
    if direction == "up":
        return max(ZERO, value / target)
    if falling == "linear":
        return max(ZERO, 2 - value / target)
    return min(BEST, target / value) if value > 0 else BEST


def _capped(metric: Metric, draft: MetricScore, raw: Decimal) -> MetricScore:
    points = min(metric.cap, max(metric.floor, raw))
    draft = _noted(draft, Reason("curve", metric.curve.kind, plain(raw)), points=points)
    if points == raw:
        return draft
    given = f"{plain(metric.floor)} to {plain(metric.cap)}"
    return _noted(draft, Reason("cap and floor", given, plain(points)))


def _finish(board: Board, metric: Metric) -> None:
    """Gates, up to the first that shuts, then modifiers; both may read the metric's numbers so far."""
    card, cap = board.metrics[metric.id], metric.cap
    for gate in _tested(metric, card):
        if not passed(board, gate):
            card = board.metrics[metric.id] = _failed(board, card, gate)
            if gate.cap is None:
                return
            cap = min(cap, gate.cap)
    if card.state == "scored":
        bounds = Bounds(min(metric.floor, cap), cap)
        points, reasons = modified(board, card.points, metric.modifiers, bounds)
        board.metrics[metric.id] = _noted(card, *reasons, points=points)


def _tested(metric: Metric, card: MetricScore) -> Sequence[Gate]:
    """Without data only gates that do not ask for the metric's own numbers; on hold none."""
    if card.state == "scored":
        return metric.gates
    own = ("metric", metric.id)
    others = [g for g in metric.gates if own not in {(c.of, c.id) for c in g.conditions}]
    return [] if card.state == "hold" else [g for g in others if g.cap is None]


def _failed(board: Board, card: MetricScore, gate: Gate) -> MetricScore:
    if gate.cap is not None:
        points = min(card.points, gate.cap)
        reason = gate_reason(board, gate, f"at most {plain(gate.cap)}: {plain(points)}")
        return _noted(card, reason, points=points)
    state = STATE_OF[gate.otherwise]
    return _noted(card, gate_reason(board, gate, state), points=ZERO, state=state)


def _track(board: Board, track: Track) -> TrackScore:
    metrics = [board.metrics[metric.id] for metric in track.metrics]
    in_play = [m for m in metrics if m.state != "excluded"]
    weights = sum((m.weight for m in in_play), ZERO)
    if not weights:
        # Nothing to share its weight out to: a 0 would be a number that nobody has earned or lost.
        reason = Reason("track", track.id, "no metric in play")
        return TrackScore(track.id, track.weight, ZERO, (reason,), reason.result)
    weighted = sum((m.weight * m.points for m in in_play), ZERO)
    given = " + ".join(f"{plain(m.weight)} × {plain(m.points)}" for m in in_play)
    result = weighted / weights
    reason = Reason("track", f"({given}) / {plain(weights)}", plain(result))
    return TrackScore(track.id, track.weight, result, (reason,))


def _finish_track(board: Board, track: Track) -> None:
    """Gates, up to the first that shuts, then modifiers; both may read the track's score so far."""
    card, cap = board.tracks[track.id], track.cap
    for gate in track.gates:
        if not passed(board, gate):
            card = board.tracks[track.id] = _failed_track(board, card, gate)
            if gate.cap is None:
                return
            cap = min(cap, gate.cap)
    if track.cap < card.score:
        reason = Reason("cap and floor", f"0 to {plain(track.cap)}", plain(track.cap))
        card = replace(card, score=track.cap, reasons=(*card.reasons, reason))
    points, reasons = modified(board, card.score, track.modifiers, Bounds(ZERO, cap))
    board.tracks[track.id] = replace(card, score=points, reasons=(*card.reasons, *reasons))


def _failed_track(board: Board, card: TrackScore, gate: Gate) -> TrackScore:
    if gate.cap is not None:
        points = min(card.score, gate.cap)
        reason = gate_reason(board, gate, f"at most {plain(gate.cap)}: {plain(points)}")
        return replace(card, score=points, reasons=(*card.reasons, reason))
    reason = gate_reason(board, gate, STATE_OF[gate.otherwise])
    held = reason.given if gate.otherwise == "hold" else ""
    return replace(card, score=ZERO, reasons=(*card.reasons, reason), held=held)


def _award(board: Board, award: Award) -> AwardResult:
    results = [(gate, passed(board, gate)) for gate in award.gates]
    reasons = tuple(gate_reason(board, gate, "passed" if good else "not passed") for gate, good in results)
    return AwardResult(award.id, all(good for _, good in results), reasons)
