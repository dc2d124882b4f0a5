"""The auditor on a deployed tenant: silent when all is well, by name when something was planted."""

from __future__ import annotations

import json

import boto3
import pytest

from dualtrack.app import rows
from infra.cli.__main__ import run
from infra.embedded import Embedded
from tests.support.events import deal
from tests.support.tenant import Tenant, wait_for

PERIOD = "2017-10"
FILE = f"payouts/period={PERIOD}/run={PERIOD}-01/lines.csv"


@pytest.fixture(scope="module")
def tenant(server: Embedded, stacks: dict[str, dict[str, str]]) -> Tenant:
    """Another tenant than the one of the route: a deal has moved, a month is paid."""
    acme = Tenant(server, stacks["acme"])
    acme.furnish()
    acme.post([deal("moved", "ann", version=3)])
    wait_for(lambda: (card := acme.card("ann")) and card["points"].get("revenue") == "90")
    acme.post([deal("moved", "bob", version=4)])
    wait_for(lambda: (card := acme.card("bob")) and card["points"].get("revenue") == "90")
    wait_for(lambda: (card := acme.card("ann")) and card["points"].get("revenue") == "0")
    acme.publish(acme.close(PERIOD, "anna", None), "bert")
    acme.messages(1)
    return acme


def audited(server: Embedded, capsys: pytest.CaptureFixture[str], *more: str) -> tuple[int, str]:
    """What the command prints, and its exit code."""
    given = ["--tenant", "acme", "--outputs", str(server.home / "outputs.json"), "audit", "--pause", "5"]
    return run([*given, *more]), capsys.readouterr().out


def test_a_sound_tenant_is_said_to_be_sound(
    server: Embedded, tenant: Tenant, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = audited(server, capsys)
    assert (code, "nothing differs" in said) == (0, True), said


def plant(tenant: Tenant) -> None:
    """A wrong scorecard, a missing tombstone, an altered payout file."""
    table = tenant.stack.table
    card = table.get(f"EP#E:cid#{PERIOD}", "S") or table.get(f"EP#E:bob#{PERIOD}", "S")
    assert card is not None
    table.put_many([card | {"total": "99"}])
    pk = f"EP#E:ann#{PERIOD}"
    for item in table.query(pk, "F#deal", "F#deal~"):
        if any(row.retracted for row in rows.facts([item])):
            table.delete(pk, item["sk"])
    paid = tenant.stack.payouts.read(FILE)
    tenant.stack.payouts.put(FILE, paid.replace(b"bob", b"eve"))


def test_what_was_planted_is_found_by_the_command_and_by_the_function(
    server: Embedded, tenant: Tenant, capsys: pytest.CaptureFixture[str]
) -> None:
    plant(tenant)
    code, said = audited(server, capsys, "--format", "json")
    assert code == 1
    found = {(each["kind"], each["where"]) for each in json.loads(said)["findings"]}
    assert ("file", FILE) in found
    assert any(kind == "scorecard" and where.endswith(" S total") for kind, where in found)
    assert any(kind == "tombstone" and " moved " in where for kind, where in found)
    assert by_function(tenant) == {kind for kind, _ in found}
    code, said = audited(server, capsys)
    assert code == 1
    assert "version that the manifest names" in said
    print(said)


def by_function(tenant: Tenant) -> set[str]:
    """What the nightly function reports, under its own role."""
    name = f"{tenant.outputs['TableName']}-audit"
    answer = boto3.client("lambda").invoke(FunctionName=name, Payload=b'{"pause": 5}')
    said = json.loads(answer["Payload"].read())
    report = json.loads(tenant.stack.intake.read(said["report"]))
    assert sum(said["findings"].values()) == len(report["findings"])
    return set(said["findings"])


def state(name: str) -> str:
    """What an alarm of the tenant says."""
    answer = boto3.client("cloudwatch").describe_alarms(AlarmNames=[f"dualtrack-acme-{name}"])
    return str(answer["MetricAlarms"][0]["StateValue"])


def test_a_finding_raises_the_alarm(tenant: Tenant) -> None:
    """The function's metric as CloudWatch takes it out of the log, which the embedded AWS does not do."""
    assert state("audit-findings") != "ALARM"
    data = {
        "MetricName": "AuditFindings",
        "Dimensions": [{"Name": "tenant", "Value": "acme"}],
        "Value": 3,
        "Unit": "Count",
    }
    boto3.client("cloudwatch").put_metric_data(Namespace="Dualtrack", MetricData=[data])
    wait_for(lambda: state("audit-findings") == "ALARM")
