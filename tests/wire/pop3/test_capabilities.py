"""The answer to CAPA, as servers write it."""

from __future__ import annotations

import pytest

from courriel.wire.pop3.capabilities import Capabilities

DOVECOT = b"CAPA\r\nTOP\r\nUIDL\r\nRESP-CODES\r\nPIPELINING\r\nAUTH-RESP-CODE\r\nSTLS\r\nUSER\r\n"
DOVECOT += b"SASL PLAIN LOGIN\r\n"


def test_tags_and_parameters() -> None:
    capabilities = Capabilities.of(DOVECOT)
    assert capabilities.known
    assert "PIPELINING" in capabilities
    assert ("PLAIN", "LOGIN") == capabilities.mechanisms
    assert {"SASL", "SASL=PLAIN", "SASL=LOGIN", "STLS"} <= capabilities.words
    assert capabilities.takes_user
    assert capabilities.may("TOP")
    assert not capabilities.may("UTF8")


def test_nothing_known_is_anything_possible() -> None:
    capabilities = Capabilities()
    assert not capabilities.known
    assert capabilities.takes_user
    assert capabilities.may("TOP")
    assert frozenset() == capabilities.words


@pytest.mark.parametrize(
    ("lines", "takes_user"),
    [
        (b"TOP\r\nUIDL\r\n", True),
        (b"SASL PLAIN\r\n", False),
        (b"SASL PLAIN\r\nUSER\r\n", True),
        (b"SASL\r\n", True),
    ],
)
def test_user_is_tried_where_nothing_else_is_offered(lines: bytes, takes_user: bool) -> None:
    assert takes_user is Capabilities.of(lines).takes_user


@pytest.mark.parametrize(
    "line", [b"EXPIRE NEVER", b"EXPIRENEVER", b"EXPIRE-NEVER", b"expire never"]
)
def test_h11_a_capability_without_its_space(line: bytes) -> None:
    assert {"EXPIRE", "EXPIRE=NEVER"} == Capabilities.of(line + b"\r\n").words


def test_a13_a_spoofed_list_is_read_once_and_bounded() -> None:
    lines = b"SASL PLAIN plain GSSAPI GSSAPI\r\nSASL XEVIL\r\n\r\n \r\n"
    assert ("PLAIN", "GSSAPI", "XEVIL") == Capabilities.of(lines).mechanisms
    many = b"".join(b"X%d\r\n" % number for number in range(100_000))
    assert 200 == len(Capabilities.of(many).tags)
    assert 200 == len(Capabilities.of(b"SASL " + b" ".join(many.split())).mechanisms)


def test_octets_of_no_charset_do_no_harm() -> None:
    assert {"\xff\ufffd".upper(), "TOP"} == Capabilities.of(b"\xff\x00\r\nTOP\r\n").words
