"""Files of a published run, handed out only if every byte is what the manifest says."""

from __future__ import annotations

import json
from hashlib import sha256

from dualtrack.app.ports import Objects
from dualtrack.domain.errors import refuse

__all__ = ["Objects", "digest", "folder", "verified"]


def folder(run_id: str) -> str:
    """Where a run's files are: ``2017-10-01`` lies under period ``2017-10``."""
    return f"payouts/period={run_id.rpartition('-')[0]}/run={run_id}"


def digest(data: bytes) -> str:
    """The sha256 that manifests and runs name a file by."""
    return sha256(data).hexdigest()


def verified(objects: Objects, run_id: str, manifest_digest: str) -> dict[str, bytes]:
    """The manifest and its files by name; refuses the whole if one byte differs."""
    manifest = objects.read(f"{folder(run_id)}/manifest.json")
    _same("manifest.json", manifest, manifest_digest)
    found = {"manifest.json": manifest}
    for named in json.loads(manifest)["files"]:
        data = objects.read(f"{folder(run_id)}/{named['name']}")
        _same(named["name"], data, named["sha256"])
        found[named["name"]] = data
    return found


def _same(name: str, data: bytes, wanted: str) -> None:
    if digest(data) != wanted:
        raise refuse("different", name, digest(data), f"its sha256 should be {wanted}: do not pay by it")
