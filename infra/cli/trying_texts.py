"""Texts about trying and simulating plans: key → (English, Chinese)."""

from __future__ import annotations

TRYING_TEXTS: dict[str, tuple[str, str]] = {
    "help.plan.try": (
        (
            "What a plan makes of facts in a CSV or JSON lines file: scores, payouts and every reason. "
            "No tenant is needed. Exits with 2 if facts contradict each other."
        ),
        "用 CSV 或 JSON 行文件中的事实试算方案：得分、薪酬与每条理由。无需租户。事实相互矛盾时以 2 退出。",
    ),
    "opt.facts_file": (
        (
            "observations, a row each: subject, measure, entity, value (or any values by their names), "
            "occurred_at, version, retracted; - is standard input"
        ),
        (
            "观测，每行一条：subject、measure、entity、value（或其他各名称的值）、"
            "occurred_at、version、retracted；- 为标准输入"
        ),
    ),
    "opt.try_period": (
        "2026-10, 2026Q4 or 2026; all months of the facts otherwise",
        "2026-10、2026Q4 或 2026；缺省为事实中的所有月份",
    ),
    "opt.try_employee": ("only this employee", "仅此员工"),
    "opt.as_of": (
        (
            "only what had arrived by then (received_at; without that column, what had occurred): "
            "a day or an instant"
        ),
        "仅截至此时已到达的事实（received_at；无此列时按发生时间）：日期或时刻",
    ),
    "opt.try_format": ("table or json", "table 或 json"),
    "opt.try_zone": (
        "time zone that decides the day of an instant; the plan's zone, else UTC",
        "决定时刻属于哪一天的时区；缺省为方案的时区，否则为 UTC",
    ),
    "opt.try_base": (
        "everybody's base a month, such as 10000.00, instead of what terms say",
        "所有人的月基数，如 10000.00，代替任职条款",
    ),
    "opt.metric": ("only this metric of the plan", "仅此指标（方案中的标识）"),
    "score.part": ("{first} to {last}", "{first} 至 {last}"),
    "try.head": ("{employee} {period}, plan {plan}", "{employee} {period}，方案 {plan}"),
    "try.award": ("award {award}: qualifies", "奖项 {award}：符合条件"),
    "try.no_award": ("award {award}: does not qualify", "奖项 {award}：不符合条件"),
    "try.lines": ("paid out: {lines}", "发放明细：{lines}"),
    "try.speed": (
        "{count} facts in {seconds} s, {ratio} × reading them",
        "{count} 条事实用时 {seconds} 秒，为仅读取的 {ratio} 倍",
    ),
    "try.few": (
        "{count} facts in {seconds} s (too few to compare with reading them)",
        "{count} 条事实用时 {seconds} 秒（太少，不与仅读取比较）",
    ),
    "try.conflict": (
        (
            "conflict: {file} lines {lines}: {about} says different things in version {version}; "
            "none of them counts: send a greater version"
        ),
        "矛盾：{file} 第 {lines} 行：{about} 在版本 {version} 中内容不同，均不计入；请给出更高版本",
    ),
    "try.conflicts": (
        "{count} conflicts: the results above are without these facts",
        "共 {count} 处矛盾：以上结果未计入这些事实",
    ),
    "try.note.not_in_force": (
        "note: plan {plan} does not hold in {months}",
        "注：方案 {plan} 在 {months} 不生效",
    ),
    "try.note.unread": (
        "note: no measure of the plan observes {measure} ({count} facts); it observes {known}",
        "注：方案没有任何度量观测 {measure}（{count} 条事实）；方案观测 {known}",
    ),
    "try.note.elsewhere": (
        (
            "note: {count} entities stand under several subjects in different versions and count for each: "
            "{named}; if they moved, take them back where they were (retracted, greater version)"
        ),
        (
            "注：{count} 个实体以不同版本出现在多个主体下，各自计入：{named}；"
            "若为转移，请在原处以更高版本撤回（retracted）"
        ),
    ),
    "try.note.assumed": (
        "note: the facts have no employment of {names}: employed since {since}, no team, base {base}",
        "注：事实中没有 {names} 的任职：按自 {since} 起任职、无团队、基数 {base} 计",
    ),
    "try.note.base": ("note: everybody's base is {base} a month", "注：所有人的月基数均为 {base}"),
    "try.note.without": (
        "note: plan {plan} holds for {names} on no day of these months: not employed, or not on its teams",
        "注：方案 {plan} 在这些月份不适用于 {names}：未任职，或不在其团队",
    ),
    "try.note.alone": (
        "note: nobody is on team {teams}, whose facts count for nobody",
        "注：没有人属于团队 {teams}，其事实不计入任何人",
    ),
    "help.plan.simulate": (
        (
            "What a draft would have paid on a period's real facts: who gains, who loses, the cost, "
            "every metric. Nothing of the tenant is changed."
        ),
        "用某期间的真实事实模拟方案草案：谁增谁减、总成本、各指标。不改动租户的任何数据。",
    ),
    "opt.sim_csv": ("write everybody's amounts to this CSV file", "把每个人的金额写入此 CSV 文件"),
    "opt.sim_html": ("write a page for the meeting to this HTML file", "生成会议用的 HTML 页面"),
    "sim.head": (
        "draft {draft} on the facts of {period}: {count} employees",
        "草案 {draft}，按 {period} 的事实：{count} 名员工",
    ),
    "sim.cost": (
        "{currency}: {before} by the plans in force, {after} by the draft, {difference}",
        "{currency}：现行方案 {before}，草案 {after}，差额 {difference}",
    ),
    "sim.paid": ("{currency}: {paid} was paid for the period so far", "{currency}：该期间已付 {paid}"),
    "sim.gain": ("{count} gain", "{count} 人增加"),
    "sim.lose": ("{count} lose", "{count} 人减少"),
    "sim.held": ("on hold before or after, without a difference: {names}", "前后有待定，无差额：{names}"),
    "sim.written": ("written: {file}", "已写入：{file}"),
    "sim.unchanged": ("unchanged", "不变"),
    "sim.metrics": ("Mean points of every metric", "各指标平均得分"),
    "sim.people": ("Everybody", "每个人"),
    "col.sim_before": ("now", "现行"),
    "col.sim_after": ("draft", "草案"),
    "col.difference": ("difference", "差额"),
    "col.paid": ("paid", "已付"),
    "col.people": ("people", "人数"),
    "col.team": ("team", "团队"),
    "col.bar": ("how many", "分布"),
    "col.payout": ("payout", "薪酬"),
    "col.total": ("total", "总分"),
    "hold": ("on hold", "待定"),
}
# What mends a file of facts: the English sentence, with {} for what changes → the same in Chinese.
TRYING_REMEDIES: dict[str, str] = {
    "name every column, once": "每列须有名称，且不重复",
    "write {} cells, as the first line does; quote what holds a comma": (
        "请与首行一样写 {} 个单元格；含逗号的内容加引号"
    ),
    "close every quote that is opened": "引号须成对",
    "write one JSON object on each line, each a fact": "每行写一个 JSON 对象，即一条事实",
    "write a text, a number, true or false": "请写文本、数字、true 或 false",
    "add {}": "请增加列：{}",
    "write E:<employee> or T:<team>": "请写 E:<员工> 或 T:<团队>",
    "name the measure that is observed": "请填写所观测的度量",
    "name what it is about: a deal, a campaign's day, a ticket": "请填写事实的对象：合同、活动日、工单等",
    "write a day, YYYY-MM-DD, or an instant": "请写日期 YYYY-MM-DD 或带时区的时刻",
    "send a day that the calendar has": "请写日历上存在的日期",
    "send RFC 3339 with an offset: 2017-10-05T08:00:00Z": "请写带时区的 RFC 3339：2017-10-05T08:00:00Z",
    "add the offset from UTC: 2017-10-05T08:00:00Z": "请写明与 UTC 的时差：2017-10-05T08:00:00Z",
    "send the date on which it happened": "请填写发生日期",
    "write 0 or 1": "请写 0 或 1",
    "write a whole number that grows": "请写递增的整数",
    "send a plain decimal such as 1054 or 12.50": "请写普通小数，如 1054 或 12.50",
    "send the base in minor units, a whole number": "基数请用最小货币单位的整数",
    "send it with every change of employment": "每次任职变更都须填写",
    "send a day as YYYY-MM-DD": "请写 YYYY-MM-DD",
    "write 2026-10, 2026Q4 or 2026": "请写 2026-10、2026Q4 或 2026",
    "the facts have {}": "事实中有：{}",
    "an amount of {}, such as 10000.00": "请写 {} 金额，如 10000.00",
    "the plan holds from {} to {}: try a month of these": "方案自 {} 至 {} 生效：请试其中的月份",
    "name a period in which somebody is employed under a plan": "请填写有人任职且有方案的期间",
}
