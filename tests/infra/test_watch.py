"""The alarms about the audit: one when it finds something, one when it says nothing at all."""

from __future__ import annotations

import pytest

from tests.infra.templates import AWS_HERE, TENANTS, Properties, synthesize


def alarm(tenant: str, name: str) -> Properties:
    """The alarm of that name."""
    found = {str(it["AlarmName"]): it for _, it in synthesize(AWS_HERE)[tenant].of("AWS::CloudWatch::Alarm")}
    return found[f"dualtrack-{tenant}-{name}"]


@pytest.mark.parametrize("tenant", TENANTS)
def test_a_finding_is_an_alarm(tenant: str) -> None:
    found = alarm(tenant, "audit-findings")
    assert (found["Namespace"], found["MetricName"]) == ("Dualtrack", "AuditFindings")
    assert found["Dimensions"] == [{"Name": "tenant", "Value": tenant}]
    compared = found["Statistic"], found["ComparisonOperator"], found["Threshold"], found["EvaluationPeriods"]
    assert compared == ("Sum", "GreaterThanThreshold", 0, 1)
    assert len(found["AlarmActions"]) == 1


@pytest.mark.parametrize("tenant", TENANTS)
def test_an_audit_that_does_not_run_is_an_alarm(tenant: str) -> None:
    found, other = alarm(tenant, "audit-silent"), alarm(tenant, "audit-findings")
    for same in ("Namespace", "MetricName", "Dimensions", "AlarmActions"):
        assert found[same] == other[same]
    compared = found["Statistic"], found["ComparisonOperator"], found["Threshold"]
    assert compared == ("SampleCount", "LessThanOrEqualToThreshold", 0)
    assert found["TreatMissingData"] == "breaching"
    watched = found["EvaluationPeriods"] * found["Period"]
    assert 25 * 3600 < watched <= 2 * 24 * 3600  # a day of 25 hours is no alarm
    assert found["Period"] >= 3600  # CloudWatch looks back over more than a day only in whole hours
