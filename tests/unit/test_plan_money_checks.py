"""Plans that would pay the same thing several times, or without end, or not as they say."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from dualtrack.adapters import plan_file
from dualtrack.domain.errors import Refused
from tests.support.events import employee
from tests.support.world import World
from tests.unit.test_draws_and_plans import OCTOBER, document, sold

Change = Callable[[dict[str, Any]], object]


def metric(plan: dict[str, Any]) -> dict[str, Any]:
    """Its only metric."""
    found: dict[str, Any] = plan["tracks"][0]["metrics"][0]
    return found


def rate(plan: dict[str, Any], **more: Any) -> None:
    """It pays a tenth of its value."""
    metric(plan)["pays"] = {"table": [[0, "0.10"]], "how": "marginal"} | more


def back(plan: dict[str, Any], **pays: Any) -> None:
    """Its measure looks back over the quarter."""
    plan["measures"][0]["window"] = "quarter_to_date"
    rate(plan, **pays)


def down(plan: dict[str, Any]) -> None:
    """Nothing is the best, and each part of the attainment is paid."""
    metric(plan).update(direction="down", falling="inverse")
    rate(plan, on="attainment")


def capped(plan: dict[str, Any]) -> None:
    """A gate that caps a base that is not paid."""
    when = [{"measure": "revenue", "at_least": 1}]
    plan["payout"] = {"basis": "none", "gates": [{"when": when, "otherwise": "cap", "cap": 50}]}
    rate(plan)


WRONG: dict[str, tuple[Change, str]] = {
    "a rate on a window is paid every month": (back, "pays.accumulate is none"),
    "an attainment without end": (down, "pays.on is attainment"),
    "a cap of nothing": (capped, "payout.gates is none"),
}


@pytest.mark.parametrize("fault", WRONG)
def test_a_plan_that_would_pay_wrongly_is_refused(fault: str) -> None:
    change, why = WRONG[fault]
    plan = document()
    change(plan)
    with pytest.raises(Refused, match=why):
        plan_file.read(plan)


def test_a_rate_on_a_window_that_accumulates_is_sound() -> None:
    plan = document()
    back(plan, accumulate="quarter")
    assert plan_file.read(plan)[0].id == "plan"


@pytest.mark.parametrize(("cap", "paid"), [(100, 300_000), (None, 360_000)])
def test_a_tracks_own_cap_holds_without_any_modifier(cap: int | None, paid: int) -> None:
    plan = document()
    if cap is not None:
        plan["tracks"][0]["cap"] = cap
    world = World(documents=[plan])
    world.take(employee("ann"), sold("150", "2017-10-05"))
    assert world.card("ann", OCTOBER)["payout"] == paid


def test_a_track_without_a_cap_cuts_nothing_off_that_its_metrics_may_reach() -> None:
    plan = document()
    metric(plan)["cap"] = 150
    world = World(documents=[plan])
    world.take(employee("ann"), sold("150", "2017-10-05"))
    assert Decimal(world.card("ann", OCTOBER)["total"]) == 150
