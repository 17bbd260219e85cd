"""Appending in IMAP sessions against transcripts: octets exactly, out of memory and of files."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

import pytest

from courriel import Disconnected, Email, Limits, Misused, Refused, TimedOut, Uncertain, where
from courriel.drive.scripted import ScriptedServer
from tests.faces import Face
from tests.sessions.imap_taker import Taker
from tests.sessions.imap_talk import bye, examined, imap, opened

pytestmark = pytest.mark.virtual

MAIL = b"Subject: hello\r\nMessage-ID: <1@example.org>\r\n\r\nHi.\r\n"
SMALL = Limits(eager_body=1_000, body_chunk=100)
"""Limits under which a few kilobytes are a large message."""
LONG = b"Subject: long\r\nMessage-ID: <2@example.org>\n\n" + b"one\rtwo\nthree\r\n" * 300


@pytest.mark.parametrize("chunk", [None, 1, 7])
async def test_a_literal_waits_for_the_server(face: Face, chunk: int | None) -> None:
    server = ScriptedServer(
        opened("UIDPLUS")
        + r"""
        C: A1 APPEND "Sent Items" (\Seen $Work) "14-Nov-2026 10:00:00 +0000" {52}
        S: + go on
        C: Subject: hello
        C: Message-ID: <1@example.org>
        C:
        C: Hi.
        C:
        S: A1 OK [APPENDUID 7 42] done
        """
        + bye(2),
        chunk=chunk,
    )
    async with imap(face, server) as session:
        moment = datetime(2026, 11, 14, 10, tzinfo=UTC)
        uid = await session.append("Sent Items", MAIL, flags=("seen", "$Work"), received=moment)
    server.check()
    assert 42 == uid


async def test_with_literal_plus_nobody_waits(face: Face) -> None:
    server = ScriptedServer(
        opened("LITERAL+")
        + """
        C: A1 APPEND a {52+}
        C: Subject: hello
        C: Message-ID: <1@example.org>
        C:
        C: Hi.
        C:
        S: A1 OK done
        """
        + bye(2)
    )
    async with imap(face, server) as session:
        before = server.flights
        assert await session.append("a", MAIL.replace(b"\r\n", b"\n")) is None
        assert 1 == server.flights - before
    server.check()


def standard() -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = "x"
    message.set_content("Hello")
    return message


@pytest.mark.parametrize(
    "make",
    [
        lambda: MAIL,
        lambda: bytearray(MAIL),
        lambda: memoryview(MAIL),
        lambda: io.BytesIO(MAIL),
        lambda: Email.from_source(MAIL),
        lambda: Email(sender="ada@example.org", to="bob@example.org", text="Hi"),
        standard,
    ],
)
async def test_whatever_holds_a_message_can_be_appended(
    face: Face, make: Callable[[], Any]
) -> None:
    taken = Taker()
    async with imap(face, ScriptedServer(taken)) as session:
        assert 5 == await session.append("a", make())
    (content,) = taken.messages
    assert content.count(b"\n") == content.count(b"\r\n") == content.count(b"\r")


@pytest.mark.parametrize(
    "message",
    [
        b"",
        "Subject: x\r\n\r\n",
        5,
        io.StringIO("x"),
        b"Subject: x\r\n\r\n\0",
        io.BytesIO(LONG + b"\0"),
    ],
)
async def test_what_cannot_be_stored_is_refused_here(face: Face, message: Any) -> None:
    server = ScriptedServer(opened() + bye(1))
    async with imap(face, server, limits=SMALL) as session:
        with pytest.raises(Misused) as caught:
            await session.append("a", message)
        assert caught.value.operation
    server.check()


async def test_a_folder_that_is_not_there_takes_no_octets(face: Face) -> None:
    server = ScriptedServer(
        opened()
        + """
        C: A1 APPEND a {*
        S: A1 NO [TRYCREATE] none such
        C: A2 APPEND a {*
        S: A2 NO [TRYCREATE] none such
        """
        + bye(3)
    )
    async with imap(face, server, limits=SMALL) as session:
        for message in (MAIL, io.BytesIO(LONG)):
            with pytest.raises(Refused) as caught:
                await session.append("a", message)
            assert ("append", "TRYCREATE") == (caught.value.operation, caught.value.condition)
            assert "create it first" in str(caught.value)
    server.check()


async def test_what_is_too_large_is_not_sent(face: Face) -> None:
    server = ScriptedServer(opened("APPENDLIMIT=40") + bye(1))
    async with imap(face, server) as session:
        with pytest.raises(Refused) as caught:
            await session.append("a", MAIL)
        assert ("TOOBIG", "append") == (caught.value.condition, caught.value.operation)
        assert not caught.value.retryable
    server.check()


async def test_a_folders_own_limit_is_asked_for_before_a_large_message(face: Face) -> None:
    server = ScriptedServer(
        opened("APPENDLIMIT")
        + """
        C: A1 STATUS a (APPENDLIMIT)
        S: * STATUS a (APPENDLIMIT 2000)
        S: A1 OK done
        """
        + bye(2)
    )
    async with imap(face, server, limits=SMALL) as session:
        with pytest.raises(Refused) as caught:
            await session.append("a", io.BytesIO(LONG))
        assert "TOOBIG" == caught.value.condition
    server.check()


async def test_a_header_in_utf8_is_named_where_that_was_agreed_upon(face: Face) -> None:
    server = ScriptedServer(
        opened("ENABLE UTF8=ACCEPT LITERAL+")
        + """
        C: A1 ENABLE UTF8=ACCEPT
        S: * ENABLED UTF8=ACCEPT
        S: A1 OK done
        C: A2 APPEND "Entwürfe" UTF8 (~{18}
        S: + go on
        C: Subject: ü
        C:
        C: x
        C: )
        S: A2 OK done
        """
        + bye(3)
    )
    async with imap(face, server) as session:
        await session.append("Entwürfe", "Subject: ü\r\n\r\nx\r\n".encode())
    server.check()


@pytest.mark.parametrize("message", [MAIL, LONG])
@pytest.mark.parametrize(("ending", "cause"), [("-- cut", Disconnected), ("-- stall", TimedOut)])
async def test_no_answer_behind_the_last_octet_is_uncertain(
    face: Face, message: bytes, ending: str, cause: type[Exception]
) -> None:
    lines = message.replace(b"\r\n", b"\n").replace(b"\r", b"\n").decode().split("\n")
    said = "\n".join(f"C: {line}" for line in lines)
    server = ScriptedServer(opened("LITERAL+") + f"C: A1 APPEND a {{*+}}\n{said}\n{ending}")
    limits = Limits(body_chunk=100)
    async with imap(face, server, limits=limits) as session:
        with pytest.raises(Uncertain) as caught:
            await session.append("a", message)
        assert "append" == caught.value.operation
        assert caught.value.message_id in ("<1@example.org>", "<2@example.org>")
        assert isinstance(caught.value.__cause__, cause)
        assert not caught.value.session_usable
    server.check()


async def test_an_end_before_the_last_octet_is_certain(face: Face) -> None:
    server = ScriptedServer(
        opened()
        + """
        C: A1 APPEND a {52}
        -- cut
        """
    )
    async with imap(face, server) as session:
        with pytest.raises(Disconnected):
            await session.append("a", MAIL)
    server.check()


async def test_appends_in_a_pipeline_are_in_flight_together(face: Face) -> None:
    taken = Taker("LITERAL+ UIDPLUS")
    server = ScriptedServer(taken)
    async with imap(face, server) as session:
        before = server.flights
        async with session.pipeline() as pipeline:
            begin = getattr(pipeline, "plain", pipeline).append
            pending = [begin("a", MAIL) for _ in range(20)]
        assert 1 == server.flights - before
        assert [5] * 20 == [each.result() for each in pending]
    assert [MAIL] * 20 == taken.messages


@pytest.mark.parametrize("many", [False, True])
@pytest.mark.parametrize("words", ["ACL ACL2=UNION", "ACL"])
async def test_courier_refuses_what_is_put_into_a_folder_that_is_open_for_reading(
    face: Face, words: str, many: bool
) -> None:
    server = ScriptedServer(
        opened(f"LITERAL+ {words}")
        + f"C: A1 EXAMINE a\n{examined(1, 'a')}"
        + "C: A2 UID SEARCH DELETED\nS: * SEARCH\nS: A2 OK\n"
        + (f"C: A3 SELECT a\n{examined(3, 'a', verb='SELECT')}" if "UNION" in words else "")
        + f"C: A{4 if 'UNION' in words else 3} APPEND a {{52+}}"
        + """
        C: Subject: hello
        C: Message-ID: <1@example.org>
        C:
        C: Hi.
        C:
        """
        + (f"S: A{4 if 'UNION' in words else 3} OK done\n")
        + bye(5 if "UNION" in words else 4)
    )
    async with imap(face, server) as session:
        assert [] == await session.search(where.deleted, "a")
        if many:
            assert [None] == await session.append_many("a", [MAIL])
        else:
            assert None is await session.append("a", MAIL)
    server.check()


@pytest.mark.parametrize("words", ["APPENDLIMIT", "APPENDLIMIT=0"])
async def test_a_limit_of_nothing_is_none(face: Face, words: str) -> None:
    asked = """
    C: A1 STATUS a (MESSAGES UNSEEN UIDNEXT UIDVALIDITY APPENDLIMIT RECENT)
    S: * STATUS a (MESSAGES 3 UNSEEN 1 UIDNEXT 9 UIDVALIDITY 7 APPENDLIMIT 0 RECENT 0)
    S: A1 OK done
    """
    if "=" in words:
        asked = asked.replace(" APPENDLIMIT RECENT", " RECENT").replace(" APPENDLIMIT 0", "")
    async with imap(face, ScriptedServer(opened(words) + asked + bye(2))) as session:
        assert (await session.status("a")).append_limit is None
