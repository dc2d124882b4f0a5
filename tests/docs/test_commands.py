"""Whatever a page tells people to type exists."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from infra.bundling import ROOT
from infra.cli.__main__ import hoisted
from infra.cli.application import build
from infra.cli.words import use
from infra.dev.parts import PARTS
from tests.docs.pages import commands, pages

SCRIPT = (ROOT / "dev").read_text("utf-8")
NAMED = [(page.relative_to(ROOT), command) for page in pages() for command in commands(page)]
OURS = sorted({command for _, command in NAMED if command.startswith("./dev dualtrack ")})
GLOBAL = {"--tenant", "--lang", "--outputs"}


def offered() -> set[str]:
    """The commands that the script lists for people."""
    return set(re.findall(r"^  ([a-z]+)  ", SCRIPT, re.MULTILINE))


@pytest.mark.parametrize(("page", "command"), NAMED, ids=[f"{page}: {command}" for page, command in NAMED])
def test_a_command_exists(page: Path, command: str) -> None:
    words = shlex.split(command)[1:]
    assert set(words[:1]) <= offered()
    if words[:1] == ["test"]:
        assert set(words[1:]) <= set(PARTS) | {"…"}


def test_the_script_knows_what_it_offers() -> None:
    taken = re.search(r'case "\$command" in\n(.*?)esac', SCRIPT, re.DOTALL)
    assert taken
    known = set(re.findall(r"[a-z]+(?=[|)])", taken[1]))
    assert offered() <= known


def path_of(words: list[str]) -> list[str]:
    """The command's own name among the words of a line: groups and commands, no arguments."""
    group = typer.main.get_command(build())
    path: list[str] = []
    for word in words:
        inside = getattr(group, "commands", {})
        if word not in inside:
            break
        path.append(word)
        group = inside[word]
    return path


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("command", OURS)
def test_a_subcommand_has_help_and_the_options_shown(command: str, language: str) -> None:
    words = hoisted(shlex.split(command)[2:])
    while words[0] in GLOBAL:
        words = words[2:]
    use(language)
    app = build()
    path = path_of(words)
    result = CliRunner().invoke(app, [*path, "--help"], env={"COLUMNS": "200", "TERM": "dumb"})
    use("en")
    assert result.exit_code == 0
    assert path or words == ["--help"]
    for word in words[len(path) :]:
        if word.startswith("--"):
            assert word in result.output
