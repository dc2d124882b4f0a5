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
        found.add(lines[start : start + BATCH], start + 1)
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
        self._decode = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str).decode

    def add(self, some: Sequence[str], start: int) -> None:
        """Lines from one on. Rows of one shape, which have the same keys, become columns at once."""
        objects = self._together(some, start) or self._one_by_one(some, start)
        shapes: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for row, each in enumerate(objects):
            shapes[tuple(each)].append(row)
        blank, found = [""] * len(objects), dict[str, list[str]]()
        for keys, rows in shapes.items():
            turned = zip(*(objects[row].values() for row in rows), strict=True)
            for key, cells in zip(keys, turned, strict=True):
                self._put(found.setdefault(key, blank[:]), key, rows, cells)
        for key, added in found.items():
            self.columns.setdefault(key, [""] * (len(self.lines) - len(objects))).extend(added)
        for column in self.columns.values():
            column += [""] * (len(self.lines) - len(column))

    def _together(self, some: Sequence[str], start: int) -> list[dict[str, Any]]:
        """The objects of lines that are surely one each, decoded at once; empty if they may not be.

        No text of theirs can go on in the next line, so neither can an object that closes a line.
        """
        text = ",".join(some)
        if "\\" in text or not all(map(_closed, some)):
            return []
        try:
            found: list[dict[str, Any]] = self._decode(f"[{text}]")
        except json.JSONDecodeError:
            return []
        if len(found) == len(some):
            self.lines += range(start, start + len(some))
            return found
        return []

    def _one_by_one(self, some: Sequence[str], start: int) -> list[dict[str, Any]]:
        objects = []
        for number, line in enumerate(some, start):
            if not line or line.isspace():
                continue
            try:
                each = self._decode(line)
            except json.JSONDecodeError as error:
                self._say("not_json", f"line {number}", str(error), ONE_A_LINE)
                continue
            if isinstance(each, dict):
                objects.append(each)
                self.lines.append(number)
            else:
                self._say("not_an_object", f"line {number}", line, ONE_A_LINE)
        return objects

    def _put(self, column: list[str], key: str, rows: Sequence[int], cells: Sequence[Any]) -> None:
        if set(map(type, cells)) != {str}:
            first = len(self.lines) - len(column)
            cells = [self._text(key, first + row, cell) for row, cell in zip(rows, cells, strict=True)]
        if len(rows) == len(column):
            column[:] = cells
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


def _closed(line: str) -> bool:
    return line[:1] == "{" and line[-1:] == "}" and line.count('"') % 2 == 0
