"""What no role may do: acts on a tenant's resources, and the few of them each role may do on its own tenant.

Data only. Whatever is not given to a role here is forbidden to it on its own tenant, and every act is
forbidden on the other tenant. `{Name}` is an output of the stack that the act is aimed at.
"""

from dataclasses import dataclass, field
from typing import Any

KEY = {"pk": {"S": "FORBIDDEN#1"}, "sk": {"S": "FORBIDDEN"}}
FIFO = {"MessageGroupId": "forbidden", "MessageDeduplicationId": "forbidden"}


@dataclass(frozen=True)
class Act:
    """One call of one service."""

    service: str
    call: str
    what: dict[str, Any] = field(default_factory=dict)


def _row(call: str, **what: Any) -> Act:
    return Act("dynamodb", call, {"TableName": "{TableName}", **what})


def _object(call: str, bucket: str, key: str, **what: Any) -> Act:
    return Act("s3", call, {"Bucket": f"{{{bucket}}}", "Key": key, **what})


def _queue(call: str, queue: str, **what: Any) -> Act:
    return Act("sqs", call, {"QueueUrl": f"{{{queue}}}", **what})


def _query() -> Act:
    values = {":pk": {"S": "FORBIDDEN#1"}}
    return _row("query", KeyConditionExpression="pk = :pk", ExpressionAttributeValues=values)


ACTS: dict[str, Act] = {
    "read a row": _row("get_item", Key=KEY),
    "query rows": _query(),
    "scan the table": _row("scan"),
    "write a row": _row("put_item", Item=KEY),
    "change a row": _row("update_item", Key=KEY),
    "delete a row": _row("delete_item", Key=KEY),
    "delete the table": _row("delete_table"),
    "write the event log": _object("put_object", "IntakeBucket", "log/forbidden", Body=b""),
    "read the event log": _object("get_object", "IntakeBucket", "log/forbidden"),
    "quarantine a body": _object("put_object", "IntakeBucket", "quarantine/forbidden", Body=b""),
    "read a quarantined body": _object("get_object", "IntakeBucket", "quarantine/forbidden"),
    "write evidence": _object("put_object", "PayoutBucket", "runs/forbidden", Body=b""),
    "read evidence": _object("get_object", "PayoutBucket", "runs/forbidden"),
    "write a payout file": _object("put_object", "PayoutBucket", "payouts/forbidden", Body=b""),
    "read a payout file": _object("get_object", "PayoutBucket", "payouts/forbidden"),
    "write beside the known prefixes": _object("put_object", "PayoutBucket", "forbidden", Body=b""),
    "delete a payout file": _object("delete_object", "PayoutBucket", "payouts/forbidden"),
    "list payout files": Act("s3", "list_objects_v2", {"Bucket": "{PayoutBucket}", "Prefix": "payouts/"}),
    "list evidence": Act("s3", "list_objects_v2", {"Bucket": "{PayoutBucket}", "Prefix": "runs/"}),
    "list the whole payout bucket": Act("s3", "list_objects_v2", {"Bucket": "{PayoutBucket}"}),
    "list the intake bucket": Act("s3", "list_objects_v2", {"Bucket": "{IntakeBucket}"}),
    "lift the lock": Act(
        "s3",
        "put_object_lock_configuration",
        {"Bucket": "{PayoutBucket}", "ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled"}},
    ),
    "put an event on the ingest queue": _queue("send_message", "IngestQueueUrl", MessageBody="{{}}"),
    "take from the ingest queue": _queue("receive_message", "IngestQueueUrl", VisibilityTimeout=0),
    "empty the ingest queue": _queue("purge_queue", "IngestQueueUrl"),
    "count the ingest queue": _queue("get_queue_attributes", "IngestQueueUrl", AttributeNames=["All"]),
    "take from the ingest dead letters": _queue("receive_message", "IngestDlqUrl", VisibilityTimeout=0),
    "pay somebody": _queue("send_message", "PayrollQueueUrl", MessageBody="{{}}", **FIFO),
    "take a payout from payroll": _queue("receive_message", "PayrollQueueUrl", VisibilityTimeout=0),
    "hide a failure": _queue("purge_queue", "StreamFailuresUrl"),
    "fire an event": Act(
        "events",
        "put_events",
        {
            "Entries": [
                {
                    "EventBusName": "{BusName}",
                    "Source": "forbidden",
                    "DetailType": "forbidden",
                    "Detail": "{{}}",
                }
            ]
        },
    ),
    "start a close": Act("stepfunctions", "start_execution", {"stateMachineArn": "{CloseMachineArn}"}),
    "start a publication": Act(
        "stepfunctions", "start_execution", {"stateMachineArn": "{PublishMachineArn}"}
    ),
    "use the key directly": Act("kms", "generate_data_key", {"KeyId": "{KeyArn}", "KeySpec": "AES_256"}),
    "give the key away": Act("kms", "schedule_key_deletion", {"KeyId": "{KeyArn}"}),
    "silence the alarms": Act("sns", "delete_topic", {"TopicArn": "{TopicArn}"}),
    "speak as an alarm": Act("sns", "publish", {"TopicArn": "{TopicArn}", "Message": "forbidden"}),
    "call a function": Act("lambda", "invoke", {"FunctionName": "{TableName}-book", "Payload": b"{}"}),
    "change a function": Act(
        "lambda", "update_function_configuration", {"FunctionName": "{TableName}-book", "Timeout": 1}
    ),
    "widen a role": Act(
        "iam",
        "put_role_policy",
        {"RoleName": "{TableName}-book", "PolicyName": "forbidden", "PolicyDocument": "{{}}"},
    ),
}

READ, CHANGE = {"read a row", "query rows"}, {"write a row", "change a row"}
# What a role may do of the above, on its own tenant. (On AWS receive may read source mappings only, by a
# condition that the embedded IAM does not know: see `infra.targets.GAPS`.)
ALLOWED: dict[str, set[str]] = {
    "receive": {*READ, "put an event on the ingest queue", "quarantine a body"},
    "measure": {
        *READ,
        *CHANGE,
        "write the event log",
        "quarantine a body",
        "take from the ingest queue",
        "count the ingest queue",
    },
    "score": {*READ, *CHANGE, "delete a row", "quarantine a body"},
    "open": {
        *READ,
        "write a row",
        "count the ingest queue",
        "read a quarantined body",
        "write evidence",
        "read evidence",
        "list evidence",
    },
    "settle": {*READ, "write a row", "write evidence", "read evidence"},
    "review": {"read a row", "write a row", "read evidence"},
    "book": {*READ, "write a row", "read evidence", "write evidence", "write a payout file"},
    # Whoever writes payout files cannot read any of them, and whoever reads them writes the manifest only.
    "publish": {*READ, "read evidence", "write evidence", "write a payout file"},
    "release": {
        *READ,
        "write a row",
        "read evidence",
        "list evidence",
        "read a payout file",
        "list payout files",
        "write a payout file",
    },
    "receipt": {*READ, "write a row", "read evidence"},
    "relay": {*READ, "write a row", "read evidence", "pay somebody"},
    "audit": {
        *READ,
        "read the event log",
        "read evidence",
        "list evidence",
        "read a payout file",
        "list payout files",
    },
    "nightly": set(),
    "close-machine": {"read evidence", "start a close"},
    "publish-machine": {"read evidence", "start a publication", "call a function"},
    "schedule": {*READ, "start a close"},
    "due": set(),
    "sweep": set(),
    "sender": {"fire an event"},
    "finance": {"read a payout file", "list payout files"},
    "consumer": {"take a payout from payroll"},
}


def forbidden(role: str) -> list[str]:
    """The acts that role may not do on its own tenant."""
    return [name for name in ACTS if name not in ALLOWED[role]]
