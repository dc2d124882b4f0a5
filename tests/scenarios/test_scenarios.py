"""Every scenario of this folder, and the page about their format against the grammar."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from infra.scenario import grammar
from infra.scenario.memory import MemoryTenant
from infra.scenario.parse import Scenario, parse
from infra.scenario.play import play

HERE = Path(__file__).parent
PAGE = HERE / "README.md"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
SCENARIOS = [
    each
    for file in sorted(HERE.rglob("*.txt"))
    for each in parse(file.read_text("utf-8"), str(file.relative_to(HERE.parents[1])))
]


def table() -> dict[str, tuple[str, ...]]:
    """The page's rows: the cells after each command."""
    rows = re.findall(r"^\| (`.+)\|$", PAGE.read_text("utf-8"), re.MULTILINE)
    cells = [[cell.strip() for cell in row.split("|")] for row in rows]
    return {first: tuple(rest) for first, *rest in cells}


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda each: each.title)
def test_scenario(scenario: Scenario) -> None:
    assert play(scenario, MemoryTenant(NOW)) == []


def test_titles_are_unique_because_names_on_a_stack_are_made_from_them() -> None:
    titles = [each.title for each in SCENARIOS]
    assert len(titles) == len(set(titles))


def test_every_command_is_on_the_page_and_every_one_of_the_page_exists() -> None:
    listed = {name for cell in table() for name in re.findall(r"`([a-z ]+)`", cell)}
    assert listed == {each.name for each in grammar.COMMANDS} | {"event"}


@pytest.mark.parametrize("command", grammar.COMMANDS, ids=lambda each: each.name)
def test_the_page_has_a_commands_columns_and_words(command: grammar.Command) -> None:
    row = next(rest for first, rest in table().items() if f"`{command.name}`" in first)
    chinese, columns, cells = row[:3]
    said = [each.strip() for each in columns.replace(" *(may be empty)*", "?").split(",") if each.strip()]
    assert command.chinese in chinese.split(", ")
    assert said == [_place(each, command) for each in command.places]
    assert re.findall(r"`([a-z]+)`", cells) == [each.name for each in command.named]
    assert bool(re.search(r"any `\w+ \w+`", cells)) == bool(command.free)


def _place(place: grammar.Column, command: grammar.Command) -> str:
    return place.name + ("?" if place.optional else "") + (" …" if command.many else "")


def test_the_page_has_the_chinese_words_of_all_cells() -> None:
    text = PAGE.read_text("utf-8")
    assert [
        f"`{english}` {word}"
        for english, word in grammar.CHINESE.items()
        if f"`{english}` {word}" not in text
    ] == []


def test_the_pages_example_runs() -> None:
    [example] = re.findall(r"^```text\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    [scenario] = parse(example, str(PAGE))
    assert len(scenario.rows) > 15
    assert play(scenario, MemoryTenant(NOW)) == []
