"""Refusals: input that cannot be used, said so that a person can mend it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: the field, the value found there, and what would mend it."""

    reason: str
    field: str
    value: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.reason}: {self.field} is {self.value}; {self.remedy}"


SHOWN = 80


def problem(reason: str, field: str, value: object, remedy: str) -> Problem:
    """A problem whose value is shortened to what a message can carry."""
    shown = value if isinstance(value, str) else repr(value)
    shown = shown.encode("utf-8", "backslashreplace").decode()
    return Problem(reason, field, shown if len(shown) <= SHOWN else shown[: SHOWN - 1] + "…", remedy)


class Refused(Exception):
    """Input that was refused; carries every problem found, not only the first."""

    def __init__(self, *problems: Problem) -> None:
        self.problems = problems
        super().__init__("; ".join(map(str, problems)))


def refuse(reason: str, field: str, value: object, remedy: str) -> Refused:
    """The exception for a single problem."""
    return Refused(problem(reason, field, value, remedy))


class Stopped(Exception):
    """Something that cannot be proven: the payout stops here and an alarm is raised."""
