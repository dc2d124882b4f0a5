"""Measures, periods, numbers, plans, runs: tables of what is taken and what is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from dualtrack.adapters import mapping_file, plan_file
from dualtrack.domain import runs
from dualtrack.domain.errors import Refused
from dualtrack.domain.measures import KINDS, Measure, merge, partial, values
from dualtrack.domain.numbers import number, plain
from dualtrack.domain.observations import Observation, Place
from dualtrack.domain.periods import before, day_of, days_in, month, not_ahead
from dualtrack.domain.runs import TRANSITIONS, Run, after, approve, reject
from infra.bundling import ROOT

D = Decimal
SHANGHAI, CHICAGO = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/Chicago")


def seen(day: int, **said: object) -> Observation:
    place = Place("E:a", "2017-10", "deal", f"2017-10-{day:02d}")
    return Observation(
        place, f"e{day}", day, "x", {k: v if isinstance(v, str) else D(str(v)) for k, v in said.items()}
    )


DEALS = [seen(1, v=10, w=1, f=1, n="x"), seen(2, v=20, w=3, f=0, n="y"), seen(3, v=30, w=1, f=1, n="x")]


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("sum", "v", "60"), ("count", "v", "3"), ("mean", "v", "20"), ("weighted_mean", "v", "20"),
        ("share", "f", "0.6666666667"), ("distinct", "n", "2"), ("min", "v", "10"), ("max", "v", "30"),
        ("last", "v", "30"),
    ],
)  # fmt: skip
def test_every_kind_of_measure_merges_from_days_to_the_month(kind: str, value: str, expected: str) -> None:
    measure = Measure("m", "deal", kind, value, "w")
    parts = [p for row in DEALS if (p := partial(measure, [row])) is not None]
    whole = partial(measure, DEALS)
    assert whole
    assert merge(measure, parts) == whole
    found = KINDS[kind].value(whole)
    assert found is not None
    assert round(found, 10) == D(expected)


def test_a_filter_and_an_absent_value_leave_an_observation_out() -> None:
    only_x = Measure("m", "deal", "sum", "v", when={"n": "x"})
    assert partial(only_x, DEALS) == ("40",)
    assert partial(Measure("m", "deal", "sum", "nothing"), DEALS) is None


def test_a_ratio_over_zero_or_nothing_has_no_value() -> None:
    top, bottom = Measure("t", "d", "sum"), Measure("b", "d", "sum")
    ratio = Measure("r", "", "ratio", numerator="t", denominator="b")
    cases: list[tuple[dict[str, tuple[str, ...]], Decimal | None]] = [
        ({"t": ("1",), "b": ("4",)}, D("0.25")),
        ({"t": ("1",), "b": ("0",)}, None),
        ({"t": ("1",)}, None),
    ]
    for partials, expected in cases:
        assert values([top, bottom, ratio], partials)["r"] == expected


@pytest.mark.parametrize(
    "bad", ["NaN", "inf", "1e400", "１２", "", " 1", "1_000", True, 1.5, None, "9" * 25, "0x1"]
)
def test_what_is_no_plain_decimal_is_refused_by_name(bad: object) -> None:
    with pytest.raises(Refused, match="amount"):
        number(bad, "amount")


@pytest.mark.parametrize(("given", "text"), [("1.50", "1.5"), (D("1E+2"), "100"), ("-0", "0"), (7, "7")])
def test_decimals_are_written_plainly(given: object, text: str) -> None:
    assert plain(number(given, "x")) == text


@pytest.mark.parametrize(
    ("raw", "zone", "expected"),
    [
        ("2017-10-31", SHANGHAI, date(2017, 10, 31)),
        ("2017-10-31T17:00:00Z", SHANGHAI, date(2017, 11, 1)),
        ("2017-10-31T17:00:00Z", CHICAGO, date(2017, 10, 31)),
        ("2017-11-01T04:59:59Z", CHICAGO, date(2017, 10, 31)),
        ("2017-11-05T06:30:00Z", CHICAGO, date(2017, 11, 5)),  # the hour that happens twice
    ],
)
def test_the_tenants_zone_decides_the_day(raw: str, zone: ZoneInfo, expected: date) -> None:
    assert day_of(raw, zone, "at") == expected


def test_what_is_more_than_a_day_ahead_is_refused() -> None:
    now = datetime(2017, 10, 5, 12, tzinfo=UTC)
    not_ahead("2017-10-06", now, SHANGHAI, "at")
    with pytest.raises(Refused, match="future"):
        not_ahead("2017-10-07", now, SHANGHAI, "at")


def test_months() -> None:
    assert (month("2017-10"), before("2018-01"), days_in("2020-02")) == ("2017-10", "2017-12", 29)
    for bad in ("2017-13", "2017-1", "2017", "2017-10-01"):
        with pytest.raises(Refused, match="YYYY-MM"):
            month(bad)


RUN = Run("2017-10-01", "2017-10", "OPEN", 1, 0, "sue", totals="seen")


@pytest.mark.parametrize("state", ["OPEN", "CLOSING", "REVIEW", "APPROVED", "PUBLISHED"])
@pytest.mark.parametrize("act", sorted({act for _, act in TRANSITIONS}))
def test_every_act_in_every_state_is_in_the_table_or_refused(state: str, act: str) -> None:
    run = replace(RUN, state=state)
    if (state, act) in TRANSITIONS:
        moved = after(run, act)
        assert (moved.state, moved.fence) == (TRANSITIONS[state, act], 1)
    else:
        with pytest.raises(Refused, match="wrong_state"):
            after(run, act)


def test_four_eyes_and_the_totals_that_were_seen() -> None:
    waiting = replace(RUN, state="REVIEW")
    with pytest.raises(Refused, match="four_eyes"):
        approve(waiting, "sue", "seen")
    with pytest.raises(Refused, match="totals_changed"):
        approve(waiting, "art", "other")
    assert approve(waiting, "art", "seen").approver == "art"


def test_a_rejected_run_is_open_again_for_a_new_attempt() -> None:
    with pytest.raises(Refused, match="why"):
        reject(replace(RUN, state="REVIEW"), "art", "")
    again = reject(replace(RUN, state="REVIEW"), "art", "wrong targets")
    assert (again.state, again.attempt, again.totals) == ("OPEN", 2, "")


def test_nothing_leaves_published() -> None:
    assert not [act for state, act in runs.TRANSITIONS if state == "PUBLISHED"]


PLAN = (ROOT / "events/plans/demo-2017.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ("weight: 60\n", "weight: 50\n", "tracks...weight is 90 in all"),
        ("measure: revenue, weight: 30", "measure: revenue, weight: 31", "business.metrics...weight is 101"),
        ("measure: volume, weight", "measure: valium, weight", "metrics.volume.measure is valium"),
        ("currency: USD", "currency: XXX", "currency is XXX"),
        (
            "direction: down\n        name: {en: Acq",
            "direction: sideways\n        name: {en: Acq",
            "ad_cac.direction",
        ),
        ('target: "0.60"', "target: 0.60", "a float is not exact"),
        ("kind: steps", "kind: bent", "curve.kind is bent"),
        ('["0.80", 60], ["0.90", 80]', '["0.90", 60], ["0.80", 80]', "let every edge be above the last"),
        ("[[0, 0], ", '[["0.5", 0], ', "start the table at 0"),
        ("denominator: ad_spent", "denominator: ad_roi", "ad_roi.denominator is ad_roi"),
        ("kind: share, value: won", "kind: sharp, value: won", "measures.win_rate.kind is sharp"),
        ("version: 1\n", "version: 1\nsurprise: 1\n", "surprise"),
    ],
)
def test_a_plan_with_a_fault_is_refused_by_place_and_value(
    tmp_path: Path, was: str, now: str, said: str
) -> None:
    assert was in PLAN
    file = tmp_path / "plan.yaml"
    file.write_text(PLAN.replace(was, now), encoding="utf-8")
    with pytest.raises(Refused, match=said):
        plan_file.load(file)


def test_all_faults_of_a_plan_are_said_at_once(tmp_path: Path) -> None:
    file = tmp_path / "plan.yaml"
    text = PLAN.replace("weight: 60\n", "weight: 50\n").replace("currency: USD", "currency: XXX")
    file.write_text(text.replace("measure: volume,", "measure: valium,"), encoding="utf-8")
    with pytest.raises(Refused) as refused:
        plan_file.load(file)
    assert {p.reason for p in refused.value.problems} >= {"weights", "unknown_currency", "unknown_measure"}


@pytest.mark.parametrize(
    "path", sorted((ROOT / "events/sources").glob("*/mapping.yaml")), ids=lambda p: p.parent.name
)
def test_every_shipped_mapping_is_sound(path: Path) -> None:
    assert mapping_file.load(path).source == path.parent.name


def test_a_mapping_with_a_broken_path_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "mapping.yaml"
    text = (ROOT / "events/sources/crm/mapping.yaml").read_text(encoding="utf-8")
    file.write_text(text.replace("version: version", 'version: "a[["'), encoding="utf-8")
    with pytest.raises(Refused, match="JMESPath"):
        mapping_file.load(file)
