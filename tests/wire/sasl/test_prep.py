from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courriel.errors import Misused
from courriel.model.secret import Secret
from courriel.wire.sasl.prep import prepared, saslname, saslprep, verbatim
from tests.wire.sasl.conversation import CANARY, shows_secret


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I\u00adX", "IX"),
        ("user", "user"),
        ("USER", "USER"),
        ("\u00aa", "a"),
        ("\u2168", "IX"),
    ],
)
def test_the_examples_of_rfc_4013(text: str, expected: str) -> None:
    assert (expected, "") == saslprep(text)


@pytest.mark.parametrize("text", ["\u0007", "\u0627\u0031"])
def test_the_prohibited_examples_of_rfc_4013(text: str) -> None:
    with pytest.raises(Misused, match="SASLprep prohibits"):
        prepared(text, "password", "SCRAM-SHA-1")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\u00a0b", "a b"),  # C.1.2: another space becomes a space.
        ("a\u200bb", "a b"),  # Zero width space stands in both tables of RFC 3454.
        ("e\u0301", "\u00e9"),
        ("\u0627\u0628", "\u0627\u0628"),
        ("\u0627\u0031\u0628", "\u0627\u0031\u0628"),
        ("\U0001f600", "\U0001f600"),  # Not assigned in Unicode 3.2, allowed in a query.
    ],
)
def test_what_saslprep_maps(text: str, expected: str) -> None:
    result, fault = saslprep(text)
    assert "" == fault
    assert expected == result


@pytest.mark.parametrize(
    "character",
    [
        "\t",
        "\x7f",
        "\x80",
        "\u06dd",
        "\ue000",
        "\ufdd0",
        "\ufffe",
        "\ufffd",
        "\u2ff0",
        "\u200e",
        "\U000e0001",
        "\U000e0041",
    ],
)
def test_every_prohibited_table_is_looked_at(character: str) -> None:
    with pytest.raises(Misused, match="SASLprep prohibits"):
        prepared(f"a{character}b", "password", "SCRAM-SHA-1")


def test_both_writing_directions_together_are_prohibited() -> None:
    with pytest.raises(Misused, match="writing directions"):
        prepared("\u0627a\u0628", "password", "SCRAM-SHA-1")


@pytest.mark.parametrize("text", ["", "\u00ad", "\0", "\r", "\n", "\udc80"])
def test_nothing_at_all_and_what_is_no_text_are_refused(text: str) -> None:
    with pytest.raises(Misused, match="the password"):
        prepared(text, "password", "SCRAM-SHA-1")


@pytest.mark.parametrize("tail", ["\0", "\n", "\ud800", "\t", "\u0627"])
def test_a_secret_that_is_refused_is_not_shown(tail: str) -> None:
    with pytest.raises(Misused) as caught:
        prepared(Secret(CANARY + tail), "password", "SCRAM-SHA-1")
    assert not shows_secret(caught.value)


@given(st.text())
def test_law_preparing_twice_is_preparing_once(text: str) -> None:
    once, fault = saslprep(text)
    if not fault:
        assert (once, "") == saslprep(once)


@given(st.text())
def test_law_only_misused_is_raised_and_nothing_forbidden_passes(text: str) -> None:
    for way in (verbatim, prepared):
        try:
            octets = way(text, "password", "PLAIN")
        except Misused:
            continue
        assert octets
        assert not {0, 10, 13} & set(octets)


@given(st.text(alphabet="ab=,é"))
def test_law_a_saslname_can_be_read_back(text: str) -> None:
    name = saslname(text.encode())
    assert b"," not in name
    assert text == name.replace(b"=2C", b",").replace(b"=3D", b"=").decode()
