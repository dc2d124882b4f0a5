"""Scenarios on a deployed tenant: the same rows, through the HTTP door and the state machines."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra import embedded
from infra.cli.__main__ import run
from tests.support.world import ROOT

FOLDER = ROOT / "tests" / "scenarios"


@pytest.fixture(scope="module")
def outputs() -> Iterator[Path]:
    """A tenant of its own: months can be closed once, and another plan for everybody would hold as well."""
    before = dict(os.environ)
    with embedded.start("scenario") as server:
        os.environ.update(server.environment())
        embedded.deploy(server, ["demo"])
        yield server.home / "outputs.json"
    os.environ.clear()
    os.environ.update(before)


def written(folder: Path) -> list[str]:
    """A deal that moves, then the page's example, which closes two months: they share a tenant."""
    [example] = re.findall(r"^```text\n(.*?)^```$", (FOLDER / "README.md").read_text("utf-8"), re.M | re.S)
    worked = re.split(r"^(?=scenario \|)", (FOLDER / "worked-examples.txt").read_text("utf-8"), flags=re.M)
    [moves] = [each for each in worked if "A deal moves from A to B" in each]
    files = [folder / "moves.txt", folder / "example.txt"]
    for file, text in zip(files, (moves, example), strict=True):
        file.write_text(text, "utf-8")
    return [str(file) for file in files]


def test_scenarios_hold_on_a_deployed_tenant(
    outputs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["--tenant", "demo", "--outputs", str(outputs), "scenario", "--stack"]
    code = run([*given, *written(tmp_path)])
    said = capsys.readouterr().out
    assert (code, said.count("passed")) == (0, 2), said
    print(said)
