"""Draws the states of a run as Mermaid from their table: `python -m infra.states`."""

from collections.abc import Mapping

from dualtrack.domain.runs import TRANSITIONS

START = "OPEN"


def draw(transitions: Mapping[tuple[str, str], str] = TRANSITIONS) -> str:
    """One arrow for each row of the table; a state that nothing leaves is an end."""
    arrows = [f"{state} --> {after}: {act}" for (state, act), after in transitions.items()]
    ends = sorted(set(transitions.values()) - {state for state, _ in transitions})
    return "\n    ".join(
        ["stateDiagram-v2", f"[*] --> {START}", *arrows, *(f"{end} --> [*]" for end in ends)]
    )


if __name__ == "__main__":
    print(draw())
