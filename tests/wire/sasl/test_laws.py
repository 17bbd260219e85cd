"""Laws that hold for every mechanism, whatever the server says."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courriel.errors import CourrielError
from courriel.wire.sasl.choice import Choice, choose
from tests.wire.sasl.conversation import ALL, CANARY, Conversation, known, shows_secret

CREDENTIALS = known(
    "ada",
    CANARY,
    token=CANARY,
    server_end_point=b"hash",
    iterations_minimum=1,
    iterations_maximum=20,
)
CHOICES = choose(
    ["EXTERNAL", *ALL],
    CREDENTIALS,
    secured=True,
    allow_clear=True,
    external=True,
)

# "NONCE" becomes the mechanism's own, so that some exchanges go beyond the first step.
PLAUSIBLE = st.sampled_from(
    [
        b"r=NONCEx,s=c2FsdA==,i=5",
        b"r=NONCEx,s=c2FsdA==,i=5,x=y",
        b"r=NONCE,s=c2FsdA==,i=5",
        b"r=NONCEx,s=,i=5",
        b"m=1,r=NONCEx,s=c2FsdA==,i=5",
        b"v=c2FsdA==",
        b"e=invalid-proof",
        b"<12.34@example.org>",
        b'{"status":"401"}',
        b"Username:",
        b"",
    ]
)
ANSWERS = st.lists(st.none() | PLAUSIBLE | st.binary(max_size=60), max_size=5)


def play(choice: Choice, answers: list[bytes | None]) -> CourrielError | None:
    """Let the server say ``answers``; return the error that this ends in, if it does."""
    talk = Conversation(choice.begin())
    try:
        said = talk.begin() or b""
        nonce = said.rpartition(b",r=")[2] if b",r=" in said else b""
        for answer in answers:
            if answer is None:
                talk.succeed()
                return None
            talk.hear(answer.replace(b"NONCE", nonce))
    except CourrielError as error:
        return error
    return None


@pytest.mark.parametrize("choice", CHOICES, ids=lambda choice: choice.name)
@settings(max_examples=60)
@given(answers=ANSWERS)
def test_law_whatever_the_server_says_errors_are_ours_and_show_no_secret(
    choice: Choice, answers: list[bytes | None]
) -> None:
    error = play(choice, answers)
    if error is not None:
        assert str(error).startswith(f"signing in with {choice.name}: ")
        assert error.hint
        assert not shows_secret(error)


@pytest.mark.parametrize("choice", CHOICES, ids=lambda choice: choice.name)
def test_a10_no_mechanism_answers_without_end(choice: Choice) -> None:
    assert play(choice, [b"more"] * 10) is not None


def test_all_ten_mechanisms_are_tried() -> None:
    assert 10 == len(CHOICES)
