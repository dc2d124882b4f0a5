"""What the fields of a plan document are made of: exact numbers, days, texts, and their short forms."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer
from pydantic_core import PydanticCustomError

from dualtrack.domain.errors import Refused
from dualtrack.domain.numbers import number, plain
from dualtrack.domain.vocabulary import CHOICES, LANGUAGES

NUMBER = r"^-?[0-9]{1,24}(\.[0-9]{1,14})?$"
AN_EXACT_ONE = 'write the decimal in quotes, such as "0.95"'


class Strict(BaseModel):
    """Nothing is guessed: no unknown field, no text for a whole number, no number for a text."""

    model_config = ConfigDict(extra="forbid", strict=True, validate_by_name=False, validate_by_alias=True)


def _exact(value: object) -> Decimal:
    if isinstance(value, float):
        raise PydanticCustomError("float", f"a float is not exact: {AN_EXACT_ONE}")
    try:
        return number(value, "")
    except Refused:
        raise PydanticCustomError("not_a_number", "write a whole number, or a decimal in quotes") from None


def _day(value: object) -> object:
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise PydanticCustomError("bad_time", "write a day as YYYY-MM-DD") from None
    if isinstance(value, datetime) or not isinstance(value, date):
        raise PydanticCustomError("bad_time", "write a day as YYYY-MM-DD")
    return value


def listed(value: object) -> object:
    """One mapping is a list of one."""
    return [value] if isinstance(value, Mapping) else value


Exact = Annotated[
    Decimal,
    BeforeValidator(_exact, json_schema_input_type=int | Annotated[str, Field(pattern=NUMBER)]),
    PlainSerializer(plain, return_type=str),
]
Day = Annotated[date, BeforeValidator(_day, json_schema_input_type=date)]
Whole = Annotated[int, Field(ge=0)]
BOTH = {"properties": {name: {"type": "string"} for name in LANGUAGES}}
Texts = Annotated[
    dict[str, str],
    Field(description="by language: {en: …, zh: …}", json_schema_extra=BOTH),
]
Row = Annotated[list[Exact], Field(min_length=2, max_length=2)]


def choice(name: str) -> Any:
    """A field with a choice: the editor completes it, ``domain/checks.py`` refuses any other word."""
    return Field(json_schema_extra={"enum": list(CHOICES[name])})


def said(default: Any, description: str, **more: Any) -> Any:
    """A field that may be left out, with its description."""
    return Field(default, description=description, **more)


def needed(description: str, **more: Any) -> Any:
    """A field that has to be there, with its description."""
    return Field(description=description, **more)
