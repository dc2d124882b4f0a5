"""Pay: close a period, publish a run, hand the payouts to payroll and the files to finance."""

from aws_cdk import Duration
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.constructs.base import Setting, people_role, queue, service_role
from infra.constructs.function import SIZES, Function
from infra.constructs.machine import Machine
from infra.constructs.receive import ATTEMPTS, Receive
from infra.constructs.shared import Shared

OUTBOX = "OUTBOX#"
CLOSE_INPUT = '{"schedule":true}'
SWEEP_INPUT = '{"sweep":true}'


class Pay(Construct):
    """schedule → close → review → publish → payout bucket; outbox rows → relay → payroll queue."""

    def __init__(self, scope: Construct, shared: Shared, receive: Receive) -> None:
        super().__init__(scope, "Pay")
        self.shared, self.setting = shared, shared.setting
        self.payroll_dlq = queue(self, self.setting, "payroll-dlq", shared.key, fifo=True)
        self.payroll = self._payroll()
        self.relay = self._worker("relay", DUALTRACK_PAYROLL_QUEUE=self.payroll.queue_url)
        self.relay.read_table(shared, OUTBOX)
        self.close = self._close(receive)
        self.publish = self._publish()
        self.receipts_dlq = queue(self, self.setting, "receipts-dlq", shared.key)
        self.receipts = self._receipts()
        self.receipt = self._worker("receipt")
        self.receipt.read_queue(self.receipts)
        self.clock = self._worker("schedule", DUALTRACK_CLOSE_MACHINE=self.close.machine.state_machine_arn)
        self.schedules = Schedules(self, shared, self.clock, self.relay)
        self.finance = people_role(self, self.setting, "finance", self.setting.tenant.finance)
        self.consumer = people_role(self, self.setting, "consumer", self.setting.tenant.payroll)

    def _worker(self, verb: str, **more: str) -> Function:
        return Function(
            self, self.shared, verb, DUALTRACK_PAYOUT_BUCKET=self.shared.payout.bucket_name, **more
        )

    def _payroll(self) -> sqs.Queue:
        return queue(
            self,
            self.setting,
            "payroll",
            self.shared.key,
            fifo=True,
            deduplication_scope=sqs.DeduplicationScope.MESSAGE_GROUP,
            fifo_throughput_limit=sqs.FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.payroll_dlq, max_receive_count=ATTEMPTS),
        )

    def _receipts(self) -> sqs.Queue:
        return queue(
            self,
            self.setting,
            "receipts",
            self.shared.key,
            visibility_timeout=Duration.seconds(6 * SIZES["receipt"].seconds),
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.receipts_dlq, max_receive_count=ATTEMPTS),
        )

    def _close(self, receive: Receive) -> Machine:
        opener = self._worker(
            "open",
            DUALTRACK_INGEST_QUEUE=receive.ingest.queue_url,
            DUALTRACK_INGEST_DLQ=receive.dlq.queue_url,
            DUALTRACK_STREAM_FAILURES=self.shared.stream_failures.queue_url,
            DUALTRACK_INTAKE_BUCKET=self.shared.intake.bucket_name,
        )
        workers = {"open": opener, "settle": self._worker("settle"), "review": self._worker("review")}
        return Machine(self, self.shared, "close", workers)

    def _publish(self) -> Machine:
        workers = {verb: self._worker(verb) for verb in ("book", "release")}
        workers["publish"] = self._worker("publish", DUALTRACK_KEY=self.shared.key.key_arn)
        return Machine(self, self.shared, "publish", workers)


class Schedules(Construct):
    """Every hour whether a close is due, and the sweep for what the stream lost."""

    def __init__(self, scope: Construct, shared: Shared, clock: Function, relay: Function) -> None:
        super().__init__(scope, "Schedules")
        setting = shared.setting
        self.dlq = queue(self, setting, "schedule-dlq", shared.key)
        scheduler.CfnScheduleGroup(self, "Group", name=setting.tenant.prefix)
        self.add(setting, "due", "rate(1 hour)", clock.function.function_arn, CLOSE_INPUT)
        self.add(setting, "sweep", "rate(5 minutes)", relay.function.function_arn, SWEEP_INPUT)

    def add(self, setting: Setting, name: str, when: str, target: str, text: str) -> None:
        """Call a target at its times in the tenant's zone; what cannot be called is written down."""
        scope = Construct(self, name.title())
        made = scheduler.CfnSchedule(
            scope,
            "Schedule",
            name=setting.name(name),
            group_name=setting.tenant.prefix,
            schedule_expression=when,
            schedule_expression_timezone=setting.tenant.zone,
            flexible_time_window=scheduler.CfnSchedule.FlexibleTimeWindowProperty(mode="OFF"),
            target=scheduler.CfnSchedule.TargetProperty(
                arn=target,
                role_arn=service_role(scope, setting, name, "scheduler").role_arn,
                input=text,
                dead_letter_config=scheduler.CfnSchedule.DeadLetterConfigProperty(arn=self.dlq.queue_arn),
            ),
        )
        made.node.add_dependency(self.node.find_child("Group"))
