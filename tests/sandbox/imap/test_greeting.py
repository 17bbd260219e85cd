"""Commands about the conversation itself, and which are permitted when."""

from __future__ import annotations

from typing import Any

import pytest

from courriel.errors import Misused
from courriel.sandbox.events import Closing, TlsWanted
from courriel.sandbox.imap.policy import ImapPolicy
from tests.sandbox.imap.dialogue import ImapDialogue


def capabilities(dialogue: ImapDialogue) -> set[str]:
    untagged, done = dialogue.asks("CAPABILITY")
    assert "a OK That is all" == done
    return set(untagged.removeprefix("* CAPABILITY ").split(" "))


def test_the_greeting_says_what_is_on_offer() -> None:
    (greeting,) = ImapDialogue().hears()
    assert greeting.startswith("* OK [CAPABILITY IMAP4rev1 APPENDLIMIT=67108864 AUTH=")
    assert greeting.endswith("] example.org courriel sandbox")


def test_capabilities_depend_on_tls() -> None:
    clear = capabilities(heard())
    assert {"STARTTLS", "AUTH=PLAIN", "SASL-IR", "LITERAL+", "IDLE"} <= clear
    assert not {"LOGINDISABLED", "AUTH=SCRAM-SHA-256-PLUS", "LOGIN", "AUTH"} & clear
    secured = capabilities(heard(secured=True))
    assert {"AUTH=SCRAM-SHA-256-PLUS"} == secured - clear
    assert {"STARTTLS"} == clear - secured


def test_capabilities_can_be_left_out() -> None:
    assert not {"IDLE", "MOVE"} & capabilities(heard(without=["IDLE", "MOVE"]))
    assert "LOGINDISABLED" in capabilities(heard(without=["LOGIN"]))
    assert "UTF8=ACCEPT" not in capabilities(heard(without=["ENABLE"]))
    strict = capabilities(heard(auth_requires_tls=True))
    assert "LOGINDISABLED" in strict
    assert not [word for word in strict if word.startswith("AUTH=")]


def test_what_is_not_known_cannot_be_offered() -> None:
    with pytest.raises(Misused, match="knows no capability 'GOPHER'"):
        ImapPolicy(capabilities=frozenset(["GOPHER"]))
    with pytest.raises(Misused, match="knows no mechanism 'GOPHER'"):
        ImapPolicy(mechanisms=("GOPHER",))


def heard(**options: Any) -> ImapDialogue:
    dialogue = ImapDialogue(**options)
    dialogue.hears()
    return dialogue


def test_states() -> None:
    dialogue = heard()
    dialogue.play("""
        C: a LIST "" *
        C: b FETCH 1 FLAGS
        C: c FROB
        C: d UID FROB
        S: a BAD Sign in first
        S: b BAD Sign in first
        S: c BAD There is no such command
        S: d BAD There is no such command
        C: a LOGIN ada secret
        S: a OK [CAPABILITY IMAP4rev1 …
        C: a LOGIN ada secret
        C: b FETCH 1 FLAGS
        C: c STARTTLS
        S: a BAD You are signed in already
        S: b BAD Select a mailbox first
        S: c BAD You are signed in already
    """)


@pytest.mark.parametrize(
    ("capability", "command"),
    [
        ("ENABLE", "ENABLE CONDSTORE"),
        ("ID", "ID NIL"),
        ("IDLE", "IDLE"),
        ("MOVE", "MOVE 1 Trash"),
        ("MOVE", "UID MOVE 1 Trash"),
        ("NAMESPACE", "NAMESPACE"),
        ("SORT", "SORT (DATE) UTF-8 ALL"),
        ("UIDPLUS", "UID EXPUNGE 1"),
        ("UNSELECT", "UNSELECT"),
        ("WITHIN", "SEARCH YOUNGER 10"),
        ("CONDSTORE", "SEARCH MODSEQ 10"),
        ("BINARY", "FETCH 1 BINARY[1]"),
    ],
)
def test_what_is_not_offered_is_no_command(capability: str, command: str) -> None:
    dialogue = ImapDialogue.selected(without=[capability])
    assert [f"a BAD {capability} is not offered"] == dialogue.asks(command)


def test_identification() -> None:
    dialogue = heard()
    dialogue.play("""
        C: a ID ("name" "test" "version" NIL)
        S: * ID ("name" "courriel sandbox" "vendor" "courriel")
        S: a OK Pleased to meet you
        C: a ID NIL
        S: * ID …
        S: a OK …
        C: a ID "test"
        S: a BAD ID wants a list of fields, or NIL
    """)
    fields = " ".join(f'"{number}" NIL' for number in range(31))
    assert ["a BAD ID has at most 30 fields (RFC 2971, 3.3)"] == dialogue.asks(f"ID ({fields})")


def test_enabling() -> None:
    ImapDialogue.signed_in().play("""
        C: a ENABLE CONDSTORE X-UNKNOWN
        S: * ENABLED CONDSTORE
        S: a OK Enabled
        C: a ENABLE CONDSTORE UTF8=ACCEPT
        S: * ENABLED UTF8=ACCEPT
        S: a OK Enabled
        C: a ENABLE
        S: a BAD The command wants a space …
    """)


def test_goodbye() -> None:
    dialogue = heard()
    dialogue.play("""
        C: a NOOP
        C: b LOGOUT
        C: c NOOP
        S: a OK Nothing done
        S: * BYE example.org closes the connection
        S: b OK Goodbye
    """)
    assert [Closing(clean=True)] == dialogue.events
    assert dialogue.imap.closed


def test_starttls() -> None:
    dialogue = heard()
    dialogue.says("a STARTTLS")
    assert ["a OK Begin TLS now"] == dialogue.hears()
    assert [TlsWanted()] == dialogue.events
    dialogue.imap.tls_started()
    assert "STARTTLS" not in capabilities(dialogue)
    assert ["a BAD The connection is under TLS already"] == dialogue.asks("STARTTLS")
    with pytest.raises(Misused, match="nobody asked for TLS"):
        dialogue.imap.tls_started()


def test_what_follows_starttls_in_clear_is_never_obeyed() -> None:
    dialogue = heard()
    dialogue.says("a STARTTLS", "b LOGIN ada secret")
    assert ["a BAD Nothing may follow STARTTLS before the handshake"] == dialogue.hears()
    assert [Closing(clean=False)] == dialogue.events
    later = heard()
    later.says("a STARTTLS")
    later.says("b LOGIN ada secret")
    assert [TlsWanted(), Closing(clean=False)] == later.events
    assert later.hears()[-1].startswith("* BYE Nothing may follow")


def test_the_server_ends_it() -> None:
    dialogue = heard()
    dialogue.imap.end("4.3.2", "The sandbox is closing")
    dialogue.works()
    assert ["* BYE The sandbox is closing"] == dialogue.hears()
    dialogue.imap.end("4.3.2", "Again")
    dialogue.imap.receive_eof()
    assert [Closing(clean=False)] == dialogue.events
