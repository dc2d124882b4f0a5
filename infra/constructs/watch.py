"""Watch: every place where something can be stuck or lost raises an alarm on one topic."""

from dataclasses import dataclass

from aws_cdk import Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra.constructs.function import Function
from infra.constructs.machine import Machine
from infra.constructs.pay import Pay
from infra.constructs.receive import Receive
from infra.constructs.shared import Shared

MINUTES = 60
TOO_OLD_MS = 5 * 60_000
TOO_OLD_S = 15 * 60


@dataclass(frozen=True)
class Watched:
    """One metric and the value from which somebody has to look."""

    name: str
    about: str
    namespace: str
    metric: str
    dimensions: dict[str, str]
    statistic: str = "Sum"
    above: int = 0
    period: int = MINUTES
    silent: int = 0  # this many periods without a report are an alarm; 0: silence is a good sign


class Watch(Construct):
    """The alarms of a tenant and the topic they speak on."""

    def __init__(
        self, scope: Construct, shared: Shared, receive: Receive, pay: Pay, *functions: Function
    ) -> None:
        super().__init__(scope, "Watch")
        self.shared, self.setting = shared, shared.setting
        self.topic = self._topic()
        queues = (receive.dlq, shared.stream_failures, pay.payroll_dlq, pay.schedules.dlq, pay.receipts_dlq)
        watched = [
            *(_not_empty(name, queue.queue_name) for name, queue in zip(QUEUES, queues, strict=True)),
            _waiting(receive.ingest.queue_name),
            *(_errors(function) for function in functions),
            *(_stream_age(function) for function in (functions[-1], pay.relay)),
            *(item for machine in (pay.close, pay.publish) for item in _executions(machine)),
            _quarantine(self.setting.tenant.tenant),
            _findings(self.setting.tenant.tenant),
            _no_audit(self.setting.tenant.tenant),
            _doubtful(self.setting.tenant.tenant),
            _overdue(self.setting.tenant.tenant),
            _no_clock(self.setting.tenant.tenant),
        ]
        for item in watched:
            self._alarm(item)

    def _topic(self) -> sns.Topic:
        topic = sns.Topic(
            self,
            "Topic",
            topic_name=self.setting.name("alarms"),
            master_key=self.shared.key,
            enforce_ssl=self.setting.target.tls_only,
        )
        topic.add_to_resource_policy(_from_alarms(topic, Stack.of(self).account))
        if email := self.setting.tenant.alarm_email:
            sns.CfnSubscription(self, "Email", topic_arn=topic.topic_arn, protocol="email", endpoint=email)
        return topic

    def _alarm(self, item: Watched) -> None:
        cloudwatch.CfnAlarm(
            self,
            item.name.title().replace("-", ""),
            alarm_name=self.setting.name(item.name),
            alarm_description=item.about,
            namespace=item.namespace,
            metric_name=item.metric,
            dimensions=[
                cloudwatch.CfnAlarm.DimensionProperty(name=name, value=value)
                for name, value in item.dimensions.items()
            ],
            statistic=item.statistic,
            period=item.period,
            evaluation_periods=item.silent or 1,
            threshold=item.above,
            comparison_operator="LessThanOrEqualToThreshold" if item.silent else "GreaterThanThreshold",
            treat_missing_data="breaching" if item.silent else "notBreaching",
            alarm_actions=[self.topic.topic_arn],
        )


QUEUES = ("ingest-dlq", "stream-failures", "payroll-dlq", "schedule-dlq", "receipts-dlq")


def _not_empty(name: str, queue: str) -> Watched:
    about = f"{name} is not empty: something could not be processed and waits for somebody"
    shown = {"QueueName": queue}
    return Watched(name, about, "AWS/SQS", "ApproximateNumberOfMessagesVisible", shown, "Maximum")


def _waiting(queue: str) -> Watched:
    about = "events wait too long before they are measured"
    shown = {"QueueName": queue}
    return Watched(
        "ingest-age", about, "AWS/SQS", "ApproximateAgeOfOldestMessage", shown, "Maximum", TOO_OLD_S
    )


def _errors(function: Function) -> Watched:
    verb = function.node.id.lower()
    shown = {"FunctionName": function.function.function_name}
    return Watched(f"{verb}-errors", f"{verb} raised an error", "AWS/Lambda", "Errors", shown)


def _stream_age(function: Function) -> Watched:
    verb = function.node.id.lower()
    shown = {"FunctionName": function.function.function_name}
    about = f"{verb} is far behind the table's changes"
    return Watched(f"{verb}-stream-age", about, "AWS/Lambda", "IteratorAge", shown, "Maximum", TOO_OLD_MS)


def _executions(machine: Machine) -> list[Watched]:
    name = machine.node.id.removesuffix("Machine").lower()
    shown = {"StateMachineArn": machine.machine.state_machine_arn}
    ends = {"failed": "ExecutionsFailed", "timed-out": "ExecutionsTimedOut", "aborted": "ExecutionsAborted"}
    return [
        Watched(
            f"{name}-{end}", f"an execution of {name} {end.replace('-', ' ')}", "AWS/States", metric, shown
        )
        for end, metric in ends.items()
    ]


def _quarantine(tenant: str) -> Watched:
    about = "events were quarantined: they count for nobody until somebody looks"
    return Watched("quarantined", about, "Dualtrack", "Quarantined", {"tenant": tenant}, period=5 * MINUTES)


def _findings(tenant: str) -> Watched:
    about = (
        "the nightly audit found something that is not what it has to be: look at its report before paying"
    )
    return Watched(
        "audit-findings", about, "Dualtrack", "AuditFindings", {"tenant": tenant}, period=5 * MINUTES
    )


def _no_audit(tenant: str) -> Watched:
    """A night and some hours: the metric has one report a night, and its hour moves with summer time.

    In periods of an hour, because an alarm holds on to the last report for some periods more.
    """
    about = "no audit has ended for 30 hours, or none ever: what differs would not be seen"
    shown = {"tenant": tenant}
    return Watched(
        "audit-silent",
        about,
        "Dualtrack",
        "AuditFindings",
        shown,
        "SampleCount",
        period=60 * MINUTES,
        silent=30,
    )


def _doubtful(tenant: str) -> Watched:
    about = "payments are in doubt: paid although another attempt is out, or returned; stop them, then settle"
    return Watched(
        "payments-doubtful", about, "Dualtrack", "Doubtful", {"tenant": tenant}, period=5 * MINUTES
    )


def _overdue(tenant: str) -> Watched:
    about = "a scheduled close has not started for a day: look at why it is not ready"
    shown = {"tenant": tenant}
    return Watched("closes-overdue", about, "Dualtrack", "ClosesOverdue", shown, period=60 * MINUTES)


def _no_clock(tenant: str) -> Watched:
    about = "for three hours nobody has looked whether a close is due"
    shown = {"tenant": tenant}
    return Watched(
        "schedule-silent", about, "Dualtrack", "ClosesOverdue", shown, "SampleCount", period=60 * MINUTES,
        silent=3,
    )  # fmt: skip


def _from_alarms(topic: sns.ITopic, account: str) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        sid="AlarmsSpeak",
        principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
        actions=["sns:Publish"],
        resources=[topic.topic_arn],
        conditions={"StringEquals": {"aws:SourceAccount": account}},
    )
