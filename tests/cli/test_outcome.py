"""What a script learns from the exit status when the server is not there, or goes away."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from courriel import Misused, Refused, SendRefused, TimedOut, Unauthorised, Uncertain
from courriel.cli.status import Status, status_of
from courriel.errors import CourrielError, InsecureConnection
from tests.cli.conftest import Courriel

LETTER = ("send", "--from", "ada@example.org", "--to", "bob@example.org", "--text", "Hello.")


@pytest.fixture
def nobody() -> Iterator[int]:
    """A port at which nobody listens."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        yield unused.getsockname()[1]


@pytest.fixture
def vanishing() -> Iterator[int]:
    """The port of a server that takes one message and hangs up instead of answering."""

    def serve() -> None:
        connection, _ = listener.accept()
        with connection, connection.makefile("rwb") as line:
            for answer in (b"220 here", b"250 here", b"250 ok", b"250 ok", b"354 go on"):
                line.write(answer + b"\r\n")
                line.flush()
                line.readline()
            while line.readline() != b".\r\n":
                pass

    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=serve)
        server.start()
        yield listener.getsockname()[1]
        server.join()


def test_a_server_that_is_not_there_is_status_4(courriel: Courriel, nobody: int) -> None:
    ended = courriel(*LETTER, "--account", f"smtp://127.0.0.1:{nobody}")
    assert (4, "") == (ended.status, ended.out)
    assert "Is the server running" in ended.words


def test_a_message_without_an_answer_is_status_5(courriel: Courriel, vanishing: int) -> None:
    ended = courriel(*LETTER, "--account", f"smtp://127.0.0.1:{vanishing}", "--json")
    assert 5 == ended.status
    assert "Uncertain" == ended.json["error"]["kind"]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Misused("x"), Status.USAGE),
        (Uncertain("x"), Status.UNCERTAIN),
        (SendRefused("x", code=550), Status.REFUSED),
        (SendRefused("x", code=451), Status.LATER),
        (Unauthorised("x", code=535), Status.REFUSED),
        (Refused("x", code=421), Status.LATER),
        (TimedOut("x"), Status.LATER),
        (InsecureConnection("x"), Status.REFUSED),
    ],
)
def test_every_error_has_its_status(error: CourrielError, status: Status) -> None:
    assert status == status_of(error)
