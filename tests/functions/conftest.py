"""Functions as Lambda calls them, on moto: real envelopes in, real rows out."""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

import boto3
import pytest
from moto import mock_aws

from dualtrack.adapters.wiring import Stack
from dualtrack.app import operate, runs
from infra.bundling import ROOT
from tests.contract.conftest import KEYS
from tests.support.world import SOURCES, stored_mapping, stored_plan

NAMES = {"TENANT": "demo", "ZONE": "America/Chicago", "TABLE": "t", "CURRENCY": "USD",
         "INTAKE_BUCKET": "intake", "PAYOUT_BUCKET": "payout"}  # fmt: skip

NOW = datetime(2017, 11, 2, tzinfo=UTC)


class Functions:
    """All functions of a tenant, their queues and their table."""

    def __init__(self) -> None:
        self.stack = Stack.from_env()
        self._loaded: dict[str, ModuleType] = {}
        self._seen: set[tuple[str, str, str]] = set()

    def call(self, name: str, event: Any) -> Any:
        """Invoke a function; its module is loaded once, as in a worker."""
        if name not in self._loaded:
            path = ROOT / "functions" / name / "handler.py"
            spec = importlib.util.spec_from_file_location(f"handler_{name}", path)
            assert spec
            assert spec.loader
            module = importlib.util.module_from_spec(spec)
            sys.modules[spec.name] = module
            spec.loader.exec_module(module)
            self._loaded[name] = module
        return self._loaded[name].handler(event, None)

    def post(self, body: str | bytes, encoded: bool = False) -> tuple[int, dict[str, Any]]:
        """The answer of receive to an HTTP request."""
        request = {"version": "2.0", "routeKey": "POST /v1/events", "body": body, "isBase64Encoded": encoded}
        answer = self.call("receive", request)
        return answer["statusCode"], json.loads(answer["body"])

    def waiting(self) -> list[dict[str, Any]]:
        """The messages of the ingest queue as Lambda is given them; they are taken from the queue."""
        client, url = boto3.client("sqs"), os.environ["DUALTRACK_INGEST_QUEUE"]
        answer = client.receive_message(QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["All"])
        found = answer.get("Messages", [])
        for message in found:
            client.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return [
            {"messageId": m["MessageId"], "body": m["Body"], "eventSource": "aws:sqs",
             "attributes": {"SentTimestamp": m["Attributes"]["SentTimestamp"]}}
            for m in found
        ]  # fmt: skip

    def measured(self) -> Any:
        """Measure what waits."""
        return self.call("measure", {"Records": self.waiting()})

    def changed(self) -> list[dict[str, Any]]:
        """The records that the stream would deliver for rows not seen before."""
        scan = boto3.client("dynamodb").scan(TableName="t")["Items"]
        fresh = []
        for item in scan:
            mark = (item["pk"]["S"], item["sk"]["S"], json.dumps(item, sort_keys=True, default=str))
            if mark not in self._seen and mark[1][:2] in ("F#", "R#", "P#"):
                fresh.append(
                    {"dynamodb": {"Keys": {"pk": item["pk"], "sk": item["sk"]}, "SequenceNumber": "1"}}
                )
            self._seen.add(mark)
        return fresh

    def scored(self) -> None:
        """Score until the stream is still."""
        while records := self.changed():
            self.call("score", {"Records": records})

    def card(self, name: str) -> dict[str, Any]:
        """An employee's live scorecard of October."""
        found = self.stack.table.get(f"EP#E:{name}#2017-10", "S")
        assert found
        return found

    def approve(self, run_id: str) -> None:
        """Somebody else than the starter approves what is there."""
        run, stack = runs.get(self.stack.table, run_id), self.stack
        digest, rehearse = json.loads(run.totals)["digest"], stack.paying().publishing().rehearse
        operate.approve(stack.table, stack.payouts, run_id, "art", digest, NOW, rehearse)

    def take(self, *events: dict[str, Any]) -> None:
        """The whole hot path for these events."""
        self.post(json.dumps(list(events)))
        self.measured()
        self.scored()


@pytest.fixture
def functions(monkeypatch: pytest.MonkeyPatch) -> Iterator[Functions]:
    """A furnished tenant on moto."""
    for name, value in NAMES.items():
        monkeypatch.setenv(f"DUALTRACK_{name}", value)
    for name in ("AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "us-east-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        boto3.client("dynamodb").create_table(TableName="t", **KEYS)
        for bucket in ("intake", "payout"):
            boto3.client("s3").create_bucket(Bucket=bucket)
        sqs = boto3.client("sqs")
        fifo = {"FifoQueue": "true"}
        queues = {"INGEST": sqs.create_queue(QueueName="ingest"),
                  "PAYROLL": sqs.create_queue(QueueName="payroll.fifo", Attributes=fifo)}  # fmt: skip
        for name, made in queues.items():
            monkeypatch.setenv(f"DUALTRACK_{name}_QUEUE", made["QueueUrl"])
        for name in ("INGEST_DLQ", "STREAM_FAILURES"):
            url = sqs.create_queue(QueueName=name.lower())["QueueUrl"]
            monkeypatch.setenv(f"DUALTRACK_{name}", url)
        monkeypatch.setenv(
            "DUALTRACK_CLOSE_MACHINE", "arn:aws:states:us-east-1:000000000000:stateMachine:close"
        )
        made_functions = Functions()
        table = made_functions.stack.table
        for source in SOURCES:
            operate.publish_source(table, source, 1, stored_mapping(source))
        operate.publish_plan(table, *stored_plan("demo-2017"))
        yield made_functions
