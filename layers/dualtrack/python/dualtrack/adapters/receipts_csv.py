"""A list of receipts as CSV: one row for each payment, heads in English or Chinese, UTF-8 or GB18030."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence

from dualtrack.domain.errors import Problem, Refused, problem, refuse
from dualtrack.domain.payments import OUTCOMES, PAID, REJECTED, Receipt

HEADS = {
    "payout_id": "payout_id", "attempt": "attempt", "outcome": "outcome", "code": "code", "text": "text",
    "at": "at", "amount": "amount", "currency": "currency", "付款编号": "payout_id", "次数": "attempt",
    "结果": "outcome", "代码": "code", "说明": "text", "时间": "at", "金额": "amount", "币种": "currency",
}  # fmt: skip
NEEDED = ("payout_id", "outcome")
WORDS = {"成功": PAID, "失败": REJECTED, "已付": PAID, "退回": REJECTED}
DIGITS, LONGEST = 4, 2000  # of an attempt, and characters of a cell
Row = Mapping[str, str]


def read(data: bytes) -> list[Receipt]:
    """Receipts in the order of rows; columns that are not ours are left out. Refuses with every fault."""
    found, wrong = [], []
    for number, row in _rows(data):
        problems = list(_faults(number, row))
        wrong += problems
        if not problems:
            found.append(_receipt(row))
    if wrong:
        raise Refused(*wrong)
    if not found:
        raise refuse("missing", "file", "no row", "a row for each payment that something is known of")
    return found


def _rows(data: bytes) -> list[tuple[int, Row]]:
    """Cells by our names, with the number of the line on which a row ends."""
    lines = csv.reader(io.StringIO(_text(data), newline=""), strict=True)
    try:
        heads = _heads(next(lines, []))
        return [(lines.line_num, _named(heads, cells, lines.line_num)) for cells in lines if any(cells)]
    except csv.Error as error:
        raise refuse("not_csv", f"line {lines.line_num}", str(error), "quote a cell as CSV does") from None


def _heads(cells: Sequence[str]) -> list[str]:
    heads = [HEADS.get(cell.strip().lower(), "") for cell in cells]
    missing = [name for name in NEEDED if name not in heads]
    if missing:
        raise refuse("missing", "first row", ", ".join(missing), f"heads are {', '.join(HEADS)}")
    double = sorted({head for head in heads if head and heads.count(head) > 1})
    if double:
        raise refuse("twice", "first row", ", ".join(double), "give each column its own head")
    return heads


def _named(heads: Sequence[str], cells: Sequence[str], number: int) -> Row:
    if len(cells) != len(heads):
        remedy = f"a row has as many cells as there are heads: {len(heads)}; a comma in a text needs quotes"
        raise refuse("not_csv", f"line {number}", f"{len(cells)} cells", remedy)
    return {head: cell.strip() for head, cell in zip(heads, cells, strict=True) if head}


def _text(data: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise refuse("not_csv", "file", data[:20], "save it as UTF-8 or GB18030")


def _outcome(row: Row) -> str:
    return WORDS.get(row["outcome"], row["outcome"].lower())


def _faults(number: int, row: Row) -> Iterator[Problem]:
    if not row["payout_id"]:
        yield problem("missing", f"row {number} payout_id", "", "every row names a payout")
    if _outcome(row) not in OUTCOMES:
        yield problem("unknown_choice", f"row {number} outcome", row["outcome"], f"use {', '.join(OUTCOMES)}")
    attempt = row.get("attempt", "")
    if attempt and not (attempt.isascii() and attempt.isdigit() and len(attempt) <= DIGITS and int(attempt)):
        remedy = "a whole number from 1 on, or nothing"
        yield problem("not_a_number", f"row {number} attempt", attempt, remedy)
    for name, cell in row.items():
        if len(cell) > LONGEST:
            yield problem("too_long", f"row {number} {name}", cell, f"write at most {LONGEST} characters")


def _receipt(row: Row) -> Receipt:
    more = (row.get(name, "") for name in ("code", "text", "at", "amount", "currency"))
    return Receipt(row["payout_id"], int(row.get("attempt") or 0), _outcome(row), *more)
