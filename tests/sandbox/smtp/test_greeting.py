"""EHLO and its kind, STARTTLS, and the commands that change nothing."""

from __future__ import annotations

import pytest

from courriel.errors import Misused
from courriel.sandbox.smtp.events import Closing, TlsWanted
from courriel.sandbox.smtp.policy import CAPABILITIES
from tests.sandbox.dialogue import Dialogue


def test_a_whole_conversation() -> None:
    dialogue = Dialogue()
    dialogue.play("""
        S: 220 example.org ESMTP courriel sandbox
        C: EHLO client.example
        S: 250-example.org
        S: 250-8BITMIME
        S: 250-AUTH SCRAM-SHA-256 CRAM-MD5 XOAUTH2 PLAIN LOGIN
        S: 250-BINARYMIME
        S: 250-CHUNKING
        S: 250-DSN
        S: 250-ENHANCEDSTATUSCODES
        S: 250-HELP
        S: 250-PIPELINING
        S: 250-SIZE 67108864
        S: 250-SMTPUTF8
        S: 250 STARTTLS
        C: MAIL FROM:<bob@example.com>
        S: 250 2.1.0 OK
        C: RCPT TO:<ada@example.org>
        S: 250 2.1.5 OK
        C: DATA
        S: 354 End the message with CRLF.CRLF
        C: Subject: hello
        C:
        C: ..
        C: .
        S: 250 2.0.0 Kept
        C: QUIT
        S: 221 2.0.0 example.org closes the connection
    """)
    assert [b"Subject: hello\r\n\r\n.\r\n"] == [each.content for each in dialogue.messages]
    assert [Closing(clean=True)] == dialogue.events


def test_under_tls_other_things_are_on_offer() -> None:
    dialogue = Dialogue(secured=True)
    dialogue.hears()
    dialogue.says("EHLO client.example")
    heard = dialogue.hears()
    assert "250-REQUIRETLS" in heard
    assert "250-AUTH SCRAM-SHA-256-PLUS SCRAM-SHA-256 CRAM-MD5 XOAUTH2 PLAIN LOGIN" in heard
    assert not any("STARTTLS" in line for line in heard)


@pytest.mark.parametrize("word", sorted(CAPABILITIES))
def test_each_capability_can_be_switched_off(word: str) -> None:
    dialogue = Dialogue(secured=word == "REQUIRETLS", without={word})
    dialogue.hears()
    dialogue.says("EHLO client.example")
    assert [] == [line for line in dialogue.hears() if line[4:].split()[0] == word]


def test_binarymime_needs_chunking() -> None:
    dialogue = Dialogue(without={"CHUNKING"})
    dialogue.hears()
    dialogue.says("EHLO client.example")
    assert not any("BINARYMIME" in line for line in dialogue.hears())


def test_helo_brings_no_extensions() -> None:
    dialogue = Dialogue()
    dialogue.hears()
    dialogue.play("""
        C: HELO client.example
        S: 250 example.org
        C: MAIL FROM:<bob@example.com> SIZE=10
        S: 555 5.5.4 A parameter of an extension that was not offered
        C: AUTH PLAIN
        S: 503 5.5.1 EHLO comes first
        C: MAIL FROM:<bob@example.com>
        S: 250 2.1.0 OK
        C: RCPT TO:<ada@example.org>
        S: 250 2.1.5 OK
        C: BDAT 0 LAST
        S: 502 5.5.1 CHUNKING was not offered
    """)


def test_lmtp_has_lhlo_alone() -> None:
    dialogue = Dialogue(lmtp=True)
    dialogue.play("""
        S: 220 example.org LMTP courriel sandbox
        C: EHLO client.example
        S: 502 5.5.1 EHLO is not a command of this service
        C: HELO client.example
        S: 502 5.5.1 HELO is not a command of this service
        C: MAIL FROM:<bob@example.com>
        S: 503 5.5.1 LHLO comes first
    """)
    dialogue.says("LHLO client.example")
    assert "250-PIPELINING" in dialogue.hears()


def test_smtp_has_no_lhlo(dialogue: Dialogue) -> None:
    dialogue.play("""
        C: LHLO client.example
        S: 502 5.5.1 LHLO is not a command of this service
    """)


@pytest.mark.parametrize(
    "name", ["", " ", "two words", "under_score", "-a", "a..b", "[1.2.3]", "ä b"]
)
def test_a_name_that_is_none_is_refused(name: str) -> None:
    dialogue = Dialogue()
    dialogue.hears()
    dialogue.says(f"EHLO {name}")
    dialogue.play("S: 501 5.5.4 Say a domain or an address literal (RFC 5321, 4.1.1.1)")


@pytest.mark.parametrize("name", ["localhost", "a.b-c.example", "[127.0.0.1]", "[IPv6:::1]"])
def test_a_name_may_be_a_domain_or_a_literal(name: str) -> None:
    dialogue = Dialogue()
    dialogue.hears()
    dialogue.says(f"ehlo {name} ")
    assert "250-example.org" == dialogue.hears()[0]


def test_ehlo_forgets_a_message_that_was_begun(dialogue: Dialogue) -> None:
    dialogue.says("MAIL FROM:<bob@example.com>", "EHLO client.example")
    dialogue.hears()
    dialogue.play("""
        C: RCPT TO:<ada@example.org>
        S: 503 5.5.1 MAIL comes first
    """)


def test_small_commands(dialogue: Dialogue) -> None:
    dialogue.play("""
        C: NOOP
        S: 250 2.0.0 OK
        C: noop whatever it is
        S: 250 2.0.0 OK
        C: RSET
        S: 250 2.0.0 OK
        C: RSET now
        S: 501 5.5.4 The command has no argument
        C: HELP me
        S: 214-2.0.0 This is courriel's sandbox, a mail server for trying out.
        S: 214 2.0.0 Messages stay in memory; nothing is relayed.
        C: EXPN list
        S: 502 5.5.1 EXPN is not a command of this service
        C: FROBNICATE
        S: 500 5.5.2 There is no such command
        C:
        S: 500 5.5.2 There is no such command
        C: QUIT now
        S: 501 5.5.4 The command has no argument
    """)


def test_verify(dialogue: Dialogue) -> None:
    dialogue.play("""
        C: VRFY ada
        S: 250 2.1.5 <ada@example.org>
        C: VRFY <Ada@Example.org>
        S: 250 2.1.5 <ada@example.org>
        C: VRFY ada SMTPUTF8
        S: 250 2.1.5 <ada@example.org>
        C: VRFY eve
        S: 550 5.1.1 There is no such user
        C: VRFY
        S: 501 5.5.4 Say whom to verify
        C: VRFY ada lovelace
        S: 501 5.5.4 Say whom to verify
    """)


def test_nothing_is_obeyed_behind_quit(dialogue: Dialogue) -> None:
    dialogue.play("""
        C: QUIT
        C: NOOP
        S: 221 2.0.0 example.org closes the connection
    """)
    dialogue.says("NOOP")
    assert [] == dialogue.hears()
    assert 0 == dialogue.machine.waiting


def test_without_enhanced_status_codes() -> None:
    dialogue = Dialogue.begun(without={"ENHANCEDSTATUSCODES"})
    dialogue.play("""
        C: NOOP
        S: 250 OK
        C: VRFY eve
        S: 550 There is no such user
    """)


def test_starttls_forgets_everything() -> None:
    dialogue = Dialogue.begun()
    dialogue.says("AUTH PLAIN AGFkYQBzZWNyZXQ=", "MAIL FROM:<bob@example.com>")
    assert ["235", "250"] == [line[:3] for line in dialogue.hears()]
    dialogue.play("""
        C: STARTTLS
        S: 220 2.0.0 Ready to start TLS
    """)
    assert [TlsWanted()] == dialogue.events
    dialogue.machine.tls_started()
    dialogue.play("""
        C: MAIL FROM:<bob@example.com>
        S: 503 5.5.1 EHLO comes first
    """)
    dialogue.says("EHLO client.example", "AUTH PLAIN AGFkYQBzZWNyZXQ=")
    assert "235 2.7.0 You are signed in" == dialogue.hears()[-1]
    dialogue.play("""
        C: STARTTLS
        S: 503 5.5.1 The connection is under TLS already
    """)


def test_starttls_injection_in_one_write(dialogue: Dialogue) -> None:
    dialogue.play("""
        C: STARTTLS
        C: MAIL FROM:<eve@example.com>
        S: 521 5.5.1 Nothing may follow STARTTLS before the handshake
    """)
    assert [Closing(clean=False)] == dialogue.events


def test_starttls_injection_in_a_second_write(dialogue: Dialogue) -> None:
    dialogue.says("STARTTLS")
    dialogue.machine.receive_data(b"MAIL FROM:<eve@example.com>\r\n")
    dialogue.works()
    assert ["220", "521"] == [line[:3] for line in dialogue.hears()]
    assert [TlsWanted(), Closing(clean=False)] == dialogue.events
    with pytest.raises(Misused):
        dialogue.machine.tls_started()


@pytest.mark.parametrize("cut", [1, 7])
def test_starttls_injection_behind_half_a_line(cut: int) -> None:
    dialogue = Dialogue.begun()
    dialogue.sends(b"STARTTLS\r\nX" + b"x" * cut)
    assert ["521"] == [line[:3] for line in dialogue.hears()]


def test_starttls_that_is_not_offered() -> None:
    dialogue = Dialogue.begun(without={"STARTTLS"})
    dialogue.play("""
        C: STARTTLS
        S: 502 5.5.1 STARTTLS is not offered
        C: STARTTLS now
        S: 501 5.5.4 The command has no argument
    """)


def test_a_server_may_insist_on_tls() -> None:
    dialogue = Dialogue.begun(tls_required=True)
    dialogue.play("""
        C: MAIL FROM:<bob@example.com>
        S: 530 5.7.0 STARTTLS comes first
        C: STARTTLS
        S: 220 2.0.0 Ready to start TLS
    """)
    dialogue.machine.tls_started()
    dialogue.says("EHLO client.example")
    dialogue.hears()
    dialogue.play("""
        C: MAIL FROM:<bob@example.com>
        S: 250 2.1.0 OK
    """)
