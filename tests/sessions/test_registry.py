"""Sessions by user name: several kinds under one name, closed by one word, from anywhere."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import courriel
from courriel import Disconnected, Misused, SessionState, Uncertain
from tests.faces import Face
from tests.servers.dovecot import Dovecot
from tests.servers.maildir import Maildirs
from tests.servers.postfix import Postfix
from tests.sessions.elsewhere import elsewhere
from tests.sessions.letters import ADA, SENDER, letter
from tests.sessions.loopback import loopback


class Kept:
    """A registry of either colour, which takes the sessions as the tests hold them."""

    def __init__(self, face: Face) -> None:
        self.face = face
        self.plain: Any = courriel.Registry() if face.blocking else courriel.AsyncRegistry()

    def add(self, session: Any) -> None:
        self.plain.add(self._plain(session))

    def find(self, user: str, kind: str) -> Any:
        return self.plain.find(user, self.face.kind(kind))

    async def close(self, which: Any) -> None:
        ended = self.plain.close(self._plain(which))
        if not self.face.blocking:
            await ended

    async def close_all(self) -> None:
        ended = self.plain.close_all()
        if not self.face.blocking:
            await ended

    def _plain(self, session: Any) -> Any:
        return getattr(session, "plain", session) if self.face.blocking else session


@pytest.fixture
def registry(face: Face) -> Kept:
    return Kept(face)


def smtp(face: Face, user: str | None = "ada") -> Any:
    return face.smtp(security="plaintext", user=user)


def lmtp(face: Face, user: str | None = "ada") -> Any:
    return face.lmtp(user=user)


async def test_kinds_live_side_by_side_under_one_name(face: Face, registry: Kept) -> None:
    one, other, his = smtp(face), lmtp(face), smtp(face, "bob")
    for session in (one, other, his, one):
        registry.add(session)
    found = [registry.find("ada", "SMTPSession"), registry.find("ada", "LMTPSession")]
    assert found == [registry._plain(one), registry._plain(other)]
    assert registry._plain(his) is registry.find("bob", "SMTPSession")


async def test_two_of_a_kind_do_not(face: Face, registry: Kept) -> None:
    one = smtp(face)
    registry.add(one)
    with pytest.raises(Misused, match="already"):
        registry.add(smtp(face))
    assert registry._plain(one) is registry.find("ada", "SMTPSession")
    await registry.close("ada")
    registry.add(smtp(face))


async def test_a_closed_session_makes_room(face: Face, registry: Kept) -> None:
    with loopback() as server:
        one, other = (
            face.smtp(port=server.port, security="plaintext", user="ada") for _ in range(2)
        )
        registry.add(await one.open())
        await one.close()
        registry.add(other)
        assert registry._plain(other) is registry.find("ada", "SMTPSession")
        await one.open()
        await registry.close(one)
        # It was no longer kept, so it took nobody else along.
        assert registry._plain(other) is registry.find("ada", "SMTPSession")


@pytest.mark.parametrize("user", ["ADA", "ada ", "", "eve"])
async def test_what_is_not_there_is_not_found(face: Face, registry: Kept, user: str) -> None:
    registry.add(smtp(face))
    with pytest.raises(Misused):
        registry.find(user, "SMTPSession")
    with pytest.raises(Misused, match="LMTPSession"):
        registry.find("ada", "LMTPSession")


async def test_a_session_without_a_user_is_not_kept(face: Face, registry: Kept) -> None:
    with pytest.raises(Misused, match="user name"):
        registry.add(smtp(face, None))
    with pytest.raises(Misused):
        registry.plain.add(None)


async def test_a_session_of_the_other_colour_is_not_kept(face: Face, registry: Kept) -> None:
    other = Face("asyncio" if face.blocking else "blocking")
    session = other.kind("SMTPSession")("mail.example.org", user="ada")
    with pytest.raises(Misused):
        registry.plain.add(session)


async def test_closing_the_unknown_does_no_harm(face: Face, registry: Kept) -> None:
    kept = smtp(face)
    registry.add(kept)
    await registry.close("eve")
    await registry.close(smtp(face))
    assert registry._plain(kept) is registry.find("ada", "SMTPSession")
    await registry.close(kept)
    await registry.close(kept)
    with pytest.raises(Misused):
        registry.find("ada", "SMTPSession")
    await registry.close_all()


@pytest.mark.server
async def test_a_name_closes_every_kind_of_session(
    face: Face, registry: Kept, postfix: Postfix, dovecot: Dovecot, mail: Maildirs
) -> None:
    arguments: dict[str, Any] = {"user": "ada", "security": "plaintext"}
    one = face.smtp(port=postfix.smtp_port, **arguments)
    other = face.lmtp(port=dovecot.lmtp_port, **arguments)
    his = face.smtp(port=postfix.smtp_port, user="bob", security="plaintext")
    for session in (one, other, his):
        registry.add(session)
        await session.open()
        await session.send(letter(1), sender=SENDER, recipients=[ADA])
    await registry.close("ada")
    closed, opened = SessionState.CLOSED, SessionState.OPEN
    assert [closed, closed, opened] == [session.state for session in (one, other, his)]
    registry.add(one)
    registry.add(other)
    await other.open()
    await one.open()
    await registry.close(one)
    assert [closed, opened, opened] == [session.state for session in (one, other, his)]
    await registry.close_all()
    assert {closed} == {session.state for session in (one, other, his)}
    assert 3 == len(mail.wait_for("ada", 3))


async def test_a_name_closes_a_session_that_is_sending(face: Face, registry: Kept) -> None:
    with loopback(silent_at="message") as server:
        session = face.smtp(port=server.port, security="plaintext", user="ada")
        registry.add(session)
        await session.open()
        sending = elsewhere(face, session, "send", letter(1), sender=SENDER, recipients=[ADA])
        await asyncio.to_thread(server.wait)
        await registry.close("ada")
        with pytest.raises((Disconnected, Uncertain), match="closed while"):
            await sending
        assert SessionState.CLOSED is session.state
