"""Texts of scenarios: key → (English, Chinese); and what mends a row, in Chinese."""

from __future__ import annotations

SCENARIO_TEXTS: dict[str, tuple[str, str]] = {
    "help.scenario": (
        "Play acceptance scenarios (text tables); 1 if a row comes out otherwise, 2 if it cannot be read.",
        "运行验收场景（文本表格）；结果不符以 1 退出，无法读取以 2 退出。",
    ),
    "opt.scenario_files": ("files with scenarios", "场景文件"),
    "opt.stack": (
        "on the deployed tenant, not in memory; take one that is there for trying: what is published stays",
        "在已部署的租户上运行而非内存中：请用试验租户，发布的内容不会消失",
    ),
    "scenario.passed": ("passed", "通过"),
    "scenario.failed": ("FAILED", "未通过"),
    "scenario.result": ("{said}  {file}: {title}", "{said}  {file}：{title}"),
    "scenario.row": ("  {file}:{line}: {row}", "  {file}:{line}: {row}"),
    "scenario.difference": (
        "    expected: {expected}\n    found:    {found}",
        "    应为：{expected}\n    实为：{found}",
    ),
    "scenario.sum": ("{count} scenarios, {failed} failed", "共 {count} 个场景，{failed} 个未通过"),
}
# The remedies of ``infra/scenario``: English with {} for what changes → Chinese.
SCENARIO_REMEDIES: dict[str, str] = {
    "begin with: scenario | what it is about": "请以“场景 | 标题”开头",
    "begin a row at the left margin; only a plan stands indented": "每行从最左边写起；只有方案可以缩进",
    "did you mean {}?": "是否想写 {}？",
    "write one of {}": "请写以下之一：{}",
    "{} needs the cell: {} …": "{} 需要单元格：{} …",
    "write a part of the reason after it": "请在其后写出理由的一部分",
    "write the {}: {}": "请填写 {}：{}",
    "{} stands there already: once is enough": "{} 已经写过：一次即可",
    "write a name and its value": "请写名称和值",
    "write a name and its value; {} also knows {}": "请写名称和值；{} 还可用 {}",
    "{} knows here: {}": "{} 在此可用：{}",
    "{} has no more columns": "{} 没有更多的列",
    "write it below the row that is to be refused": "请写在应被拒绝的行的下方",
}
