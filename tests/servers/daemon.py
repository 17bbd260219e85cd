"""Run one server program in the foreground, under our control, on loopback ports of its own.

A server belongs to the test session: it starts in a process group of its own, ends with that
group, and has a guard that ends it when the test session is killed. Waiting is always bounded, and
whoever waits in vain is told what the server said.

Nothing here knows which server it is.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import SystemRandom
from threading import Event

HOST = "127.0.0.1"

PORTS = range(20_000, 32_000)
"""Below the range that Linux gives to outgoing connections, so that none of those is in the way."""

START_SECONDS = 20.0
STOP_SECONDS = 10.0
POLL_SECONDS = 0.01


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Ask ``condition`` again and again for at most ``seconds``; say whether it became true."""
    deadline = time.monotonic() + seconds
    pause = Event()
    while not condition():
        if time.monotonic() > deadline:
            return False
        pause.wait(POLL_SECONDS)
    return True


def free_ports(count: int) -> list[int]:
    """Find ``count`` different TCP ports on loopback that nobody listens on.

    The choice does not follow the seed of the test run, so that two runs
    at the same time do not meet.
    """
    free: list[int] = []
    for port in SystemRandom().sample(PORTS, len(PORTS)):
        if len(free) == count:
            return free
        with socket.socket() as probe:
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            free.append(port)
    raise AssertionError(f"{count} free ports were wanted, {len(free)} found")


def answers(port: int) -> bool:
    """Say whether somebody listens on ``port`` of loopback."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0


@contextmanager
def open_folder(name: str) -> Iterator[Path]:
    """Lend a temporary folder with a short path that every user of the machine may enter.

    pytest's own folders are closed to others, and servers give up root; the
    path of a Unix socket may have 107 octets.
    """
    folder = Path(tempfile.mkdtemp(prefix=f"courriel-{name}-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Daemon:
    """A server program: ``command`` runs it in the foreground, ``log`` is the file it writes.

    What it prints goes to a file beside the log.
    """

    def __init__(self, name: str, command: list[str], log: Path) -> None:
        self.name = name
        self._command = command
        self._log = log
        self._console = log.with_name(f"{name}.console")
        self._process: subprocess.Popen[bytes] | None = None
        self._guard: subprocess.Popen[bytes] | None = None

    def start(self, *ports: int) -> None:
        """Start the program and wait until it listens on all of ``ports``.

        Raises AssertionError with the log when it ends or takes too long.
        """
        with self._console.open("wb") as console:
            process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                start_new_session=True,
            )
        self._process = process
        self._guard = _guard(process.pid)
        came = wait_until(
            lambda: process.poll() is not None or all(map(answers, ports)), START_SECONDS
        )
        if not came or process.poll() is not None:
            self.stop()
            raise AssertionError(f"{self.name} did not start.\n{self.log()}")

    def stop(self) -> None:
        """End the program and all that it started; does nothing when it is not running."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if self._guard is not None:
            with self._guard:
                self._guard.kill()
            self._guard = None

    def log(self) -> str:
        """Give what the program printed and logged so far."""
        files = [path for path in (self._console, self._log) if path.exists()]
        return "\n".join(path.read_text(errors="replace") for path in files)


def _guard(group: int) -> subprocess.Popen[bytes]:
    """Start a shell that ends the process ``group`` when we are gone, however that happens.

    Its standard input is a pipe that only we hold open. The kernel's own means
    (PR_SET_PDEATHSIG) is lost when a server changes its user, as most do.
    """
    return subprocess.Popen(
        ["sh", "-c", 'read -r never; kill -TERM "-$1"', "guard", str(group)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
