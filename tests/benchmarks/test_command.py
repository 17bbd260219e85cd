"""What is kept is a whole run; what is only printed may be a part of one."""

from __future__ import annotations

import pytest

from benchmarks.__main__ import PARTS, arguments, command


def test_everything_is_measured_unless_parts_are_named() -> None:
    assert list(PARTS) == arguments([]).only
    assert ["import", "memory"] == arguments(["--only", "import,memory"]).only


@pytest.mark.parametrize("words", ["", "--write", "--quick", "--quick --only import,memory"])
def test_the_report_says_how_it_was_made(words: str) -> None:
    assert ["python", "-m", "benchmarks", *words.split()] == command(
        arguments(words.split())
    ).split()


@pytest.mark.parametrize("words", ["--write --only import", "--write --quick"])
def test_a_part_of_a_run_is_not_kept(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        arguments(words.split())
    assert "--write keeps a whole run" in capsys.readouterr().err


def test_a_part_that_there_is_not_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        arguments(["--only", "weather"])
    assert "'weather' is none of loopback" in capsys.readouterr().err
