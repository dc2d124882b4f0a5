"""What is wrong with a formula, found when a plan is checked and not when it is paid by.

Words and brackets are looked at first; then the formula is tried on some hundred sets of numbers, among
them the ones that it names itself. With ``/`` and ``%`` replaced nothing can be missing, so whatever still
goes wrong is a yes or no where a number belongs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import accumulate

from dualtrack.adapters.formulas import DIGITS, Calculation, Word, translated, words
from dualtrack.domain.errors import Problem, problem
from dualtrack.domain.formulas import Formula, Incalculable, Names
from dualtrack.domain.vocabulary import FUNCTIONS

LONGEST, DEEPEST, TRIALS = 500, 20, 200
POWER = re.compile(r"[0-9]{1,2}\Z")
HARMLESS = {"/": "*", "%": "+"}
OPEN, CLOSE = "([", ")]"
LISTS = ("min", "max")
USUAL = tuple(map(Decimal, ("1", "0", "0.5", "2", "-1", "95", "101", "7", "1000000", "0.03")))
OVERFLOW = re.compile(r"overflow|exponent")  # a matter of size, not of kind
NONE = Word("sign", "")
CALLS = "write min([a, b]), max([a, b]), abs(a), floor(a), ceil(a), round(a) or round(a, 2)"
# What to do about what the library says; the first that fits.
EXPLAINED = {
    "not a number": "let it come to a number: condition ? number : number",
    "division by zero": "let it come to a number: nothing that was tried did",
    "overflow|exponent": "let it come to a smaller number: nothing that was tried did",
    "function|Function|array": CALLS,
    "type": "numbers belong to + - * / and comparisons, yes or no to ? and or not",
    "": "look for an operator or a bracket that is missing, or one too many",
}


def faults(formula: Formula, place: str) -> list[Problem]:
    """Everything that is wrong with a formula's text; unknown names are the domain's to find."""
    found = list(words(formula.text, frozenset(formula.names)))
    wrong = [*_size(formula.text, found), *_words(found)] or [*_trial(formula, found)]
    return [problem("formula", place, value, remedy) for value, remedy in wrong]


def _size(text: str, found: Sequence[Word]) -> Iterator[tuple[str, str]]:
    if len(text) > LONGEST or not found:
        yield f"{len(text)} characters", f"write 1 to {LONGEST} characters"
    signs = [each.text for each in found if each.kind == "sign"]
    depths = list(accumulate((sign in OPEN) - (sign in CLOSE) for sign in signs)) or [0]
    if max(depths) > DEEPEST:
        yield f"{max(depths)} brackets deep", f"nest at most {DEEPEST} brackets"
    if min(depths) < 0 or depths[-1] != 0:
        yield text, "open and close every bracket"


def _words(found: Sequence[Word]) -> Iterator[tuple[str, str]]:
    """Each word with the two before it."""
    for first, second, word in zip([NONE, NONE, *found], [NONE, *found], [*found, NONE], strict=False):
        if second.text in FUNCTIONS and word.text != "(":
            yield second.text, CALLS
        if remedy := _fault(first, second, word):
            yield word.text, remedy


def _fault(first: Word, second: Word, word: Word) -> str:
    if word.kind == "other":
        return "use numbers, names, + - * / % ^, comparisons, and, or, not, ? :, ??, brackets"
    if word.kind == "number" and len(word.text.replace(".", "")) > DIGITS:
        return f"write at most {DIGITS} digits"
    if second.text == "^" and not POWER.match(word.text):
        return "write a power as a whole number from 0 to 99"
    if word.text == "[" and (first.text not in LISTS or second.text != "("):
        return "square brackets only list numbers: min([a, b]) or max([a, b])"
    return ""


def _trial(formula: Formula, found: Sequence[Word]) -> Iterator[tuple[str, str]]:
    """The kinds of things first, then whether anything comes out at all."""
    kinds = Calculation(formula.names, translated(found, formula.names, HARMLESS))
    samples = list(_samples(found, formula.names))
    said = (why for why in _outcomes(kinds, samples) if why and not OVERFLOW.search(why))
    wrong = next(said, "") or _nothing(_outcomes(formula.calculate, samples))
    if wrong:
        yield formula.text, f"{_explained(wrong)} ({wrong})"


def _explained(wrong: str) -> str:
    return next(remedy for pattern, remedy in EXPLAINED.items() if re.search(pattern, wrong))


def _nothing(outcomes: Iterator[str]) -> str:
    """Why nothing ever comes out; empty once something does."""
    first = next(outcomes)
    return first and ("" if "" in outcomes else first)


def _outcomes(calculate: Callable[[Names], Decimal], samples: Iterable[Names]) -> Iterator[str]:
    """Why there is no number, sample by sample; empty where there is one."""
    for sample in samples:
        try:
            calculate(sample)
        except Incalculable as error:
            yield str(error)
        else:
            yield ""


def _samples(found: Sequence[Word], names: Sequence[str]) -> Iterator[Names]:
    """All ones, all zeros, then mixtures of usual numbers and of those around the formula's own."""
    own = [Decimal(each.text) for each in found if each.kind == "number"]
    pool = [*USUAL, *(number + step for number in dict.fromkeys(own) for step in (0, 1, -1))]
    for trial in range(TRIALS):
        turn, rest = trial // len(pool), trial % len(pool)
        yield {
            name: pool[(rest + turn * (place + 1) + place * (turn > 0)) % len(pool)]
            for place, name in enumerate(names)
        }
