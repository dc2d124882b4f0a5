"""Reasons: the lines that explain a number."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """One line of an explanation: the rule, what went in, what came out."""

    rule: str
    given: str
    result: str
