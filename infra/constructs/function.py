"""One Lambda function: its folder, its role, its log group, its environment. Sizes are one table."""

from dataclasses import dataclass

from aws_cdk import Duration
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from aws_cdk.aws_lambda_event_sources import SqsDlq
from constructs import Construct

from infra.bundling import folder_code
from infra.constructs.base import arn, log_group, service_role
from infra.constructs.shared import Shared
from infra.nag import acknowledge


@dataclass(frozen=True)
class Size:
    """Memory in MB and time limit in seconds."""

    memory: int
    seconds: int


SIZES = {
    "receive": Size(512, 15),
    "measure": Size(1024, 60),
    "score": Size(1024, 120),
    "open": Size(1024, 300),
    "settle": Size(1769, 290),
    "review": Size(1024, 300),
    "book": Size(1024, 290),
    "publish": Size(1769, 900),
    "release": Size(1769, 900),
    "receipt": Size(512, 60),
    "schedule": Size(512, 120),
    "relay": Size(512, 120),
    "audit": Size(1769, 900),
}


class Function(Construct):
    """`functions/<verb>` as a Lambda function with a role that may do what the table of permissions says."""

    def __init__(self, scope: Construct, shared: Shared, verb: str, **environment: str) -> None:
        super().__init__(scope, verb.title())
        setting, size = shared.setting, SIZES[verb]
        group_name = f"/aws/lambda/{setting.name(verb)}"
        setting.places.add(f"logs-{verb}", arn(self, "logs", f"log-group:{group_name}"))
        self.function = lambda_.Function(
            self,
            "Function",
            function_name=setting.name(verb),
            description=f"Dualtrack {verb} of tenant {setting.tenant.tenant}",
            runtime=lambda_.Runtime.PYTHON_3_13,
            architecture=lambda_.Architecture.ARM_64,
            handler="handler.handler",
            code=folder_code(setting.folders.functions / verb),
            layers=shared.layers,
            role=service_role(self, setting, verb, "lambda"),
            log_group=log_group(self, setting, group_name, shared.key),
            memory_size=size.memory,
            timeout=Duration.seconds(size.seconds),
            tracing=lambda_.Tracing.ACTIVE if setting.target.tracing else lambda_.Tracing.DISABLED,
            environment=shared.environment(verb) | environment,
        )
        setting.places.add(f"function-{verb}", self.function.function_arn)
        acknowledge(
            self.function,
            "AwsSolutions-L1",
            "python3.13 is the runtime the packages are locked and tested for",
        )

    def read_queue(self, queue: sqs.IQueue) -> None:
        """Take batches from a queue; only the failed messages of a batch come again."""
        lambda_.EventSourceMapping(
            self,
            "FromQueue",
            target=self.function,
            event_source_arn=queue.queue_arn,
            batch_size=10,
            report_batch_item_failures=True,
        )

    def read_table(self, shared: Shared, *prefixes: str) -> None:
        """Take the changes of rows whose sort key begins so; what keeps failing is written down."""
        lambda_.EventSourceMapping(
            self,
            "FromTable",
            target=self.function,
            event_source_arn=shared.stream_arn,
            starting_position=lambda_.StartingPosition.TRIM_HORIZON,
            batch_size=1000,
            max_batching_window=Duration.seconds(0),
            bisect_batch_on_error=True,
            retry_attempts=5,
            max_record_age=Duration.seconds(shared.setting.target.stream_age_seconds),
            report_batch_item_failures=True,
            on_failure=SqsDlq(shared.stream_failures),
            filters=[sort_key_filter(*prefixes)],
        )


def sort_key_filter(*prefixes: str) -> dict[str, object]:
    """Only rows of these kinds reach the function; the others are not even billed."""
    rule = [{"prefix": prefix} for prefix in prefixes]
    return dict(lambda_.FilterCriteria.filter({"dynamodb": {"Keys": {"sk": {"S": rule}}}}))
