"""Starting and ending a program, and waiting for it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.servers.daemon import HOST, Daemon, answers, free_ports, open_folder, wait_until

LISTENER = """
import os, socket, sys, time
child = os.fork()
if child:
    print("child", child, flush=True)
    listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    time.sleep(60)
"""


def alive(pid: int) -> bool:
    """Say whether the process runs; one that ended and was not collected does not."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def test_free_ports_are_different_and_free() -> None:
    ports = free_ports(50)
    assert len(set(ports)) == 50
    for port in ports:
        with socket.socket() as listener:
            listener.bind((HOST, port))


def test_waiting_ends_at_the_deadline() -> None:
    start = time.monotonic()
    assert not wait_until(lambda: False, 0.05)
    assert 0.05 <= time.monotonic() - start < 5


def test_a_program_runs_until_it_is_stopped_with_its_children(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    daemon = Daemon("listener", [sys.executable, "-c", LISTENER, str(port)], tmp_path / "log")
    daemon.start(port)
    child = int(daemon.log().split()[1])
    assert answers(port)
    assert alive(child)
    daemon.stop()
    assert not answers(port)
    assert wait_until(lambda: not alive(child), 5)


def test_a_program_ends_when_its_test_session_is_killed(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    session = f"""
import os, signal, sys
from pathlib import Path
from tests.servers.daemon import Daemon
command = [sys.executable, "-c", {LISTENER!r}, "{port}"]
Daemon("orphan", command, Path({str(tmp_path / "log")!r})).start({port})
os.kill(os.getpid(), signal.SIGKILL)
"""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    killed = subprocess.run([sys.executable, "-c", session], env=environment, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert wait_until(lambda: not answers(port), 5)


def test_a_program_that_ends_says_why(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    command = [sys.executable, "-c", "import sys; sys.exit('no configuration')"]
    with pytest.raises(AssertionError, match=r"(?s)broken did not start.*no configuration"):
        Daemon("broken", command, tmp_path / "log").start(port)


def test_stopping_twice_does_nothing(tmp_path: Path) -> None:
    daemon = Daemon("idle", ["true"], tmp_path / "log")
    daemon.stop()
    daemon.stop()


def test_a_lent_folder_is_open_to_all_and_goes_away() -> None:
    with open_folder("lent") as folder:
        assert folder.stat().st_mode & 0o777 == 0o755
        (folder / "file").touch()
    assert not folder.exists()
