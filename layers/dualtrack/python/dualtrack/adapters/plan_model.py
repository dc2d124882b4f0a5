"""The plan document as pydantic models: its shape, its short forms, and the schema for editors.

``domain/README.md`` says what each field means. Whether words, names, tables and sums are right is checked
by ``domain/checks.py`` on what these models let through, so that everything is said at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from dualtrack.adapters.plan_fields import Day, Exact, Row, Strict, Texts, Whole, choice, needed, said
from dualtrack.adapters.plan_rules import Conditions, CurveModel, Filters, GateModel, ModifierModel


class EachFactorModel(Strict):
    """Multiplies what one observation counts."""

    by: Exact = needed("the factor")
    when: Filters = needed("which observations")


class EachModel(Strict):
    """What is made of every single observation before it is summed."""

    table: list[Row] = said([], "rows of [edge, rate or amount]")
    how: Annotated[str, choice("how")] = said("marginal", "how the table is applied")
    tie: Annotated[str, choice("tie")] = said("upper", "to which side an exact edge belongs")
    factors: list[EachFactorModel] = said([], "multiply while their filters let the observation pass")


class MeasureModel(Strict):
    """A folded number; a ratio names two others, everything else what it observes."""

    id: str = needed("its name")
    observed: str | None = said(None, "the name under which mappings observe it; without it, the id")
    kind: Annotated[str, choice("kind")] = needed("how observations become one number")
    value: str = said("value", "which of the observation's values")
    weight: str = said("weight", "of weighted_mean: which value is the weight")
    when: Filters = said({}, "which observations")
    numerator: str = said("", "of ratio: a measure")
    denominator: str = said("", "of ratio: a measure")
    scope: Annotated[str, choice("scope")] = said("employee", "team: observed on the team, for every member")
    window: Annotated[str, choice("window")] = said("month", "over which months")
    months: int = said(1, "of rolling: how many months, the period included")
    each: EachModel | None = said(None, "what is made of every single observation before it is summed")


class CourseModel(Strict):
    """A course; it makes the measures course.<id>.score, .hours, .progress and .completed."""

    id: str = needed("its name")
    name: Texts
    hours: Exact | None = said(None, "how long it takes")
    pass_score: Exact | None = said(None, "passed from this score on; without it, passed is completed")
    attempts: Annotated[str, choice("attempts")] = said("best", "which exam counts")
    months: int = said(12, "how long it is valid, the month in which it was done included")


class TargetModel(Strict):
    """What a metric is measured against."""

    value: Exact | None = said(None, "the plan's own number; an observed target comes before it")
    per: Annotated[str, choice("per")] = said(
        "window", "for the whole window, for each month, or for the year"
    )
    seasonality: list[Exact] = said([], "4 or 12 shares of the year in percent")
    ramp: list[Exact] = said([], "percent of the target in the first months of employment")
    change: Annotated[str, choice("change")] = said("last", "what counts if it changes within a month")
    prorate: bool = said(False, "by days in the plan")


def _target(value: object) -> object:
    """A number stands for a target of that value."""
    return value if isinstance(value, Mapping | TargetModel) else {"value": value}


Target = Annotated[TargetModel, BeforeValidator(_target, json_schema_input_type=Exact | TargetModel)]


class FactorModel(Strict):
    """Multiplies what a metric pays."""

    by: Exact = needed("the factor")
    when: Conditions = needed("while all of these hold")


class PaysModel(Strict):
    """What a metric pays by itself."""

    table: list[Row] = needed("rows of [edge, rate or amount]")
    how: Annotated[str, choice("how")] = said("marginal", "how the table is applied")
    on: Annotated[str, choice("on")] = said("value", "to which of the metric's numbers")
    edges: Annotated[str, choice("edges")] = said("number", "target: edges are multiples of the target")
    tie: Annotated[str, choice("tie")] = said("upper", "to which side an exact edge belongs")
    accumulate: Annotated[str, choice("accumulate")] = said(
        "none", "the rate from what has come together since, the money for this month only"
    )
    factors: list[FactorModel] = said([], "multiply while their conditions hold")
    cap: Exact | None = said(None, "at most, in the currency's own unit")


class MetricModel(Strict):
    """An indicator."""

    id: str = needed("its name")
    weight: Exact = needed("percent of its track")
    name: Texts
    description: Texts = said({}, "what people read")
    unit: str = said("", "of its value")
    measure: str | None = said(None, "where its value comes from")
    formula: str | None = said(None, "instead of measure: calculated from measures, metrics and tracks")
    target: Target | None = said(None, "a number, or a mapping; left out if it is only observed")
    direction: Annotated[str, choice("direction")] = said("up", "down: lower is better")
    falling: Annotated[str, choice("falling")] = said("linear", "of down: 2 − value/target, or target/value")
    curve: CurveModel = Field(default_factory=CurveModel)
    cap: Exact | None = said(None, "of its points; without it, the plan's")
    floor: Exact | None = said(None, "of its points; without it, the plan's")
    no_data: Annotated[str, choice("no_data")] | None = said(None, "what happens without data")
    gates: list[GateModel] = said([], "what has to hold for its points")
    modifiers: list[ModifierModel] = said([], "what changes its points")
    pays: PaysModel | None = said(None, "what it pays by itself")
    round_attainment: int | None = said(None, "digits after the point; without it, the plan's")

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.measure is None) == (self.formula is None):
            raise PydanticCustomError("metric", "give measure or formula, and not both")
        return self


class TrackModel(Strict):
    """A track with its metrics."""

    id: str = needed("its name")
    weight: Exact = needed("percent of the total")
    name: Texts
    metrics: list[MetricModel] = needed("its indicators; their weights sum to 100")
    cap: Exact | None = said(None, "of its score after modifiers; without it, the plan's")
    gates: list[GateModel] = said([], "what has to hold for its score")
    modifiers: list[ModifierModel] = said([], "what changes its score")


class GuaranteeModel(Strict):
    """At least so much a month."""

    amount: Exact = needed("in the currency's own unit")
    months: Whole = said(0, "the first so many of employment; 0 is always")


class DrawModel(GuaranteeModel):
    """The same, paid in advance."""

    recoverable: bool = said(True, "taken back from what is earned above it later")


class NegativeModel(Strict):
    """How what an employee owes is taken from later payouts."""

    how: Annotated[str, choice("negative")] = said(
        "carry", "all of it from the next one, spread over periods, or finance decides"
    )
    periods: Whole = said(1, "of spread: over so many")


class PayoutModel(Strict):
    """From points to money."""

    basis: Annotated[str, choice("basis")] = said(
        "tracks", "tracks, a curve of the total, or only what metrics pay"
    )
    curve: CurveModel | None = said(None, "of basis total: rows of [total, percent of the base]")
    threshold: Exact | None = said(None, "a total below it pays nothing")
    gates: list[GateModel] = said([], "what has to hold for the payout; cap is in percent of the base")
    cap: Exact | None = said(None, "percent of the base")
    cap_amount: Exact | None = said(None, "in the currency's own unit")
    guarantee: GuaranteeModel | None = said(None, "at least this much")
    draw: DrawModel | None = said(None, "paid in advance of earnings")
    limits: list[Exact] = said([], "percent of a quarter's base after its first and second month")
    proration: Annotated[str, choice("proration")] = said("calendar_days", "by days in the plan, or not")
    negative: NegativeModel = Field(default_factory=NegativeModel)


class AwardModel(Strict):
    """What is won once a year."""

    id: str = needed("its name")
    name: Texts
    month: int = said(12, "1 to 12")
    amount: Exact = said(Decimal(0), "in the currency's own unit")
    share: Exact = said(Decimal(0), "percent of the base")
    gates: list[GateModel] = said([], "all have to pass")


class EffectiveModel(Strict):
    """First and last day on which a version is in force, both included."""

    start: Day = needed("the first day", alias="from")
    end: Day | None = said(None, "the last day; left out: until the next version", alias="to")


class WhomModel(Strict):
    """Whom the plan is for; nobody named means everybody."""

    teams: list[str] = said([], "these teams")
    employees: list[str] = said([], "these employees")


class RateModel(Strict):
    """What a unit of the plan's currency is worth from a day on."""

    start: Day = needed("the first day", alias="from")
    rate: Exact = needed("units of the employee's currency for one of the plan's")


class PlanModel(Strict):
    """One version of a plan as HR writes it."""

    id: str = needed("its name")
    version: Annotated[int, Field(ge=1, le=999_999)] = needed("1, 2, …: a published version never changes")
    effective: EffectiveModel
    currency: str = needed("of everything the plan pays, such as CNY")
    rates: dict[str, Annotated[list[RateModel], Field(min_length=1)]] = said(
        {}, "for whoever is paid in another currency, by that currency; without one they are held"
    )
    zone: str = said("", "the tenant's time zone, if the plan wants to be sure of it")
    whom: WhomModel = Field(default_factory=WhomModel, alias="for")
    name: Texts
    description: Texts = said({}, "what people read")
    cap: Exact = said(Decimal(120), "of all metrics' points")
    floor: Exact = said(Decimal(0), "of all metrics' points")
    round_attainment: int | None = said(
        None, "digits after the point, half up; without it nothing is rounded"
    )
    measures: list[MeasureModel] = needed("folded numbers")
    courses: list[CourseModel] = said([], "the training catalogue")
    tracks: list[TrackModel] = needed("tracks with their metrics; weights sum to 100")
    payout: PayoutModel = Field(default_factory=PayoutModel)
    awards: list[AwardModel] = said([], "what is won once a year")
