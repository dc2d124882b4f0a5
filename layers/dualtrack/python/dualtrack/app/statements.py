"""What the rows of a file state: about whom, what, when, in which version, and from when on that was known.

A text is looked at once, however many rows say it. Whatever is wrong is said with its line, all of it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from decimal import Decimal
from typing import TypeVar

from dualtrack.app.sheet import (
    ENTITY,
    EVENT,
    MEASURE,
    OCCURRED,
    OF_TERMS,
    RECEIVED,
    RETRACTED,
    SOURCE,
    SUBJECT,
    VERSION,
    Row,
    Sheet,
    Uses,
    uses,
)  # fmt: skip
from dualtrack.domain.employment import EMPLOYMENT
from dualtrack.domain.errors import Problem, Refused, refuse
from dualtrack.domain.numbers import PLAIN, number
from dualtrack.domain.observations import Observation, Place, Value
from dualtrack.domain.periods import DAY, MONTH, TIMELESS, day_of, instant
from dualtrack.domain.plan import TARGET, Plan

T = TypeVar("T")
Groups = Mapping[tuple[str, str], Sequence[Row]]  # rows by subject and measure, in the file's order
NEEDED = (SUBJECT, MEASURE, OCCURRED)
SUBJECT_NAME = re.compile(r"(?:[ET]:)?[^:\s](?:[^:]{0,126}[^:\s])?\Z")
FLAGS = {"": False, "false": False, "0": False, "no": False, "true": True, "1": True, "yes": True}
ZERO_OR_ONE = {"", "0", "1"}
MOST = 10**19  # of versions, as on the live route
# A column of decimals and absent cells, each with a line end, looked at as a whole.
ALL_PLAIN = re.compile(r"(?:(?:{})?\n)*+\Z".format(PLAIN.pattern.removesuffix(r"\Z")))


@dataclass(frozen=True, slots=True)
class Statements:
    """The rows of a sheet, understood. ``days``, ``versions``, ``flags``: by the texts that say them."""

    sheet: Sheet
    groups: Groups
    uses: Mapping[str, Uses]
    days: Mapping[str, str]
    odd_days: Mapping[Row, str]  # of the rows whose ``occurred_at`` is no day
    versions: Mapping[str, int]
    flags: Mapping[str, bool]
    plain: frozenset[str]  # the columns with a number in every cell
    known: dict[str, Sequence[Decimal]] = field(default_factory=dict)

    def day(self, row: Row) -> str:
        """The day on which a row stands."""
        return self.odd_days[row] if row in self.odd_days else self.days[self.sheet.column(OCCURRED)[row]]

    def version(self, row: Row) -> int:
        """The greater one counts."""
        return self.versions[self.sheet.column(VERSION)[row]]

    def retracted(self, row: Row) -> bool:
        """Whether a row takes back its entity."""
        return self.flags[self.sheet.column(RETRACTED)[row]]

    def values(self, measure: str, row: Row) -> dict[str, Value]:
        """Numbers and texts by their names."""
        used = self.uses[measure]
        columns = self.sheet.values.items()
        return {name: used.typed(name, column[row]) for name, column in columns if column[row]}

    def read(self, measure: str, row: Row) -> dict[str, Value]:
        """Those of them that the plan reads."""
        used, columns = self.uses[measure], self.sheet.values
        return {
            name: used.typed(name, columns[name][row])
            for name in used.all & columns.keys()
            if columns[name][row]
        }

    def numbers(self, name: str, rows: Sequence[Row]) -> list[Decimal]:
        """The numbers of rows that have one; a whole column is read at once, in the file's order: faster."""
        cells = self.sheet.column(name)
        if name not in self.plain:
            return [Decimal(cells[row]) for row in rows]
        if name not in self.known:
            self.known[name] = list(map(Decimal, cells))
        column = self.known[name]
        return [column[row] for row in rows]

    def observation(self, subject: str, measure: str, row: Row) -> Observation:
        """A row as the live route would have it, as far as the plan reads it."""
        day = self.day(row)
        place = Place(subject, TIMELESS if measure in OF_TERMS else day[:7], measure, day)
        entity, source, event = (self.sheet.column(name)[row] for name in (ENTITY, SOURCE, EVENT))
        values = self.read(measure, row)
        return Observation(place, entity, self.version(row), "", values, self.retracted(row), source, event)


def stands(measure: str) -> bool:
    """Whether facts of a measure hold from a day on: that day can be what tells them apart."""
    return measure == EMPLOYMENT or measure.startswith(TARGET)


class Reading:
    """A sheet on its way to statements; collects what is wrong."""

    def __init__(self, sheet: Sheet, plan: Plan, zone: tzinfo, as_of: str = "") -> None:
        self._sheet, self._plan, self._zone, self._as_of = sheet, plan, zone, as_of
        self._problems: list[Problem] = []
        missing = [name for name in NEEDED if name not in sheet.columns]
        if missing:
            there = ", ".join(sheet.columns) or "none"
            raise refuse("missing", f"{sheet.name}, columns", there, f"add {', '.join(missing)}")

    def statements(self) -> Statements:
        """All rows that were known, understood; refuses with every row that cannot be."""
        groups = self._groups()
        used = {measure: uses(self._plan, measure) for _, measure in groups}
        days, flags = self._parsed(OCCURRED, self._day), self._parsed(RETRACTED, _flag)
        versions = self._parsed(VERSION, _version)
        plain = self._plain(used)
        self._check_numbers(groups, used, plain)
        self._check_entities(groups)
        odd = {} if self._problems else self._odd_days(groups, days, flags)
        if self._problems:
            raise Refused(*self._problems)
        return Statements(self._sheet, groups, used, days, odd, versions, flags, plain)

    def _say(self, rows: Iterable[Row], column: str, found: Refused) -> None:
        self._problems += [each for row in rows for each in self._sheet.wrong(row, column, found)]

    def _parsed(self, column: str, parse: Callable[[str], T]) -> dict[str, T]:
        """Every text of a column once, as what it means."""
        cells = self._sheet.column(column)
        known: dict[str, T] = {}
        wrong: dict[str, Refused] = {}
        for text in set(cells):
            try:
                known[text] = parse(text)
            except Refused as refused:
                wrong[text] = refused
        for row, text in enumerate(cells) if wrong else ():
            if text in wrong:
                self._say([row], column, wrong[text])
        return known

    # ---- about whom and what

    def _groups(self) -> Groups:
        keyed: dict[tuple[str, str], list[Row]] = defaultdict(list)
        keys = zip(self._sheet.column(SUBJECT), self._sheet.column(MEASURE), strict=True)
        for row, key in enumerate(keys):
            keyed[key].append(row)
        if self._as_of:
            keyed = self._known(keyed)
        found: dict[tuple[str, str], list[Row]] = {}
        for (subject, measure), rows in keyed.items():
            named = self._subject(subject, rows), self._measure(measure, rows)
            found[named] = sorted(found[named] + rows) if named in found else rows
        return found

    def _subject(self, text: str, rows: Sequence[Row]) -> str:
        if not SUBJECT_NAME.match(text) or not text.isprintable():
            self._say(rows, SUBJECT, refuse("bad_id", "", text, "write E:<employee> or T:<team>"))
        return text if ":" in text else f"E:{text}"

    def _measure(self, text: str, rows: Sequence[Row]) -> str:
        if not text or not text.isprintable():
            self._say(rows, MEASURE, refuse("missing", "", text, "name the measure that is observed"))
        return text

    def _check_entities(self, groups: Groups) -> None:
        cells = self._sheet.column(ENTITY)
        if ENTITY in self._sheet.columns and "" not in cells:
            return
        nameless = refuse("missing", "", "", "name what it is about: a deal, a campaign's day, a ticket")
        for (_, measure), rows in groups.items():
            if not stands(measure) and measure not in OF_TERMS:
                self._say((row for row in rows if not cells[row]), ENTITY, nameless)

    # ---- when

    def _day(self, text: str) -> str:
        if not text or MONTH.match(text):
            return text
        return day_of(text, self._zone, "").isoformat()

    def _odd_days(
        self, groups: Groups, days: Mapping[str, str], flags: Mapping[str, bool]
    ) -> Mapping[Row, str]:
        """Terms may leave out the day, a target may name its month, and a retraction needs neither."""
        if all(map(DAY.match, days.values())):
            return {}
        found = {}
        occurred, retracted = self._sheet.column(OCCURRED), self._sheet.column(RETRACTED)
        for (_, measure), rows in groups.items():
            for row in rows:
                day, needless = days[occurred[row]], flags[retracted[row]] and not stands(measure)
                if not DAY.match(day):
                    found[row] = day if needless else self._of(measure, row, day)
        return found

    def _of(self, measure: str, row: Row, day: str) -> str:
        if measure in OF_TERMS and not day:
            day = self._sheet.column("from")[row]
        if measure.startswith(TARGET) and MONTH.match(day):
            day = f"{day}-01"
        if not DAY.match(day):
            self._say([row], OCCURRED, refuse("bad_time", "", day, "write a day, YYYY-MM-DD, or an instant"))
        return day

    # ---- numbers

    def _plain(self, used: Mapping[str, Uses]) -> frozenset[str]:
        """The columns without an absent cell in which there is nothing but numbers."""
        names = {name for each in used.values() for name in each.numbers} & self._sheet.full
        return frozenset(name for name in names if _all_plain(self._sheet.column(name)))

    def _check_numbers(self, groups: Groups, used: Mapping[str, Uses], plain: frozenset[str]) -> None:
        """Says every cell that the plan reads as a number and is none."""
        columns = self._sheet.values
        for (_, measure), rows in groups.items():
            flags = used[measure].flags
            for name in sorted((used[measure].numbers - plain | flags) & columns.keys()):
                cells = [columns[name][row] for row in rows]
                if not _all_plain(cells) or (name in flags and not set(cells) <= ZERO_OR_ONE):
                    self._check(name, rows, name in flags)

    def _check(self, name: str, rows: Sequence[Row], flag: bool) -> None:
        cells = self._sheet.column(name)
        for row in rows:
            try:
                found = number(cells[row], "") if cells[row] else None
            except Refused as refused:
                self._say([row], name, refused)
                continue
            if flag and found not in (None, 0, 1):
                self._say([row], name, refuse("not_a_flag", "", cells[row], "write 0 or 1"))

    # ---- what was known

    def _known(self, keyed: Mapping[tuple[str, str], list[Row]]) -> dict[tuple[str, str], list[Row]]:
        """The rows that had arrived (without ``received_at``: had occurred) at the time asked for."""
        column = RECEIVED if RECEIVED in self._sheet.columns else OCCURRED
        known = self._parsed(column, self._before())
        cells = self._sheet.column(column)
        found = {key: [row for row in rows if known.get(cells[row])] for key, rows in keyed.items()}
        return {key: rows for key, rows in found.items() if rows}

    def _before(self) -> Callable[[str], bool]:
        """Whether a day or an instant lies before the time asked for; a day belongs to it as a whole."""
        wanted, zone = self._as_of, self._zone
        last = day_of(wanted, zone, "--as-of")
        if DAY.match(wanted):
            return lambda text: day_of(text, zone, "") <= last
        limit = instant(wanted, "--as-of")
        return lambda text: day_of(text, zone, "") <= last if DAY.match(text) else instant(text, "") <= limit


def _all_plain(cells: Sequence[str]) -> bool:
    return ALL_PLAIN.match("\n".join([*cells, ""])) is not None


def _version(text: str) -> int:
    version = number(text, "") if text else Decimal(1)
    if version < 0 or version % 1 or version >= MOST:
        raise refuse("bad_version", "", text, "write a whole number that grows")
    return int(version)


def _flag(text: str) -> bool:
    if text.lower() not in FLAGS:
        raise refuse("not_a_flag", "", text, "write true or false")
    return FLAGS[text.lower()]
