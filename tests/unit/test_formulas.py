"""Formulas: what comes out to the last digit, where the decimals end, and what is refused when checked."""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dualtrack.adapters.formula_faults import faults
from dualtrack.adapters.formulas import fitted, formula
from dualtrack.domain.formulas import Incalculable
from dualtrack.domain.numbers import EXACT

D = Decimal
KNOWN = frozenset({"a", "b", "deals", "win-rate", "course.files.score", "metrics.revenue.points", "value"})
THIRD = "0.3333333333333333333333333333"
LARGEST = "79228162514264337593543950335"


def result(text: str, **numbers: str | None) -> str:
    """What a formula comes to, or why it does not; ``x_y`` in a name stands for its other signs."""
    made = formula(text, KNOWN)
    given = {name: None if each is None else D(each) for name, each in numbers.items()}
    try:
        return f"{made.calculate({'win-rate': D('0.4'), **given}):f}"
    except Incalculable as why:
        return str(why)


NOTHING = "came to nothing: a division by zero, or a number that is missing"
TYPE = "Unsupported type"


@pytest.mark.parametrize(
    ("text", "numbers", "expected"),
    [
        ("a + b", {"a": "0.1", "b": "0.2"}, "0.3"),
        ("a * b", {"a": "1.10", "b": "3"}, "3.3"),
        ("a + b * 2 ^ 3", {"a": "1", "b": "3"}, "25"),
        ("2 ^ 3 ^ 2", {}, "512"),
        ("-a ^ 2", {"a": "2"}, "4"),
        ("0 - a ^ 2", {"a": "2"}, "-4"),
        ("a % b", {"a": "7", "b": "3"}, "1"),
        ("min([a, b]) + max([a, b, 9])", {"a": "1", "b": "3"}, "10"),
        ("abs(a) + floor(b) + ceil(b)", {"a": "-1", "b": "1.5"}, "4"),
        ("round(a)", {"a": "2.5"}, "3"),
        ("round(a)", {"a": "-2.5"}, "-3"),
        ("round(a, 2)", {"a": "2.345"}, "2.35"),
        ("a >= 90 and b > 0 ? 100 : 50", {"a": "90", "b": "1"}, "100"),
        ("not (a > 1) or b < 0 ? 1 : 2", {"a": "2", "b": "0"}, "2"),
        ("a == 1 ? 5 : 6", {"a": "1.0"}, "5"),
        ("a != 1 and b == 2 ? 5 : 6", {"a": "0", "b": "2"}, "5"),
        ("deals == 0 ? 100 : 100 * a / deals", {"a": "1", "deals": "0"}, "100"),
        ("a > 1 ? 1 : a > 0 ? 2 : 3", {"a": "1"}, "2"),
        ("a ?? 5", {"a": None}, "5"),
        ("a ?? b ?? 7", {"a": None, "b": None}, "7"),
        ("1 + a ?? 5", {"a": None}, "6"),
        ("5 == a ?? 5 ? 1 : 2", {"a": None}, "1"),
        ("win-rate * 100", {}, "40"),
        ("a-b", {"a": "3", "b": "1"}, "2"),
        ("a-1", {"a": "3"}, "2"),
        ("007", {}, "7"),
        ("1.0000001 ^ 12", {}, "1.0000012000006600002200000495"),
    ],
)  # fmt: skip
def test_a_formula_comes_to_an_exact_number(text: str, numbers: dict[str, str | None], expected: str) -> None:
    assert D(result(text, **numbers)) == D(expected)


@pytest.mark.parametrize(
    ("text", "numbers", "why"),
    [
        ("a / b", {"a": "1", "b": "0"}, NOTHING),
        ("a % b", {"a": "1", "b": "0"}, NOTHING),
        ("a", {"a": None}, NOTHING),
        ("a + 1", {"a": None}, TYPE),
        ("a > 1 ? 1 : 0", {"a": None}, TYPE),
        ("a == 1 ? 1 : 0", {"a": None}, TYPE),
        ("a / b == 1 ? 1 : 0", {"a": "1", "b": "0"}, TYPE),
        ("1 == a / b ? 1 : 0", {"a": "1", "b": "0"}, TYPE),
        ("a / b != 1 ? 1 : 0", {"a": "1", "b": "0"}, TYPE),
        ("max([a, b])", {"a": "1", "b": None}, "max"),
        ("a > 1", {"a": "1"}, "false, not a number"),
        ("a * b", {"a": "7" + "0" * 20, "b": "1" + "0" * 20}, "overflow"),
        ("a ^ 99", {"a": "2000"}, "exponent"),
    ],
)  # fmt: skip
def test_what_comes_to_nothing_says_why_in_one_sentence(
    text: str, numbers: dict[str, str | None], why: str
) -> None:
    said = result(text, **numbers)
    assert why in said
    assert "\n" not in said
    assert "backtrace" not in said


@pytest.mark.parametrize(
    ("text", "numbers", "expected"),
    [
        ("a", {"a": "1234567890123456789012345678"}, "1234567890123456789012345678"),  # 28 digits are kept
        ("a", {"a": "12345678901234.56789012345678"}, "12345678901234.56789012345678"),
        ("a", {"a": "12345678901234.567890123456785"}, "12345678901234.56789012345678"),  # half to even
        ("a", {"a": "12345678901234.567890123456775"}, "12345678901234.56789012345678"),
        ("a", {"a": "0.0000000000000000000000000001"}, "0.0000000000000000000000000001"),  # the 28th place
        ("a", {"a": "0.00000000000000000000000000015"}, "0.0000000000000000000000000002"),  # and the 29th
        ("a", {"a": "0.00000000000000000000000000005"}, "0"),
        ("a", {"a": "9999999999999999999999999999"}, "9999999999999999999999999999"),
        ("a", {"a": "9999999999999999999999999999.9"}, "10000000000000000000000000000"),
        ("a", {"a": "1E+27"}, "1000000000000000000000000000"),
        ("a / b", {"a": "1", "b": "3"}, THIRD),
        ("a / b * b", {"a": "1", "b": "3"}, "0.9999999999999999999999999999"),
        ("a / b", {"a": "2", "b": "3"}, "0.6666666666666666666666666667"),
        ("a * a", {"a": "0.00000000000001"}, "0.0000000000000000000000000001"),
        ("a * a", {"a": "0.000000000000001"}, "0"),  # less than half of the last place
        ("a * b", {"a": "0.5", "b": "0.0000000000000000000000000003"}, "0.0000000000000000000000000002"),
        ("a + b", {"a": "9999999999999999999999999999", "b": "1"}, "10000000000000000000000000000"),
        ("a * 7 + b", {"a": "9999999999999999999999999999", "b": "0.4"}, "69999999999999999999999999993"),
        ("a * 7.9228162514264337593543950335", {"a": "1E+27"}, "7922816251426433759354395033.5"),
    ],
)  # fmt: skip
def test_the_edges_of_the_decimals(text: str, numbers: dict[str, str | None], expected: str) -> None:
    assert D(result(text, **numbers)) == D(expected)


def test_a_number_from_ten_to_the_28th_on_does_not_go_in() -> None:
    assert "more than 28 digits" in result("a", a="1E+28")
    assert "more than 28 digits" in result("a", a="-" + LARGEST)
    assert "overflow" in result("a * 8", a="9999999999999999999999999999")


@settings(max_examples=300)
@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, min_value=D("-1E+28"), max_value=D("1E+28"), places=None
    )
)
def test_a_number_goes_in_and_comes_out_as_28_digits_and_28_places_can_hold_it(number: D) -> None:
    if abs(number) >= D("1E+28"):
        return
    said = D(result("a", a=str(number)))
    assert said == fitted(number)
    assert abs(EXACT.subtract(said, number)) <= max(D("5E-29"), abs(number) * D("5E-28"))


NAME = st.sampled_from(["a", "b", "win-rate", "1", "0", "2.5"])
TEXT = st.recursive(
    NAME,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*/%"), inner).map(" ".join),
        st.tuples(inner, inner, inner).map(lambda three: f"({three[0]} > {three[1]} ? {three[2]} : 1)"),
        st.tuples(inner, inner).map(lambda two: f"max([{two[0]}, {two[1]}])"),
        inner.map(lambda one: f"({one} ?? 3) ^ 2"),
    ),
    max_leaves=8,
)
SOME = st.one_of(
    st.none(), st.decimals(min_value=-(10**9), max_value=10**9, places=6), st.sampled_from([D(0), D("1E-28")])
)


@settings(max_examples=300)
@given(TEXT, SOME, SOME)
def test_a_formula_is_a_number_or_incalculable_and_nothing_else(text: str, a: D | None, b: D | None) -> None:
    made = formula(text, KNOWN)
    given = {"a": a, "b": b, "win-rate": D("0.4")}
    with suppress(Incalculable):
        assert made.calculate(given).is_finite()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("a + b * a", ("a", "b")),
        ("win-rate - a", ("win-rate", "a")),
        ("a-b-win-rate", ("a", "b", "win-rate")),
        ("course.files.score ?? 0", ("course.files.score",)),
        ("min([a, 3])", ("a",)),
        ("wine-rate", ("wine-rate",)),
        ("metrics.revenue.points", ("metrics.revenue.points",)),
        ("1 + 2", ()),
    ],
)
def test_a_formula_knows_what_it_reads(text: str, names: tuple[str, ...]) -> None:
    assert formula(text, KNOWN).names == names


@pytest.mark.parametrize(
    ("text", "value", "remedy"),
    [
        ("", "0 characters", "write 1 to 500 characters"),
        ("a + " * 130 + "a", "521 characters", "write 1 to 500"),
        ("(" * 21 + "a" + ")" * 21, "21 brackets deep", "at most 20"),
        ("'x' + a", "'", "use numbers, names"),
        ('"x"', '"', "use numbers, names"),
        ("`x`", "`", "use numbers, names"),
        ("$root", "$", "use numbers, names"),
        ("#", "#", "use numbers, names"),
        ("{a: 1}", "{", "use numbers, names"),
        ("a; b", ";", "use numbers, names"),
        ("a & b", "&", "use numbers, names"),
        ("a = b", "=", "use numbers, names"),
        ("价格 + 1", "价", "use numbers, names"),
        ("a[0]", "[", "min([a, b])"),
        ("[a, b]", "[", "min([a, b])"),
        ("a ^ 0.5", "0.5", "a whole number from 0 to 99"),
        ("a ^ b", "b", "a whole number from 0 to 99"),
        ("a ^ -1", "-", "a whole number from 0 to 99"),
        ("1.23456789012345678901234567890", "1.23456789012345678901234567890", "at most 28 digits"),
        ("a +", "a +", "missing, or one too many"),
        ("a b", "a b", "missing, or one too many"),
        ("(a", "(a", "close every bracket"),
        ("a)", "a)", "close every bracket"),
        ("a) + (b", "a) + (b", "close every bracket"),
        ("(a]", "(a]", "missing, or one too many"),
        ("a, b", "a, b", "number of arguments"),
        ("min(a, b)", "min(a, b)", "number of arguments"),
        ("min([])", "min([])", "write min([a, b])"),
        ("floor()", "floor()", "floor(a)"),
        ("min", "min", "write min([a, b])"),
        ("max ?? 5", "max", "write min([a, b])"),
        ("1 < a < 3 ? 1 : 0", "1 < a < 3 ? 1 : 0", "Unsupported type"),
        ("a > 1", "a > 1", "not a number"),
        ("not a", "not a", "Unsupported type"),
        ("a and b ? 1 : 2", "a and b ? 1 : 2", "Unsupported type"),
        ("(a > 1) + 1", "(a > 1) + 1", "Unsupported type"),
        ("a > 1 == b > 1 ? 1 : 2", "a > 1 == b > 1 ? 1 : 2", "Unsupported type"),
        ("a > 1234 ? a > 2 : 5", "a > 1234 ? a > 2 : 5", "not a number"),
        ("a / 7 > 31 ? not b : 5", "a / 7 > 31 ? not b : 5", "Unsupported type"),
        ("1 / 0", "1 / 0", "division by zero"),
        ("a / (b - b)", "a / (b - b)", "division by zero"),
        ("2 ^ 99 ^ 9", "2 ^ 99 ^ 9", "exponent"),
    ],
)  # fmt: skip
def test_what_could_not_be_calculated_is_refused_when_the_plan_is_checked(
    text: str, value: str, remedy: str
) -> None:
    found = faults(formula(text, KNOWN), "tracks.a.metrics.x.formula")
    assert (found[0].reason, found[0].field) == ("formula", "tracks.a.metrics.x.formula")
    assert found[0].value == value if len(value) < 80 else found[0].value.startswith(value[:70])
    assert remedy in found[0].remedy
    assert "backtrace" not in found[0].remedy


@pytest.mark.parametrize(
    "text",
    [
        "a / (b - 1) + 1",
        "deals == 0 ? 100 : 100 * a / deals",
        "a ?? 0 + b",
        "min([value * 100, 120])",
        "round(a / b, 2)",
        "a % 2 == 1 ? 1 : 0",
        "(" * 20 + "a" + ")" * 20,
        "3",
        "a > 999999 ? 1 / (a - 1000000) : b",
    ],
)
def test_a_sound_formula_has_no_faults(text: str) -> None:
    assert faults(formula(text, KNOWN), "x") == []


@pytest.mark.parametrize(
    "text", ["date('now')", "rand(100)", "now()", "len(a)", "string(a)", "a.b", "true", "null + 1"]
)
def test_no_clock_no_chance_no_text_and_nothing_else_is_read(text: str) -> None:
    made = formula(text, KNOWN)
    assert faults(made, "x") or set(made.names) - KNOWN


def test_the_library_is_loaded_only_where_a_formula_is_calculated() -> None:
    code = (
        "import sys; from dualtrack.adapters.formulas import formula; made = formula('1 + 1', frozenset());"
        "before = 'zen' in sys.modules; made.calculate({}); print(before, 'zen' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]
