"""Pay setup files: YAML in, validated with pydantic, the domain's setup out; the stored text is its JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from dualtrack.adapters import yaml_text
from dualtrack.adapters.pay_codec import setup
from dualtrack.adapters.pay_model import SetupModel
from dualtrack.adapters.refusals import mended, refusal
from dualtrack.domain.checks_parts import money
from dualtrack.domain.checks_setup import currency_known, problems
from dualtrack.domain.errors import Problem, Refused, problem
from dualtrack.domain.numbers import plain
from dualtrack.domain.setup import Setup


def load(path: Path) -> tuple[Setup, str]:
    """A setup as the domain sees it and as it is stored; refuses with everything that is wrong."""
    return read(yaml_text.parsed(path.read_text(encoding="utf-8")))


def read(raw: object) -> tuple[Setup, str]:
    """The same of a document."""
    try:
        model = SetupModel.model_validate(raw)
    except ValidationError as error:
        raise Refused(*refusal(error, raw).problems, *_rest(raw, error)) from None
    if wrong := _wrong(model):
        raise Refused(*wrong)
    text = _stored(model)
    return setup(text), text


def _stored(model: SetupModel) -> str:
    return json.dumps(model.model_dump(mode="json", exclude_none=True), sort_keys=True, ensure_ascii=False)


def _wrong(model: SetupModel) -> list[Problem]:
    """What the checks find, and what the domain could not hold: that is left out for the others."""
    limits, shares = list(_limits(model)), list(_shares(model))
    sound = {"carry_up_to": None} if limits else {}
    sound |= {"clawbacks": None} if shares else {}
    return [*limits, *shares, *problems(setup(_stored(model.model_copy(update=sound))))]


def _limits(model: SetupModel) -> Iterator[Problem]:
    """Limits in minor units that there are not."""
    for currency, amount in (model.carry_up_to or {}).items():
        place = f"carry_up_to.{currency}"
        yield from currency_known(place, currency)
        yield from money(place, amount, currency)


def _shares(model: SetupModel) -> Iterator[Problem]:
    """Parts of a month."""
    for months, _ in model.clawbacks.shares if model.clawbacks else ():
        if months % 1:
            yield problem(
                "int_type", "clawbacks.shares", plain(months), "write a whole number, without quotes"
            )


def _rest(raw: object, error: ValidationError) -> list[Problem]:
    """What the checks find in the rest, as far as it can still be read."""
    try:
        return _wrong(SetupModel.model_validate(mended(raw, error)))
    except ValidationError:
        return []
