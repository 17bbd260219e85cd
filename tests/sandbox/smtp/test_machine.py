"""The machine's own part: limits, pipelining where it is not offered, and the ways to the end."""

from __future__ import annotations

import pytest

from courriel.errors import Misused
from courriel.sandbox.smtp.events import Closing
from tests.sandbox.dialogue import Dialogue


def test_a_command_line_is_bounded(dialogue: Dialogue) -> None:
    dialogue.says("NOOP " + "x" * 2041)
    dialogue.play("S: 250 2.0.0 OK")
    dialogue.says("NOOP " + "x" * 2042, "NOOP")
    dialogue.play("""
        S: 500 5.5.2 A line has at most 2048 octets
        S: 250 2.0.0 OK
    """)


def test_an_endless_command_is_not_kept(dialogue: Dialogue) -> None:
    for _ in range(1_000):
        dialogue.sends(b"x" * 1_000)
        assert dialogue.machine.waiting <= 12_288
    dialogue.says("", "NOOP")
    dialogue.play("""
        S: 500 5.5.2 A line has at most 12288 octets
        S: 250 2.0.0 OK
    """)


def test_errors_are_bounded() -> None:
    dialogue = Dialogue.begun(errors=2)
    dialogue.says("FROB", "VRFY eve", "FROB", "FROB", "NOOP")
    dialogue.play("""
        S: 500 5.5.2 There is no such command
        S: 550 5.1.1 There is no such user
        S: 500 5.5.2 There is no such command
        S: 500 5.5.2 There is no such command
        S: 421 4.7.0 Too many errors
    """)
    assert [Closing(clean=False)] == dialogue.events


@pytest.mark.parametrize("octets", [b"NOOP \xff", b"\xc3", b"NOOP \xed\xa0\x80"])
def test_a_command_is_utf_8(dialogue: Dialogue, octets: bytes) -> None:
    dialogue.sends(octets + b"\r\n")
    dialogue.play("S: 500 5.5.2 The command is neither ASCII nor UTF-8")


@pytest.mark.parametrize("character", ["\0", "\t", "\r", "\x1b", "\x7f"])
def test_a_command_has_no_control_characters(dialogue: Dialogue, character: str) -> None:
    dialogue.says(f"NOOP a{character}b")
    dialogue.play("S: 500 5.5.2 There is a control character in the command")


def test_blanks_at_the_end_are_borne(dialogue: Dialogue) -> None:
    dialogue.says("RSET \t ", "MAIL FROM:<>  ")
    dialogue.play("""
        S: 250 2.0.0 OK
        S: 250 2.1.0 OK
    """)


def test_nothing_is_repeated_that_the_client_said(dialogue: Dialogue) -> None:
    canary = "c4n4ry"
    dialogue.says(
        canary,
        f"EHLO {canary} {canary}",
        f"VRFY {canary}",
        f"AUTH {canary}",
        f"MAIL FROM:<{canary}>",
        "MAIL FROM:<>",
        f"RCPT TO:<{canary}@example.org>",
        f"RCPT TO:<ada@example.org> {canary}={canary}",
        f"BDAT {canary}",
    )
    assert canary not in "".join(dialogue.hears())


def test_pipelining_where_it_is_not_offered_is_refused() -> None:
    dialogue = Dialogue.begun(without={"PIPELINING"})
    dialogue.play("""
        C: MAIL FROM:<bob@example.com>
        S: 250 2.1.0 OK
        C: RCPT TO:<ada@example.org>
        C: DATA
        S: 503 5.5.0 PIPELINING is not offered; wait for each reply
        S: 554 5.5.1 There are no valid recipients
    """)


def test_without_pipelining_a_chunk_still_follows_its_command() -> None:
    dialogue = Dialogue.begun(without={"PIPELINING"})
    dialogue.play("""
        C: MAIL FROM:<bob@example.com>
        S: 250 2.1.0 OK
        C: RCPT TO:<ada@example.org>
        S: 250 2.1.5 OK
        C: BDAT 7 LAST
        C: hello
        S: 250 2.0.0 Kept
    """)


def test_the_server_may_end_it(dialogue: Dialogue) -> None:
    dialogue.machine.end("4.4.2", "Nothing was heard")
    dialogue.machine.end("4.4.2", "Nothing was heard")
    dialogue.works()
    dialogue.play("S: 421 4.4.2 Nothing was heard")
    assert [Closing(clean=False)] == dialogue.events


def test_the_client_may_leave(dialogue: Dialogue) -> None:
    dialogue.machine.receive_eof()
    dialogue.machine.receive_eof()
    dialogue.works()
    assert [] == dialogue.hears()
    assert [Closing(clean=True)] == dialogue.events


def test_tls_cannot_start_unasked(dialogue: Dialogue) -> None:
    with pytest.raises(Misused, match="nobody asked"):
        dialogue.machine.tls_started()
