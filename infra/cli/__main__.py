"""``python -m infra.cli``: whatever goes wrong is one sentence and exit code 2."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from json import JSONDecodeError

import typer
from botocore.exceptions import BotoCoreError, ClientError
from typer._click.exceptions import ClickException

from dualtrack.app.ports import Missing
from dualtrack.domain.errors import Refused, Stopped
from infra.cli.application import built
from infra.cli.show import complaint, problems
from infra.cli.words import asked, text, use
from infra.operator import Failed

GLOBAL = ("--tenant", "--lang", "--outputs")
INTERRUPTED = 130


def hoisted(arguments: Sequence[str]) -> list[str]:
    """The global options first, wherever they were written; everything after ``--`` stays."""
    first: list[str] = []
    rest: list[str] = []
    words = iter(arguments)
    for word in words:
        if word == "--":
            return [*first, *rest, word, *words]
        if word in GLOBAL:
            first += [word, *[value for value in [next(words, None)] if value is not None]]
        else:
            (first if word.startswith(tuple(f"{name}=" for name in GLOBAL)) else rest).append(word)
    return first + rest


def run(arguments: Sequence[str]) -> int:
    """One command; its exit code."""
    use("en")
    app = built(asked(arguments))
    try:
        done = typer.main.get_command(app).main(hoisted(arguments), "dualtrack", standalone_mode=False)
    except Refused as refused:
        problems(refused.problems)
    except ClickException as wrong:
        if said := wrong.format_message().rstrip("."):
            complaint(text("wrong.usage", what=said))
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except FAULTS as fault:
        complaint(_sentence(fault))
    else:
        return done if isinstance(done, int) else 0
    return 2


FAULTS = (OSError, UnicodeDecodeError, JSONDecodeError, ClientError, BotoCoreError, Missing, Stopped, Failed)


def _sentence(fault: BaseException) -> str:
    """What is wrong outside of the command line itself."""
    match fault:
        case UnicodeDecodeError():
            return text("wrong.encoding", what=fault.reason)
        case JSONDecodeError():
            return text("wrong.json", what=str(fault), wanted="a JSON array of CloudEvents")
        case ClientError() | BotoCoreError():
            return text("wrong.aws", what=str(fault))
        case OSError() if fault.filename:
            return text("wrong.file", file=fault.filename, what=fault.strerror)
    return str(fault)


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
