"""Plan files: YAML in, validated with pydantic, a domain plan out; the stored text is its JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import ValidationError

from dualtrack.adapters import yaml_text
from dualtrack.adapters.formula_faults import faults
from dualtrack.adapters.plan_codec import plan
from dualtrack.adapters.plan_model import PlanModel
from dualtrack.adapters.refusals import mended, refusal
from dualtrack.domain.checks import formulas, problems
from dualtrack.domain.errors import Problem, Refused, problem
from dualtrack.domain.plan import Plan

LARGEST = 350_000  # bytes: a row of the table holds 400 KB


def load(path: Path) -> tuple[Plan, str]:
    """A plan file as the domain sees it and as it is stored; refuses with everything that is wrong."""
    return read(yaml_text.parsed(path.read_text(encoding="utf-8")))


def read(raw: object) -> tuple[Plan, str]:
    """The same of a document: mappings, lists, texts, whole numbers, true and false."""
    try:
        model = PlanModel.model_validate(raw)
    except ValidationError as error:
        raise Refused(*_all(raw, error)) from None
    text = stored(model)
    checked = plan(text)
    if wrong := [*_checked(checked, raw), *_size(text)]:
        raise Refused(*wrong)
    return checked, text


def stored(model: PlanModel) -> str:
    """The canonical text: every default said, what is not there left out."""
    said = model.model_dump(mode="json", by_alias=True, exclude_none=True)
    return json.dumps(said, sort_keys=True, ensure_ascii=False)


def _all(raw: object, error: ValidationError) -> Iterator[Problem]:
    """What pydantic found, and what the checks find in the rest as far as it can still be read."""
    found = refusal(error, raw).problems
    yield from found
    try:
        rest = plan(stored(PlanModel.model_validate(mended(raw, error))))
    except ValidationError:
        return
    more = _checked(rest, raw)
    yield from (each for each in more if not any(_follows(each.field, wrong.field) for wrong in found))


def _follows(place: str, wrong: str) -> bool:
    """Whether what is found at a place may come from what was wrong around it, or in a row or sum of it."""
    inside = wrong.removeprefix(f"{place}.").replace(".", "")
    every, _, part = place.partition("[].")
    summed = part and (wrong == every or (wrong.startswith(f"{every}.") and wrong.endswith(f".{part}")))
    return f"{place}.".startswith(f"{wrong}.") or inside.isdigit() or bool(summed)


def _checked(checked: Plan, raw: object) -> Iterable[Problem]:
    """Every problem once: one that all metrics have from the plan is the plan's."""
    found = [*problems(checked), *_zone(checked.zone)]
    for place, formula in formulas(checked):
        found += faults(formula, place)
    return dict.fromkeys(_at_its_source(each, raw) for each in found)


def _at_its_source(found: Problem, raw: object) -> Problem:
    """Of bounds that a metric or track does not state itself, the plan's own are meant."""
    *way, name = found.field.split(".")
    inherited = way[:1] == ["tracks"] and len(way) in (2, 4) and name in ("cap", "floor", "round_attainment")
    return replace(found, field=name) if inherited and name not in _at(raw, way) else found


def _at(raw: object, way: Sequence[str]) -> Mapping[str, object]:
    """What stands at a place told by ids; empty if nothing does."""
    for word in way:
        if isinstance(raw, Mapping):
            raw = raw.get(word)
        elif isinstance(raw, list):
            raw = next((each for each in raw if isinstance(each, Mapping) and each.get("id") == word), None)
    return raw if isinstance(raw, Mapping) else {}


def _zone(name: str) -> Iterator[Problem]:
    try:
        known = not name or bool(ZoneInfo(name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        known = False
    if not known:
        yield problem("unknown_choice", "zone", name, "name an IANA zone such as Asia/Shanghai")


def _size(text: str) -> Iterator[Problem]:
    size = len(text.encode())
    if size > LARGEST:
        yield problem("too_large", "document", f"{size} bytes", f"write at most {LARGEST} bytes")
