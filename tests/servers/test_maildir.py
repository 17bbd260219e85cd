"""Reading Maildirs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.servers.maildir import Maildirs


@pytest.fixture
def ada(tmp_path: Path) -> Path:
    for name in ("new", "cur", "tmp"):
        (tmp_path / "ada" / name).mkdir(parents=True)
    return tmp_path / "ada"


@pytest.fixture
def maildirs(tmp_path: Path) -> Maildirs:
    return Maildirs(tmp_path, lambda: "what the servers said")


def test_messages_come_in_the_order_of_arrival(ada: Path, maildirs: Maildirs) -> None:
    (ada / "new" / "1700000001.M5P9.host").write_bytes(b"third")
    (ada / "new" / "1700000000.V1I2M12.host").write_bytes(b"second")
    (ada / "cur" / "1700000000.M7P9.host,S=5:2,S").write_bytes(b"first")
    (ada / "tmp" / "1700000000.M1P9.host").write_bytes(b"not complete")
    assert maildirs.inbox("ada") == [b"first", b"second", b"third"]


def test_whoever_got_nothing_has_an_empty_inbox(maildirs: Maildirs) -> None:
    assert maildirs.inbox("bob") == []


def test_clearing_leaves_nothing(ada: Path, maildirs: Maildirs) -> None:
    (ada / "new" / "1700000001.M5P9.host").write_bytes(b"old")
    maildirs.clear_all()
    assert maildirs.inbox("ada") == []


@pytest.mark.usefixtures("ada")
def test_waiting_in_vain_tells_what_the_servers_said(maildirs: Maildirs) -> None:
    with pytest.raises(
        AssertionError, match=r"(?s)0 messages after 0\.05 s.*what the servers said"
    ):
        maildirs.wait_for("ada", 1, timeout=0.05)
