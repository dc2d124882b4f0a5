"""A state machine from its file in `infra/machines`, with ARNs and the retry rule filled in."""

import json
from collections.abc import Mapping
from pathlib import Path

from aws_cdk import Stack
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from infra.constructs.base import arn, log_group, service_role
from infra.constructs.function import Function
from infra.constructs.shared import Shared

MACHINES = Path(__file__).resolve().parents[1] / "machines"
# Every task may be repeated, so whatever the platform, and not our own code, failed at is tried again.
RETRY = {
    "ErrorEquals": [
        "Lambda.ServiceException",
        "Lambda.AWSLambdaException",
        "Lambda.SdkClientException",
        "Lambda.ClientExecutionTimeoutException",
        "Lambda.TooManyRequestsException",
        "Lambda.Unknown",
        "ThrottlingException",
    ],
    "IntervalSeconds": 1,
    "MaxAttempts": 6,
    "BackoffRate": 2,
    "MaxDelaySeconds": 30,
    "JitterStrategy": "FULL",
}


REFUSALS = ("NotReady", "Refused")


def definition(name: str, fillings: Mapping[str, str]) -> str:
    """The machine's definition, complete."""
    text = (MACHINES / f"{name}.asl.json").read_text("utf-8")
    for placeholder, value in fillings.items():
        text = text.replace(f"${{{placeholder}}}", value)
    return text.replace('"${retry}"', json.dumps(RETRY))


class Machine(Construct):
    """A standard machine with its own role, traced and logged."""

    def __init__(self, scope: Construct, shared: Shared, name: str, workers: Mapping[str, Function]) -> None:
        super().__init__(scope, f"{name.title()}Machine")
        setting, machine_name = shared.setting, shared.setting.name(name)
        setting.places.add(f"machine-{name}", arn(self, "states", f"stateMachine:{machine_name}"))
        setting.places.add(f"{name}-executions", arn(self, "states", f"execution:{machine_name}"))
        arns = {verb: worker.function.function_arn for verb, worker in workers.items()}
        fillings = arns | {
            "partition": Stack.of(self).partition,
            "refusals": '", "'.join((*REFUSALS, *setting.target.error_names)),
        }
        group = log_group(self, setting, f"/aws/vendedlogs/states/{machine_name}", shared.key)
        self.machine = sfn.StateMachine(
            self,
            "Machine",
            state_machine_name=machine_name,
            definition_body=sfn.DefinitionBody.from_string(definition(name, fillings)),
            role=service_role(self, setting, f"{name}-machine", "states"),
            tracing_enabled=setting.target.tracing,
            logs=sfn.LogOptions(destination=group, level=sfn.LogLevel.ALL, include_execution_data=False),
        )
