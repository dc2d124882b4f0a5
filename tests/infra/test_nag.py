"""The AWS Solutions rules hold for both targets, but for findings accepted by name with a reason."""

import json
from pathlib import Path

import pytest
from aws_cdk import App, Stack, Validations
from aws_cdk import aws_sqs as sqs
from cdk_nag import AwsSolutionsChecks

from infra.app import build
from infra.permissions import FUNCTIONS, OTHERS, WILDCARDS, wildcard_reason
from infra.targets import TARGETS
from tests.infra.templates import UNBUNDLED


def _report(app: App) -> dict[str, object]:
    found: dict[str, object] = json.loads((Path(app.outdir) / "validation-report.json").read_text())
    return found


@pytest.mark.parametrize("target", TARGETS)
def test_no_finding_is_left(target: str, tmp_path: Path) -> None:
    app = App(context=UNBUNDLED | {"target": target}, outdir=str(tmp_path))
    build(app)
    if not TARGETS[target].nag:
        Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    app.synth()
    assert "AwsSolutions-" not in json.dumps(_report(app).get("pluginReports", []))


def test_the_rules_do_find_something(tmp_path: Path) -> None:
    app = App(outdir=str(tmp_path))
    sqs.Queue(Stack(app, "Careless"), "Queue")
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    with pytest.raises(RuntimeError, match="AwsSolutions-SQS3"):
        app.synth()


def test_every_open_place_has_a_reason_and_every_reason_a_place() -> None:
    used = {
        place for grants in (FUNCTIONS | OTHERS).values() for g in grants for place in g.on if "*" in place
    }
    reasons = {wildcard_reason(place) for place in used} | {WILDCARDS["logs-VERB:*"]}
    assert reasons == set(WILDCARDS.values())
