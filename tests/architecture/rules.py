"""The house rules that a machine can check: arrows between layers, cycles, imports, sizes.

Each rule takes the modules of a tree and yields one complaint a line. A rule is added here, to
``RULES``, and with a tree that breaks it in ``test_rules``; never without the second.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import TypeAlias

from tests.architecture.source import Import, Module

Rule: TypeAlias = Callable[[Sequence[Module]], Iterator[str]]

PACKAGE = "courriel"

# From the bottom up. A layer may import those before it, and itself.
CHAIN = (
    "errors",
    "faces",
    "model",
    "wire",
    "protocol",
    "flows",
    "drive",
    "sessions",
    "outbox",
)
# The package itself only re-exports. Signing and encrypting turn messages into messages, beside the
# sessions. The applications stand on everything, but not on each other; so do the tools for tests,
# which nothing stands on.
MAY_IMPORT: dict[str, frozenset[str]] = {
    **{name: frozenset(CHAIN[: index + 1]) for index, name in enumerate(CHAIN)},
    "crypto": frozenset({"crypto", "errors", "model"}),
    "sandbox": frozenset({"sandbox", "errors", "model", "wire"}),
    "__init__": frozenset(CHAIN),
    "testing": frozenset({*CHAIN, "testing"}),
    "wlanguage": frozenset({*CHAIN, "__init__", "crypto", "wlanguage"}),
    "cli": frozenset({*CHAIN, "__init__", "crypto", "sandbox", "cli"}),
    "web": frozenset({*CHAIN, "__init__", "crypto", "sandbox", "web"}),
    "__main__": frozenset({"cli"}),
}

# Whoever does no I/O can be tested with values alone and be driven by anybody.
PURE = frozenset(CHAIN[: CHAIN.index("flows") + 1])
IMPURE_MODULES = frozenset(
    {
        "_socket",
        "_ssl",
        "_thread",
        "asyncio",
        "concurrent",
        "multiprocessing",
        "select",
        "selectors",
        "signal",
        "socket",
        "socketserver",
        "ssl",
        "subprocess",
        "threading",
        "time",
    }
)

# Each package from outside belongs to the module, or the folder, whose extra asks for it.
OWNERS = {
    "typer": "courriel.cli",
    "rich": "courriel.cli",
    "trustme": "courriel.sandbox",
    "pytest": "courriel.sandbox.pytest_plugin",
    "python_socks": "courriel.drive.proxy",
    "cryptography": "courriel.crypto",
    "gnupg": "courriel.crypto",
    "dns": "courriel.crypto.dkim.dns",
}

FILE_LINES = 400
FUNCTION_LINES = 60
FUNCTION_LINES_P95 = 40


def layers(modules: Sequence[Module]) -> Iterator[str]:
    """Complain about imports that go up or sideways, and about parts that no layer holds."""
    parts = {module.part for module in modules} | MAY_IMPORT.keys()
    for module in modules:
        allowed = MAY_IMPORT.get(module.part)
        if allowed is None:
            yield f"{module.path}: {module.part} is not a layer of the house"
            continue
        for item in module.imports:
            part = _part_of(item.target, parts)
            if part is not None and part not in allowed:
                yield f"{_place(module, item)}: {module.part} may not import {item.target}"


def cycles(modules: Sequence[Module]) -> Iterator[str]:
    """Complain about modules that import each other, in functions too, but not for types alone."""
    names = {module.name for module in modules}
    graph = {
        module.name: sorted(
            {
                target
                for item in module.imports
                if not item.typing_only and (target := _module_of(item.target, names))
            }
        )
        for module in modules
    }
    done: set[str] = set()
    for start in graph:
        yield from _walk(start, graph, done, [])


def _walk(
    name: str, graph: dict[str, list[str]], done: set[str], trail: list[str]
) -> Iterator[str]:
    if name in trail:
        yield f"import cycle: {' -> '.join([*trail[trail.index(name) :], name])}"
    elif name not in done:
        trail.append(name)
        for target in graph[name]:
            yield from _walk(target, graph, done, trail)
        trail.pop()
        done.add(name)


def purity(modules: Sequence[Module]) -> Iterator[str]:
    """Complain about sockets, clocks, threads and loops below ``drive``."""
    for module in modules:
        if module.part in PURE:
            for item in module.imports:
                if not item.typing_only and _root(item.target) in IMPURE_MODULES:
                    yield f"{_place(module, item)}: {module.part} may not import {item.target}"


def dependencies(modules: Sequence[Module]) -> Iterator[str]:
    """Complain about packages from outside, save in the module whose extra asks for them."""
    for module in modules:
        for item in module.imports:
            root = _root(item.target)
            if item.relative or root == PACKAGE or root in sys.stdlib_module_names:
                continue
            owner = OWNERS.get(root)
            if owner is None or not f"{module.name}.".startswith(f"{owner}."):
                yield f"{_place(module, item)}: {root} belongs to {owner or 'nobody'}"


def absolute_imports(modules: Sequence[Module]) -> Iterator[str]:
    """Complain about relative imports."""
    for module in modules:
        for item in module.imports:
            if item.relative:
                yield f"{_place(module, item)}: import {item.target} by its full name"


def file_sizes(modules: Sequence[Module]) -> Iterator[str]:
    """Complain about files that nobody reads to the end."""
    for module in modules:
        if module.lines > FILE_LINES:
            yield f"{module.path}: {module.lines} lines, more than {FILE_LINES}"


def function_sizes(modules: Sequence[Module]) -> Iterator[str]:
    """Complain about long functions, and about too many that are nearly so."""
    lengths: list[int] = []
    for module in modules:
        for function in module.functions:
            lengths.append(function.length)
            if function.length > FUNCTION_LINES:
                yield (
                    f"{module.path}:{function.line}: {function.name} has {function.length} lines, "
                    f"more than {FUNCTION_LINES}"
                )
    lengths.sort()
    if lengths and (p95 := lengths[int(len(lengths) * 0.95)]) > FUNCTION_LINES_P95:
        yield f"one function in twenty has {p95} lines or more; {FUNCTION_LINES_P95} are allowed"


RULES: tuple[Rule, ...] = (
    layers,
    cycles,
    purity,
    dependencies,
    absolute_imports,
    file_sizes,
    function_sizes,
)


def _place(module: Module, item: Import) -> str:
    return f"{module.path}:{item.line}"


def _root(target: str) -> str:
    return target.partition(".")[0]


def _module_of(target: str, names: AbstractSet[str]) -> str | None:
    """Return the module that an import of ``target`` loads: itself, or the one it is a name of."""
    if target in names:
        return target
    parent = target.rpartition(".")[0]
    return parent if parent in names else None


def _part_of(target: str, parts: AbstractSet[str]) -> str | None:
    """Return the layer that ``target`` lies in, or None when it lies outside the package."""
    package, _, rest = target.partition(".")
    if package != PACKAGE:
        return None
    # `from courriel import cli` asks for a layer, `from courriel import IMAPSession` the package.
    part = _root(rest)
    return part if part in parts else "__init__"
