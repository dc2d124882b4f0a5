"""Payments under any order and repetition of receipts, with sendings in between."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from dualtrack.app import payments, resend
from dualtrack.app.relay import relay
from dualtrack.domain.errors import Refused
from dualtrack.domain.payments import (
    DOUBT,
    OUT,
    OUTCOMES,
    PAID,
    REJECTED,
    SENT,
    TWICE,
    Payment,
    Receipt,
    attempts,
    heard,
    resent,
)
from tests.properties.tripwire import Tripwire, every_call
from tests.unit.test_payments import NOW, published

ACTS = st.lists(st.tuples(st.integers(1, 3), st.sampled_from([*OUTCOMES, "send"])), max_size=12)


def played(acts: list[tuple[int, str]], again: bool) -> tuple[Payment, int]:
    """The payment after these acts, and how often it was sent; ``again``: each receipt comes twice."""
    payment, sent = Payment("P"), 1
    for n, (attempt, what) in enumerate(acts):
        if what == "send":
            if payment.state == REJECTED:
                payment, sent = resent(payment, f"R{n}"), sent + 1
        elif attempt <= payment.attempt:
            for _ in range(2 if again else 1):
                payment = heard(payment, Receipt("P", attempt, what))
    return payment, sent


@given(ACTS)
def test_repeated_receipts_change_nothing(acts: list[tuple[int, str]]) -> None:
    assert played(acts, again=True) == played(acts, again=False)


@given(ACTS)
def test_each_attempt_is_sent_once_and_only_after_the_one_before_was_rejected(
    acts: list[tuple[int, str]],
) -> None:
    payment, sent = played(acts, again=False)
    assert payment.attempt == sent
    rejected = {int(each[0]) for each in payment.heard if each[1] == REJECTED}
    assert set(range(1, sent)) <= rejected


@given(ACTS)
def test_money_that_went_out_twice_is_never_called_paid_or_sent(acts: list[tuple[int, str]]) -> None:
    payment, _ = played(acts, again=False)
    _honest(payment)


def test_no_history_of_two_attempts_hides_money_that_went_out_twice() -> None:
    """Every order of everything that can be heard, each said of two times, with one sending in between."""
    words = [(n, outcome, at) for n in (1, 2) for outcome in OUTCOMES for at in "ab"]
    for order in permutations(words, 5):
        payment = resent(heard(Payment("P"), Receipt("P", 1, REJECTED, at="first")), "R01")
        for attempt, outcome, at in order:
            payment = heard(payment, Receipt("P", attempt, outcome, at=at))
            _honest(payment)


def _honest(payment: Payment) -> None:
    paid = {each[0] for each in payment.heard if each[1] == PAID}
    if len(paid) > 1:
        assert payment.state in (TWICE, DOUBT)
    if payment.state in (SENT, REJECTED):
        assert not paid
    if payment.state == PAID:
        assert list(attempts(payment).values()).count(PAID) == 1
        assert OUT not in attempts(payment).values()


@given(st.permutations([(1, PAID), (2, PAID), (2, REJECTED)]))
def test_the_order_of_late_news_does_not_matter_unless_an_attempt_contradicts_itself(
    order: list[tuple[int, str]],
) -> None:
    """Attempt 1 was rejected, 2 is out: 1 turns out to be paid, and 2 comes to one end."""
    for end in OUTCOMES:
        payment = resent(heard(Payment("P"), Receipt("P", 1, REJECTED)), "R01")
        for attempt, outcome in order:
            if attempt == 1 or outcome == end:
                payment = heard(payment, Receipt("P", attempt, outcome))
        assert payment.state == (TWICE if end == PAID else PAID)


def test_a_late_success_between_any_two_calls_of_a_sending_is_never_lost() -> None:
    """Either the second attempt stays back, or somebody has to look: whenever the first turns out paid."""
    ends = Counter[tuple[int, str]]()

    def late(wire: Tripwire) -> None:
        world, run, [payout] = published()
        table, objects = world.table, world.payouts

        def paid_after_all() -> None:
            payments.receive(table, objects, run, [Receipt(payout, 1, PAID, at="2")])

        wire.act = paid_after_all
        payments.receive(table, objects, run, [Receipt(payout, 1, REJECTED, at="1")])
        batch = resend.prepare(table, objects, run, "otto", "r", [], NOW)
        wired, name = wire.wrap(table), batch.name
        with suppress(Refused):
            resend.release(wired, wire.wrap(objects), run, name, "olga", batch.digest, NOW)
        relay(wired, wire.wrap(objects), wire.wrap(world.payroll), "demo", run, name)
        if wire.sprung:
            ends[len(world.payroll.messages), payments.get(table, run.id, payout).state] += 1

    assert every_call(late) > 10
    assert set(ends) == {(1, PAID), (1, DOUBT), (2, DOUBT)}, ends
