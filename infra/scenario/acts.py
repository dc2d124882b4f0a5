"""What a scenario does to its tenant: plans, closes, approvals, publications."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from dualtrack.adapters import plan_file, yaml_text
from dualtrack.app import operate
from dualtrack.domain.errors import refuse
from infra.scenario import tenant
from infra.scenario.parse import Row

if TYPE_CHECKING:
    from infra.scenario.play import Stage

STARTER, APPROVER = "starter", "approver"  # who acts where no name is given
# What a plan in short may leave out.
SHORT: Mapping[str, Any] = {"id": "plan", "version": 1, "effective": {"from": "2000-01-01"}}


def zone(stage: Stage, row: Row) -> None:
    """Where days begin."""
    stage.tenant.zone(row.given["zone"])


def plan(stage: Stage, row: Row) -> None:
    """Check and publish a plan: from a file, or from the lines below."""
    raw = _document(stage, row)
    if not isinstance(raw, dict):
        raise refuse("not_yaml", "plan", type(raw).__name__, "write fields below it, or name a file")
    employees = {each.given["who"]: None for each in stage.scenario.rows if each.command == "employee"}
    found, text = plan_file.read(stage.names.plan(_in_full(raw), employees))
    operate.publish_plan(stage.tenant.table, found, text)


def _document(stage: Stage, row: Row) -> object:
    text = row.block
    if "file" in row.given:
        path = stage.folder / row.given["file"]
        if not path.is_file():
            raise refuse("missing", "plan", str(path), "name a file beside the scenario")
        text = path.read_text("utf-8")
    return yaml_text.parsed(text)


def _in_full(raw: dict[str, Any]) -> dict[str, Any]:
    """A plan in short, with the dates and names that it leaves out: what has no name is called by its id."""
    full = dict(SHORT) | raw
    tracks = _mappings(full.get("tracks"))
    metrics = [metric for track in tracks for metric in _mappings(track.get("metrics"))]
    for each in (full, *tracks, *metrics, *_mappings(full.get("courses")), *_mappings(full.get("awards"))):
        if "id" in each:
            each.setdefault("name", {"en": str(each["id"]), "zh": str(each["id"])})
    return full


def _mappings(rows: object) -> list[dict[str, Any]]:
    return [each for each in rows if isinstance(each, dict)] if isinstance(rows, list) else []


def close(stage: Stage, row: Row) -> None:
    """Close a period; with ``waive`` in spite of what stands in quarantine."""
    by = row.given.get("by", STARTER)
    waiver = {"by": by, "reason": row.given["waive"]} if "waive" in row.given else None
    stage.tenant.close(row.given["period"], by, waiver)


def approve(stage: Stage, row: Row) -> None:
    """Approve the run of a period as it stands."""
    tenant.approve(stage.tenant, row.given["period"], row.given.get("by", APPROVER))


def reject(stage: Stage, row: Row) -> None:
    """Send the run of a period back."""
    run = tenant.run_of(stage.tenant, row.given["period"])
    operate.reject(
        stage.tenant.table, run.id, row.given.get("by", APPROVER), row.given["because"], stage.tenant.now
    )


def publish(stage: Stage, row: Row) -> None:
    """Publish the approved run of a period."""
    stage.tenant.publish(tenant.run_of(stage.tenant, row.given["period"]))


def pay(stage: Stage, row: Row) -> None:
    """Close, approve and publish."""
    for act in (close, approve, publish):
        act(stage, row)


ACTS: Mapping[str, Callable[[Stage, Row], None]] = {
    "zone": zone,
    "plan": plan,
    "close": close,
    "approve": approve,
    "reject": reject,
    "publish": publish,
    "pay": pay,
}
