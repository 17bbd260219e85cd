"""Run the real Dovecot of the tests with full mailboxes, for the length of a measurement.

The mailboxes lie in memory where the machine has a place for that, and everything in them has been
read once before anybody is measured: Dovecot keeps envelopes and structures in a cache of its own.
Only the way to it lives here; its configuration is in ``tests/servers``.
"""

from __future__ import annotations

import imaplib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.figures import Unmeasured
from benchmarks.folders import folder
from benchmarks.mails import small_mail, whole_mail
from benchmarks.processes import placed

if TYPE_CHECKING:
    from tests.servers.dovecot import Dovecot as TestDovecot

PROGRAMS = ("/usr/sbin/dovecot", "/usr/lib/dovecot/imap", "/usr/lib/dovecot/pop3")
PASSWORD = "secret"


@dataclass(frozen=True, slots=True)
class Dovecot:
    """A running Dovecot: its ports, and the users who have the mails of each kind."""

    imap_port: int
    pop3_port: int
    whole: str
    """The user with the mails that are read whole."""
    few: str
    """The user with some small mails."""
    many: str
    """The user with very many of them."""


@contextmanager
def running(
    *, whole: int, few: int = 0, many: int = 0, core: int | None = None
) -> Iterator[Dovecot]:
    """Start the tests' Dovecot with so many mails of each kind, and end it again.

    Raises:
        Unmeasured: it cannot run here; the text says what is missing.
    """
    if os.geteuid() != 0:
        raise Unmeasured("Dovecot starts as root only: run the benchmark as root")
    if not all(Path(program).exists() for program in PROGRAMS):
        raise Unmeasured("Dovecot is not here: `make servers` installs it")
    try:
        # Imported here: these modules need the accounts that Debian's packages make.
        from tests.servers.authority import Authority
        from tests.servers.dovecot import Dovecot as TestDovecot
    except (ImportError, KeyError) as error:
        raise Unmeasured(f"the tests' Dovecot is not here ({error}): `make servers`") from error
    with folder() as ca, folder() as own:
        server = TestDovecot(own, Authority(ca))
        try:
            with placed(core):
                server.start()
            yield _stocked(server, whole, few, many)
        except AssertionError as error:
            raise Unmeasured(str(error).partition("\n")[0]) from error
        finally:
            server.stop()


def _stocked(server: TestDovecot, whole: int, few: int, many: int) -> Dovecot:
    users = [
        _filled(server, make, count)
        for make, count in ((whole_mail, whole), (small_mail, few), (small_mail, many))
    ]
    return Dovecot(server.imap_port, server.pop3_port, *users)


def _filled(server: TestDovecot, make: Callable[[int], bytes], count: int) -> str:
    """Return a new user with so many mails, numbered from 1."""
    user = server.reader()
    if server.stock.fill(user, map(make, range(1, count + 1)), seen=True):
        _warm(server.imap_port, user)
    return user


def _warm(port: int, user: str) -> None:
    """Have Dovecot look at every mail of a user once."""
    with imaplib.IMAP4("127.0.0.1", port) as session:
        session.login(user, PASSWORD)
        session.select("INBOX", readonly=True)
        session.uid("FETCH", "1:*", "(FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE)")
