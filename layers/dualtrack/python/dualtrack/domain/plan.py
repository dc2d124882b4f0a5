"""The plan: what counts, how much, against what. Data, checked once (``checks.py``), the same for everybody.

README.md beside this file says what each part means and in which order it is applied.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property

from dualtrack.domain.dependencies import order
from dualtrack.domain.formulas import Formula
from dualtrack.domain.measures import RATIO, Measure
from dualtrack.domain.numbers import ZERO
from dualtrack.domain.owing import Negative
from dualtrack.domain.rates import Rates

Text = Mapping[str, str]  # by language: en, zh
Table = tuple[tuple[Decimal, Decimal], ...]  # (edge, points, rate or amount), edges rising
TARGET = "target."  # a measure with this prefix carries a metric's target, for a team or an employee


@dataclass(frozen=True, slots=True)
class Condition:
    """One number against one bound: ``metric revenue, points, at_least 90``.

    ``of`` is measure, metric, track or total; ``what`` says which number of a metric (value, attainment,
    points) is meant. Without a number the condition does not hold.
    """

    of: str
    id: str
    what: str
    test: str  # at_least, above, at_most, below, equals
    bound: Decimal


@dataclass(frozen=True, slots=True)
class Gate:
    """Conditions, all of which (``any_of``: one of which) have to hold, and what happens otherwise.

    ``otherwise``: zero (nothing, weight kept), exclude (weight shared out), cap (at most ``cap``), hold.
    """

    conditions: tuple[Condition, ...]
    otherwise: str = "zero"
    cap: Decimal | None = None
    any_of: bool = False
    name: Text = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Modifier:
    """Adds points, multiplies them, or deducts a percentage of them; ``per`` counts a measure's value."""

    act: str  # add, multiply, deduct
    amount: Decimal
    per: str = ""
    when: tuple[Condition, ...] = ()
    order: int = 0
    compound: bool = False
    may_pass_cap: bool = False
    name: Text = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Curve:
    """From attainment to points; edges rise, ``tie`` says to which side an exact edge belongs."""

    kind: str = "linear"
    table: Table = ()
    tie: str = "upper"
    formula: Formula | None = None


@dataclass(frozen=True, slots=True)
class TargetRule:
    """How a target's number is meant.

    ``per``: window (as it stands, for the whole window of the measure), month (for each of its months), year
    (divided over the months by ``seasonality``: 4 or 12 shares in percent). ``ramp``: percent of the target
    in the first months of employment. ``change``: last (the newest of a month counts) or by_days (each from
    its day on). ``prorate``: by days in the plan.
    """

    per: str = "window"
    seasonality: tuple[Decimal, ...] = ()
    ramp: tuple[Decimal, ...] = ()
    change: str = "last"
    prorate: bool = False


@dataclass(frozen=True, slots=True)
class Factor:
    """Multiplies what a metric pays while all conditions hold."""

    by: Decimal
    when: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Pays:
    """What a metric pays by itself, in the currency's own unit.

    ``how``: marginal (each slice of the number at its own rate), whole (all of it at the rate reached),
    amount (the table's amount, in steps), interpolated (amounts between nodes). ``on``: value, attainment,
    points. ``edges``: of the number itself, or ``target``: edges are multiples of the target.
    ``accumulate``: none, quarter, year: the rate from what has come together since, the money for this
    month only.
    """

    table: Table
    how: str = "marginal"
    on: str = "value"
    edges: str = "number"
    tie: str = "upper"
    accumulate: str = "none"
    factors: tuple[Factor, ...] = ()
    cap: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Metric:
    """An indicator of the plan: its value is a measure or a formula."""

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
    formula: Formula | None = None
    targets: TargetRule = field(default_factory=TargetRule)
    gates: tuple[Gate, ...] = ()
    modifiers: tuple[Modifier, ...] = ()
    pays: Pays | None = None
    round_attainment: int | None = None
    unit: str = ""
    description: Text = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Track:
    """Business or management: metrics whose weights sum to 100."""

    id: str
    weight: Decimal
    name: Text
    metrics: tuple[Metric, ...]
    gates: tuple[Gate, ...] = ()
    modifiers: tuple[Modifier, ...] = ()
    cap: Decimal = Decimal(120)


@dataclass(frozen=True, slots=True)
class Draw:
    """At least this amount a month is paid out; recoverable: later earnings pay it back.

    ``months``: only the first so many months of employment; 0 is always.
    """

    amount: Decimal
    recoverable: bool = True
    months: int = 0


@dataclass(frozen=True, slots=True)
class PayoutRule:
    """From points to money. ``basis``: tracks (base × Σ weight × score), total (base × curve), none.

    ``threshold``: a total below it pays nothing. ``cap``: percent of the base; ``cap_amount`` and
    ``guarantee``: in the currency's own unit. ``limits``: percent of a quarter's base that may have been paid
    after its first, second month; the third is trued up.
    """

    basis: str = "tracks"
    curve: Curve | None = None
    threshold: Decimal | None = None
    gates: tuple[Gate, ...] = ()
    cap: Decimal | None = None
    cap_amount: Decimal | None = None
    guarantee: Draw | None = None
    draw: Draw | None = None
    limits: tuple[Decimal, ...] = ()
    proration: str = "calendar_days"
    negative: Negative = field(default_factory=Negative)


@dataclass(frozen=True, slots=True)
class Award:
    """Something that is won once a year, in ``month``, by whoever passes its gates."""

    id: str
    name: Text
    gates: tuple[Gate, ...]
    month: int = 12
    amount: Decimal = ZERO  # in the currency's own unit
    share: Decimal = ZERO  # percent of the base


@dataclass(frozen=True, slots=True)
class Course:
    """A course of the training catalogue; ``measures`` made from it are ``course.<id>.<what>``."""

    id: str
    name: Text
    attempts: str = "best"  # best, last, first: which exam counts
    pass_score: Decimal | None = None
    hours: Decimal | None = None
    months: int = 12  # how long it stays valid, the month in which it was done included


@dataclass(frozen=True, slots=True)
class Whom:
    """Whom a plan is for; nobody named means everybody."""

    teams: frozenset[str] = frozenset()
    employees: frozenset[str] = frozenset()

    def takes(self, employee: str, team: str) -> bool:
        """Whether somebody of that team is paid by the plan."""
        everybody = not self.teams and not self.employees
        return everybody or employee in self.employees or team in self.teams


@dataclass(frozen=True)
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
    payout: PayoutRule = field(default_factory=PayoutRule)
    courses: tuple[Course, ...] = ()
    awards: tuple[Award, ...] = ()
    whom: Whom = field(default_factory=Whom)
    rates: Rates = field(default_factory=dict)
    zone: str = ""  # the tenant's time zone, if the plan wants to be sure of it
    description: Text = field(default_factory=dict)

    @property
    def ref(self) -> str:
        """How a scorecard or a manifest names the plan: ``demo-marketing@1``."""
        return f"{self.id}@{self.version}"

    @property
    def metrics(self) -> Iterator[tuple[Track, Metric]]:
        """Every metric with its track, in the plan's order."""
        return ((track, metric) for track in self.tracks for metric in track.metrics)

    @cached_property
    def order(self) -> Sequence[tuple[str, str]]:
        """Everything that is worked out, each after what it reads, as ``dependencies.Node``."""
        return order(self)

    @cached_property
    def metric_of(self) -> Mapping[str, tuple[Track, Metric]]:
        """Metrics by id, each with its track."""
        return {metric.id: (track, metric) for track, metric in self.metrics}

    @cached_property
    def track_of(self) -> Mapping[str, Track]:
        """Tracks by id."""
        return {track.id: track for track in self.tracks}

    @cached_property
    def measure_of(self) -> Mapping[str, Measure]:
        """Measures by id."""
        return {measure.id: measure for measure in self.measures}

    @cached_property
    def _observed(self) -> Mapping[str, list[Measure]]:
        found: dict[str, list[Measure]] = {}
        for measure in self.measures:
            if measure.kind != RATIO:
                found.setdefault(measure.observed, []).append(measure)
        for _, metric in self.metrics:
            kind = "timeline" if metric.targets.change == "by_days" else "last"
            found[TARGET + metric.id] = [Measure(TARGET + metric.id, TARGET + metric.id, kind)]
        return found

    def observed(self, name: str) -> list[Measure]:
        """The measures that fold observations of this name; a target folds to its last value."""
        if name.startswith(TARGET) and name not in self._observed:
            return [Measure(name, name, "last")]
        return self._observed.get(name, [])
