"""Synthesizes the stacks once for all tests of the infrastructure, and reads their templates."""

import dataclasses
import json
import os
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

os.environ.setdefault("JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION", "1")
if (node := Path(sys.executable).parent / "node").exists():
    os.environ.setdefault("JSII_NODE", str(node))

from aws_cdk import App
from aws_cdk.assertions import Template

from infra.app import apply_flags, folders
from infra.constructs.base import Setting
from infra.stack import TenantStack
from infra.targets import AWS, EMBEDDED, Target
from infra.tenant import load_tenant

TENANTS = ("demo", "acme")
# The AWS target with a known account, so that its template can be compared word for word.
AWS_HERE = dataclasses.replace(AWS, account=EMBEDDED.account, region=EMBEDDED.region)
UNBUNDLED: dict[str, Any] = {"aws:cdk:bundling-stacks": []}

Properties = dict[str, Any]


@dataclasses.dataclass(frozen=True)
class Synthesized:
    """One tenant's template."""

    document: dict[str, Any]

    @property
    def resources(self) -> dict[str, Any]:
        """All resources by logical id."""
        found: dict[str, Any] = self.document["Resources"]
        return found

    def of(self, kind: str) -> Iterator[tuple[str, Properties]]:
        """The resources of a type, by logical id, with their properties."""
        for name, item in self.resources.items():
            if item["Type"] == kind:
                yield name, item.get("Properties", {})

    def one(self, kind: str, containing: str = "") -> Properties:
        """The only resource of that type whose properties mention the text."""
        (found,) = (item for _, item in self.of(kind) if containing in json.dumps(item))
        return found


def app_of(target: Target) -> App:
    """An app for that target; assets are not built for it."""
    app = App(context=UNBUNDLED)
    apply_flags(app)
    return app


@cache
def synthesize(target: Target) -> dict[str, Synthesized]:
    """The templates of both tenants."""
    app = app_of(target)
    stacks = [TenantStack(app, Setting(load_tenant(name), target, folders(app))) for name in TENANTS]
    return {
        stack.shared.setting.tenant.tenant: Synthesized(dict(Template.from_stack(stack).to_json()))
        for stack in stacks
    }
