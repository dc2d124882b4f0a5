"""Who may do what, as data: a tuple of grants for each role of a stack; nothing is allowed elsewhere.

A grant names places, not ARNs: `table`, `intake/log/*`, `ingest` … (`Places` turns them into ARNs of the
tenant's own resources). A place with a `*` has a reason why nothing narrower is on offer or why it is open.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Grant:
    """Allow these actions on these places, through these services, under these conditions."""

    actions: tuple[str, ...]
    on: tuple[str, ...]
    via: tuple[str, ...] = ()
    when: Mapping[str, Mapping[str, object]] = field(default_factory=dict)


# Why a resource pattern has to be open. Keyed by the pattern as the grants write it.
WILDCARDS: dict[str, str] = {
    "logs-VERB:*": "the streams of a function's own log group are named by Lambda at run time",
    "intake/log/*": "event log objects are named by day and batch; this prefix of the own bucket only",
    "intake/quarantine/*": "quarantined bodies are named by event; this prefix of the own bucket only",
    "intake/audit/*": "reports are named by their time; this prefix of the own bucket only",
    "payout/runs/*": "evidence is named by period, run and attempt; this prefix of the own bucket only",
    "payout/payouts/*": "payout files are named by period and run; this prefix of the own bucket only",
    "close-executions/*": "a Distributed Map gives its child executions generated names",
    "publish-executions/*": "a Distributed Map gives its child executions generated names",
    "*": "X-Ray and CloudWatch Logs delivery accept no narrower resource for these actions",
}

DECRYPT = ("kms:Decrypt",)
ENCRYPT = ("kms:Decrypt", "kms:GenerateDataKey")


def table(*verbs: str) -> Grant:
    """Item access to the tenant's table."""
    return Grant(tuple(f"dynamodb:{verb}" for verb in verbs), ("table",))


def put(*places: str) -> Grant:
    """Write objects below these prefixes."""
    return Grant(("s3:PutObject",), places)


def get(*places: str) -> Grant:
    """Read objects below these prefixes."""
    return Grant(("s3:GetObject",), places)


def probe(bucket: str, *prefixes: str) -> Grant:
    """See whether a key below these prefixes exists: a missing key then is 404 and not 403."""
    return Grant(("s3:ListBucket",), (bucket,), when={"StringLike": {"s3:prefix": list(prefixes)}})


def send(queue: str) -> Grant:
    """Put messages on that queue."""
    return Grant(("sqs:SendMessage",), (queue,))


def consume(queue: str) -> Grant:
    """What the service needs of a function's role to read a queue for it."""
    return Grant(("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"), (queue,))


def key(actions: tuple[str, ...], *services: str) -> Grant:
    """Use the tenant's key, only through these services."""
    return Grant(actions, ("key",), via=services)


def logs(verb: str) -> Grant:
    """Write to the function's own log group, which exists already."""
    return Grant(("logs:CreateLogStream", "logs:PutLogEvents"), (f"logs-{verb}:*",))


STREAM = Grant(
    ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"),
    ("stream",),
)
TRACES = Grant(("xray:PutTraceSegments", "xray:PutTelemetryRecords"), ("*",))
MACHINE_TRACES = Grant((*TRACES.actions, "xray:GetSamplingRules", "xray:GetSamplingTargets"), ("*",))
MACHINE_LOGS = Grant(
    (
        "logs:CreateLogDelivery",
        "logs:GetLogDelivery",
        "logs:UpdateLogDelivery",
        "logs:DeleteLogDelivery",
        "logs:ListLogDeliveries",
        "logs:PutResourcePolicy",
        "logs:DescribeResourcePolicies",
        "logs:DescribeLogGroups",
    ),
    ("*",),
)
# Bank accounts are sealed with data keys that say whose they are; nothing else is opened by this right.
SEALED = {"Null": {"kms:EncryptionContext:dualtrack:tenant": "false"}}
ONLY_MAPPINGS = {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["DOC#source"]}}

FUNCTIONS: dict[str, tuple[Grant, ...]] = {
    "receive": (
        send("ingest"),
        put("intake/quarantine/*"),
        Grant(("dynamodb:GetItem", "dynamodb:Query"), ("table",), when=ONLY_MAPPINGS),
        key(ENCRYPT, "sqs", "s3", "dynamodb"),
    ),
    "measure": (
        consume("ingest"),
        table("Query", "GetItem", "BatchGetItem", "BatchWriteItem", "PutItem", "UpdateItem"),
        put("intake/log/*", "intake/quarantine/*"),
        key(ENCRYPT, "sqs", "s3", "dynamodb"),
    ),
    "score": (
        STREAM,
        table("Query", "GetItem", "BatchGetItem", "PutItem", "BatchWriteItem", "UpdateItem", "DeleteItem"),
        put("intake/quarantine/*"),
        send("stream-failures"),
        key(ENCRYPT, "sqs", "s3", "dynamodb"),
    ),
    "open": (
        table("Query", "GetItem", "BatchGetItem", "PutItem", "BatchWriteItem", "ConditionCheckItem"),
        Grant(("sqs:GetQueueAttributes",), ("ingest", "ingest-dlq", "stream-failures")),
        get("intake/quarantine/*", "payout/runs/*"),
        probe("payout", "runs/*"),
        put("payout/runs/*"),
        key(ENCRYPT, "s3", "dynamodb"),
    ),
    "settle": (
        table("Query", "GetItem", "BatchGetItem", "PutItem"),
        put("payout/runs/*"),
        get("payout/runs/*"),
        key(ENCRYPT, "s3", "dynamodb"),
    ),
    "review": (
        get("payout/runs/*"),
        table("GetItem", "PutItem"),
        key(DECRYPT, "s3", "dynamodb"),
    ),
    "book": (
        get("payout/runs/*"),
        put("payout/payouts/*", "payout/runs/*"),
        table("Query", "GetItem", "PutItem", "BatchGetItem"),
        key(ENCRYPT, "s3", "dynamodb"),
    ),
    "publish": (
        get("payout/runs/*"),
        put("payout/payouts/*", "payout/runs/*"),
        table("Query", "GetItem", "BatchGetItem"),
        key(ENCRYPT, "s3", "dynamodb"),
        Grant(DECRYPT, ("key",), when=SEALED),
    ),
    "release": (
        get("payout/runs/*", "payout/payouts/*"),
        probe("payout", "runs/*", "payouts/*"),
        put("payout/payouts/*"),
        table("Query", "GetItem", "BatchGetItem", "PutItem", "ConditionCheckItem"),
        key(ENCRYPT, "s3", "dynamodb"),
    ),
    "relay": (
        STREAM,
        get("payout/runs/*"),
        send("payroll"),
        send("stream-failures"),
        table("Query", "GetItem", "PutItem"),
        key(ENCRYPT, "sqs", "s3", "dynamodb"),
    ),
    "receipt": (
        consume("receipts"),
        get("payout/runs/*"),
        table("Query", "GetItem", "PutItem"),
        key(ENCRYPT, "sqs", "s3", "dynamodb"),
    ),
    "schedule": (
        table("Query", "GetItem"),
        Grant(("states:StartExecution",), ("machine-close",)),
        key(DECRYPT, "dynamodb"),
    ),
    "audit": (
        table("Query", "GetItem", "BatchGetItem"),
        get("intake/log/*"),
        probe("intake", "log/*"),
        put("intake/audit/*"),
        get("payout/runs/*", "payout/payouts/*"),
        probe("payout", "runs/*", "payouts/*"),
        key(ENCRYPT, "s3", "dynamodb"),
    ),
}


def machine(name: str, *functions: str) -> tuple[Grant, ...]:
    """A state machine invokes its own functions, reads its chunk list and starts its own children."""
    return (
        Grant(("lambda:InvokeFunction",), tuple(f"function-{verb}" for verb in functions)),
        get("payout/runs/*"),
        key(DECRYPT, "s3"),
        Grant(("states:StartExecution",), (f"machine-{name}",)),
        Grant(("states:DescribeExecution", "states:StopExecution"), (f"{name}-executions/*",)),
        MACHINE_LOGS,
    )


OTHERS: dict[str, tuple[Grant, ...]] = {
    "close-machine": machine("close", "open", "settle", "review"),
    "publish-machine": machine("publish", "publish", "book", "release"),
    "due": (
        Grant(("lambda:InvokeFunction",), ("function-schedule",)),
        send("schedule-dlq"),
        key(ENCRYPT, "sqs"),
    ),
    "sweep": (
        Grant(("lambda:InvokeFunction",), ("function-relay",)),
        send("schedule-dlq"),
        key(ENCRYPT, "sqs"),
    ),
    "nightly": (
        Grant(("lambda:InvokeFunction",), ("function-audit",)),
        send("schedule-dlq"),
        key(ENCRYPT, "sqs"),
    ),
    "sender": (
        Grant(("execute-api:Invoke",), ("api/$default/POST/v1/events",)),
        Grant(("events:PutEvents",), ("bus",)),
    ),
    "consumer": (
        consume("payroll"),
        send("receipts"),
        key(ENCRYPT, "sqs"),
    ),
    "finance": (
        get("payout/payouts/*"),
        probe("payout", "payouts/*"),
        key(DECRYPT, "s3"),
    ),
}
ROLES = {verb: (*grants, logs(verb)) for verb, grants in FUNCTIONS.items()} | OTHERS


def _end_of_name(place: str) -> int:
    found = re.search(r"[/:]", place)
    return found.start() if found else len(place)


def wildcard_reason(place: str) -> str:
    """Why that place is open; a place with a `*` and no reason is an error."""
    return WILDCARDS[re.sub(r"^logs-\w+", "logs-VERB", place)]


@dataclass(frozen=True)
class Places:
    """The tenant's own resources by the names the grants use."""

    arns: dict[str, str]
    region: str

    def add(self, name: str, arn: str) -> None:
        """Make a resource known; each name once."""
        if name in self.arns:
            raise ValueError(f"two resources are called {name!r}")
        self.arns[name] = arn

    def arn(self, place: str) -> str:
        """The ARN of a place: a resource, or a path below it."""
        if place == "*":
            return place
        cut = _end_of_name(place)
        return self.arns[place[:cut]] + place[cut:]

    def statement(self, grant: Grant) -> dict[str, object]:
        """The grant as IAM writes it."""
        said: dict[str, object] = {
            "Effect": "Allow",
            "Action": list(grant.actions),
            "Resource": [self.arn(place) for place in grant.on],
        }
        condition = self._condition(grant)
        return said | ({"Condition": condition} if condition else {})

    def _condition(self, grant: Grant) -> Mapping[str, object]:
        via = [f"{service}.{self.region}.amazonaws.com" for service in grant.via]
        return {**grant.when, "StringEquals": {"kms:ViaService": via}} if via else grant.when

    def document(self, grants: tuple[Grant, ...]) -> dict[str, object]:
        """The whole policy of one role."""
        return {"Version": "2012-10-17", "Statement": [self.statement(grant) for grant in grants]}
