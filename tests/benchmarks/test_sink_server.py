"""The sink takes what it is sent, by DATA and by BDAT, wherever the reads fall."""

from __future__ import annotations

import smtplib
import socket
from collections.abc import Callable

Start = Callable[..., int]


def conversation(port: int, *pieces: bytes) -> bytes:
    """Send the pieces, each in a segment of its own, and return all that is answered."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in pieces:
            connection.sendall(piece)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def codes(answers: bytes) -> list[bytes]:
    return [line[:3] for line in answers.splitlines() if line[3:4] == b" "]


def test_the_standard_library_can_send(start: Start) -> None:
    with smtplib.SMTP("127.0.0.1", start("benchmarks.sink_server")) as connection:
        for _ in range(3):
            assert connection.sendmail("a@b.invalid", ["c@d.invalid"], b"x: y\r\n\r\n.\r\n") == {}
        assert connection.has_extn("chunking")


def test_chunking_can_be_left_out(start: Start) -> None:
    port = start("benchmarks.sink_server", "--no-chunking")
    with smtplib.SMTP("127.0.0.1", port) as connection:
        connection.ehlo()
        assert not connection.has_extn("chunking")
        assert connection.has_extn("pipelining")


def test_the_mark_is_found_across_reads(start: Start) -> None:
    mail = b"MAIL FROM:<>\r\nRCPT TO:<a@b>\r\nDATA\r\nbody\r\n.\r\nQUIT\r\n"
    answers = conversation(
        start("benchmarks.sink_server"), *(mail[i : i + 1] for i in range(len(mail)))
    )
    assert codes(answers) == [b"220", b"250", b"250", b"354", b"250", b"221"]


def test_an_empty_body_ends_at_once(start: Start) -> None:
    answers = conversation(start("benchmarks.sink_server"), b"DATA\r\n.\r\nQUIT\r\n")
    assert codes(answers) == [b"220", b"354", b"250", b"221"]


def test_a_body_of_commands_is_a_body(start: Start) -> None:
    answers = conversation(
        start("benchmarks.sink_server"),
        b"BDAT 12\r\nQUIT\r\nQUIT\r\nBDAT 6 LAST\r\nQUIT\r",
        b"\nQUIT\r\n",
    )
    assert codes(answers) == [b"220", b"250", b"250", b"221"]


def test_an_empty_last_chunk_is_answered(start: Start) -> None:
    answers = conversation(start("benchmarks.sink_server"), b"BDAT 0 LAST\r\nQUIT\r\n")
    assert codes(answers) == [b"220", b"250", b"221"]
