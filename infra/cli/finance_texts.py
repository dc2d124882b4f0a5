"""Texts about closing, holding, differences, what is owed, payouts: key → (English, Chinese)."""

from __future__ import annotations

FINANCE_TEXTS: dict[str, tuple[str, str]] = {
    "help.run.ready": (
        "What is missing before a period can be closed, who would be held, and what it would come to.",
        "结算前还缺什么、谁会被暂扣、预计金额是多少。",
    ),
    "help.run.watch": (
        "Follow a run with a bar until it can be reviewed.",
        "用进度条跟踪结算，直到可以审核。",
    ),
    "help.run.review": (
        "The review sheet: what has moved, outliers, zero and first payouts, holds.",
        "审核表：变动、异常、零付款、首次付款、暂扣。",
    ),
    "help.run.comment": ("Add a comment to a run.", "为结算添加备注。"),
    "help.run.acts": (
        "Who did what, when and why; checks that nothing was taken out.",
        "操作日志：何人何时为何做了什么，并校验完整性。",
    ),
    "help.run.correct": (
        "A correction run: only the differences of a published run, by name and reason.",
        "更正结算：仅补发已发布结算的差额，须署名并说明理由。",
    ),
    "help.run.offcycle": (
        "An off-cycle run for some employees: released holds, leavers.",
        "对部分员工的临时结算：解除暂扣者、离职者。",
    ),
    "help.hold": ("Holds: pay that a person keeps back.", "暂扣：由人暂时扣住的薪酬。"),
    "help.hold.add": (
        "Keep back an employee's pay, or the lines about one month.",
        "暂扣员工的薪酬，或某月的款项。",
    ),
    "help.hold.release": ("Let it be paid again.", "解除暂扣。"),
    "help.hold.list": ("Every hold in force.", "所有有效的暂扣。"),
    "help.difference": (
        "Differences: published months whose due has changed.",
        "差额：已发布月份的应付金额发生变化。",
    ),
    "help.difference.list": (
        "The queue: old, new, change, and what becomes of it.",
        "队列：原金额、新金额、差额及去向。",
    ),
    "help.difference.show": ("What has caused it, down to the source events.", "差额的原因，直到来源事件。"),
    "help.difference.decide": (
        "Carry a difference, or waive what would be taken back.",
        "结转差额，或免于追回。",
    ),
    "help.balance": ("Balances: what employees owe.", "欠款：员工所欠金额。"),
    "help.balance.list": ("Who owes what, and how it is taken.", "谁欠多少、如何扣回。"),
    "help.balance.decide": (
        "collected or waived (an amount), or from now on carry, spread, finance.",
        "已收回或免除（金额），或今后按 carry、spread、finance 处理。",
    ),
    "help.clawback": ("Clawbacks: taking back what was paid, by decision.", "追回：经决定收回已付金额。"),
    "help.clawback.add": (
        "Take back what was paid for a month: by the schedule, capped, in instalments.",
        "追回某月已付金额：按时间表、有上限、可分期。",
    ),
    "help.clawback.void": ("Take nothing more of a clawback.", "停止继续追回。"),
    "help.clawback.list": ("Every clawback with what is taken of it.", "所有追回及已扣金额。"),
    "help.payout": ("Payouts: one amount for one employee of one run.", "付款：某次结算中某员工的金额。"),
    "help.payout.show": (
        "One payout from its run's evidence: lines, reasons, plans, approvals, file line.",
        "依据结算证据显示一笔付款：明细、理由、方案、审批、文件行。",
    ),
    "help.payout.history": (
        "Every version of an employee's month: what each run has settled for it.",
        "员工某月的所有版本：每次结算的结果。",
    ),
    "opt.group": ("the group of the pay setup", "付薪设置中的分组"),
    "opt.force_by": ("start it although something is missing: who says so", "强制开始：由谁决定"),
    "opt.force_reason": ("and why", "理由"),
    "opt.whom": ("employees, separated by commas", "员工，用逗号分隔"),
    "opt.comment": ("what you want to say", "备注内容"),
    "opt.month": ("only the lines about this month", "仅此月份的款项"),
    "opt.decision": ("carry or waive", "carry（结转）或 waive（免除）"),
    "opt.balance_decision": (
        "collected, waived, carry, spread or finance",
        "collected、waived、carry、spread 或 finance",
    ),
    "opt.amount": ("in the currency's own unit, such as 120.50", "以货币单位表示，如 120.50"),
    "opt.periods": ("of spread: over so many runs", "spread：分几次扣回"),
    "opt.instalments": ("in so many runs", "分几次"),
    "opt.day": (
        "the day of the event that causes it, YYYY-MM-DD; today if left out",
        "引起追回的日期，默认今天",
    ),
    "opt.clawback": ("its id", "追回编号"),
    "opt.payout": ("payout id", "付款编号"),
    "opt.all": ("everybody, not only those to look at", "显示所有人"),
    "col.what_missing": ("missing", "缺少"),
    "col.why_look": ("look at", "需关注"),
    "col.change": ("change", "变动"),
    "col.said": ("why", "原因"),
    "col.who": ("who", "何人"),
    "col.at": ("at", "时间"),
    "col.what": ("what", "操作"),
    "col.why": ("why", "理由"),
    "col.number": ("no.", "编号"),
    "col.held_period": ("month", "月份"),
    "col.by": ("by", "经办人"),
    "col.due": ("due", "应付"),
    "col.becomes": ("becomes", "去向"),
    "col.sign": ("now", "现在"),
    "col.owed": ("owed", "所欠"),
    "col.how": ("taken by", "扣回方式"),
    "col.drawn": ("draw", "预支"),
    "col.clawback": ("clawback", "追回"),
    "col.taken": ("taken", "已扣"),
    "col.left": ("left", "剩余"),
    "col.share": ("%", "%"),
    "col.instalments": ("in", "分期"),
    "col.line_kind": ("kind", "种类"),
    "col.run_kind": ("kind", "类型"),
    "col.line": ("line", "明细编号"),
    "col.setup": ("pay setup", "付薪设置"),
    "col.group": ("group", "分组"),
    "col.force": ("forced", "强制"),
    "ready.yes": ("{period} is ready to be closed", "{period} 可以结算"),
    "ready.no": ("{period} is not ready", "{period} 尚不能结算"),
    "ready.outlook": (
        "by the live scores: {count} employees of plan {plan} would get {amount} {currency}",
        "按实时得分：方案 {plan} 的 {count} 名员工预计共得 {amount} {currency}",
    ),
    "ready.held": ("{count} would be held", "{count} 人将被暂扣"),
    "ready.unscored": ("no scorecard yet: {names}", "尚无计分卡：{names}"),
    "run.undecided": ("differences that nobody has decided: {names}", "差额待决定：{names}"),
    "run.unplanned": ("without a plan: {names}", "无方案：{names}"),
    "run.commented": ("comment {number} on {run}", "已为 {run} 添加备注 {number}"),
    "run.endorsed": (
        "{by} has approved {run}; a forced run needs one more",
        "{by} 已批准 {run}；强制结算还需一人批准",
    ),
    "acts.whole": ("{count} acts, each follows the one before", "共 {count} 条操作，链条完整"),
    "acts.broken": ("acts {numbers} do not follow the one before them", "操作 {numbers} 与前一条不衔接"),
    "hold.placed": (
        "{employee} {period} is on hold (act {number})",
        "{employee} {period} 已暂扣（操作 {number}）",
    ),
    "hold.approved": (
        "run {run} is {state} with {employee} in it: reject it and close again, or it is paid all the same",
        "结算 {run} 处于 {state} 且包含 {employee}：请驳回并重新结算，否则仍会付款",
    ),
    "hold.released": (
        "{employee} {period} is released: the next run pays, or an off-cycle one",
        "{employee} {period} 已解除暂扣：由下次或临时结算支付",
    ),
    "hold.none": ("nobody is on hold", "无暂扣"),
    "difference.none": ("no differences wait", "没有待处理的差额"),
    "difference.decided": (
        "{employee} {period}: {do} (act {number})",
        "{employee} {period}：{do}（操作 {number}）",
    ),
    "difference.nothing": (
        "nothing observed has changed: terms, leave or plan did",
        "观测没有变化：变的是条款、假期或方案",
    ),
    "balance.none": ("nobody owes anything", "无人欠款"),
    "balance.decided": ("{employee}: {do} (act {number})", "{employee}：{do}（操作 {number}）"),
    "clawback.added": (
        "clawback {id}: {amount} {currency} of {period}, {share} % by the schedule, in {instalments}",
        "追回 {id}：{period} 的 {amount} {currency}，按时间表为 {share} %，分 {instalments} 次",
    ),
    "clawback.voided": ("clawback {id} takes nothing more", "追回 {id} 不再扣款"),
    "clawback.none": ("no clawbacks", "没有追回"),
    "payout.head": (
        "payout {id}: {employee} gets {amount} {currency} in run {run} ({kind}, {state})",
        "付款 {id}：{employee} 在结算 {run}（{kind}，{state}）中得 {amount} {currency}",
    ),
    "payout.approved": (
        (
            "started by {starter}, approved by {approver} at {at}; "
            "plans {plans}; pay setup {setup}; manifest {manifest}"
        ),
        "由 {starter} 发起，{approver} 于 {at} 批准；方案 {plans}；付薪设置 {setup}；清单 {manifest}",
    ),
    "payout.file": ("{file} line {number}: {text}", "{file} 第 {number} 行：{text}"),
    "flag.zero": ("nothing to pay", "零付款"),
    "flag.first": ("first payout", "首次付款"),
    "flag.moved": ("more than doubled or halved", "翻倍或减半以上"),
    "flag.outlier": ("far above the others", "远高于他人"),
    "flag.difference": ("differences of earlier months", "含以前月份差额"),
    "flag.clawback": ("clawback", "追回"),
    "flag.carried_out": ("owes, carried on", "欠款结转"),
    "flag.held": ("held", "暂扣"),
    "flag.undecided": ("difference undecided", "差额待决定"),
    "flag.unplanned": ("no plan", "无方案"),
}
FINANCE_TEXTS |= {
    "help.pay": ("The pay setup: groups, calendars, files, accounts.", "付薪设置：分组、日历、文件、账户。"),
    "help.pay.check": (
        "Say everything that is wrong with a pay setup file.",
        "检查付薪设置文件，列出所有问题。",
    ),
    "help.pay.publish": ("Publish a version, by name and reason.", "署名并说明理由，发布一个版本。"),
    "help.pay.show": ("The setup that holds for the next run.", "下次结算所用的设置。"),
    "opt.setup_file": ("a pay setup file", "付薪设置文件"),
    "pay.head": (
        "pay setup {ref}: files {files}; accounts known by {accounts}",
        "付薪设置 {ref}：文件 {files}；账户由 {accounts} 掌握",
    ),
    "pay.published": ("{ref} is published; the next run uses it", "{ref} 已发布，下次结算使用"),
    "col.every": ("every", "周期"),
    "col.whom": ("who", "对象"),
    "col.closes": ("closes", "结算"),
    "col.pays": ("pays", "付款"),
}
FINANCE_TEXTS |= {
    "help.payroll.receipts": (
        "Take in what a bank or payroll says: a pain.002 or a CSV list.",
        "导入银行或发薪系统的回执：pain.002 或 CSV 列表。",
    ),
    "help.payroll.rejects": ("Rejected payments, and those in doubt.", "被拒绝的付款与存疑的付款。"),
    "help.payroll.resend": (
        "List rejected payments to be sent again, under the same payout ids.",
        "列出待重新发送的被拒付款，付款编号不变。",
    ),
    "help.payroll.release": ("Send what somebody else has listed.", "由另一人放行待重发的付款。"),
    "help.payroll.discard": ("Send nothing of a list.", "作废待重发列表。"),
    "help.payroll.settle": ("Say what became of a payment in doubt.", "说明存疑付款的最终结果。"),
    "help.payroll.redrive": (
        "Give payroll once more what it could not take.",
        "将发薪系统未能处理的消息重新投递。",
    ),
    "opt.receipt_file": ("a pain.002 file or a CSV list", "pain.002 文件或 CSV 列表"),
    "opt.payouts": (
        "payout ids, separated by commas; all rejected ones if left out",
        "付款编号，逗号分隔；默认全部被拒者",
    ),
    "opt.batch": ("its name, such as R01", "批次名，如 R01"),
    "opt.outcome": ("paid or rejected", "paid（已付）或 rejected（被拒）"),
    "payroll.receipts": ("{count} receipts for {run}: {said}", "{run} 的回执 {count} 条：{said}"),
    "payroll.no_rejects": ("nothing of {run} is rejected or in doubt", "{run} 没有被拒或存疑的付款"),
    "payroll.prepared": (
        "not sent yet; somebody else has to: payroll release {run} {batch} --by NAME --digest {digest}",
        "尚未发送；须由另一人放行：payroll release {run} {batch} --by NAME --digest {digest}",
    ),
    "payroll.released": (
        "{count} payments of {run} are sent again as {batch}",
        "{run} 的 {count} 笔付款已作为 {batch} 重新发送",
    ),
    "payroll.discarded": ("{batch} of {run} is discarded", "{run} 的 {batch} 已作废"),
    "payroll.settled": ("payout {payout} is {state}", "付款 {payout}：{state}"),
    "payroll.redriven": ("{count} messages are back on the payroll queue", "{count} 条消息已回到发薪队列"),
}
FINANCE_TEXTS |= {
    "help.account": ("Bank accounts: stored sealed, shown masked.", "银行账户：加密存储，遮蔽显示。"),
    "help.account.import": ("Store the accounts of a CSV list.", "导入 CSV 列表中的账户。"),
    "help.account.list": ("Whose account is known, masked.", "已知账户（遮蔽显示）。"),
    "opt.accounts_file": (
        "employee, name, account, bank, currency, branch",
        "工号、姓名、账号、银行、币种、开户行",
    ),
    "account.stored": (
        "{count} accounts are stored (act {number})",
        "已存储 {count} 个账户（操作 {number}）",
    ),
    "col.account": ("account", "账号"),
    "col.bank": ("bank", "银行"),
    "col.name": ("name", "姓名"),
}
FINANCE_TEXTS |= {
    "help.payout.statement": ("The statement of one payout, as a PDF.", "一笔付款的薪酬单（PDF）。"),
    "opt.statement_out": ("the file to write", "要写入的文件"),
    "payout.stated": ("the statement of {id} is in {out}", "{id} 的薪酬单已写入 {out}"),
}
FINANCE_TEXTS |= {
    "help.payroll.files": ("The bank's files of what is sent again.", "重新发送部分的银行文件。"),
    "payroll.file": ("{file} is written", "已写入 {file}"),
}
FINANCE_TEXTS |= {
    "run.accounts": ("{count} accounts are not those of the run before", "{count} 个账户与上次不同"),
    "ready.accounts": ("no account is stored of {names}", "未存储账户：{names}"),
}
