"""The sheets of the workbook: their names, heads and widths, and the formulas of the control sheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from decimal import Decimal

from dualtrack.domain.capitals import capitals
from dualtrack.domain.money import exponent
from dualtrack.domain.published import Publication
from dualtrack.domain.runs import Totals

CONTROL, PAYOUTS, LINES, HELD = "控制 Control", "付款 Payouts", "明细 Lines", "暂扣 Held"
TITLE = "付款批次控制表 Control sheet of a payout run"
CURRENCY, AMOUNT, MINOR = "货币 Currency", "金额 Amount", "最小单位 Minor units"
ITEM, LIVE, BAD = "项目 Item", "本工作簿 This workbook", "不符 MISMATCH"
SUM = "付款合计 Sum of payouts"
CHECKED = (
    SUM,
    "明细合计 Sum of lines",
    "付款 Payouts",
    "应付 Payable",
    "明细 Lines",
    "金额有误 Wrong amounts",
)
HEADS: Mapping[str, Sequence[str]] = {
    CONTROL: (CURRENCY, ITEM, LIVE, "批准 Approved", "核对 Check"),
    PAYOUTS: ("员工 Employee", "姓名 Name", "付款编号 Payout id", CURRENCY, AMOUNT, MINOR, "明细数 Lines"),
    LINES: (
        "员工 Employee", "付款编号 Payout id", "明细编号 Line id", "期间 Period", "类别 Kind", "含义 Meaning",
        CURRENCY, AMOUNT, MINOR,
    ),
    HELD: ("员工 Employee", "原因 Reasons"),
}  # fmt: skip
WIDTHS: Mapping[str, Sequence[int]] = {
    CONTROL: (22, 28, 28, 28, 16),
    PAYOUTS: (18, 20, 38, 12, 20, 20, 12),
    LINES: (18, 38, 38, 12, 14, 20, 12, 20, 20),
    HELD: (18, 100),
}
KINDS: Mapping[str, str] = {
    "regular": "本期应得",
    "adjustment": "往期调整",
    "carried_in": "扣回前期欠款",
    "carried_out": "负数结转下期",
    "draw": "预支",
    "recovery": "预支收回",
    "clawback": "追回已付",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a cell, and how it looks. Of a formula, ``value`` is its result as it is stored."""

    value: str | Decimal
    look: str = "text"
    formula: str = ""


def about(publication: Publication) -> list[tuple[str, str]]:
    """What the run is, who started and who approved it."""
    return [
        ("租户 Tenant", publication.tenant),
        ("批次 Run", publication.run),
        ("批次类型 Kind", publication.kind),
        ("期间 Period", publication.period),
        ("发薪组 Group", publication.group),
        ("付款日 Pay day", publication.pay_day.isoformat()),
        ("发起人 Started by", publication.starter),
        ("批准人 Approved by", ", ".join(publication.approvers)),
        ("批准时间 Approved at", publication.approved_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")),
        ("方案 Plans", ", ".join(publication.plans)),
        ("发薪设置 Pay setup", publication.setup.ref),
    ]


def checks(first: int, currencies: int) -> Cell:
    """OK if every single check says so; ``first`` is the row of the first one, as spreadsheets count."""
    if not currencies:
        return Cell("OK", "check")
    count = currencies * len(CHECKED)
    last = first + currencies * (len(CHECKED) + 1) - 1
    return Cell("OK", "check", f'=IF(COUNTIF(E{first}:E{last},"OK")={count},"OK","{BAD}")')


def live(total: Totals, row: int, payouts: int, lines: int) -> list[list[Cell]]:
    """The rows of one currency: what the other sheets come to by formulas, beside what was approved.

    ``row`` is the number of the first one as spreadsheets count; ``payouts`` and ``lines`` are the rows of
    the two sheets.
    """
    places = exponent(total.currency)
    look, amount = str(places), Decimal(total.amount).scaleb(-places)
    counts = ((Decimal(n), "count") for n in (total.payouts, total.payable, total.lines, 0))
    approved = ((amount, look), (amount, look), *counts)
    formulas = _formulas(_Ranges(PAYOUTS, payouts), _Ranges(LINES, lines), f"$A{row}", 10**places)
    said = [Cell(total.currency), Cell("大写 In capitals"), Cell(capitals(total.amount, total.currency))]
    return [said] + [
        [
            Cell(total.currency),
            Cell(item),
            Cell(*wanted, formula),
            Cell(*wanted),
            Cell("OK", "check", f'=IF(C{number}=D{number},"OK","{BAD}")'),
        ]
        for number, (item, wanted, formula) in enumerate(
            zip(CHECKED, approved, formulas, strict=True), row + 1
        )
    ]


def _formulas(paid: _Ranges, booked: _Ranges, currency: str, unit: int) -> Sequence[str]:
    """In the order of ``CHECKED``. Sums are of minor units, which a spreadsheet adds up exactly."""
    other = "+".join(
        f"SUMPRODUCT(({each.of(CURRENCY)}={currency})*(ROUND({each.of(AMOUNT)}*{unit},0)<>{each.of(MINOR)}))"
        for each in (paid, booked)
    )
    return (
        f"=SUMIFS({paid.of(MINOR)},{paid.of(CURRENCY)},{currency})/{unit}",
        f"=SUMIFS({booked.of(MINOR)},{booked.of(CURRENCY)},{currency})/{unit}",
        f"=COUNTIFS({paid.of(CURRENCY)},{currency})",
        f'=COUNTIFS({paid.of(CURRENCY)},{currency},{paid.of(MINOR)},">0")',
        f"=COUNTIFS({booked.of(CURRENCY)},{currency})",
        f"={other}",
    )


@dataclass(frozen=True, slots=True)
class _Ranges:
    """The columns of a sheet below its head."""

    sheet: str
    rows: int

    def of(self, head: str) -> str:
        """``'明细 Lines'!$G$2:$G$41``."""
        column = "ABCDEFGHI"[HEADS[self.sheet].index(head)]
        return f"'{self.sheet}'!${column}$2:${column}${self.rows + 1}"
