"""Each function takes the envelope that AWS sends it, field by field as AWS documents it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest

from dualtrack.adapters.machines import Machines
from dualtrack.app import operate, payments, quarantine, runs
from infra.bundling import ROOT
from tests.functions.conftest import Functions

NOW = datetime(2017, 11, 2, tzinfo=UTC)
FOLDER = ROOT / "events" / "lambda"


def envelope(name: str) -> Any:
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def scored(functions: Functions) -> str:
    """The points of ann's volume after everything was scored."""
    functions.scored()
    return str(functions.card("ann")["points"]["volume"])


def test_an_http_request(functions: Functions) -> None:
    answer = functions.call("receive", envelope("http-api"))
    assert answer["statusCode"] == 202
    assert answer["headers"] == {"content-type": "application/json"}
    functions.measured()
    assert scored(functions) == "10"


def test_a_batch_with_one_message_that_nobody_can_read(functions: Functions) -> None:
    given = envelope("sqs-batch")
    assert functions.call("measure", given) == {"batchItemFailures": []}
    assert functions.call("measure", given) == {"batchItemFailures": []}
    [entry] = quarantine.entries(functions.stack.table)
    assert entry.problem.reason == "not_json"
    assert scored(functions) == "10"


def test_an_event_of_the_bus_says_the_same_as_one_of_the_door(functions: Functions) -> None:
    functions.call("measure", envelope("sqs-batch"))
    functions.call("measure", envelope("eventbridge-in-sqs"))
    assert scored(functions) == "10"


def test_a_stream_batch_wakes_the_fold_whatever_else_it_says(functions: Functions) -> None:
    functions.call("measure", envelope("sqs-batch"))
    assert functions.call("score", envelope("dynamodb-stream")) == {"batchItemFailures": []}
    assert functions.card("ann")["points"]["volume"] == "0", "its target is a row of another partition"
    assert scored(functions) == "10"


def closed(functions: Functions) -> str:
    """October settled and in review, by the step inputs; the run."""
    functions.call("measure", envelope("sqs-batch"))
    functions.scored()
    opened = functions.call("open", envelope("open"))
    [chunk] = json.loads(functions.stack.payouts.read(opened["chunks"]["key"]))
    assert chunk == envelope("settle") == envelope("book")
    assert functions.call("settle", envelope("settle")) == {"chunk": "0001", "settled": True}
    reviewed = functions.call("review", envelope("review"))
    assert reviewed == {"run": opened["run"], "state": "REVIEW"}
    return str(opened["run"])


def test_the_steps_of_a_close_and_a_publication(functions: Functions) -> None:
    run_id = closed(functions)
    functions.approve(run_id)
    begun = functions.call("publish", envelope("publish-begin"))
    assert functions.stack.payouts.read(begun["chunks"]["key"])
    assert functions.call("book", envelope("book"))["lines"] == 1
    assert functions.call("publish", envelope("publish-files"))["files"] == 3
    manifest = functions.call("release", envelope("release-prove"))["manifest"]
    released = functions.call("release", envelope("release-release"))
    assert released == {"run": run_id, "state": "PUBLISHED", "manifest": manifest}
    functions.call("relay", envelope("outbox-stream"))
    functions.call("relay", envelope("sweep"))
    found = boto3.client("sqs").receive_message(
        QueueUrl=os.environ["DUALTRACK_PAYROLL_QUEUE"], MaxNumberOfMessages=10
    )
    assert len(found["Messages"]) == 1


def test_a_sweep_sends_what_the_stream_lost(functions: Functions) -> None:
    run_id = closed(functions)
    functions.approve(run_id)
    for name in ("book", "publish-files", "release-prove", "release-release"):
        functions.call(name.split("-")[0], envelope(name))
    assert functions.call("relay", envelope("sweep")) == {"batchItemFailures": []}
    assert functions.stack.table.get(f"OUTBOX#{run_id}", "OUTBOX#0001")["state"] == "sent"  # type: ignore[index]


def test_the_clock_starts_what_is_due_and_each_close_once(
    functions: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = envelope("sqs-batch")
    given["Records"].pop(1)
    functions.call("measure", given)
    started: dict[str, Any] = {}
    monkeypatch.setattr(Machines, "start", lambda self, name, what: started.update({name: what}))
    assert functions.call("schedule", envelope("due")) == {"started": ["all 2017-10"]}
    assert list(started.values()) == [{"period": "2017-10", "starter": "schedule", "group": "all"}]
    functions.scored()
    functions.call("open", envelope("open"))
    assert functions.call("schedule", envelope("due")) == {"started": []}


def test_a_receipt_that_nobody_knows_comes_again_and_a_known_one_counts(functions: Functions) -> None:
    run = runs.get(functions.stack.table, closed(functions))
    table, payouts = functions.stack.table, functions.stack.payouts
    operate.approve(
        table,
        payouts,
        run.id,
        "art",
        json.loads(run.totals)["digest"],
        NOW,
        functions.stack.paying().publishing().rehearse,
    )
    for name in ("book", "publish-files", "release-prove", "release-release"):
        functions.call(name.split("-")[0], envelope(name))
    batch = envelope("sqs-receipts")
    [record] = batch["Records"]
    assert functions.call("receipt", batch)["batchItemFailures"] == [{"itemIdentifier": record["messageId"]}]
    [payout] = payments.payable(payouts, run)
    record["body"] = record["body"].replace("A" * 32, payout)
    assert functions.call("receipt", batch) == {"batchItemFailures": []}
    assert [each.state for each in payments.waiting(table, run.id)] == ["rejected"]


@pytest.mark.parametrize("pick", [lambda m: m["measure"], lambda m: m["score"]], ids=["measure", "score"])
def test_telemetry_is_one_line_for_a_batch_under_the_tenant_alone(
    functions: Functions, capsys: pytest.CaptureFixture[str], pick: Callable[[dict[str, Any]], Any]
) -> None:
    batch = envelope("sqs-batch")
    functions.call("measure", batch)
    said = {"measure": capsys.readouterr().out}
    functions.call("score", envelope("dynamodb-stream"))
    said["score"] = capsys.readouterr().out
    [line] = pick(said).splitlines()
    [declared] = json.loads(line)["_aws"]["CloudWatchMetrics"]
    assert (declared["Namespace"], declared["Dimensions"]) == ("Dualtrack", [["tenant"]])
    assert "Quarantined" in {metric["Name"] for metric in declared["Metrics"]}


def test_a_failure_is_logged_without_what_the_error_says(
    functions: Functions, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    functions.call("measure", envelope("sqs-batch"))

    def broken(*_: Any) -> Any:
        raise RuntimeError("Anna Snelling earns 98765")

    monkeypatch.setattr(type(functions._loaded["measure"].measuring), "messages", broken)
    answer = functions.call("measure", envelope("sqs-batch"))
    assert len(answer["batchItemFailures"]) == 3
    said = "".join(capsys.readouterr())
    assert "RuntimeError" in said
    assert "Snelling" not in said
    assert "98765" not in said
