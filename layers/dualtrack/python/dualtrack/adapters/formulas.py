"""Formulas, calculated by the rules library (zen-engine): exact decimals in and out, and nothing else read.

What its own decimal type limits, measured and tested:

- A number has at most 28 places after the point, and 96 bits for all of its digits: 28 digits are always
  kept. Longer ones silently became binary floats. So every number that goes in is rounded half-even to 28
  digits and 28 places, and one from 10^28 on is ``Incalculable``.
- Every step in between is rounded to the same 28 places (1/3 has 28 threes, and 1/3*3 is not 1); less than
  half of 10^-28 becomes 0; more than 79228162514264337593543950335 is ``Incalculable``.
- A division by zero gives nothing (``null``), and nothing may be compared for equality: that would be a quiet
  no. So both sides of ``==`` and ``!=`` are made to be numbers (``- 0``, ``0 +``), or it is ``Incalculable``.
- ``^`` is exact for whole powers only; others were approximate, and of negative numbers wrong. So a power is
  written as a whole number of at most two digits.
- ``round`` rounds half away from zero; ``-2 ^ 2`` is 4, because a minus belongs to the number behind it;
  ``??`` binds closest of all.

A formula is cut into words before the library sees it, and only known words pass: no texts, no clock, no
chance. Names become aliases (a0, a1, …), so that none can mean anything to the library. It is compiled when
first calculated.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import cached_property
from typing import NamedTuple, Protocol, TypeVar

from dualtrack.domain.errors import SHOWN
from dualtrack.domain.formulas import Formula, Incalculable, Names
from dualtrack.domain.vocabulary import FUNCTIONS, OPERATORS

DIGITS = 28
FITTING = Context(prec=DIGITS, rounding=ROUND_HALF_EVEN)
LEAST = Decimal(1).scaleb(-DIGITS)
TOO_LARGE = Decimal(1).scaleb(DIGITS)
WORD = re.compile(
    r"\s*(?:(?P<number>[0-9]+(?:\.[0-9]+)?)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_.]*(?:-[A-Za-z0-9_.]+)*)"
    r"|(?P<sign>\?\?|[=!<>]=|[-+*/%^<>?:(),\[\]])"
    r"|(?P<other>\S))"
)
RESULT = re.compile(r"-?[0-9]+(\.[0-9]+)?\Z")
T = TypeVar("T")
GUARDED = {"==": "- 0 == 0 +", "!=": "- 0 != 0 +"}


class Word(NamedTuple):
    """A piece of a formula: number, name, word (and, or, not, a function), sign or other."""

    kind: str
    text: str


class Expression(Protocol):
    """What the library makes of a text."""

    def evaluate(self, context: str, /) -> object:
        """The result over numbers given as JSON."""


def words(text: str, known: Set[str]) -> Iterator[Word]:
    """A formula's words. ``a-b`` is one name if a name is written so, and a difference otherwise."""
    at = 0
    while found := WORD.match(text, at):
        kind, said = str(found.lastgroup), found[found.lastgroup or 0]
        if kind == "name":
            said = _name(said, known)
            kind = "word" if said in FUNCTIONS or said in OPERATORS else kind
        yield Word(kind, said)
        at = found.start(found.lastgroup or 0) + len(said)


def _name(said: str, known: Set[str]) -> str:
    """The longest known beginning; all of it if there is none."""
    parts = said.split("-")
    beginnings = ("-".join(parts[:count]) for count in range(len(parts), 0, -1))
    return next((each for each in beginnings if each in known | FUNCTIONS | OPERATORS), said)


def formula(text: str, known: Set[str]) -> Formula:
    """The formula of a text, wrong or right; what is wrong with it, ``faults`` says."""
    found = list(words(text, known))
    names = tuple(dict.fromkeys(each.text for each in found if each.kind == "name"))
    return Formula(text, names, Calculation(names, translated(found, names)))


def translated(found: Sequence[Word], names: Sequence[str], other: Mapping[str, str] | None = None) -> str:
    """The text for the library: names by their aliases, signs as they are guarded, or as ``other`` says."""
    signs = {**GUARDED, **(other or {})}
    alias = {name: f"a{number}" for number, name in enumerate(names)}
    said = (alias[each.text] if each.kind == "name" else signs.get(each.text, each.text) for each in found)
    return f"string({' '.join(said)})"


@dataclass
class Calculation:
    """A formula at work. Raises ``Incalculable`` with one sentence."""

    names: Sequence[str]
    text: str

    @cached_property
    def expression(self) -> Expression:
        """Compiled once; the library is loaded only where a formula is calculated."""
        import zen

        made: Expression = _asked(lambda: zen.compile_expression(self.text))
        return made

    def __call__(self, given: Names) -> Decimal:
        numbers = (f'"a{place}":{_json(given[name])}' for place, name in enumerate(self.names))
        context = f"{{{','.join(numbers)}}}"
        said = str(_asked(lambda: self.expression.evaluate(context)))
        if not RESULT.match(said):
            why = (
                "a division by zero, or a number that is missing"
                if said == "null"
                else f"{said}, not a number"
            )
            raise Incalculable(f"came to nothing: {why}")
        return Decimal(said)


def _json(value: Decimal | None) -> str:
    return "null" if value is None else f"{fitted(value):f}"


def fitted(value: Decimal) -> Decimal:
    """A number as the library can hold it: 28 digits, 28 places; ``Incalculable`` if it is too large."""
    if value.copy_abs() >= TOO_LARGE:
        raise Incalculable(f"a number of more than {DIGITS} digits before the point")
    rounded = FITTING.plus(value)
    fits = rounded.as_tuple().exponent >= -DIGITS  # type: ignore[operator]  # a number, for a finite one
    return rounded if fits else rounded.quantize(LEAST, context=FITTING)


def _asked(what: Callable[[], T]) -> T:
    """What the library answers; its complaint as one sentence."""
    try:
        return what()
    except RuntimeError as error:
        raise Incalculable(_sentence(str(error))) from None


def _sentence(complaint: str) -> str:
    first = complaint.partition("\n")[0]
    try:
        said = json.loads(first)["source"]
    except (ValueError, TypeError, KeyError):
        said = first
    return str(said)[:SHOWN].removeprefix("Opcode ")
