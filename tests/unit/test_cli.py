"""The operator's command line over a tenant in memory: what people type, what they read, the exit code."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from dualtrack.adapters import door
from dualtrack.app import runs
from dualtrack.app.receive import receive
from dualtrack.domain.runs import Run
from infra.cli import machines, payroll, place
from infra.cli.__main__ import run
from tests.support.events import deal, employee, event, target
from tests.support.world import ROOT, World

PLAN, CRM = "events/plans/demo-2017.yaml", "events/sources/crm/mapping.yaml"


class Desk:
    """Stands for ``infra.operator.Operator``: the same tenant, without services."""

    outputs: Mapping[str, str] = {
        "CloseMachineArn": "close",
        "PublishMachineArn": "publish",
        "PayrollQueueUrl": "payroll",
    }

    def __init__(self) -> None:
        self.stack = World()
        self.executions: dict[str, dict[str, Any]] = {}

    def post(self, body: bytes) -> tuple[int, dict[str, Any]]:
        world = self.stack
        mapper = world.mapper(world.now)
        check = lambda found: mapper(found, world.now, world.zone)  # noqa: E731
        events, readable = door.arrivals({"body": body.decode()}, check)
        return door.answer(receive(events, world.ingest, world.intake), readable)

    def start(self, machine: str, name: str, given: Mapping[str, Any]) -> str:
        try:
            if machine == "close":
                done = self.stack.close(given["period"], given["starter"], given["waiver"])
            else:
                done = self._publish(given["run"])
            self.executions[name] = {"status": "SUCCEEDED", "output": json.dumps({"run": done.id})}
        except Exception as error:  # noqa: BLE001 - a state machine reports whatever a step raised
            cause = json.dumps({"errorMessage": str(error)})
            self.executions[name] = {"status": "FAILED", "error": type(error).__name__, "cause": cause}
        return name

    def _publish(self, run_id: str) -> Run:
        return self.stack.publish(runs.get(self.stack.table, run_id))


Say = Callable[..., tuple[int, str, str]]


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    made = Desk()
    monkeypatch.setattr(place, "operator", lambda tenant, outputs: made)
    monkeypatch.setattr(machines, "start", made.start)
    monkeypatch.setattr(machines, "look", lambda execution: made.executions[execution])
    monkeypatch.chdir(ROOT)
    return made


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Say:
    def said(*arguments: str) -> tuple[int, str, str]:
        code = run(arguments)
        told = capsys.readouterr()
        return code, told.out, told.err

    return said


@pytest.fixture
def staffed(desk: Desk) -> Desk:
    world = desk.stack
    world.take(employee("ann"), employee("bob"))
    world.take(deal("D1", "ann"), *(target(metric, "10") for metric in ("revenue", "volume")))
    return desk


def file_of(folder: Path, content: object) -> str:
    path = folder / "content.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return str(path)


def test_a_plan_is_checked_without_a_tenant(say: Say) -> None:
    code, out, _ = say("plan", "check", PLAN)
    assert (code, out) == (
        0,
        "plan demo-marketing@1 is valid: from 2017-10-01, USD, 12 metrics on 2 tracks\n",
    )


def test_everything_that_is_wrong_with_a_plan_is_said_at_once(say: Say, tmp_path: Path) -> None:
    wrong = (
        (ROOT / PLAN)
        .read_text("utf-8")
        .replace("weight: 60", "weight: 50")
        .replace("kind: mean", "kind: men")
    )
    path = tmp_path / "plan.yaml"
    path.write_text(wrong, "utf-8")
    code, _, err = say("plan", "check", str(path))
    assert code == 2
    assert "weights: tracks[].weight is 90 in all; make the tracks' weights sum to 100" in err
    assert "unknown_kind: measures.response_days.kind is men" in err


def test_a_published_plan_stays(desk: Desk, say: Say) -> None:
    for row in desk.stack.table.query("DOC#plan", " ", "~"):
        desk.stack.table.delete(row["pk"], row["sk"])
    code, out, _ = say("plan", "publish", PLAN)
    assert (code, out) == (0, "plan demo-marketing@1 is published; 0 scorecards are scored again\n")


def test_a_mapping_is_checked_published_and_published_again(desk: Desk, say: Say) -> None:
    assert say("source", "check", CRM)[0] == 0
    assert "was published before" in say("source", "publish", CRM)[1]


def test_a_payload_is_tried_without_storing_anything(say: Say, tmp_path: Path) -> None:
    payload = file_of(tmp_path, [deal("D1", "ann"), event("crm.nonsense", {})])
    code, out, err = say("source", "try", CRM, payload, "--zone", "America/Chicago")
    assert code == 2
    assert "E:ann" in out
    assert "1 mapped, 1 refused" in out
    assert "unknown_type: type is crm.nonsense" in err


def test_events_are_sent_and_every_refusal_is_shown(desk: Desk, say: Say, tmp_path: Path) -> None:
    desk.stack.take(employee("ann"))
    path = file_of(tmp_path, [deal("D1", "ann"), deal("D2", "ann", value="NaN")])
    code, out, _ = say("events", "send", path)
    assert code == 0
    assert "2 received: 1 accepted, 1 quarantined" in out
    assert "not_a_number" in out
    desk.stack.drain()
    _, out, _ = say("events", "count")
    assert [line.split() for line in out.splitlines()[1:3]] == [["received", "3"], ["applied", "2"]]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [("{}", "not_an_array"), ("[", "the file is not JSON"), (b"\xff".decode("latin-1") * 3, "not JSON")],
)
def test_a_file_that_cannot_be_sent_is_one_sentence(
    desk: Desk, say: Say, tmp_path: Path, content: str, sentence: str
) -> None:
    code, _, err = say("events", "send", file_of(tmp_path, content))
    assert code == 2
    assert sentence in err
    assert len(err.splitlines()) == 1


def test_quarantine_is_listed_shown_replayed_and_waived(desk: Desk, say: Say) -> None:
    world = desk.stack
    world.take(employee("ann"))
    world.take(deal("D1", "zoe"), event("crm.nonsense", {}))
    code, out, _ = say("quarantine", "list")
    assert (code, len(out.splitlines())) == (0, 3)
    entry = next(line.split()[0] for line in out.splitlines() if "zoe" in line)
    assert '"opportunity_id":"D1"' in say("quarantine", "show", entry)[1]
    world.take(employee("zoe"))
    assert "1 sent again" in say("quarantine", "replay", "--reason", "unknown_employee")[1]
    world.drain()
    assert "unknown_employee" not in say("quarantine", "list")[1]
    assert "1 waived" in say("quarantine", "waive", "--by", "otto", "--reason", "a test of the CRM")[1]
    assert "quarantine is empty" in say("quarantine", "list")[1]


def test_conflicts_are_left_by_a_replay(staffed: Desk, say: Say) -> None:
    staffed.stack.take(deal("D1", "ann", value="901"))
    _, out, _ = say("quarantine", "replay")
    assert "0 sent again" in out
    assert "1 conflicts stay" in out


def test_an_unknown_entry_is_one_sentence(desk: Desk, say: Say) -> None:
    code, _, err = say("quarantine", "show", "nothing")
    assert (code, err) == (
        2,
        "dualtrack: unknown_entry: quarantine is nothing; take an id from the list of entries\n",
    )


def test_a_score_is_shown_in_both_languages(staffed: Desk, say: Say) -> None:
    assert "Revenue completion" in say("score", "show", "ann", "2017-10")[1]
    assert "销售额完成率" in say("--lang", "zh", "score", "show", "ann", "2017-10")[1]
    assert say("score", "show", "nobody", "2017-10")[0] == 2


def test_a_score_is_explained_down_to_its_events(staffed: Desk, say: Say) -> None:
    _, out, _ = say("explain", "ann", "2017-10")
    assert "base × tracks × days" in out
    assert "D1" in out
    code, out, _ = say("explain", "ann", "2017-10", "--format", "json")
    assert code == 0
    assert json.loads(out)["metrics"]["volume"]["value"] == "1"


@pytest.mark.parametrize("command", [("score", "show"), ("explain",)])
def test_a_period_is_a_month(staffed: Desk, say: Say, command: tuple[str, ...]) -> None:
    code, _, err = say(*command, "ann", "october")
    assert (code, "bad_period" in err) == (2, True)


def digest_in(out: str) -> str:
    return out.split("--digest ")[1].split()[0]


def test_a_run_from_its_start_to_its_files(staffed: Desk, say: Say, tmp_path: Path) -> None:
    assert say("run", "list")[1] == "no runs yet\n"
    code, out, _ = say("run", "start", "2017-10", "--by", "anna")
    assert (code, "REVIEW" in out) == (0, True)
    digest = digest_in(out)
    assert digest_in(say("run", "show", "2017-10-01")[1]) == digest
    code, _, err = say("run", "approve", "2017-10-01", "--by", "anna", "--digest", digest)
    assert (code, "four_eyes" in err) == (2, True)
    assert say("run", "approve", "2017-10-01", "--by", "bert", "--digest", digest)[0] == 0
    assert say("run", "publish", "2017-10-01")[0] == 0
    assert "PUBLISHED" in say("run", "list")[1]
    code, out, _ = say("run", "files", "2017-10-01", "--out", str(tmp_path / "files"))
    assert (code, "4 files" in out) == (0, True)
    assert (tmp_path / "files" / "lines.csv").read_bytes().startswith(b"\xef\xbb\xbfpayout_id")
    settled = json.loads(say("explain", "ann", "2017-10", "--run", "2017-10-01", "--format", "json")[1])
    assert settled["metrics"]["volume"]["value"] == "1"


def test_a_paid_score_is_explained_as_it_was_settled(staffed: Desk, say: Say) -> None:
    staffed.stack.publish(staffed.stack.close("2017-10"))
    staffed.stack.take(deal("D1", "ann", version=4, value="1"))
    now = json.loads(say("explain", "ann", "2017-10", "--format", "json")[1])
    then = json.loads(say("explain", "ann", "2017-10", "--run", "2017-10-01", "--format", "json")[1])
    assert (now["metrics"]["revenue"]["value"], then["metrics"]["revenue"]["value"]) == ("1", "900")
    assert [row[4:6] for row in then["observations"] if row[2] == "deal"] == [["D1", 3]]


def test_files_that_differ_from_their_manifest_are_not_written(
    staffed: Desk, say: Say, tmp_path: Path
) -> None:
    world = staffed.stack
    world.publish(world.close("2017-10"))
    world.payouts.put("payouts/period=2017-10/run=2017-10-01/lines.csv", b"other")
    code, _, err = say("run", "files", "2017-10-01", "--out", str(tmp_path / "files"))
    assert (code, "do not pay by it" in err) == (2, True)
    assert not (tmp_path / "files").exists()


def test_a_refused_close_gives_every_reason(desk: Desk, say: Say) -> None:
    code, _, err = say("run", "start", "2017-10", "--by", "anna")
    assert (code, err) == (
        2,
        "dualtrack: close failed: nobody is on the roster; send hr.employee.changed events\n",
    )


def test_a_waiver_needs_a_name_and_a_reason(desk: Desk, say: Say) -> None:
    code, _, err = say("run", "start", "2017-10", "--by", "anna", "--waive-by", "otto")
    assert (code, "--waive-reason" in err) == (2, True)


def test_a_rejected_run_is_started_again_as_a_new_attempt(staffed: Desk, say: Say) -> None:
    say("run", "start", "2017-10", "--by", "anna")
    code, out, _ = say("run", "reject", "2017-10-01", "--by", "bert", "--reason", "a target is wrong")
    assert (code, out) == (0, "run 2017-10-01 is rejected; its next start is attempt 2\n")
    assert say("run", "publish", "2017-10-01")[0] == 2
    assert "REVIEW" in say("run", "start", "2017-10", "--by", "anna")[1]


def test_the_payroll_queue_is_looked_at(desk: Desk, say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    body = {"payout_id": "P1", "run": "2017-10-01", "period": "2017-10", "employee": "ann"}
    message = {"Body": json.dumps(body), "Attributes": {"ApproximateReceiveCount": "2"}}
    monkeypatch.setattr(payroll, "look", lambda queue, most: [message])
    code, out, _ = say("payroll", "peek")
    assert (code, "P1" in out, "still there" in out) == (0, True, True)
    monkeypatch.setattr(payroll, "look", lambda queue, most: [])
    assert say("payroll", "peek")[1] == "no message is visible now\n"
