"""What every stage starts from: tenant, target, names and places, and the making of roles and queues."""

from dataclasses import dataclass, field, replace
from pathlib import Path

from aws_cdk import Aws, Duration, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.nag import acknowledge, acknowledge_wildcards
from infra.permissions import ROLES, SEALED, TRACES, Grant, Places
from infra.targets import Target
from infra.tenant import Person, Tenant

KEEP_MESSAGES = Duration.days(14)
# Dead-letter queues by their use, not by a redrive policy that would show it.
LAST_RESORTS = {
    "stream-failures": "it is itself where the stream's failed batches end",
    "schedule-dlq": "it is itself where undelivered schedules end",
}
RETENTION = {item.name: item for item in logs.RetentionDays}
RETENTION_BY_DAYS = {
    1: "ONE_DAY",
    7: "ONE_WEEK",
    14: "TWO_WEEKS",
    30: "ONE_MONTH",
    60: "TWO_MONTHS",
    90: "THREE_MONTHS",
    180: "SIX_MONTHS",
    365: "ONE_YEAR",
    400: "THIRTEEN_MONTHS",
    731: "TWO_YEARS",
    1096: "THREE_YEARS",
    1827: "FIVE_YEARS",
    2557: "SEVEN_YEARS",
    3653: "TEN_YEARS",
}


@dataclass(frozen=True)
class Folders:
    """Where the code that becomes assets lies."""

    functions: Path
    layer: Path
    lock: Path


@dataclass(frozen=True)
class Setting:
    """The tenant, the target and the folders one stack is built from, and the places made so far."""

    tenant: Tenant
    target: Target
    folders: Folders
    places: Places = field(default_factory=lambda: Places({}, Aws.REGION))

    def name(self, *parts: str) -> str:
        """A resource name that carries the tenant."""
        return "-".join((self.tenant.prefix, *parts))

    @property
    def removal(self) -> RemovalPolicy:
        """What happens to stored data when the stack goes."""
        return RemovalPolicy.RETAIN if self.target.keep_data else RemovalPolicy.DESTROY


def arn(scope: Construct, service: str, resource: str) -> str:
    """The ARN of something of this account and region that is known by name."""
    stack = Stack.of(scope)
    return f"arn:{stack.partition}:{service}:{stack.region}:{stack.account}:{resource}"


def policies(setting: Setting, name: str, *more: Grant) -> dict[str, iam.PolicyDocument]:
    """The one inline policy of a role, from the table of permissions."""
    grants = [_for_target(grant, setting.target) for grant in (*ROLES[name], *more)]
    return {"allowed": iam.PolicyDocument.from_json(setting.places.document(tuple(grants)))}


def _for_target(grant: Grant, target: Target) -> Grant:
    """The grant as the target understands it: batch calls by names of their own, conditions that it knows."""
    extra = tuple(batch for single, batch in target.batch_names if single in grant.actions)
    when = {} if grant.when == SEALED and not target.encryption_context else grant.when
    return replace(grant, actions=(*grant.actions, *extra), when=when)


def service_role(scope: Construct, setting: Setting, name: str, service: str) -> iam.IRole:
    """A role only that AWS service may assume, and only for this account's resources."""
    more = (TRACES,) if service == "lambda" and setting.target.tracing else ()
    role = iam.Role(
        scope,
        "Role",
        role_name=setting.name(name),
        assumed_by=iam.ServicePrincipal(f"{service}.amazonaws.com"),
        inline_policies=policies(setting, name, *more),
    )
    acknowledge_wildcards(role, setting.places, (*ROLES[name], *more))
    return role.without_policy_updates()


def _person(scope: Construct, person: Person) -> iam.PrincipalWithConditions:
    account = person.account or Stack.of(scope).account
    shown = {"StringEquals": person.condition}
    return iam.PrincipalWithConditions(iam.AccountPrincipal(account), shown)


def people_role(scope: Construct, setting: Setting, name: str, people: tuple[Person, ...]) -> iam.Role:
    """A role that principals outside the stack assume, each showing its external id or tag."""
    role = iam.Role(
        scope,
        name.title(),
        role_name=setting.name(name),
        assumed_by=iam.CompositePrincipal(*(_person(scope, person) for person in people)),
        inline_policies=policies(setting, name),
    )
    acknowledge_wildcards(role, setting.places, ROLES[name])
    return role


def queue(scope: Construct, setting: Setting, name: str, key: kms.IKey, **props: object) -> sqs.Queue:
    """An encrypted queue that speaks TLS only and forgets nothing for 14 days."""
    suffix = ".fifo" if props.get("fifo") else ""
    made = sqs.Queue(
        scope,
        name.title().replace("-", ""),
        queue_name=setting.name(name) + suffix,
        encryption_master_key=key,
        data_key_reuse=Duration.hours(1),
        enforce_ssl=setting.target.tls_only,
        retention_period=KEEP_MESSAGES,
        **props,  # type: ignore[arg-type]
    )
    setting.places.add(name, made.queue_arn)
    if name in LAST_RESORTS:
        acknowledge(made, "AwsSolutions-SQS3", LAST_RESORTS[name])
    return made


def log_group(scope: Construct, setting: Setting, name: str, key: kms.IKey) -> logs.LogGroup:
    """An encrypted log group that keeps as long as the tenant says."""
    return logs.LogGroup(
        scope,
        "Logs",
        log_group_name=name,
        encryption_key=key,
        retention=RETENTION[RETENTION_BY_DAYS[setting.tenant.log_days]],
        removal_policy=setting.removal,
    )
