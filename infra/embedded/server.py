"""Starts and stops the server."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

ROOT = Path(__file__).resolve().parents[2]
HOME = ROOT / ".dualtrack" / "embedded"
HOST = "127.0.0.1"
REGION, ACCOUNT = "us-east-1", "000000000000"
PATIENCE = 30.0
GRACE = 8.0
_children: dict[int, subprocess.Popen[bytes]] = {}


class NotStarted(Exception):
    """The server did not start; says why and what helps."""


@dataclass(frozen=True, slots=True)
class Embedded:
    """A running server. Leaving its context stops it."""

    name: str
    port: int
    pid: int

    @property
    def home(self) -> Path:
        """Where this server keeps its log, its state and the stack outputs."""
        return HOME / self.name

    @property
    def endpoint(self) -> str:
        """Where every service answers."""
        return f"http://{HOST}:{self.port}"

    def environment(self) -> dict[str, str]:
        """What boto3 and the CDK need to talk to it and to nothing else."""
        return {
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ENDPOINT_URL_S3": self.endpoint,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }

    def client(self, service: str) -> Any:
        """A boto3 client of this server, whatever the process's own environment says."""
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )

    def stop(self) -> None:
        """Stop the server and every function worker."""
        _end_group(self.pid)
        (self.home / "server.json").unlink(missing_ok=True)

    def __enter__(self) -> Embedded:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def start(name: str, port: int | None = None) -> Embedded:
    """Start a server on a port (a free one unless named) and wait until it answers."""
    running = attach(name)
    if running is not None:
        raise NotStarted(f"{name} is running already on port {running.port}; stop it first: ./dev down")
    chosen = _free_port() if port is None else _checked(port)
    home = HOME / name
    shutil.rmtree(home, ignore_errors=True)
    (home / "tmp").mkdir(parents=True)
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "ministack"],
            env=_server_environment(chosen, home),
            stdout=log,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    _children[process.pid] = process
    server = Embedded(name, chosen, process.pid)
    try:
        _wait(process, server)
    except BaseException:  # also Ctrl-C: whatever happens, nothing is left behind
        server.stop()
        raise
    (home / "server.json").write_text(json.dumps({"port": chosen, "pid": process.pid}))
    return server


def attach(name: str) -> Embedded | None:
    """The running server of this name, if there is one."""
    try:
        said = json.loads((HOME / name / "server.json").read_text())
    except FileNotFoundError:
        return None
    server = Embedded(name, said["port"], said["pid"])
    return server if _alive(server.pid) and _answers(server) else None


def _server_environment(port: int, home: Path) -> Mapping[str, str]:
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
    return inherited | {
        "GATEWAY_PORT": str(port),
        "BIND_HOST": HOST,
        "IOT_MTLS_ENABLED": "0",
        "AUTH": "true",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ENDPOINT_URL": f"http://{HOST}:{port}",
        "AWS_ENDPOINT_URL_S3": f"http://{HOST}:{port}",
        "STATE_DIR": str(home / "state"),
        "TMPDIR": str(home / "tmp"),  # workers unpack their code here, so that stopping can clean up
        "PYTHONPATH": "",
        "LOG_LEVEL": "WARNING",
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _checked(port: int) -> int:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise NotStarted(
                f"port {port} cannot be used ({error.strerror}); choose another: --port"
            ) from None
    return port


def _wait(process: subprocess.Popen[bytes], server: Embedded) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise NotStarted(f"the embedded AWS ended at once; see {server.home / 'log'}")
        if _answers(server):
            return
        time.sleep(0.1)
    raise NotStarted(f"the embedded AWS did not answer within {PATIENCE:.0f} s; see {server.home / 'log'}")


def _answers(server: Embedded) -> bool:
    try:
        with urllib.request.urlopen(f"{server.endpoint}/_ministack/health", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _end_group(pid: int) -> None:
    """Ask, wait, then insist. Workers are in the server's group; a late one is found by the second round."""
    for sign, patience in ((signal.SIGTERM, GRACE), (signal.SIGKILL, GRACE)):
        try:
            os.killpg(pid, sign)
        except ProcessLookupError:
            return
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline and _group_alive(pid):
            time.sleep(0.05)


def _group_alive(pid: int) -> bool:
    _reap(pid)
    try:
        os.killpg(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _reap(pid: int) -> None:
    """An ended child stays in its group until it is asked for; a server of an earlier command is not ours."""
    child = _children.get(pid)
    if child is not None:
        child.poll()
