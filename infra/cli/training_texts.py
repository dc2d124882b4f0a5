"""Texts about training: key → (English, Chinese)."""

from __future__ import annotations

TRAINING_TEXTS: dict[str, tuple[str, str]] = {
    "help.training": (
        "Training: courses, exams, and what they do to scores.",
        "培训：课程、考试及其对得分的影响。",
    ),
    "help.training.show": (
        "Where an employee stands in every course of the plan, and what that does to the metrics.",
        "员工在方案各课程中的进度，以及对指标的影响。",
    ),
    "help.training.list": (
        "Who has not completed what, and whose validity ends with the period.",
        "谁还有哪些课程未完成，以及哪些将于本期失效。",
    ),
    "training.head": (
        "training of {employee}, {period}, plan {plan}",
        "{employee} 在 {period} 的培训，方案 {plan}",
    ),
    "training.none": ("plan {plan} has no courses", "方案 {plan} 没有课程"),
    "training.nobody": ("everybody has completed every course", "所有人均已完成全部课程"),
    "training.counts": ("{score} (counts)", "{score}（计入）"),
    "training.open": ("the gate lets pass", "门槛已通过"),
    "training.ends": ("{state}, ends with the period", "{state}，本期末失效"),
    "state.passed": ("passed", "已通过"),
    "state.completed": ("completed", "已完成"),
    "state.failed": ("failed", "未通过"),
    "state.begun": ("begun", "进行中"),
    "state.none": ("not begun", "未开始"),
    "state.scored": ("scored", "已计分"),
    "state.zero": ("no data: 0", "无数据：0分"),
    "state.ineligible": ("ineligible", "不合资格"),
    "state.excluded": ("not in play", "不计入"),
    "state.hold": ("on hold", "待处理"),
    "feed.payout": ("payout", "薪酬"),
    "col.course": ("course", "课程"),
    "col.since": ("since", "自"),
    "col.progress": ("progress", "进度"),
    "col.hours": ("hours", "学时"),
    "col.attempts": ("exams", "考试"),
    "col.pass_score": ("passes from", "及格线"),
    "col.until": ("valid until", "有效期至"),
    "col.feeds": ("feeds", "影响"),
    "col.effect": ("what it does", "作用"),
    "col.team": ("team", "团队"),
}
