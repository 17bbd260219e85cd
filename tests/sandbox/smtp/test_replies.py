"""Replies in octets, and refusals written as text."""

from __future__ import annotations

import pytest

from courriel.errors import Misused, Refused
from courriel.model.receipt import Reply
from courriel.sandbox.smtp import replies
from courriel.sandbox.smtp.policy import SmtpPolicy


def test_each_line_has_the_codes() -> None:
    reply = Reply(250, ("one", "two"), "2.0.0")
    assert b"250-2.0.0 one\r\n250 2.0.0 two\r\n" == replies.encode(reply)
    assert b"250-one\r\n250 two\r\n" == replies.encode(reply, enhanced=False)
    assert b"354 go\r\n" == replies.encode(Reply(354, ("go",)))


def test_an_error_tells_its_reply() -> None:
    assert Reply(550, ("No",), "5.7.1") == replies.of(replies.refused(550, "5.7.1", "No"))
    assert Reply(451, ("What?",)) == replies.of(Refused("What?"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("550 5.7.1 Not for you", Reply(550, ("Not for you",), "5.7.1")),
        ("450 Later", Reply(450, ("Later",))),
        ("550", Reply(550, ("Refused",))),
    ],
)
def test_a_refusal_is_written_as_a_reply(text: str, expected: Reply) -> None:
    assert expected == replies.parse(text)


@pytest.mark.parametrize("text", ["", "250 OK", "354 go", "650 x", "55", "550x", "550 a\r\n250 b"])
def test_what_is_no_refusal(text: str) -> None:
    with pytest.raises(Misused, match="no refusal"):
        replies.parse(text)


def test_a_policy_knows_what_it_can_offer() -> None:
    with pytest.raises(Misused, match="no capability 'CHUNKNIG'"):
        SmtpPolicy(capabilities=frozenset({"CHUNKNIG"}))
    with pytest.raises(Misused, match="no mechanism 'NTLM'"):
        SmtpPolicy(mechanisms=("NTLM",))
