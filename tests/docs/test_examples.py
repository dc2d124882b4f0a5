"""What a page shows as a command's output is what the command prints."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from infra.bundling import ROOT
from infra.cli.application import build
from infra.cli.words import use
from tests.docs.pages import between

TRIED = ["plan", "try", "events/plans/sales-commission.yaml", "events/plans/examples/facts.csv"]
PAGES = {"en": ROOT / "README.md", "zh": ROOT / "README.zh.md"}


@pytest.mark.parametrize("language", PAGES)
def test_the_plan_on_trial_prints_what_the_page_shows(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    result = CliRunner().invoke(build(), ["--lang", language, *TRIED])
    use("en")
    assert result.exit_code == 0
    assert between(PAGES[language], "try") == fenced(result.stdout)


def fenced(printed: str) -> str:
    """As it stands on a page: without blanks at the ends of lines."""
    lines = [line.rstrip() for line in printed.strip().splitlines()]
    return "\n".join(["```text", *lines, "```"])
