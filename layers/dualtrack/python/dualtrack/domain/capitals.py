"""Amounts in Chinese capitals (大写), as cheques and vouchers state them: 人民币壹万贰仟叁佰肆拾伍元陆角柒分.

The rules: 支付结算办法 (中国人民银行, 银发〔1997〕393号), 附件一 正确填写票据和结算凭证的基本规定, and
会计基础工作规范 (财政部), 第五十二条. Where they leave a choice, this is what is chosen:

- 整 stands after 元 and after 角 (the second page wants it there, the first one allows it), never after the
  smallest part (分);
- 零 stands between 元 and 角 if the amount's 元 is 0 (壹仟陆佰捌拾元零叁角贰分), which both pages allow;
- no 零 stands before a full 仟 (壹拾万柒仟元).

Other currencies are said in the same way with their Chinese name before (GB/T 12406): 元 is then the
currency's unit, 角, 分 and 厘 its tenth, hundredth and thousandth part.
"""

from __future__ import annotations

from dualtrack.domain.errors import refuse
from dualtrack.domain.money import exponent

DIGITS = "零壹贰叁肆伍陆柒捌玖"
STEPS = ((10**8, "亿"), (10**4, "万"), (1000, "仟"), (100, "佰"), (10, "拾"), (1, ""))
PARTS = "角分厘"
NAMES = {
    "AUD": "澳大利亚元", "BHD": "巴林第纳尔", "CAD": "加拿大元", "CHF": "瑞士法郎", "CNY": "人民币",
    "EUR": "欧元", "GBP": "英镑", "HKD": "港元", "INR": "印度卢比", "JPY": "日元", "KRW": "韩元",
    "KWD": "科威特第纳尔", "MOP": "澳门元", "MYR": "马来西亚林吉特", "NZD": "新西兰元", "OMR": "阿曼里亚尔",
    "PHP": "菲律宾比索", "SGD": "新加坡元", "THB": "泰铢", "TWD": "新台币", "USD": "美元", "VND": "越南盾",
}  # fmt: skip


def capitals(minor: int, currency: str) -> str:
    """An amount of minor units, either sign, in capitals behind its currency's name; refuses unknown ones."""
    places = exponent(currency)
    if currency not in NAMES:
        raise refuse("unknown_currency", "currency", currency, f"use one of {', '.join(sorted(NAMES))}")
    whole, rest = divmod(abs(minor), 10**places)
    fraction = f"{rest:0{places}d}" if places else ""
    sign = "负" if minor < 0 else ""
    return NAMES[currency] + sign + _said(whole, fraction)


def _said(whole: int, fraction: str) -> str:
    said = f"{_whole(whole)}元" if whole or not int(fraction or "0") else ""
    gap = whole % 10 == 0
    for digit, part in zip(fraction, PARTS, strict=False):
        if digit == "0":
            gap = True
            continue
        said += ("零" if gap and said else "") + DIGITS[int(digit)] + part
        gap = False
    return said if fraction[1:] and not gap else f"{said}整"


def _whole(number: int) -> str:
    """壹亿零贰拾万: a gap in the digits is one 零, whatever its length."""
    if not number:
        return DIGITS[0]
    unit, name = next(step for step in STEPS if number >= step[0])
    head, rest = divmod(number, unit)
    said = (DIGITS[head] if head < 10 else _whole(head)) + name
    if not rest:
        return said
    return said + ("零" if rest < unit // 10 else "") + _whole(rest)
