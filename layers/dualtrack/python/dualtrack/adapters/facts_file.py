"""Files of facts: CSV or JSON lines become columns of texts; ``app/statements.py`` says what they mean."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from io import StringIO
from typing import Any

from dualtrack.app.sheet import Sheet
from dualtrack.domain.errors import Problem, Refused, problem, refuse

JSON_ENDINGS = (".json", ".jsonl", ".ndjson")
PADDED = (", ", " ,", "\n ", " \n", "\t")
BLOCK = 1 << 18  # characters
ONE_A_LINE = "write one JSON object on each line, each a fact"
FLAGS = {True: "true", False: "false", None: ""}


def read(name: str, text: str) -> Sheet:
    """The columns of a file by its name's ending, else by how it begins; refuses with every wrong line."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    return _objects(name, text) if _is_json(name, text) else _table(name, text)


def floor(name: str, text: str, numbers: Sequence[str]) -> Decimal:
    """The least there is to do: read the rows with the standard library, add up these numbers of theirs."""
    total = Decimal(0)
    for row in _plain_rows(name, text.removeprefix("\ufeff")):
        for number in numbers:
            if cell := row.get(number):
                total += Decimal(cell)
    return total


def _plain_rows(name: str, text: str) -> Iterator[Mapping[str, Any]]:
    if _is_json(name, text):
        decode = json.JSONDecoder(parse_float=Decimal, parse_int=Decimal).decode
        return (decode(line) for line in text.splitlines() if line.strip())
    return csv.DictReader(StringIO(text, newline=""))


def _is_json(name: str, text: str) -> bool:
    if name.lower().endswith(JSON_ENDINGS):
        return True
    return not name.lower().endswith(".csv") and text.lstrip()[:1] in ("{", "[")


# ---- CSV


def _table(name: str, text: str) -> Sheet:
    heads = _heads(name, text)
    columns = _split(text, len(heads))
    if columns is not None:
        lines: Sequence[int] = range(2, 2 + len(columns[0]))
    else:
        columns, lines = _parsed(name, text, len(heads))
    return Sheet(name, dict(zip(heads, columns, strict=True)), lines)


def _heads(name: str, text: str) -> list[str]:
    heads = [head.strip() for head in next(_rows(name, text), (1, [""]))[1]]
    wrong = [head for n, head in enumerate(heads) if not head or head in heads[:n]]
    if wrong:
        reason = "twice" if wrong[0] else "missing"
        raise refuse(reason, f"{name} line 1", wrong[0], "name every column, once")
    return heads


def _split(text: str, width: int) -> list[list[str]] | None:
    """Columns of a table that needs no parser, three times as fast as with one; None if this one does."""
    if '"' in text or any(each in text for each in PADDED):
        return None
    columns: list[list[str]] = [[] for _ in range(width)]
    for block in _blocks(text if text.endswith("\n") else text + "\n"):
        cells = _cells(block, width + 1)
        if cells is None:
            return None
        for n, column in enumerate(columns):
            column += cells[n :: width + 1]
    return columns


def _blocks(text: str) -> Iterator[str]:
    """Whole lines, without the first one, a piece at a time: what fits into the processor's cache is fast."""
    start = text.index("\n") + 1
    while start < len(text):
        end = text.find("\n", start + BLOCK) + 1 or len(text)
        yield text[start:end]
        start = end


def _cells(block: str, width: int) -> list[str] | None:
    """Cells of lines; every line end is one too, so that a line with too few or too many shows."""
    cells = block.replace("\n", ",\n,").split(",")
    cells.pop()
    ends = cells[width - 1 :: width]
    whole = len(cells) == width * len(ends) and len(ends) == block.count("\n") and set(ends) == {"\n"}
    return cells if whole else None


def _parsed(name: str, text: str, width: int) -> tuple[list[list[str]], list[int]]:
    rows, wrong = [], []
    for line, row in _rows(name, text):
        if len(row) == width:
            rows.append((line, [cell.strip() for cell in row]))
        elif row:
            remedy = f"write {width} cells, as the first line does; quote what holds a comma"
            wrong.append(problem("cells", f"{name} line {line}", f"{len(row)} cells", remedy))
    if wrong:
        raise Refused(*wrong)
    return [[row[n] for _, row in rows[1:]] for n in range(width)], [line for line, _ in rows[1:]]


def _rows(name: str, text: str) -> Iterator[tuple[int, list[str]]]:
    """Rows with the line on which each begins."""
    reader = csv.reader(StringIO(text, newline=""), strict=True)
    line = 1
    try:
        for row in reader:
            yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        place = f"{name} line {line}"
        raise refuse("not_csv", place, str(error), "close every quote that is opened") from None


# ---- JSON lines


def _objects(name: str, text: str) -> Sheet:
    listed = [(n, line) for n, line in enumerate(text.split("\n"), 1) if line and not line.isspace()]
    lines = [n for n, _ in listed]
    objects = _decoded(name, [line for _, line in listed], lines)
    names = list(dict.fromkeys(key for each in objects for key in each))
    columns = {key: [each.get(key) for each in objects] for key in names}
    wrong: list[Problem] = []
    texts = {key: _texts(f"{name} line", key, column, lines, wrong) for key, column in columns.items()}
    if wrong:
        raise Refused(*wrong)
    return Sheet(name, texts, lines)


def _decoded(name: str, found: Sequence[str], lines: Sequence[int]) -> list[Mapping[str, object]]:
    """Numbers stay the texts that they are, to the last digit."""
    decode = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str).decode
    objects: list[Mapping[str, object]] = []
    wrong = []
    for text, line in zip(found, lines, strict=True):
        try:
            each = decode(text)
        except json.JSONDecodeError as error:
            wrong.append(problem("not_json", f"{name} line {line}", str(error), ONE_A_LINE))
            continue
        if isinstance(each, dict):
            objects.append(each)
        else:
            wrong.append(problem("not_an_object", f"{name} line {line}", text, ONE_A_LINE))
    if wrong:
        raise Refused(*wrong)
    return objects


def _texts(
    place: str, key: str, column: list[Any], lines: Sequence[int], wrong: list[Problem]
) -> Sequence[str]:
    if set(map(type, column)) == {str}:
        return column
    wrong += [
        problem("not_a_text", f"{place} {lines[n]}, {key}", cell, "write a text, a number, true or false")
        for n, cell in enumerate(column)
        if isinstance(cell, list | dict)
    ]
    return [cell if isinstance(cell, str) else FLAGS[cell] for cell in column] if not wrong else []
