"""Conditions and gates: a number of the scorecard, as far as it has come, against a bound."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from dualtrack.domain.formulas import Formula, Incalculable
from dualtrack.domain.measures import no_data_rule
from dualtrack.domain.numbers import TESTS, ZERO, dusted, plain
from dualtrack.domain.reasons import Reason

if TYPE_CHECKING:
    from dualtrack.domain.plan import Condition, Gate, Plan
    from dualtrack.domain.scoring import MetricScore, TrackScore

Values = Mapping[str, Decimal | None]


@dataclass(slots=True)
class Board:
    """What is known so far while a scorecard is being worked out."""

    plan: Plan
    values: Values
    metrics: dict[str, MetricScore] = field(default_factory=dict)
    tracks: dict[str, TrackScore] = field(default_factory=dict)
    total: Decimal | None = None

    def measure(self, name: str) -> Decimal | None:
        """A measure's value; a sum or a count of nothing is 0."""
        value = self.values.get(name)
        if (
            value is None
            and name in self.plan.measure_of
            and no_data_rule(self.plan.measure_of[name]) == "zero"
        ):
            return ZERO
        return value

    def number(self, of: str, name: str, what: str) -> Decimal | None:
        """The number that a condition or a formula names; None if there is none."""
        if of == "measure":
            return self.measure(name)
        if of == "metric":
            scored = self.metrics[name]
            nothing = what == "points" and scored.state in ("excluded", "hold")
            found: Decimal | None = None if nothing else getattr(scored, what)
            return found
        return self.total if of == "total" else self.tracks[name].score

    def calculate(self, formula: Formula, given: Values | None = None) -> Decimal | None:
        """A formula over what it names; None if it needs a number that is not there.

        Raises ``Incalculable`` if all is there and it comes to nothing all the same.
        """
        numbers = {
            name: given[name] if given and name in given else self._named(name) for name in formula.names
        }
        try:
            return formula.calculate(numbers)
        except Incalculable:
            if None in numbers.values():
                return None
            raise

    def _named(self, name: str) -> Decimal | None:
        of, _, rest = name.partition(".")
        if of in ("metrics", "tracks") and rest:
            identity, _, what = rest.rpartition(".")
            return self.number(of.removesuffix("s"), identity, what)
        return self.measure(name)


def holds(board: Board, condition: Condition) -> bool:
    """Whether a condition holds; without a number it does not."""
    found = board.number(condition.of, condition.id, condition.what)
    return found is not None and TESTS[condition.test](dusted(found), condition.bound)


def all_hold(board: Board, conditions: Sequence[Condition]) -> bool:
    """Whether all of them hold; none at all is fine."""
    return all(holds(board, each) for each in conditions)


def passed(board: Board, gate: Gate) -> bool:
    """Whether a gate lets pass."""
    found = [holds(board, each) for each in gate.conditions]
    return any(found) if gate.any_of else all(found)


def said(board: Board, conditions: Sequence[Condition], either: bool = False) -> str:
    """Conditions with the numbers that they met: ``metric revenue points 85, at_least 90``."""
    shown = [
        f"{' '.join(filter(None, (c.of, c.id, c.what)))} {_shown(board, c)}, {c.test} {plain(c.bound)}"
        for c in conditions
    ]
    return (" or " if either else "; ").join(shown)


def _shown(board: Board, condition: Condition) -> str:
    return shown(board.number(condition.of, condition.id, condition.what))


def shown(value: Decimal | None) -> str:
    """A number or ``none``."""
    return "none" if value is None else plain(value)


def gate_reason(board: Board, gate: Gate, result: str) -> Reason:
    """What a gate saw and what came of it."""
    return Reason("gate", said(board, gate.conditions, gate.any_of), result)
