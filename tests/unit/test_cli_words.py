"""The command line's texts, options and the way to a tenant."""

from __future__ import annotations

import json
import re
from pathlib import Path
from string import Formatter

import pytest

from dualtrack.domain.errors import Refused
from infra import embedded
from infra.cli import place, words
from infra.cli.__main__ import hoisted, run
from infra.cli.reasons import REASONS
from infra.cli.words import ALL as TEXTS
from tests.support.world import ROOT

STACK = {
    "Tenant": "acme",
    "KeyArn": "arn:aws:kms:eu-west-1:123456789012:key/k",
    "ApiUrl": "https://a",
    "Zone": "UTC",
}
STACK |= dict.fromkeys(
    (
        "TableName",
        "IntakeBucket",
        "PayoutBucket",
        "IngestQueueUrl",
        "PayrollQueueUrl",
        "IngestDlqUrl",
        "StreamFailuresUrl",
    ),
    "x",
)


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("key", TEXTS)
def test_a_text_says_the_same_things_in_both_languages(key: str) -> None:
    english, chinese = TEXTS[key]
    assert english
    assert chinese
    assert fields(english) == fields(chinese)


def test_every_text_that_is_used_exists() -> None:
    sources = [path.read_text("utf-8") for path in (ROOT / "infra" / "cli").glob("*.py")]
    used = {key for source in sources for key in re.findall(r'"((?:[a-z]+\.)+[a-z_]+)"', source)}
    missing = {k for k in used if k.split(".")[0] in {t.split(".")[0] for t in TEXTS} and k not in TEXTS}
    assert not missing


def test_every_reason_of_a_refusal_is_translated() -> None:
    package = ROOT / "layers" / "dualtrack" / "python" / "dualtrack"
    sources = [path.read_text("utf-8") for path in package.rglob("*.py")]
    raised = {r for source in sources for r in re.findall(r'\b(?:refuse|problem)\(\s*"([a-z_]+)"', source)}
    assert raised - set(REASONS) == set()


def test_global_options_may_stand_anywhere() -> None:
    assert hoisted(["run", "list", "--tenant", "acme", "--lang=zh"]) == [
        "--tenant",
        "acme",
        "--lang=zh",
        "run",
        "list",
    ]
    assert hoisted(["run", "show", "--", "--tenant"]) == ["run", "show", "--", "--tenant"]
    assert hoisted(["run", "list", "--tenant"]) == ["--tenant", "run", "list"]


@pytest.mark.parametrize(
    "arguments", [["run", "start"], ["plan", "chek", "x"], ["--lang", "xx", "run", "list"], ["run"]]
)
def test_a_wrong_call_exits_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_a_missing_file_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--lang", "zh", "plan", "check", "nowhere.yaml"]) == 2
    assert "文件 nowhere.yaml" in capsys.readouterr().err


@pytest.fixture
def outputs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    words.use("en")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    file = tmp_path / "outputs.json"
    file.write_text(json.dumps({"dualtrack-acme": STACK}), "utf-8")
    return file


def test_a_tenant_is_found_in_a_file_of_outputs(outputs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert place.operator("", outputs).url == "https://a/v1/events"
    assert capsys.readouterr().err == "tenant acme at AWS 123456789012 eu-west-1\n"


def test_a_tenant_that_the_file_has_not_is_refused(outputs: Path) -> None:
    with pytest.raises(Refused, match="the file has: acme"):
        place.operator("demo", outputs)


def test_without_a_running_tenant_one_has_to_be_named(outputs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "attach", lambda name: None)
    with pytest.raises(Refused, match="running here: none"):
        place.operator("", None)
