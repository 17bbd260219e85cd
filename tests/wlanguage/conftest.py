"""Give each test a program of its own: no session, no setting and no error left from another."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from courriel.sandbox import Server
from courriel.wlanguage import Email
from courriel.wlanguage.state import process


@pytest.fixture(autouse=True)
def _new_program() -> Iterator[None]:
    yield
    process.restart()


@pytest.fixture
def server(mail_server: Server) -> Iterator[Server]:
    """Give a server, and close the program's sessions while it still answers."""
    yield mail_server
    process.restart()


@pytest.fixture
def letter() -> None:
    """Fill the structure with a message from ada to bob."""
    Email.SenderAddress = "ada@example.org"
    Email.Recipient[1] = "bob@example.org"
    Email.NbRecipient = 1
    Email.Subject = "Lunch"
    Email.Message = "At noon?"
