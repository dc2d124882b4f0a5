"""The commands behind ``./dev`` that need more than a line of bash."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from dualtrack.adapters import schemas
from infra import embedded
from infra.dev.parts import PARTS, run_parts
from infra.embedded.cdk import CDK, Failed, environment

ROOT = Path(__file__).resolve().parents[2]
NAME = "up"
app = typer.Typer(add_completion=False, no_args_is_help=True)
say = Console(highlight=False)


@app.command()
def up(port: int | None = None, tenants: str = "demo") -> None:
    """Start the embedded AWS, deploy tenants and leave both running."""
    server = embedded.start(NAME, port)
    try:
        embedded.deploy(server, tenants.split(","))
    except BaseException:  # also Ctrl-C: half a stack is of no use
        server.stop()
        raise
    say.print(f"running at {server.endpoint}; outputs: {server.home / 'outputs.json'}; stop it: ./dev down")


@app.command()
def down() -> None:
    """Stop what ``up`` or ``demo --keep`` left running."""
    servers = [s for s in map(embedded.attach, (NAME, "demo")) if s is not None]
    for server in servers:
        server.stop()
        say.print(f"stopped {server.name} at {server.endpoint}")
    if not servers:
        say.print("nothing was running")


@app.command()
def logs(function: str = "", lines: int = 40) -> None:
    """The newest lines of the functions' logs, or of one function's, and of the server."""
    servers = [s for s in map(embedded.attach, (NAME, "demo")) if s is not None]
    if not servers:
        raise embedded.NotStarted("nothing is running; start it: ./dev up")
    for server in servers:
        _function_logs(server, function, lines)
        say.print(f"[bold]{server.home / 'log'}[/]")
        for line in (server.home / "log").read_text(errors="replace").splitlines()[-lines:]:
            say.print(line, markup=False)


def _function_logs(server: embedded.Embedded, function: str, lines: int) -> None:
    client = server.client("logs")
    for group in client.describe_log_groups(logGroupNamePrefix="/aws/lambda/")["logGroups"]:
        if function in group["logGroupName"]:
            say.print(f"[bold]{group['logGroupName']}[/]")
            for event in client.filter_log_events(logGroupName=group["logGroupName"])["events"][-lines:]:
                say.print(event["message"].rstrip(), markup=False)


@app.command("test")
def prove(parts: Annotated[list[str] | None, typer.Argument(help=f"of {', '.join(PARTS)}")] = None) -> None:
    """Run the parts, all of them unless some are named."""
    raise typer.Exit(run_parts(parts or list(PARTS)))


@app.command()
def fmt() -> None:
    """Format, and fix what can be fixed."""
    subprocess.run([sys.executable, "-m", "ruff", "check", "--fix", "--quiet", "."], cwd=ROOT, check=False)
    subprocess.run([sys.executable, "-m", "ruff", "format", "."], cwd=ROOT, check=True)


@app.command("schemas")
def write_schemas() -> None:
    """Write events/schemas/ anew from the models."""
    for path in schemas.write(ROOT / "events" / "schemas"):
        say.print(str(path.relative_to(ROOT)))


@app.command()
def deploy(tenant: str) -> None:
    """Deploy a tenant to the real account that the AWS credentials in the environment belong to."""
    command = [str(CDK), "deploy", "--all", "-c", "target=aws", "-c", f"tenants={tenant}"]
    raise typer.Exit(subprocess.run(command, cwd=ROOT, env=environment(), check=False).returncode)


@app.command()
def lock() -> None:
    """Write the hash locks anew. They hold no addresses."""
    options = ("--universal", "--python-version", "3.11", "--generate-hashes", "--no-header", "--no-annotate")
    silent = ("--no-emit-index-url", "--no-emit-find-links", "--quiet", "--upgrade")
    for name in ("layer", "dev"):
        command = ["uv", "pip", "compile", *options, *silent, f"{name}.in", "-o", f"{name}.txt"]
        subprocess.run(command, cwd=ROOT / "requirements", check=True)
    node = ROOT / "requirements" / "node"
    subprocess.run(["npm", "install", "--package-lock-only", "--silent"], cwd=node, check=True)


def main() -> None:
    """Errors that a person can mend are one sentence; the others keep their traceback."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        app()
    except (embedded.NotStarted, Failed) as error:
        Console(stderr=True, highlight=False).print(f"dev: {error}", markup=False)
        sys.exit(2)


if __name__ == "__main__":
    main()
