"""What the checks of a plan share: ids, texts, choices, bounds, tables, money."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from decimal import Decimal
from difflib import get_close_matches
from itertools import pairwise

from dualtrack.domain.errors import Problem, problem
from dualtrack.domain.money import EXPONENTS
from dualtrack.domain.numbers import ZERO, plain
from dualtrack.domain.plan import Text
from dualtrack.domain.tables import Table
from dualtrack.domain.vocabulary import CHOICES, LANGUAGES

ID = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}\Z")
DOTTED = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}\Z")  # measures alone: nothing is read after them
SHOWN = 12  # as many names as one looks through


def identities(where: str, ids: Sequence[str], form: re.Pattern[str] = ID) -> Iterator[Problem]:
    """Ids that cannot be names, or are used twice."""
    dot = f"{where}." if where else ""
    for name, times in Counter(ids).items():
        if not form.match(name):
            remedy = "start with a letter, then letters, digits, _ or -, at most 64"
            yield problem("bad_id", f"{dot}{name}.id" if dot else "id", name, remedy)
        if times > 1:
            yield problem("twice", f"{dot}{name}", name, "give each its own id")


def text(where: str, said: Text, needed: bool = True) -> Iterator[Problem]:
    """Texts that somebody could not read."""
    for language in LANGUAGES if needed or said else ():
        if not said.get(language, "").strip():
            yield problem(
                "text", f"{where}.{language}", said.get(language, "missing"), "say it in en and in zh"
            )


def choice(where: str, name: str, value: str, of: str = "") -> Iterator[Problem]:
    """A word that is none of the choices of ``of`` (without it, of ``name``)."""
    yield from among(f"{where}.{name}" if where else name, value, CHOICES[of or name])


def among(place: str, value: str, allowed: Collection[str]) -> Iterator[Problem]:
    """A word that is not among the allowed ones."""
    if value not in allowed:
        reason = "unknown_kind" if place.endswith(".kind") else "unknown_choice"
        yield problem(reason, place, value, f"use one of {', '.join(allowed)}")


def known(reason: str, place: str, name: str, names: Iterable[str]) -> Iterator[Problem]:
    """A name that nothing has; the remedy names what is alike, or else what there is."""
    there = sorted(set(names))
    if name not in there:
        shown = get_close_matches(name, there) or there[:SHOWN]
        more = ", …" if len(shown) == SHOWN < len(there) else ""
        yield problem(
            reason, place, name, f"name one of {', '.join(shown)}{more}" if shown else "there is none"
        )


def at_least(place: str, value: Decimal | None, least: Decimal = ZERO) -> Iterator[Problem]:
    """A number that is too small; none at all is fine."""
    if value is not None and value < least:
        yield problem("bad_range", place, plain(value), f"write at least {plain(least)}")


def between(place: str, value: int, least: int, most: int) -> Iterator[Problem]:
    """A whole number out of its range."""
    if not least <= value <= most:
        yield problem("bad_range", place, str(value), f"write {least} to {most}")


def money(place: str, value: Decimal | None, currency: str) -> Iterator[Problem]:
    """An amount that is negative, or finer than the currency's minor unit."""
    yield from at_least(place, value)
    digits = EXPONENTS.get(currency)
    if value is not None and digits is not None and value != round(value, digits):
        yield problem("too_fine", place, plain(value), f"{currency} has {digits} digits after the point")


def rows(place: str, table: Table, interpolated: bool) -> Iterator[Problem]:
    """A table without rows, with edges that do not rise, or with a gap below its first edge."""
    edges = [edge for edge, _ in table]
    if len(edges) < 1 + interpolated:
        yield problem("table", place, f"{len(edges)} rows", f"write at least {1 + interpolated} rows")
    falls = [(low, high) for low, high in pairwise(edges) if low >= high]
    for low, high in falls:
        said = f"{plain(high)} after {plain(low)}"
        yield problem("overlap", place, said, "let every edge be above the last")
    if edges and not interpolated and edges[0] != 0:
        yield problem("gap", place, f"starts at {plain(edges[0])}", "start the table at 0")


def misplaced(place: str, value: object, there: bool, remedy: str) -> Iterator[Problem]:
    """Something that is said where it means nothing."""
    if there:
        yield problem("not_here", place, value, remedy)
