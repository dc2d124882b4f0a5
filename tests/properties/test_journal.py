"""The journal: whatever the lines are, every entry is balanced and nothing of them is missing."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from dualtrack.adapters.payfiles import journal, lines
from dualtrack.domain.journal import entries
from dualtrack.domain.payouts import KINDS, Line, Payout
from tests.support.payfiles import ACCOUNTS, publication

LINES = st.lists(
    st.builds(
        Line,
        id=st.just("id"),
        employee=st.sampled_from(["ann", "bob", "李"]),
        run=st.just("2026-10-01"),
        kind=st.sampled_from(KINDS),
        period=st.sampled_from(["2026-08", "2026-09", "2026-10"]),
        amount=st.integers(-(10**13), 10**13),
        currency=st.sampled_from(["CNY", "JPY", "KWD", "USD"]),
    ),
    max_size=30,
)


@settings(max_examples=200, deadline=None)
@given(LINES)
def test_every_entry_is_balanced_and_no_amount_is_negative(booked: list[Line]) -> None:
    for entry in entries(booked, ACCOUNTS):
        assert sum(each.debit for each in entry.postings) == sum(each.credit for each in entry.postings)
        assert all(each.debit >= 0 and each.credit >= 0 for each in entry.postings)
        assert {each.account for each in entry.postings} == set(ACCOUNTS[entry.kind])


@settings(max_examples=200, deadline=None)
@given(LINES)
def test_what_the_payable_account_is_owed_is_the_sum_of_all_lines(booked: list[Line]) -> None:
    owed: Counter[str] = Counter()
    for entry in entries(booked, ACCOUNTS):
        for each in entry.postings:
            if each.account == "221101":
                owed[entry.currency] += each.credit - each.debit
    paid: Counter[str] = Counter()
    for line in booked:
        paid[line.currency] += line.amount
    assert {c: n for c, n in owed.items() if n} == {c: n for c, n in paid.items() if n}


@settings(max_examples=200, deadline=None)
@given(LINES, st.randoms())
def test_the_order_of_lines_does_not_matter(booked: list[Line], dice: object) -> None:
    shuffled = sorted(booked, key=lambda _: dice.random())  # type: ignore[attr-defined]
    assert entries(shuffled, ACCOUNTS) == entries(booked, ACCOUNTS)


@settings(max_examples=100, deadline=None)
@given(LINES)
def test_journal_and_lines_read_back_say_the_same(booked: list[Line]) -> None:
    made = publication([Payout("p", line.employee, line.run, line.currency, 0, (line,)) for line in booked])
    (ledger,), (listed,) = journal.write(made), lines.write(made)
    assert journal.sums(ledger.data) == lines.sums(listed.data)
