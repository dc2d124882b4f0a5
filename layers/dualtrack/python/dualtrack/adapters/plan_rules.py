"""Rules of a plan document that its parts share: filters, conditions, gates, modifiers, curves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from dualtrack.adapters.plan_fields import Exact, Row, Strict, Texts, choice, listed, said
from dualtrack.domain.numbers import TESTS
from dualtrack.domain.vocabulary import COURSE_NUMBERS, METRIC_NUMBERS

PASSED = ("passed", "completed")  # what of a course needs no bound


class BoundModel(Strict):
    """A bound: exactly one of the five."""

    at_least: Exact | None = said(None, "≥")
    above: Exact | None = said(None, ">")
    at_most: Exact | None = said(None, "≤")
    below: Exact | None = said(None, "<")
    equals: Exact | None = said(None, "=")

    @property
    def bounds(self) -> list[str]:
        """The names of the bounds that are given."""
        return [name for name in TESTS if getattr(self, name) is not None]

    @model_validator(mode="after")
    def _one_bound(self) -> Self:
        if len(self.bounds) != self._wanted():
            names = ", ".join(TESTS)
            raise PydanticCustomError("condition", f"give exactly one of {names}")
        return self

    def _wanted(self) -> int:
        return 1


def _form(value: object) -> str:
    return "test" if isinstance(value, Mapping | BoundModel) else "texts"


def _texts(value: object) -> object:
    if not isinstance(value, str | list):
        raise PydanticCustomError("filter", "write a text, a list of texts, or a bound such as at_least: 12")
    return [value] if isinstance(value, str) else value


FilterTexts = Annotated[
    list[str], BeforeValidator(_texts, json_schema_input_type=str | list[str]), Field(min_length=1)
]
Filter = Annotated[
    Annotated[FilterTexts, Tag("texts")] | Annotated[BoundModel, Tag("test")], Discriminator(_form)
]
Filters = Annotated[
    dict[str, Filter], Field(description="by value: a text, a list of texts, or a bound: all have to hold")
]


class ConditionModel(BoundModel):
    """One number against a bound; of a course, ``passed`` and ``completed`` need none."""

    metric: str | None = said(None, "a metric; `what` says which of its numbers")
    measure: str | None = said(None, "a measure")
    track: str | None = said(None, "a track: its score")
    total: str | None = said(None, "the total", json_schema_extra={"enum": ["score"]})
    course: str | None = said(None, "a course of this plan; `what` says what of it")
    what: str | None = said(
        None,
        "which number",
        json_schema_extra={"enum": [*METRIC_NUMBERS, *PASSED, "score", "hours", "progress"]},
    )

    def _wanted(self) -> int:
        return 0 if self.course is not None and self.what in PASSED else 1

    @model_validator(mode="after")
    def _one_subject(self) -> Self:
        subjects = [name for name in ("metric", "measure", "track", "total", "course") if getattr(self, name)]
        if len(subjects) != 1:
            raise PydanticCustomError(
                "condition", "give exactly one of metric, measure, track, total: score, course"
            )
        if self.total not in (None, "score"):
            raise PydanticCustomError("condition", "write total: score")
        allowed = {"metric": METRIC_NUMBERS, "course": (*PASSED, *COURSE_NUMBERS)}.get(subjects[0], (None,))
        if self.what not in allowed:
            remedy = (
                f"what is one of {', '.join(map(str, allowed))}" if allowed != (None,) else "leave what out"
            )
            raise PydanticCustomError("condition", remedy)
        return self


Conditions = Annotated[
    list[ConditionModel],
    BeforeValidator(listed, json_schema_input_type=ConditionModel | list[ConditionModel]),
    Field(min_length=1),
]


class GateModel(Strict):
    """Conditions, and what happens where they do not hold."""

    when: Conditions | None = said(None, "all of these have to hold")
    either: Conditions | None = said(None, "instead of when: one of these has to hold", alias="any")
    otherwise: Annotated[str, choice("otherwise")] = said("zero", "what happens if they do not hold")
    cap: Exact | None = said(
        None, "with otherwise: cap, at most so many points (payout: percent of the base)"
    )
    name: Texts = said({}, "what people read")

    @model_validator(mode="after")
    def _one_list(self) -> Self:
        if (self.when is None) == (self.either is None):
            raise PydanticCustomError("gate", "give when or any, and not both")
        return self


class ModifierModel(Strict):
    """Points added, multiplied or deducted."""

    add: Exact | None = said(None, "so many points")
    multiply: Exact | None = said(None, "a factor")
    deduct: Exact | None = said(None, "percent of the points")
    per: str = said("", "times this measure's value")
    when: Conditions | None = said(None, "only where all of these hold")
    order: int = said(0, "lower first; then as written")
    compound: bool = said(False, "of deduct: each occurrence from what the one before it left")
    may_pass_cap: bool = said(False, "whether points may rise above the cap")
    name: Texts = said({}, "what people read")

    @model_validator(mode="after")
    def _one_act(self) -> Self:
        if sum(each is not None for each in (self.add, self.multiply, self.deduct)) != 1:
            raise PydanticCustomError("modifier", "give exactly one of add, multiply, deduct")
        return self


class CurveModel(Strict):
    """From attainment to points."""

    kind: Annotated[str, choice("curve")] = said("linear", "the form")
    table: list[Row] = said([], "rows of [attainment, points]; of a payout curve [total, percent]")
    tie: Annotated[str, choice("tie")] = said("upper", "to which side an exact edge belongs")
    formula: str | None = said(None, "points from value, target, attainment and what else formulas may read")
