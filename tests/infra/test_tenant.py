"""A tenant's file is refused when it would make a stack that is unsafe or never closes."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from infra.tenant import Tenant, load_tenant, tenant_names

GOOD: dict[str, Any] = {
    "tenant": "demo",
    "zone": "America/Chicago",
    "currency": "USD",
    "lock": {"mode": "GOVERNANCE", "days": 1},
    "log_days": 30,
    "senders": [{"external_id": "demo-sender"}],
    "finance": [{"tag": {"dualtrack": "finance"}}],
    "payroll": [{"external_id": "acme-payroll-2026"}],
}


def test_all_tenants_files_are_good() -> None:
    assert {load_tenant(name).tenant for name in tenant_names()} == {"acme", "demo"}


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"tenant": "a-b"}, "pattern"),
        ({"tenant": "x" * 17}, "pattern"),
        ({"zone": "America/Chikago"}, "unknown time zone"),
        ({"currency": "usd"}, "pattern"),
        ({"lock": {"mode": "NONE", "days": 1}}, "GOVERNANCE"),
        ({"lock": {"mode": "COMPLIANCE", "days": 0}}, "greater than or equal to 1"),
        ({"log_days": 31}, "Input should be"),
        ({"senders": []}, "at least 1"),
        ({"senders": [{}]}, "external_id or a principal tag"),
        ({"finance": [{"external_id": "short"}]}, "at least 8"),
        ({"colour": "red"}, "Extra inputs"),
    ],
)
def test_a_bad_choice_is_refused_with_its_reason(changed: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        Tenant.model_validate(GOOD | changed)


def test_a_file_that_describes_another_tenant_is_refused(tmp_path: Path) -> None:
    demo = (Path(__file__).parents[2] / "infra/tenants/demo.yaml").read_text("utf-8")
    (tmp_path / "other.yaml").write_text(demo, "utf-8")
    with pytest.raises(ValueError, match="describes tenant 'demo'"):
        load_tenant("other", tmp_path)
