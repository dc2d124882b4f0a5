"""The application: the groups of commands, and their help in a language."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from typer import rich_utils

from infra.cli import (
    accounts,
    auditing,
    deciding,
    events,
    held_back,
    payments,
    payouts,
    reviewing,
    scenarios,
    scores,
    setups,
    simulating,
    sources,
    training,
)
from infra.cli.options import option, translate
from infra.cli.state import State
from infra.cli.words import language, text, use

GROUPS = {
    "plan": simulating.app,
    "source": sources.app,
    "events": events.app,
    "quarantine": held_back.app,
    "score": scores.app,
    "run": reviewing.app,
    "pay": setups.app,
    "account": accounts.app,
    "hold": deciding.hold,
    "difference": deciding.difference,
    "balance": deciding.balance,
    "clawback": deciding.clawback,
    "payout": payouts.app,
    "payroll": payments.app,
    "training": training.app,
}
_KEYS = {id(command): command.help for app in GROUPS.values() for command in app.registered_commands}


class Language(StrEnum):
    """The languages of all texts."""

    EN = "en"
    ZH = "zh"


Tenant = Annotated[str, option("opt.tenant", "--tenant", envvar="DUALTRACK_TENANT", show_default=False)]
Outputs = Annotated[Path | None, option("opt.outputs", "--outputs")]
Lang = Annotated[Language, option("opt.lang", "--lang", envvar="DUALTRACK_LANG")]


def start(
    context: typer.Context, tenant: Tenant = "", lang: Lang = Language.EN, outputs: Outputs = None
) -> None:
    """The global options; they may stand anywhere."""
    use(lang.value)
    context.obj = State(tenant, outputs)


def build() -> typer.Typer:
    """The whole application, with its help in the language in use."""
    translate()
    rich_utils.OPTIONS_PANEL_TITLE = text("panel.options")
    rich_utils.ARGUMENTS_PANEL_TITLE = text("panel.arguments")
    rich_utils.COMMANDS_PANEL_TITLE = text("panel.commands")
    rich_utils.REQUIRED_LONG_STRING = text("required")
    rich_utils.DEFAULT_STRING = text("default")
    app = typer.Typer(name="dualtrack", add_completion=False, no_args_is_help=True, help=text("help"))
    app.callback(help=text("help"))(start)
    for name, group in GROUPS.items():
        for command in group.registered_commands:
            command.help = text(str(_KEYS[id(command)]))
        app.add_typer(group, name=name, help=text(f"help.{name}"))
    app.command("explain", help=text("help.explain"))(scores.explained)
    app.command("audit", help=text("help.audit"))(auditing.audited)
    app.command("scenario", help=text("help.scenario"))(scenarios.scenarios)
    return app


def built(wanted: str) -> typer.Typer:
    """The application in a language; one that does not exist is refused later, by the option itself."""
    use(wanted if wanted in list(Language) else language())
    return build()
