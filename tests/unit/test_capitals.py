"""Amounts in capitals, by the rules for vouchers; the first six are the examples of the rules themselves."""

from __future__ import annotations

import pytest

from dualtrack.domain.capitals import NAMES, capitals
from dualtrack.domain.errors import Refused
from dualtrack.domain.money import EXPONENTS

YUAN = [
    # 支付结算办法, 附件一, 第五条.
    ("1409.50", "壹仟肆佰零玖元伍角整"),
    ("6007.14", "陆仟零柒元壹角肆分"),
    ("1680.32", "壹仟陆佰捌拾元零叁角贰分"),
    ("107000.53", "壹拾万柒仟元零伍角叁分"),
    ("16409.02", "壹万陆仟肆佰零玖元零贰分"),
    ("325.04", "叁佰贰拾伍元零肆分"),
    ("12345.67", "壹万贰仟叁佰肆拾伍元陆角柒分"),
    ("1004.00", "壹仟零肆元整"),
    # Small, and around 元.
    ("0.00", "零元整"),
    ("0.01", "壹分"),
    ("0.05", "伍分"),
    ("0.10", "壹角整"),
    ("0.50", "伍角整"),
    ("0.99", "玖角玖分"),
    ("1.00", "壹元整"),
    ("1.01", "壹元零壹分"),
    ("1.10", "壹元壹角整"),
    ("10.00", "壹拾元整"),
    ("10.05", "壹拾元零伍分"),
    ("10.50", "壹拾元零伍角整"),
    ("11.00", "壹拾壹元整"),
    ("20.02", "贰拾元零贰分"),
    # Gaps: one 零, whatever their length.
    ("100.00", "壹佰元整"),
    ("101.00", "壹佰零壹元整"),
    ("110.00", "壹佰壹拾元整"),
    ("1000.00", "壹仟元整"),
    ("1010.50", "壹仟零壹拾元零伍角整"),
    ("10000.00", "壹万元整"),
    ("10001.00", "壹万零壹元整"),
    ("10010.00", "壹万零壹拾元整"),
    ("11000.00", "壹万壹仟元整"),
    ("100500.00", "壹拾万零伍佰元整"),
    ("1000000.00", "壹佰万元整"),
    ("10050000.00", "壹仟零伍万元整"),
    ("20000000.09", "贰仟万元零玖分"),
    ("100000000.00", "壹亿元整"),
    ("100000000.01", "壹亿元零壹分"),
    ("100200300.00", "壹亿零贰拾万零叁佰元整"),
    ("110000000.00", "壹亿壹仟万元整"),
    ("600008892.37", "陆亿零捌仟捌佰玖拾贰元叁角柒分"),
    ("1000000000000.00", "壹万亿元整"),
    ("1000000010000.00", "壹万亿零壹万元整"),
    ("99999999999.99", "玖佰玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分"),
    # Taken back.
    ("-0.05", "负伍分"),
    ("-200.00", "负贰佰元整"),
]


@pytest.mark.parametrize(("amount", "said"), YUAN)
def test_yuan(amount: str, said: str) -> None:
    assert capitals(int(amount.replace(".", "")), "CNY") == f"人民币{said}"


@pytest.mark.parametrize(
    ("minor", "currency", "said"),
    [
        (123_450, "USD", "美元壹仟贰佰叁拾肆元伍角整"),
        (10_000, "JPY", "日元壹万元整"),
        (0, "JPY", "日元零元整"),
        (400_001, "JPY", "日元肆拾万零壹元整"),
        (100_05, "HKD", "港元壹佰元零伍分"),
        (1_234, "KWD", "科威特第纳尔壹元贰角叁分肆厘"),
        (1_030, "KWD", "科威特第纳尔壹元零叁分整"),
        (1_204, "KWD", "科威特第纳尔壹元贰角零肆厘"),
        (-100, "EUR", "欧元负壹元整"),
    ],
)
def test_other_currencies_have_their_name_before(minor: int, currency: str, said: str) -> None:
    assert capitals(minor, currency) == said


def test_every_currency_that_can_be_paid_has_a_name() -> None:
    assert NAMES.keys() == EXPONENTS.keys()


def test_an_unknown_currency_is_refused() -> None:
    with pytest.raises(Refused, match="unknown_currency"):
        capitals(1, "XXX")
