from __future__ import annotations

import pytest

from courriel.errors import Garbled, Misused
from courriel.wire.sasl.plain import plain
from tests.wire.sasl.conversation import CANARY, Conversation, known, shows_secret


def test_the_example_of_rfc_4616() -> None:
    talk = Conversation(plain(known("tim", "tanstaaftanstaaf")))
    assert b"\0tim\0tanstaaftanstaaf" == talk.begin()
    talk.succeed()


def test_characters_beyond_ascii_go_out_unchanged_in_utf_8() -> None:
    talk = Conversation(plain(known("añna", "µ²½ \u00a0\t")))
    assert "\0añna\0µ²½ \u00a0\t".encode() == talk.begin()


@pytest.mark.parametrize("bad", ["a\0b", "a\rb", "a\nb", "a\r\nb", "", "a\ud800"])
def test_what_cannot_be_sent_is_refused_before_a_byte_goes_out(bad: str) -> None:
    with pytest.raises(Misused, match=r"signing in with PLAIN: the user name"):
        Conversation(plain(known(bad, "secret"))).begin()
    with pytest.raises(Misused, match=r"signing in with PLAIN: the password"):
        Conversation(plain(known("ada", bad))).begin()


def test_a_missing_password_is_refused() -> None:
    with pytest.raises(Misused, match="missing"):
        Conversation(plain(known("ada", None))).begin()


@pytest.mark.parametrize("tail", ["\n", "\0", "\ud800"])
def test_a_refused_password_is_not_shown(tail: str) -> None:
    with pytest.raises(Misused) as caught:
        Conversation(plain(known("ada", CANARY + tail))).begin()
    assert not shows_secret(caught.value)


def test_a_server_that_asks_again_is_garbled() -> None:
    talk = Conversation(plain(known("ada", CANARY)))
    talk.begin()
    with pytest.raises(Garbled, match="asked again") as caught:
        talk.hear(b"what?")
    assert not shows_secret(caught.value)
