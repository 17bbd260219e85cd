"""The way in: versions, help, and what is said when the extra is missing."""

from __future__ import annotations

import subprocess
import sys

import pytest

import courriel as package
from tests.cli.conftest import Courriel


def test_the_version(courriel: Courriel) -> None:
    ended = courriel("--version")
    assert (0, f"courriel {package.__version__}\n", "") == (ended.status, ended.out, ended.err)


@pytest.mark.parametrize("command", ["demo", "serve", "send"])
def test_every_command_explains_itself(courriel: Courriel, command: str) -> None:
    assert command in courriel("--help").words
    assert "Usage: courriel" in courriel(command, "--help").words


@pytest.mark.parametrize("name", ["typer", "rich"])
def test_without_the_extra_it_says_what_to_install(environment: dict[str, str], name: str) -> None:
    script = f"import sys; sys.modules[{name!r}] = None; from courriel.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False
    )
    assert (2, "") == (done.returncode, done.stdout)
    assert (
        f"courriel: the command line needs {name}, which is not installed. "
        "Install it: pip install 'courriel[cli]'\n" == done.stderr
    )


def test_the_way_in_is_light(environment: dict[str, str]) -> None:
    script = "import sys, courriel.cli; print(*{'typer', 'rich', 'asyncio'} & {*sys.modules})"
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
    )
    assert "\n" == done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("list", "URL"),
        ("URL",),
        ("URL", "list"),
        ("folders", "*", "URL"),
        ("watch", "URL"),
        ("list", "--limit", "URL"),
        ("read", "1", "URL"),
        ("send", "URL"),
        ("demo", "URL"),
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("password", ["hunter2", "hunter two", "hun'ter\\2"])
def test_a_url_in_the_wrong_place_is_not_repeated(
    courriel: Courriel, arguments: tuple[str, ...], password: str
) -> None:
    url = f"imaps://ada:{password}@mail.example.org"
    ended = courriel(*(url if each == "URL" else each for each in arguments))
    assert 2 == ended.status
    assert "hun" not in ended.words
    assert "--account" in ended.words or "--limit" in arguments
