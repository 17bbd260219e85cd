"""Read a source tree: its modules, what each imports and how long its functions are.

Nothing here judges; that is done in ``rules``. Nothing is imported or run either: the tree may be
one that a test has broken on purpose.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Import:
    """One imported name.

    ``target`` is absolute: a module, or a module and a name in it. ``relative`` tells
    that it was written with leading dots, ``typing_only`` that it stands under
    ``if TYPE_CHECKING`` and so is never carried out.
    """

    target: str
    line: int
    relative: bool = False
    typing_only: bool = False


@dataclass(frozen=True, slots=True)
class Function:
    """One function or method, nested ones too. ``length`` counts lines, decorators left out."""

    name: str
    line: int
    length: int


@dataclass(frozen=True, slots=True)
class Module:
    """One file of the tree. ``name`` is dotted, ``path`` relative to the package's parent."""

    name: str
    path: Path
    lines: int
    imports: tuple[Import, ...]
    functions: tuple[Function, ...]

    @property
    def part(self) -> str:
        """The first name below the package, or ``__init__`` for the package itself."""
        names = self.name.split(".")
        return names[1] if len(names) > 1 else "__init__"


def read_tree(package: Path) -> tuple[Module, ...]:
    """Read every Python file below the folder ``package``, whose name is the package's."""
    return tuple(_read_module(path, package) for path in sorted(package.rglob("*.py")))


def _read_module(path: Path, package: Path) -> Module:
    relative = path.relative_to(package.parent)
    is_package = path.name == "__init__.py"
    names = relative.parent.parts if is_package else relative.with_suffix("").parts
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text, filename=str(path))
    home = names if is_package else names[:-1]
    return Module(
        name=".".join(names),
        path=relative,
        lines=len(text.splitlines()),
        imports=tuple(_imports(tree, home)),
        functions=tuple(_functions(tree)),
    )


def _functions(tree: ast.AST) -> Iterator[Function]:
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            last = node.end_lineno or node.lineno
            yield Function(node.name, node.lineno, last - node.lineno + 1)


def _imports(
    node: ast.AST, home: tuple[str, ...], *, typing_only: bool = False
) -> Iterator[Import]:
    """Find imports at every depth: one hidden in a function is an arrow all the same."""
    match node:
        case ast.Import():
            for alias in node.names:
                yield Import(alias.name, node.lineno, typing_only=typing_only)
        case ast.ImportFrom():
            base = home[: len(home) - node.level + 1] if node.level else ()
            start = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                target = start if alias.name == "*" else f"{start}.{alias.name}"
                yield Import(target, node.lineno, bool(node.level), typing_only)
        case ast.If() if _asks_type_checking(node.test):
            for inner in node.body:
                yield from _imports(inner, home, typing_only=True)
            for inner in node.orelse:
                yield from _imports(inner, home, typing_only=typing_only)
        case _:
            if isinstance(node, ast.Call) and (target := _dynamic_target(node)):
                yield Import(target, node.lineno, target.startswith("."), typing_only)
            for child in ast.iter_child_nodes(node):
                yield from _imports(child, home, typing_only=typing_only)


def _asks_type_checking(test: ast.expr) -> bool:
    match test:
        case ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING"):
            return True
    return False


def _dynamic_target(call: ast.Call) -> str:
    """Return what ``import_module("x")`` or ``__import__("x")`` imports, or nothing."""
    match call:
        case ast.Call(
            func=ast.Name(id="__import__" | "import_module") | ast.Attribute(attr="import_module"),
            args=[ast.Constant(value=str(target)), *_],
        ):
            return target
    return ""
