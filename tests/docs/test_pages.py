"""Pages against the repository: trees, drawings, examples, links, one language against the other."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml

from dualtrack.adapters import door, mapping, mapping_file
from dualtrack.app.events import parse
from dualtrack.app.receive import Answer, Arrival
from dualtrack.domain.errors import Refused
from dualtrack.domain.numbers import number, plain
from infra import diagram, states
from infra.bundling import ROOT
from tests.docs.pages import between, blocks, pages, tracked, without_demo
from tests.support.world import stored_mapping

ENGLISH, CHINESE = ROOT / "README.md", ROOT / "README.zh.md"
BOTH = (ENGLISH, CHINESE)
WRITE_PATH = ROOT / "layers/dualtrack/python/dualtrack/app/README.md"
SOURCES = ROOT / "events/sources/README.md"
UNLISTED = {".ci", ".gitignore"}
LINK = re.compile(r"\]\(([^)#]+)\)")


def fenced(text: str) -> str:
    return f"```mermaid\n{text}\n```"


@pytest.mark.parametrize("page", BOTH, ids=lambda page: page.name)
def test_the_tree_is_the_repository(page: Path) -> None:
    tree = next(block for block in blocks(page, "") if "cdk.json" in block)
    listed = {line.split()[0].rstrip("/") for line in tree.splitlines()}
    there = {name.split("/")[0] for name in tracked()} - UNLISTED
    assert there - listed == set()
    assert listed - there <= {"docs"}  # made by the demo, added with its picture


@pytest.mark.parametrize("page", BOTH, ids=lambda page: page.name)
def test_the_route_is_drawn_from_the_template(page: Path) -> None:
    assert between(page, "route") == fenced(diagram.route())


def test_the_states_of_a_run_are_drawn_from_their_table() -> None:
    assert between(WRITE_PATH, "states") == fenced(states.draw())


def test_both_languages_have_the_same_headings_commands_and_marks() -> None:
    english, chinese = (without_demo(page).splitlines() for page in BOTH)
    levels = [[line.split()[0] for line in lines if re.match(r"#+ ", line)] for lines in (english, chinese)]
    assert levels[0] == levels[1]
    marks = [[line for line in lines if line.startswith("<!--")] for lines in (english, chinese)]
    assert marks[0] == marks[1]
    points = [sum(line.startswith("- ") for line in lines) for lines in (english, chinese)]
    assert points[0] == points[1]
    shown = [[b for b in blocks(page, "") if b.startswith("./dev")] for page in BOTH]
    assert shown[0] == shown[1]


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_examples_parse_and_links_lead_somewhere(page: Path) -> None:
    for block in blocks(page, "json"):
        json.loads(block)
    for block in blocks(page, "yaml"):
        yaml.safe_load(block)
    for link in LINK.findall(page.read_text("utf-8")):
        if not link.startswith("http") and link != "docs/demo.png":
            assert (page.parent / link).exists(), link


def test_the_mapping_example_gives_what_it_says(tmp_path: Path) -> None:
    [written], [event, result] = blocks(SOURCES, "yaml"), blocks(SOURCES, "json")
    file = tmp_path / "mapping.yaml"
    file.write_text(written, "utf-8")
    mapper = mapping.Mappings([mapping.parse(mapping_file.stored(mapping_file.load(file)))])
    fact = mapper(parse(event), datetime(2017, 10, 7, tzinfo=UTC), ZoneInfo("America/Chicago"))
    seen = [
        {
            **dict(zip(("subject", "period", "measure", "day"), place, strict=True)),
            "values": {name: plain(v) if isinstance(v, Decimal) else v for name, v in values.items()},
        }
        for place, values in fact.parts
    ]
    wanted = json.loads(result)
    assert [
        each | {"values": {name: _plain(v) for name, v in each["values"].items()}}
        for each in wanted.pop("observations")
    ] == seen
    assert wanted == {"kind": fact.kind, "entity": fact.entity, "version": fact.version}


def _plain(text: str) -> str:
    try:
        return plain(number(text, "value"))
    except Refused:
        return text


@pytest.mark.parametrize(
    "model", [mapping_file.MappingModel, mapping_file.EventModel, mapping_file.ObserveModel]
)
def test_every_field_of_a_mapping_is_documented(model: type) -> None:
    documented = set(re.findall(r"`([a-z_]+)`", SOURCES.read_text("utf-8")))
    assert set(model.model_fields) <= documented  # type: ignore[attr-defined]


def test_the_event_and_the_answer_are_what_the_door_takes_and_gives() -> None:
    event, answered, message = blocks(ROOT / "events/README.md", "json")
    crm = mapping.Mappings([mapping.parse(stored_mapping("crm"))])
    now, zone = datetime(2017, 10, 7, tzinfo=UTC), ZoneInfo("America/Chicago")
    wrong = parse(event) | {"id": "crm.opportunity.closed:B3:3"}
    wrong["data"] = wrong["data"] | {"value": "1e400"}
    arrived, readable = door.arrivals(
        {"body": f"[{event},{json.dumps(wrong)}]"}, lambda found: crm(found, now, zone)
    )
    bad = [(index, each) for index, each in enumerate(arrived) if each.problems]
    assert door.answer(Answer(2, bad), readable) == (207, json.loads(answered))
    assert isinstance(arrived[0], Arrival)
    assert json.loads(message)["schema"] == "dualtrack.payout.v1"


def test_pages_name_no_address_of_a_package_index() -> None:
    words = ("pypi", "npmjs", "index-url", "simple/", "registry.", "artifactory", "nexus")
    for page in pages():
        text = page.read_text("utf-8").lower()
        assert not [word for word in words if word in text], page


def test_the_rows_of_the_write_path_are_those_of_the_code() -> None:
    text = WRITE_PATH.read_text("utf-8")
    sources = [path.read_text("utf-8") for path in WRITE_PATH.parent.glob("*.py")]
    kinds = {kind for source in sources for kind in re.findall(r'f?"([A-Z]+)#', source)}
    assert kinds
    assert {kind for kind in kinds if f"`{kind}#" not in text} == set()
