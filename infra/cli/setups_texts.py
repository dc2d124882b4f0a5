"""What mends a pay setup, in Chinese: the English sentence, with {} for what changes."""

from __future__ import annotations

SETUP_REMEDIES: dict[str, str] = {
    "write a time as HH:MM": "请把时间写成 HH:MM",
    "write a month as YYYY-MM": "请把月份写成 YYYY-MM",
    "write one character": "请写一个字符",
    "exactly one group has nobody named: it takes all others": "应恰有一个分组不写任何人：其余所有人都归它",
    "calendars: {}": "可用的日历：{}",
    "days from 0 (Monday) to 6, and not all seven": "请写 0（周一）到 6，且不可七天全写",
    "a day is a holiday or worked, not both": "一天要么放假，要么上班，不可两者都写",
    "rows of [months, percent]: rising months, falling percents of at most 100": (
        "请写 [月数, 百分比] 行：月数递增，百分比递减且不超过 100"
    ),
    "use some of {}": "请用其中一些：{}",
    "use {}": "请用 {}",
    "name each once": "每个只写一次",
    "lines.csv is what amounts are shown by: write it too": "金额以 lines.csv 为凭：请一并写出",
    "pain001 needs the account of each currency that is paid": "pain001 需要每个付款币种的付款账户",
    "bank needs banks, and accounts: tenant": "bank 需要 banks，并写 accounts: tenant",
    "write debit and credit for every kind of line": "请为每种明细写出 debit 与 credit",
    "one profile for each currency: two would pay everybody twice": "每个币种只有一个格式：两个会重复付款",
    "order by one of them: both would pay everybody twice": "只用其中一种下单：两种会重复付款",
    "the separator is a tab already": "分隔符已经是制表符",
    "a bank has to be told how much": "银行须知道金额",
    "give field or constant, not both": "请给出 field 或 constant，不可两者都给",
}
