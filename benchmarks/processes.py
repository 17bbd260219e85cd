"""Start the processes of a benchmark, and hear what they have to say.

A server prints ``listening PORT`` when it is ready and is ended by its handle; a client prints one
line of JSON and ends by itself. Nothing is ended but what was started here.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from benchmarks.figures import Unmeasured

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 20.0
"""Seconds for a server to be ready."""


def module(name: str, *arguments: object) -> list[str]:
    """Return the command that runs a module of this package in a fresh interpreter."""
    return [sys.executable, "-m", name, *map(str, arguments)]


@contextmanager
def placed(core: int | None) -> Iterator[None]:
    """Start what is started in a block on one core; None leaves it to the scheduler."""
    before = os.sched_getaffinity(0)
    if core is not None:
        # Children inherit it; this process itself only waits for them.
        os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextmanager
def serving(command: Sequence[str]) -> Iterator[int]:
    """Run a server that announces its port, for the length of a block."""
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        word, _, port = process.stdout.readline().strip().partition(" ")
        if word != "listening":
            raise Unmeasured(f"{command[0]} did not start")
        yield int(port)
    finally:
        end(process)
        process.stdout.close()


@contextmanager
def serving_silently(command: Sequence[str], port: int) -> Iterator[int]:
    """Run a server that listens on a port without saying so, for the length of a block."""
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    try:
        _await_port(process, port)
        yield port
    finally:
        end(process)
        process.stderr.close()


def _await_port(process: subprocess.Popen[str], port: int) -> None:
    assert process.stderr is not None
    until = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < until:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.02)
    end(process)
    raise Unmeasured(f"{process.args!r} did not start: {process.stderr.read().strip()[-200:]}")


def end(process: subprocess.Popen[str]) -> None:
    """End a process that this module started."""
    process.terminate()
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def free_port() -> int:
    """Return a loopback port that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def answer(command: Sequence[str], *, patience: float = 120.0) -> dict[str, Any]:
    """Run a client to its end and return the JSON object it printed last.

    Raises:
        Unmeasured: it failed, or took longer than ``patience`` seconds.
    """
    output = run(command, patience=patience)
    try:
        value: dict[str, Any] = json.loads(output.strip().rpartition("\n")[2])
    except ValueError:
        raise Unmeasured(f"printed no figures: {output.strip()[-200:]}") from None
    return value


def run(command: Sequence[str], *, patience: float = 120.0) -> str:
    """Run a command to its end and return what it printed.

    Raises:
        Unmeasured: it is not there, failed, or took longer than ``patience`` seconds.
    """
    try:
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=patience, check=False
        )
    except FileNotFoundError:
        raise Unmeasured(f"{command[0]} is not here") from None
    except subprocess.TimeoutExpired:
        raise Unmeasured(f"no end after {patience:.0f} s") from None
    if done.returncode:
        last = (done.stderr or done.stdout).strip().rpartition("\n")[2]
        raise Unmeasured(last[-200:] or f"ended with status {done.returncode}")
    return done.stdout
