"""A deployed tenant as its people reach it: the HTTP door, the state machines, files and messages.

Used by the demo, the command line and the end-to-end tests. It holds no rules: those are in
``dualtrack``; here is only the way to the services.
"""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest

from dualtrack.adapters.settings import Settings
from dualtrack.adapters.wiring import Stack
from dualtrack.app import operate, runs
from dualtrack.domain.runs import Run

T = TypeVar("T")
Outputs = Mapping[str, str]
BUSY = (429, 500, 502, 503, 504)
TRIES = 6


class Failed(Exception):
    """The tenant's stack refused or did not come to an end; says what it said."""


def wait_for(what: Callable[[], T | None], patience: float, name: str) -> T:
    """What comes in the end, asked for ten times a second."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        found = what()
        if found:
            return found
        time.sleep(0.1)
    raise Failed(f"{name} did not come within {patience:.0f} s")


class Operator:
    """One tenant by its stack outputs; ``endpoint`` only for the embedded AWS."""

    def __init__(self, outputs: Outputs, endpoint: str = "") -> None:
        self.outputs = outputs
        self.url = f"{outputs['ApiUrl'].rstrip('/')}/v1/events"
        if endpoint:
            self.url = f"{endpoint}/_aws/execute-api/{outputs['ApiId']}/$default/v1/events"
        self.stack = Stack(
            Settings(
                outputs["Tenant"],
                outputs["Zone"],
                outputs["TableName"],
                outputs.get("Currency", "-"),
                outputs["IntakeBucket"],
                outputs["PayoutBucket"],
                outputs["IngestQueueUrl"],
                outputs["PayrollQueueUrl"],
                outputs["IngestDlqUrl"],
                outputs["StreamFailuresUrl"],
                outputs["KeyArn"],
            )
        )
        self._session = boto3.Session()

    def post(self, events: object, signed: bool = True) -> tuple[int, dict[str, Any]]:
        """Status and answer of one POST /v1/events; bytes are sent as they are."""
        body = events if isinstance(events, bytes) else json.dumps(events).encode()
        request = AWSRequest("POST", self.url, data=body, headers={"content-type": "application/json"})
        if signed:
            region = self._session.region_name
            SigV4Auth(self._session.get_credentials(), "execute-api", region).add_auth(request)
        sent = urllib.request.Request(self.url, data=body, headers=dict(request.headers), method="POST")
        try:
            with urllib.request.urlopen(sent, timeout=60) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, _json(error.read())

    def send(self, events: object) -> dict[str, Any]:
        """Send until it is durable: busy answers are tried again, with longer and longer pauses."""
        for attempt in range(TRIES):
            status, answer = self.post(events)
            if status not in BUSY:
                return answer
            time.sleep(0.2 * 2**attempt)
        raise Failed(f"the door still answers {status}: {answer}")

    def execute(self, machine: str, given: Mapping[str, Any], patience: float = 900) -> dict[str, Any]:
        """Run a state machine to its end; its output, or what it failed with."""
        client = self._session.client("stepfunctions")
        arn = client.start_execution(stateMachineArn=self.outputs[machine], input=json.dumps(given))[
            "executionArn"
        ]

        def ended() -> dict[str, Any] | None:
            found: dict[str, Any] = client.describe_execution(executionArn=arn)
            return None if found["status"] == "RUNNING" else found

        done = wait_for(ended, patience, machine)
        if done["status"] != "SUCCEEDED":
            raise Failed(str(done.get("cause") or done.get("error") or done["status"]))
        output: dict[str, Any] = json.loads(done["output"])
        return output

    def close(self, period: str, starter: str, waiver: Mapping[str, str] | None) -> Run:
        """Close a period: the run, waiting for review."""
        return self.start({"period": period, "starter": starter, "waiver": waiver})

    def start(self, given: Mapping[str, Any]) -> Run:
        """Start a run of any kind: the run, waiting for review."""
        return runs.get(self.stack.table, self.execute("CloseMachineArn", given)["run"])

    def publish(self, run: Run, approver: str) -> Run:
        """Approve the totals that were seen, and publish."""
        digest = json.loads(run.totals)["digest"]
        operate.approve(
            self.stack.table,
            self.stack.payouts,
            run.id,
            approver,
            digest,
            datetime.now(UTC),
            self.stack.paying().publishing().rehearse,
        )
        self.execute("PublishMachineArn", {"run": run.id})
        return runs.get(self.stack.table, run.id)

    def messages(self, wanted: int, patience: float = 120) -> list[dict[str, Any]]:
        """That many messages of the payroll queue, taken from it; fewer if no more come."""
        found: list[dict[str, Any]] = []
        deadline = time.monotonic() + patience
        while len(found) < wanted and time.monotonic() < deadline:
            found += self._take()
        return found

    def _take(self) -> Iterator[dict[str, Any]]:
        client, url = self._session.client("sqs"), self.outputs["PayrollQueueUrl"]
        answer = client.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1)
        for message in answer.get("Messages", []):
            yield json.loads(message["Body"])
            client.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


def _json(data: bytes) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(data)
    except ValueError:
        return {"message": data.decode(errors="replace")}
    return found
