from __future__ import annotations

import pytest

from courriel.errors import Garbled, Misused
from courriel.wire.sasl.cram_md5 import cram_md5
from tests.wire.sasl.conversation import CANARY, Conversation, known, shows_secret

CHALLENGE = b"<1896.697170952@postoffice.reston.mci.net>"


def test_the_example_of_rfc_2195() -> None:
    talk = Conversation(cram_md5(known("tim", "tanstaaftanstaaf")))
    assert talk.begin() is None
    assert b"tim b913a602c7eda7a495b4e6e7334d3890" == talk.hear(CHALLENGE)
    talk.succeed()


@pytest.mark.parametrize(
    "challenge",
    [
        b"",
        b"<>",
        b"!!!",
        b"1896.697170952@host",
        b"<1896@host",
        b"<1896@host>\r\n",
        b"<1896\0@host>",
        b"<a@b><c@d>",
        b"\xff",
    ],
)
def test_a11_a_challenge_that_is_none_is_garbled(challenge: bytes) -> None:
    talk = Conversation(cram_md5(known("ada", CANARY)))
    talk.begin()
    with pytest.raises(Garbled, match="message identifier") as caught:
        talk.hear(challenge)
    assert not shows_secret(caught.value)


def test_success_without_a_challenge_is_garbled() -> None:
    talk = Conversation(cram_md5(known()))
    talk.begin()
    with pytest.raises(Garbled, match="before the exchange was over"):
        talk.succeed()


def test_a_second_challenge_is_garbled() -> None:
    talk = Conversation(cram_md5(known()))
    talk.begin()
    talk.hear(CHALLENGE)
    with pytest.raises(Garbled, match="asked again"):
        talk.hear(CHALLENGE)


@pytest.mark.parametrize("bad", ["a\0b", "a\nb", ""])
def test_what_cannot_be_used_is_refused_before_the_server_is_asked(bad: str) -> None:
    with pytest.raises(Misused, match="the user name"):
        Conversation(cram_md5(known(bad, "secret"))).begin()
    with pytest.raises(Misused, match="the password"):
        Conversation(cram_md5(known("ada", bad))).begin()
