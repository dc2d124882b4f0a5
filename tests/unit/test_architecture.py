"""Imports point one way: functions → app → domain; adapters implement; only adapters know AWS."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.world import ROOT

PACKAGE = ROOT / "layers/dualtrack/python/dualtrack"
OUTSIDE = (
    r"(boto3|botocore|aws_\w+|os|time|random|secrets|uuid|socket|urllib\.request|requests|subprocess)(\.|$)"
)
FORBIDDEN = {
    "domain": rf"{OUTSIDE}|dualtrack\.(app|adapters)|jmespath|pydantic|yaml",
    "app": rf"{OUTSIDE}|dualtrack\.adapters|jmespath|pydantic|yaml",
    "adapters": r"functions|infra",
}
IMPURE = {
    "float",
    "datetime.now",
    "datetime.utcnow",
    "date.today",
    "time.time",
    "open",
    "eval",
    "exec",
    "print",
}


def sources(layer: str) -> list[Path]:
    """The modules of a layer of the package."""
    return sorted((PACKAGE / layer).rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    """Every module that a file names in an import."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        if isinstance(node, ast.ImportFrom):
            yield node.module or ""
            yield from (f"{node.module}.{each.name}" for each in node.names)


def called(path: Path) -> set[str]:
    """Every name that a file calls."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}


@pytest.mark.parametrize("layer", FORBIDDEN)
def test_a_layer_knows_nothing_outside_of_itself(layer: str) -> None:
    wrong = {
        f"{path.name} imports {name}"
        for path in sources(layer)
        for name in imported(path)
        if re.match(FORBIDDEN[layer], name)
    }
    assert sources(layer)
    assert not wrong


def test_the_domain_is_pure() -> None:
    assert not {(path.name, name) for path in sources("domain") for name in called(path) & IMPURE}


def test_no_use_case_reads_a_clock_or_makes_a_float() -> None:
    assert not {(path.name, name) for path in sources("app") for name in called(path) & IMPURE}


def test_the_domain_knows_only_itself_and_the_standard_library() -> None:
    import sys

    known = {"dualtrack", "__future__", *sys.stdlib_module_names}
    found = {name.split(".")[0] for path in sources("domain") for name in imported(path)}
    assert found <= known


@pytest.mark.parametrize("path", sorted((ROOT / "functions").glob("*/*.py")), ids=lambda p: p.parent.name)
def test_a_function_leaves_aws_to_the_adapters(path: Path) -> None:
    assert not [name for name in imported(path) if re.match(r"(boto3|botocore|infra|tests)(\.|$)", name)]


def test_nothing_of_the_package_depends_on_a_test() -> None:
    paths = sorted(PACKAGE.rglob("*.py"))
    assert not [path for path in paths if any(name.startswith("tests") for name in imported(path))]
