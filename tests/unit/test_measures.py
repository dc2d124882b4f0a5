"""Measures: kinds, filters, what is made of each observation, windows, and what has no value."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from dualtrack.domain.errors import Refused
from dualtrack.domain.measures import (
    KINDS,
    Each,
    Filter,
    Measure,
    fingerprint,
    merge,
    no_data_rule,
    partial,
    values,
)
from dualtrack.domain.observations import Observation, Place
from dualtrack.domain.periods import window
from tests.support.plans import Number, number, table

D = Decimal
TWO_THIRDS = f"0.{'6' * 49}7"  # at fifty digits


def row(day: int, version: int = 1, entity: str = "", **said: str | int) -> Observation:
    """An observation; values in capitals are labels."""
    place = Place("E:a", "2026-01", "deal", f"2026-01-{day:02d}")
    said_so = {name: D(value) if not str(value)[:1].isalpha() else str(value) for name, value in said.items()}
    return Observation(place, entity or f"e{day}", version, "x", said_so)


def folded(measure: Measure, rows: Sequence[Observation]) -> Decimal | None:
    """The value of one measure over observations."""
    found = partial(measure, rows)
    return values([measure], {measure.id: found} if found else {})[measure.id]


def of(kind: str, **fields: Any) -> Measure:
    """A measure of deals by their amount."""
    return Measure("m", "deal", kind, **{"value": "amount"} | fields)


DEALS = [
    row(1, amount=10, weight=1, won=1, stage="Won", customer="X"),
    row(2, amount=20, weight=3, won=0, stage="Lost", customer="Y"),
    row(3, amount=60, weight=1, won=1, stage="Won", customer="X"),
    row(3, entity="late", note="N"),
]


@pytest.mark.parametrize(
    ("kind", "value", "expected", "absent"),
    [
        ("sum", "amount", "90", "zero"),
        ("count", "amount", "4", "zero"),
        ("mean", "amount", "30", "exclude"),
        ("weighted_mean", "amount", "26", "exclude"),
        ("share", "won", TWO_THIRDS, "exclude"),
        ("distinct", "customer", "2", "zero"),
        ("distinct", "amount", "3", "zero"),
        ("min", "amount", "10", "exclude"),
        ("max", "amount", "60", "exclude"),
        ("first", "amount", "10", "exclude"),
        ("last", "amount", "60", "exclude"),
        ("timeline", "amount", "60", "exclude"),
    ],
)
def test_every_kind_over_a_month_and_over_its_days(kind: str, value: str, expected: str, absent: str) -> None:
    measure = of(kind, value=value)
    found = folded(measure, DEALS)
    assert found == D(expected)
    days = [each for one in DEALS if (each := partial(measure, [one]))]
    assert merge(measure, days) == partial(measure, DEALS)
    assert folded(measure, []) is None
    assert no_data_rule(measure) == absent


@pytest.mark.parametrize(
    ("kind", "rows", "expected"),
    [
        ("last", [(1, 9, 5), (2, 1, 7)], 7),  # the day comes before the version
        ("first", [(1, 9, 5), (2, 1, 7)], 5),
        ("last", [(2, 1, 7), (2, 2, 3)], 3),
        ("first", [(2, 1, 7), (2, 2, 3)], 7),
        ("last", [(2, 10, 7), (2, 9, 3)], 7),  # numbers, not texts
        ("timeline", [(3, 1, 7), (1, 5, 3)], 7),
    ],
)
def test_first_and_last_go_by_day_then_by_version(kind: str, rows: Any, expected: int) -> None:
    seen = [row(day, version, f"e{n}", amount=amount) for n, (day, version, amount) in enumerate(rows)]
    assert folded(of(kind), seen) == expected
    assert folded(of(kind), seen[::-1]) == expected


def test_a_timeline_keeps_every_change_of_a_month_and_of_a_day_the_newest() -> None:
    seen = [row(5, 1, "a", amount=3), row(5, 2, "a", amount=4), row(1, 1, "b", amount=2)]
    found = partial(of("timeline"), seen)
    assert found
    assert (found[::3], found[2::3]) == (("2026-01-01", "2026-01-05"), ("2", "4"))


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ({}, 90),
        ({"stage": "Won"}, 70),
        ({"stage": Filter(("Won", "Lost"))}, 90),
        ({"stage": Filter(("Lost", "Open"))}, 20),
        ({"stage": "Won", "customer": "Y"}, None),
        ({"weight": Filter((), "at_least", D(3))}, 20),
        ({"weight": Filter((), "above", D(1))}, 20),
        ({"weight": Filter((), "at_most", D(1))}, 70),
        ({"weight": Filter((), "below", D(1))}, None),
        ({"weight": Filter((), "equals", D("1.00"))}, 70),
        ({"stage": Filter((), "at_least", D(0))}, None),  # a text is no number
        ({"weight": "1"}, None),  # and a number no text
        ({"nothing": "Won"}, None),
        ({"nothing": Filter((), "below", D(9))}, None),
    ],
)
def test_filters(when: Any, expected: Number) -> None:
    assert folded(of("sum", when=when), DEALS) == number(expected)


TIERS = table((0, "0.01"), (15, "0.02"), (50, "0.1"))


@pytest.mark.parametrize(
    ("each", "expected"),
    [
        (Each(TIERS, "marginal"), D("0.1") + D("0.25") + D("1.85")),
        (Each(TIERS, "whole"), D("0.1") + D("0.4") + D(6)),
        (Each(table((0, 1), (20, 5)), "amount"), 11),
        (Each(table((0, 1), (20, 5)), "amount", "lower"), 7),
        (Each(table((0, 0), (40, 80)), "interpolated"), 20 + 40 + 80),
        (Each(factors=((D("1.5"), {"weight": Filter((), "above", D(1))}),)), 10 + 30 + 60),
        (
            Each(factors=((D(2), {"stage": "Won"}), (D(3), {"weight": Filter((), "equals", D(3))}))),
            20 + 60 + 120,
        ),
        (Each(TIERS, "whole", factors=((D(2), {"stage": "Won"}),)), D("0.2") + D("0.4") + D(12)),
    ],
)
def test_each_observation_has_its_own_amount(each: Each, expected: Decimal | int) -> None:
    assert folded(of("sum", each=each), DEALS) == expected


@pytest.mark.parametrize(
    ("kind", "expected"), [("mean", 60), ("weighted_mean", 52), ("min", 20), ("max", 120)]
)
def test_other_kinds_fold_what_was_made_of_each(kind: str, expected: int) -> None:
    assert folded(of(kind, each=Each(factors=((D(2), {}),))), DEALS) == expected


def test_thirds_of_transactions_add_up_the_same_in_any_order() -> None:
    measure = of("sum", each=Each(table((0, 0), (7, 1), (10**9, 3 * 10**6)), "interpolated"))
    rows = [row(n, amount=a) for n, a in enumerate((1, 2, 4, 100000000, 123, 5), start=1)]
    whole = partial(measure, rows)
    assert partial(measure, rows[:1]) == ("0.14285714285714285714",), "twenty digits after the point"
    for cut in range(1, 6):
        halves = [partial(measure, rows[cut:]), partial(measure, rows[:cut])]
        assert merge(measure, [half for half in halves if half]) == whole


def test_weights_of_any_size_are_added_exactly() -> None:
    huge, tiny = "9" * 24, "0.00000000000001"
    rows = [
        row(n, amount=a, weight=w) for n, (a, w) in enumerate([(huge, huge), (tiny, tiny), (huge, tiny)], 1)
    ]
    parts = [found for one in reversed(rows) if (found := partial(of("weighted_mean"), [one]))]
    assert merge(of("weighted_mean"), parts) == partial(of("weighted_mean"), rows)


def test_a_share_counts_only_yes_and_no() -> None:
    with pytest.raises(Refused, match="not_a_flag"):
        partial(of("share"), [row(1, amount="0.5")])


def test_a_text_where_a_number_is_meant_is_refused() -> None:
    with pytest.raises(Refused, match="not_a_number"):
        partial(of("sum"), [row(1, amount="Many")])


@pytest.mark.parametrize(
    ("top", "above", "below", "expected"),
    [
        ("sum", 3, 4, "0.75"),
        ("sum", 3, 0, None),
        ("sum", 3, None, None),
        ("sum", None, 4, "0"),  # of four complaints none was handled in time
        ("count", None, 4, "0"),
        ("sum", None, 0, None),
        ("sum", None, None, None),
        ("last", None, 4, None),
        ("mean", None, 4, None),
    ],
)
def test_a_ratio(top: str, above: Number, below: Number, expected: Number) -> None:
    measures = [
        Measure("t", "d", top),
        Measure("b", "d", "sum"),
        Measure("r", "", "ratio", numerator="t", denominator="b"),
    ]
    partials: dict[str, tuple[str, ...]] = {}
    partials |= {} if above is None else {"t": (str(above),)}
    partials |= {} if below is None else {"b": (str(below),)}
    assert values(measures, partials)["r"] == number(expected)
    assert no_data_rule(measures[2]) == "exclude"


@pytest.mark.parametrize(
    ("period", "kind", "months", "expected"),
    [
        ("2026-05", "month", 1, ["2026-05"]),
        ("2026-04", "quarter_to_date", 1, ["2026-04"]),
        ("2026-06", "quarter_to_date", 1, ["2026-04", "2026-05", "2026-06"]),
        ("2026-03", "year_to_date", 1, ["2026-01", "2026-02", "2026-03"]),
        ("2026-01", "rolling", 3, ["2025-11", "2025-12", "2026-01"]),
        ("2026-01", "rolling", 1, ["2026-01"]),
    ],
)
def test_windows(period: str, kind: str, months: int, expected: list[str]) -> None:
    assert window(period, kind, months) == expected
    assert len(window("2026-05", "rolling", 12)) == 12


def test_a_fingerprint_changes_with_what_is_folded_and_not_with_when_it_is_read() -> None:
    known = fingerprint([of("sum")])
    changed = [
        of("mean"),
        of("sum", value="other"),
        of("sum", when={"a": "x"}),
        of("sum", each=Each(how="whole")),
    ]
    assert known not in {fingerprint([each]) for each in changed}
    assert fingerprint([of("sum", window="year_to_date", scope="team")]) == known


def test_every_kind_of_the_table_is_tested() -> None:
    tested = {
        "sum",
        "count",
        "mean",
        "weighted_mean",
        "share",
        "distinct",
        "min",
        "max",
        "first",
        "last",
        "timeline",
    }
    assert tested == set(KINDS)
