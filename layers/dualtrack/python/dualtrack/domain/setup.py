"""The pay setup: how a tenant closes, carries, and hands over what it pays. A published document, versioned.

``events/pay/*.yaml`` are its files; README.md beside them says what each part means. Whoever publishes none
has ``DEFAULT``: everybody in one monthly group, every difference carried, lines and workbook as files.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

Text = Mapping[str, str]  # by language: en, zh
EVERYBODY = "all"  # the group of whoever no other group takes


@dataclass(frozen=True, slots=True)
class Calendar:
    """Which days banks and offices are closed. ``weekend``: 0 is Monday; ``workdays``: of it, worked."""

    id: str
    weekend: frozenset[int] = frozenset((5, 6))
    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True)
class Moment:
    """So many days after a period's last one, at a local time; ``calendar``: counted in its business days."""

    days: int = 1
    time: str = "00:30"
    calendar: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Employees who are closed together. Nobody named means everybody whom no other group takes.

    ``every``: month or quarter; ``since``: the first month that is this group's to close; ``close``: when its
    schedule starts, None if people start it; ``pay``: on which day the money is to arrive.
    """

    id: str
    every: str = "month"
    plans: frozenset[str] = frozenset()
    teams: frozenset[str] = frozenset()
    employees: frozenset[str] = frozenset()
    since: str = ""
    close: Moment | None = None
    pay: Moment = field(default_factory=lambda: Moment(days=10))
    name: Text = field(default_factory=dict)

    @property
    def everybody(self) -> bool:
        """Whether it takes whoever no other group takes."""
        return not (self.plans or self.teams or self.employees)


@dataclass(frozen=True, slots=True)
class Clawbacks:
    """How much of a paid amount may be taken back. ``shares``: up to so many months after payment, percent.

    ((12, 100), (18, 50)): all of it within 12 months, half within 18, nothing after.
    """

    shares: tuple[tuple[int, Decimal], ...] = ((12, Decimal(100)),)
    instalments: int = 1


@dataclass(frozen=True, slots=True)
class Debtor:
    """The account that a currency is paid from. ``bank``: a BIC, or a national bank code."""

    currency: str
    name: str
    account: str
    bank: str


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a bank's batch file: its head, and what stands in it (``README.md`` lists the fields)."""

    head: str
    field: str = ""
    constant: str = ""


@dataclass(frozen=True, slots=True)
class BankProfile:
    """How one bank wants its batch file (代发工资).

    ``text``: how an account is kept from becoming a number: none, quote, tab. ``header``: whether the heads
    are a row. ``amount``: major (1234.50) or minor (123450). ``currencies``: whose payouts go into it.
    """

    id: str
    columns: tuple[Column, ...]
    currencies: tuple[str, ...]
    separator: str = ","
    encoding: str = "gb18030"
    header: bool = True
    newline: str = "\r\n"
    text: str = "none"
    amount: str = "major"
    trailer: tuple[str, ...] = ()
    name: Text = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Setup:
    """One version of a tenant's pay setup.

    ``carry_up_to``: differences up to that amount (minor units, by currency) are carried without a person's
    decision; None: all are. ``accounts``: payroll (it knows them; files pay by employee id) or tenant (stored
    here, encrypted). ``files``: which kinds are written. ``journal``: by kind of line, the accounts debited
    and credited by a positive amount.
    """

    id: str
    version: int
    groups: tuple[Group, ...] = (Group(EVERYBODY),)
    calendars: tuple[Calendar, ...] = ()
    carry_up_to: Mapping[str, int] | None = None
    clawbacks: Clawbacks = field(default_factory=Clawbacks)
    accounts: str = "payroll"
    debtors: tuple[Debtor, ...] = ()
    banks: tuple[BankProfile, ...] = ()
    files: tuple[str, ...] = ("lines", "workbook")
    journal: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    language: str = "en"

    @property
    def ref(self) -> str:
        """How a manifest names it: ``pay@3``."""
        return f"{self.id}@{self.version}"

    def group(self, name: str) -> Group:
        """A group by its id; raises ``KeyError``."""
        return {group.id: group for group in self.groups}[name]

    def group_of(self, employee: str, team: str, plan: str) -> Group:
        """Whose close takes an employee: named in person before team before plan before everybody."""
        for taken in (
            lambda g: employee in g.employees,
            lambda g: team in g.teams,
            lambda g: plan in g.plans,
            lambda g: g.everybody,
        ):
            for group in self.groups:
                if taken(group):
                    return group
        raise KeyError(employee)  # a setup without a group for everybody is refused when it is published


DEFAULT = Setup("default", 0, (Group(EVERYBODY, close=Moment()),))
FILES = ("lines", "workbook", "statements", "journal", "pain001", "bank")
