"""A plan that looks back: a metric for each kind of window, all of them of deals."""

from __future__ import annotations

from typing import Any

from tests.support.world import Document

WINDOWS: dict[str, dict[str, Any]] = {
    "revenue": {"kind": "sum", "value": "amount", "when": {"stage": "Won"}, "window": "quarter_to_date"},
    "deals": {"kind": "count", "window": "rolling", "months": 3},
    "days": {"kind": "mean", "value": "days", "window": "year_to_date"},
    "best": {"kind": "max", "value": "amount"},
}


def document(version: int = 1, start: str = "2017-10-01", **fields: Any) -> Document:
    """A plan with one metric for each window, of deals."""
    measures = [{"id": name, "observed": "deal", **said} for name, said in WINDOWS.items()]
    metrics = [
        {"id": name, "measure": name, "weight": 25, "name": {"en": name, "zh": name}, **TARGETS[name]}
        for name in WINDOWS
    ]
    return {
        "id": "windows", "version": version, "effective": {"from": start}, "currency": "USD",
        "name": {"en": "Windows", "zh": "窗口"}, "measures": measures,
        "tracks": [{"id": "t", "weight": 100, "name": {"en": "T", "zh": "T"}, "metrics": metrics}],
    } | fields  # fmt: skip


TARGETS: dict[str, dict[str, Any]] = {
    "revenue": {"target": {"value": 100, "per": "month"}}, "deals": {"target": 9}, "days": {"target": 90},
    "best": {"target": 3000},
}  # fmt: skip
