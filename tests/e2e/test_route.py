"""The whole route on the embedded AWS, through the real stack with IAM enforced. Read it as a story."""

from __future__ import annotations

import json
import time
from hashlib import sha256
from typing import Any

import boto3
import pytest

from dualtrack.app import quarantine
from dualtrack.app.counts import STATES, counts, log_lines
from dualtrack.domain.errors import Refused
from infra.operator import Failed
from tests.support.events import deal, employee, event, report
from tests.support.tenant import Tenant, wait_for

WAIVER = {"by": "wim", "reason": "tried on purpose"}
BAD: list[tuple[str, Any, str]] = [
    ("an unknown type", event("crm.nonsense", {}), "unknown_type"),
    ("an unknown source", event("erp.order", {}), "unknown_source"),
    ("a missing field", deal("B1", "ann", won=None), "missing"),
    ("not a number", deal("B2", "ann", value="NaN"), "not_a_number"),
    ("too large a number", deal("B3", "ann", value="1e400"), "not_a_number"),
    ("a future date", deal("B4", "ann", closed_on="2099-01-01"), "future"),
    ("400 KB", deal("B5", "ann", account="x" * 400_000), "too_large"),
    ("no envelope", {"hello": "world"}, "bad_envelope"),
]


def test_an_event_becomes_a_visible_score(demo: Tenant) -> None:
    status, answer = demo.post([deal("D1", "ann")])
    assert (status, answer["accepted"]) == (202, 1)
    card = wait_for(lambda: (c := demo.card("ann")) and c["points"].get("volume") == "10" and c)
    assert card["points"]["revenue"] == "90"


def test_an_unsigned_request_is_refused(demo: Tenant) -> None:
    assert demo.post([deal("D1", "ann")], signed=False)[0] in (401, 403)


@pytest.mark.parametrize(("what", "bad", "reason"), BAD, ids=[case[0] for case in BAD])
def test_a_bad_event_among_good_ones_is_answered_and_kept(
    demo: Tenant, what: str, bad: dict[str, Any], reason: str
) -> None:
    status, answer = demo.post([deal("D1", "ann"), bad])
    assert (status, answer["accepted"]) == (207, 1)
    [said] = answer["results"]
    assert (said["index"], said["reason"]) == (1, reason)
    assert said["field"]
    assert said["remedy"]
    wait_for(lambda: reason in {e.problem.reason for e in quarantine.entries(demo.stack.table)})


@pytest.mark.parametrize("body", [b"not json", b'\xff\xfe"x"', b"[" * 100_000])
def test_an_unreadable_body_is_answered_and_kept(demo: Tenant, body: bytes) -> None:
    status, answer = demo.post(body)
    assert status == 400
    assert answer["results"][0]["remedy"]


def test_what_was_quarantined_is_replayed_once_its_cause_is_mended(demo: Tenant) -> None:
    demo.post([deal("D7", "dee", version=1)])
    table = demo.stack.table

    def unknown() -> list[quarantine.Quarantined]:
        return [e for e in quarantine.entries(table) if e.problem.reason == "unknown_employee"]

    [entry] = wait_for(unknown)
    assert (entry.problem.field, entry.problem.value) == ("employee", "dee")
    hired = {"employee_id": "dee", "name": "D", "team": "t1", "manager": "m", "base": 100, "currency": "USD"}
    demo.post([event("hr.employee.changed", hired | {"from": "2017-01-01", "version": 1})])
    wait_for(lambda: len(table.query("TEAM#t1", " ", "~")) == 4)
    assert quarantine.replay(table, demo.stack.intake, demo.stack.ingest, [entry]) == 1
    wait_for(lambda: demo.card("dee"))
    assert not unknown()


def test_the_same_events_again_change_no_number(demo: Tenant) -> None:
    first = [deal("S1", "cid"), deal("S2", "cid", value="10.10", version=2)]
    demo.post(first)
    before = wait_for(lambda: (c := demo.card("cid")) and c["points"].get("volume") == "20" and c)
    received = counts(log_lines(demo.stack.intake))["received"]
    for again in (first, list(reversed(first)), first):
        demo.post(again)
    demo.drained(received + 6)
    assert demo.card("cid") == before


def test_a_burst_is_drained_and_every_event_counted_once(demo: Tenant) -> None:
    crew = [f"crew{n}" for n in range(8)]
    demo.post([employee(name) for name in crew])
    wait_for(lambda: len(demo.stack.table.query("TEAM#t1", " ", "~")) >= 4 + len(crew))
    before = demo.drained(0)
    burst = [report(f"N{n}", crew[n % 8], f"2017-10-{n // 8 % 28 + 1:02d}", "1.01") for n in range(10_000)]
    started = time.monotonic()
    for start in range(0, len(burst), 250):
        assert demo.post(burst[start : start + 250])[0] == 202
    after = demo.drained(before["received"] + 10_000)
    for name in crew:
        wait_for(lambda who=name: demo.live_value(who, "ad", "ad_spent") == "1262.5")  # type: ignore[misc]
    print(f"burst: {10_000 / (time.monotonic() - started):.0f} events a second, scores included")
    assert after["received"] == before["received"] + 10_000 == sum(after[state] for state in STATES)
    assert after["applied"] == before["applied"] + 10_000


def test_a_period_is_closed_approved_published_and_paid(demo: Tenant) -> None:
    demo.messages(100, patience=2)  # what the tests of permissions have put there
    with pytest.raises(Failed, match="quarantine holds"):
        demo.close("2017-10", "sue", None)
    run = demo.close("2017-10", "sue", WAIVER)
    with pytest.raises(Refused, match="four_eyes"):
        demo.publish(run, "sue")
    published = demo.publish(run, "art")
    [total] = json.loads(run.totals)["totals"]
    messages = demo.messages(total["payable"])
    assert sum(message["amount_minor"] for message in messages) == total["amount"]
    assert len({message["payout_id"] for message in messages}) == total["payable"]
    files = demo.stack.payouts
    manifest = files.read("payouts/period=2017-10/run=2017-10-01/manifest.json")
    assert sha256(manifest).hexdigest() == published.manifest
    for named in json.loads(manifest)["files"]:
        data = files.read(f"payouts/period=2017-10/run=2017-10-01/{named['name']}")
        assert sha256(data).hexdigest() == named["sha256"]


def test_publishing_again_pays_nobody_twice(demo: Tenant) -> None:
    assert demo.execute("PublishMachineArn", {"run": "2017-10-01"})["state"] == "PUBLISHED"
    assert demo.messages_now() == []


def test_a_payout_file_cannot_be_overwritten_or_its_version_deleted(demo: Tenant) -> None:
    key = "payouts/period=2017-10/run=2017-10-01/lines.csv"
    assert not demo.stack.payouts.create(key, b"other")
    client, bucket = boto3.client("s3"), demo.outputs["PayoutBucket"]
    version = client.list_object_versions(Bucket=bucket, Prefix=key)["Versions"][0]["VersionId"]
    with pytest.raises(client.exceptions.ClientError, match=r"AccessDenied|object lock"):
        client.delete_object(Bucket=bucket, Key=key, VersionId=version)


def test_a_late_fact_leaves_october_as_paid_and_is_carried_by_november(demo: Tenant) -> None:
    paid = demo.stack.payouts.read("payouts/period=2017-10/run=2017-10-01/lines.csv")
    demo.post([deal("D1", "ann", version=4, value="100")])
    wait_for(lambda: demo.stack.table.get("EP#E:ann#-", "D#2017-10"))
    run = demo.publish(demo.close("2017-11", "sue", WAIVER), "art")
    lines = demo.stack.payouts.read(f"payouts/period=2017-11/run={run.id}/lines.csv").decode()
    assert ",2017-10,adjustment,USD,-" in lines
    assert demo.stack.payouts.read("payouts/period=2017-10/run=2017-10-01/lines.csv") == paid
