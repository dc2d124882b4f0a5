"""Bootstraps and deploys by the CDK command line, quietly unless it fails."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from infra.aftercare import lock_payouts
from infra.embedded.server import ACCOUNT, REGION, ROOT, Embedded

CDK = ROOT / "requirements" / "node" / "node_modules" / ".bin" / "cdk"
TAIL = 25


class Failed(Exception):
    """A CDK command failed; carries the end of what it wrote."""


def environment(server: Embedded | None = None) -> dict[str, str]:
    """The environment of a CDK command, for the embedded AWS or for the operator's own account."""
    tools_folder = Path(sys.executable).parent
    tools = {
        "PATH": f"{tools_folder}{os.pathsep}{os.environ['PATH']}",
        "JSII_NODE": str(tools_folder / "node"),
        "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "1",
        "CI": "true",
    }
    own = server.environment() if server else {}
    return {**os.environ, **tools, **own}


def deploy(server: Embedded, tenants: Sequence[str]) -> dict[str, dict[str, str]]:
    """Bootstrap the server's account and deploy these tenants; each one's stack outputs."""
    file = server.home / "outputs.json"
    context = ["-c", "target=embedded", "-c", f"tenants={','.join(tenants)}"]
    out = str(server.home / "cdk.out")
    run(server, "bootstrap", [f"aws://{ACCOUNT}/{REGION}", *context, "--output", out])
    run(
        server,
        "deploy",
        ["--all", "--require-approval", "never", "--method", "direct", "--concurrency", "2",
         "--outputs-file", str(file), "--output", out, *context],
    )  # fmt: skip
    deployed = outputs(server)
    for stack in deployed.values():
        lock_payouts(stack, server.client("s3"))
    return deployed


def outputs(server: Embedded) -> dict[str, dict[str, str]]:
    """The stack outputs by tenant."""
    said: Mapping[str, dict[str, str]] = json.loads((server.home / "outputs.json").read_text())
    return {stack["Tenant"]: stack for stack in said.values()}


def run(server: Embedded, command: str, arguments: Sequence[str]) -> None:
    """One CDK command with a line of progress; its output goes to a log."""
    log = server.home / f"cdk-{command}.log"
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress, log.open("wb") as out:
        progress.add_task(f"cdk {command}")
        code = _run([str(CDK), command, *arguments], environment(server), out)
    if code:
        end = "\n".join(log.read_text(errors="replace").splitlines()[-TAIL:])
        raise Failed(f"cdk {command} failed (all of it: {log})\n{end}")


def _run(command: Sequence[str], env: Mapping[str, str], out: BinaryIO) -> int:
    """A command in a process group of its own: Ctrl-C reaches us alone, and we end all of the group."""
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=env,
        stdout=out,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        return process.wait()
    except BaseException:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise
