"""The simulated tenant's mappings and plans: every way to order versions, several kinds of measures."""

from __future__ import annotations

from typing import Any

from dualtrack.adapters import mapping_file, plan_file
from tests.support.world import stored_mapping

DEAL: dict[str, Any] = {"measure": "deal", "day": "day", "values": {"amount": "amount"},
                        "labels": {"stage": "stage"}, "required": ["amount", "stage"]}  # fmt: skip
SHARED = {"split": {"over": "people", "employee": "id", "share": "share", "values": ["amount"]}}
VERSIONED = {"entity": ["id"], "version": "v", "deleted": "deleted"}
SHOP = {
    "source": "shop",
    "version": 1,
    "events": [
        {"type": ["shop.deal"], "kind": "deal", "observe": [DEAL | SHARED]} | VERSIONED,
        {"type": ["shop.timed"], "kind": "timed", "entity": ["id"], "changed": "changed",
         "observe": [DEAL | {"employee": "owner"}]},
        {"type": ["shop.sale"], "kind": "sale", "append": True, "moves": False,
         "observe": [DEAL | {"employee": "owner"}]},
        {"type": ["shop.report"], "kind": "report", "entity": ["id", "day"], "version": "v", "moves": False,
         "observe": [{"measure": "report", "day": "day", "employee": "owner", "values": {"spent": "spent"},
                      "required": ["spent"]}]},
        {"type": ["shop.fame"], "kind": "fame",
         "observe": [{"measure": "fame", "day": "day", "team": "team", "values": {"points": "points"},
                      "required": ["points"]}]} | VERSIONED,
    ],
}  # fmt: skip
# Another source with the same kind: its deal A is not the shop's.
MARKET = {
    "source": "market",
    "version": 1,
    "events": [{"type": ["market.deal"], "kind": "deal", "observe": [DEAL | SHARED]} | VERSIONED],
}
SOURCES = {
    "shop": mapping_file.stored(mapping_file.MappingModel.model_validate(SHOP)),
    "market": mapping_file.stored(mapping_file.MappingModel.model_validate(MARKET)),
    "hr": stored_mapping("hr"),
}


def _metric(name: str, weight: int, **more: Any) -> dict[str, Any]:
    return {"id": name, "measure": name, "weight": weight, "name": {"en": name, "zh": name}, **more}


def _plan(version: int, start: str, business: int, stages: dict[str, str], fame: str) -> str:
    said = {
        "id": "sim", "version": version, "effective": {"from": start}, "currency": "USD",
        "name": {"en": "Simulated", "zh": "模拟"}, "cap": 120, "floor": 0,
        "measures": [
            {"id": "revenue", "observed": "deal", "kind": "sum", "value": "amount", "when": stages},
            {"id": "deals", "observed": "deal", "kind": "count", "window": "quarter_to_date"},
            {"id": "best", "observed": "deal", "kind": "max", "value": "amount"},
            {"id": "spent", "observed": "report", "kind": "sum", "value": "spent"},
            {"id": "fame", "observed": "fame", "kind": fame, "value": "points", "scope": "team"},
        ],
        "tracks": [
            {"id": "business", "weight": business, "name": {"en": "Business", "zh": "业务"},
             "metrics": [_metric("revenue", 60), _metric("deals", 40, target=12)]},
            {"id": "management", "weight": 100 - business, "name": {"en": "Management", "zh": "管理"},
             "metrics": [_metric("spent", 40, target=50, direction="down"), _metric("best", 40, target=300),
                         _metric("fame", 20, target=50, no_data="zero")]},
        ],
    }  # fmt: skip
    return plan_file.read(said)[1]


PLANS = (_plan(1, "2017-10-01", 60, {}, "sum"), _plan(2, "2017-11-01", 50, {"stage": "Won"}, "max"))
