"""The parts of ``./dev test``, as a table, and what they came to."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[2]
PYTHON = sys.executable
COUNT = re.compile(r"(\d+) (passed|failed|error|errors|skipped)")
NO_TESTS = 5


def _pytest(folder: str, *options: str) -> list[list[str]]:
    return [[PYTHON, "-m", "pytest", "-q", f"tests/{folder}", *options]]


def _types() -> list[list[str]]:
    """The whole tree at once, then each handler: they all have the same module name."""
    handlers = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "functions").glob("*/handler.py"))
    whole = [PYTHON, "-m", "mypy", "layers/dualtrack/python/dualtrack", "infra", "tests"]
    return [whole, *([PYTHON, "-m", "mypy", "--scripts-are-modules", handler] for handler in handlers)]


TWO = ("-n", "2")
PARTS = {
    "lint": [[PYTHON, "-m", "ruff", "check", "."]],
    "format": [[PYTHON, "-m", "ruff", "format", "--check", "."]],
    "types": _types(),
    "unit": _pytest("unit", *TWO),
    "scenarios": _pytest("scenarios"),
    "properties": _pytest("properties", *TWO),
    "simulator": _pytest("simulator", *TWO),
    "budgets": _pytest("benchmarks"),
    "contract": _pytest("contract"),
    "functions": _pytest("functions"),
    "infra": _pytest("infra"),
    "docs": _pytest("docs"),
    "office": [[PYTHON, "-m", "infra.dev.office"], *_pytest("office")],
    "e2e": _pytest("e2e"),
}


@dataclass(frozen=True, slots=True)
class Result:
    """One part: tests that passed and failed (a check without tests counts as one), and seconds."""

    part: str
    passed: int
    failed: int
    skipped: int
    seconds: float


def run_parts(names: Sequence[str]) -> int:
    """Run every part, whatever the others came to; 0 only if all passed."""
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        Console(stderr=True).print(f"dev: no part {', '.join(unknown)}; there are {', '.join(PARTS)}")
        return 2
    results = [_run(name) for name in names]
    _print(results)
    failed = sum(result.failed for result in results)
    print(
        f"{sum(r.passed for r in results)} passed, {failed} failed, {sum(r.skipped for r in results)} skipped"
    )
    return 1 if failed else 0


def _run(name: str) -> Result:
    print(f"\n=== {name}", flush=True)
    started = time.monotonic()
    counts = [_command(command) for command in PARTS[name]]
    passed, failed, skipped = (sum(column) for column in zip(*counts, strict=True))
    return Result(name, passed, failed, skipped, time.monotonic() - started)


def _command(command: Sequence[str]) -> tuple[int, int, int]:
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    last = ""
    for line in process.stdout or ():
        print(line, end="", flush=True)
        last = line if COUNT.search(line) else last
    code = process.wait()
    return _counts(last, code) if "pytest" in command else (int(code == 0), int(code != 0), 0)


def _counts(summary: str, code: int) -> tuple[int, int, int]:
    found = {
        word.rstrip("s") if word.startswith("error") else word: int(n) for n, word in COUNT.findall(summary)
    }
    failed = found.get("failed", 0) + found.get("error", 0)
    # A part that ended badly without a failed test (nothing collected, a crash) has failed as a whole.
    return found.get("passed", 0), failed or int(code != 0), found.get("skipped", 0)


def _print(results: Sequence[Result]) -> None:
    table = Table("part", "passed", "failed", "skipped", "seconds")
    for r in results:
        table.add_row(r.part, str(r.passed), str(r.failed), str(r.skipped), f"{r.seconds:.1f}")
    Console().print(table)
