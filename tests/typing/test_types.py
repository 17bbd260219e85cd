"""Have the type checkers read what users write: right code passes, each mistake is found."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

HERE = Path(__file__).parent
SOURCE = HERE.parents[1] / "src"
RIGHT = HERE / "as_users_see_it.py"
# Not a .py file: the checks of the house read those, and would find the mistakes.
WRONG = HERE / "mistakes.txt"

pytestmark = pytest.mark.slow


def mypy(text: str, folder: Path) -> set[int]:
    """Return the lines of a program in which mypy finds errors."""
    program, settings = folder / "program.py", folder / "mypy.ini"
    program.write_text(text)
    settings.write_text(f"[mypy]\nstrict = True\nmypy_path = {SOURCE}\n")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "mypy", "--no-error-summary", "--config-file", str(settings)),
            *("--cache-dir", str(folder / "cache"), str(program)),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "" == done.stderr
    return {int(line) for line in re.findall(r"program\.py:(\d+): error:", done.stdout)}


def pyright(text: str, folder: Path) -> set[int]:
    """Return the lines of a program in which pyright finds errors."""
    (folder / "program.py").write_text(text)
    settings = {"extraPaths": [str(SOURCE)], "typeCheckingMode": "strict"}
    (folder / "pyrightconfig.json").write_text(json.dumps(settings))
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pyright", "--outputjson"),
            *("--pythonpath", sys.executable, "--project", str(folder)),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    report = json.loads(done.stdout)
    assert 1 == report["summary"]["filesAnalyzed"]
    return {
        each["range"]["start"]["line"] + 1
        for each in report["generalDiagnostics"]
        if each["severity"] == "error"
    }


Checker = Callable[[str, Path], set[int]]


@pytest.mark.parametrize("checker", [mypy, pyright])
def test_users_see_the_types_that_we_promise(checker: Checker, tmp_path: Path) -> None:
    assert set() == checker(RIGHT.read_text(), tmp_path)


@pytest.mark.parametrize("checker", [mypy, pyright])
def test_users_are_told_of_their_mistakes(checker: Checker, tmp_path: Path) -> None:
    text = WRONG.read_text()
    lines = enumerate(text.splitlines(), 1)
    mistakes = {number for number, line in lines if "# mistake" in line}
    assert 21 == len(mistakes)
    assert mistakes == checker(text, tmp_path)
