"""The embedded stack is the real one, but for what `infra.targets` lists, and no tenant meets another."""

import dataclasses
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from infra.targets import AWS, EMBEDDED, GAPS, WHY, Target, target_named
from tests.infra.templates import AWS_HERE, Synthesized, synthesize

FIELDS = [field.name for field in dataclasses.fields(Target)]
# What each difference may change in the template: resource type and path below its properties.
CHANGES = {
    ("AWS::Lambda::Function", "Layers"): "third_party_layer",
    ("AWS::Lambda::LayerVersion", ""): "third_party_layer",
    ("AWS::Lambda::Function", "TracingConfig"): "tracing",
    ("AWS::StepFunctions::StateMachine", "TracingConfiguration"): "tracing",
    ("AWS::StepFunctions::StateMachine", "DefinitionString"): "error_names",
    ("AWS::S3::BucketPolicy", "PolicyDocument"): "tls_only",
    ("AWS::S3::BucketPolicy", ""): "tls_only",
    ("AWS::SQS::QueuePolicy", "PolicyDocument"): "tls_only",
    ("AWS::SQS::QueuePolicy", ""): "tls_only",
    ("AWS::SNS::TopicPolicy", "PolicyDocument"): "tls_only",
    ("AWS::Lambda::EventSourceMapping", "MaximumRecordAgeInSeconds"): "stream_age_seconds",
    ("AWS::IAM::Role", "Policies"): "tracing, batch_names",
    ("AWS::DynamoDB::Table", "DeletionProtectionEnabled"): "keep_data",
}


def test_whatever_differs_has_a_reason() -> None:
    differing = [name for name in FIELDS if getattr(AWS, name) != getattr(EMBEDDED, name)]
    assert sorted(WHY) == sorted(differing)
    assert all(len(reason) > 20 for reason in WHY.values())


def test_every_gap_says_what_follows_from_it() -> None:
    assert all(gap.what and gap.embedded and gap.consequence for gap in GAPS)


def test_an_unknown_target_is_refused() -> None:
    with pytest.raises(ValueError, match="choose one of aws, embedded"):
        target_named("azure")


def test_templates_differ_only_where_the_targets_say() -> None:
    real, embedded = synthesize(AWS_HERE)["demo"], synthesize(EMBEDDED)["demo"]
    assert {change for change in _changes(real, embedded) if change not in CHANGES} == set()


def test_every_listed_change_is_seen() -> None:
    real, embedded = synthesize(AWS_HERE)["demo"], synthesize(EMBEDDED)["demo"]
    assert set(CHANGES) - set(_changes(real, embedded)) == set()


def test_no_name_of_one_tenant_begins_a_name_of_another() -> None:
    demo, acme = (set(_names(synthesize(AWS_HERE)[tenant])) for tenant in ("demo", "acme"))
    assert len(demo) == len(acme) > 40
    assert [(one, other) for one in demo for other in acme if one.startswith(other)] == []
    assert all(re.search(r"dualtrack-demo(-|$)", name) for name in demo)


def test_no_template_mentions_the_other_tenant() -> None:
    assert "acme" not in json.dumps(synthesize(AWS_HERE)["demo"].document)
    assert "demo" not in json.dumps(synthesize(AWS_HERE)["acme"].document)


def _changes(one: Synthesized, other: Synthesized) -> Iterator[tuple[str, str]]:
    for name in one.resources.keys() | other.resources.keys():
        left, right = one.resources.get(name, {}), other.resources.get(name, {})
        kind = (left or right)["Type"]
        if not left or not right:
            yield kind, ""
        yield from ((kind, key) for key in _unlike(left.get("Properties", {}), right.get("Properties", {})))


def _unlike(left: dict[str, Any], right: dict[str, Any]) -> Iterator[str]:
    if left and right:
        yield from (key for key in left.keys() | right.keys() if left.get(key) != right.get(key))


def _names(stack: Synthesized) -> Iterator[str]:
    for _, resource in stack.resources.items():
        for key, value in resource.get("Properties", {}).items():
            if key.endswith("Name") and "dualtrack-" in json.dumps(value) and isinstance(value, str):
                yield f"{resource['Type']} {value}"
