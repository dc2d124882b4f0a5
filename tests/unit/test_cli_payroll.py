"""The payroll commands as finance types them: a bank's file in, what is open, sent again, settled."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from dualtrack.app import acts, payments, runs
from dualtrack.app.relay import relay
from dualtrack.domain.payments import PAID, Receipt
from infra.cli import place
from infra.cli.__main__ import run
from tests.support.world import World
from tests.unit.test_payments import published

RUN = "2017-10-01"
Say = Callable[..., tuple[int, str, str]]


class Desk:
    """Stands for ``infra.operator.Operator``: October is published, Ann is paid."""

    def __init__(self) -> None:
        world, _, [payout] = published()
        self.stack: World = world
        self.payout = payout


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    made = Desk()
    monkeypatch.setattr(place, "operator", lambda tenant, outputs: made)
    return made


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Say:
    def said(*arguments: str) -> tuple[int, str, str]:
        code = run(arguments)
        told = capsys.readouterr()
        return code, told.out, told.err

    return said


def sheet(folder: Path, *rows: str) -> str:
    """A CSV list of receipts."""
    path = folder / "bank.csv"
    path.write_text("\n".join(["payout_id,attempt,outcome,code,amount", *rows]) + "\n", encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_reject_from_the_banks_file_to_the_money_on_the_account(
    desk: Desk, say: Say, tmp_path: Path, language: str
) -> None:
    def tell(*words: str) -> str:
        code, out, err = say("--lang", language, "payroll", *words)
        assert (code, err) == (0, ""), words
        return out

    table, payout, why = desk.stack.table, desk.payout, ("--reason", "account mended")
    tell("receipts", sheet(tmp_path, f"{payout},1,rejected,AC04,3000.00"), "--run", RUN, "--by", "otto")
    assert re.search(rf"{payout}.*3000.00 .*rejected .*1 .*AC04", tell("rejects", RUN))
    out = tell("resend", RUN, "--by", "otto", *why)
    [digest] = re.findall(r"--digest (\w+)", out)
    assert f"R01  prepared  otto  {digest}" in re.sub(" {3,}", "  ", tell("rejects", RUN))
    tell("release", RUN, "R01", "--by", "olga", "--digest", digest)
    relay(table, desk.stack.payouts, desk.stack.payroll, "demo", runs.get(table, RUN), "R01")
    tell("receipts", sheet(tmp_path, f"{payout},2,paid,,"), "--run", RUN, "--by", "otto")
    assert payments.get(table, RUN, payout).state == PAID
    tell("receipts", sheet(tmp_path, f"{payout},1,paid,,"), "--run", RUN, "--by", "otto")
    assert re.search(r"paid twice +2 +3000.00", tell("rejects", RUN)), "what the bank owes back"
    tell("settle", payout, "--run", RUN, "--as", "paid", "--by", "olga", "--reason", "the bank took one back")
    named = [act.what for act in acts.between(table, 0, acts.last(table))]
    assert named[-6:] == [
        "payment.receipts", "resend.prepare", "resend.release", "payment.receipts", "payment.receipts",
        "payment.settle",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("rejects", "2017-12-01"), "unknown_run"),
        (("resend", RUN, "--by", "otto", "--reason", "r"), "nothing_rejected"),
        (("resend", RUN, "--by", " ", "--reason", "r"), "name who sends again"),
        (("release", RUN, "R07", "--by", "otto", "--digest", "x"), "batches of run 2017-10-01: none"),
        (("release", RUN, "0001", "--by", "otto", "--digest", "x"), "batches of run 2017-10-01: none"),
        (("discard", RUN, "R01", "--by", "otto", "--reason", "r"), "batches of run"),
        (("settle", "X", "--run", RUN, "--as", "paid", "--by", "o", "--reason", "r"), "payment in doubt is"),
    ],
)  # fmt: skip
def test_a_command_that_cannot_be_is_refused_and_changes_nothing(
    desk: Desk, say: Say, words: tuple[str, ...], why: str
) -> None:
    before = acts.last(desk.stack.table)
    code, _, err = say("payroll", *words)
    assert code
    assert why in err
    assert payments.every(desk.stack.table, RUN) == []
    assert acts.last(desk.stack.table) == before


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("PAYOUT,2,paid,,", "1 were sent"), ("PAYOUT,1,paid,,9.99", "it is 3000.00"),
        ("PAYOUT,1,lost,,", "use paid, rejected"), ("X,1,paid,,", "it is no payout of run"),
    ],
)  # fmt: skip
def test_a_file_with_a_row_that_cannot_be_changes_nothing(
    desk: Desk, say: Say, tmp_path: Path, row: str, why: str
) -> None:
    rows = (f"{desk.payout},1,rejected,,", row.replace("PAYOUT", desk.payout))
    code, _, err = say("payroll", "receipts", sheet(tmp_path, *rows), "--run", RUN, "--by", "otto")
    assert code
    assert why in err
    assert payments.every(desk.stack.table, RUN) == []


def test_a_late_success_is_shown_as_doubt(desk: Desk, say: Say) -> None:
    stack, run_ = desk.stack, runs.get(desk.stack.table, RUN)
    for outcome in ("paid", "rejected"):
        payments.receive(stack.table, stack.payouts, run_, [Receipt(desk.payout, 1, outcome)])
    assert re.search(rf"{desk.payout}.*doubt +1 +0.00", say("payroll", "rejects", RUN)[1])
