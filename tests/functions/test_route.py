"""The functions one by one and in a row, on moto."""

from __future__ import annotations

import json
import os
from base64 import b64encode
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest

from dualtrack.adapters.settings import Misconfigured, Settings
from dualtrack.app import quarantine, runs
from dualtrack.app.counts import counts, log_lines
from dualtrack.app.measure import Delivery
from dualtrack.app.opening import NotReady
from dualtrack.domain.errors import Refused
from tests.functions.conftest import Functions
from tests.support.events import deal, employee, event, target

HIRED = (employee("ann"), target("revenue", "1000"), target("volume", "10"))
BODIES: list[tuple[str, Any, int, str]] = [
    ("not JSON", "{", 400, "not_json"),
    ("nothing", "", 400, "not_json"),
    ("wrong encoding", b'{"id": "\xff"}', 400, "not_utf8"),
    ("a number", "7", 207, "not_an_object"),
    ("an unknown type", event("crm.nope", {}), 207, "unknown_type"),
    ("a missing field", deal("X", "ann", won=None), 207, "missing"),
    ("a missing owner", deal("X", "ann", owner={}), 207, "missing"),
    ("not a number", deal("X", "ann", value="NaN"), 207, "not_a_number"),
    ("an infinite one", deal("X", "ann", value=float("inf")), 207, "not_a_number"),
    ("1e400", deal("X", "ann", value="1e400"), 207, "not_a_number"),
    ("full-width digits", deal("X", "ann", value="１２"), 207, "not_a_number"),
    ("a true version", deal("X", "ann", version=True), 207, "not_a_number"),
    ("a day that is none", deal("X", "ann", closed_on="2017-02-30"), 207, "bad_time"),
    ("a future day", deal("X", "ann", closed_on="2999-01-01"), 207, "future"),
    ("400 KB", deal("X", "ann", account="x" * 400_000), 207, "too_large"),
    ("half a character", deal("X", "ann", stage="\ud800"), 207, "unknown_value"),
    ("no zone", deal("X", "ann") | {"time": "2017-10-05T12:00:00"}, 207, "bad_time"),
]

NOW = datetime(2017, 11, 2, tzinfo=UTC)
STREAM = {"watermark": "2017-11-01T05:30:00+00:00", "looks": 1, "drained": True}
START: dict[str, Any] = {
    "task": "open", "period": "2017-10", "starter": "sue", "waiver": None, "execution": "x", "stream": STREAM,
}  # fmt: skip


@pytest.mark.parametrize(("what", "sent", "status", "reason"), BODIES, ids=[case[0] for case in BODIES])
def test_a_bad_event_is_answered_kept_and_harmless(
    functions: Functions, what: str, sent: Any, status: int, reason: str
) -> None:
    functions.take(*HIRED)
    if isinstance(sent, bytes):
        code, answer = functions.post(b64encode(sent).decode(), encoded=True)
    elif status == 207:
        code, answer = functions.post(json.dumps([deal("GOOD", "ann"), sent if what != "a number" else 7]))
    else:
        code, answer = functions.post(sent)
    assert code == status
    [said] = answer["results"]
    assert said["reason"] == reason
    assert said["field"]
    assert said["remedy"]
    functions.measured()
    functions.scored()
    [entry] = quarantine.entries(functions.stack.table)
    assert entry.problem.reason == reason
    assert functions.stack.intake.read(entry.body) or not sent
    card = functions.card("ann")
    assert card["points"]["volume"] == ("10" if status == 207 else "0")


def test_good_events_are_accepted_only_when_they_are_durable(
    functions: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    status, answer = functions.post(json.dumps([*HIRED, deal("A", "ann")]))
    assert (status, answer) == (202, {"received": 4, "accepted": 4, "results": []})
    module = functions._loaded["receive"]
    monkeypatch.setattr(type(module.stack.ingest), "send", lambda self, bodies: list(range(len(bodies))))
    status, answer = functions.post(json.dumps([deal("B", "ann")]))
    assert status == 503
    assert answer["results"] == [{"index": 0, "status": "not_kept", "remedy": "send it again"}]


def test_a_message_that_fails_comes_again_and_the_others_do_not(
    functions: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    functions.take(*HIRED)
    functions.post(json.dumps([deal("A", "ann")]))
    functions.post(json.dumps([deal("B", "ann")]))
    records = functions.waiting()
    module = functions._loaded["measure"]
    real, broken = module.measuring.messages, records[0]["messageId"]

    def sometimes(deliveries: Sequence[Delivery], now: datetime) -> Any:
        if broken in {delivery.id for delivery in deliveries}:
            raise RuntimeError("the table is away")
        return real(deliveries, now)

    with monkeypatch.context() as patch:
        patch.setattr(type(module.measuring), "messages", lambda self, *given: sometimes(*given))
        answer = functions.call("measure", {"Records": records})
    assert answer == {"batchItemFailures": [{"itemIdentifier": broken}]}
    assert functions.call("measure", {"Records": records}) == {"batchItemFailures": []}
    functions.scored()
    assert functions.card("ann")["points"]["volume"] == "20"


def test_a_message_read_twice_counts_once(functions: Functions) -> None:
    functions.take(*HIRED)
    functions.post(json.dumps([deal("A", "ann"), deal("A", "ann")]))
    records = functions.waiting()
    for _ in range(2):
        functions.call("measure", {"Records": records})
    functions.scored()
    assert functions.card("ann")["points"]["volume"] == "10"
    found = counts(log_lines(functions.stack.intake))
    assert (found["received"], found["duplicate"], found["applied"]) == (5, 1, 4)


def test_a_bus_event_is_taken_like_one_of_the_door(functions: Functions) -> None:
    functions.take(*HIRED)
    sent = deal("A", "ann")
    bus = {"version": "0", "id": "b1", "detail-type": sent["type"], "source": "crm",
           "time": sent["time"], "detail": sent["data"]}  # fmt: skip
    record = {"messageId": "m", "body": json.dumps(bus), "attributes": {"SentTimestamp": "1"}}
    functions.call("measure", {"Records": [record]})
    functions.scored()
    assert functions.card("ann")["points"]["volume"] == "10"


def test_a_period_goes_from_close_to_payroll(functions: Functions) -> None:
    functions.take(*HIRED, deal("A", "ann"))
    opened = functions.call("open", START)
    again = functions.call("open", START)
    assert opened == again
    chunks = json.loads(functions.stack.payouts.read(opened["chunks"]["key"]))
    assert [functions.call("settle", chunk)["settled"] for chunk in chunks] == [True]
    assert [functions.call("settle", chunk)["settled"] for chunk in chunks] == [False]
    given = {"run": opened["run"], "attempt": opened["attempt"]}
    assert functions.call("review", given)["state"] == functions.call("review", given)["state"] == "REVIEW"
    run = runs.get(functions.stack.table, opened["run"])
    functions.approve(run.id)
    for _ in range(2):
        for chunk in chunks:
            functions.call("book", chunk)
        functions.call("publish", {"task": "files", "run": run.id})
        manifest = functions.call("release", {"task": "prove", "run": run.id})["manifest"]
        published = functions.call("release", {"task": "release", "run": run.id})
        assert published == {"run": run.id, "state": "PUBLISHED", "manifest": manifest}
    key = {"pk": {"S": f"OUTBOX#{run.id}"}, "sk": {"S": "OUTBOX#0001"}}
    functions.call("relay", {"Records": [{"dynamodb": {"Keys": key}}]})
    functions.call("relay", {"sweep": True})
    url = os.environ["DUALTRACK_PAYROLL_QUEUE"]
    messages = boto3.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    [total] = json.loads(run.totals)["totals"]
    assert [json.loads(m["Body"])["amount_minor"] for m in messages] == [total["amount"]]


def test_a_start_says_what_it_lacks(functions: Functions) -> None:
    with pytest.raises(Refused, match="name the period"):
        functions.call("open", {name: each for name, each in START.items() if name != "period"})
    with pytest.raises(NotReady, match="nobody is on the roster"):
        functions.call("open", START)


def test_a_month_that_is_not_over_is_not_closed(functions: Functions) -> None:
    functions.take(*HIRED)
    with pytest.raises(Refused, match="not_over"):
        functions.call("open", START | {"period": "2999-01"})


def test_a_missing_environment_names_every_variable() -> None:
    with pytest.raises(Misconfigured, match=r"DUALTRACK_TENANT, DUALTRACK_ZONE.*DUALTRACK_INGEST_QUEUE"):
        Settings.from_env({}, "ingest_queue")


def test_no_log_line_holds_a_name_or_an_amount(
    functions: Functions, capsys: pytest.CaptureFixture[str]
) -> None:
    functions.take(employee("ann", name="Anna Snelling"), deal("A", "ann", value="98765"))
    said = capsys.readouterr().out
    assert '"Events"' in said
    assert "Anna" not in said
    assert "98765" not in said
