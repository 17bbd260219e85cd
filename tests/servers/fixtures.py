"""Lend the real servers to the tests: one of each for the whole run, started on first use.

tests/conftest.py names this module as a plugin, so that every test may ask for them. A server that
is not installed is a failure that names the package, never a skip.

Fixtures live here and nothing else; the servers are in the modules beside.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.servers.authority import Authority
from tests.servers.daemon import open_folder
from tests.servers.dovecot import Dovecot
from tests.servers.install import advice, missing_packages
from tests.servers.maildir import Maildirs
from tests.servers.postfix import Postfix


@pytest.fixture(scope="session")
def certificate_authority() -> Iterator[Authority]:
    """The authority that issued the certificates of the test servers."""
    with open_folder("authority") as folder:
        yield Authority(folder)


@pytest.fixture(scope="session")
def server_packages() -> None:
    """The promise that the programs of the test servers are installed."""
    packages = missing_packages()
    if packages:
        pytest.fail(advice(packages), pytrace=False)


@pytest.fixture(scope="session")
def dovecot(certificate_authority: Authority, server_packages: None) -> Iterator[Dovecot]:
    """A running Dovecot: IMAP, POP3, LMTP, and the sign-in of Postfix."""
    with open_folder("dovecot") as folder:
        server = Dovecot(folder, certificate_authority)
        server.start()
        yield server
        server.stop()


@pytest.fixture(scope="session")
def postfix(certificate_authority: Authority, dovecot: Dovecot) -> Iterator[Postfix]:
    """A running Postfix that delivers into ``dovecot``."""
    with open_folder("postfix") as folder:
        server = Postfix(folder, certificate_authority, dovecot)
        server.start()
        yield server
        server.stop()


@pytest.fixture
def mail(postfix: Postfix) -> Maildirs:
    """The mailboxes, empty, with nothing of an earlier test on its way to them."""
    postfix.drain()
    postfix.mail.clear_all()
    return postfix.mail
