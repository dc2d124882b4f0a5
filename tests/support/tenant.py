"""A deployed tenant as its users meet it: the HTTP door, the scorecards, the state machines, the queue."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest

from dualtrack.adapters.settings import Settings
from dualtrack.adapters.wiring import Stack
from dualtrack.app import operate, runs
from dualtrack.app.counts import counts, log_lines
from dualtrack.app.explain import explain
from dualtrack.app.score import month_partials
from dualtrack.domain.runs import Run
from infra.embedded import Embedded
from tests.support.events import employee, target
from tests.support.world import SOURCES, stored_mapping, stored_plan

T = TypeVar("T")
PATIENCE = 240.0


def wait_for(what: Callable[[], T | None], patience: float = PATIENCE) -> T:
    """What comes in the end; fails when patience is over."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        found = what()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError(f"nothing came within {patience:.0f} s")


class Tenant:
    """One tenant's deployed stack."""

    def __init__(self, server: Embedded, outputs: dict[str, str]) -> None:
        self.server, self.outputs = server, outputs
        self.stack = Stack(
            Settings(
                outputs["Tenant"], outputs["Zone"], outputs["TableName"], "USD", outputs["IntakeBucket"],
                outputs["PayoutBucket"], outputs["IngestQueueUrl"], outputs["PayrollQueueUrl"],
            )
        )  # fmt: skip

    def furnish(self) -> None:
        """Sources, the plan, three employees, their team's targets."""
        for source in SOURCES:
            operate.publish_source(self.stack.table, source, 1, stored_mapping(source))
        operate.publish_plan(self.stack.table, *stored_plan("demo-2017"))
        self.post([employee(name) for name in ("ann", "bob", "cid")])
        wait_for(lambda: self.stack.table.query("TEAM#t1", " ", "~")[2:])
        self.post([target("revenue", "1000"), target("volume", "10")])

    def post(self, events: Any, signed: bool = True) -> tuple[int, dict[str, Any]]:
        """Status and answer of POST /v1/events; bytes are sent as they are."""
        body = events if isinstance(events, bytes) else json.dumps(events).encode()
        url = f"{self.server.endpoint}/_aws/execute-api/{self.outputs['ApiId']}/$default/v1/events"
        request = AWSRequest("POST", url, data=body, headers={"content-type": "application/json"})
        if signed:
            SigV4Auth(boto3.Session().get_credentials(), "execute-api", "us-east-1").add_auth(request)
        sent = urllib.request.Request(url, data=body, headers=dict(request.headers), method="POST")
        try:
            with urllib.request.urlopen(sent, timeout=30) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def card(self, employee: str, period: str = "2017-10") -> dict[str, Any] | None:
        """The live scorecard's row."""
        return self.stack.table.get(f"EP#E:{employee}#{period}", "S")

    def explained(self, employee: str, period: str = "2017-10") -> dict[str, Any]:
        """The score folded from scratch, with its reasons."""
        return explain(self.stack.table, self.stack.plans(), employee, period)

    def live_value(self, employee: str, observed: str, measure: str, period: str = "2017-10") -> str:
        """A measure as the live totals have it."""
        start = f"M#{observed}#"
        found = self.stack.table.query(f"EP#E:{employee}#{period}", start, start + "~")
        plan = self.stack.plans()[-1]
        partials = month_partials({item["sk"]: item for item in found}, plan)
        return partials.get(measure, ("none",))[0]

    def messages_now(self) -> Sequence[dict[str, Any]]:
        """What the payroll queue holds at this moment."""
        client = boto3.client("sqs")
        answer = client.receive_message(
            QueueUrl=self.outputs["PayrollQueueUrl"], MaxNumberOfMessages=10, WaitTimeSeconds=2
        )
        return [json.loads(message["Body"]) for message in answer.get("Messages", [])]

    def drained(self, received: int) -> dict[str, Any]:
        """The counts, once this many events were received in all and no message is waiting."""

        def arrived() -> dict[str, Any] | None:
            if self.stack.ingest.waiting():
                return None
            found = counts(log_lines(self.stack.intake))
            return found if found["received"] >= received else None

        return wait_for(arrived)

    def execute(self, machine: str, given: dict[str, Any]) -> dict[str, Any]:
        """Run a state machine to its end."""
        client = boto3.client("stepfunctions")
        arn = client.start_execution(stateMachineArn=self.outputs[machine], input=json.dumps(given))
        wait_for(lambda: client.describe_execution(**_arn(arn))["status"] != "RUNNING")
        done: dict[str, Any] = client.describe_execution(**_arn(arn))
        return done

    def close(self, period: str, **given: Any) -> Run:
        """Close a period and give back the run in review."""
        done = self.execute("CloseMachineArn", {"period": period, "starter": "sue", "waiver": None} | given)
        assert done["status"] == "SUCCEEDED", done
        return runs.get(self.stack.table, json.loads(done["output"])["run"])

    def publish(self, run: Run) -> Run:
        """Approve what was seen and publish it."""
        operate.approve(self.stack.table, run.id, "art", json.loads(run.totals)["digest"])
        done = self.execute("PublishMachineArn", {"run": run.id})
        assert done["status"] == "SUCCEEDED", done
        return runs.get(self.stack.table, run.id)

    def messages(self, wanted: int) -> Sequence[dict[str, Any]]:
        """That many messages of the payroll queue, taken from it."""
        client = boto3.client("sqs")
        found: list[dict[str, Any]] = []
        url = self.outputs["PayrollQueueUrl"]
        deadline = time.monotonic() + PATIENCE
        while len(found) < wanted and time.monotonic() < deadline:
            answer = client.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1)
            for message in answer.get("Messages", []):
                found.append(json.loads(message["Body"]))
                client.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return found


def _arn(started: dict[str, Any]) -> dict[str, str]:
    return {"executionArn": started["executionArn"]}
