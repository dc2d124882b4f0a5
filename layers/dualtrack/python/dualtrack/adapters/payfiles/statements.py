"""Statements: one page for each employee, in Chinese and English, with a font that goes along."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from dualtrack.adapters.payfiles.cells import added, escaped
from dualtrack.domain.errors import Stopped
from dualtrack.domain.money import major
from dualtrack.domain.payouts import Line, Payout
from dualtrack.domain.published import PayFile, Publication, Sums

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

FONT, FILE = "statement", Path(__file__).parent / "fonts" / "statement.ttf"
INDEX, COLUMNS = "index.csv", ("payout_id", "employee", "currency", "amount_minor", "file", "sha256")
EPOCH = (1980, 1, 1, 0, 0, 0)  # the time of every entry of an archive: the same content, the same bytes
LEFT, RIGHT, TOP = 56, 539, 786  # points of an A4 page
FLOOR = 146  # below it stand the net and the footer
ROW, SMALL = 15, 10  # heights of a line's row and of a reason's
KINDS = {
    "regular": "本期薪酬 Regular pay",
    "adjustment": "以前月份差额 Adjustment",
    "carried_in": "扣回欠款 Carried in",
    "carried_out": "结转欠款 Carried on",
    "draw": "预支 Draw",
    "recovery": "收回预支 Recovery",
    "clawback": "追回 Clawback",
}
RUNS = {"regular": "常规 regular", "correction": "更正 correction", "off-cycle": "临时 off-cycle"}


def write(publication: Publication, chunk: str) -> list[PayFile]:
    """One archive with a page for each payout of the chunk, and a list of them."""
    pages = [(_name(payout), payout, statement(publication, payout)) for payout in publication.payouts]
    if not pages:
        return []
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        _put(archive, INDEX, _index(pages))
        for name, _, data in pages:
            _put(archive, name, data)
    return [PayFile(f"statements/{chunk}.zip", packed.getvalue())]


def _put(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    archive.writestr(zipfile.ZipInfo(name, EPOCH), data)


def _name(payout: Payout) -> str:
    return f"{quote(payout.employee, safe=' ')}.pdf"


def _index(pages: Sequence[tuple[str, Payout, bytes]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows(
        (p.id, escaped(p.employee), p.currency, p.amount, name, sha256(data).hexdigest())
        for name, p, data in pages
    )
    return text.getvalue().encode()


def sums(data: bytes) -> Sums:
    """Payouts and their sums by the list; stops if a page is missing, or not the one that is listed."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        found = list(csv.DictReader(io.StringIO(archive.read(INDEX).decode(), newline="")))
        if sorted(archive.namelist()) != sorted([INDEX, *(row["file"] for row in found)]):
            raise Stopped("an archive of statements holds other pages than it lists")
        for row in found:
            if sha256(archive.read(row["file"])).hexdigest() != row["sha256"]:
                raise Stopped(f"the statement {row['file']} is not the one that its archive lists")
    return added((row["currency"], int(row["amount_minor"])) for row in found)


def statement(publication: Publication, payout: Payout) -> bytes:
    """One page: who, for what, each line with its reasons as far as there is room, and the net."""
    from reportlab.lib.pagesizes import A4
    from reportlab.pdfgen.canvas import Canvas

    font()
    data = io.BytesIO()
    canvas = Canvas(data, pagesize=A4, invariant=1, pageCompression=1)
    canvas.setTitle(f"{publication.tenant} {payout.run} {payout.id}")
    page = _Page(canvas)
    page.text(17, "薪酬单 Payout statement", after=26)
    for name, said in _head(publication, payout):
        page.pair(10, name, said, 15)
    page.rule()
    _lines(page, payout)
    page.rule()
    page.pair(13, "实发 Net", f"{major(payout.amount, payout.currency)} {payout.currency}", 24, right=True)
    for each in _footer(publication, payout):
        page.text(7.5, each, after=11)
    canvas.showPage()
    canvas.save()
    return data.getvalue()


@cache
def font() -> frozenset[int]:
    """Register the font once; the characters that it has."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    made = TTFont(FONT, str(FILE))
    pdfmetrics.registerFont(made)
    return frozenset(made.face.charToGlyph)


def shown(text: str) -> str:
    """A text as the font can show it: what it does not have is named by its code point, never left out."""
    known = font()
    return "".join(each if ord(each) in known else f"[U+{ord(each):04X}]" for each in text)


def _head(publication: Publication, payout: Payout) -> Iterator[tuple[str, str]]:
    payee = publication.payees.get(payout.employee)
    yield "公司 Company", publication.tenant
    yield "员工 Employee", " ".join(each for each in (payout.employee, payee.name if payee else "") if each)
    yield "期间 Period", publication.period
    yield "结算 Run", f"{publication.run} ({RUNS[publication.kind]})"
    yield "付款日 Pay day", str(publication.pay_day)
    yield f"方案 Plans ({len(publication.plans)})", ", ".join(publication.plans)
    yield "付款编号 Payout", payout.id


def _footer(publication: Publication, payout: Payout) -> Iterator[str]:
    approvers = ", ".join(publication.approvers)
    yield f"批准 Approved by {approvers}, {publication.approved_at:%Y-%m-%d %H:%M} UTC"
    yield f"全部理由 All reasons: dualtrack payout show {payout.id}"


def _lines(page: _Page, payout: Payout) -> None:
    """As many lines as fit and the sum of the others, so that the page always comes to the net."""
    room = page.rows()
    fits = payout.lines if len(payout.lines) <= room else payout.lines[: room - 1]
    rest = payout.lines[len(fits) :]
    left = sum(len(line.reasons) for line in rest)
    for number, line in enumerate(fits):
        page.pair(10.5, f"{KINDS[line.kind]}  {line.period}", _amount([line]), ROW, right=True)
        left += _reasons(page, line, following=len(fits) - number - 1 + bool(rest))
    if rest:
        name = f"… 另有 {len(rest)} 行 {len(rest)} more lines"
        page.pair(10.5, name, _amount(rest), ROW, right=True)
    if left:
        page.text(7.5, f"… 另有 {left} 条理由 {left} more reasons", indent=12, after=SMALL)


def _reasons(page: _Page, line: Line, following: int) -> int:
    """As many of a line's reasons as the lines that follow leave room for; how many are left out."""
    room = max(0, int((page.y - FLOOR - ROW * following) // SMALL) - 1)
    for reason in line.reasons[:room]:
        page.text(7.5, f"{reason.rule}: {reason.given} = {reason.result}", indent=12, after=SMALL)
    if line.reasons[:room]:
        page.y -= SMALL / 2
    return len(line.reasons[room:])


def _amount(lines: Sequence[Line]) -> str:
    """What lines of one payout, and so of one currency, come to."""
    currency = lines[0].currency
    return f"{major(sum(line.amount for line in lines), currency)} {currency}"


class _Page:
    """Writes from the top down."""

    def __init__(self, canvas: Canvas) -> None:
        self.canvas, self.y = canvas, float(TOP)

    def rows(self) -> int:
        """How many lines fit between here and the net."""
        return int((self.y - FLOOR) // ROW)

    def text(self, size: float, said: str, indent: int = 0, after: float = 14) -> None:
        """A row, cut where the page ends."""
        self.canvas.setFont(FONT, size)
        self.canvas.drawString(LEFT + indent, self.y, self._cut(shown(said), size, RIGHT - LEFT - indent))
        self.y -= after

    def pair(self, size: float, name: str, said: str, after: float, right: bool = False) -> None:
        """A name and what it says; amounts stand at the right."""
        self.canvas.setFont(FONT, size)
        self.canvas.drawString(LEFT, self.y, self._cut(shown(name), size, 320 if right else 120))
        if right:
            self.canvas.drawRightString(RIGHT, self.y, shown(said))
        else:
            self.canvas.drawString(LEFT + 130, self.y, self._cut(shown(said), size, RIGHT - LEFT - 130))
        self.y -= after

    def rule(self) -> None:
        """A line across."""
        self.canvas.setLineWidth(0.5)
        self.canvas.line(LEFT, self.y + 4, RIGHT, self.y + 4)
        self.y -= 14

    def _cut(self, text: str, size: float, width: float) -> str:
        if self.canvas.stringWidth(text, FONT, size) <= width:
            return text
        while text and self.canvas.stringWidth(f"{text}…", FONT, size) > width:
            text = text[:-1]
        return f"{text}…"
