"""Hold the public package to its word: quick to import, every name there and explained."""

from __future__ import annotations

import inspect
import subprocess
import sys
from collections.abc import Iterator
from enum import Enum
from typing import Any

import pytest

import courriel

# What takes milliseconds to import and is needed by somebody, but not by everybody.
HEAVY = {
    "asyncio",
    "email.message",
    "html",
    "http.client",
    "mimetypes",
    "pytest",
    "python_socks",
    "rich",
    "ssl",
    "trustme",
    "typer",
    "urllib.request",
}


def explanation(thing: Any) -> str:
    """Return what was written to explain it, without what it inherits or was given by a tool."""
    if not isinstance(thing, type):
        if not callable(thing) and not isinstance(thing, property):
            thing = type(thing)
        return inspect.getdoc(thing) or ""
    written = vars(thing).get("__doc__") or ""
    # A dataclass without a docstring is given its signature for one.
    return "" if written.startswith(f"{thing.__name__}(") else written


def members(thing: type) -> Iterator[tuple[str, Any]]:
    """Yield the public methods and properties that courriel gave to a class."""
    for base in thing.__mro__:
        if base.__module__.partition(".")[0] == "courriel":
            for name, member in vars(base).items():
                if isinstance(member, (staticmethod, classmethod)):
                    member = member.__func__
                if not name.startswith("_") and (
                    inspect.isfunction(member) or isinstance(member, property)
                ):
                    yield name, getattr(thing, name)


def test_importing_the_package_stays_light() -> None:
    script = "import sys, courriel; print(*sys.modules, sep='\\n')"
    result = subprocess.run(
        [sys.executable, "-c", script],
        check=True,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": ":".join(sys.path)},
    )
    loaded = set(result.stdout.split())
    assert "courriel" in loaded
    assert set() == loaded & HEAVY


def test_the_public_names_are_listed_once_and_in_order() -> None:
    names = list(courriel.__all__)
    assert sorted(set(names)) == sorted(names)
    assert set(names) <= set(dir(courriel))


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        getattr(courriel, "no_such_name")  # noqa: B009 - A constant attribute would not type-check.


def test_the_package_explains_itself() -> None:
    assert courriel.__doc__


@pytest.mark.parametrize("name", courriel.__all__)
def test_a_public_name_is_explained(name: str) -> None:
    assert explanation(getattr(courriel, name)), f"courriel.{name} has no docstring"


@pytest.mark.parametrize("name", courriel.__all__)
def test_what_a_public_class_can_do_is_explained(name: str) -> None:
    thing = getattr(courriel, name)
    if isinstance(thing, type) and not issubclass(thing, Enum):
        silent = [member for member, value in members(thing) if not explanation(value)]
        assert [] == silent, f"courriel.{name} does not explain {silent}"
