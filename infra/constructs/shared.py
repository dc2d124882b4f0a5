"""What all stages stand on: key, table, buckets, layers, the queue for stream batches that keep failing."""

from collections.abc import Mapping

from aws_cdk import Duration, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.bundling import folder_code, third_party_code
from infra.constructs.base import Setting, arn, queue


class Shared(Construct):
    """The stores of one tenant, under one key of its own."""

    def __init__(self, scope: Construct, setting: Setting) -> None:
        super().__init__(scope, "Shared")
        self.setting = setting
        self.key = self._key()
        self.table = self._table()
        self.access_logs = self._access_logs()
        self.intake = self._bucket("intake")
        self.payout = self._bucket("payout", **_lock(setting))
        self.payout.add_to_resource_policy(_never_delete(self.payout))
        if setting.target.create_only:
            self.payout.add_to_resource_policy(_never_overwrite(self.payout))
        self.stream_failures = queue(self, setting, "stream-failures", self.key)
        self.layers = self._layers()

    @property
    def stream_arn(self) -> str:
        """The table's change stream."""
        if self.table.table_stream_arn is None:
            raise ValueError("the table has no stream")
        return self.table.table_stream_arn

    def environment(self, verb: str) -> dict[str, str]:
        """What every function is told."""
        tenant = self.setting.tenant
        return {
            "DUALTRACK_TENANT": tenant.tenant,
            "DUALTRACK_ZONE": tenant.zone,
            "DUALTRACK_CURRENCY": tenant.currency,
            "DUALTRACK_TABLE": self.table.table_name,
            "POWERTOOLS_SERVICE_NAME": verb,
            "POWERTOOLS_METRICS_NAMESPACE": "Dualtrack",
            "POWERTOOLS_LOG_LEVEL": "INFO",
        }

    def _key(self) -> kms.Key:
        setting = self.setting
        key = kms.Key(
            self,
            "Key",
            alias=f"alias/{setting.tenant.prefix}",
            description=f"All stored data of Dualtrack tenant {setting.tenant.tenant}",
            enable_key_rotation=True,
            removal_policy=setting.removal,
        )
        for statement in _key_users(self, setting):
            key.add_to_resource_policy(statement)
        setting.places.add("key", key.key_arn)
        return key

    def _table(self) -> dynamodb.Table:
        setting = self.setting
        table = dynamodb.Table(
            self,
            "Table",
            table_name=setting.tenant.prefix,
            partition_key=dynamodb.Attribute(name="pk", type=dynamodb.AttributeType.STRING),
            sort_key=dynamodb.Attribute(name="sk", type=dynamodb.AttributeType.STRING),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            stream=dynamodb.StreamViewType.NEW_IMAGE,
            encryption=dynamodb.TableEncryption.CUSTOMER_MANAGED,
            encryption_key=self.key,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            deletion_protection=setting.target.keep_data,
            removal_policy=setting.removal,
        )
        setting.places.add("table", table.table_arn)
        setting.places.add("stream", str(table.table_stream_arn))
        return table

    def _access_logs(self) -> s3.Bucket:
        return s3.Bucket(
            self,
            "AccessLogs",
            bucket_name=self._bucket_name("access"),
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=self.setting.target.tls_only,
            versioned=True,
            lifecycle_rules=[s3.LifecycleRule(expiration=Duration.days(self.setting.tenant.log_days))],
            removal_policy=self.setting.removal,
        )

    def _bucket(self, name: str, **props: object) -> s3.Bucket:
        bucket = s3.Bucket(
            self,
            name.title(),
            bucket_name=self._bucket_name(name),
            encryption=s3.BucketEncryption.KMS,
            encryption_key=self.key,
            bucket_key_enabled=True,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=self.setting.target.tls_only,
            versioned=True,
            server_access_logs_bucket=self.access_logs,
            server_access_logs_prefix=f"{name}/",
            removal_policy=self.setting.removal,
            **props,  # type: ignore[arg-type]
        )
        self.setting.places.add(name, bucket.bucket_arn)
        return bucket

    def _bucket_name(self, name: str) -> str:
        stack = Stack.of(self)
        return self.setting.name(name, stack.account, stack.region)

    def _layers(self) -> list[lambda_.ILayerVersion]:
        folders = self.setting.folders
        code = {"dualtrack": folder_code(folders.layer)}
        if self.setting.target.third_party_layer:
            code["packages"] = third_party_code(folders.lock)
        return [self._layer(name, what) for name, what in code.items()]

    def _layer(self, name: str, code: lambda_.Code) -> lambda_.LayerVersion:
        return lambda_.LayerVersion(
            self,
            f"{name.title()}Layer",
            layer_version_name=self.setting.name(name),
            code=code,
            compatible_runtimes=[lambda_.Runtime.PYTHON_3_13],
            compatible_architectures=[lambda_.Architecture.ARM_64],
        )


def _lock(setting: Setting) -> dict[str, object]:
    days = Duration.days(setting.tenant.lock.days)
    compliance = setting.tenant.lock.mode == "COMPLIANCE"
    retention = s3.ObjectLockRetention.compliance if compliance else s3.ObjectLockRetention.governance
    return {"object_lock_enabled": True, "object_lock_default_retention": retention(days)}


def _never_delete(bucket: s3.IBucket) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        sid="PaidIsNeverDeleted",
        effect=iam.Effect.DENY,
        principals=[iam.AnyPrincipal()],
        actions=["s3:DeleteObject", "s3:DeleteObjectVersion", "s3:BypassGovernanceRetention"],
        resources=[bucket.arn_for_objects("*")],
    )


def _never_overwrite(bucket: s3.IBucket) -> iam.PolicyStatement:
    """Only writes that ask for a key that does not exist ("Enforce conditional writes", S3 user guide)."""
    return iam.PolicyStatement(
        sid="PaidIsNeverOverwritten",
        effect=iam.Effect.DENY,
        principals=[iam.AnyPrincipal()],
        actions=["s3:PutObject"],
        resources=[bucket.arn_for_objects("payouts/*"), bucket.arn_for_objects("runs/*")],
        conditions={
            "Null": {"s3:if-none-match": "true"},
            "Bool": {"s3:ObjectCreationOperation": "true"},
        },
    )


def _key_users(scope: Construct, setting: Setting) -> list[iam.PolicyStatement]:
    account = Stack.of(scope).account
    own = {"StringEquals": {"aws:SourceAccount": account}}
    groups = arn(scope, "logs", f"log-group:*{setting.tenant.prefix}*")
    logged = {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": groups}}
    return [
        _key_user("RulesToQueues", "events.amazonaws.com", own),
        _key_user("AlarmsToTopic", "cloudwatch.amazonaws.com", own),
        _key_user("LogGroups", f"logs.{Stack.of(scope).region}.amazonaws.com", logged, "kms:Encrypt"),
    ]


def _key_user(sid: str, service: str, when: Mapping[str, object], *more: str) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        sid=sid,
        principals=[iam.ServicePrincipal(service)],
        actions=["kms:Decrypt", "kms:GenerateDataKey", *more],
        resources=["*"],
        conditions=when,
    )
