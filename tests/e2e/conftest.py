"""One embedded AWS with two tenants for all end-to-end tests, with IAM enforced."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from infra import embedded
from tests.support.tenant import Tenant

Stacks = dict[str, dict[str, str]]


@pytest.fixture(scope="session")
def server() -> Iterator[embedded.Embedded]:
    """A running server; this process's AWS environment points to it and to nothing else."""
    before = dict(os.environ)
    with embedded.start("e2e") as started:
        os.environ.update(started.environment())
        yield started
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="session")
def stacks(server: embedded.Embedded) -> Stacks:
    """The outputs of both tenants' stacks."""
    return embedded.deploy(server, ["demo", "acme"])


@pytest.fixture(scope="session")
def demo(server: embedded.Embedded, stacks: Stacks) -> Tenant:
    """The tenant that the route is tried on, with plan, sources and a roster of three."""
    tenant = Tenant(server, stacks["demo"])
    tenant.furnish()
    return tenant
