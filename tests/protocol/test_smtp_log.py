"""The debug log of the conversation: all of it, but no secret and no message."""

from __future__ import annotations

import logging

import pytest

from courriel.wire.smtp.commands import NOOP, Auth, AuthResponse
from tests.protocol.line import Line

SECRET = b"\0ada\0correct horse battery staple"
TOKEN = "AGFkYQBjb3JyZWN0IGhvcnNlIGJhdHRlcnkgc3RhcGxl"


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG, "courriel.wire")
    return caplog


def test_commands_and_replies_are_told(log: pytest.LogCaptureFixture) -> None:
    line = Line()
    line.machine.submit(NOOP)
    line.hear("250-2.0.0 well", "250 2.0.0 done")
    assert ["S: 220 mx.example.org", "C: NOOP", "S: 250 2.0.0 well done"] == log.messages


def test_secrets_are_not(log: pytest.LogCaptureFixture) -> None:
    line = Line()
    line.machine.submit(Auth("PLAIN", SECRET))
    line.hear("334 c2VydmVyIG5vbmNl")
    line.machine.submit(AuthResponse(SECRET))
    for octet in b"334 c2VydmVyIG5vbmNl\r\n":
        line.machine.receive_data(bytes([octet]))
    line.machine.submit(AuthResponse(None))
    line.hear("501 cancelled")
    said = "\n".join(line.said())
    assert TOKEN in said
    assert TOKEN not in log.text
    assert "horse" not in log.text
    assert "c2VydmVyIG5vbmNl" not in log.text
    assert [
        "C: AUTH PLAIN …",
        "S: 334 …",
        "C: …",
        "S: 334 …",
        "C: *",
        "S: 501 cancelled",
    ] == log.messages[1:]


@pytest.mark.parametrize("offers", [(), ("PIPELINING",), ("CHUNKING",), ("PIPELINING", "CHUNKING")])
def test_messages_are_only_counted(log: pytest.LogCaptureFixture, offers: tuple[str, ...]) -> None:
    line = Line(*offers)
    line.send(body=b"my diary\r\n")
    for reply in ("250 ok", "250 ok", *(["354 go on"] if "CHUNKING" not in offers else [])):
        line.said()
        line.hear(reply)
    assert "diary" in "\n".join(line.said()) or "CHUNKING" in offers
    assert "diary" not in log.text
    assert "C: <message of 10 octets>" in log.messages
    assert "C: RCPT TO:<bob@example.org>" in log.messages


@pytest.mark.parametrize("offers", [("PIPELINING",), ("PIPELINING", "CHUNKING")])
def test_fed_ones_too(log: pytest.LogCaptureFixture, offers: tuple[str, ...]) -> None:
    line = Line(*offers)
    message = line.send(body=None)
    line.said()
    line.hear("250 ok", "250 ok", *(["354 go on"] if "CHUNKING" not in offers else []))
    line.machine.feed(message, b"my diary\r\n", last=False)
    line.machine.feed(message, b"the end\r\n", last=True)
    assert "my diary" in line.said()
    assert "diary" not in log.text
    assert ["C: <10 octets of message>", "C: <9 octets of message>"] == log.messages[-2:]


def test_without_debug_nothing_is_told(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "courriel.wire")
    line = Line()
    line.machine.submit(NOOP)
    line.hear("250 ok")
    assert [] == caplog.messages
