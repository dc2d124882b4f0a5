"""Settling: regular, differences, a draw and its recovery, a balance; nothing dropped, nothing paid twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from dualtrack.domain.payouts import Payout, Statement, settle

Lines = Sequence[tuple[str, int]]


def settled(
    regular: int | None,
    restated: Mapping[str, tuple[int, int]] | None = None,
    balance: int = 0,
    draw: int = 0,
    drawn: int = 0,
) -> Payout | None:
    """The payout of one employee and run."""
    earned = None if regular is None else (regular, ())
    return settle(
        Statement("t", "2026-03-01", "2026-03", "ann", "EUR", earned, restated or {}, balance, draw, drawn)
    )


@pytest.mark.parametrize(
    ("given", "lines", "amount"),
    [
        ({"regular": 300}, [("regular", 300)], 300),
        ({"regular": 0}, [("regular", 0)], 0),
        ({"regular": None}, None, None),
        ({"regular": None, "restated": {"2026-01": (80, 100)}},
         [("adjustment", -20), ("carried_out", 20)], 0),
        ({"regular": 300, "restated": {"2026-01": (80, 100), "2026-02": (9, 9)}},
         [("regular", 300), ("adjustment", -20)], 280),
        ({"regular": 300, "balance": 200}, [("regular", 300), ("carried_in", -200)], 100),
        ({"regular": 300, "balance": 500}, [("regular", 300), ("carried_in", -500), ("carried_out", 200)], 0),
        ({"regular": -300}, [("regular", -300), ("carried_out", 300)], 0),
        # A draw: at least so much, and the rest is owed.
        ({"regular": 300, "draw": 500}, [("regular", 300), ("draw", 200)], 500),
        ({"regular": 500, "draw": 500}, [("regular", 500)], 500),
        ({"regular": -100, "draw": 500}, [("regular", -100), ("draw", 600)], 500),
        ({"regular": 300, "draw": 500, "restated": {"2026-01": (80, 100)}},
         [("regular", 300), ("adjustment", -20), ("draw", 200)], 480),
        # Its recovery: only from what is earned above it.
        ({"regular": 600, "draw": 500, "drawn": 250}, [("regular", 600), ("recovery", -100)], 500),
        ({"regular": 900, "draw": 500, "drawn": 250}, [("regular", 900), ("recovery", -250)], 650),
        ({"regular": 500, "draw": 500, "drawn": 250, "restated": {"2026-01": (130, 100)}},
         [("regular", 500), ("adjustment", 30), ("recovery", -30)], 500),
        ({"regular": 600, "draw": 500, "drawn": 250, "restated": {"2026-01": (0, 200)}},
         [("regular", 600), ("adjustment", -200)], 400),
        # When the plan has no draw any more, all earnings pay it back.
        ({"regular": 200, "draw": 0, "drawn": 250}, [("regular", 200), ("recovery", -200)], 0),
        ({"regular": None, "drawn": 250, "restated": {"2026-01": (130, 100)}}, [("adjustment", 30)], 30),
        ({"regular": 600, "draw": 500, "drawn": 50, "balance": 30},
         [("regular", 600), ("recovery", -50), ("carried_in", -30)], 520),
    ],
)  # fmt: skip
def test_the_lines_of_a_payout(given: dict[str, int], lines: Lines | None, amount: int | None) -> None:
    payout = settled(**given)  # type: ignore[arg-type]
    if payout is None:
        assert lines is None
        return
    assert [(line.kind, line.amount) for line in payout.lines] == lines
    assert payout.amount == amount == sum(line.amount for line in payout.lines)
    assert len({line.id for line in payout.lines}) == len(payout.lines)


def test_a_draw_says_what_it_is_for() -> None:
    payout = settled(300, draw=500)
    assert payout
    assert payout.lines[-1].reasons[0].given == "5.00 at least, 3.00 earned"


def test_adjustments_say_what_was_due_and_what_was_paid() -> None:
    payout = settled(300, {"2026-01": (80, 100)})
    assert payout
    assert [(r.given, r.result) for r in payout.lines[1].reasons] == [("0.80 due − 1.00 paid", "-0.20")]
