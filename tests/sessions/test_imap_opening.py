"""Opening IMAP sessions against transcripts: what is said before anything is asked."""

from __future__ import annotations

from typing import Any

import pytest

from courriel import (
    Disconnected,
    Garbled,
    InsecureConnection,
    Misused,
    Refused,
    SessionState,
    TimedOut,
    Timeout,
    Unauthorised,
)
from courriel.drive.scripted import ScriptedServer
from tests.faces import Face
from tests.sessions.imap_talk import bye, examined, imap, opened

pytestmark = pytest.mark.virtual

ADA: dict[str, Any] = {"user": "ada", "password": "hunter2"}
# "\0ada\0hunter2" in base64.
INITIAL = "AGFkYQBodW50ZXIy"
OFFERS = "AUTH=PLAIN SASL-IR"


async def flights_to_open(face: Face, script: str, **arguments: Any) -> int:
    """Open and close; return how many round trips the opening took."""
    server = ScriptedServer(script)
    async with imap(face, server, **arguments) as session:
        assert SessionState.OPEN is session.state
        flights = server.flights
    server.check()
    return flights


@pytest.mark.parametrize("chunk", [None, 1, 7])
async def test_plain_with_an_initial_response(face: Face, chunk: int | None) -> None:
    server = ScriptedServer(
        opened(OFFERS)
        + f"""
        C: A1 AUTHENTICATE PLAIN {INITIAL}
        S: A1 OK [CAPABILITY IMAP4rev1 IDLE] welcome
        """
        + bye(2),
        chunk=chunk,
    )
    async with imap(face, server, **ADA) as session:
        assert 1 == server.flights
        assert {"IMAP4REV1", "IDLE"} == session.capabilities
        assert "ready" == session.greeting
        assert not session.secured
    server.check()


async def test_without_sasl_ir_it_is_asked_for(face: Face) -> None:
    script = (
        opened("AUTH=PLAIN")
        + f"""
    C: A1 AUTHENTICATE PLAIN
    S: +
    C: {INITIAL}
    S: A1 OK [CAPABILITY IMAP4rev1] welcome
    """
    )
    assert 2 == await flights_to_open(face, script + bye(2), **ADA)


async def test_login_where_there_is_nothing_better(face: Face) -> None:
    script = (
        opened()
        + """
    C: A1 LOGIN ada hunter2
    S: A1 OK [CAPABILITY IMAP4rev1] welcome
    """
    )
    assert 1 == await flights_to_open(face, script + bye(2), **ADA)


async def test_capabilities_are_asked_for_when_nobody_says_them(face: Face) -> None:
    script = """
    S: * OK ready
    C: A1 CAPABILITY
    S: * CAPABILITY IMAP4rev1
    S: A1 OK
    C: A2 LOGIN ada hunter2
    S: A2 OK welcome
    C: A3 CAPABILITY
    S: * CAPABILITY IMAP4rev1 IDLE
    S: A3 OK
    """
    assert 3 == await flights_to_open(face, script + bye(4), **ADA)


async def test_starttls(face: Face) -> None:
    server = ScriptedServer(
        opened("STARTTLS LOGINDISABLED")
        + f"""
        C: A1 STARTTLS
        S: A1 OK go
        C: <tls>
        C: A2 CAPABILITY
        S: * CAPABILITY IMAP4rev1 {OFFERS}
        S: A2 OK
        C: A3 AUTHENTICATE PLAIN {INITIAL}
        S: A3 OK [CAPABILITY IMAP4rev1] welcome
        """
        + bye(4)
    )
    async with imap(face, server, security="starttls", **ADA) as session:
        assert session.secured
        assert 4 == server.flights
    server.check()


async def test_implicit_tls(face: Face) -> None:
    script = f"""
    C: <tls>
    {opened(OFFERS)}
    C: A1 AUTHENTICATE PLAIN {INITIAL}
    S: A1 OK [CAPABILITY IMAP4rev1] welcome
    """
    assert 2 == await flights_to_open(face, script + bye(2), security="tls", **ADA)


async def test_who_we_are_and_what_we_understand_is_said_without_waiting(face: Face) -> None:
    words = "IMAP4rev1 ID ENABLE QRESYNC CONDSTORE UTF8=ACCEPT"
    server = ScriptedServer(
        opened()
        + f"""
        C: A1 LOGIN ada hunter2
        S: A1 OK [CAPABILITY {words}] welcome
        C: A2 ENABLE UTF8=ACCEPT QRESYNC
        S: * ENABLED UTF8=ACCEPT QRESYNC
        S: A2 OK
        C: A3 ID ("name" "courriel" "vendor" "courriel")
        C: A4 EXAMINE Gr\u00c3\u00b6\u00c3\u009fe
        S: * ID NIL
        S: A3 OK
        {examined(4)}
        C: A5 UID FETCH 1 (BODY.PEEK[])
        S: * 1 FETCH (UID 1 BODY[] {{2}}
        S- hi
        S: )
        S: A5 OK
        """.replace("Gr\u00c3\u00b6\u00c3\u009fe", "*")
        + bye(6)
    )
    async with imap(face, server, **ADA) as session:
        assert 1 == server.flights
        assert b"hi" == await session.source(1, folder="Größe")
        # ENABLE went out when the session was opened; the rest is SELECT and FETCH.
        assert 4 == server.flights
    server.check()
    assert "Größe".encode() in server.sent


class TestRefused:
    async def refused(self, face: Face, script: str, **arguments: Any) -> Any:
        server = ScriptedServer(script)
        session = imap(face, server, **{**ADA, **arguments})
        with pytest.raises((Refused, InsecureConnection, Garbled, Disconnected)) as caught:
            await session.open()
        assert caught.value.operation in ("open", "sign in")
        assert SessionState.CLOSED is session.state
        assert b"hunter2" not in server.sent or "LOGIN" in script
        assert "hunter2" not in str(caught.value)
        return caught.value

    async def test_credentials(self, face: Face) -> None:
        script = (
            opened(OFFERS)
            + f"""
        C: A1 AUTHENTICATE PLAIN {INITIAL}
        S: A1 NO [AUTHENTICATIONFAILED] wrong
        """
        )
        error = await self.refused(face, script)
        assert isinstance(error, Unauthorised)

    @pytest.mark.parametrize("greeting", ["* BYE too many", "* BYE [UNAVAILABLE] too many"])
    async def test_everybody(self, face: Face, greeting: str) -> None:
        error = await self.refused(face, f"S: {greeting}\n-- cut")
        assert "too many" in str(error)

    async def test_preauth_before_starttls_is_an_attack(self, face: Face) -> None:
        script = "S: * PREAUTH [CAPABILITY IMAP4rev1 STARTTLS] welcome\n"
        error = await self.refused(face, script, security="starttls")
        assert isinstance(error, InsecureConnection)

    @pytest.mark.parametrize("answer", ["S: A1 NO not now\n", "S: A1 BAD what\n"])
    async def test_starttls_that_is_refused(self, face: Face, answer: str) -> None:
        script = opened("STARTTLS") + "C: A1 STARTTLS\n" + answer
        error = await self.refused(face, script, security="starttls")
        assert isinstance(error, InsecureConnection)

    async def test_starttls_that_is_not_offered(self, face: Face) -> None:
        error = await self.refused(face, opened(OFFERS), security="starttls")
        assert isinstance(error, InsecureConnection)

    async def test_octets_slipped_in_before_tls(self, face: Face) -> None:
        script = (
            opened("STARTTLS") + "C: A1 STARTTLS\nS: A1 OK go\nS: * CAPABILITY IMAP4rev1 EVIL\n"
        )
        error = await self.refused(face, script, security="starttls")
        assert isinstance(error, InsecureConnection)

    async def test_login_where_it_is_disabled(self, face: Face) -> None:
        server = ScriptedServer(opened("LOGINDISABLED") + "-- stall")
        with pytest.raises(Exception, match="sign in") as caught:
            await imap(face, server, **ADA).open()
        assert "open" == getattr(caught.value, "operation", "")
        assert b"hunter2" not in server.sent

    async def test_another_protocol(self, face: Face) -> None:
        assert isinstance(await self.refused(face, "S: 220 mx ESMTP\n"), Garbled)

    async def test_an_imap_of_long_ago(self, face: Face) -> None:
        error = await self.refused(face, "S: * OK [CAPABILITY IMAP2bis] ready\n")
        assert isinstance(error, Garbled)


class TestPreauth:
    async def test_over_plaintext_that_was_asked_for(self, face: Face) -> None:
        script = "S: * PREAUTH [CAPABILITY IMAP4rev1] welcome ada\n"
        assert 0 == await flights_to_open(face, script + bye(1), **ADA)

    async def test_over_tls(self, face: Face) -> None:
        script = "C: <tls>\nS: * PREAUTH [CAPABILITY IMAP4rev1] welcome ada\n"
        assert 1 == await flights_to_open(face, script + bye(1), security="tls")


class TestTime:
    async def test_a_server_that_says_nothing(self, face: Face) -> None:
        with pytest.raises(TimedOut) as caught:
            await imap(face, ScriptedServer("-- stall"), timeout=Timeout(connect=5)).open()
        assert caught.value.operation in ("open", "sign in")

    async def test_a_server_that_falls_silent_behind_the_password(self, face: Face) -> None:
        script = opened() + "C: A1 LOGIN ada hunter2\n-- stall"
        with pytest.raises(TimedOut) as caught:
            await imap(face, ScriptedServer(script), timeout=Timeout(read=5), **ADA).open()
        assert caught.value.operation in ("open", "sign in")


async def test_nothing_can_be_asked_before_or_behind(face: Face) -> None:
    session = imap(face, ScriptedServer(opened() + bye(1), opened() + bye(1)))
    for _ in range(2):
        with pytest.raises(Misused, match="not open") as caught:
            await session.source(1)
        assert "source" == caught.value.operation
        async with session:
            pass


async def test_alerts_are_there_to_be_read(face: Face) -> None:
    script = opened() + "C: A1 LOGIN ada hunter2\nS: A1 OK [ALERT] Disk is full\n"
    server = ScriptedServer(
        script + "C: A2 CAPABILITY\nS: * CAPABILITY IMAP4rev1\nS: A2 OK\n" + bye(3)
    )
    async with imap(face, server, **ADA) as session:
        assert ("Disk is full",) == session.alerts
