"""The demo itself is a test: it fails unless every amount is the one that the CSV files give."""

from __future__ import annotations

import json
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from infra.bundling import ROOT


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole demo, in Chinese, with its report and its files."""
    folder = tmp_path_factory.mktemp("demo")
    command = [sys.executable, "-m", "infra.demo", "--lang", "zh", "--seed", "7"]
    places = ["--report", str(folder / "report.json"), "--out", str(folder / "files")]
    done = subprocess.run([*command, *places], cwd=ROOT, capture_output=True, text=True, check=False)
    (folder / "story.txt").write_text(done.stdout, encoding="utf-8")
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_every_amount_is_proved(played: Path) -> None:
    report = json.loads((played / "report.json").read_text())
    assert report["proof"] == {"compared": 105, "differences": 0, "which": []}
    assert report["sent_again"] == {"changed": 0}
    assert [run["messages"] for run in report["runs"]] == [35, 35, 34, 1]


def test_finance_takes_back_releases_and_sends_again(played: Path) -> None:
    report = json.loads((played / "report.json").read_text())
    assert [name for name, _ in report["finance"]] == ["clawed", "resent", "released"]
    assert report["clawed_back"] == -20_000


def test_every_event_is_accounted_for(played: Path) -> None:
    events = json.loads((played / "report.json").read_text())["events"]
    parts = ("applied", "superseded", "duplicate", "conflict", "quarantined")
    assert events["sent"] == events["received"] == sum(events[part] for part in parts)
    assert events["quarantined"] == sum(events["reasons"].values())


def test_a_score_is_there_within_two_seconds(played: Path) -> None:
    assert json.loads((played / "report.json").read_text())["latency_ms"]["median"] <= 2000


def test_the_files_are_those_of_the_manifests(played: Path) -> None:
    for folder in (played / "files").iterdir():
        for each in json.loads((folder / "manifest.json").read_text())["files"]:
            assert sha256((folder / each["name"]).read_bytes()).hexdigest() == each["sha256"]


def test_the_story_is_told_in_chinese(played: Path) -> None:
    assert "差异 0" in (played / "story.txt").read_text(encoding="utf-8")
