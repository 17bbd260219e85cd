"""Listings of a POP3 server that lies (security.md, H11): names, sizes, numbers without end."""

from __future__ import annotations

from typing import Any

import pytest

from courriel import Garbled, Limits, SessionState
from courriel.drive.scripted import ScriptedServer
from tests.faces import Face
from tests.pop3_sink import Pop3Sink
from tests.transcripts import POP3_BYE, POP3_OPEN

pytestmark = pytest.mark.virtual


def session_with(face: Face, server: ScriptedServer, **arguments: Any) -> Any:
    options = {"user": "ada", "password": "secret"} | arguments
    return face.scripted(server, "POP3Session", **options)


def listing(sizes: str, names: str) -> str:
    return (
        POP3_OPEN
        + "C: LIST\nC: UIDL\n"
        + "".join(f"S: {line}\n" for line in ["+OK", *sizes.split("|"), "."])
        + "".join(f"S: {line}\n" for line in ["+OK", *names.split("|"), "."])
    )


def headers(*numbers: int) -> str:
    asked = "".join(f"C: TOP {number} 0\n" for number in numbers)
    return asked + "".join(f"S: +OK\nS: Subject: {number}\nS:\nS: .\n" for number in numbers)


async def ids_of(face: Face, script: str, **arguments: Any) -> list[tuple[str, int, str]]:
    server = ScriptedServer(script + POP3_BYE)
    async with session_with(face, server, **arguments) as session:
        found = [(s.id, s.size, s.envelope.subject) async for s in session.messages()]
    server.check()
    return found


async def test_h11_the_same_uidl_twice(face: Face) -> None:
    script = listing("1 5|2 5|3 5|4 5", "1 a|2 a|3 b|4 a") + headers(1, 2, 3, 4)
    assert ["a", "a 2", "b", "a 3"] == [name for name, *_ in await ids_of(face, script)]


async def test_h11_a_uidl_that_looks_like_a_copy(face: Face) -> None:
    script = listing("1 5|2 5|3 5", "1 a 2|2 a|3 a") + headers(1, 2, 3)
    assert ["a 2", "a", "a 3"] == [name for name, *_ in await ids_of(face, script)]


@pytest.mark.parametrize(
    "name", ["x" * 3000, "../../etc/passwd", "a\x01b\x7f", "\xff\xfe", "1 2 3", "<a@b>", "%00"]
)
async def test_h11_a_uidl_is_a_key_and_nothing_else(face: Face, name: str) -> None:
    server = ScriptedServer(
        listing("1 5", f"1 {name}")
        + headers(1)
        + "C: RETR 1\nS: +OK\nS: Subject: 1\nS:\nS: .\n"
        + POP3_BYE
    )
    async with session_with(face, server) as session:
        found = [summary.id async for summary in session.messages()]
        assert "1" == (await session.fetch(found[0])).subject
    server.check()
    assert found[0].encode()


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ("1 -5|2 99999999999999999999999|3 x|4", [0, 0, 0, 0]),
        ("0 5|1 5|99999999999999 5|2 6|1 7|-3 8", [5, 6]),
        ("2 6|1 5", [5, 6]),
        ("1 5 and more|  2   6", [5, 6]),
        ("nonsense||1 999999999999999999", [999999999999999999]),
    ],
)
async def test_h11_sizes_that_are_none(face: Face, sizes: str, expected: list[int]) -> None:
    numbers = range(1, len(expected) + 1)
    names = "|".join(f"{number} n{number}" for number in numbers)
    found = await ids_of(face, listing(sizes, names) + headers(*numbers))
    assert expected == [size for _, size, _ in found]
    assert [str(number) for number in numbers] == [subject for *_, subject in found]


async def test_h11_names_of_messages_that_are_not_there(face: Face) -> None:
    script = listing("1 5", "1 a|2 b|0 c|1 d|99999999999 e|x y|") + headers(1)
    assert [("a", 5, "1")] == await ids_of(face, script)


async def test_h11_a_listing_without_end(face: Face) -> None:
    server = ScriptedServer(POP3_OPEN + "C: LIST\nC: UIDL\nS: +OK\n" + "S: 1 120\n" * 5_000)
    limits = Limits(listing=10_000)
    async with session_with(face, server, limits=limits) as session:
        with pytest.raises(Garbled, match=r"Limits\.listing"):
            [summary async for summary in session.messages()]
        assert SessionState.BROKEN is session.state


async def test_h11_more_messages_than_can_be(face: Face) -> None:
    sizes = "|".join(f"{number} 1" for number in range(1, 200))
    server = ScriptedServer(listing(sizes, "1 a") + POP3_BYE)
    async with session_with(face, server, limits=Limits(answers=100)) as session:
        with pytest.raises(Garbled, match=r"Limits\.answers") as caught:
            [summary async for summary in session.messages()]
        assert caught.value.session_usable
        assert session.usable


async def test_h11_stat_lies(face: Face) -> None:
    for said in ("-5 1", "x", "99999999999999999999 1", "٣ 1"):
        server = ScriptedServer(POP3_OPEN + f"C: STAT\nS: +OK {said.encode().decode('latin-1')}\n")
        async with session_with(face, server) as session:
            with pytest.raises(Garbled) as caught:
                await session.count()
            assert caught.value.session_usable
            assert session.usable


@pytest.mark.parametrize("line_end", [b"\n", b"\r", b"\n\r", b"\r\r", b"\0\r\n"])
async def test_h11_a_mail_cannot_end_its_own_answer(face: Face, line_end: bytes) -> None:
    # Whoever sends such a mail would write the server's next answers.
    fake = line_end + b"." + line_end + b"+OK" + line_end + b"Subject: fake" + line_end * 2
    mails = [b"Subject: one\r\n\r\n" + fake, b"Subject: two\r\n\r\n"]
    sink = Pop3Sink(mails)
    async with session_with(face, ScriptedServer(sink)) as session:
        ids = ["uid-1", "uid-2"]
        found = [email.source async for email in session.fetch_many(ids)]
    assert sink.mails == found


async def test_h11_one_message_named_without_end(face: Face) -> None:
    server = ScriptedServer(listing("|".join(["1 1"] * 200), "1 a") + POP3_BYE)
    async with session_with(face, server, limits=Limits(answers=100)) as session:
        with pytest.raises(Garbled, match=r"Limits\.answers"):
            [summary async for summary in session.messages()]


async def test_h11_one_name_given_without_end(face: Face) -> None:
    script = listing("1 5|2 5", "|".join(["1 a"] * 200) + "|2 b") + headers(1, 2)
    found = await ids_of(face, script, limits=Limits(answers=100))
    assert "a" == found[0][0]
    assert "b" != found[1][0]
