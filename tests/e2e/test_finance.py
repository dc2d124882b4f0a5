"""Paying on the embedded AWS with IAM enforced: sealed accounts, a bank's file, receipts by queue."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import boto3
import pytest

from dualtrack.adapters import pay_file, plan_file
from dualtrack.app import accounts, documents, operate, payments, resend, runs
from dualtrack.domain.accounts import Account
from dualtrack.domain.errors import Refused
from dualtrack.domain.runs import Run
from infra import embedded
from tests.support.events import deal, employee
from tests.support.tenant import Tenant, wait_for
from tests.support.world import ROOT, SOURCES, stored_mapping
from tests.unit.test_draws_and_plans import document

NOW = datetime(2018, 2, 1, tzinfo=UTC)
OCTOBER = "2017-10"


@pytest.fixture(scope="module")
def acme(server: embedded.Embedded, stacks: dict[str, dict[str, str]]) -> Tenant:
    """The Chinese tenant with its pay setup, one employee and one deal."""
    tenant = Tenant(server, stacks["acme"])
    table = tenant.stack.table
    for source in SOURCES:
        operate.publish_source(table, source, 1, stored_mapping(source))
    setup, text = pay_file.load(ROOT / "events/pay/acme.yaml")
    documents.publish(table, "pay", setup.id, setup.version, text)
    operate.publish_plan(table, *plan_file.read(document("plan") | {"currency": "CNY"}))
    tenant.post([employee("li", currency="CNY")])
    wait_for(lambda: table.query("TEAM#t1", " ", "~"))
    tenant.post([deal("D1", "li", value="80")])
    wait_for(lambda: (c := tenant.card("li")) and c["payout"] == 240_000)
    return tenant


@pytest.fixture(scope="module")
def reviewed(acme: Tenant) -> Run:
    """October, settled."""
    return acme.close(OCTOBER, "sue", None)


def test_a_run_whose_bank_file_has_no_account_is_not_approved(acme: Tenant, reviewed: Run) -> None:
    with pytest.raises(Refused, match="payee_account"):
        acme.publish(reviewed, "art")
    assert runs.get(acme.stack.table, reviewed.id).state == "REVIEW"


def test_the_bank_file_has_the_account_that_was_there_at_the_approval(acme: Tenant, reviewed: Run) -> None:
    stack = acme.stack
    good = Account("li", "李·㐂", "6222021234567890123", "102100099996", "CNY")
    accounts.store(stack.table, stack.vault, "acme", [good], "hr", "new", NOW)
    published = acme.publish(reviewed, "art")
    assert published.state == "PUBLISHED"
    folder = f"payouts/period={OCTOBER}/run={published.id}"
    icbc = stack.payouts.read(f"{folder}/bank-icbc-CNY.csv").decode("gb18030").splitlines()
    assert icbc[1].split(",")[1:4] == ["6222021234567890123", "李·㐂", "2400.00"]
    named = {each["name"] for each in json.loads(stack.payouts.read(f"{folder}/manifest.json"))["files"]}
    assert {"bank-icbc-CNY.csv", "journal.csv", "workbook.xlsx", "acts.jsonl"} < named


def test_a_reject_comes_by_the_receipts_queue_and_is_sent_again(acme: Tenant, reviewed: Run) -> None:
    stack, run = acme.stack, runs.get(acme.stack.table, reviewed.id)
    [message] = acme.messages(1)
    receipt = {"schema": "dualtrack.receipt.v1", "run": run.id, "payout_id": message["payout_id"],
               "attempt": 1, "outcome": "rejected", "code": "AC04", "text": "", "at": ""}  # fmt: skip
    queue = acme.outputs["ReceiptsQueueUrl"]
    boto3.client("sqs").send_message(QueueUrl=queue, MessageBody=json.dumps(receipt))
    wait_for(lambda: payments.waiting(stack.table, run.id))
    batch = resend.prepare(stack.table, stack.payouts, run, "otto", "account mended", [], NOW)
    resend.release(stack.table, stack.payouts, run, batch.name, "olga", batch.digest, NOW)
    [again] = acme.messages(1)
    assert (again["payout_id"], again["attempt"]) == (message["payout_id"], 2)
