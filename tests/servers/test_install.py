"""What `make test` says and does about servers that are missing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.servers import install


@pytest.fixture
def one_absent(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    present = tmp_path / "present"
    present.touch()
    programs = {"here": (str(present),), "half-here": (str(present), str(tmp_path / "absent"))}
    monkeypatch.setattr(install, "PROGRAMS", programs)


@pytest.mark.server
def test_nothing_is_missing_where_the_server_tests_run() -> None:
    assert install.missing_packages() == []
    assert install.main() == 0


@pytest.mark.usefixtures("one_absent")
def test_a_package_is_missing_when_one_of_its_programs_is() -> None:
    assert install.missing_packages() == ["half-here"]


@pytest.mark.usefixtures("one_absent")
def test_without_root_the_missing_are_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1_000)
    assert install.main() == 1
    assert "apt-get install half-here" in capsys.readouterr().err


@pytest.mark.usefixtures("one_absent")
def test_an_installation_that_changes_nothing_is_a_failure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[list[str]] = []
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(install, "install", asked.append)
    assert install.main() == 1
    assert asked == [["half-here"]]
    assert "half-here" in capsys.readouterr().err


def test_services_are_held_only_while_installing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    policy = tmp_path / "policy-rc.d"
    monkeypatch.setattr(install, "POLICY", policy)
    with install.services_held():
        assert policy.read_text().endswith("exit 101\n")
        assert os.access(policy, os.X_OK)
    assert not policy.exists()


def test_a_policy_that_is_there_stays(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    policy = tmp_path / "policy-rc.d"
    policy.write_text("the machine's own")
    monkeypatch.setattr(install, "POLICY", policy)
    with install.services_held():
        assert policy.read_text() == "the machine's own"
    assert policy.read_text() == "the machine's own"
