"""What every tenant's stack must have, whatever else changes: a table of essentials."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from infra.tenant import load_tenant
from tests.infra.templates import AWS_HERE, TENANTS, Properties, Synthesized, synthesize

OUTPUTS = {
    "Tenant",
    "TableName",
    "IntakeBucket",
    "PayoutBucket",
    "IngestQueueUrl",
    "IngestDlqUrl",
    "StreamFailuresUrl",
    "PayrollQueueUrl",
    "PayrollDlqUrl",
    "ReceiptsQueueUrl",
    "ApiUrl",
    "ApiId",
    "BusName",
    "CloseMachineArn",
    "PublishMachineArn",
    "TopicArn",
    "KeyArn",
    "SenderRoleArn",
    "FinanceRoleArn",
    "ConsumerRoleArn",
    "Zone",
}
BLOCKED = dict.fromkeys(
    ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True
)


def _encrypted_bucket(bucket: Properties) -> bool:
    (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    plain = "-access-" in bucket["BucketName"]  # S3 cannot deliver access logs under a customer's key
    return bool(rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == ("AES256" if plain else "aws:kms"))


def _stream_source(source: Properties) -> bool:
    if "StreamArn" not in json.dumps(source["EventSourceArn"]):
        return bool(source["BatchSize"] == 10)
    return (
        source["BisectBatchOnFunctionError"] is True
        and source["MaximumRetryAttempts"] == 5
        and source["MaximumRecordAgeInSeconds"] == 24 * 60 * 60
        and source["BatchSize"] == 1000
        and "Destination" in source["DestinationConfig"]["OnFailure"]
        and len(source["FilterCriteria"]["Filters"]) == 1
    )


ESSENTIALS: dict[str, tuple[str, int, Callable[[Properties], Any]]] = {
    "the key rotates": ("AWS::KMS::Key", 1, lambda it: it["EnableKeyRotation"] is True),
    "the table is encrypted with the key": (
        "AWS::DynamoDB::Table",
        1,
        lambda it: it["SSESpecification"]["SSEType"] == "KMS" and it["SSESpecification"]["KMSMasterKeyId"],
    ),
    "the table can be restored to any second": (
        "AWS::DynamoDB::Table",
        1,
        lambda it: it["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True,
    ),
    "the table is paid by use, has no index and no expiry, and streams new images": (
        "AWS::DynamoDB::Table",
        1,
        lambda it: (
            it["BillingMode"] == "PAY_PER_REQUEST"
            and it["StreamSpecification"] == {"StreamViewType": "NEW_IMAGE"}
            and not {"GlobalSecondaryIndexes", "LocalSecondaryIndexes", "TimeToLiveSpecification"} & set(it)
        ),
    ),
    "the table cannot be deleted by mistake": (
        "AWS::DynamoDB::Table",
        1,
        lambda it: it["DeletionProtectionEnabled"] is True,
    ),
    "buckets are encrypted, all but the access logs with the key": ("AWS::S3::Bucket", 3, _encrypted_bucket),
    "buckets are versioned": (
        "AWS::S3::Bucket",
        3,
        lambda it: it["VersioningConfiguration"] == {"Status": "Enabled"},
    ),
    "buckets are closed to the public": (
        "AWS::S3::Bucket",
        3,
        lambda it: it["PublicAccessBlockConfiguration"] == BLOCKED,
    ),
    "buckets speak TLS only": (
        "AWS::S3::BucketPolicy",
        3,
        lambda it: '"aws:SecureTransport": "false"' in json.dumps(it),
    ),
    "queues are encrypted with the key": ("AWS::SQS::Queue", 8, lambda it: it["KmsMasterKeyId"]),
    "queues forget nothing for 14 days": (
        "AWS::SQS::Queue",
        8,
        lambda it: it["MessageRetentionPeriod"] == 14 * 24 * 60 * 60,
    ),
    "queues speak TLS only": (
        "AWS::SQS::QueuePolicy",
        8,
        lambda it: '"aws:SecureTransport": "false"' in json.dumps(it),
    ),
    "functions run python3.13 on arm64, traced": (
        "AWS::Lambda::Function",
        13,
        lambda it: (
            (it["Runtime"], it["Architectures"], it["TracingConfig"]["Mode"])
            == ("python3.13", ["arm64"], "Active")
        ),
    ),
    "functions have both layers and reserve no concurrency": (
        "AWS::Lambda::Function",
        13,
        lambda it: len(it["Layers"]) == 2 and "ReservedConcurrentExecutions" not in it,
    ),
    "functions report failed items one by one": (
        "AWS::Lambda::EventSourceMapping",
        4,
        lambda it: it["FunctionResponseTypes"] == ["ReportBatchItemFailures"],
    ),
    "stream readers bisect, give up in order and say where": (
        "AWS::Lambda::EventSourceMapping",
        4,
        _stream_source,
    ),
    "log groups are encrypted": ("AWS::Logs::LogGroup", 16, lambda it: it["KmsKeyId"]),
    "machines log and trace": (
        "AWS::StepFunctions::StateMachine",
        2,
        lambda it: (
            it["LoggingConfiguration"]["Level"] == "ALL" and it["TracingConfiguration"] == {"Enabled": True}
        ),
    ),
    "the API asks for a signature": (
        "AWS::ApiGatewayV2::Route",
        1,
        lambda it: (it["RouteKey"], it["AuthorizationType"]) == ("POST /v1/events", "AWS_IAM"),
    ),
    "the API is throttled and logged": (
        "AWS::ApiGatewayV2::Stage",
        1,
        lambda it: it["DefaultRouteSettings"]["ThrottlingRateLimit"] and it["AccessLogSettings"]["Format"],
    ),
    "schedules have a dead-letter queue": (
        "AWS::Scheduler::Schedule",
        3,
        lambda it: it["Target"]["DeadLetterConfig"]["Arn"],
    ),
    "alarms speak on the topic": ("AWS::CloudWatch::Alarm", 23, lambda it: len(it["AlarmActions"]) == 1),
    "the topic is encrypted": ("AWS::SNS::Topic", 1, lambda it: it["KmsMasterKeyId"]),
}


@pytest.fixture(scope="module", params=TENANTS)
def stack(request: pytest.FixtureRequest) -> Synthesized:
    return synthesize(AWS_HERE)[request.param]


@pytest.mark.parametrize("essential", ESSENTIALS)
def test_essential(stack: Synthesized, essential: str) -> None:
    kind, count, holds = ESSENTIALS[essential]
    found = dict(stack.of(kind))
    assert len(found) == count
    assert [name for name, properties in found.items() if not holds(properties)] == []


def test_what_is_stored_outlives_its_stack(stack: Synthesized) -> None:
    stored = {"AWS::KMS::Key", "AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::Logs::LogGroup"}
    kept = [item for item in stack.resources.values() if item["Type"] in stored]
    assert {(item["DeletionPolicy"], item["UpdateReplacePolicy"]) for item in kept} == {("Retain", "Retain")}


@pytest.mark.parametrize("tenant", TENANTS)
def test_the_tenants_own_choices_are_in_the_template(tenant: str) -> None:
    chosen, stack = load_tenant(tenant), synthesize(AWS_HERE)[tenant]
    retention = stack.one("AWS::S3::Bucket", "ObjectLockEnabled")["ObjectLockConfiguration"]["Rule"]
    assert retention["DefaultRetention"] == {"Mode": chosen.lock.mode, "Days": chosen.lock.days}
    assert {it["RetentionInDays"] for _, it in stack.of("AWS::Logs::LogGroup")} == {chosen.log_days}
    due = stack.one("AWS::Scheduler::Schedule", "schedule")
    assert due["ScheduleExpression"] == "rate(1 hour)"
    assert due["ScheduleExpressionTimezone"] == chosen.zone


def test_paid_is_never_deleted(stack: Synthesized) -> None:
    policy = stack.one("AWS::S3::BucketPolicy", "PaidIsNeverDeleted")["PolicyDocument"]["Statement"]
    (never,) = (statement for statement in policy if statement.get("Sid") == "PaidIsNeverDeleted")
    assert (never["Effect"], never["Principal"], "Condition" in never) == ("Deny", {"AWS": "*"}, False)
    assert {"s3:DeleteObject", "s3:DeleteObjectVersion"} <= set(never["Action"])


def test_paid_is_never_overwritten(stack: Synthesized) -> None:
    policy = stack.one("AWS::S3::BucketPolicy", "PaidIsNeverOverwritten")["PolicyDocument"]["Statement"]
    (never,) = (statement for statement in policy if statement.get("Sid") == "PaidIsNeverOverwritten")
    assert (never["Effect"], never["Principal"], never["Action"]) == ("Deny", {"AWS": "*"}, "s3:PutObject")
    assert never["Condition"]["Null"] == {"s3:if-none-match": "true"}
    assert "payouts/*" in json.dumps(never["Resource"])
    assert "runs/*" in json.dumps(never["Resource"])


@pytest.mark.parametrize(("function", "prefixes"), [("score", ["F#", "R#", "P#"]), ("relay", ["OUTBOX#"])])
def test_only_these_rows_reach_the_stream_readers(
    stack: Synthesized, function: str, prefixes: list[str]
) -> None:
    source = stack.one("AWS::Lambda::EventSourceMapping", f'"Ref": "{_function_id(stack, function)}"')
    (only,) = source["FilterCriteria"]["Filters"]
    wanted = [{"prefix": prefix} for prefix in prefixes]
    assert json.loads(only["Pattern"]) == {"dynamodb": {"Keys": {"sk": {"S": wanted}}}}


def test_a_failed_message_is_kept_for_people(stack: Synthesized) -> None:
    redriven = {
        _own_name(it["QueueName"]): it["RedrivePolicy"]["maxReceiveCount"]
        for _, it in stack.of("AWS::SQS::Queue")
        if "RedrivePolicy" in it
    }
    assert redriven == {"ingest": 5, "payroll.fifo": 5, "receipts": 5}


def test_a_message_stays_hidden_for_six_times_the_function_limit(stack: Synthesized) -> None:
    limit = stack.resources[_function_id(stack, "measure")]["Properties"]["Timeout"]
    ingest = stack.one("AWS::SQS::Queue", '-ingest"')
    assert ingest["VisibilityTimeout"] == 6 * limit


def test_payroll_is_ordered_by_employee_and_never_deduplicates_by_content(stack: Synthesized) -> None:
    payroll = stack.one("AWS::SQS::Queue", '-payroll.fifo"')
    assert (payroll["FifoThroughputLimit"], payroll["DeduplicationScope"]) == (
        "perMessageGroupId",
        "messageGroup",
    )
    assert payroll.get("ContentBasedDeduplication", False) is False


def test_every_queue_for_failures_is_watched(stack: Synthesized) -> None:
    watched = {
        str(it["AlarmName"]).split("-", 2)[2]
        for _, it in stack.of("AWS::CloudWatch::Alarm")
        if it["MetricName"] == "ApproximateNumberOfMessagesVisible"
    }
    assert watched == {
        "ingest-dlq", "stream-failures", "payroll-dlq", "schedule-dlq", "receipts-dlq",
    }  # fmt: skip


@pytest.mark.parametrize("tenant", TENANTS)
def test_outputs_are_the_agreed_ones_and_tags_carry_the_tenant(tenant: str) -> None:
    stack = synthesize(AWS_HERE)[tenant]
    assert set(stack.document["Outputs"]) == OUTPUTS
    assert stack.document["Outputs"]["Tenant"]["Value"] == tenant
    tagged = [it["Tags"] for _, it in (*stack.of("AWS::SQS::Queue"), *stack.of("AWS::Lambda::Function"))]
    assert all({"Key": "dualtrack:tenant", "Value": tenant} in tags for tags in tagged)


def test_people_have_to_show_something(stack: Synthesized) -> None:
    for _, role in stack.of("AWS::IAM::Role"):
        for statement in role["AssumeRolePolicyDocument"]["Statement"]:
            assert "Service" in statement["Principal"] or statement["Condition"]["StringEquals"]


def _function_id(stack: Synthesized, verb: str) -> str:
    (found,) = (
        name for name, it in stack.of("AWS::Lambda::Function") if it["FunctionName"].endswith(f"-{verb}")
    )
    return found


def _own_name(name: str) -> str:
    return name.split("-", 2)[2]
