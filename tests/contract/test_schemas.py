"""What enters and leaves as a document is what its schema says, and the schema files are fresh."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from dualtrack.adapters import schemas
from dualtrack.adapters.door import answer
from dualtrack.adapters.yaml_text import parsed
from dualtrack.app.receive import Answer, Arrival
from dualtrack.domain.errors import problem
from infra.bundling import ROOT
from tests.support.events import deal, employee, target
from tests.support.world import World

FOLDER = ROOT / "events" / "schemas"


@pytest.mark.parametrize("name", sorted(schemas.SCHEMAS))
def test_a_schema_file_is_what_the_models_say(name: str) -> None:
    stored = (FOLDER / f"{name}.json").read_text(encoding="utf-8")
    stale = f"{name}.json is stale: ./dev schemas"
    assert stored == schemas.schema(name), stale


def test_no_schema_file_is_left_of_a_model_that_went(tmp_path: Path) -> None:
    written = {path.name for path in schemas.write(tmp_path)}
    assert written == {path.name for path in FOLDER.iterdir()} == {path.name for path in tmp_path.iterdir()}


@pytest.fixture(scope="module")
def paid() -> World:
    """Two months published, one after the other."""
    world = World()
    world.take(employee("ann"), deal("A", "ann"), deal("B", "ann", closed_on="2017-11-20"))
    for period in ("2017-10", "2017-11"):
        world.take(target("revenue", "1000", period), target("volume", "10", period))
        world.publish(world.close(period))
    return world


def test_every_payroll_message_is_what_its_schema_says(paid: World) -> None:
    assert len(paid.payroll.messages) == 2
    for message in paid.payroll.messages:
        said = schemas.PayoutMessage.model_validate_json(message.body)
        assert said.payout_id == message.id


def test_every_manifest_is_what_its_schema_says(paid: World) -> None:
    keys = [key for key in paid.payouts.list("payouts/") if key.endswith("manifest.json")]
    first, second = (schemas.Manifest.model_validate_json(paid.payouts.read(key)) for key in keys)
    assert first.previous is None
    assert second.previous
    assert second.previous.run == first.run


WRONG = problem("not_a_number", "data.value", "NaN", "send a plain decimal")
BAD = (1, Arrival("{}", "x", (WRONG, WRONG)))


@pytest.mark.parametrize(
    ("done", "status"),
    [(Answer(2), 202), (Answer(2, [BAD]), 207), (Answer(3, [BAD], [0, 2]), 503)],
    ids=["good", "some are bad", "some are lost"],
)
def test_every_answer_to_a_sender_is_what_its_schema_says(done: Answer, status: int) -> None:
    code, body = answer(done, readable=True)
    assert code == status
    said = schemas.EventsAnswer.model_validate_json(json.dumps(body))
    assert said.received == said.accepted + len(said.results)


@pytest.mark.parametrize("pattern", ["plans/*.yaml", "sources/*/mapping.yaml"])
def test_every_shipped_file_is_what_its_schema_says(pattern: str) -> None:
    model = schemas.SCHEMAS["plan" if pattern.startswith("plans") else "mapping"]
    files = sorted((ROOT / "events").glob(pattern))
    assert files
    for path in files:
        model.model_validate(parsed(path.read_text(encoding="utf-8")))


BROKEN: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "an unknown field": lambda said: said | {"bonus": 1},
    "a missing field": lambda said: {name: each for name, each in said.items() if name != "payout_id"},
    "a fraction of a minor unit": lambda said: said | {"amount_minor": 0.5},
    "another version": lambda said: said | {"schema": "dualtrack.payout.v2"},
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_schema_refuses(paid: World, what: str) -> None:
    said = json.loads(paid.payroll.messages[0].body)
    with pytest.raises(ValidationError):
        schemas.PayoutMessage.model_validate(BROKEN[what](said))
