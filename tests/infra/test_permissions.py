"""Least privilege: roles say what the table of permissions says, and the table is as narrow as it can be."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from infra.permissions import FUNCTIONS, ROLES, SEALED, Grant, Places, wildcard_reason
from tests.infra.templates import AWS_HERE, TENANTS, Synthesized, synthesize

SERVICE = "Service"
# Who may change what. Whoever is added here has to be added on purpose.
WRITERS = {
    ("s3:PutObject", "intake/log/*"): {"measure"},
    ("s3:PutObject", "intake/quarantine/*"): {"receive", "measure", "score"},
    ("s3:PutObject", "intake/audit/*"): {"audit"},
    ("s3:PutObject", "payout/runs/*"): {"open", "settle", "book", "publish"},
    ("s3:PutObject", "payout/payouts/*"): {"book", "publish", "release"},
    ("sqs:SendMessage", "ingest"): {"receive"},
    ("sqs:SendMessage", "payroll"): {"relay"},
    ("sqs:SendMessage", "stream-failures"): {"score", "relay"},
    ("sqs:SendMessage", "schedule-dlq"): {"due", "sweep", "nightly"},
    ("sqs:DeleteMessage", "ingest"): {"measure"},
    ("sqs:DeleteMessage", "payroll"): {"consumer"},
    ("sqs:DeleteMessage", "receipts"): {"receipt"},
    ("sqs:SendMessage", "receipts"): {"consumer"},
    ("states:StartExecution", "machine-close"): {"close-machine", "schedule"},
    ("states:StartExecution", "machine-publish"): {"publish-machine"},
    ("events:PutEvents", "bus"): {"sender"},
    ("execute-api:Invoke", "api/$default/POST/v1/events"): {"sender"},
}
NOBODY = (
    "s3:Delete",
    "s3:Bypass",
    "s3:PutBucket",
    "dynamodb:DeleteTable",
    "dynamodb:Scan",
    "iam:",
    "sts:",
    "kms:Sch",
)


@pytest.fixture(scope="module", params=TENANTS)
def stack(request: pytest.FixtureRequest) -> Synthesized:
    return synthesize(AWS_HERE)[request.param]


def _statements(stack: Synthesized) -> Iterator[tuple[str, dict[str, Any]]]:
    for _, role in stack.of("AWS::IAM::Role"):
        (policy,) = role["Policies"]
        for statement in policy["PolicyDocument"]["Statement"]:
            yield str(role["RoleName"]).split("-", 2)[2], statement


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _granted() -> Iterator[tuple[str, str, str]]:
    for role, grants in ROLES.items():
        yield from (
            (role, action, place) for grant in grants for action in grant.actions for place in grant.on
        )


@pytest.mark.parametrize("right", WRITERS, ids=" ".join)
def test_who_may_write(right: tuple[str, str]) -> None:
    assert {role for role, action, place in _granted() if (action, place) == right} == WRITERS[right]


@pytest.mark.parametrize("action", NOBODY)
def test_what_nobody_may_do(action: str) -> None:
    assert [granted for granted in _granted() if granted[1].startswith(action)] == []


def test_no_role_has_a_policy_outside_the_table(stack: Synthesized) -> None:
    roles = {str(it["RoleName"]).split("-", 2)[2]: it for _, it in stack.of("AWS::IAM::Role")}
    assert set(roles) == set(ROLES)
    assert [name for name, it in roles.items() if "ManagedPolicyArns" in it] == []
    assert list(stack.of("AWS::IAM::Policy")) == list(stack.of("AWS::IAM::ManagedPolicy")) == []


def test_no_action_is_open_and_every_statement_allows(stack: Synthesized) -> None:
    for _, statement in _statements(stack):
        assert statement["Effect"] == "Allow"
        assert "*" not in "".join(_listed(statement["Action"]))


def test_every_open_resource_is_a_known_one(stack: Synthesized) -> None:
    known = {_tail(place) for _, _, place in _granted() if "*" in place} | {"*"}
    found = [_written(resource) for _, it in _statements(stack) for resource in _listed(it["Resource"])]
    assert {
        resource for resource in found if "*" in resource and not resource.endswith(tuple(known))
    } == set()
    assert all(wildcard_reason(place) for _, _, place in _granted() if "*" in place)


def test_only_tracing_and_log_delivery_are_allowed_on_everything(stack: Synthesized) -> None:
    open_to_all = {
        action for _, it in _statements(stack) if it["Resource"] == "*" for action in _listed(it["Action"])
    }
    assert {action.split(":")[0] for action in open_to_all} == {"xray", "logs"}
    assert "logs:PutLogEvents" not in open_to_all


def test_the_key_is_used_through_a_service_only(stack: Synthesized) -> None:
    used = [it for _, it in _statements(stack) if "kms:" in json.dumps(it["Action"])]
    assert len(used) >= len(FUNCTIONS)
    direct = [it for it in used if "kms:ViaService" not in it["Condition"].get("StringEquals", {})]
    assert [(it["Action"], it["Condition"]) for it in direct] == [("kms:Decrypt", SEALED)], (
        "only sealed accounts"
    )


def test_one_role_for_each_function_and_only_the_service_may_take_it(stack: Synthesized) -> None:
    taken = [json.dumps(it["Role"]) for _, it in stack.of("AWS::Lambda::Function")]
    assert len(set(taken)) == len(taken) == len(FUNCTIONS)
    trusted = [
        statement["Principal"]
        for _, it in stack.of("AWS::IAM::Role")
        if str(it["RoleName"]).split("-", 2)[2] in FUNCTIONS
        for statement in it["AssumeRolePolicyDocument"]["Statement"]
    ]
    assert trusted == [{SERVICE: "lambda.amazonaws.com"}] * len(FUNCTIONS)


def test_an_unknown_place_is_an_error() -> None:
    places = Places({"table": "arn:table"}, "eu-central-1")
    assert places.arn("table/x") == "arn:table/x"
    with pytest.raises(KeyError, match="tabel"):
        places.statement(Grant(("dynamodb:GetItem",), ("tabel",)))
    with pytest.raises(ValueError, match="two resources"):
        places.add("table", "arn:other")


def _tail(place: str) -> str:
    return place[len(place.split("/")[0].split(":")[0]) :]


def _written(resource: Any) -> str:
    return resource if isinstance(resource, str) else "".join(map(str, resource.get("Fn::Join", ["", []])[1]))
