"""The stack of one tenant: receive → measure → score → pay, under one key, with everything watched."""

from aws_cdk import (
    App,
    CfnOutput,
    CliCredentialsStackSynthesizer,
    Environment,
    IStackSynthesizer,
    Stack,
    Tags,
)

from infra.constructs.audit import Audit
from infra.constructs.base import Setting
from infra.constructs.measure import Measure
from infra.constructs.pay import Pay
from infra.constructs.receive import Receive
from infra.constructs.score import Score
from infra.constructs.shared import Shared
from infra.constructs.watch import Watch
from infra.nag import acknowledge
from infra.targets import WHY, Target


class TenantStack(Stack):
    """`dualtrack-<tenant>`."""

    def __init__(self, app: App, setting: Setting) -> None:
        tenant, target = setting.tenant, setting.target
        super().__init__(
            app,
            tenant.prefix,
            stack_name=tenant.prefix,
            description=f"Dualtrack, tenant {tenant.tenant}",
            env=Environment(account=target.account, region=target.region),
            synthesizer=_synthesizer(target),
            termination_protection=target.keep_data,
        )
        self.shared = Shared(self, setting)
        self.receive = Receive(self, self.shared)
        self.measure = Measure(self, self.shared, self.receive)
        self.score = Score(self, self.shared)
        self.pay = Pay(self, self.shared, self.receive)
        self.audit = Audit(self, self.shared, self.pay.schedules)
        functions = (self.audit.function, self.measure.function, self.score.function)
        self.watch = Watch(self, self.shared, self.receive, self.pay, *functions)
        self._acknowledge_target(target)
        Tags.of(self).add("dualtrack:tenant", tenant.tenant)
        for name, value in self._outputs().items():
            CfnOutput(self, name, value=value)

    def _acknowledge_target(self, target: Target) -> None:
        if not target.tls_only:
            for rule in ("AwsSolutions-S10", "AwsSolutions-SQS4"):
                acknowledge(self, rule, WHY["tls_only"])
        if not target.tracing:
            acknowledge(self, "AwsSolutions-SF2", WHY["tracing"])

    def _outputs(self) -> dict[str, str]:
        return self._stores() | self._doors() | self._payday()

    def _stores(self) -> dict[str, str]:
        shared, tenant = self.shared, self.shared.setting.tenant
        return {
            "Tenant": tenant.tenant,
            "Zone": tenant.zone,
            "KeyArn": shared.key.key_arn,
            "TableName": shared.table.table_name,
            "IntakeBucket": shared.intake.bucket_name,
            "PayoutBucket": shared.payout.bucket_name,
            "StreamFailuresUrl": shared.stream_failures.queue_url,
            "TopicArn": self.watch.topic.topic_arn,
        }

    def _doors(self) -> dict[str, str]:
        receive = self.receive
        return {
            "ApiUrl": receive.url,
            "ApiId": receive.api.api_id,
            "BusName": receive.bus.event_bus_name,
            "IngestQueueUrl": receive.ingest.queue_url,
            "IngestDlqUrl": receive.dlq.queue_url,
            "SenderRoleArn": receive.sender.role_arn,
        }

    def _payday(self) -> dict[str, str]:
        pay = self.pay
        return {
            "CloseMachineArn": pay.close.machine.state_machine_arn,
            "PublishMachineArn": pay.publish.machine.state_machine_arn,
            "PayrollQueueUrl": pay.payroll.queue_url,
            "PayrollDlqUrl": pay.payroll_dlq.queue_url,
            "ReceiptsQueueUrl": pay.receipts.queue_url,
            "FinanceRoleArn": pay.finance.role_arn,
            "ConsumerRoleArn": pay.consumer.role_arn,
        }


def _synthesizer(target: Target) -> IStackSynthesizer | None:
    return CliCredentialsStackSynthesizer() if target.cli_credentials else None
