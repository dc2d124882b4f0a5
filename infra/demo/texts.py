"""What the story says, in English and Chinese."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "title": (
        "A quarter of real CRM and ad data, from event to payout",
        "一个季度的真实 CRM 与广告数据：从事件到薪酬",
    ),
    "start": ("starting the embedded AWS", "启动内嵌 AWS"),
    "furnish": ("plan, sources, roster, targets", "方案、数据源、名册、目标"),
    "play": ("events of {0}", "{0} 的事件"),
    "latency": ("one event at a time, until its score is there", "逐个发送事件，直到得分可见"),
    "close": ("closing {0}", "结算 {0}"),
    "late": ("late facts about October", "关于十月的迟到事实"),
    "again": ("the whole quarter once more", "整个季度再发送一遍"),
    "proof": ("recomputing from the CSV files", "从 CSV 文件独立复算"),
    "events": ("Events", "事件"),
    "count": ("count", "数量"),
    "sent": ("sent", "已发送"),
    "received": ("received", "已接收"),
    "applied": ("applied", "已采用"),
    "superseded": ("superseded by a newer version", "被新版本取代"),
    "duplicate": ("duplicate", "重复"),
    "conflict": ("in conflict", "冲突"),
    "quarantined": ("quarantined", "已隔离"),
    "adds": (
        "applied + superseded + duplicate + conflict + quarantined = received = sent",
        "已采用 + 取代 + 重复 + 冲突 + 隔离 = 已接收 = 已发送",
    ),
    "mapped": ("of these, mapped from GTXPro to GTX Pro", "其中由 GTXPro 映射为 GTX Pro"),
    "no_account": ("opportunities without an account (they lower coverage)", "无客户的商机（降低覆盖率）"),
    "reasons": ("In quarantine, by reason", "隔离原因"),
    "speed": ("Speed and cost", "速度与成本"),
    "median": ("event to visible score, median (ms)", "事件到得分，中位数（毫秒）"),
    "p99": ("the same, 99th percentile (ms)", "同上，第 99 百分位（毫秒）"),
    "rate": ("events a second, in the burst", "突发时每秒事件数"),
    "units_events": ("request units for 1 000 events (write, read)", "每千事件请求单位（写、读）"),
    "units_payouts": ("request units for 1 000 payouts (write, read)", "每千笔薪酬请求单位（写、读）"),
    "best": ("Best in October: {0}", "十月最佳：{0}"),
    "last": ("Last in October: {0}", "十月末位：{0}"),
    "metric": ("metric", "指标"),
    "value": ("value", "数值"),
    "target": ("target", "目标"),
    "points": ("points", "得分"),
    "weight": ("weight", "权重"),
    "total": ("total score {0}, payout {1}", "总分 {0}，薪酬 {1}"),
    "runs": ("Runs", "结算"),
    "period": ("period", "期间"),
    "lines": ("lines", "明细行"),
    "amount": ("amount", "金额"),
    "adjusted": ("of it, carried differences", "其中差额结转"),
    "messages": ("messages", "消息"),
    "controlled": ("control totals", "控制总数"),
    "agree": ("rows = lines = file = messages", "账行 = 明细 = 文件 = 消息"),
    "files": ("Files", "文件"),
    "finance": ("Finance's part", "财务的工作"),
    "clawed": ("taken back, in two runs", "分两次追回"),
    "released": ("held in December, released, paid off-cycle", "十二月暂扣，解除后临时发放"),
    "resent": ("rejected by the bank, sent again under four eyes", "银行退回，双人复核后重发"),
    "unchanged": ("sent again: no number has changed", "重复发送：数字毫无变化"),
    "changed": ("sent again: {0} numbers have changed", "重复发送：{0} 个数字变化"),
    "proved": (
        "PROOF: {0} employee-months recomputed from the CSV files, {1} differences",
        "证明：从 CSV 复算 {0} 个员工月，差异 {1}",
    ),
    "kept": ("left running at {0}; stop it: ./dev down", "仍在运行：{0}；停止：./dev down"),
    "seconds": ("done in {0} s; files in {1}", "用时 {0} 秒；文件位于 {1}"),
}


def texts(lang: str) -> dict[str, str]:
    """The story's words in a language."""
    return {name: both[lang == "zh"] for name, both in TEXTS.items()}
