"""Texts about plans: key → (English, Chinese)."""

from __future__ import annotations

PLAN_TEXTS: dict[str, tuple[str, str]] = {
    "help.plan.check": (
        "Say everything that is wrong with plan files; several are also compared with each other.",
        "检查方案文件，列出所有问题；给出多个文件时也互相核对。",
    ),
    "help.plan.diff": ("Show what changes from one plan file to another.", "显示两个方案文件之间的变化。"),
    "help.plan.publish": (
        "Show what a plan version changes and publish it; open periods are scored again.",
        "显示方案版本带来的变化并发布；未发布的期间会重新计分。",
    ),
    "opt.plan_files": ("plan files (YAML or JSON)", "方案文件（YAML 或 JSON）"),
    "opt.plan_old": ("the plan as it was", "原方案文件"),
    "opt.plan_new": ("the plan as it will be", "新方案文件"),
    "plan.changes": (
        "{count} changes from {before} to {after}:",
        "从 {before} 到 {after} 有 {count} 处变化：",
    ),
    "plan.same": ("{after} says the same as {before}", "{after} 与 {before} 内容相同"),
    "col.place": ("place", "位置"),
    "col.before": ("before", "原值"),
    "col.after": ("after", "新值"),
}
