"""Plan files: YAML in, validated with pydantic, a domain plan out; the stored text is its JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, cast

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, ValidationError

from dualtrack.adapters.plan_codec import plan
from dualtrack.domain.errors import Refused, problem, refuse
from dualtrack.domain.plan import Plan, problems


def _no_float(value: object) -> object:
    if isinstance(value, float):
        raise ValueError("a float is not exact: write the decimal in quotes")
    return value


Exact = Annotated[Decimal, BeforeValidator(_no_float), PlainSerializer(str)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class MeasureModel(_Strict):
    """A measure; a ratio names two others, everything else what it observes."""

    id: str
    observed: str | None = None
    kind: str
    value: str = "value"
    weight: str = "weight"
    when: dict[str, str] = Field(default_factory=dict)
    numerator: str = ""
    denominator: str = ""
    scope: str = "employee"


class CurveModel(_Strict):
    """From attainment to points."""

    kind: str = "linear"
    table: list[tuple[Exact, Exact]] = Field(default_factory=list)
    tie: str = "upper"


class MetricModel(_Strict):
    """An indicator."""

    id: str
    measure: str
    weight: Exact
    name: dict[str, str]
    target: Exact | None = None
    direction: str = "up"
    falling: str = "linear"
    curve: CurveModel = Field(default_factory=CurveModel)
    cap: Exact | None = None
    floor: Exact | None = None
    no_data: str | None = None


class TrackModel(_Strict):
    """A track with its metrics."""

    id: str
    weight: Exact
    name: dict[str, str]
    metrics: list[MetricModel]


class EffectiveModel(_Strict):
    """From when to when a version is in force; both days included."""

    start: date = Field(alias="from")
    end: date | None = Field(default=None, alias="to")


class PlanModel(_Strict):
    """One version of a plan as HR writes it."""

    id: str
    version: int = Field(ge=1)
    effective: EffectiveModel
    currency: str
    name: dict[str, str]
    cap: Exact = Decimal(120)
    floor: Exact = Decimal(0)
    proration: str = "calendar_days"
    measures: list[MeasureModel]
    tracks: list[TrackModel]


def load(path: Path) -> tuple[Plan, str]:
    """A plan file as the domain sees it and as it is stored; refuses with everything that is wrong."""
    try:
        raw: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise refuse("not_yaml", str(path), str(error), "write one YAML document") from None
    try:
        model = PlanModel.model_validate(raw)
    except ValidationError as error:
        raise refusal(error) from None
    text = json.dumps(model.model_dump(mode="json", by_alias=True), sort_keys=True, ensure_ascii=False)
    checked = plan(text)
    wrong = problems(checked)
    if wrong:
        raise Refused(*wrong)
    return checked, text


def refusal(error: ValidationError) -> Refused:
    """Pydantic's findings in our words: place, value, remedy."""
    return Refused(
        *(
            problem(each["type"], ".".join(map(str, each["loc"])) or "document", _found(each), each["msg"])
            for each in cast("list[Mapping[str, Any]]", error.errors())
        )
    )


def _found(error: Mapping[str, Any]) -> object:
    """What stands at the place; of a missing field pydantic shows all that is around it."""
    return "missing" if error["type"] == "missing" else error["input"]
