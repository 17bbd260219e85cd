"""The server for idle sessions lets clients in, and tells a mail's flags in IDLE."""

from __future__ import annotations

import imaplib
import socket
from collections.abc import Callable
from contextlib import suppress

import pytest

from benchmarks.processes import answer, module

Start = Callable[..., int]


def conversation(port: int, *pieces: bytes) -> list[bytes]:
    """Send the pieces, each in a segment of its own; return the lines answered till LOGOUT."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in (*pieces, b"z LOGOUT\r\n"):
            connection.sendall(piece)
        lines: list[bytes] = []
        with connection.makefile("rb") as file:
            while not lines or not lines[-1].startswith(b"z "):
                lines.append(file.readline().rstrip(b"\r\n"))
        return lines[1:-2]


def test_the_standard_library_signs_in_and_selects(start: Start) -> None:
    with imaplib.IMAP4("127.0.0.1", start("benchmarks.idle_server")) as session:
        assert "IDLE" in session.capabilities
        assert session.login("ada", "secret")[0] == "OK"
        assert session.select("INBOX") == ("OK", [b"1"])


def test_the_one_mail_is_found(start: Start) -> None:
    with imaplib.IMAP4("127.0.0.1", start("benchmarks.idle_server")) as session:
        session.login("ada", "secret")
        session.select("INBOX", readonly=True)
        assert session.uid("SEARCH", "ALL") == ("OK", [b"1"])
        assert session.uid("FETCH", "1", "(FLAGS)") == ("OK", [b"1 (UID 1 FLAGS (\\Seen))"])


def test_flags_are_told_each_time_idle_begins(start: Start) -> None:
    flags = b"* 1 FETCH (UID 1 FLAGS (\\Seen))"
    idle = (b"a IDLE\r\n", b"DONE\r\n")
    assert (
        conversation(start("benchmarks.idle_server"), *idle, *idle)
        == [
            b"+ idling",
            flags,
            b"a OK Done.",
        ]
        * 2
    )


def test_lines_are_found_across_reads(start: Start) -> None:
    text = b"a AUTHENTICATE PLAIN AGEAYg==\r\nb NOOP\r\nc NONSENSE\r\n"
    pieces = [text[at : at + 1] for at in range(len(text))]
    assert conversation(start("benchmarks.idle_server"), *pieces) == [
        b"a OK Done.",
        b"b OK Done.",
        b"c BAD Unknown here.",
    ]


def test_a_client_is_let_in_only_by_an_initial_response(start: Start) -> None:
    answers = conversation(start("benchmarks.idle_server"), b"a AUTHENTICATE PLAIN\r\n")
    assert [line[:4] for line in answers] == [b"a NO"]


def test_a_line_without_an_end_closes_the_connection(start: Start) -> None:
    port = start("benchmarks.idle_server")
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.recv(1_000)
        connection.sendall(b"x" * 10_000)
        # The end may come as a reset: what was sent was not all read.
        with suppress(ConnectionResetError):
            assert connection.recv(1_000) == b""


# The peers are installed beside the pinned tools only, not for every Python.
PEER = pytest.param("aioimaplib", marks=pytest.mark.slow)


@pytest.mark.parametrize("kind", [PEER, "courriel"])
def test_sessions_wait_in_idle(start: Start, kind: str) -> None:
    port = start("benchmarks.idle_server")
    found = answer(module("benchmarks.clients.idling", "127.0.0.1", port, 3, kind))
    assert found["sessions"] == 3
    assert found["octets"] >= 0
