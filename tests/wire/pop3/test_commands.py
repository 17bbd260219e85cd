"""POP3 commands: their lines, what a log may see, and that nothing can end a line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courriel.errors import Misused
from courriel.model.secret import Secret
from courriel.wire.pop3.commands import (
    CAPA,
    Apop,
    Auth,
    AuthResponse,
    Command,
    Delete,
    Pass,
    Retrieve,
    Simple,
    Top,
)

PASSWORD = Secret("correct horse")
COMMANDS = [
    (CAPA, b"CAPA\r\n", "CAPA"),
    (Simple("USER", "ada"), b"USER ada\r\n", "USER ada"),
    (Simple("USER", "zoë"), "USER zoë\r\n".encode(), "USER zoë"),
    (Pass(PASSWORD), b"PASS correct horse\r\n", "PASS …"),
    (Apop("ada", Secret("c4c9334b")), b"APOP ada c4c9334b\r\n", "APOP ada …"),
    (Delete(3), b"DELE 3\r\n", "DELE 3"),
    (Retrieve(12), b"RETR 12\r\n", "RETR 12"),
    (Top(12), b"TOP 12 0\r\n", "TOP 12 0"),
    (Auth("PLAIN"), b"AUTH PLAIN\r\n", "AUTH PLAIN"),
    (Auth("PLAIN", b""), b"AUTH PLAIN =\r\n", "AUTH PLAIN …"),
    (Auth("PLAIN", b"\0a\0b"), b"AUTH PLAIN AGEAYg==\r\n", "AUTH PLAIN …"),
    (AuthResponse(b"\0a\0b"), b"AGEAYg==\r\n", "…"),
    (AuthResponse(b""), b"\r\n", "…"),
    (AuthResponse(None), b"*\r\n", "*"),
]


@pytest.mark.parametrize(("command", "line", "shown"), COMMANDS)
def test_each_command_has_its_line(command: Command, line: bytes, shown: str) -> None:
    assert line == command.encode()
    assert shown == command.shown()


@pytest.mark.parametrize("command", [command for command, *_ in COMMANDS])
def test_no_command_shows_a_secret(command: Command) -> None:
    for text in (repr(command), command.shown()):
        assert "correct" not in text
        assert "c4c9" not in text
        assert "AGEA" not in text


@pytest.mark.parametrize("bad", ["\r\nDELE 1", "\r", "\n", "\0", "\u2028", "\x85", "\ud800"])
def test_i07_nothing_can_end_a_line(bad: str) -> None:
    for make in (
        lambda: Simple("USER", f"ada{bad}"),
        lambda: Apop(f"ada{bad}", Secret("x")),
        lambda: Auth(f"PLAIN{bad}"),
        lambda: Simple("LANG", f"en{bad}"),
    ):
        with pytest.raises(Misused):
            make().encode()


@pytest.mark.parametrize("bad", ["a\r\nDELE 1", "a\rb", "a\nb", "a\0b", "\ud800"])
def test_i07_nor_can_a_password(bad: str) -> None:
    with pytest.raises(Misused) as caught:
        Pass(Secret(bad)).encode()
    assert "DELE" not in str(caught.value)


@given(text=st.text())
def test_every_line_is_one_line(text: str) -> None:
    for command in (Simple("USER", text), Pass(Secret(text)), Apop(text, Secret("0" * 32))):
        try:
            line = command.encode()
        except Misused:
            continue
        assert line.endswith(b"\r\n")
        assert not any(octet in line[:-2] for octet in b"\r\n\0")


def test_an_initial_response_fits_into_255_octets_or_waits() -> None:
    fits = Auth("ANONYMOUSX", bytes(177))
    assert 254 == len(fits.encode())
    assert fits.fits
    assert not Auth("ANONYMOUSX", bytes(178)).fits
    assert not Auth("XOAUTH2", b"short").fits
