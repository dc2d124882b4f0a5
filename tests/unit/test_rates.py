"""Paid in another currency than the plan's: at the plan's rate, or not at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dualtrack.app.valuation import Valued, reader, value
from dualtrack.domain.employment import Employment, History
from dualtrack.domain.measures import Measure
from dualtrack.domain.money import EXPONENTS, half_up
from dualtrack.domain.observations import Observation, Place
from dualtrack.domain.plan import Award, Draw, Factor, PayoutRule, Pays, Plan, Table
from dualtrack.domain.rates import Rate, Rates
from tests.support.plans import gate, metric, plan, table, when

D = Decimal
OCTOBER, NOVEMBER = "2024-10", "2024-11"
HIRED = date(2024, 1, 1)
PER_TURNOVER = Pays(table((0, "0.05"), (1000, "0.10")))


def paid_in(*spells: tuple[str, str, int]) -> History:
    """Ann's terms: currency, first day, base in minor units."""
    rows = [Employment("ann", "t1", base, money, date.fromisoformat(start), None)
            for money, start, base in spells]  # fmt: skip
    return History(tuple(rows))


def at(**found: Sequence[tuple[str, str]]) -> Rates:
    """Rates by currency: first day and units for one of the plan's."""
    return {
        money: tuple(Rate(date.fromisoformat(day), D(rate)) for day, rate in rows)
        for money, rows in found.items()
    }


def dollars(rates: Rates, pays: Pays | None = PER_TURNOVER, **fields: Any) -> Plan:
    """A plan in USD: 100 sold is the target, and what is sold pays by itself."""
    more: dict[str, Any] = {"payout": PayoutRule(basis="none"), "start": HIRED, "currency": "USD"}
    return plan(metric(target=100, pays=pays), rates=rates, **more | fields)


def valued(who: History, by: Plan, sold: Mapping[str, str | int], month: str = OCTOBER) -> Valued:
    """A month of these sales by their days."""
    facts: dict[tuple[str, str], list[Observation]] = {}
    for day, amount in sold.items():
        row = Observation(Place("E:ann", day[:7], "m", day), day, 1, "", {"value": D(amount)})
        facts.setdefault(("E:ann", day[:7]), []).append(row)
    found = value(who, [by], month, reader(facts))
    assert found is not None
    return found


EURO = paid_in(("EUR", "2024-01-01", 310_000))
YEN = paid_in(("JPY", "2024-01-01", 310_000))
DINAR = paid_in(("KWD", "2024-01-01", 310_000))
CHANGING = at(EUR=[("2024-01-01", "0.92"), ("2024-10-31", "0.93"), ("2024-11-01", "0.50")])


@pytest.mark.parametrize(
    ("who", "rates", "due"),
    [
        (EURO, CHANGING, 10_230),  # 1 000 at 5 % and 600 at 10 % are 110 USD, at that of the last day
        (YEN, at(JPY=[("2024-01-01", "151.37")]), 16_651),  # 16 650.7 yen have no places
        (DINAR, at(KWD=[("2024-01-01", "0.3067")]), 33_737),  # and dinars three
        (paid_in(("USD", "2024-01-01", 0)), CHANGING, 11_000),  # the plan's own needs no rate
    ],
)
def test_what_a_plan_pays_is_converted_at_the_rate_of_the_periods_last_day(
    who: History, rates: Rates, due: int
) -> None:
    found = valued(who, dollars(rates), {"2024-10-05": 1600})
    assert (found.due, found.currency) == (due, who.newest.currency)


def test_a_base_is_in_the_employees_currency_and_needs_no_conversion() -> None:
    by = dollars(at(JPY=[("2024-01-01", "151.37")]), None, payout=PayoutRule())
    assert valued(YEN, by, {"2024-10-05": 90}).due == 279_000


@pytest.mark.parametrize(
    ("rule", "sold", "due"),
    [
        (
            PayoutRule(cap_amount=D(1000)),
            100,
            93_000,
        ),  # 3 100 EUR of base and what is sold, at most 1 000 USD
        (PayoutRule(cap_amount=D(4000)), 100, 310_465),  # 3 100 EUR and 5 USD
        (PayoutRule(basis="none", guarantee=Draw(D(300), False)), 0, 27_900),
        (PayoutRule(basis="none", draw=Draw(D(200), False)), 0, 18_600),
    ],
)
def test_amounts_of_the_payout_rule_are_converted_too(rule: PayoutRule, sold: int, due: int) -> None:
    assert valued(EURO, dollars(CHANGING, payout=rule), {"2024-10-05": sold}).due == due


def test_a_recoverable_draw_is_advanced_in_the_employees_currency() -> None:
    rule = PayoutRule(basis="none", draw=Draw(D(200)))
    found = valued(EURO, dollars(CHANGING, payout=rule), {"2024-10-05": 10})
    assert (found.draw, found.due) == (18_600, 47)  # half a dollar is 46.5 cents


def test_an_award_has_its_amount_converted_and_its_share_of_the_base_not() -> None:
    prize = Award("best", {}, (gate("total score at_least 0"),), month=10, amount=D(100), share=D(10))
    by = dollars(CHANGING, None, awards=(prize,))
    assert valued(EURO, by, {"2024-10-05": 100}).due == 9_300 + 31_000


def test_reasons_say_the_rate_once_and_the_currency_of_what_the_plan_pays() -> None:
    pays = Pays(table((0, "0.10")), cap=D(50), factors=(Factor(D(2), (when("measure m above 0"),)),))
    found = valued(EURO, dollars(CHANGING, pays), {"2024-10-05": 1000}).reasons
    said = [(each.rule, each.result) for each in found]
    assert said == [
        ("rate", "0.93"), ("pays", "100 USD"), ("factor", "200 USD"), ("payout cap", "50 USD"),
        ("rounding", "46.50 EUR"),
    ]  # fmt: skip
    assert found[0].given == "EUR for 1 USD since 2024-10-31"


HELD = {
    "no rates at all": (EURO, {}, "EUR: no rate from USD (plan test@1) that holds on 2024-10-31"),
    "rates of another currency": (
        EURO, at(JPY=[("2024-01-01", "151.37")]),
        "EUR: no rate from USD (plan test@1) that holds on 2024-10-31",
    ),
    "a rate from a later day": (
        EURO, at(EUR=[("2024-11-01", "0.92")]),
        "EUR: no rate from USD (plan test@1) that holds on 2024-10-31",
    ),
    "another currency within the month": (
        paid_in(("USD", "2024-01-01", 310_000), ("EUR", "2024-10-16", 310_000)), CHANGING,
        "payout: EUR and USD cannot be added up: pay it by hand",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HELD)
def test_what_cannot_be_converted_is_held_with_both_currencies(name: str) -> None:
    who, rates, why = HELD[name]
    rule = PayoutRule(guarantee=Draw(D(300)), draw=Draw(D(200)))
    found = valued(who, dollars(rates, payout=rule), {"2024-10-20": 40})
    assert (found.due, found.holds, found.reasons) == (None, (why,), ())
    assert found.currency == who.newest.currency
    assert found.card.total >= 40  # the score needs no money


@pytest.mark.parametrize("month", [OCTOBER, NOVEMBER, "2024-12"])
def test_instalments_of_a_quarter_in_two_currencies_are_held_from_its_first_month(month: str) -> None:
    who = paid_in(("USD", "2024-01-01", 310_000), ("EUR", "2024-12-01", 310_000))
    rule = PayoutRule(limits=(D("33.33"), D("66.67")))
    found = valued(who, dollars(CHANGING, None, payout=rule), {"2024-10-05": 100}, month)
    assert found.holds == ("payout: EUR and USD cannot be added up: pay it by hand",)


def test_instalments_in_another_currency_sum_to_the_base() -> None:
    rule = PayoutRule(limits=(D("33.33"), D("66.67")))
    measure = Measure("m", "m", "sum", window="quarter_to_date")
    by = replace(dollars(at(JPY=[("2024-01-01", "151")]), None, payout=rule), measures=(measure,))
    due = [valued(YEN, by, {"2024-10-05": 100}, month).due for month in (OCTOBER, NOVEMBER, "2024-12")]
    assert due == [309_969, 310_062, 309_969]
    assert sum(each or 0 for each in due) == 3 * 310_000


def scaled(rows: Table, by: Decimal) -> Table:
    """A table with every amount multiplied."""
    return tuple((edge, given * by) for edge, given in rows)


@given(
    st.decimals("0.0001", "20000", places=4),
    st.sampled_from(sorted(set(EXPONENTS) - {"USD"})),
    st.integers(0, 5_000),
    st.integers(0, 400),
    st.integers(0, 400),
)
def test_converting_is_as_if_the_plan_had_been_written_in_the_other_currency(
    rate: Decimal, currency: str, sold: int, cap: int, guarantee: int
) -> None:
    rule = PayoutRule(cap_amount=D(cap), guarantee=Draw(D(guarantee)), draw=Draw(D(7)))
    dear = replace(rule, cap_amount=cap * rate, guarantee=Draw(guarantee * rate), draw=Draw(7 * rate))
    pays = replace(PER_TURNOVER, cap=D(cap))
    own = Pays(scaled(pays.table, rate), cap=cap * rate)
    who = paid_in((currency, "2024-01-01", 310_000))
    found = valued(who, dollars({currency: (Rate(HIRED, rate),)}, pays, payout=rule), {"2024-10-05": sold})
    other = valued(who, dollars({}, own, payout=dear, currency=currency), {"2024-10-05": sold})
    assert (found.due, found.draw, found.currency) == (other.due, other.draw, other.currency)


@given(st.decimals("0.0001", "20000", places=4), st.integers(0, 10**6))
def test_a_converted_amount_is_rounded_once(rate: Decimal, sold: int) -> None:
    by = dollars(at(JPY=[("2024-01-01", str(rate))]), Pays(table((0, "0.0333"))))
    assert valued(YEN, by, {"2024-10-05": sold}).due == half_up(sold * D("0.0333") * rate)
