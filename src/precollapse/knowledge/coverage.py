"""Which items of the care pathway are covered: named by an entry of the knowledge and shown by a test.

Tests are read, not run: a test covers an item when it carries ``@pytest.mark.pathway("T03")``.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeGuard

from precollapse.knowledge.bundle import Knowledge
from precollapse.knowledge.walk import Problem, entries


@dataclass(frozen=True, slots=True)
class Item:
    """One item of the pathway with the entries and the tests that carry its id."""

    id: str
    name: str
    entries: tuple[str, ...]
    tests: tuple[str, ...]

    @property
    def covered(self) -> bool:
        """Tell whether both an entry and a test carry the id."""
        return bool(self.entries and self.tests)


def items(knowledge: Knowledge, tests: dict[str, list[str]]) -> list[Item]:
    """Return every item of the pathway with what covers it."""
    carriers: dict[str, list[str]] = defaultdict(list)
    for kind, entry in entries(knowledge):
        for item in entry.pathway:
            carriers[item].append(f"{kind}/{entry.id}")
    return [
        Item(item.id, item.name, tuple(carriers[item.id]), tuple(tests.get(item.id, ())))
        for item in knowledge.pathway.values()
    ]


def tests_by_item(folder: Path) -> dict[str, list[str]]:
    """Return, for every pathway id, the tests under a folder that carry it."""
    return marks(folder, "pathway")


def marks(folder: Path, marker: str) -> dict[str, list[str]]:
    """Return, for every argument of ``pytest.mark.<marker>``, the tests that carry it."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted(folder.rglob("test_*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        of_module = set(_arguments(_module_marks(tree), marker))
        for test, decorators in test_functions(tree):
            for argument in sorted(of_module | set(_arguments(decorators, marker))):
                found[argument].append(f"{path.relative_to(folder.parent).as_posix()}::{test}")
    return dict(found)


def test_functions(tree: ast.Module) -> Iterator[tuple[str, list[ast.expr]]]:
    """Yield the name of every test in a module, with its own decorators and those of its class."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
            for inner in node.body:
                if _is_test(inner):
                    yield f"{node.name}::{inner.name}", [*node.decorator_list, *inner.decorator_list]
        elif _is_test(node):
            yield node.name, node.decorator_list


def _is_test(node: ast.stmt) -> TypeGuard[ast.FunctionDef | ast.AsyncFunctionDef]:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test")


def _module_marks(tree: ast.Module) -> list[ast.expr]:
    return [
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and any(isinstance(target, ast.Name) and target.id == "pytestmark" for target in node.targets)
    ]


def _arguments(expressions: list[ast.expr], marker: str) -> Iterator[str]:
    for call in (node for expression in expressions for node in ast.walk(expression)):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == marker:
            for argument in call.args:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield argument.value


def marks_exist(knowledge: Knowledge, tests: dict[str, list[str]]) -> Iterator[Problem]:
    """Check that every pathway id that a test carries exists."""
    for item, names in tests.items():
        if item not in knowledge.pathway:
            yield Problem(
                "pathway", item, f"{names[0]} carries an id that is not in the pathway", "correct the id"
            )
