"""How long is waited for a server, to the second, on virtual time and in both colours."""

from __future__ import annotations

import asyncio
import io
from typing import Any

import pytest

from courriel import Disconnected, Limits, TimedOut, Timeout, Uncertain
from courriel.drive.scripted import ScriptedServer
from courriel.model.options import SessionState
from tests.drive.slow import SlowServer, StallingServer
from tests.faces import Face
from tests.transcripts import BYE, OPEN

pytestmark = pytest.mark.virtual

MAIL = b"Subject: hello\r\n\r\nHi.\r\n"
ADDRESSES: dict[str, Any] = {"sender": "ada@example.org", "recipients": ["bob@example.org"]}

CHUNKING = OPEN.replace("250 PIPELINING", "250 CHUNKING")
ENVELOPE = """
C: MAIL FROM:*
C: RCPT TO:*
C: DATA
S: 250 ok
S: 250 ok
S: 354 go on
"""


class Watch:
    """The virtual clock of whichever colour."""

    def __init__(self, face: Face, server: ScriptedServer) -> None:
        self._face = face
        self._server = server
        self._start = self.now()

    def now(self) -> float:
        if self._face.blocking:
            return self._server.clock
        return asyncio.get_running_loop().time()

    @property
    def elapsed(self) -> float:
        return round(self.now() - self._start, 3)


def big(octets: int) -> bytes:
    """Return a message of that size."""
    return b"Subject: big\r\n\r\n" + (b"y" * 62 + b"\r\n") * (octets // 64)


class TestOpening:
    async def test_a_greeting_that_never_comes(self, face: Face) -> None:
        server = ScriptedServer("-- stall")
        session = face.scripted(server, timeout=Timeout(connect=7, read=60))
        watch = Watch(face, server)
        with pytest.raises(TimedOut, match="firewall") as caught:
            await session.open()
        assert 7 == watch.elapsed
        assert not caught.value.session_usable
        assert SessionState.CLOSED is session.state

    async def test_a_greeting_that_comes_a_byte_a_second(self, face: Face) -> None:
        server = ScriptedServer("-- drip 1\nS: 220 mx.example.org ready")
        session = face.scripted(server, timeout=Timeout(connect=7, read=60))
        watch = Watch(face, server)
        with pytest.raises(TimedOut):
            await session.open()
        assert 7 == watch.elapsed

    async def test_a_tls_handshake_that_never_ends(self, face: Face) -> None:
        server = ScriptedServer("-- stall")
        session = face.scripted(server, security="tls", timeout=Timeout(connect=7, read=60))
        watch = Watch(face, server)
        with pytest.raises(TimedOut):
            await session.open()
        assert 7 == watch.elapsed

    async def test_behind_the_greeting_the_read_timeout_counts(self, face: Face) -> None:
        server = ScriptedServer("S: 220 mx\nC: EHLO *\n-- stall")
        session = face.scripted(server, timeout=Timeout(connect=7, read=20))
        watch = Watch(face, server)
        with pytest.raises(TimedOut):
            await session.open()
        assert 20 == watch.elapsed

    async def test_total_bounds_it_all(self, face: Face) -> None:
        server = ScriptedServer("-- wait 4\nS: 220 mx\nC: EHLO *\n-- stall")
        session = face.scripted(server, timeout=Timeout(connect=7, read=20, total=9))
        watch = Watch(face, server)
        with pytest.raises(TimedOut, match="within 9 s"):
            await session.open()
        assert 9 == watch.elapsed

    async def test_one_that_failed_can_be_opened_again(self, face: Face) -> None:
        server = ScriptedServer("-- stall", OPEN + BYE)
        session = face.scripted(server, timeout=Timeout(connect=7))
        with pytest.raises(TimedOut):
            await session.open()
        await session.open()
        await session.close()
        server.check()


class TestReading:
    @pytest.mark.parametrize("says", ["", "-- drip 1\nS: 250 here I am, but rather slowly"])
    async def test_an_answer_must_be_complete_in_time(self, face: Face, says: str) -> None:
        server = ScriptedServer(OPEN + "C: NOOP\n" + says + "\n-- stall")
        session = face.scripted(server, timeout=Timeout(read=20))
        async with session:
            watch = Watch(face, server)
            with pytest.raises(TimedOut, match="within 20 s") as caught:
                await session.noop()
            assert 20 == watch.elapsed
            assert not caught.value.session_usable
            assert SessionState.BROKEN is session.state
            with pytest.raises(Disconnected, match="broken"):
                await session.noop()

    async def test_a_reply_of_many_lines_is_one_answer(self, face: Face) -> None:
        lines = "".join(f"S: 214-line {n}\n-- wait 1\n" for n in range(40))
        server = ScriptedServer(OPEN + "C: HELP\n" + lines + "S: 214 end")
        async with face.scripted(server, timeout=Timeout(read=20)) as session:
            watch = Watch(face, server)
            with pytest.raises(TimedOut):
                await session.help()
            assert 20 == watch.elapsed

    async def test_each_answer_is_progress(self, face: Face) -> None:
        server = ScriptedServer(
            OPEN.replace("S: 250-mx.example.org\nS: 250 PIPELINING", "S: 250 mx.example.org")
            + """
            C: MAIL FROM:*
            -- wait 15
            S: 250 ok
            C: RCPT TO:*
            -- wait 15
            S: 250 ok
            C: DATA
            -- wait 15
            S: 354 go on
            C: <message>
            -- wait 15
            S: 250 taken
            C: QUIT
            S: 221 bye
            """
        )
        async with face.scripted(server, timeout=Timeout(read=20)) as session:
            watch = Watch(face, server)
            receipt = await session.send(MAIL, **ADDRESSES)
            assert 60 == watch.elapsed
            assert ("bob@example.org",) == receipt.accepted
        server.check()

    async def test_waiting_begins_with_the_question(self, face: Face) -> None:
        server = ScriptedServer(
            OPEN + "C: NOOP\n-- wait 15\nS: 250 one\nC: NOOP\n-- wait 15\nS: 250 two\n"
            "C: QUIT\nS: 221 bye"
        )
        async with face.scripted(server, timeout=Timeout(read=20)) as session:
            await session.noop()
            if face.blocking:
                server.clock += 100
            else:
                await asyncio.sleep(100)
            assert "two" == (await session.noop()).text
        server.check()

    async def test_silence_behind_the_dot_is_uncertain(self, face: Face) -> None:
        server = ScriptedServer(OPEN + ENVELOPE + "C: <message>\n-- stall")
        async with face.scripted(server, timeout=Timeout(read=20)) as session:
            watch = Watch(face, server)
            with pytest.raises(Uncertain) as caught:
                await session.send(MAIL, **ADDRESSES)
            assert 20 == watch.elapsed
            assert not caught.value.session_usable


class TestTotal:
    async def test_it_bounds_the_operation_and_the_session_goes_on(self, face: Face) -> None:
        server = ScriptedServer(
            OPEN + "C: NOOP\n-- wait 30\nS: 250 late\nC: NOOP\nS: 250 the second\n"
            "C: QUIT\nS: 221 bye"
        )
        async with face.scripted(server, timeout=Timeout(read=60, total=20)) as session:
            watch = Watch(face, server)
            with pytest.raises(TimedOut, match="within 20 s") as caught:
                await session.noop()
            assert 20 == watch.elapsed
            assert caught.value.session_usable
            assert "the second" == (await session.noop()).text
            assert 30 == watch.elapsed
        server.check()

    async def test_the_read_timeout_still_counts(self, face: Face) -> None:
        server = ScriptedServer(OPEN + "C: NOOP\n-- stall")
        async with face.scripted(server, timeout=Timeout(read=5, total=20)) as session:
            watch = Watch(face, server)
            with pytest.raises(TimedOut, match="within 5 s"):
                await session.noop()
            assert 5 == watch.elapsed


class TestClosing:
    async def test_a_server_that_never_answers_quit_holds_nobody_up(self, face: Face) -> None:
        server = ScriptedServer(OPEN + "C: QUIT\n-- stall")
        session = face.scripted(server, timeout=Timeout(read=600))
        await session.open()
        watch = Watch(face, server)
        await session.close()
        assert Limits().farewell == watch.elapsed
        server.check()


TAKEN = "C: <message>\nS: 250 taken\nC: QUIT\nS: 221 bye"


class TestBulk:
    @pytest.mark.parametrize("security", ["plaintext", "tls"])
    async def test_a_slow_server_that_keeps_the_rate_is_waited_for(
        self, face: Face, security: str
    ) -> None:
        hello = "C: <tls>" + OPEN if security == "tls" else OPEN
        server = SlowServer(hello + ENVELOPE + TAKEN, rate=1000)
        session = face.scripted(
            server, security=security, timeout=Timeout(read=10), limits=Limits(minimum_rate=500)
        )
        async with session:
            watch = Watch(face, server)
            receipt = await session.send(big(400_000), **ADDRESSES)
            assert ("bob@example.org",) == receipt.accepted
            assert 395 <= watch.elapsed <= 405
        server.check()

    async def test_one_that_does_not_is_not(self, face: Face) -> None:
        server = SlowServer(OPEN + ENVELOPE + TAKEN, rate=100)
        timeout, limits = Timeout(read=10), Limits(minimum_rate=500)
        async with face.scripted(server, timeout=timeout, limits=limits) as session:
            watch = Watch(face, server)
            with pytest.raises(TimedOut):
                await session.send(big(200_000), **ADDRESSES)
            assert 10 <= watch.elapsed <= 21

    @pytest.mark.parametrize("security", ["plaintext", "tls"])
    @pytest.mark.parametrize(("trickle", "most"), [(0, 13.5), (100, 16)])
    async def test_one_that_stops_taking_is_given_up_behind_what_it_took(
        self, face: Face, security: str, trickle: int, most: float
    ) -> None:
        hello = "C: <tls>" + OPEN if security == "tls" else OPEN
        script = hello + ENVELOPE + TAKEN
        server = StallingServer(script, rate=50_000, octets=170_000, trickle=trickle)
        timeout, limits = Timeout(read=10), Limits(minimum_rate=500)
        session = face.scripted(server, security=security, timeout=timeout, limits=limits)
        async with session:
            watch = Watch(face, server)
            with pytest.raises(TimedOut, match="within 10 s"):
                await session.send(big(400_000), **ADDRESSES)
            # It took the last of these octets in the fourth second.
            assert 12 <= watch.elapsed <= most
            assert SessionState.BROKEN is session.state

    @pytest.mark.parametrize("hello", [OPEN, CHUNKING])
    async def test_one_that_takes_nothing_more_of_a_file_is_not_either(
        self, face: Face, hello: str
    ) -> None:
        envelope = (
            ENVELOPE if hello is OPEN else ("C: MAIL FROM:*\nS: 250 ok\nC: RCPT TO:*\nS: 250 ok\n")
        )
        server = SlowServer(hello + envelope + TAKEN, rate=50)
        limits = Limits(minimum_rate=500, eager_body=1000, body_chunk=1000)
        session = face.scripted(server, timeout=Timeout(read=10), limits=limits)
        async with session:
            watch = Watch(face, server)
            with pytest.raises(TimedOut):
                await session.send_source(io.BytesIO(big(200_000)), **ADDRESSES)
            assert watch.elapsed <= 60
            assert SessionState.BROKEN is session.state
