"""The rules and fixed results of explanations: as the domain says them → (English, Chinese)."""

from __future__ import annotations

import re

from infra.cli.words import LANGUAGES, language

RULES: dict[str, tuple[str, str]] = {
    # from value to points
    "value": ("value", "实际值"),
    "target": ("target", "目标"),
    "no data": ("no data", "无数据"),
    "attainment": ("attainment", "完成率"),
    "curve": ("curve", "曲线"),
    "formula": ("formula", "公式"),
    "cap and floor": ("cap and floor", "上下限"),
    "gate": ("gate", "门槛"),
    "add": ("points added", "加分"),
    "multiply": ("points multiplied", "乘以系数"),
    "deduct": ("points deducted", "扣分"),
    "track": ("track: Σ weight × points / weights", "轨道：Σ 权重 × 得分 ÷ 权重之和"),
    # from points to money
    "threshold": ("threshold", "起付线"),
    "payout curve": ("payout curve", "薪酬曲线"),
    "payout cap": ("payout cap", "薪酬上限"),
    "base × tracks × days": ("base × tracks × days", "基数 × 轨道得分 × 天数"),
    "quarter so far": ("quarter so far", "本季度累计"),
    "pays": ("paid by the metric itself", "指标自身付薪"),
    "factor": ("factor", "系数"),
    "guarantee": ("guarantee", "保底"),
    "award": ("award", "奖项"),
    "part": ("part of the month", "当月分段"),
    "rounding": ("rounding", "舍入"),
    # between payouts
    "restated": ("restated", "重述"),
    "draw": ("draw paid in advance", "预支"),
    "clawback": ("taken back", "追回"),
    "balance": ("taken of what is owed", "扣回欠款"),
    "rate": ("rate of exchange", "汇率"),
    "recovery": ("draw recovered", "收回预支"),
}
RESULTS: dict[str, str] = {
    "none": "无",
    "no target": "没有目标",
    "target below 0": "目标为负",
    "no data": "无数据",
    "does not apply": "不适用",
    "ineligible": "不合格",
    "excluded": "不计入",
    "hold": "待定",
    "scored": "已计分",
    "zero": "记零分",
    "exclude": "不计入",
    "passed": "通过",
    "not passed": "未通过",
    "no metric in play": "没有计入的指标",
    "half up": "四舍五入",
    "needs a number that is not there": "缺少所需的数",
    "linear": "线性",
    "steps": "阶梯",
    "marginal": "分段累进",
    "interpolated": "插值",
    "pass_fail": "达标制",
    "formula": "公式",
}
# Words of conditions: `metric revenue points 85, at_least 90`.
CONDITION = re.compile(
    r"\b(metric|measure|track|total) (\S+) (?:(points|attainment|value) )?(\S+), "
    r"(at_least|above|at_most|below|equals) (?=\S)"
)
WORDS = {
    "metric": "指标",
    "measure": "度量",
    "track": "轨道",
    "total": "总分",
    "points": "得分",
    "attainment": "完成率",
    "value": "实际值",
    "at_least": "至少",
    "above": "高于",
    "at_most": "至多",
    "below": "低于",
    "equals": "等于",
}


def rule(said: str) -> str:
    """A rule's name in the language in use; one that nobody has translated stays as it is."""
    return RULES[said][LANGUAGES.index(language())] if said in RULES else said


def result(said: str) -> str:
    """A result or an input, if it is one of the fixed ones; conditions word by word."""
    if language() != "zh":
        return said
    return RESULTS[said] if said in RESULTS else CONDITION.sub(_condition, said)


def _condition(match: re.Match[str]) -> str:
    of, name, what, number, test = match.groups(default="")
    shown = RESULTS.get(number, number)
    return f"{WORDS[of]} {name} {WORDS[what] + ' ' if what else ''}{shown}，{WORDS[test]} "
