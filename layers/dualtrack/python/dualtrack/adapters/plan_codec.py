"""Plans from their stored text. Apart from ``plan_file`` so that hot functions import no pydantic."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from dualtrack.domain.measures import KINDS, RATIO, Measure, no_data_rule
from dualtrack.domain.plan import Curve, Metric, Plan, Track

Data = Mapping[str, Any]


def plan(text: str) -> Plan:
    """The plan of a stored text, which ``plan_file`` has validated."""
    data: Data = json.loads(text)
    measures = tuple(_measure(each) for each in data["measures"])
    rules = {m.id: no_data_rule(m) for m in measures if m.kind in (*KINDS, RATIO)}
    return Plan(
        data["id"],
        data["version"],
        date.fromisoformat(data["effective"]["from"]),
        date.fromisoformat(data["effective"]["to"]) if data["effective"]["to"] else None,
        data["currency"],
        data["name"],
        measures,
        tuple(_track(each, data, rules) for each in data["tracks"]),
        data["proration"],
    )


def _measure(data: Data) -> Measure:
    observed = data["id"] if data["observed"] is None else data["observed"]
    return Measure(**{**data, "observed": observed})


def _track(data: Data, whole: Data, rules: Mapping[str, str]) -> Track:
    metrics = tuple(_metric(each, whole, rules) for each in data["metrics"])
    return Track(data["id"], Decimal(data["weight"]), data["name"], metrics)


def _metric(data: Data, whole: Data, rules: Mapping[str, str]) -> Metric:
    curve = data["curve"]
    table = tuple((Decimal(edge), Decimal(points)) for edge, points in curve["table"])
    return Metric(
        data["id"],
        data["measure"],
        Decimal(data["weight"]),
        data["name"],
        _optional(data["target"]),
        data["direction"],
        data["falling"],
        Curve(curve["kind"], table, curve["tie"]),
        Decimal(data["cap"] or whole["cap"]),
        Decimal(data["floor"] or whole["floor"]),
        data["no_data"] or rules.get(data["measure"], "zero"),
    )


def _optional(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
