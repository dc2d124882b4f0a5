"""Every text of the command line in both languages: key → (English, Chinese)."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    # what the commands do
    "help": (
        "Publish plans and mappings, send events, mend quarantine, close, approve and publish runs.",
        "发布方案与映射、发送事件、处理隔离、结算、审批与发布。",
    ),
    "help.plan": ("Plans: what people are paid for.", "方案：按什么付薪。"),
    "help.source": (
        "Source mappings: how a system's events become observations.",
        "数据源映射：事件如何变成观测。",
    ),
    "help.source.check": (
        "Say everything that is wrong with a mapping file.",
        "检查映射文件，列出所有问题。",
    ),
    "help.source.publish": ("Publish a mapping version.", "发布映射版本。"),
    "help.source.try": (
        "Map a payload (one CloudEvent or an array) and show the observations; nothing is stored.",
        "试映射一个 CloudEvent 或数组并显示观测；不保存任何内容。",
    ),
    "help.events": ("Source events.", "来源事件。"),
    "help.events.send": (
        "Send a JSON array of CloudEvents to POST /v1/events, signed.",
        "将 CloudEvents 的 JSON 数组签名后发送到 POST /v1/events。",
    ),
    "help.events.count": ("What became of every event that arrived.", "每个到达事件的去向。"),
    "help.quarantine": ("Events that could not be used.", "无法使用的事件。"),
    "help.quarantine.list": ("Open entries with reason and remedy.", "未处理条目及其原因与办法。"),
    "help.quarantine.show": ("One entry with the event as it came.", "一个条目及事件原文。"),
    "help.quarantine.replay": (
        "Send open entries through the route again, once the cause is mended.",
        "原因消除后，把未处理条目重新送入流程。",
    ),
    "help.quarantine.resolve": (
        "Say which of two contradicting contents counts, by name and reason.",
        "对矛盾的内容署名裁定以哪个为准，并说明理由。",
    ),
    "help.quarantine.waive": (
        "Close open entries for good, under a name and a reason.",
        "以姓名和理由永久关闭未处理条目。",
    ),
    "help.score": ("Live scores.", "实时得分。"),
    "help.score.show": ("The live scorecard of an employee and period.", "员工某期间的实时计分卡。"),
    "help.explain": (
        "Every number of a scorecard with its reasons, down to the source events.",
        "计分卡的每个数字及其理由，直到来源事件。",
    ),
    "help.run": ("Runs: closing a period and paying it.", "结算：结束期间并付薪。"),
    "help.run.start": ("Close a period; waits until it is up for review.", "结算一个期间，等到可审核为止。"),
    "help.run.list": ("All runs.", "所有结算。"),
    "help.run.show": ("One run with its control totals and digest.", "一次结算及其控制总数与摘要。"),
    "help.run.approve": (
        "Approve the totals that were seen, named by their digest; not by the starter.",
        "按摘要批准所见总数；发起人不能批准。",
    ),
    "help.run.reject": (
        "Send a run back; the next start of its period is a new attempt.",
        "退回结算；该期间再次发起即为新的一次尝试。",
    ),
    "help.run.publish": (
        "Book the lines, write files and manifest, release the payroll messages.",
        "记账、生成文件与清单、放行薪酬消息。",
    ),
    "help.run.files": (
        "Download a run's files and compare every sha256 with the manifest.",
        "下载文件并逐一核对清单中的 sha256。",
    ),
    "help.payroll": ("The payroll queue.", "薪酬队列。"),
    "help.payroll.peek": (
        "Show messages and leave them there. Each look counts as one of the 5 deliveries a message has.",
        "查看消息而不取走。每次查看计为消息 5 次投递机会之一。",
    ),
    # options and arguments
    "opt.tenant": (
        "the tenant; may be left out when exactly one runs on the embedded AWS",
        "租户；内嵌 AWS 上只有一个时可省略",
    ),
    "opt.lang": ("en or zh", "en 或 zh"),
    "opt.outputs": (
        "a file of stack outputs (cdk deploy --outputs-file) instead of looking for them",
        "堆栈输出文件（cdk deploy --outputs-file），代替自动查找",
    ),
    "opt.plan_file": ("a plan file (YAML)", "方案文件（YAML）"),
    "opt.mapping_file": ("a mapping file (YAML)", "映射文件（YAML）"),
    "opt.payload": ("a JSON file", "JSON 文件"),
    "opt.zone": ("the tenant's time zone", "租户时区"),
    "opt.entry": ("the entry's id", "条目标识"),
    "opt.only_reason": ("only entries with this reason", "仅此原因的条目"),
    "opt.only_entry": ("only this entry", "仅此条目"),
    "opt.by": ("who does it", "由谁执行"),
    "opt.why": ("why", "理由"),
    "opt.employee": ("the employee's id", "员工标识"),
    "opt.period": ("a month, YYYY-MM", "月份，YYYY-MM"),
    "opt.run": ("the run's id, as `run list` shows it", "结算标识，见 run list"),
    "opt.as_settled": (
        "as this run settled it, from its evidence, instead of as it is now",
        "按该次结算的证据显示，而非当前状态",
    ),
    "opt.format": ("text or json", "text 或 json"),
    "opt.keep": ("digest of the content that counts", "以哪个内容（摘要）为准"),
    "opt.waive_by": ("who answers for open quarantine", "谁为未处理的隔离负责"),
    "opt.waive_reason": ("why it may stay open", "为何可以不处理"),
    "opt.digest": ("the digest of the totals, as `run show` shows it", "总数摘要，见 run show"),
    "opt.out": ("a folder for the files", "存放文件的目录"),
    "opt.manifest": (
        "the manifest's sha256 as the operator told it; then the table is not read",
        "运营方告知的清单 sha256；给出后不读取数据表",
    ),
    "opt.most": ("at most so many", "最多条数"),
    "opt.help": ("Show this message and exit.", "显示此说明。"),
    "panel.options": ("Options", "选项"),
    "panel.arguments": ("Arguments", "参数"),
    "panel.commands": ("Commands", "命令"),
    "required": ("[required]", "[必填]"),
    "default": ("[default: {{}}]", "[默认：{{}}]"),
    # what came of it
    "at": ("tenant {tenant} at {place}", "租户 {tenant}，位于 {place}"),
    "plan.ok": (
        "plan {ref} is valid: from {start}, {currency}, {metrics} metrics on {tracks} tracks",
        "方案 {ref} 有效：自 {start} 起，{currency}，{tracks} 条轨道共 {metrics} 个指标",
    ),
    "plan.published": (
        "plan {ref} is published; {scores} scorecards are scored again",
        "方案 {ref} 已发布；{scores} 张计分卡将重新计分",
    ),
    "source.ok": (
        "mapping of {source}, version {version}, is valid: {types}",
        "数据源 {source} 的映射（版本 {version}）有效：{types}",
    ),
    "source.published": (
        "mapping of {source}, version {version}, is published",
        "数据源 {source} 的映射（版本 {version}）已发布",
    ),
    "source.same": (
        "mapping of {source}, version {version}, was published before with the same text",
        "数据源 {source} 的映射（版本 {version}）此前已发布，内容相同",
    ),
    "source.tried": ("{good} mapped, {bad} refused", "映射 {good} 个，拒绝 {bad} 个"),
    "source.deleted": (
        "{entity} version {version} is a deletion: it leaves no observation",
        "{entity} 版本 {version} 为删除：不留下观测",
    ),
    "events.sent": (
        "{received} received: {accepted} accepted, {quarantined} quarantined",
        "接收 {received}：采纳 {accepted}，隔离 {quarantined}",
    ),
    "events.sending": ("sending", "发送中"),
    "quarantine.none": ("quarantine is empty", "隔离区为空"),
    "quarantine.replayed": ("{count} sent again", "已重新发送 {count} 条"),
    "quarantine.resolved": ("{entry} is resolved: {digest} counts", "{entry} 已裁定：以 {digest} 为准"),
    "quarantine.waived": ("{count} waived", "已豁免 {count} 条"),
    "quarantine.left": (
        "{count} conflicts stay: send a greater version of what is right, then waive them",
        "{count} 条冲突保留：请发送更高的正确版本，然后豁免",
    ),
    "score.none": (
        "no scorecard of {employee} for {period}; one appears with the first observation or target",
        "{employee} 在 {period} 没有计分卡；出现首个观测或目标后生成",
    ),
    "score.total": ("total {total}, payout {payout} {currency}", "总分 {total}，薪酬 {payout} {currency}"),
    "score.held": ("on hold: {holds}", "待定：{holds}"),
    "score.head": ("{employee} {period}, plan {plan}", "{employee} {period}，方案 {plan}"),
    "score.as_settled": ("as run {run} settled it", "按结算 {run}"),
    "run.closing": ("closing {period}", "正在结算 {period}"),
    "run.publishing": ("publishing {run}", "正在发布 {run}"),
    "run.none": ("no runs yet", "尚无结算"),
    "run.review": (
        (
            "run {run} is up for review; another person approves it: "
            "./dev dualtrack run approve {run} --by NAME --digest {digest}"
        ),
        "结算 {run} 待审核；须由他人批准：./dev dualtrack run approve {run} --by 姓名 --digest {digest}",
    ),
    "run.approved": (
        "run {run} is approved by {by}; publish it: ./dev dualtrack run publish {run}",
        "结算 {run} 已由 {by} 批准；发布：./dev dualtrack run publish {run}",
    ),
    "run.rejected": (
        "run {run} is rejected; its next start is attempt {attempt}",
        "结算 {run} 已退回；下次发起为第 {attempt} 次尝试",
    ),
    "run.published": (
        "run {run} is published; sha256 of its manifest: {manifest}",
        "结算 {run} 已发布；清单 sha256：{manifest}",
    ),
    "run.files": (
        "{count} files in {out}, each as the manifest says",
        "{out} 中 {count} 个文件，均与清单一致",
    ),
    "run.held": ("on hold: {held}", "待定：{held}"),
    "run.failed": (
        "{machine} failed: {why}",
        "{machine} 失败：{why}",
    ),
    "run.stopped_here": (
        "stopped waiting; the execution goes on, see: ./dev dualtrack run list",
        "已停止等待；执行仍在继续，查看：./dev dualtrack run list",
    ),
    "payroll.none": ("no message is visible now", "当前没有可见消息"),
    "payroll.note": (
        (
            "the messages are still there; each look counts as one of 5 deliveries, "
            "then they move to the dead-letter queue"
        ),
        "消息仍在队列中；每次查看计一次投递，满 5 次移入死信队列",
    ),
    # what went wrong outside
    "wrong.usage": ("usage: {what}; see --help", "用法有误：{what}；参见 --help"),
    "wrong.file": (
        "file {file}: {what}; name a file that can be read",
        "文件 {file}：{what}；请指定可读取的文件",
    ),
    "wrong.encoding": (
        "the file is not UTF-8: {what}; save it as UTF-8",
        "文件不是 UTF-8：{what}；请另存为 UTF-8",
    ),
    "wrong.json": ("the file is not JSON: {what}; write {wanted}", "文件不是 JSON：{what}；请写成 {wanted}"),
    "wrong.aws": ("AWS answered: {what}", "AWS 返回：{what}"),
    "wrong.door": (
        "the door answered {status}: {what}; check the credentials' right to invoke POST /v1/events",
        "入口返回 {status}：{what}；请检查调用 POST /v1/events 的权限",
    ),
    "wrong.not_kept": (
        "{count} events were not kept after {tries} tries; send the file again, what was kept counts once",
        "{count} 个事件在 {tries} 次尝试后仍未保存；请重新发送该文件，已保存的只计一次",
    ),
    "wrong.refused": ("{reason}: {field} is {value}; {remedy}", "{reason}：{field} 为 {value}（{remedy}）"),
    "wrong.tenant_missing": (
        "name it with --tenant; running here: {known}",
        "请用 --tenant 指定；本机运行：{known}",
    ),
    "wrong.tenant_unknown": (
        "the file has: {known}",
        "文件中有：{known}",
    ),
    "wrong.tenant_nowhere": (
        "it is neither on a running embedded AWS (./dev up) nor a stack of this account: {what}",
        "既不在运行中的内嵌 AWS（./dev up），也不是此账户的堆栈：{what}",
    ),
    "none": ("none", "无"),
    # column heads
    "col.id": ("id", "标识"),
    "col.reason": ("reason", "原因"),
    "col.field": ("field", "字段"),
    "col.value": ("value", "值"),
    "col.remedy": ("remedy", "办法"),
    "col.source": ("source", "来源"),
    "col.type": ("type", "类型"),
    "col.event": ("event", "事件"),
    "col.state": ("state", "状态"),
    "col.count": ("count", "数量"),
    "col.index": ("index", "序号"),
    "col.track": ("track", "轨道"),
    "col.metric": ("metric", "指标"),
    "col.weight": ("weight", "权重"),
    "col.target": ("target", "目标"),
    "col.attainment": ("attainment", "完成率"),
    "col.points": ("points", "得分"),
    "col.score": ("score", "得分"),
    "col.about": ("about", "关于"),
    "col.rule": ("rule", "规则"),
    "col.given": ("given", "输入"),
    "col.result": ("result", "结果"),
    "col.subject": ("subject", "主体"),
    "col.period": ("period", "期间"),
    "col.measure": ("measure", "度量"),
    "col.day": ("day", "日期"),
    "col.entity": ("entity", "实体"),
    "col.version": ("version", "版本"),
    "col.values": ("values", "值"),
    "col.run": ("run", "结算"),
    "col.attempt": ("attempt", "尝试"),
    "col.starter": ("started by", "发起人"),
    "col.approver": ("approved by", "批准人"),
    "col.waiver": ("waiver", "豁免"),
    "col.manifest": ("manifest sha256", "清单 sha256"),
    "col.digest": ("digest", "摘要"),
    "col.currency": ("currency", "货币"),
    "col.payouts": ("payouts", "薪酬笔数"),
    "col.payable": ("payable", "应付笔数"),
    "col.lines": ("lines", "明细行"),
    "col.amount": ("amount", "金额"),
    "col.employee": ("employee", "员工"),
    "col.payout_id": ("payout id", "薪酬标识"),
    "col.deliveries": ("deliveries", "投递次数"),
    "col.file": ("file", "文件"),
    "col.bytes": ("bytes", "字节"),
    "col.sha256": ("sha256", "sha256"),
    "col.body": ("event as it came", "事件原文"),
    "col.note": ("note", "备注"),
}
