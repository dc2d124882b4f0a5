"""JSON schemas of all that enters or leaves as a document: ``python -m dualtrack.adapters.schemas DIR``.

The models of plan and mapping are those that check the files; the others only describe what the
use cases write, and the contract tests hold the two together. No hot function imports this module.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import GenerateJsonSchema

from dualtrack.adapters.mapping_file import MappingModel
from dualtrack.adapters.pay_model import SetupModel
from dualtrack.adapters.plan_model import PlanModel
from dualtrack.adapters.receipt_model import ReceiptMessage

Period = Annotated[str, Field(pattern=r"^[0-9]{4}(-(0[1-9]|1[0-2])|Q[1-4])$")]
RunId = Annotated[str, Field(pattern=r"^[0-9]{4}(-(0[1-9]|1[0-2])|Q[1-4])-[0-9]{2,}$")]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
Major = Annotated[str, Field(pattern=r"^-?[0-9]+(\.[0-9]+)?$", description="in the currency's own unit")]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Count = Annotated[int, Field(ge=0)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class PayoutMessage(_Strict):
    """One payout on the payroll queue. ``payout_id`` is the idempotency key."""

    schema_: Literal["dualtrack.payout.v1"] = Field(alias="schema")
    tenant: str
    payout_id: Annotated[str, Field(pattern=r"^[A-Z2-7]{32}$")]
    run: RunId
    period: Period
    employee: str
    currency: Currency
    amount_minor: Annotated[int, Field(gt=0)]
    amount: Major
    attempt: Annotated[int, Field(ge=1)]


class ManifestTotals(_Strict):
    """Control totals of one currency."""

    currency: Currency
    payouts: Count
    payable: Count
    lines: Count
    amount: Major


class ManifestFile(_Strict):
    """A file beside the manifest."""

    name: str
    sha256: Digest
    bytes: Count
    rows: Count


class ManifestEvidence(_Strict):
    """An object of the run's evidence, in the same bucket."""

    key: str
    sha256: Digest


class ManifestBefore(_Strict):
    """The manifest of the published run before."""

    run: RunId
    sha256: Digest


class Manifest(_Strict):
    """What a published run consists of. Without a manifest there is no payout."""

    schema_: Literal["dualtrack.manifest.v2"] = Field(alias="schema")
    tenant: str
    run: RunId
    kind: Literal["regular", "correction", "off-cycle"]
    corrects: str
    reason: str
    group: str
    period: Period
    plans: list[str]
    setup: str
    starter: str
    approvals: Annotated[list[str], Field(min_length=1)]
    approved_at: str
    waiver: str
    force: str
    watermark: str
    acts: Count
    totals: list[ManifestTotals]
    files: list[ManifestFile]
    evidence: list[ManifestEvidence]
    previous: ManifestBefore | None


class Found(_Strict):
    """What is wrong with an event: the field, the value found there, and what would mend it."""

    reason: str
    field: str
    value: str
    remedy: str


class Quarantined(Found):
    """An event that is kept, and counts for nobody until its cause is mended."""

    index: Count
    id: str
    status: Literal["quarantined"]
    also: list[Found] = Field(default_factory=list)


class NotKept(_Strict):
    """An event that was not kept."""

    index: Count
    status: Literal["not_kept"]
    remedy: str


class EventsAnswer(_Strict):
    """The body that answers POST /v1/events, whatever the status."""

    received: Count
    accepted: Count
    results: list[Annotated[Quarantined | NotKept, Field(discriminator="status")]]


SCHEMAS: dict[str, type[BaseModel]] = {
    "dualtrack.payout.v1": PayoutMessage,
    "dualtrack.manifest.v2": Manifest,
    "dualtrack.receipt.v1": ReceiptMessage,
    "plan": PlanModel,
    "mapping": MappingModel,
    "pay": SetupModel,
    "events-answer": EventsAnswer,
}


def schema(name: str) -> str:
    """The text of one schema file: the same models, the same bytes."""
    said: dict[str, Any] = SCHEMAS[name].model_json_schema(by_alias=True, mode="validation")
    whole = {"$schema": GenerateJsonSchema.schema_dialect, "$id": f"{name}.json"} | said
    return json.dumps(whole, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def write(folder: Path) -> list[Path]:
    """Write every schema; the files written."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {folder / f"{name}.json": schema(name) for name in SCHEMAS}
    for path, text in files.items():
        path.write_text(text, encoding="utf-8")
    return list(files)
