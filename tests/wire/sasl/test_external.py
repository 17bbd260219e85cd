from __future__ import annotations

import pytest

from courriel.errors import Garbled, Misused
from courriel.wire.sasl.external import external
from tests.wire.sasl.conversation import Conversation, known


def test_the_response_names_the_user_to_act_as() -> None:
    talk = Conversation(external(known("fred@example.com", None)))
    assert b"fred@example.com" == talk.begin()
    talk.succeed()


def test_without_a_user_the_response_is_empty_but_there() -> None:
    talk = Conversation(external(known("", None)))
    assert b"" == talk.begin()
    talk.succeed()


def test_a_name_with_a_nul_is_refused() -> None:
    with pytest.raises(Misused, match="the user name"):
        Conversation(external(known("fred\0root", None))).begin()


def test_a_server_that_asks_again_is_garbled() -> None:
    talk = Conversation(external(known("fred", None)))
    talk.begin()
    with pytest.raises(Garbled, match="asked again"):
        talk.hear(b"")
