"""Texts of the audit: key → (English, Chinese); of each kind, whose fault it can be and what to do."""

from __future__ import annotations

STALE = (
    "score did not see a change (stream-failures?), or somebody wrote the row: score refold",
    "计分未收到变更（见 stream-failures），或有人改动此行：执行 score refold",
)
ALTERED = (
    "somebody with write access to the payout bucket: take the version that the manifest names",
    "有人写入付薪桶：取清单所列的版本",
)
AUDIT_TEXTS: dict[str, tuple[str, str]] = {
    "help.score.refold": (
        "Have everything folded anew, whatever the stream told or lost.",
        "全部重新折算，无论流中是否有遗漏。",
    ),
    "score.refold": ("{count} folds are asked for", "已请求 {count} 次折算"),
    "help.audit": (
        "Fold everything from scratch and compare it with what stands there; exit 1 if anything differs.",
        "从头重算并与现存数据逐一核对；如有差异则以 1 退出。",
    ),
    "opt.pause": ("seconds until what differs is looked at again", "发现差异后再次核对前等待的秒数"),
    "audit.sound": (
        "nothing differs: {employees} employees, {periods} periods, {runs} runs",
        "核对无误：{employees} 名员工，{periods} 个期间，{runs} 次结算",
    ),
    "audit.differs": (
        "{count} findings in {employees} employees, {periods} periods, {runs} runs",
        "共 {count} 处差异（{employees} 名员工，{periods} 个期间，{runs} 次结算）",
    ),
    "col.kind": ("finding", "差异"),
    "col.where": ("where", "位置"),
    "col.stored": ("stored", "现存"),
    "col.expected": ("expected", "应为"),
    "col.cause": ("whose fault it can be, and what to do", "可能原因与处理"),
    "cause.unreadable": (
        "somebody wrote over it, or part of it is missing: restore an older version of the file or row",
        "被人改写或残缺：恢复该文件或该行的旧版本",
    ),
    "cause.lost_fact": (
        "measure died half-way (ingest-dlq?), or a row was deleted: redrive or send again, then refold",
        "度量中途失败（见 ingest-dlq），或有行被删除：重新投递或重发，此后方可执行 score refold",
    ),
    "cause.tombstone": (
        "measure died half-way (ingest-dlq?), or a tombstone was deleted or forged: redrive, or send again",
        "度量中途失败（见 ingest-dlq），或墓碑被删除或伪造：重新投递，或重发",
    ),
    "cause.location": (
        "a location row was deleted or written over: send the entity's events again before it moves",
        "位置行被删除或改写：在该实体再次转移前重发其事件",
    ),
    "cause.unlisted": (
        "a row of a list was deleted: whoever is not listed is neither settled nor folded anew; put it back",
        "清单行被删除：未列出者既不结算也不重算；请补回该行",
    ),
    "cause.counts": (
        "objects of the event log are missing or forged: look into the bucket's versions",
        "事件日志对象缺失或被伪造：查看存储桶版本",
    ),
    "cause.lost_event": (
        "a row was deleted, or a log object forged: compare the line with its sender, send the event again",
        "有行被删除或日志被伪造：与发送方核对该行，并重发该事件",
    ),
    "cause.unlogged": (
        "measure died before its log line (ingest-dlq?), a log object was deleted, or the row forged",
        "度量在写日志前失败（见 ingest-dlq），日志对象被删除，或该行为人为写入",
    ),
    "cause.scorecard": STALE,
    "cause.total": STALE,
    "cause.unjudged": (
        "follows from the facts that are lost, moved wrongly or unreadable: mend those, then audit again",
        "源于丢失、误移或无法读取的事实：先修复事实，再重新核对",
    ),
    "cause.manifest": (
        "somebody who can write to the payout bucket or to the run's row: do not pay by it",
        "有人写入付薪桶或结算行：不得据此付款",
    ),
    "cause.chain": (
        "a run was removed or replaced: compare the manifests one by one",
        "有结算被移除或替换：逐一比对清单",
    ),
    "cause.file": ALTERED,
    "cause.evidence": ALTERED,
    "cause.control_total": (
        "a file or the run's row was changed after the approval: compare both with the approver's totals",
        "批准后文件或结算行被改动：与批准时的总数逐一对照",
    ),
    "cause.outbox": (
        "relay did not send, or its row was written over: wait for the sweeper, look at relay",
        "发送未完成或行被改写：等待清扫程序，再查看 relay",
    ),
    "cause.payment": (
        "the bank contradicts itself, or an attempt is out beside a paid one: ask it, then payroll settle",
        "银行回执矛盾，或已付后另一次仍在途：先向银行核实，再执行 payroll settle",
    ),
    "cause.overpaid": (
        "the bank has paid it more than once: claim the amount back, then payroll settle",
        "银行重复付款：追回多付金额，再执行 payroll settle",
    ),
    "cause.batch": (
        "its batch was not released to the end: payroll release once more",
        "其批次未完成放行：请再次执行 payroll release",
    ),
    "cause.payout_row": (
        "a line was added, removed or changed behind the run, or lines.csv was: the manifest says which",
        "结算之外明细或 lines.csv 被增删改：以清单为准",
    ),
    "cause.stray_line": (
        "a line without a run: written by hand, or a run's row was removed",
        "明细没有对应的结算：人为写入，或结算行被移除",
    ),
    "cause.payout_id": (
        "a line was copied by hand: one of them is not of this run",
        "明细被人为复制：其中一条不属于该结算",
    ),
    "cause.balance": (
        "more was carried in than out: a line was added or removed by hand",
        "转入多于转出：有明细被人为增删",
    ),
}  # fmt: skip
