"""Tags, BYE and odd octets (security.md, 1.7: H07 to H09).

What is lost is one answer, as long as the framing lasts.
"""

from __future__ import annotations

from typing import Any

import pytest

from courriel import CourrielError, Disconnected, Garbled, Refused
from tests.faces import Face
from tests.hostile.bounds import CHUNKS, WHOLE, fetching, hi, session_at
from tests.hostile.imap_sink import ImapSink

pytestmark = pytest.mark.virtual

# H07: tags.


@CHUNKS
@pytest.mark.parametrize(
    "answer",
    [
        *(
            "A9 OK wrong",
            "a2 OK wrong",
            "A OK",
            "OK OK",
            "A03 OK",
            "A3 OK early",
            "* A2 OK\r\nA1 OK",
        ),
        *("TAG OK done\r\nTAG OK twice", "A1 OK again\r\nTAG OK", "A3 NO x", "A4 BAD x"),
    ],
)
async def test_h07_a_wrong_tag_ends_the_session_at_once(
    face: Face, answer: str, chunk: int | None
) -> None:
    sink = fetching(f"{WHOLE}\r\n{answer}")
    session = session_at(face, sink, chunk=chunk)
    await session.open()
    # A second answer to a command may come behind it, when it has been believed.
    with pytest.raises(CourrielError):
        await _twice(session)
    assert not session.usable
    await session.close()


async def _twice(session: Any) -> None:
    await session.fetch(1)
    await session.fetch(1)


@CHUNKS
@pytest.mark.parametrize(
    "answer",
    [
        *("* 99 NOOP", "* X-UNKNOWN (1 2 3)", "* ", "*", "* 5", "* (", "* [", '* "x"', "* 1 FETCH"),
        *("* 1 FETCH (", "* 1 FETCH (UID)", "* 1 FETCH (UID x)", "* 1 FETCH (BODY[] )", "* LIST"),
        *("* 0 FETCH (UID 1)", "* 99999999999 EXISTS", "* -1 EXISTS", "* STATUS", "* SEARCH x"),
        *("* 1 EXPUNGE x", "* FLAGS", "* FLAGS (", "* OK [", "* OK [UIDNEXT", "* OK [UIDNEXT x]"),
        *("* ESEARCH (", "* NAMESPACE", "* QUOTA", "* ENABLED", "* ID (", "* VANISHED", "* BAD x"),
        *("*  OK two blanks", "* ok", "* NO", "* THREAD (", "* SORT -1", "* CAPABILITY", "* +"),
        "* 1 FETCH (UID 1 X-NEW {3}\r\na)b X-LIST (1 (2 {1}\r\n))) BODY[HEADER] NIL)",
    ],
)
async def test_h07_h09_an_answer_that_cannot_be_read_is_not_the_end(
    face: Face, answer: str, chunk: int | None
) -> None:
    sink = fetching(f"{answer}\r\n{WHOLE}\r\n{answer}\r\nTAG OK")
    async with session_at(face, sink, chunk=chunk) as session:
        await hi(session)
        await session.noop()


# H08: BYE.


@CHUNKS
@pytest.mark.parametrize(
    "bye", ["* BYE", "* BYE shutting down", "* BYE [UNAVAILABLE] later", "* bye"]
)
@pytest.mark.parametrize("verb", ["EXAMINE", "UID FETCH"])
async def test_h08_bye_in_the_middle_is_the_end_and_said_so(
    face: Face, verb: str, bye: str, chunk: int | None
) -> None:
    sink = ImapSink(answers={verb: f"{bye}\r\nTAG OK"})
    session = session_at(face, sink, chunk=chunk)
    await session.open()
    with pytest.raises(Disconnected, match="ended the session"):
        await session.fetch(1)
    assert not session.usable
    await session.close()


@pytest.mark.parametrize("greeting", ["* BYE", "* BYE [UNAVAILABLE] busy", "* bye x"])
async def test_h08_bye_as_a_greeting_is_a_refusal(face: Face, greeting: str) -> None:
    session = session_at(face, ImapSink(greeting=greeting))
    with pytest.raises(Refused):
        await session.open()


@pytest.mark.parametrize(
    "greeting",
    [
        *("* NO hi", "* BAD hi", "A1 OK hi", "+ OK hi", "OK hi", "220 mx ready", "+OK ready", ""),
        *("* 1 EXISTS", "* CAPABILITY IMAP4rev1", "HTTP/1.1 400 Bad Request", "\x16\x03\x03"),
    ],
)
@CHUNKS
async def test_h08_what_is_no_greeting_is_told_so(
    face: Face, greeting: str, chunk: int | None
) -> None:
    session = session_at(face, ImapSink(greeting=greeting), chunk=chunk)
    with pytest.raises(Garbled):
        await session.open()


# H09: octets that should not be.


@CHUNKS
@pytest.mark.parametrize(
    "noise",
    [
        b"* LIST () NIL a\0b\r\n",
        b"* LIST () NIL \xff\xfe\r\n",
        b"* OK \xff\xfe\0\r\n",
        b"* OK [ALERT] \xe9\0\r\n",
        b"* 3 EXISTS  \r\n",
        b"* 3 EXISTS\n",
        b"* OK bare\n",
        b"* OK a\rb\r\n",
        b"* 3  EXISTS\r\n",
        b"* \xff\xfe\xfd\r\n",
        b"* FLAGS (\\Seen \xff)\r\n",
    ],
)
async def test_h09_odd_octets_are_borne(face: Face, noise: bytes, chunk: int | None) -> None:
    sink = fetching(noise + WHOLE.encode() + b"\r\n" + noise + b"TAG OK\n")
    async with session_at(face, sink, chunk=chunk) as session:
        await hi(session)
        await session.noop()


@CHUNKS
@pytest.mark.parametrize("line", [b"\r\n", b"\n", b"\0\r\n", b"\xff\r\n", b" \r\n", b"x\r\n"])
async def test_h09_a_line_that_nobody_can_have_meant_is_the_end(
    face: Face, line: bytes, chunk: int | None
) -> None:
    session = session_at(face, fetching(line + b"TAG OK\r\n"), chunk=chunk)
    await session.open()
    with pytest.raises(Garbled):
        await session.fetch(1)
    assert not session.usable
    await session.close()
