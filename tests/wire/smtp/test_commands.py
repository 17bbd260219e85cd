"""Commands: exact octets, nothing that could end a line, no secret where it can be read."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courriel.errors import Misused
from courriel.wire.smtp.commands import (
    NOOP,
    QUIT,
    RSET,
    STARTTLS,
    Auth,
    AuthResponse,
    Command,
    Hello,
    Mail,
    Rcpt,
    Simple,
    bdat,
    check_path,
    xtext,
)

Line: TypeAlias = Command | Mail | Rcpt

EXACT: list[tuple[Line, bytes]] = [
    (Hello("EHLO", "me.example.org"), b"EHLO me.example.org\r\n"),
    (Hello("HELO", "[127.0.0.1]"), b"HELO [127.0.0.1]\r\n"),
    (Hello("LHLO", "[IPv6:::1]"), b"LHLO [IPv6:::1]\r\n"),
    (NOOP, b"NOOP\r\n"),
    (RSET, b"RSET\r\n"),
    (QUIT, b"QUIT\r\n"),
    (STARTTLS, b"STARTTLS\r\n"),
    (Simple("HELP"), b"HELP\r\n"),
    (Simple("VRFY", "Ada Lovelace"), b"VRFY Ada Lovelace\r\n"),
    (Simple("VRFY", "jürgen", utf8=True), "VRFY jürgen SMTPUTF8\r\n".encode()),
    (Auth("PLAIN"), b"AUTH PLAIN\r\n"),
    (Auth("PLAIN", b"\0ada\0secret"), b"AUTH PLAIN AGFkYQBzZWNyZXQ=\r\n"),
    (Auth("EXTERNAL", b""), b"AUTH EXTERNAL =\r\n"),
    (AuthResponse(b"secret"), b"c2VjcmV0\r\n"),
    (AuthResponse(b""), b"\r\n"),
    (AuthResponse(None), b"*\r\n"),
    (Mail(""), b"MAIL FROM:<>\r\n"),
    (Mail("ada@example.org"), b"MAIL FROM:<ada@example.org>\r\n"),
    (
        Mail("ada@example.org", ("SIZE=5", "BODY=8BITMIME")),
        b"MAIL FROM:<ada@example.org> SIZE=5 BODY=8BITMIME\r\n",
    ),
    (
        Mail("jürgen@bücher.example", ("SMTPUTF8",)),
        "MAIL FROM:<jürgen@bücher.example> SMTPUTF8\r\n".encode(),
    ),
    (Rcpt("bob@example.org"), b"RCPT TO:<bob@example.org>\r\n"),
    (Rcpt("postmaster"), b"RCPT TO:<postmaster>\r\n"),
    (Rcpt('"a b"@example.org'), b'RCPT TO:<"a b"@example.org>\r\n'),
    (Rcpt('"a>\\" b"@[192.0.2.1]'), b'RCPT TO:<"a>\\" b"@[192.0.2.1]>\r\n'),
    (
        Rcpt("bob@example.org", ("NOTIFY=NEVER", "ORCPT=rfc822;bob@example.org")),
        b"RCPT TO:<bob@example.org> NOTIFY=NEVER ORCPT=rfc822;bob@example.org\r\n",
    ),
]


@pytest.mark.parametrize(("command", "octets"), EXACT)
def test_a_command_is_these_octets(command: Line, octets: bytes) -> None:
    assert octets == command.encode()


FORBIDDEN = [
    "\r\n",
    "\r",
    "\n",
    "\0",
    "\t",
    "\x1b",
    "\x7f",
    "\x80",
    "\x85",
    "\x9f",
    "\u2028",
    "\u2029",
    "\ud800",
    "\udfff",
]
PLACES: list[Callable[[str], Line]] = [
    lambda text: Hello("EHLO", text),
    lambda text: Simple("NOOP", text),
    lambda text: Simple("HELP", text),
    lambda text: Simple("VRFY", text),
    lambda text: Auth(text),
    lambda text: Auth(text, b"initial"),
    lambda text: Mail(text),
    lambda text: Mail(f"{text}@example.org"),
    lambda text: Mail(f"ada@{text}"),
    lambda text: Mail(f'"{text}"@example.org'),
    lambda text: Mail("ada@example.org", (f"ENVID={text}",)),
    lambda text: Rcpt(text),
    lambda text: Rcpt(f"{text}@example.org"),
    lambda text: Rcpt(f"bob@{text}"),
    lambda text: Rcpt(f'"{text}"@example.org'),
    lambda text: Rcpt(f'"\\{text}"@example.org'),
    lambda text: Rcpt("bob@example.org", (f"ORCPT=rfc822;{text}",)),
]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("character", FORBIDDEN, ids=ascii)
@pytest.mark.parametrize("frame", ["{}", "a{}", "{}a", "a{}QUIT"])
def test_no_argument_can_end_its_line(
    place: Callable[[str], Line], character: str, frame: str
) -> None:
    with pytest.raises(Misused) as caught:
        place(frame.format(character)).encode()
    # Nor can the error's own text.
    assert not re.search("[\r\n\0\x85\u2028]", str(caught.value))


@pytest.mark.parametrize(
    "command",
    [
        Hello("EHLO", "münchen.example"),
        Simple("NOOP", "é"),
        Simple("HELP", "é"),
        Simple("VRFY", "jürgen"),
        Auth("PLÄIN"),
        Mail("jürgen@example.org"),
        Mail("ada@example.org", ("ENVID=é", "SIZE=1")),
    ],
    ids=lambda command: command.verb,
)
def test_without_smtputf8_only_ascii_can_be_said(command: Line) -> None:
    with pytest.raises(Misused, match="not ASCII"):
        command.encode()


def test_an_initial_response_fits_into_512_octets_or_waits() -> None:
    fits = Auth("EXTERNAL", bytes(372))
    assert 512 == len(fits.encode())
    assert fits.fits
    assert not Auth("EXTERNAL", bytes(373)).fits
    assert Auth("LOGIN").fits


@given(text=st.text(), place=st.sampled_from(PLACES))
def test_a_command_is_one_line_or_none(text: str, place: Callable[[str], Line]) -> None:
    try:
        octets = place(text).encode()
    except Misused:
        return
    assert octets.endswith(b"\r\n")
    assert not re.search(rb"[\x00-\x1f\x7f]", octets[:-2])


@pytest.mark.parametrize(
    "path",
    [
        "",
        " ",
        "ada lovelace@example.org",
        "ada@example.org>",
        "<ada@example.org",
        "ada@example.org> SIZE=1",
        "ada@exa mple.org",
        "ada@@example.org",
        "ada@",
        "@example.org",
        "@relay.example.org:ada@example.org",
        "a,b@example.org",
        "ada@example.org,bob@example.org",
        "ada@example.org (Ada)",
        '"ada@example.org',
        'a"b"@example.org',
        '"a"b"@example.org',
        '"a\\"@example.org',
        "ada\u00a0@example.org",
        "ada@example.org\u3000",
    ],
)
def test_what_is_no_path_is_refused(path: str) -> None:
    with pytest.raises(Misused, match="not an e-mail address"):
        check_path(path)
    with pytest.raises(Misused):
        Rcpt(path).encode()


@pytest.mark.parametrize("name", ["", " ", "me example org", "me \r\n"])
def test_what_is_no_host_name_is_refused(name: str) -> None:
    with pytest.raises(Misused):
        Hello("EHLO", name).encode()


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        (Auth("PLAIN", b"\0ada\0secret"), "AUTH PLAIN …"),
        (Auth("LOGIN"), "AUTH LOGIN"),
        (AuthResponse(b"secret"), "…"),
        (AuthResponse(b""), "…"),
        (AuthResponse(None), "*"),
    ],
)
def test_no_secret_is_shown(command: Command, shown: str) -> None:
    assert shown == command.shown()
    for text in (repr(command), str(command), f"{command}", command.shown()):
        assert "secret" not in text
        assert "c2VjcmV0" not in text
        assert "AGFkYQBzZWNyZXQ=" not in text


@pytest.mark.parametrize(
    ("command", "octets"), [(c, o) for c, o in EXACT if not isinstance(c, (Auth, AuthResponse))]
)
def test_everything_else_is_shown_as_it_is(command: Line, octets: bytes) -> None:
    assert octets.decode().removesuffix("\r\n") == command.shown()


@pytest.mark.parametrize(
    ("command", "last"),
    [
        (Hello("EHLO", "me"), True),
        (Auth("PLAIN"), True),
        (AuthResponse(b""), True),
        (NOOP, True),
        (QUIT, True),
        (STARTTLS, True),
        (Simple("VRFY", "bob"), True),
        (RSET, False),
        (Simple("HELP"), False),
    ],
)
def test_some_commands_end_their_group(command: Command, last: bool) -> None:
    assert last == command.ends_group


@pytest.mark.parametrize(
    ("parameters", "announces"),
    [((), False), (("SIZE=1",), True), (("BODY=8BITMIME",), True), (("SMTPUTF8",), False)],
)
def test_some_parameters_only_announce(parameters: tuple[str, ...], announces: bool) -> None:
    assert announces == Mail("ada@example.org", parameters).announces


def test_bdat() -> None:
    assert b"BDAT 5\r\n" == bdat(5, last=False)
    assert b"BDAT 0 LAST\r\n" == bdat(0, last=True)


class TestXtext:
    @pytest.mark.parametrize(
        ("text", "encoded"),
        [("abc", "abc"), ("a+b=c", "a+2Bb+3Dc"), ("a b", "a+20b"), ("\r\n", "+0D+0A"), ("", "")],
    )
    def test_some_characters_are_hidden(self, text: str, encoded: str) -> None:
        assert encoded == xtext(text)

    @given(text=st.text(st.characters(max_codepoint=127)))
    def test_the_other_side_gets_the_text(self, text: str) -> None:
        encoded = xtext(text)
        assert re.fullmatch(r"(?:[!-*,-<>-~]|\+[0-9A-F]{2})*", encoded)
        assert text == re.sub(r"\+(..)", lambda found: chr(int(found[1], 16)), encoded)
