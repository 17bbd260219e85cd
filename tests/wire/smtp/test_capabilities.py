"""What an EHLO reply says about a server."""

from __future__ import annotations

import pytest

from courriel.model.receipt import Reply
from courriel.wire.smtp.capabilities import Capabilities


def offered(*lines: str) -> Capabilities:
    return Capabilities.of(Reply(250, ("mx.example.org PIPELINING", *lines)))


def test_each_line_is_a_keyword_with_parameters() -> None:
    capabilities = offered(
        "PIPELINING", "SIZE 1000", "AUTH PLAIN LOGIN", "8bitmime", "", "X-Own a b"
    )
    assert {
        "PIPELINING": (),
        "SIZE": ("1000",),
        "AUTH": ("PLAIN", "LOGIN"),
        "8BITMIME": (),
        "X-OWN": ("A", "B"),
    } == capabilities.keywords
    assert "8BITMIME" in capabilities
    assert "SMTPUTF8" not in capabilities
    assert ("PLAIN", "LOGIN") == capabilities.mechanisms
    assert {"SIZE", "SIZE=1000", "AUTH", "AUTH=PLAIN", "AUTH=LOGIN"} < capabilities.words


def test_the_first_line_is_the_name_of_the_server() -> None:
    assert "PIPELINING" not in offered()
    assert frozenset() == offered().words


def test_the_old_form_of_auth_is_understood_and_nothing_is_said_twice() -> None:
    assert ("LOGIN", "PLAIN", "XOAUTH2") == offered(
        "AUTH=LOGIN PLAIN", "AUTH PLAIN XOAUTH2 LOGIN"
    ).mechanisms
    assert () == offered("AUTH=").mechanisms
    assert () == offered("AUTH").mechanisms


@pytest.mark.parametrize(
    ("line", "size"),
    [
        ("SIZE 1000", 1000),
        ("SIZE 0", None),
        ("SIZE", None),
        ("SIZE -1", None),
        ("SIZE +5", None),
        ("SIZE unlimited", None),
        ("SIZE ²", None),
        ("SIZE ١٠", None),
        ("SIZE " + "9" * 20, 10**20 - 1),
        ("SIZE " + "9" * 21, None),
        ("SIZE " + "9" * 3000, None),
        ("XSIZE 5", None),
    ],
)
def test_the_largest_message(line: str, size: int | None) -> None:
    assert size == offered(line).size


def test_an_absurd_server_is_cut_short() -> None:
    capabilities = offered(*(f"X{n}" for n in range(900)), "AUTH " + "X " * 900)
    assert len(capabilities.keywords) <= 200
    assert len(offered("AUTH " + " ".join(f"M{n}" for n in range(900))).mechanisms) <= 200


def test_extensions_can_be_left_unused() -> None:
    capabilities = offered("PIPELINING", "CHUNKING", "BINARYMIME")
    without = capabilities.without("CHUNKING", "BINARYMIME", "NEVER")
    assert frozenset({"PIPELINING"}) == without.words
    assert "CHUNKING" in capabilities
