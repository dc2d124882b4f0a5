"""Files of facts: CSV or JSON lines become columns of texts; ``app/statements.py`` says what they mean."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from io import StringIO
from typing import Any

from dualtrack.app.sheet import Sheet
from dualtrack.domain.errors import Problem, Refused, problem, refuse

JSON_ENDINGS = (".json", ".jsonl", ".ndjson")
PADDED = (", ", " ,", "\n ", " \n", "\t")
BLOCK = 1 << 18  # characters
BATCH = 4096  # lines
ONE_A_LINE = "write one JSON object on each line, each a fact"
WORDS = {True: "true", False: "false", None: ""}


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
    found, lines = _Objects(name), text.split("\n")
    for start in range(0, len(lines), BATCH):
        some = enumerate(lines[start : start + BATCH], start + 1)
        found.add([(number, said) for number, line in some if (said := line.strip())])
    if found.wrong:
        raise Refused(*found.wrong)
    return Sheet(name, found.columns, found.lines)


class _Objects:
    """JSON objects on their way to columns, a batch of lines at a time; collects what is wrong."""

    def __init__(self, name: str) -> None:
        self.columns: dict[str, list[str]] = {}
        self.lines: list[int] = []
        self.wrong: list[Problem] = []
        self._name = name
        # Numbers stay the texts that they are, to the last digit.
        self._decode = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str).raw_decode

    def add(self, some: Sequence[tuple[int, str]]) -> None:
        """Rows of one shape, which have the same keys, become columns at once."""
        objects = self._decoded(some)
        shapes: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for row, each in enumerate(objects, len(self.lines) - len(objects)):
            shapes[tuple(each)].append(row)
        for column in self.columns.values():
            column += [""] * len(objects)
        first = len(self.lines) - len(objects)
        for keys, rows in shapes.items():
            turned = zip(*(objects[row - first].values() for row in rows), strict=True)
            for key, cells in zip(keys, turned, strict=True):
                self._put(key, rows, cells)

    def _decoded(self, some: Sequence[tuple[int, str]]) -> list[dict[str, Any]]:
        objects = []
        for line, said in some:
            try:
                each, end = self._decode(said)
            except json.JSONDecodeError as error:
                self._say("not_json", f"line {line}", str(error), ONE_A_LINE)
                continue
            if end == len(said) and isinstance(each, dict):
                objects.append(each)
                self.lines.append(line)
            else:
                self._say("not_an_object", f"line {line}", said, ONE_A_LINE)
        return objects

    def _put(self, key: str, rows: Sequence[int], cells: Sequence[Any]) -> None:
        column = self.columns.setdefault(key, [""] * len(self.lines))
        if set(map(type, cells)) != {str}:
            cells = [self._text(key, row, cell) for row, cell in zip(rows, cells, strict=True)]
        if rows[-1] - rows[0] + 1 == len(rows):
            column[rows[0] : rows[-1] + 1] = cells
            return
        for row, cell in zip(rows, cells, strict=True):
            column[row] = cell

    def _text(self, key: str, row: int, cell: Any) -> str:
        if isinstance(cell, list | dict):
            place = f"line {self.lines[row]}, {key}"
            self._say("not_a_text", place, repr(cell), "write a text, a number, true or false")
            return ""
        return cell if isinstance(cell, str) else WORDS[cell]

    def _say(self, reason: str, place: str, value: str, remedy: str) -> None:
        self.wrong.append(problem(reason, f"{self._name} {place}", value, remedy))
