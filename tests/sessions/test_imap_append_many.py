"""Appending many messages against transcripts: what shares a command, and what is known when."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Iterator
from email.message import EmailMessage
from typing import Any

import pytest

from courriel import Disconnected, Email, Limits, Misused, Refused, TimedOut, Timeout, Uncertain
from courriel.drive.scripted import ScriptedServer
from tests.faces import Face
from tests.sessions.imap_several import Several
from tests.sessions.imap_taker import Taker
from tests.sessions.imap_talk import bye, imap, opened

pytestmark = pytest.mark.virtual

MULTI = "LITERAL+ UIDPLUS MULTIAPPEND"


def mail(number: int) -> bytes:
    """Return a small message: 38 octets, or one more for each further digit."""
    return f"Message-ID: <{number}@example.org>\r\n\r\nHi {number}.\r\n".encode()


MAIL = mail(1)
MAILS = [mail(number) for number in range(1, 4)]
SENT = """
C: Message-ID: <{0}@example.org>
C:
C: Hi {0}.
"""


def sent(number: int) -> str:
    return SENT.format(number)


@pytest.mark.parametrize("chunk", [None, 1, 7])
async def test_all_share_one_command_and_one_flight(face: Face, chunk: int | None) -> None:
    server = ScriptedServer(
        opened(MULTI)
        + r"C: A1 APPEND a (\Seen) {38+}"
        + sent(1)
        + r"C:  (\Seen) {38+}"
        + sent(2)
        + r"C:  (\Seen) {38+}"
        + sent(3)
        + """
        C:
        S: A1 OK [APPENDUID 7 40:42] done
        """
        + bye(2),
        chunk=chunk,
    )
    async with imap(face, server) as session:
        before = server.flights
        assert [40, 41, 42] == await session.append_many("a", MAILS, flags="seen")
        assert 1 == server.flights - before
    server.check()


async def test_without_multiappend_each_has_a_command_and_all_are_in_flight(face: Face) -> None:
    taken = Taker("LITERAL+ UIDPLUS")
    server = ScriptedServer(taken)
    mails = [mail(number) for number in range(250)]
    async with imap(face, server) as session:
        before = server.flights
        assert [5] * 250 == await session.append_many("a", mails)
        # No more commands are in flight than the window allows.
        assert 3 == server.flights - before
    assert mails == taken.messages


async def test_without_literal_plus_each_is_invited(face: Face) -> None:
    taken = Taker()
    server = ScriptedServer(taken)
    async with imap(face, server) as session:
        assert [5] * 3 == await session.append_many("a", MAILS)
    assert MAILS == taken.messages


async def test_nothing_is_said_for_no_messages(face: Face) -> None:
    server = ScriptedServer(opened(MULTI) + bye(1))
    async with imap(face, server) as session:
        assert [] == await session.append_many("a", [])
    server.check()


@pytest.mark.parametrize(
    "code", ["", "[APPENDUID 7 40]", "[APPENDUID 7 40:45]", "[APPENDUID 7 0]", "[X]"]
)
async def test_ids_that_are_not_told_are_none(face: Face, code: str) -> None:
    server = ScriptedServer(
        opened(MULTI)
        + "C: A1 APPEND a {38+}"
        + sent(1)
        + "C:  {38+}"
        + sent(2)
        + f"C:\nS: A1 OK {code} done"
        + bye(2)
    )
    async with imap(face, server) as session:
        assert [None, None] == await session.append_many("a", MAILS[:2])
    server.check()


async def test_a_command_is_bounded_and_the_order_kept(face: Face) -> None:
    taken = Several()
    server = ScriptedServer(taken)
    large = b"Subject: x\r\n\r\n" + b"x" * 700_000 + b"\r\n"
    async with imap(face, server) as session:
        assert list(range(1, 11)) == await session.append_many("a", [large] * 10)
    assert [2, 2, 2, 2, 2] == taken.commands


async def test_what_cannot_be_many_is_misused(face: Face) -> None:
    server = ScriptedServer(opened(MULTI) + bye(1))
    async with imap(face, server) as session:
        for wrong in (MAIL, Email(text="x"), "x", 5, None, EmailMessage(), io.BytesIO(MAIL)):
            with pytest.raises(Misused, match="iterable") as caught:
                await session.append_many("a", wrong)
            assert "append_many" == caught.value.operation
    server.check()


async def test_in_a_pipeline_it_begins_at_once(face: Face) -> None:
    server = ScriptedServer(Several())
    async with imap(face, server) as session:
        before = server.flights
        async with session.pipeline() as pipeline:
            begin = getattr(pipeline, "plain", pipeline).append_many
            one, two = begin("a", MAILS), begin("b", MAILS)
        assert 1 == server.flights - before
        assert ([1, 2, 3], [4, 5, 6]) == (one.result(), two.result())


async def test_only_an_asyncio_session_takes_async_iterables(face: Face) -> None:
    async def given() -> AsyncIterator[bytes]:
        for each in MAILS:
            yield each

    taken = Several()
    async with imap(face, ScriptedServer(taken)) as session:
        if face.blocking:
            with pytest.raises(Misused, match=r"^append_many: .*asynchronous"):
                await session.append_many("a", given())
        else:
            assert [1, 2, 3] == await session.append_many("a", given())
    assert ([] if face.blocking else [3]) == taken.commands


# What goes wrong.


async def test_what_is_refused_together_is_stored_not_at_all(face: Face) -> None:
    taken = Several(refused=(1,))
    async with imap(face, ScriptedServer(taken)) as session:
        with pytest.raises(Refused) as caught:
            await session.append_many("a", MAILS)
        assert session.usable
    error = caught.value
    assert ("append_many", "OVERQUOTA") == (error.operation, error.condition)
    assert "messages 1:3: the server refused APPEND" in str(error)
    assert "Nothing was stored." in str(error)


async def test_what_is_refused_alone_does_not_take_others_with_it(face: Face) -> None:
    taken = Several("LITERAL+ UIDPLUS", refused=(2,))
    async with imap(face, ScriptedServer(taken)) as session:
        with pytest.raises(Refused) as caught:
            await session.append_many("a", MAILS)
        assert session.usable
    assert "message 2: " in str(caught.value)
    assert "Stored for certain: 1,3, counted from 1." in str(caught.value)
    assert [mail(1), mail(3)] == taken.messages


async def test_behind_a_refusal_no_more_are_begun(face: Face) -> None:
    taken = Several("LITERAL+ UIDPLUS", refused=(2,))
    few = Limits(window_octets=3 * len(mail(1)))
    begun: list[int] = []

    def given() -> Iterator[bytes]:
        for number in range(1, 10):
            begun.append(number)
            yield mail(number)

    async with imap(face, ScriptedServer(taken), limits=few) as session:
        with pytest.raises(Refused, match="message 2"):
            await session.append_many("a", given())
    assert len(begun) < 6
    assert len(taken.messages) == len(begun) - 1


@pytest.mark.parametrize("wrong", [b"", b"Subject: x\r\n\r\n\0", "text", 5])
async def test_a_message_that_cannot_be_sent_is_named(face: Face, wrong: Any) -> None:
    taken = Several()
    async with imap(face, ScriptedServer(taken)) as session:
        with pytest.raises(Misused) as caught:
            await session.append_many("a", [*MAILS, wrong, mail(4)])
        assert session.usable
    assert "append_many" == caught.value.operation
    assert "message 4: " in str(caught.value)
    assert "Nothing was stored." in str(caught.value)
    assert [] == taken.messages


async def test_what_is_too_large_is_not_sent(face: Face) -> None:
    taken = Several("LITERAL+ UIDPLUS APPENDLIMIT=40")
    async with imap(face, ScriptedServer(taken)) as session:
        with pytest.raises(Refused) as caught:
            await session.append_many("a", [mail(1), mail(1000)])
    assert ("TOOBIG", "append_many") == (caught.value.condition, caught.value.operation)
    assert "message 2: " in str(caught.value)
    assert "Stored for certain: 1, counted from 1." in str(caught.value)


@pytest.mark.parametrize("kind", [list, iter, lambda items: (item for item in items)])
async def test_an_exception_among_the_messages_is_no_message(face: Face, kind: Any) -> None:
    taken = Several("LITERAL+ UIDPLUS")
    async with imap(face, ScriptedServer(taken)) as session:
        with pytest.raises(Misused, match=r"message 2: .*ValueError") as caught:
            await session.append_many("a", kind([MAILS[0], ValueError("no mail"), MAILS[1]]))
        assert session.usable
    assert "Stored for certain: 1, counted from 1." in str(caught.value)
    assert MAILS[:1] == taken.messages


async def test_what_the_iterable_raises_comes_behind_what_is_in_flight(face: Face) -> None:
    taken = Several("LITERAL+ UIDPLUS")

    def given() -> Iterator[bytes]:
        yield from MAILS
        raise LookupError("no more")

    async with imap(face, ScriptedServer(taken)) as session:
        with pytest.raises(LookupError) as caught:
            await session.append_many("a", given())
        assert session.usable
    assert ["Stored for certain: 1:3, counted from 1."] == caught.value.__notes__
    assert MAILS == taken.messages


@pytest.mark.parametrize(("ending", "cause"), [("-- cut", Disconnected), ("-- stall", TimedOut)])
async def test_no_answer_behind_the_last_octet_is_uncertain(
    face: Face, ending: str, cause: type[Exception]
) -> None:
    server = ScriptedServer(
        opened(MULTI) + "C: A1 APPEND a {38+}" + sent(1) + "C:  {38+}" + sent(2) + f"C:\n{ending}"
    )
    async with imap(face, server) as session:
        with pytest.raises(Uncertain) as caught:
            await session.append_many("a", MAILS[:2])
        assert not caught.value.session_usable
    assert "messages 1:2 were handed over" in str(caught.value)
    assert ("append_many", "<1@example.org>") == (caught.value.operation, caught.value.message_id)
    assert isinstance(caught.value.__cause__, cause)


async def test_what_was_answered_before_the_end_is_told_apart(face: Face) -> None:
    taken = Several("LITERAL+ UIDPLUS", silent=2)
    async with imap(face, ScriptedServer(taken), timeout=Timeout(total=5)) as session:
        with pytest.raises(Uncertain) as caught:
            await session.append_many("a", MAILS)
        assert caught.value.session_usable
    assert "messages 2:3 were handed over" in str(caught.value)
    assert "Stored for certain: 1, counted from 1." in str(caught.value)
    assert "<2@example.org>" == caught.value.message_id


async def test_half_a_command_is_certainly_not_stored(face: Face) -> None:
    server = ScriptedServer(
        opened("UIDPLUS MULTIAPPEND")
        + "C: A1 APPEND a {38}\nS: + go on"
        + sent(1)
        + "C:  {38}\n-- cut"
    )
    async with imap(face, server) as session:
        with pytest.raises(Disconnected) as caught:
            await session.append_many("a", MAILS)
    assert "Nothing was stored." in str(caught.value)
    server.check()
