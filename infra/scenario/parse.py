"""From text to scenarios: lines into cells, cells into rows that fit the grammar; every mistake is named."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any

from dualtrack.domain.errors import Problem, Refused, problem
from infra.scenario.cells import Wrong, decimal
from infra.scenario.grammar import CHINESE, SCENARIO, WORDS, Column, Command, command

COMMENT = re.compile(r"(?:(?<=\|)\s*|^\s*|\s\s+)#.*")
NAMED = {chinese: english for english, chinese in CHINESE.items()}


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell with the column of the text at which it begins, from 1."""

    text: str
    column: int


@dataclass(frozen=True, slots=True)
class Row:
    """One row that fits the grammar.

    ``given``: values by column name; ``free``: the cells ``name value`` besides. ``block``: the indented
    lines below it. ``refused``: parts of the reason for which it is expected to be refused, if it is.
    """

    line: int
    text: str
    command: str
    given: Mapping[str, Any]
    free: Mapping[str, Any] = field(default_factory=dict)
    block: str = ""
    refused: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario of a file: a tenant of its own and what happens to it. ``text`` seeds what is shuffled."""

    file: str
    title: str
    rows: tuple[Row, ...]
    text: str = ""


class _Mistake(Exception):
    """One thing that is wrong in a line, or so many lines below it."""

    def __init__(self, column: int, value: str, remedy: str, below: int = 0) -> None:
        super().__init__(remedy)
        self.column, self.value, self.remedy, self.below = column, value, remedy, below


def parse(text: str, file: str) -> list[Scenario]:
    """The scenarios of a file; refuses with line, column, value and remedy of every mistake."""
    found: list[Row] = []
    wrong: list[Problem] = []
    for number, line, block in _lines(text):
        try:
            _take(found, number, line, block, begun=bool(found or wrong))
        except _Mistake as mistake:
            where = f"{file}:{number + mistake.below}:{mistake.column}"
            wrong.append(problem("bad_row", where, mistake.value, mistake.remedy))
    if not found and not wrong:
        wrong.append(problem("bad_row", f"{file}:1:1", "nothing", "begin with: scenario | what it is about"))
    if wrong:
        raise Refused(*wrong)
    return list(_sections(file, found, text))


def _lines(text: str) -> Iterator[tuple[int, str, str]]:
    """Number and text of every line with a row, and the indented lines that follow it."""
    lines = text.removeprefix("\ufeff").replace("｜", "|").splitlines()
    rows = [n for n, line in enumerate(lines) if line.strip() and not line.lstrip().startswith("#")]
    heads = [n for n in rows if not lines[n][0].isspace()] or rows[:1]
    for n, after in zip(heads, [*heads, len(lines)][1:], strict=True):
        yield n + 1, lines[n], "\n".join(lines[n + 1 : after])


def _take(found: list[Row], number: int, line: str, block: str, begun: bool) -> None:
    cells = _cells(line)
    chosen = command(cells[0].text) or _unknown(cells[0])
    if not begun and chosen is not SCENARIO:
        raise _Mistake(cells[0].column, cells[0].text, "begin with: scenario | what it is about")
    if chosen.name != "plan":
        _nothing_indented(block)
    row = _row(chosen, cells, number, line, block)
    if chosen.name != "expect refused":
        found.append(row)
    elif found:
        found[-1] = _expected(found[-1], row, cells[0])


def _nothing_indented(block: str) -> None:
    for below, line in enumerate(block.splitlines(), 1):
        if line.strip() and not line.lstrip().startswith("#"):
            remedy = "begin a row at the left margin; only a plan stands indented"
            raise _Mistake(1, line.strip(), remedy, below)


def _cells(line: str) -> list[Cell]:
    """Cells between ``|`` (a tab counts as one); a bar at either end means nothing, a comment ends a row."""
    cells: list[Cell] = []
    column = 1
    for part in COMMENT.sub("", line.replace("\t", "|")).split("|"):
        text = part.strip()
        cells.append(Cell(text, column + len(part) - len(part.lstrip()) if text else column))
        column += len(part) + 1
    while len(cells) > 1 and not cells[-1].text:
        cells.pop()
    return cells[1:] if len(cells) > 1 and not cells[0].text else cells


def _unknown(cell: Cell) -> Command:
    near = get_close_matches("".join(cell.text.split()).lower(), WORDS, 1)
    remedy = f"did you mean {WORDS[near[0]].name}?" if near else f"write one of {_known()}"
    raise _Mistake(cell.column, cell.text, remedy)


def _known() -> str:
    return ", ".join(dict.fromkeys(each.name for each in WORDS.values()))


def _row(chosen: Command, cells: Sequence[Cell], number: int, line: str, block: str) -> Row:
    placed, rest = _placed(chosen, cells)
    named, free = _named(chosen, rest)
    wanted = [column for column in chosen.named if not column.optional and column.name not in named]
    if wanted:
        example = f"{wanted[0].name} …"
        raise _Mistake(len(line) + 1, "missing", f"{chosen.name} needs the cell: {example}")
    return Row(number, " ".join(line.split()), chosen.name, placed | named, free, block)


def _placed(chosen: Command, cells: Sequence[Cell]) -> tuple[dict[str, Any], Sequence[Cell]]:
    """The values of the places, in their order, and the cells after them."""
    given: dict[str, Any] = {}
    if chosen.many:
        texts = [cell.text for cell in cells[1:] if cell.text]
        if not texts:
            raise _Mistake(cells[0].column, cells[0].text, "write a part of the reason after it")
        return {chosen.places[0].name: tuple(texts)}, ()
    for n, place in enumerate(chosen.places, 1):
        cell = cells[n] if n < len(cells) else Cell("", cells[-1].column + len(cells[-1].text))
        if cell.text:
            given[place.name] = _value(place, cell.text, cell)
        elif not place.optional:
            names = " | ".join((chosen.name, *(each.name for each in chosen.places)))
            raise _Mistake(cell.column, "missing", f"write the {place.name}: {names}")
    return given, cells[len(chosen.places) + 1 :]


def _value(column: Column, text: str, cell: Cell) -> Any:
    try:
        return column.read(text)
    except Wrong as wrong:
        raise _Mistake(cell.column, cell.text, f"{column.name}: {wrong}") from None


def _named(chosen: Command, cells: Iterable[Cell]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The cells ``name value``: those the command knows, and the free ones."""
    known = {column.name: column for column in chosen.named}
    given: dict[str, Any] = {}
    free: dict[str, Any] = {}
    for cell in cells:
        word, _, rest = cell.text.partition(" ")
        name = NAMED.get(word, word) if NAMED.get(word, word) in known else word
        if not cell.text:
            continue
        if name in given or name in free:
            raise _Mistake(cell.column, cell.text, f"{name} stands there already: once is enough")
        if name in known:
            given[name] = _value(known[name], rest.strip(), cell)
        elif chosen.free and rest:
            free[name] = _free(chosen.free, rest.strip(), cell)
        else:
            raise _Mistake(cell.column, cell.text, _allowed(chosen))
    return given, free


def _allowed(chosen: Command) -> str:
    names = ", ".join(column.name for column in chosen.named)
    if chosen.free:
        return "write a name and its value" + (f"; {chosen.name} also knows {names}" if names else "")
    return f"{chosen.name} knows here: {names}" if names else f"{chosen.name} has no more columns"


def _free(kind: str, text: str, cell: Cell) -> Any:
    """An expected number; a fact's value is a number where it is one, and else a label."""
    if kind == "numbers":
        return _value(Column(text, "wanted"), text, cell)
    try:
        return decimal(text)
    except Wrong:
        return text


def _expected(before: Row, refused: Row, cell: Cell) -> Row:
    """The row above, which is expected to be refused."""
    if before.command == SCENARIO.name or before.command.startswith("expect") or before.refused is not None:
        raise _Mistake(cell.column, cell.text, "write it below the row that is to be refused")
    return replace(before, refused=refused.given["reason"])


def _sections(file: str, rows: Sequence[Row], text: str) -> Iterator[Scenario]:
    starts = [n for n, row in enumerate(rows) if row.command == SCENARIO.name]
    for start, end in zip(starts, [*starts[1:], len(rows)], strict=True):
        yield Scenario(file, rows[start].given["title"], tuple(rows[start + 1 : end]), text)
