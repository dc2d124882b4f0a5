"""Mappings at work: one event becomes one fact, or is refused by field, value and remedy."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from dualtrack.adapters import mapping_file
from dualtrack.adapters.mapping import Mappings, parse
from dualtrack.domain.errors import Refused
from dualtrack.domain.observations import Fact, Place
from dualtrack.domain.periods import TIMELESS
from tests.support.events import deal, employee, event, target
from tests.support.world import SOURCES, stored_mapping

CHICAGO = ZoneInfo("America/Chicago")
NOW = datetime(2017, 11, 1, 12, tzinfo=UTC)
SHIPPED = Mappings([parse(stored_mapping(source)) for source in SOURCES])
ABSENT = object()


def fact(stated: dict[str, Any]) -> Fact:
    """What the shipped mappings make of an event."""
    return SHIPPED(stated, NOW, CHICAGO)


def refusals(stated: dict[str, Any], mappings: Mappings = SHIPPED) -> list[tuple[str, str]]:
    """Reason and field of everything that is wrong; a remedy stands beside each."""
    with pytest.raises(Refused) as refused:
        mappings(stated, NOW, CHICAGO)
    assert all(each.remedy for each in refused.value.problems)
    return [(each.reason, each.field) for each in refused.value.problems]


def without(stated: dict[str, Any], name: str) -> dict[str, Any]:
    """An event that lacks a field of its data."""
    return stated | {"data": {k: v for k, v in stated["data"].items() if k != name}}


def test_a_deal_is_a_fact_at_two_places() -> None:
    found = fact(deal("D1", "ann"))
    assert (found.kind, found.entity, found.version, found.moves) == ("opportunity", "D1", 3, True)
    assert [place for place, _ in found.parts] == [
        Place("E:ann", "2017-10", "opportunity", "2017-10-01"),
        Place("E:ann", "2017-10", "deal", "2017-10-20"),
    ]
    values = dict(found.parts[1][1])
    assert values == {"amount": Decimal(900), "won": Decimal(1), "days": Decimal(19), "prompt": Decimal(1),
                      "stage": "Won", "product": "GTX Pro"}  # fmt: skip


def test_an_open_deal_is_not_a_closed_one() -> None:
    assert [p.measure for p, _ in fact(deal("D1", "ann", closed_on=None)).parts] == ["opportunity"]


def test_the_value_map_spells_a_product_as_the_catalogue_does() -> None:
    assert (
        fact(deal("D1", "ann", product="GTXPro")).digest == fact(deal("D1", "ann", product="GTX Pro")).digest
    )


@pytest.mark.parametrize("said", [True, "true", 1])
def test_what_is_deleted_has_no_place(said: object) -> None:
    assert fact(deal("D1", "ann", deleted=said)).parts == ()


@pytest.mark.parametrize("said", [False, None, "false", "no", 0])
def test_what_is_not_said_to_be_deleted_stays(said: object) -> None:
    assert fact(deal("D1", "ann", deleted=said)).parts


def test_a_target_belongs_to_the_period_it_names() -> None:
    [(place, values)] = fact(target("revenue", "900.50", "2018-02")).parts
    assert place == Place("T:t1", "2018-02", "target.revenue", "2018-02-01")
    assert values == {"value": Decimal("900.50")}


def test_a_target_may_be_an_employee_s() -> None:
    [(place, _)] = fact(target("revenue", "1", subject={"employee": "ann"})).parts
    assert place.subject == "E:ann"


def test_terms_belong_to_no_period_and_may_begin_in_the_future() -> None:
    [(place, _)] = fact(employee("ann", **{"from": "2030-01-01"})).parts
    assert (place.period, place.day) == (TIMELESS, "2030-01-01")


def test_an_event_sent_again_under_another_id_is_the_same_fact() -> None:
    first, second = fact(deal("D1", "ann")), fact(deal("D1", "ann"))
    assert first.event != second.event
    assert first.digest == second.digest


@pytest.mark.parametrize(
    ("name", "value", "wrong"),
    [
        ("value", "12,50", ("not_a_number", "data.value")),
        ("value", True, ("not_a_number", "data.value")),
        ("value", "٣", ("not_a_number", "data.value")),
        ("value", "1" * 25, ("not_a_number", "data.value")),
        ("value", [1], ("not_a_number", "data.value")),
        ("value", None, ("missing", "data.value")),
        ("product", "Unheard Of", ("unknown_value", "data.product")),
        ("stage", "Maybe", ("unknown_value", "data.stage")),
        ("closed_on", "2017-10-32", ("bad_time", "data.closed_on")),
        ("closed_on", "20 October", ("bad_time", "data.closed_on")),
        ("closed_on", "2017-10-20T10:00:00", ("bad_time", "data.closed_on")),
        ("closed_on", "2017-11-03", ("future", "data.closed_on")),
        ("closed_on", "2017-11-02T12:00:01Z", ("future", "data.closed_on")),
        ("engaged_on", None, ("missing", "data.engaged_on")),
        ("opportunity_id", "D 1\n", ("bad_id", "data.opportunity_id")),
        ("opportunity_id", "x" * 257, ("bad_id", "data.opportunity_id")),
        ("opportunity_id", "客" * 100, ("bad_id", "data.opportunity_id")),
        ("opportunity_id", {"a": 1}, ("bad_id", "data.opportunity_id")),
        ("opportunity_id", True, ("bad_id", "data.opportunity_id")),
        ("opportunity_id", "", ("missing", "data.opportunity_id")),
        ("version", None, ("missing", "data.version")),
        ("version", "1.5", ("bad_version", "data.version")),
        ("version", -1, ("bad_version", "data.version")),
        ("version", 10**19, ("bad_version", "data.version")),
        ("version", "three", ("not_a_number", "data.version")),
        ("owner", {}, ("missing", "data.owner.id")),
        ("owner", "ann", ("missing", "data.owner.id")),
    ],
)
def test_a_refusal_names_the_field(name: str, value: object, wrong: tuple[str, str]) -> None:
    assert wrong in refusals(deal("D1", "ann", **{name: value}))


def test_everything_wrong_is_said_at_once() -> None:
    found = refusals(deal("D1", "ann", engaged_on="soon", value="much"))
    assert found == [("bad_time", "data.engaged_on"), ("not_a_number", "data.value")]


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("specversion", "0.3", "bad_envelope"),
        ("id", "", "missing"),
        ("id", 7, "missing"),
        ("id", "x" * 257, "missing"),
        ("id", "a\nb", "missing"),
        ("type", None, "missing"),
        ("data", [], "missing"),
        ("data", None, "missing"),
        ("time", None, "bad_time"),
        ("time", "2017-10-05", "bad_time"),
        ("time", "0001-01-01T00:00:00+14:00", "bad_time"),
        ("source", "erp", "unknown_source"),
        ("type", "crm.unheard.of", "unknown_type"),
    ],
)
def test_the_envelope_is_checked(field: str, value: object, reason: str) -> None:
    assert refusals(deal("D1", "ann") | {field: value}) == [(reason, field)]


def test_a_day_is_the_tenant_s_own() -> None:
    [_, (place, _)] = fact(deal("D1", "ann", closed_on="2017-11-01T04:59:59Z")).parts
    assert place.day == "2017-10-31", "still October in Chicago, before summer time ends"


# Mappings that HR or an integration engineer writes.

RULE: dict[str, Any] = {
    "type": ["erp.order.*"], "kind": "order", "entity": ["id"], "version": "version",
    "observe": [
        {"measure": "deal", "employee": "first", "day": "on", "values": {"amount": "amount"}},
        {"measure": "deal", "employee": "second", "day": "on", "values": {"amount": "rest"}},
    ],
}  # fmt: skip


def own(**changed: object) -> dict[str, Any]:
    """A mapping with one rule."""
    rule = {name: each for name, each in (RULE | changed).items() if each is not ABSENT}
    return {"source": "erp", "version": 1, "events": [rule]}


def written(folder: Path, document: object) -> Path:
    """The mapping as a file."""
    path = folder / "mapping.yaml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    return path


def order(**data: Any) -> dict[str, Any]:
    """An order shared by two."""
    usual = {
        "id": "O1",
        "version": 1,
        "first": "ann",
        "second": "bob",
        "on": "2017-10-05",
        "amount": 60,
        "rest": 40,
    }
    return event("erp.order.placed", usual | data)


def mapped(folder: Path, document: object) -> Mappings:
    """The mapping as it is published."""
    return Mappings([parse(mapping_file.stored(mapping_file.load(written(folder, document))))])


def test_one_event_may_count_for_two_people(tmp_path: Path) -> None:
    found = mapped(tmp_path, own())(order(), NOW, CHICAGO)
    assert [(p.subject, str(v["amount"])) for p, v in found.parts] == [("E:ann", "60"), ("E:bob", "40")]


def test_two_parts_at_one_place_are_refused_since_only_one_would_count(tmp_path: Path) -> None:
    found = refusals(order(second="ann"), mapped(tmp_path, own()))
    assert [reason for reason, _ in found] == ["twice"]


def test_the_newest_version_of_a_source_is_in_force(tmp_path: Path) -> None:
    old = parse(mapping_file.stored(mapping_file.load(written(tmp_path, own()))))
    new = {**old, "version": 2, "events": [{**old["events"][0], "kind": "purchase"}]}
    assert Mappings([new, old])(order(), NOW, CHICAGO).kind == "purchase"


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"entity": ["id["]}, "entity"),
        ({"entity": []}, "events.0"),
        ({"type": []}, "type"),
        ({"observe": []}, "observe"),
        ({"version": "version ||"}, "version"),
        ({"version": ABSENT}, "events.0"),
        ({"colour": "red"}, "colour"),
        ({"moves": False, "deleted": "deleted"}, "events.0"),
        ({"observe": [{"measure": "deal", "day": "on"}]}, "observe"),
        ({"observe": [{"measure": "deal", "employee": "first"}]}, "observe"),
        ({"observe": [{"measure": "deal", "employee": "first", "day": "on", "period": "p"}]}, "observe"),
        ({"observe": [{"measure": "deal", "employee": "first", "day": "on", "required": ["x"]}]}, "observe"),
        (
            {"observe": [{"measure": "deal", "employee": "first", "day": "on", "values": {"x": "]"}}]},
            "values",
        ),
    ],
)
def test_a_mapping_that_could_not_work_is_not_published(
    tmp_path: Path, changed: dict[str, Any], place: str
) -> None:
    with pytest.raises(Refused) as refused:
        mapping_file.load(written(tmp_path, own(**changed)))
    assert any(place in each.field for each in refused.value.problems), str(refused.value)


CALCULATED = [
    # path, data, what it finds: as a decimal, or nothing where an argument is missing
    ("over(part, whole)", {"part": "46", "whole": 50}, "0.92"),
    ("over(part, whole)", {"part": 2, "whole": 3}, "0.66666666666667"),  # 14 places, half up
    ("over(part, whole)", {"part": 2, "whole": 0}, None),
    ("over(part, whole)", {"part": 2}, None),
    ("over(part, whole)", {"part": "", "whole": 3}, None),
    ("times(over(part, whole), '100')", {"part": Decimal("18.5"), "whole": 20}, "92.5"),
    ("times(pieces, price)", {"pieces": 3, "price": "0.1"}, "0.3"),
    ("hours(spent)", {"spent": "PT1H30M"}, "1.5"),
    ("hours(spent)", {"spent": "P1DT2H"}, "26"),
    ("hours(spent)", {"spent": "P1W"}, "168"),
    ("hours(spent)", {"spent": "PT1.5H"}, "1.5"),
    ("hours(spent)", {"spent": "P16559.14S"}, "4.59976111111112"),  # an example of the xAPI specification
    (
        "hours(spent)",
        {"spent": "PT4H35M59.14S"},
        "4.59976111111112",
    ),  # and the same as it writes it otherwise
    ("hours(spent)", {"spent": "PT20M"}, "0.33333333333334"),  # upwards: three of them are a full hour
    ("hours(spent)", {"spent": "PT0S"}, "0"),
    ("hours(spent)", {"spent": "0012:30:00.00"}, "12.5"),
    ("hours(spent)", {"spent": "1:30"}, "1.5"),
    ("hours(spent)", {}, None),
    ("hours_between(a, b)", {"a": "2026-03-01T20:00:00Z", "b": "2026-03-02T08:00:00+08:00"}, "4"),
    ("hours_between(a, b)", {"a": "2026-03-01T20:00:00Z", "b": None}, None),
    ("hours || hours_between(a, b)", {"hours": 0, "a": "x", "b": "y"}, "0"),
]


def calculated(folder: Path, path: str, data: dict[str, Any]) -> Any:
    """What a value of this path is, in an event with this data."""
    observe = {"measure": "m", "employee": "first", "day": "on", "values": {"x": path}}
    [(_, values)] = mapped(folder, own(observe=[observe]))(order(**data), NOW, CHICAGO).parts
    return values.get("x")


@pytest.mark.parametrize(("path", "data", "wanted"), CALCULATED)
def test_a_path_can_calculate(tmp_path: Path, path: str, data: dict[str, Any], wanted: str | None) -> None:
    found = calculated(tmp_path, path, data)
    assert found == (None if wanted is None else Decimal(wanted))


@pytest.mark.parametrize(
    ("path", "data", "sentence"),
    [
        ("hours(spent)", {"spent": "P3Y"}, "'P3Y' is no duration"),
        ("hours(spent)", {"spent": "P1M"}, "'P1M' is no duration"),
        ("hours(spent)", {"spent": "P"}, "'P' is no duration"),
        ("hours(spent)", {"spent": "1:75:00"}, "'1:75:00' is no duration"),
        ("hours(spent)", {"spent": 90}, "90 is no duration"),
        ("hours_between(a, b)", {"a": "2026-03-02T00:00:00Z", "b": "2026-03-01T00:00:00Z"}, "is before"),
        ("hours_between(a, b)", {"a": "2026-03-02", "b": "2026-03-03"}, "add the offset from UTC"),
        ("over(part, whole)", {"part": "12,5", "whole": 3}, "not_a_number: over is 12,5"),
        ("over(part, whole)", {"part": True, "whole": 3}, "not_a_number"),
        ("times(part, whole)", {"part": "9" * 24, "whole": "9" * 24}, "more than 24 digits"),
        ("over(part, whole)", {"part": "9" * 24, "whole": "0.00000000000001"}, "more than 24 digits"),
        ("times(part, `0.5`)", {"part": 3}, "not_a_number"),  # a binary number: write '0.5'
    ],
)
def test_what_cannot_be_calculated_is_refused(
    tmp_path: Path, path: str, data: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(Refused, match=sentence):
        calculated(tmp_path, path, data)


def test_an_address_becomes_an_id(tmp_path: Path) -> None:
    observe = {"measure": "m", "employee": "after(first, 'mailto:')", "day": "on"}
    mappings = mapped(tmp_path, own(observe=[observe]))
    for first in ("mailto:ann@example.com", "ann@example.com"):
        [(place, _)] = mappings(order(first=first), NOW, CHICAGO).parts
        assert place.subject == "E:ann@example.com"


def test_a_function_that_nobody_knows_is_found_before_it_is_published(tmp_path: Path) -> None:
    observe = {"measure": "m", "employee": "first", "day": "on", "values": {"x": "a && minutes(hours(b))"}}
    with pytest.raises(Refused, match="nobody knows a function named minutes"):
        mapping_file.load(written(tmp_path, own(observe=[observe])))


def test_a_file_that_is_no_yaml_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "mapping.yaml").write_text("source: [", encoding="utf-8")
    with pytest.raises(Refused, match="not_yaml"):
        mapping_file.load(tmp_path / "mapping.yaml")


@pytest.mark.parametrize("source", SOURCES)
def test_a_shipped_mapping_says_the_same_after_storing(source: str) -> None:
    assert json.loads(stored_mapping(source))["source"] == source
