"""The commands of a scenario as one table: their columns, what a column holds, and their Chinese words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from infra.scenario.cells import KINDS, Reader

# A column's name in Chinese; a row may use either.
CHINESE: Mapping[str, str] = {
    "base": "底薪",
    "team": "团队",
    "currency": "币种",
    "from": "自",
    "to": "至",
    "manager": "经理",
    "version": "版本",
    "entity": "对象",
    "retracted": "撤回",
    "score": "分数",
    "hours": "学时",
    "progress": "进度",
    "completed": "完成",
    "by": "由",
    "because": "因",
    "waive": "豁免",
    "about": "关于",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, what it holds (a row of ``cells.KINDS``), whether it may be left empty."""

    name: str
    kind: str
    optional: bool = False

    @property
    def read(self) -> Reader:
        """What makes a value of a cell's text."""
        return KINDS[self.kind]


@dataclass(frozen=True, slots=True)
class Command:
    """One kind of row. ``places`` stand in this order, ``named`` are cells such as ``by hana`` in any order.

    ``free``: what other cells ``name value`` are: ``values`` of a fact, ``numbers`` of tracks, or nothing.
    """

    name: str
    chinese: str
    places: tuple[Column, ...] = ()
    named: tuple[Column, ...] = ()
    free: str = ""
    many: bool = False  # the last place takes all cells that are left


WHO, PERIOD, AMOUNT = Column("who", "name"), Column("period", "period"), Column("amount", "amount")
BY = Column("by", "name", optional=True)
VERSION = Column("version", "whole", optional=True)
RETRACTED = Column("retracted", "flag", optional=True)
ENTITY = Column("entity", "text", optional=True)
METRIC = Column("metric", "text")

FACT = Command(
    "fact",
    "事实",
    (
        Column("who", "people"),
        Column("measure", "text"),
        Column("date", "moment"),
        Column("value", "number", optional=True),
    ),
    (ENTITY, VERSION, RETRACTED),
    free="values",
)
SENT = (
    Command(
        "employee",
        "员工",
        (WHO,),
        (
            Column("base", "amount", optional=True),
            Column("team", "name", optional=True),
            Column("currency", "text", optional=True),
            Column("from", "day", optional=True),
            Column("to", "day", optional=True),
            Column("manager", "name", optional=True),
            VERSION,
            RETRACTED,
        ),
    ),
    Command("leave", "休假", (WHO, Column("from", "day"), Column("to", "day")), (VERSION, RETRACTED)),
    Command(
        "target",
        "目标",
        (Column("who", "people"), METRIC, Column("when", "when"), Column("value", "number")),
        (VERSION, RETRACTED),
    ),
    FACT,
    Command(
        "training",
        "培训",
        (WHO, Column("course", "text"), Column("date", "moment")),
        (
            Column("score", "number", optional=True),
            Column("hours", "number", optional=True),
            Column("progress", "number", optional=True),
            Column("completed", "flag", optional=True),
            ENTITY,
            VERSION,
            RETRACTED,
        ),
    ),
)
ACTS = (
    Command("zone", "时区", (Column("zone", "text"),)),
    Command("plan", "方案", (Column("file", "text", optional=True),)),
    Command("again", "重发"),
    Command("shuffle", "乱序"),
    Command("close", "结算", (PERIOD,), (BY, Column("waive", "text", optional=True))),
    Command("approve", "批准", (PERIOD,), (BY,)),
    Command("reject", "退回", (PERIOD,), (BY, Column("because", "text"))),
    Command("publish", "发布", (PERIOD,)),
    Command("pay", "发薪", (PERIOD,)),
)
EXPECTED = (
    Command("expect score", "应得分", (WHO, PERIOD, Column("number", "wanted")), free="numbers"),
    Command("expect points", "应得点", (WHO, PERIOD, METRIC, Column("number", "wanted"))),
    Command("expect value", "应为值", (WHO, PERIOD, METRIC, Column("number", "wanted"))),
    Command("expect attainment", "应达成", (WHO, PERIOD, METRIC, Column("number", "wanted"))),
    Command("expect payout", "应付", (WHO, PERIOD, AMOUNT)),
    Command("expect paid", "应实付", (WHO, PERIOD, AMOUNT)),
    Command(
        "expect line",
        "应有明细",
        (WHO, PERIOD, Column("kind", "text"), AMOUNT),
        (Column("about", "period", optional=True),),
    ),
    Command("expect held", "应暂缓", (WHO, PERIOD, Column("reason", "text", optional=True))),
    Command("expect award", "应获奖", (WHO, PERIOD, Column("award", "text"), Column("answer", "yes"))),
    Command("expect total", "应合计", (PERIOD, AMOUNT)),
    Command("expect state", "应为状态", (PERIOD, Column("state", "text"))),
    Command("expect conflict", "应冲突", (Column("measure", "text"), Column("entity", "text"))),
    Command("expect refused", "应拒绝", (Column("reason", "text"),), many=True),
)
SCENARIO = Command("scenario", "场景", (Column("title", "text"),))
COMMANDS = (SCENARIO, *ACTS, *SENT, *EXPECTED)
ALSO = {"event": "fact", "事件": "fact"}  # further words for a command


def _said(words: str) -> str:
    """A command as it is looked up: capitals and blanks do not count."""
    return "".join(words.split()).lower()


WORDS: Mapping[str, Command] = {
    **{_said(word): each for each in COMMANDS for word in (each.name, each.chinese)},
    **{_said(word): each for word, name in ALSO.items() for each in COMMANDS if each.name == name},
}


def command(words: str) -> Command | None:
    """The command that a row's first cell names, in English or Chinese; None if there is none."""
    return WORDS.get(_said(words))
