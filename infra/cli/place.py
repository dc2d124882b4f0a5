"""Where a tenant is: on an embedded AWS that runs here, in a file of outputs, or in an account."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from dualtrack.domain.errors import refuse
from infra import embedded
from infra.cli.words import text
from infra.operator import Operator

RUNNING = ("demo", "up")
Outputs = Mapping[str, str]


def operator(tenant: str, outputs: Path | None) -> Operator:
    """The tenant's stack; says on standard error where it is."""
    found, endpoint = _from_file(tenant, outputs) if outputs else _looked_for(tenant)
    name, region = found["Tenant"], found["KeyArn"].split(":")[3]
    os.environ.setdefault("AWS_DEFAULT_REGION", region)
    said = text("at", tenant=name, place=endpoint or f"AWS {found['KeyArn'].split(':')[4]} {region}")
    Console(stderr=True, highlight=False, soft_wrap=True).print(said, style="dim", markup=False)
    return Operator(found, endpoint)


def _from_file(tenant: str, file: Path) -> tuple[Outputs, str]:
    stacks: dict[str, dict[str, str]] = {
        each["Tenant"]: each for each in json.loads(file.read_text("utf-8")).values()
    }
    return _chosen(stacks, tenant, "wrong.tenant_unknown"), os.environ.get("AWS_ENDPOINT_URL", "")


def _looked_for(tenant: str) -> tuple[Outputs, str]:
    here = _embedded()
    stacks = {name: outputs for name, (outputs, _) in here.items()}
    if tenant in here or not tenant:
        chosen = _chosen(stacks, tenant, "wrong.tenant_missing")
        server = here[chosen["Tenant"]][1]
        os.environ.update(server.environment())
        return chosen, server.endpoint
    return _described(tenant), ""


def _embedded() -> dict[str, tuple[Outputs, embedded.Embedded]]:
    """Tenants of the servers that run here."""
    running = [server for server in map(embedded.attach, RUNNING) if server is not None]
    ready = [server for server in running if (server.home / "outputs.json").exists()]
    return {name: (found, server) for server in ready for name, found in embedded.outputs(server).items()}


def _chosen(stacks: Mapping[str, Outputs], tenant: str, remedy: str) -> Outputs:
    if not tenant and len(stacks) == 1:
        return next(iter(stacks.values()))
    if tenant not in stacks:
        known = ", ".join(sorted(stacks)) or text("none")
        raise refuse("unknown_tenant", "--tenant", tenant or text("none"), text(remedy, known=known))
    return stacks[tenant]


def _described(tenant: str) -> Outputs:
    """The outputs of the account's stack, as CloudFormation says."""
    try:
        client: Any = boto3.client("cloudformation")
        [stack] = client.describe_stacks(StackName=f"dualtrack-{tenant}")["Stacks"]
    except (ClientError, BotoCoreError) as error:
        remedy = text("wrong.tenant_nowhere", what=str(error).rstrip("."))
        raise refuse("unknown_tenant", "--tenant", tenant, remedy) from None
    return {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}
