"""Capitals say the amount and nothing else: read back by another rule, they are the same number."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from dualtrack.domain.capitals import capitals

UNITS = {"拾": 10, "佰": 100, "仟": 1000}
SMALL = {"角": 10, "分": 1}
DIGITS = "零壹贰叁肆伍陆柒捌玖"


def value(text: str) -> int:
    """A number in capitals: 亿 before 万 before the rest."""
    for unit, size in (("亿", 10**8), ("万", 10**4)):
        if unit in text:
            head, tail = text.rsplit(unit, 1)
            return value(head) * size + value(tail)
    total = digit = 0
    for char in text:
        if char in UNITS:
            total += digit * UNITS[char]
            digit = 0
        else:
            digit = DIGITS.index(char)
    return total + digit


def fen(text: str) -> int:
    """The amount that a text in capitals says, in 分."""
    sign = -1 if "负" in text else 1
    whole, _, rest = re.sub("人民币|负|整", "", text).rpartition("元")
    return sign * (
        value(whole) * 100 + sum(DIGITS.index(d) * SMALL[u] for d, u in re.findall("(.)([角分])", rest))
    )


AMOUNTS = st.one_of(
    st.integers(-(10**15), 10**15),
    st.builds(lambda digits, zeros: digits * 10**zeros, st.integers(0, 9999), st.integers(0, 11)),
    st.builds(
        lambda one, two, gap: one * 10**gap + two, st.integers(1, 999), st.integers(0, 99), st.integers(2, 11)
    ),
)


@settings(max_examples=500, deadline=None)
@given(AMOUNTS)
def test_capitals_read_back_are_the_amount(amount: int) -> None:
    assert fen(capitals(amount, "CNY")) == amount


@settings(max_examples=500, deadline=None)
@given(AMOUNTS)
def test_there_is_never_a_double_or_a_leading_zero_nor_one_before_a_unit(amount: int) -> None:
    said = capitals(amount, "CNY").removeprefix("人民币")
    assert not re.search("零零|零[拾佰仟万亿角分整]|^零(?!元整$)", said)
    assert said.count("元") <= 1
    assert said.endswith("整") == (amount % 10 == 0)
