"""Start the benchmark's servers as the benchmark does: each a process of its own."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from benchmarks.processes import module, serving

DELAY = 0.002
"""Seconds each way: enough to be a delay, too little to wait for."""


@pytest.fixture
def start() -> Iterator[Callable[..., int]]:
    """Return a function that runs one of the benchmark's modules and gives its port."""
    with ExitStack() as stack:

        def run(name: str, *arguments: object) -> int:
            return stack.enter_context(serving(module(name, *arguments)))

        yield run


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """Return a listening socket: the far end of a delay line, played by the test itself."""
    with socket.create_server(("127.0.0.1", 0)) as far:
        far.settimeout(10)
        yield far


@pytest.fixture
def line(start: Callable[..., int], listener: socket.socket) -> int:
    """Return the port of a delay line to the listener."""
    target = f"127.0.0.1:{listener.getsockname()[1]}"
    return start("benchmarks.delay_line", target, "--delay", DELAY)
