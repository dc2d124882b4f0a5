"""Every role of a deployed stack is tried on what it must not do, on its own tenant and on the other one.

A function's role trusts the Lambda service alone, so nobody may take it as it is. For the time of one
AssumeRole the account's root lets itself in, then puts the trust back; what the role may do is not touched.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.exceptions import ClientError

from infra.permissions import ROLES
from tests.e2e.forbidden import ACTS, ALLOWED, Act, forbidden

Stacks = Mapping[str, Mapping[str, str]]
Clients = Callable[[str], Any]
OWN, OTHER = "demo", "acme"
REFUSED = ("AccessDenied", "AuthorizationError")  # the second is what SNS says
REGION = "us-east-1"
ROOT = "arn:aws:iam::000000000000:root"
IN_FOR_ONCE = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "sts:AssumeRole"}],
}


@contextmanager
def _clients(endpoint: str, *credentials: str) -> Iterator[Clients]:
    session, made = boto3.Session(*credentials, region_name=REGION), ExitStack()

    @cache
    def client(service: str) -> Any:
        return made.enter_context(closing(session.client(service, endpoint_url=endpoint)))

    with made:
        yield client


@pytest.fixture(scope="module")
def root(stacks: Stacks) -> Iterator[Clients]:
    port = urlsplit(stacks[OWN]["IngestQueueUrl"]).port
    with _clients(f"http://127.0.0.1:{port}", "test", "test") as clients:
        yield clients


@contextmanager
def _root_let_in(root: Clients, role: str) -> Iterator[None]:
    before = root("iam").get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    root("iam").update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(IN_FOR_ONCE))
    try:
        yield
    finally:
        root("iam").update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(before))


@pytest.fixture(params=sorted(ALLOWED))
def role(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def taken(root: Clients, role: str) -> Iterator[Clients]:
    name = f"dualtrack-{OWN}-{role}"
    arn = root("iam").get_role(RoleName=name)["Role"]["Arn"]
    with _root_let_in(root, name):
        given = root("sts").assume_role(RoleArn=arn, RoleSessionName="forbidden")["Credentials"]
    credentials = (given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
    with _clients(root("sts").meta.endpoint_url, *credentials) as clients:
        yield clients


def test_all_roles_of_the_stack_are_tried(root: Clients) -> None:
    pages = (
        root("cloudformation").get_paginator("list_stack_resources").paginate(StackName=f"dualtrack-{OWN}")
    )
    deployed = {
        item["PhysicalResourceId"].removeprefix(f"dualtrack-{OWN}-")
        for page in pages
        for item in page["StackResourceSummaries"]
        if item["ResourceType"] == "AWS::IAM::Role"
    }
    assert deployed == set(ALLOWED) == set(ROLES)


def test_forbidden_on_the_own_tenant(taken: Clients, role: str, stacks: Stacks) -> None:
    assert [name for name in forbidden(role) if not _denied(taken, ACTS[name], stacks[OWN])] == []


def test_everything_is_forbidden_on_the_other_tenant(taken: Clients, stacks: Stacks) -> None:
    assert [name for name, act in ACTS.items() if not _denied(taken, act, stacks[OTHER])] == []


def test_what_a_role_needs_is_not_denied(taken: Clients, role: str, stacks: Stacks) -> None:
    assert [name for name in sorted(ALLOWED[role]) if _denied(taken, ACTS[name], stacks[OWN])] == []


@pytest.mark.parametrize("person", ["sender", "finance"])
def test_nobody_is_taken_in_without_showing_anything(root: Clients, stacks: Stacks, person: str) -> None:
    arn = stacks[OWN][f"{person.title()}RoleArn"]
    for shown in ({}, {"ExternalId": "acme-finance-2026"}):
        with pytest.raises(ClientError, match="AccessDenied"):
            root("sts").assume_role(RoleArn=arn, RoleSessionName="stranger", **shown)
    root("sts").assume_role(RoleArn=arn, RoleSessionName="known", ExternalId=f"demo-{person}")


def _denied(clients: Clients, act: Act, stack: Mapping[str, str]) -> bool:
    try:
        getattr(clients(act.service), act.call)(**_aimed(act.what, stack))
    except ClientError as error:
        return str(error.response["Error"]["Code"]).startswith(REFUSED)
    return False


def _aimed(what: Any, stack: Mapping[str, str]) -> Any:
    match what:
        case str():
            return what.format(**stack)
        case dict():
            return {key: _aimed(value, stack) for key, value in what.items()}
        case list():
            return [_aimed(value, stack) for value in what]
    return what
