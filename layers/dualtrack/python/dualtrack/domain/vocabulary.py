"""The words that a plan may use where it has a choice: for the checks and for the editor's schema."""

from __future__ import annotations

from collections.abc import Mapping

from dualtrack.domain.curves import CURVES, FORMULA
from dualtrack.domain.measures import KINDS, RATIO
from dualtrack.domain.tables import WAYS

TIMELINE = "timeline"  # the kind of a target that changes within a month; no measure of a plan has it
CHOICES: Mapping[str, tuple[str, ...]] = {
    "kind": (*(kind for kind in KINDS if kind != TIMELINE), RATIO),
    "scope": ("employee", "team"),
    "window": ("month", "quarter_to_date", "year_to_date", "rolling"),
    "direction": ("up", "down"),
    "falling": ("linear", "inverse"),
    "no_data": ("zero", "exclude", "hold"),
    "curve": (*CURVES, FORMULA),
    "tie": ("upper", "lower"),
    "how": tuple(WAYS),
    "on": ("value", "attainment", "points"),
    "edges": ("number", "target"),
    "accumulate": ("none", "quarter", "year"),
    "per": ("window", "month", "year"),
    "change": ("last", "by_days"),
    "basis": ("tracks", "total", "none"),
    "proration": ("calendar_days", "none"),
    "negative": ("carry", "spread", "finance"),
    "attempts": ("best", "last", "first"),
    "otherwise": ("zero", "exclude", "cap", "hold"),
}
LANGUAGES = ("en", "zh")
METRIC_NUMBERS = ("value", "attainment", "points")
COURSE_NUMBERS = ("score", "hours", "progress", "completed")
CURVE_NAMES = ("value", "target", "attainment")  # what a curve's formula reads besides
FUNCTIONS = frozenset({"min", "max", "abs", "floor", "ceil", "round"})  # of formulas
OPERATORS = frozenset({"and", "or", "not"})
# What no measure may be called: formulas read something else by these names.
RESERVED = FUNCTIONS | OPERATORS | {*CURVE_NAMES, "metrics", "tracks", "course", "true", "false", "null"}
