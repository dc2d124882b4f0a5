"""The one place that lists what differs between the real AWS and the embedded one.

`Target` holds the values, `WHY` the reason of every field whose values differ (a test compares the two), and
`GAPS` what the embedded AWS accepts in the same template but does not enforce or perform.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """One place the stacks can be deployed to."""

    name: str
    account: str | None
    region: str | None
    cli_credentials: bool
    third_party_layer: bool
    tracing: bool
    tls_only: bool
    stream_age_seconds: int
    error_names: tuple[str, ...]
    batch_names: tuple[tuple[str, str], ...]
    keep_data: bool
    create_only: bool
    encryption_context: bool
    nag: bool


AWS = Target(
    name="aws",
    account=None,
    region=None,
    cli_credentials=False,
    third_party_layer=True,
    tracing=True,
    tls_only=True,
    stream_age_seconds=24 * 60 * 60,
    error_names=(),
    batch_names=(),
    keep_data=True,
    create_only=True,
    encryption_context=True,
    nag=True,
)
EMBEDDED = Target(
    name="embedded",
    account="000000000000",
    region="us-east-1",
    cli_credentials=True,
    third_party_layer=False,
    tracing=False,
    tls_only=False,
    stream_age_seconds=600,
    error_names=("Runtime.HandlerError",),
    batch_names=(
        ("sqs:SendMessage", "sqs:SendMessageBatch"),
        ("dynamodb:ConditionCheckItem", "dynamodb:TransactWriteItems"),
    ),
    keep_data=False,
    create_only=False,
    encryption_context=False,
    nag=False,
)
TARGETS = {target.name: target for target in (AWS, EMBEDDED)}

WHY = {
    "name": "it is how the operator asks for one or the other (`-c target=…`)",
    "account": "the embedded AWS has one account; on AWS it comes from the operator's credentials",
    "region": "the embedded AWS runs in one region; on AWS it comes from the operator's profile",
    "cli_credentials": "embedded bootstrap roles may not publish assets when IAM is enforced, the caller may",
    "third_party_layer": "embedded workers run on an interpreter that already has the packages",
    "tracing": "the embedded AWS keeps no traces",
    "tls_only": "the embedded AWS speaks plain HTTP on the loopback: nobody could come in",
    "error_names": "embedded workers report every exception by this name, a refusal shows in its text",
    "batch_names": "embedded IAM asks for the name of a batch call where AWS asks for that of its parts",
    "stream_age_seconds": "embedded streams neither bisect nor count retries: a bad batch goes by its age",
    "keep_data": "an embedded stack is thrown away whole; on AWS what is stored outlives its stack",
    "encryption_context": "embedded IAM does not know the condition, and would refuse every decryption",
    "create_only": "embedded bucket policies do not know the condition, and would refuse every write",
    "nag": "the rules are checked by a test for both targets; leaving them out shortens every embedded start",
}


@dataclass(frozen=True)
class Gap:
    """Something the template asks for that the embedded AWS does not do."""

    what: str
    embedded: str
    consequence: str


# Measured with ministack 1.5.33.
GAPS = (
    Gap(
        "Object Lock, default KMS encryption and access logs of buckets",
        "buckets made by CloudFormation have none of them",
        "`infra.aftercare` sets the lock after a deploy; the other two are checked in the template only",
    ),
    Gap(
        "partial batch responses of table streams",
        "only a function that raises is tried again, and then with the whole batch; queue batches are exact",
        "a record reported as failed beside others that worked does not come again",
    ),
    Gap(
        "on-failure destination of table streams",
        "reached when the batch is older than the limit, never by counting attempts",
        "a poisoned row takes a minute to arrive in the stream failure queue, with the rows beside it",
    ),
    Gap(
        "consumed capacity of reads and of indexes",
        "reads are billed by the number of rows and not by size, batch reads and indexes not at all",
        "budgets are asserted on a model of the documented rules, held to the figures of all writes",
    ),
    Gap(
        "dynamodb:LeadingKeys in a policy",
        "not known, so a condition for all values holds",
        "that receive reads nothing but source mappings is checked in the template only",
    ),
    Gap(
        "the account's root under IAM",
        "may do everything, bucket policies and locks of others included (a locked version stays locked)",
        "whatever has to be refused is tried as a role, never as root",
    ),
    Gap(
        "roles of state machines, schedules and event source mappings",
        "the services act without asking them",
        "these roles are tried by assuming them",
    ),
    Gap(
        "use of the customer key through S3, SQS and DynamoDB",
        "not asked of the caller",
        "the statements about the key are checked in the template and by calling the key directly",
    ),
    Gap(
        "time zone and `<aws.scheduler.scheduled-time>` of a schedule",
        "cron is read in UTC and the placeholder is handed over as it stands",
        "the demo closes periods by hand",
    ),
    Gap(
        "access logs and throttling of the HTTP API",
        "not done",
        "checked in the template only",
    ),
)


def target_named(name: str) -> Target:
    """The target of that name; an unknown name is an error that lists the known ones."""
    if name not in TARGETS:
        raise ValueError(f"unknown target {name!r}: choose one of {', '.join(sorted(TARGETS))}")
    return TARGETS[name]
