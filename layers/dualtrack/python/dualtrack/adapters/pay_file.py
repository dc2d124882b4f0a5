"""Pay setup files: YAML in, validated with pydantic, the domain's setup out; the stored text is its JSON."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import ValidationError

from dualtrack.adapters import yaml_text
from dualtrack.adapters.pay_codec import setup
from dualtrack.adapters.pay_model import SetupModel
from dualtrack.adapters.refusals import mended, refusal
from dualtrack.domain.checks_setup import problems
from dualtrack.domain.errors import Problem, Refused
from dualtrack.domain.setup import Setup


def load(path: Path) -> tuple[Setup, str]:
    """A setup as the domain sees it and as it is stored; refuses with everything that is wrong."""
    return read(yaml_text.parsed(path.read_text(encoding="utf-8")))


def read(raw: object) -> tuple[Setup, str]:
    """The same of a document."""
    try:
        text = _stored(SetupModel.model_validate(raw))
    except ValidationError as error:
        raise Refused(*refusal(error, raw).problems, *_rest(raw, error)) from None
    found = setup(text)
    if wrong := list(problems(found)):
        raise Refused(*wrong)
    return found, text


def _stored(model: SetupModel) -> str:
    return json.dumps(model.model_dump(mode="json", exclude_none=True), sort_keys=True, ensure_ascii=False)


def _rest(raw: object, error: ValidationError) -> list[Problem]:
    """What the checks find in the rest, as far as it can still be read."""
    try:
        return list(problems(setup(_stored(SetupModel.model_validate(mended(raw, error))))))
    except ValidationError:
        return []
