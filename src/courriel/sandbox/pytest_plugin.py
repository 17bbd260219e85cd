"""Give test suites a mail server: the fixture ``mail_server``.

::

    def test_that_the_report_is_sent(mail_server):
        send_report(port=mail_server.smtp_port)
        (message,) = mail_server.mailbox("ada").wait()

pytest loads this file in every run of everybody who has courriel installed, so it imports nothing
of it before a test asks for a fixture.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from courriel.sandbox.authority import Authority
    from courriel.sandbox.server import Server


@pytest.fixture(scope="session")
def mail_authority() -> Authority:
    """Make the certificate authority that all mail servers of the run share."""
    from courriel.sandbox.authority import Authority

    return Authority("example.org")


@pytest.fixture
def mail_server(mail_authority: Authority) -> Iterator[Server]:
    """Run a ``courriel.sandbox.Server`` with the users ada and bob, both with "secret"."""
    from courriel.sandbox.server import Server

    with Server(users={"ada": "secret", "bob": "secret"}, authority=mail_authority) as server:
        yield server
