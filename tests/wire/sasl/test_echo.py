"""What a reply repeats of a secret is taken out of it, and nothing else is."""

from __future__ import annotations

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courriel.model.receipt import Reply
from courriel.model.secret import Secret
from courriel.wire.sasl.echo import Echo

SAID = b"\0ada\0hunter2"
LINE = b64encode(SAID).decode()
ECHO = Echo((Secret("hunter2"),)).after(SAID)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (f'Command unrecognized: "AUTH PLAIN {LINE}"', 'Command unrecognized: "AUTH PLAIN …'),
        (f"AUTH PLAIN {LINE[:-4]}... too long", "AUTH PLAIN … too long"),
        (LINE.upper(), "…"),
        (f"no {LINE[4:]} and {LINE[:9]}", "no … and …"),
        ("ada: hunter2 is wrong", "…"),
        ("HUNTER2", "…"),
        ("user ada is not known here", "user ada is not known here"),
        ("Command unrecognized", "Command unrecognized"),
        ("", ""),
    ],
)
def test_words_that_give_it_away_are_replaced(text: str, left: str) -> None:
    reply = Reply(535, ("first", text), "5.7.8")
    assert Reply(535, ("first", left), "5.7.8") == ECHO.removed_from(reply)


def test_a_reply_that_repeats_nothing_is_the_same_reply() -> None:
    reply = Reply(535, ("authentication failed",), "5.7.8")
    assert ECHO.removed_from(reply) is reply
    assert Echo().removed_from(reply) is reply


@pytest.mark.parametrize("challenge", ["", "VXNlcm5hbWU6", LINE[:-4], "hunter2"])
def test_a_challenge_may_look_like_a_response(challenge: str) -> None:
    reply = Reply(334, (challenge,))
    assert ECHO.removed_from(reply) is reply


@pytest.mark.parametrize("challenge", [LINE, f"{LINE} again", "correct horse"])
def test_a_challenge_that_is_a_response_is_none(challenge: str) -> None:
    echo = Echo((Secret("correct horse"),), ECHO.lines)
    assert Reply(334, ("…",)) == echo.removed_from(Reply(334, (challenge,)))


def test_a_response_is_remembered_through_the_exchange() -> None:
    later = ECHO.after(b"").after(None).after(b"\x01")
    assert "… …" == later.removed(f"{LINE} AQ==")


def test_an_echo_does_not_show_what_it_hides() -> None:
    assert LINE not in repr(ECHO)
    assert "hunter2" not in repr(ECHO)


@given(
    secret=st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1),
    before=st.text(),
    behind=st.text(),
)
def test_no_secret_is_left(secret: str, before: str, behind: str) -> None:
    said = b64encode(secret.encode()).decode()
    echo = Echo((Secret(secret),)).after(secret.encode())
    assert "…" == echo.removed(f"{before}{secret}{behind}")
    assert said not in echo.removed(f"{before}{said}{behind}")
