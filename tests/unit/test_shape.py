"""The shape of the source: short functions, short files, no error swallowed, no registry named."""

from __future__ import annotations

import ast
import re
import statistics
from pathlib import Path

from tests.support.world import ROOT

CODE = sorted(
    path
    for folder in ("layers", "functions", "infra")
    for path in (ROOT / folder).rglob("*.py")
    if "node_modules" not in path.parts and "cdk.out" not in path.parts
)
Function = ast.FunctionDef | ast.AsyncFunctionDef


def nodes(path: Path) -> list[ast.AST]:
    """Everything in a file."""
    return list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def lengths() -> dict[str, int]:
    """Lines of every function."""
    return {
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}": (node.end_lineno or 0) - node.lineno + 1
        for path in CODE
        for node in nodes(path)
        if isinstance(node, Function)
    }


def test_no_function_is_longer_than_50_lines_and_most_are_far_shorter() -> None:
    assert not {name for name, size in lengths().items() if size > 50}
    assert statistics.median(lengths().values()) < 14


def test_no_file_is_longer_than_300_lines() -> None:
    assert not [path for path in CODE if path.read_text(encoding="utf-8").count("\n") > 300]


def test_no_error_is_swallowed() -> None:
    found = {
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in CODE
        for node in nodes(path)
        if isinstance(node, ast.ExceptHandler) and swallows(node)
    }
    assert not found


def swallows(handler: ast.ExceptHandler) -> bool:
    """A bare except, or one of everything that goes on as if nothing had happened."""
    kind = ast.unparse(handler.type) if handler.type else ""
    quiet = all(isinstance(each, ast.Pass | ast.Continue | ast.Return) for each in handler.body)
    return not kind or (quiet and kind in ("Exception", "BaseException"))


def test_every_module_says_what_it_is_for() -> None:
    empty = [path for path in CODE if not path.read_text(encoding="utf-8").strip()]
    silent = [path for path in CODE if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))]
    assert set(silent) <= set(empty)


def test_no_comment_promises_to_finish_later() -> None:
    unfinished = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b(?!\")")
    assert not [path for path in CODE if unfinished.search(path.read_text(encoding="utf-8"))]
