"""Run the real Postfix of the tests, for the length of a measurement.

Its queue lies in memory where the machine has a place for that, so that no disk is measured. Only
the way to it lives here; its configuration is in ``tests/servers``.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.figures import Unmeasured
from benchmarks.folders import folder

MASTER = Path("/usr/lib/postfix/sbin/master")


@dataclass(frozen=True, slots=True)
class Postfix:
    """A running Postfix: a port with CHUNKING, one without, and how to let it come to rest."""

    chunking_port: int
    plain_port: int
    settle: Callable[[], None]


@contextmanager
def running() -> Iterator[Postfix]:
    """Start the tests' Postfix and end it again.

    Raises:
        Unmeasured: it cannot run here; the text says what is missing.
    """
    if os.geteuid() != 0:
        raise Unmeasured("Postfix starts as root only: run the benchmark as root")
    if not MASTER.exists() or shutil.which("setpriv") is None:
        raise Unmeasured("Postfix is not here: `make servers` installs it")
    try:
        # Imported here: these modules need the accounts that Debian's packages make.
        from tests.servers.authority import Authority
        from tests.servers.dovecot import Dovecot
        from tests.servers.postfix import Postfix as TestPostfix
    except (ImportError, KeyError) as error:
        raise Unmeasured(f"the tests' Postfix is not here ({error}): `make servers`") from error
    with folder() as ca, folder() as other, folder() as own:
        authority = Authority(ca)
        # Dovecot is described, not started: nobody signs in, and the mail is thrown away.
        server = TestPostfix(own, authority, Dovecot(other, authority))
        try:
            server.start()
        except AssertionError as error:
            server.stop()
            raise Unmeasured(str(error).partition("\n")[0]) from error
        try:
            yield Postfix(server.smtp_port, server.no_chunking_port, server.drain)
        finally:
            server.stop()
