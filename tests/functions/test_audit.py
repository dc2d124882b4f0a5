"""The audit function: a report, a metric, and no amount in a log."""

from __future__ import annotations

import json

import pytest

from infra.bundling import ROOT
from tests.functions.conftest import Functions
from tests.support.events import deal, employee, target

HIRED = (employee("ann"), target("revenue", "1000"), target("volume", "10"))


def metrics(said: str) -> dict[str, int]:
    """The last line of metrics that was printed."""
    lines = [json.loads(line) for line in said.splitlines() if line.startswith('{"_aws"')]
    return {name: value for name, value in lines[-1].items() if name.startswith("Audit")}


def test_a_sound_tenant_has_an_empty_report(functions: Functions, capsys: pytest.CaptureFixture[str]) -> None:
    functions.take(*HIRED, deal("A", "ann"))
    nightly = json.loads((ROOT / "events/lambda/nightly.json").read_text("utf-8"))
    said = functions.call("audit", nightly)
    assert said["findings"] == {}
    report = json.loads(functions.stack.intake.read(said["report"]))
    assert (report["findings"], report["periods"]) == ([], ["2017-10"])
    assert metrics(capsys.readouterr().out) == {"AuditFindings": 0}


def test_what_differs_is_reported_and_counted_and_not_logged(
    functions: Functions, capsys: pytest.CaptureFixture[str]
) -> None:
    functions.take(*HIRED, deal("A", "ann"))
    functions.stack.table.put_many([functions.card("ann") | {"payout": 98765}])
    said = functions.call("audit", {"pause": 0})
    assert said["findings"] == {"scorecard": 1}
    [found] = json.loads(functions.stack.intake.read(said["report"]))["findings"]
    assert found["where"] == "EP#E:ann#2017-10 S payout"
    out = capsys.readouterr().out
    assert metrics(out) == {"AuditFindings": 1, "Audit_scorecard": 1}
    assert "98765" not in out


def test_what_cannot_be_read_is_reported_and_ends_nothing(
    functions: Functions, capsys: pytest.CaptureFixture[str]
) -> None:
    functions.take(*HIRED, deal("A", "ann"))
    functions.stack.intake.put(functions.stack.intake.list("log/")[0] + "x", b"{")
    said = functions.call("audit", {"pause": 0})
    assert said["findings"] == {"unreadable": 1}
    assert metrics(capsys.readouterr().out) == {"AuditFindings": 1, "Audit_unreadable": 1}
