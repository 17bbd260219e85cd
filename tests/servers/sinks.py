"""Run Postfix's two measuring programs: smtp-sink, which swallows mail, and smtp-source.

``smtp-sink`` stores nothing and answers at once, so what is measured against it is the client;
``smtp-source`` is the client that a client is compared with. Both are in the Debian package
``postfix``; neither needs a configuration nor root.

Only starting them lives here; what the numbers mean is the benchmarks' business.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.servers.daemon import HOST, Daemon, free_ports, open_folder
from tests.servers.dovecot import MAIL_OWNER

BACKLOG = 1_000
"""Connections that may wait for the sink to accept them."""


@dataclass(frozen=True, slots=True)
class Sink:
    """Where a running ``smtp-sink`` listens."""

    host: str
    port: int


@contextmanager
def smtp_sink(*options: str) -> Iterator[Sink]:
    """Run ``smtp-sink`` with ``options`` (smtp-sink(1)) as long as the context lasts.

    It offers PIPELINING (``-p`` withholds it), 8BITMIME (``-8``) and enhanced
    status codes (``-E``), never CHUNKING or TLS; ``-L`` makes it speak LMTP; ``-r``, ``-f`` and
    ``-q`` with commands make it answer 4yz or 5yz or hang up. Raises AssertionError when it
    does not start.
    """
    (port,) = free_ports(1)
    with open_folder("sink") as folder:
        # Root may not be what a network program runs as, and nothing here needs it.
        account = ["-u", MAIL_OWNER.pw_name] if os.geteuid() == 0 else []
        command = ["/usr/sbin/smtp-sink", *account, *options, f"{HOST}:{port}", str(BACKLOG)]
        daemon = Daemon("smtp-sink", command, folder / "smtp-sink.log")
        daemon.start(port)
        try:
            yield Sink(HOST, port)
        finally:
            daemon.stop()


def smtp_source(
    port: int,
    *,
    messages: int,
    octets: int = 4_096,
    sessions: int = 1,
    recipient: str = "someone@discard.example",
) -> float:
    """Send ``messages`` of ``octets`` each with ``smtp-source``; return the seconds it took.

    ``sessions`` connections are used, each for many messages. Raises
    CalledProcessError when it fails.
    """
    command = [
        *("/usr/sbin/smtp-source", "-d"),
        *("-s", str(sessions), "-m", str(messages), "-l", str(octets)),
        *("-f", "source@example.org", "-t", recipient, f"{HOST}:{port}"),
    ]
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - start
