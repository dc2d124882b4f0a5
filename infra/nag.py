"""Every cdk-nag finding that is accepted, by its full name and with the reason, on its one construct."""

from collections.abc import Iterable

from aws_cdk import Acknowledgment, Stack, Validations
from constructs import Construct

from infra.permissions import Grant, Places, wildcard_reason


def acknowledge(construct: Construct, rule: str, reason: str) -> None:
    """Accept one finding on one construct."""
    Validations.of(construct).acknowledge(Acknowledgment(id=rule, reason=reason))


def acknowledge_wildcards(role: Construct, places: Places, grants: Iterable[Grant]) -> None:
    """Accept the open places of a role's grants, each with the reason the table of permissions gives."""
    stack = Stack.of(role)
    for place in sorted({place for grant in grants for place in grant.on if "*" in place}):
        named = finding(stack.resolve(places.arn(place)))
        acknowledge(role, f"AwsSolutions-IAM5[Resource::{named}]", wildcard_reason(place))


def finding(resolved: object) -> str:
    """A resource as cdk-nag writes it: references in angle brackets."""
    match resolved:
        case {"Fn::Join": ["", [*parts]]}:
            return "".join(finding(part) for part in parts)
        case {"Fn::GetAtt": [name, attribute]}:
            return f"<{name}.{attribute}>"
        case {"Ref": name}:
            return f"<{name}>"
        case str():
            return resolved
    raise ValueError(f"no name for {resolved!r}")
