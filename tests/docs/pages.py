"""The repository's own pages, and what they show in code blocks."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from infra.bundling import ROOT

BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`(\./dev[^`]*)`")
NOT_OURS = {".venv", ".git", ".dualtrack", "node_modules", "out"}


def pages() -> list[Path]:
    """Every Markdown page that people read here."""
    found = (path for path in ROOT.rglob("*.md") if not NOT_OURS & set(path.relative_to(ROOT).parts))
    return sorted(found)


def blocks(page: Path, kind: str) -> list[str]:
    """The code blocks of a kind; an empty kind are those without one."""
    return [body for name, body in BLOCK.findall(page.read_text("utf-8")) if name == kind]


def between(page: Path, mark: str) -> str:
    """What stands between ``<!-- mark:begin -->`` and ``<!-- mark:end -->``."""
    _, found, _ = re.split(rf"<!-- {mark}:(?:begin|end) -->", page.read_text("utf-8"))
    return found.strip()


def without_demo(page: Path) -> str:
    """A page without the demo's output, which the demo wrote itself."""
    both = r"(<!-- demo:begin -->).*?(<!-- demo:end -->)"
    return re.sub(both, r"\1\n\2", page.read_text("utf-8"), flags=re.DOTALL)


def commands(page: Path) -> list[str]:
    """Every ``./dev …`` that a page names, in blocks and in sentences."""
    text = without_demo(page)
    lines = [line for _, body in BLOCK.findall(text) for line in body.splitlines()]
    said = [line for line in lines if line.startswith("./dev")] + INLINE.findall(BLOCK.sub("", text))
    return [re.sub(r"\s*#.*|\s*…$", "", line).strip() for line in said]


def tracked() -> set[str]:
    """The files that git knows."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(listed.stdout.splitlines())
