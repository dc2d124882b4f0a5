"""Receive: the two doors for events, the API and the bus, both ending in the ingest queue."""

from aws_cdk import Duration
from aws_cdk import aws_apigatewayv2 as api
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sqs as sqs
from aws_cdk.aws_apigatewayv2_authorizers import HttpIamAuthorizer
from aws_cdk.aws_apigatewayv2_integrations import HttpLambdaIntegration
from constructs import Construct

from infra.constructs.base import arn, log_group, people_role, queue
from infra.constructs.function import SIZES, Function
from infra.constructs.shared import Shared

ATTEMPTS = 5
RATE, BURST = 200, 400
ACCESS_LOG = {
    "requestId": "$context.requestId",
    "time": "$context.requestTimeEpoch",
    "caller": "$context.identity.userArn",
    "route": "$context.routeKey",
    "status": "$context.status",
    "bytes": "$context.responseLength",
    "error": "$context.integrationErrorMessage",
}


class Receive(Construct):
    """API `POST /v1/events` → receive → ingest queue ← rule ← bus."""

    def __init__(self, scope: Construct, shared: Shared) -> None:
        super().__init__(scope, "Receive")
        self.shared, self.setting = shared, shared.setting
        self.dlq = queue(self, self.setting, "ingest-dlq", shared.key)
        self.ingest = self._ingest()
        self.bus = self._bus()
        self.function = Function(
            self,
            shared,
            "receive",
            DUALTRACK_INGEST_QUEUE=self.ingest.queue_url,
            DUALTRACK_INTAKE_BUCKET=shared.intake.bucket_name,
        )
        self.api = self._api()
        self.sender = people_role(self, self.setting, "sender", self.setting.tenant.senders)

    def _ingest(self) -> sqs.Queue:
        return queue(
            self,
            self.setting,
            "ingest",
            self.shared.key,
            visibility_timeout=Duration.seconds(6 * SIZES["measure"].seconds),
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.dlq, max_receive_count=ATTEMPTS),
        )

    def _bus(self) -> events.EventBus:
        bus = events.EventBus(self, "Bus", event_bus_name=self.setting.tenant.prefix)
        self.setting.places.add("bus", bus.event_bus_arn)
        rule = events.CfnRule(
            self,
            "Rule",
            name=self.setting.name("ingest"),
            event_bus_name=bus.event_bus_name,
            event_pattern={"source": [{"prefix": ""}]},
            targets=[self._rule_target()],
        )
        for target in (self.ingest, self.dlq):
            target.add_to_resource_policy(_from_rule(target, rule))
        return bus

    def _rule_target(self) -> events.CfnRule.TargetProperty:
        dead = events.CfnRule.DeadLetterConfigProperty(arn=self.dlq.queue_arn)
        return events.CfnRule.TargetProperty(id="ingest", arn=self.ingest.queue_arn, dead_letter_config=dead)

    def _api(self) -> api.HttpApi:
        http = api.HttpApi(self, "Api", api_name=self.setting.tenant.prefix, create_default_stage=False)
        http.add_routes(
            path="/v1/events",
            methods=[api.HttpMethod.POST],
            authorizer=HttpIamAuthorizer(),
            integration=HttpLambdaIntegration("ToReceive", self.function.function),
        )
        self._stage(http)
        self.setting.places.add("api", arn(self, "execute-api", http.api_id))
        return http

    def _stage(self, http: api.HttpApi) -> None:
        group = log_group(self, self.setting, f"/aws/vendedlogs/{self.setting.name('api')}", self.shared.key)
        stage = api.CfnStage(
            self,
            "Stage",
            api_id=http.api_id,
            stage_name="$default",
            auto_deploy=True,
            access_log_settings=api.CfnStage.AccessLogSettingsProperty(
                destination_arn=arn(self, "logs", f"log-group:{group.log_group_name}"),
                format=_json(ACCESS_LOG),
            ),
            default_route_settings=api.CfnStage.RouteSettingsProperty(
                throttling_rate_limit=RATE, throttling_burst_limit=BURST, detailed_metrics_enabled=True
            ),
        )
        stage.node.add_dependency(group)

    @property
    def url(self) -> str:
        """Where senders post."""
        return f"{self.api.api_endpoint}/v1/events"


def _json(fields: dict[str, str]) -> str:
    return "{" + ",".join(f'"{name}":"{value}"' for name, value in fields.items()) + "}"


def _from_rule(target: sqs.IQueue, rule: events.CfnRule) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        sid="FromTheBus",
        principals=[iam.ServicePrincipal("events.amazonaws.com")],
        actions=["sqs:SendMessage"],
        resources=[target.queue_arn],
        conditions={"ArnEquals": {"aws:SourceArn": rule.attr_arn}},
    )
