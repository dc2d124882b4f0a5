"""Mapping files: YAML in, checked with pydantic, the stored text out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jmespath
import yaml
from jmespath.exceptions import JMESPathError
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from dualtrack.adapters.functions import unknown
from dualtrack.adapters.refusals import refusal
from dualtrack.domain.errors import refuse


def _path(expression: str) -> str:
    try:
        nobody = unknown(jmespath.compile(expression).parsed)
    except JMESPathError as error:
        raise ValueError(f"not a JMESPath: {error}") from None
    if nobody:
        raise ValueError(f"nobody knows a function named {', '.join(nobody)}")
    return expression


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SplitModel(_Strict):
    """Several employees share a fact: whose shares, and which values are divided by them."""

    over: str
    employee: str
    share: str
    values: list[str] = Field(min_length=1)
    places: int = Field(default=2, ge=0, le=14)

    @field_validator("over", "employee", "share")
    @classmethod
    def _one_path(cls, value: str) -> str:
        return _path(value)


class ObserveModel(_Strict):
    """One observation that an event of this rule makes."""

    measure: str
    employee: str | None = None
    team: str | None = None
    split: SplitModel | None = None
    day: str | None = None
    period: str | None = None
    timeless: bool = False
    when: str | None = None
    values: dict[str, str] = Field(default_factory=dict)
    labels: dict[str, str] = Field(default_factory=dict)
    required: list[str] = Field(default_factory=list)
    allowed: dict[str, list[str]] = Field(default_factory=dict)

    @field_validator("employee", "team", "day", "period", "when")
    @classmethod
    def _one_path(cls, value: str | None) -> str | None:
        return None if value is None else _path(value)

    @field_validator("values", "labels")
    @classmethod
    def _paths(cls, value: dict[str, str]) -> dict[str, str]:
        return {name: _path(expression) for name, expression in value.items()}

    @model_validator(mode="after")
    def _whole(self) -> ObserveModel:
        if bool(self.employee or self.team) == bool(self.split):
            raise ValueError("name the path of the employee or of the team, or else a split")
        undivided = set(self.split.values if self.split else ()) - set(self.values)
        if undivided:
            raise ValueError(f"split.values names no value: {', '.join(sorted(undivided))}")
        if bool(self.day) == bool(self.period):
            raise ValueError("give either day or period")
        unknown = set(self.required) - set(self.values) - set(self.labels)
        if unknown:
            raise ValueError(f"required names no value or label: {', '.join(sorted(unknown))}")
        return self


class EventModel(_Strict):
    """What events of these types state. ``moves: false`` is for facts whose place never changes."""

    type: list[str] = Field(min_length=1)
    kind: str
    entity: list[str] = Field(default_factory=list)
    version: str | None = None
    changed: str | None = None
    append: bool = False
    moves: bool = True
    deleted: str | None = None
    observe: list[ObserveModel] = Field(min_length=1)

    @field_validator("entity")
    @classmethod
    def _each_path(cls, value: list[str]) -> list[str]:
        return [_path(expression) for expression in value]

    @model_validator(mode="after")
    def _ordered(self) -> EventModel:
        if sum(map(bool, (self.version, self.changed, self.append))) != 1:
            raise ValueError(
                "say how versions are ordered, by one of: version (a number that grows), changed (the time"
                " of the last change), append (each event is a fact of its own: for sources of differences)"
            )
        if self.append and (self.entity or self.deleted):
            raise ValueError("with append the entity is the event itself: leave out entity and deleted")
        if not self.append and not self.entity:
            raise ValueError("name the paths of the entity")
        return self

    @model_validator(mode="after")
    def _can_go(self) -> EventModel:
        if self.deleted and not self.moves:
            raise ValueError("what can be deleted has moves: true, or nobody knows where it stood")
        return self

    @field_validator("version", "changed", "deleted")
    @classmethod
    def _one_path(cls, value: str | None) -> str | None:
        return None if value is None else _path(value)


class MappingModel(_Strict):
    """A source's mapping: value maps by label, and rules by event type (the first that fits)."""

    source: str
    version: int = Field(ge=1)
    values: dict[str, dict[str, str]] = Field(default_factory=dict)
    events: list[EventModel]


def load(path: Path) -> MappingModel:
    """A mapping file; refuses with place, value and remedy of everything that is wrong."""
    try:
        raw: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise refuse("not_yaml", str(path), str(error), "write one YAML document") from None
    try:
        return MappingModel.model_validate(raw)
    except ValidationError as error:
        raise refusal(error) from None


def stored(mapping: MappingModel) -> str:
    """The text that is published; absent options are left out."""
    return json.dumps(mapping.model_dump(exclude_none=True), sort_keys=True, ensure_ascii=False)
