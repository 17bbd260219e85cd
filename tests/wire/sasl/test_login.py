from __future__ import annotations

import pytest

from courriel.errors import Garbled, Misused
from courriel.wire.sasl.login import login
from tests.wire.sasl.conversation import Conversation, known


@pytest.mark.parametrize(
    "prompts",
    [
        (b"Username:", b"Password:"),
        (b"User Name\0", b"Password\0"),
        (b"", b""),
        (b"Password:", b"Username:"),
        (b"\xff\xfe", b"Nom d'utilisateur"),
    ],
)
def test_the_prompts_may_say_anything(prompts: tuple[bytes, bytes]) -> None:
    talk = Conversation(login(known("ada", "sécret")))
    assert talk.begin() is None
    assert b"ada" == talk.hear(prompts[0])
    assert "sécret".encode() == talk.hear(prompts[1])
    talk.succeed()


def test_a_third_prompt_is_garbled() -> None:
    talk = Conversation(login(known()))
    talk.begin()
    talk.hear(b"Username:")
    talk.hear(b"Password:")
    with pytest.raises(Garbled, match="asked again"):
        talk.hear(b"Mother's maiden name:")


@pytest.mark.parametrize("prompts", [[], [b"Username:"]])
def test_success_before_the_second_prompt_is_garbled(prompts: list[bytes]) -> None:
    talk = Conversation(login(known()))
    talk.begin()
    for prompt in prompts:
        talk.hear(prompt)
    with pytest.raises(Garbled, match="before the exchange was over"):
        talk.succeed()


@pytest.mark.parametrize("bad", ["a\0b", "a\rb", "a\nb", ""])
def test_what_cannot_be_sent_is_refused_before_the_server_is_asked(bad: str) -> None:
    with pytest.raises(Misused, match="the user name"):
        Conversation(login(known(bad, "secret"))).begin()
    with pytest.raises(Misused, match="the password"):
        Conversation(login(known("ada", bad))).begin()
