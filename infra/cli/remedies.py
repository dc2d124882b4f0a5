"""What mends a refused plan: the English sentence, with {} for what changes → the same in Chinese."""

from __future__ import annotations

import re

from infra.cli.scenario_texts import SCENARIO_REMEDIES
from infra.cli.setups_texts import SETUP_REMEDIES
from infra.cli.trying_texts import TRYING_REMEDIES

REMEDIES: dict[str, str] = {
    # of any field
    "write it": "请填写",
    "delete it, or correct its spelling": "请删除，或改正拼写",
    "write a text; a number that is meant as one stands in quotes": ("请写文本；数字作文本时加引号"),
    "write a whole number, without quotes": "请写整数，不加引号",
    "write true or false": "请写 true 或 false",
    "write the key as a text": "键请写成文本",
    "write a text, a list of texts, or a bound such as {}": "请写文本、文本列表，或界限，如 {}",
    "write a list": "请写列表",
    "write a mapping": "请写映射",
    'a float is not exact: write the decimal in quotes, such as "0.95"': (
        '浮点数不精确：请给小数加引号，如 "0.95"'
    ),
    "write a whole number, or a decimal in quotes": "请写整数，或加引号的小数",
    "write a day as YYYY-MM-DD": "请把日期写成 YYYY-MM-DD",
    "write one YAML document": "请写成一个 YAML 文档",
    "write at most {} bytes": "最多 {} 字节",
    "use one of {}": "请用其中之一：{}",
    "name one of {}": "请填其中之一：{}",
    "there is none": "没有可填的",
    "start with a letter, then letters, digits, _ or -, at most 64": (
        "以字母开头，只用字母、数字、_、-，最多 64 个"
    ),
    "give each its own id": "请各用不同的标识",
    "say it in en and in zh": "请用 en 和 zh 两种语言填写",
    "write at least {} rows": "请至少写 {} 行",
    "write at least {}": "请写不小于 {} 的数",
    "write at most {} percent": "最多百分之 {}",
    "write {} to {}": "请写 {} 到 {}",
    "at most {}": "最多 {}",
    "at least the floor {}": "不得小于下限 {}",
    "a day from {} on": "请写 {} 或之后的日期",
    "leave it out": "请删去",
    "{} has {} digits after the point": "{} 小数点后为 {} 位",
    # conditions, gates, modifiers
    "give exactly one of {}": "请恰好给出其中一个：{}",
    "write total: score": "请写 total: score",
    "what is one of {}": "what 为其中之一：{}",
    "leave what out": "请删去 what",
    "give when or any, and not both": "请给出 when 或 any，不可两者都给",
    "give measure or formula, and not both": "请给出 measure 或 formula，不可两者都给",
    "give cap exactly with otherwise: cap": "仅当 otherwise: cap 时给出 cap，且必须给出",
    "the total comes after: payout and awards know it": "此时尚无总分：只能用于付薪与奖项",
    "only deduct can be compound": "只有 deduct 可用 compound",
    # tables and curves
    "let every edge be above the last": "请让每个边界大于前一个",
    "start the table at 0": "表格请从 0 开始",
    "write a formula": "请写公式",
    "write kind: formula, or leave it out": "请写 kind: formula，或删去公式",
    # measures
    "choose another name: formulas know this one": "请另取名称：公式中已有此名",
    "targets are read by their metrics alone": "目标值只由其指标读取",
    "only a ratio has it": "只有 ratio 才有此字段",
    "say it of the numerator and the denominator": "请写在分子与分母的度量上",
    "write window: rolling, or leave it out": "请写 window: rolling，或删去",
    "only a sum makes something of each": "只有 sum 可用 each",
    "give a table or factors": "请给出 table 或 factors",
    # tracks and metrics
    "make the tracks' weights sum to 100": "请让各轨道权重之和为 100",
    "make the metrics' weights sum to 100": "请让各指标权重之和为 100",
    "a weight is 0 or more": "权重不得为负",
    "let one of them not read the other": "请让其中一个不再引用另一个",
    "write a target above 0": "目标值应大于 0",
    "write 4 or 12 shares": "请写 4 个或 12 个份额",
    "make the shares sum to 100": "请让份额之和为 100",
    "give the target a value, and per: year": "请给目标 value，并写 per: year",
    # payout
    "basis total needs a curve of [total, percent]": "basis: total 需要 [总分, 百分比] 曲线",
    "write basis: total, or leave it out": "请写 basis: total，或删去",
    "write cap_amount": "请改用 cap_amount",
    "a cap is in percent of the base": "上限为基数的百分比，此处没有基数",
    "write accumulate: quarter or year, or give the measure the window month": (
        "请写 accumulate: quarter 或 year，或把度量的窗口改为 month"
    ),
    "with falling: inverse a value of 0 has no end: pay on points": (
        "falling: inverse 时数值 0 没有上限：请按得分付薪"
    ),
    "write a rate above 0": "请写大于 0 的汇率",
    "give each day one rate": "每一天只写一个汇率",
    "write one or two rising numbers from 0 to 100": "请写一到两个 0 到 100 之间递增的数",
    "they need basis tracks or total, and calendar_days": "需要 basis: tracks 或 total，并按 calendar_days",
    "edges in targets need on: value": "edges: target 需要 on: value",
    "the metric's measure has to be one of {}": "该指标的度量类型应为：{}",
    "only a value can come together": "只有 on: value 可以累计",
    "only rates can: {}": "只有费率可以累计：{}",
    "give measure {} the window {}": "请让度量 {} 的 window 为 {}",
    "let a metric pay, or write tracks or total": "请让某个指标付薪，或写 tracks 或 total",
    "give an amount or a share": "请给出 amount 或 share",
    "end one of them before, or name others under for": "请让其中一个先结束，或在 for 中写明不同的人",
    "name an IANA zone such as {}": "请写 IANA 时区，如 {}",
    "the tenant's zone is {}": "租户的时区为 {}",
    # formulas
    "write 1 to {} characters": "请写 1 到 {} 个字符",
    "nest at most {} brackets": "括号最多嵌套 {} 层",
    "use numbers, names, + - * / % ^, comparisons, and, or, not, ? :, ??, brackets": (
        "只用数字、名称、+ - * / % ^、比较、and、or、not、? :、??、括号"
    ),
    "open and close every bracket": "请成对书写括号",
    "write min([a, b]), max([a, b]), abs(a), floor(a), ceil(a), round(a) or round(a, 2)": (
        "请写 min([a, b])、max([a, b])、abs(a)、floor(a)、ceil(a)、round(a) 或 round(a, 2)"
    ),
    "write at most {} digits": "最多 {} 位数字",
    "write a power as a whole number from 0 to 99": "乘方请写 0 到 99 的整数",
    "square brackets only list numbers: min([a, b]) or max([a, b])": (
        "方括号只用于列出数字：min([a, b]) 或 max([a, b])"
    ),
    "let it come to a number: condition ? number : number ({})": "请让结果为数字：条件 ? 数 : 数（{}）",
    "let it come to a number: nothing that was tried did ({})": "请让结果为数字：试算均无结果（{}）",
    "let it come to a smaller number: nothing that was tried did ({})": "请让结果更小：试算均溢出（{}）",
    "write min([a, b]), max([a, b]), abs(a), floor(a), ceil(a), round(a) or round(a, 2) ({})": (
        "请写 min([a, b])、max([a, b])、abs(a)、floor(a)、ceil(a)、round(a) 或 round(a, 2)（{}）"
    ),
    "numbers belong to + - * / and comparisons, yes or no to ? and or not ({})": (
        "加减乘除与比较用数字，? 与 and or not 用是非（{}）"
    ),
    "look for an operator or a bracket that is missing, or one too many ({})": (
        "请检查是否缺少或多出运算符或括号（{}）"
    ),
    "write at most {}": "最多 {}",
    # what is published
    "raise its version: a published one stays": "请提高版本号：已发布的不再改变",
    "start it after {}: what is published never changes": "请从 {} 之后开始：已发布的不再改变",
}
_PATTERNS = [
    (re.compile(re.escape(english).replace(r"\{\}", "(.+)")), chinese)
    for english, chinese in (REMEDIES | SCENARIO_REMEDIES | TRYING_REMEDIES | SETUP_REMEDIES).items()
]


def in_chinese(remedy: str) -> str:
    """The sentence in Chinese; one that nobody has translated stays as it is."""
    for pattern, chinese in _PATTERNS:
        if found := pattern.fullmatch(remedy):
            return chinese.format(*found.groups())
    return remedy
