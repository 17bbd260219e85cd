"""Break every rule once, in small trees, and see that the rule reports it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

import pytest

from tests.architecture import rules
from tests.architecture.rules import CHAIN, RULES, Rule
from tests.architecture.source import Function, Import, Module, read_tree

Build: TypeAlias = Callable[[Mapping[str, str]], tuple[Module, ...]]


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """Write files, given by their path below the package, and read them as a tree."""

    def build(files: Mapping[str, str]) -> tuple[Module, ...]:
        package = tmp_path / "courriel"
        for name, text in files.items():
            path = package / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return read_tree(package)

    return build


def function(name: str, length: int) -> str:
    return f"def {name}():\n" + "    pass\n" * (length - 1)


BROKEN: list[tuple[Rule, dict[str, str], str]] = [
    (
        rules.layers,
        {"model/a.py": "import courriel.wire.b"},
        "courriel/model/a.py:1: model may not import courriel.wire.b",
    ),
    (
        rules.layers,
        {"errors.py": "\nfrom courriel.faces import Flow"},
        "courriel/errors.py:2: errors may not import courriel.faces.Flow",
    ),
    (
        rules.layers,
        {"wire/a.py": "def f():\n    from courriel.protocol import ticket"},
        "courriel/wire/a.py:2: wire may not import courriel.protocol.ticket",
    ),
    (
        rules.layers,
        {"flows/a.py": "if TYPE_CHECKING:\n    from courriel.drive.tls import X"},
        "courriel/flows/a.py:2: flows may not import courriel.drive.tls.X",
    ),
    (
        rules.layers,
        {"sandbox/a.py": "from courriel.protocol.ticket import Ticket"},
        "courriel/sandbox/a.py:1: sandbox may not import courriel.protocol.ticket.Ticket",
    ),
    (
        rules.layers,
        {"sessions/a.py": "from courriel import SMTPSession"},
        "courriel/sessions/a.py:1: sessions may not import courriel.SMTPSession",
    ),
    (
        rules.layers,
        {"sessions/a.py": "from courriel import sandbox"},
        "courriel/sessions/a.py:1: sessions may not import courriel.sandbox",
    ),
    (
        rules.layers,
        {"sandbox/a.py": "from courriel.testing import ReadingSuite"},
        "courriel/sandbox/a.py:1: sandbox may not import courriel.testing.ReadingSuite",
    ),
    (
        rules.layers,
        {"flows/a.py": "from courriel.crypto.dkim import verify"},
        "courriel/flows/a.py:1: flows may not import courriel.crypto.dkim.verify",
    ),
    (
        rules.layers,
        {"crypto/a.py": "def f():\n    from courriel.wire.lines import normalise"},
        "courriel/crypto/a.py:2: crypto may not import courriel.wire.lines.normalise",
    ),
    (
        rules.layers,
        {"cli/a.py": "from courriel.testing import ReadingSuite"},
        "courriel/cli/a.py:1: cli may not import courriel.testing.ReadingSuite",
    ),
    (
        rules.dependencies,
        {"testing/a.py": "import pytest"},
        "courriel/testing/a.py:1: pytest belongs to courriel.sandbox.pytest_plugin",
    ),
    (
        rules.layers,
        {"wlanguage/a.py": "import courriel.cli"},
        "courriel/wlanguage/a.py:1: wlanguage may not import courriel.cli",
    ),
    (
        rules.layers,
        {"__init__.py": "from courriel.wlanguage import Email"},
        "courriel/__init__.py:1: __init__ may not import courriel.wlanguage.Email",
    ),
    (
        rules.layers,
        {"drive/a.py": "import_module('courriel.sessions.smtp')"},
        "courriel/drive/a.py:1: drive may not import courriel.sessions.smtp",
    ),
    (
        rules.layers,
        {"model/a.py": "from ..wire import lexis"},
        "courriel/model/a.py:1: model may not import courriel.wire.lexis",
    ),
    (
        rules.layers,
        {"utils.py": ""},
        "courriel/utils.py: utils is not a layer of the house",
    ),
    (
        rules.cycles,
        {"wire/a.py": "import courriel.wire.b", "wire/b.py": "from courriel.wire import a"},
        "import cycle: courriel.wire.a -> courriel.wire.b -> courriel.wire.a",
    ),
    (
        rules.cycles,
        {
            "model/a.py": "from courriel.model.b import B",
            "model/b.py": "from courriel.model.c import C",
            "model/c.py": "def f():\n    from courriel.model.b import B",
        },
        "import cycle: courriel.model.b -> courriel.model.c -> courriel.model.b",
    ),
    (
        rules.cycles,
        {"wire/__init__.py": "from courriel.wire.a import A", "wire/a.py": "import courriel.wire"},
        "import cycle: courriel.wire -> courriel.wire.a -> courriel.wire",
    ),
    (
        rules.cycles,
        {"wire/a.py": "from courriel.wire.a import A"},
        "import cycle: courriel.wire.a -> courriel.wire.a",
    ),
    *(
        (
            rules.purity,
            {f"{part}/a.py": f"\nimport {name}"},
            f"courriel/{part}/a.py:2: {part} may not import {name}",
        )
        for part, name in [
            ("model", "time"),
            ("wire", "ssl"),
            ("protocol", "threading"),
            ("flows", "asyncio"),
            ("flows", "select"),
            ("flows", "selectors"),
            ("flows", "concurrent.futures"),
        ]
    ),
    (
        rules.purity,
        {"errors.py": "from socket import gaierror"},
        "courriel/errors.py:1: errors may not import socket.gaierror",
    ),
    (
        rules.purity,
        {"faces.py": "def f():\n    __import__('asyncio')"},
        "courriel/faces.py:2: faces may not import asyncio",
    ),
    (
        rules.dependencies,
        {"drive/http.py": "import requests"},
        "courriel/drive/http.py:1: requests belongs to nobody",
    ),
    (
        rules.dependencies,
        {"sessions/a.py": "def f():\n    from rich.progress import track"},
        "courriel/sessions/a.py:2: rich belongs to courriel.cli",
    ),
    (
        rules.dependencies,
        {"cli/a.py": "import trustme"},
        "courriel/cli/a.py:1: trustme belongs to courriel.sandbox",
    ),
    (
        rules.dependencies,
        {"model/a.py": "def f():\n    import cryptography.x509"},
        "courriel/model/a.py:2: cryptography belongs to courriel.crypto",
    ),
    (
        rules.dependencies,
        {"crypto/dkim/b.py": "import dns.resolver"},
        "courriel/crypto/dkim/b.py:1: dns belongs to courriel.crypto.dkim.dns",
    ),
    (
        rules.dependencies,
        {"drive/proxies.py": "import python_socks"},
        "courriel/drive/proxies.py:1: python_socks belongs to courriel.drive.proxy",
    ),
    (
        rules.dependencies,
        {"sandbox/server.py": "import pytest"},
        "courriel/sandbox/server.py:1: pytest belongs to courriel.sandbox.pytest_plugin",
    ),
    (
        rules.absolute_imports,
        {"model/a.py": "from .b import B"},
        "courriel/model/a.py:1: import courriel.model.b.B by its full name",
    ),
    (
        rules.absolute_imports,
        {"model/__init__.py": "from . import b"},
        "courriel/model/__init__.py:1: import courriel.model.b by its full name",
    ),
    (
        rules.file_sizes,
        {"model/a.py": "#\n" * 401},
        "courriel/model/a.py: 401 lines, more than 400",
    ),
    (
        rules.function_sizes,
        {"model/a.py": "class A:\n    async " + function("f", 61).replace("pass", "    pass")},
        "courriel/model/a.py:2: f has 61 lines, more than 60",
    ),
    (
        rules.function_sizes,
        {"model/a.py": "".join(function(f"f{n}", 2 if n < 19 else 41) for n in range(20))},
        "one function in twenty has 41 lines or more; 40 are allowed",
    ),
]


@pytest.mark.parametrize(("rule", "files", "complaint"), BROKEN)
def test_a_broken_rule_is_reported(
    rule: Rule, files: dict[str, str], complaint: str, build: Build
) -> None:
    assert complaint in list(rule(build(files)))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_every_rule_has_a_tree_that_breaks_it(rule: Rule) -> None:
    assert rule in [broken for broken, _, _ in BROKEN]


@pytest.mark.parametrize("upper", range(1, len(CHAIN)))
def test_an_arrow_goes_down_and_never_up(upper: int, build: Build) -> None:
    low, high = CHAIN[upper - 1], CHAIN[upper]
    down = build({f"{high}/a.py": f"import courriel.{low}.b", f"{low}/b.py": ""})
    assert [] == list(rules.layers(down))
    up = build({f"{high}/a.py": "", f"{low}/b.py": f"import courriel.{high}.a"})
    assert [f"courriel/{low}/b.py:1: {low} may not import courriel.{high}.a"] == list(
        rules.layers(up)
    )


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_a_sound_house_is_left_in_peace(rule: Rule, build: Build) -> None:
    house = build(
        {
            "__init__.py": "if TYPE_CHECKING:\n    from courriel.sessions.smtp import SMTPSession",
            "__main__.py": "from courriel.cli import main",
            "errors.py": "from collections.abc import Mapping",
            "faces.py": "import functools",
            "model/a.py": "from courriel.errors import Misused\n" + function("f", 40),
            "model/b.py": "if TYPE_CHECKING:\n    from courriel.model.c import C",
            "model/c.py": "from courriel.model.b import B",
            "flows/a.py": "if typing.TYPE_CHECKING:\n    import ssl\nelse:\n    import hmac",
            "drive/blocking.py": "import socket, ssl, time\nfrom courriel.flows.a import A",
            "drive/proxy.py": "def f():\n    import python_socks",
            "sessions/smtp.py": "from courriel.drive import blocking\n" + "#\n" * 399,
            "sandbox/server.py": "import asyncio\nimport trustme\nfrom courriel.wire.a import A",
            "sandbox/pytest_plugin.py": "import pytest",
            "crypto/a.py": "import time\nimport cryptography\nfrom courriel.model.a import A",
            "wlanguage/a.py": "from courriel import SMTPSession",
            "cli/__init__.py": "from courriel.sandbox import Server",
            "cli/demo.py": "import rich.progress\nimport typer",
        }
    )
    assert [] == list(rule(house))


def test_imports_are_found_wherever_they_stand(build: Build) -> None:
    text = """\
import a.b as c, d
from e import f as g, h
from i import *
if TYPE_CHECKING:
    import j
elif typing.TYPE_CHECKING:
    import k
else:
    import l
class M:
    def n(self):
        try:
            import o
        except ImportError:
            importlib.import_module("p", package)
"""
    (module,) = build({"model/x.py": text})
    assert (
        Import("a.b", 1),
        Import("d", 1),
        Import("e.f", 2),
        Import("e.h", 2),
        Import("i", 3),
        Import("j", 5, typing_only=True),
        Import("k", 7, typing_only=True),
        Import("l", 9),
        Import("o", 13),
        Import("p", 15),
    ) == module.imports


def test_functions_are_measured_without_decorators_and_with_their_docstring(build: Build) -> None:
    text = '@a\n@b\ndef f():\n    """Do.\n\n    More.\n    """\n    def g(): ...\n'
    (module,) = build({"model/x.py": text})
    assert {Function("f", 3, 6), Function("g", 8, 1)} == set(module.functions)
