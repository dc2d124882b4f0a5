"""Which language speaks, and the one way to say something in it."""

from __future__ import annotations

import os
from collections.abc import Sequence

from infra.cli.audit_texts import AUDIT_TEXTS
from infra.cli.finance_texts import FINANCE_TEXTS
from infra.cli.plan_texts import PLAN_TEXTS
from infra.cli.reasons import REASONS
from infra.cli.remedies import in_chinese
from infra.cli.scenario_texts import SCENARIO_TEXTS
from infra.cli.texts import TEXTS
from infra.cli.training_texts import TRAINING_TEXTS
from infra.cli.trying_texts import TRYING_TEXTS

LANGUAGES = ("en", "zh")
ALL = TEXTS | AUDIT_TEXTS | FINANCE_TEXTS | PLAN_TEXTS | SCENARIO_TEXTS | TRAINING_TEXTS | TRYING_TEXTS
_now = ["en"]


def use(language: str) -> None:
    """From here on every text is in this language."""
    _now[0] = language


def language() -> str:
    """The language in use."""
    return _now[0]


def text(key: str, **given: object) -> str:
    """The text of a key, filled in."""
    return ALL[key][LANGUAGES.index(_now[0])].format(**given)


def reason(code: str) -> str:
    """What a refusal's code means; a code that nobody has translated stays as it is."""
    return REASONS[code] if _now[0] == "zh" and code in REASONS else code


def remedy(said: str) -> str:
    """What mends it, in the language in use as far as it is translated."""
    return in_chinese(said) if _now[0] == "zh" else said


def asked(arguments: Sequence[str]) -> str:
    """The language of the arguments, else of ``DUALTRACK_LANG``, else English; perhaps not one of ours."""
    for place, word in enumerate(arguments):
        if word == "--lang" and place + 1 < len(arguments):
            return arguments[place + 1]
        if word.startswith("--lang="):
            return word.removeprefix("--lang=")
    return os.environ.get("DUALTRACK_LANG", "") or "en"
