"""Servers that lie (security.md, 1.7: H15, H17, H18): about folders, messages and sizes."""

from __future__ import annotations

from typing import Any

import pytest

from courriel import CourrielError, Garbled, Refused
from tests.faces import Face
from tests.hostile.bounds import CHUNKS, GOOD, LEAF, MIB, WHOLE, fetching, hi, in_little, session_at
from tests.hostile.imap_sink import ImapSink

pytestmark = pytest.mark.virtual

# H15: a folder that cannot be.


@pytest.mark.parametrize(
    "odd",
    [
        "* OK [UIDNEXT 1] down",
        "* 1 EXISTS",
        "* 0 EXISTS",
        "* 99 FETCH (UID 4000000000 FLAGS ())",
        "* 1 FETCH (UID 1 MODSEQ (-1))",
        "* OK [HIGHESTMODSEQ -5] zoho",
        "* OK [UIDVALIDITY 99] changed",
        "* OK [UIDVALIDITY NIL] none",
        "* 99 EXPUNGE",
        "* 0 EXPUNGE",
        "* VANISHED 5000",
    ],
)
async def test_h15_what_cannot_be_true_of_a_folder_crashes_nothing(face: Face, odd: str) -> None:
    sink = ImapSink(
        *("CONDSTORE", "IDLE"),
        answers={
            "UID FETCH": f"{odd}\r\n{WHOLE}\r\n{odd}\r\nTAG OK",
            "UID SEARCH": "* SEARCH 1 2 3\r\nTAG OK",
            "IDLE": f"+ idling\r\n{odd}\r\n{odd}",
        },
    )
    async with session_at(face, sink) as session:
        await hi(session)
        async for event in session.watch(timeout=1):
            assert "INBOX" == event.folder
        await hi(session)


async def test_h15_a_folder_that_was_made_anew_is_told(face: Face) -> None:
    validities = iter([7, 7, 8, 8])

    def answer(command: str) -> str | None:
        if command.startswith("EXAMINE"):
            number = next(validities) if "INBOX" in command else 1
            return f"* 3 EXISTS\r\n* OK [UIDVALIDITY {number}] ok\r\nTAG OK"
        return f"{WHOLE}\r\nTAG OK" if command.startswith("UID FETCH") else None

    async with session_at(face, ImapSink(answers=answer)) as session:
        for _ in range(2):
            await session.fetch(1, folder="INBOX")
            await session.fetch(1, folder="Other")
        with pytest.raises(Refused, match="UIDVALIDITY") as caught:
            await session.fetch(1, folder="INBOX")
        assert caught.value.session_usable
        await session.fetch(1, folder="INBOX")


# H17: more, less, and other than was asked for.

LINE = "* {n} FETCH (UID {n} BODY[] {{10}}\r\nSubject: {n}\r\n)"


def message(number: int, uid: int | None = None, section: str = "BODY[]") -> str:
    text = f"Subject: {uid or number}\r\n\r\n"
    return f"* {number} FETCH (UID {uid or number} {section} {{{len(text)}}}\r\n{text})"


@CHUNKS
@pytest.mark.parametrize(
    "answers",
    [
        [message(2), message(1)],
        [message(1), message(1), message(1)],
        [message(1), message(9, 4_000)],
        [message(9, 4_000), message(1)],
        ["* 1 FETCH (UID 1 FLAGS ())", message(1)],
        [message(1, section="BODY[TEXT]"), message(1)],
        [message(1, section="RFC822"), message(1)],
        [message(1), "* 1 FETCH (UID 1 BODY[] NIL)"],
        ["* 2 FETCH (FLAGS (\\Seen))", message(1), "* 1 FETCH (FLAGS (\\Seen))"],
        [message(77, 1)],
    ],
    ids=range(10),
)
async def test_h17_one_message_is_what_was_asked_for(
    face: Face, answers: list[str], chunk: int | None
) -> None:
    sink = fetching("\r\n".join([*answers, "TAG OK"]))
    async with session_at(face, sink, chunk=chunk) as session:
        assert "1" == (await session.fetch(1)).subject


@CHUNKS
@pytest.mark.parametrize(
    "answers",
    [
        [],
        [message(2)],
        ["* 1 FETCH (FLAGS ())"],
        ["* 1 FETCH (UID 1 FLAGS ())"],
        [message(1, section="BODY[TEXT]")],
        [message(1, section="BODY[]<5>")],
        [message(1, uid=2)],
    ],
    ids=range(7),
)
async def test_h17_what_did_not_come_is_not_there(
    face: Face, answers: list[str], chunk: int | None
) -> None:
    sink = fetching("\r\n".join([*answers, "TAG OK"]))
    async with session_at(face, sink, chunk=chunk) as session:
        with pytest.raises(Refused) as caught:
            await session.fetch(1)
        assert "NONEXISTENT" == caught.value.condition
        assert session.usable


async def _collect(found: Any, into: list[Any]) -> None:
    async for one in found:
        into.append(one)


async def test_h17_many_messages_come_in_order_whatever_the_server_does(face: Face) -> None:
    said = [message(3), message(3), message(9, 4_000), message(1), "* 1 FETCH (UID 1 FLAGS ())"]
    sink = fetching("\r\n".join([*said, "TAG OK"]))
    async with session_at(face, sink) as session:
        emails: list[Any] = []
        with pytest.raises(Refused) as caught:
            await _collect(session.fetch_many([1, 2, 3, 1]), emails)
        assert ["1", "3", "1"] == [email.subject for email in emails]
        assert "message 2" in str(caught.value)
        assert session.usable


# H18: sizes that lie.


@pytest.mark.parametrize("size", ["0", "1", "99999999999", "18446744073709551615", "-1", "NIL"])
async def test_h18_the_size_is_only_what_the_server_says(face: Face, size: str) -> None:
    said = f"* 1 FETCH (UID 1 FLAGS () RFC822.SIZE {size} ENVELOPE {GOOD} BODYSTRUCTURE {LEAF})"
    sink = ImapSink(
        answers={
            "FETCH": f"{said}\r\nTAG OK",
            "UID FETCH": f"{WHOLE}\r\nTAG OK",
        }
    )
    async with session_at(face, sink) as session:
        for summary in [one async for one in session.messages(limit=3)]:
            assert "hello" == (await session.fetch(summary)).subject
        await session.noop()


async def test_h18_a_message_beyond_the_limit_is_not_taken(face: Face) -> None:
    sink = fetching("* 1 FETCH (UID 1 BODY[] {10000000000}\r\nSubject: x")
    session = session_at(face, sink)
    await session.open()
    with in_little(), pytest.raises(Garbled, match="literal"):
        await session.fetch(1)
    await session.close()


async def test_h18_a_large_message_waits_in_a_file(face: Face) -> None:
    octets = 40 * MIB
    head = b"Subject: large\r\n\r\n"
    rest = octets - len(head)
    said = [b"* 1 FETCH (UID 1 BODY[] {%d}\r\n" % octets + head]
    said += [b"a" * MIB] * (rest // MIB) + [b"a" * (rest % MIB) + b")\r\nTAG NO no\r\n"]
    sink = ImapSink()
    tag = b""

    def server_says(heard: bytes) -> bytes:
        nonlocal tag
        if b"UID FETCH" in heard:
            tag = heard.split(b" ")[0]
        if tag and said:
            return said.pop(0).replace(b"TAG", tag)
        return sink(heard) if not tag else b"A9 OK\r\n"

    session = session_at(face, server_says)
    await session.open()
    with in_little(), pytest.raises(CourrielError):
        await session.fetch(1)
    await session.close()
