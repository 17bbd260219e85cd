"""CAPA, STLS, UTF8, LANG, and what is wrong with a line."""

from __future__ import annotations

import pytest

from courriel.errors import Misused
from courriel.sandbox.events import Closing, TlsWanted
from courriel.sandbox.pop3.policy import POP3_CAPABILITIES, Pop3Policy
from tests.sandbox.pop3.dialogue import Pop3Dialogue


@pytest.fixture
def dialogue() -> Pop3Dialogue:
    dialogue = Pop3Dialogue()
    dialogue.hears()
    return dialogue


def capabilities(dialogue: Pop3Dialogue) -> list[str]:
    dialogue.says("CAPA")
    status, *lines, end = dialogue.hears()
    assert ("+OK This is on offer", ".") == (status, end)
    return lines


def test_capabilities_before_the_sign_in(dialogue: Pop3Dialogue) -> None:
    assert [
        "AUTH-RESP-CODE",
        "EXPIRE NEVER",
        "LANG",
        "PIPELINING",
        "RESP-CODES",
        "SASL SCRAM-SHA-256 CRAM-MD5 XOAUTH2 PLAIN LOGIN",
        "STLS",
        "TOP",
        "UIDL",
        "USER",
        "UTF8 USER",
    ] == capabilities(dialogue)


def test_capabilities_under_tls() -> None:
    dialogue = Pop3Dialogue(secured=True)
    dialogue.hears()
    words = capabilities(dialogue)
    assert "STLS" not in words
    assert "SASL SCRAM-SHA-256-PLUS SCRAM-SHA-256 CRAM-MD5 XOAUTH2 PLAIN LOGIN" in words


def test_capabilities_after_the_sign_in() -> None:
    words = capabilities(Pop3Dialogue.signed_in())
    assert "IMPLEMENTATION courriel sandbox" in words
    assert not [word for word in words if word.startswith(("SASL", "USER", "STLS"))]


def test_capabilities_when_tls_comes_first() -> None:
    dialogue = Pop3Dialogue(auth_requires_tls=True)
    assert ["+OK example.org POP3 courriel sandbox"] == dialogue.hears()
    words = capabilities(dialogue)
    assert "STLS" in words
    assert not [word for word in words if word.startswith(("SASL", "USER"))]
    dialogue.says("USER ada", "APOP ada x", "AUTH PLAIN")
    assert ["-ERR STLS comes first"] * 3 == dialogue.hears()


@pytest.mark.parametrize("word", sorted(POP3_CAPABILITIES - {"CAPA"}))
def test_each_capability_can_be_switched_off(word: str) -> None:
    dialogue = Pop3Dialogue(without={word})
    dialogue.hears()
    assert not [line for line in capabilities(dialogue) if line.split(" ")[0] == word]


@pytest.mark.parametrize(
    ("word", "command"),
    [
        ("APOP", "APOP ada x"),
        ("CAPA", "CAPA"),
        ("LANG", "LANG"),
        ("SASL", "AUTH PLAIN"),
        ("STLS", "STLS"),
        ("USER", "USER ada"),
        ("UTF8", "UTF8"),
    ],
)
def test_what_is_switched_off_is_refused(word: str, command: str) -> None:
    dialogue = Pop3Dialogue(without={word})
    dialogue.hears()
    dialogue.says(command)
    assert dialogue.hears()[0].startswith("-ERR ")


@pytest.mark.parametrize("command", ["TOP 1 0", "UIDL"])
def test_commands_about_messages_can_be_switched_off(command: str) -> None:
    dialogue = Pop3Dialogue.signed_in(without={command.split(" ")[0]})
    dialogue.says(command)
    assert ["-ERR There is no such command"] == dialogue.hears()


def test_without_codes_there_are_none() -> None:
    dialogue = Pop3Dialogue(without={"RESP-CODES", "AUTH-RESP-CODE"})
    dialogue.hears()
    dialogue.says("USER ada", "PASS wrong")
    assert "-ERR The name or the password is wrong" == dialogue.hears()[-1]


def test_unknown_words_are_misused() -> None:
    with pytest.raises(Misused, match="no capability 'X-GOPHER'"):
        Pop3Policy(capabilities=frozenset({"X-GOPHER"}))
    with pytest.raises(Misused, match="no mechanism 'X-GOPHER'"):
        Pop3Policy(mechanisms=("X-GOPHER",))


def test_stls(dialogue: Pop3Dialogue) -> None:
    dialogue.says("UTF8", "USER ada")
    dialogue.hears()
    dialogue.play("""
        C: STLS
        S: +OK Ready to start TLS
    """)
    assert [TlsWanted()] == dialogue.events
    dialogue.pop3.tls_started()
    dialogue.play("""
        C: PASS secret
        S: -ERR USER comes first
        C: STLS
        S: -ERR The connection is under TLS already
    """)


@pytest.mark.parametrize("pieces", [(b"STLS\r\nNOOP\r\n",), (b"STLS\r\n", b"NOOP\r\n")])
def test_nothing_may_follow_stls(dialogue: Pop3Dialogue, pieces: tuple[bytes, ...]) -> None:
    for piece in pieces:
        dialogue.sends(piece)
    assert "-ERR Nothing may follow STLS before the handshake" == dialogue.hears()[-1]
    dialogue.works()
    assert Closing(clean=False) == dialogue.events[-1]


def test_stls_after_the_sign_in() -> None:
    dialogue = Pop3Dialogue.signed_in()
    dialogue.play("""
        C: STLS
        S: -ERR STLS comes before the sign-in, where it is offered
        C: UTF8
        S: -ERR UTF8 comes before the sign-in
    """)


def test_tls_cannot_start_by_itself(dialogue: Pop3Dialogue) -> None:
    with pytest.raises(Misused, match="nobody asked for TLS"):
        dialogue.pop3.tls_started()


def test_languages(dialogue: Pop3Dialogue) -> None:
    dialogue.play("""
        C: LANG
        S: +OK These are known
        S: en English
        S: i-default The language of whoever has said none
        S: .
        C: LANG EN
        C: LANG *
        C: LANG tlh
        S: +OK en is spoken
        S: +OK i-default is spoken
        S: -ERR That language is not known here
    """)


def test_wrong_lines(dialogue: Pop3Dialogue) -> None:
    dialogue.sends(b"XYZZY\r\n\r\nNOOP x\r\nUSER \xff\r\nUSER a\0b\r\nUSER " + b"x" * 250 + b"\r\n")
    assert [
        "-ERR There is no such command",
        "-ERR There is no such command",
        "-ERR The command has no argument",
        "-ERR The command is neither ASCII nor UTF-8",
        "-ERR There is a control character in the command",
        "-ERR A line has at most 255 octets",
    ] == dialogue.hears()


def test_a_line_without_end_is_not_kept(dialogue: Pop3Dialogue) -> None:
    for _ in range(20):
        dialogue.sends(b"x" * 10_000)
        assert dialogue.pop3.waiting <= 12_288
    dialogue.sends(b"\r\nLANG *\r\n")
    assert ["-ERR A line has at most 12288 octets", "+OK i-default is spoken"] == dialogue.hears()


def test_a_bare_line_feed_ends_it(dialogue: Pop3Dialogue) -> None:
    dialogue.sends(b"USER ada\nPASS secret\r\n")
    assert ["-ERR A line ends with CRLF, not with a bare LF"] == dialogue.hears()
    assert [Closing(clean=False)] == dialogue.events
    dialogue.sends(b"CAPA\r\n")
    assert [] == dialogue.hears()


def test_without_pipelining_each_answer_is_waited_for() -> None:
    dialogue = Pop3Dialogue.signed_in(without={"PIPELINING"})
    dialogue.says("NOOP", "NOOP")
    assert ["-ERR PIPELINING is not offered; wait for each reply", "+OK"] == dialogue.hears()


def test_too_many_errors(dialogue: Pop3Dialogue) -> None:
    dialogue.says(*["NOOP"] * 200)
    heard = dialogue.hears()
    assert (102, "-ERR [SYS/TEMP] Too many errors") == (len(heard), heard[-1])
    assert [Closing(clean=False)] == dialogue.events


def test_whoever_has_signed_in_may_err_more_often() -> None:
    dialogue = Pop3Dialogue.signed_in()
    dialogue.says(*["RETR 9"] * 200)
    assert ["-ERR There is no such message"] * 200 == dialogue.hears()
