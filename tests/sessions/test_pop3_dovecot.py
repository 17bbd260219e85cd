"""POP3 sessions on a real Dovecot: opening in every way, reading, deleting, many and large."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from courriel import (
    InsecureConnection,
    Limits,
    POP3Session,
    Refused,
    Unauthorised,
    where,
)
from tests.faces import Face
from tests.servers.dovecot import MECHANISMS, Dovecot
from tests.servers.stock import big_mail, small_mail

pytestmark = pytest.mark.server

DOTS = b"From: ada@example.org\r\nSubject: dots\r\n\r\n.\r\n..\r\n.a\r\n\r\nend\r\n"
FILES = (
    b"From: ada@example.org\r\nSubject: files\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    b"--b\r\n\r\nSee below.\r\n"
    b"--b\r\nContent-Type: image/png; name=x.png\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    b"iVBORw0K\r\n--b--\r\n"
)


def session_of(face: Face, dovecot: Dovecot, user: str, **more: Any) -> Any:
    options: dict[str, Any] = {"security": "plaintext", "password": "secret"}
    options |= {"port": dovecot.pop3_port} | more
    return face.pop3(user=user, **options)


@pytest.fixture
def user(dovecot: Dovecot) -> str:
    """A user with five mails."""
    name = dovecot.reader()
    dovecot.stock.fill(name, [*(small_mail(number) for number in range(3)), DOTS, FILES])
    return name


@pytest.mark.parametrize("security", ["tls", "starttls", "plaintext"])
async def test_a_session_opens_in_every_way(
    face: Face, dovecot: Dovecot, user: str, security: str
) -> None:
    port = dovecot.pop3s_port if security == "tls" else dovecot.pop3_port
    context = None if security == "plaintext" else dovecot.ssl_context
    session = session_of(face, dovecot, user, security=security, port=port, tls=context)
    async with session:
        assert (security != "plaintext") is session.secured
        assert {"PIPELINING", "UIDL", "TOP"} <= session.capabilities
        assert 5 == await session.count()


async def test_a_certificate_that_nobody_vouches_for(
    face: Face, dovecot: Dovecot, user: str
) -> None:
    for security, port in (("tls", dovecot.pop3s_port), ("starttls", dovecot.pop3_port)):
        session = session_of(face, dovecot, user, security=security, port=port)
        with pytest.raises(InsecureConnection):
            await session.open()


async def test_where_the_server_wants_tls_the_password_stays_hidden(
    face: Face, dovecot: Dovecot, user: str
) -> None:
    async with session_of(face, dovecot, user, host=dovecot.strict_host) as session:
        assert "USER" not in session.capabilities
        assert 5 == await session.count()


class Only:
    """A proxy of the server's offer: one mechanism is left in the answer to CAPA."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, mechanism: str) -> None:
        from courriel.wire.pop3.capabilities import Capabilities

        read = Capabilities.of

        def offered(body: bytes) -> Capabilities:
            tags = dict(read(body).tags)
            tags.pop("USER", None)
            return Capabilities(tags | {"SASL": (mechanism,)}, known=True)

        monkeypatch.setattr(Capabilities, "of", staticmethod(offered))


@pytest.mark.parametrize("mechanism", MECHANISMS)
async def test_every_mechanism_signs_in(
    face: Face, dovecot: Dovecot, user: str, mechanism: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    Only(monkeypatch, mechanism)
    token = mechanism in ("XOAUTH2", "OAUTHBEARER")
    secret = {"password": None, "token": dovecot.token(user)} if token else {}
    async with session_of(face, dovecot, user, **secret) as session:
        assert 5 == await session.count()
    wrong = {"token": dovecot.token(user, lifetime=-60)} if token else {"password": "wrong"}
    with pytest.raises(Unauthorised) as caught:
        await session_of(face, dovecot, user, **(secret | wrong)).open()
    assert not caught.value.retryable
    if token:
        assert "expired" in str(caught.value)


async def test_user_and_pass_and_apop(
    face: Face, dovecot: Dovecot, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from courriel.wire.pop3.capabilities import Capabilities

    monkeypatch.setattr(Capabilities, "mechanisms", property(lambda capabilities: ()))
    # The banner of this Dovecot has a timestamp; without TLS APOP goes first.
    async with session_of(face, dovecot, user) as session:
        assert "<" in session.greeting
        assert 5 == await session.count()
    secured = {"security": "tls", "port": dovecot.pop3s_port, "tls": dovecot.ssl_context}
    async with session_of(face, dovecot, user, **secured) as session:
        assert 5 == await session.count()
    with pytest.raises(Unauthorised) as caught:
        await session_of(face, dovecot, user, password="wrong", **secured).open()
    assert "AUTH" == caught.value.condition


async def test_messages_are_listed_and_read(face: Face, dovecot: Dovecot, user: str) -> None:
    async with session_of(face, dovecot, user) as session:
        found = [summary async for summary in session.messages()]
        subjects = [summary.envelope.subject for summary in found]
        assert ["Mail 0", "Mail 1", "Mail 2", "dots", "files"] == subjects
        assert DOTS == await session.source(found[3].id)
        assert DOTS == (await session.fetch(found[3].id)).source
        assert [len(DOTS), len(FILES)] == [summary.size for summary in found[3:]]
        header = await session.headers(found[4].id)
        assert FILES.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" == header.source
        assert b"\x89PNG\r\n" == await session.part(found[4].id, "2")
        ids = [summary.id for summary in reversed(found)]
        emails = [email async for email in session.fetch_many(ids)]
        assert subjects[::-1] == [email.subject for email in emails]
        newest = [s.id async for s in session.messages(newest_first=True, limit=2)]
        assert ids[:2] == newest
        query = where.sender("writer") & ~where.subject("Mail 1")
        assert 2 == len([s async for s in session.messages(query=query)])


async def test_reading_marks_nothing_as_seen(face: Face, dovecot: Dovecot, user: str) -> None:
    async with session_of(face, dovecot, user) as session:
        [summary async for summary in session.messages(query=where.subject("dots"))]
    import imaplib

    with imaplib.IMAP4(dovecot.host, dovecot.imap_port) as foreign:
        foreign.login(user, "secret")
        foreign.select()
        assert 5 == len(foreign.search(None, "UNSEEN")[1][0].split())


async def test_ids_mean_the_same_in_every_session(face: Face, dovecot: Dovecot, user: str) -> None:
    async with session_of(face, dovecot, user) as session:
        first = [summary.id async for summary in session.messages()]
        await session.delete(first[0])
    async with session_of(face, dovecot, user) as session:
        assert first[1:] == [summary.id async for summary in session.messages()]
        assert "dots" == (await session.fetch(first[3])).subject
        with pytest.raises(Refused, match="there is no message"):
            await session.fetch(first[0])


async def test_deletions_happen_at_the_end_or_not_at_all(
    face: Face, dovecot: Dovecot, user: str
) -> None:
    async with session_of(face, dovecot, user) as session:
        ids = [summary.id async for summary in session.messages()]
        await session.delete(ids)
        assert 0 == await session.count()
        await session.reset()
        await session.delete(ids[:2])
        assert 3 == await session.count()
        assert ids[2:] == [summary.id async for summary in session.messages()]
    session = session_of(face, dovecot, user)
    await session.open()
    assert 3 == await session.count()
    await session.delete(ids[2:])
    raw = session.plain if face.blocking else session
    raw._dialogue.current.receive_eof()
    await session.close()
    async with session_of(face, dovecot, user) as session:
        assert 3 == await session.count()


async def test_a_pipeline(face: Face, dovecot: Dovecot, user: str) -> None:
    async with session_of(face, dovecot, user) as session:
        ids = [summary.id async for summary in session.messages()]
        async with session.pipeline() as pipeline:
            pending = [pipeline.fetch(one) for one in ids]
            if face.blocking:
                pending = [await one for one in pending]
        assert "dots" == pending[3].result().subject
        await session.noop()


async def test_a_message_larger_than_memory_should_hold(face: Face, dovecot: Dovecot) -> None:
    user = dovecot.reader()
    dovecot.stock.put(user, big_mail(20_000_000))
    dovecot.stock.put(user, small_mail(1))
    async with session_of(face, dovecot, user) as session:
        found = [summary async for summary in session.messages()]
        big = await session.source(found[0].id)
        assert found[0].size == len(big)
        assert 20_000_000 <= len(await session.part(found[0].id, "2"))
        stream = session.fetch_many([summary.id for summary in found])
        async for email in stream:
            assert "A big mail" == email.subject
            break
        await stream.aclose()
        assert "Mail 1" == (await session.fetch(found[1].id)).subject


async def test_a_mailbox_of_twenty_thousand(face: Face, dovecot: Dovecot) -> None:
    user = dovecot.reader()
    dovecot.stock.fill(user, (small_mail(number, 500) for number in range(20_000)))
    async with session_of(face, dovecot, user) as session:
        ids = [summary.id async for summary in session.messages()]
        assert 20_000 == len(set(ids))
        count = 0
        async for email in session.fetch_many(ids):
            assert f"Mail {count}" == email.subject
            count += 1
        assert 20_000 == count
        newest = [s.envelope.subject async for s in session.messages(newest_first=True, limit=1)]
        assert ["Mail 19999"] == newest
        await session.delete(ids)
    async with session_of(face, dovecot, user) as session:
        assert 0 == await session.count()


async def test_without_pipelining(
    face: Face, dovecot: Dovecot, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from courriel.protocol.pop3 import Pop3Machine

    learn = Pop3Machine.learn

    def forgetful(machine: Any, capabilities: Any) -> None:
        learn(machine, capabilities)
        machine.pipelining = False

    monkeypatch.setattr(Pop3Machine, "learn", forgetful)
    async with session_of(face, dovecot, user, limits=Limits(retrievals=2)) as session:
        ids = [summary.id async for summary in session.messages()]
        assert 5 == len([email async for email in session.fetch_many(ids)])


async def test_many_tasks_share_a_session(dovecot: Dovecot, user: str) -> None:
    face = Face("asyncio")
    async with session_of(face, dovecot, user) as session:
        ids = [summary.id async for summary in session.messages()] * 40
        emails = await asyncio.gather(*(session.fetch(one) for one in ids))
    assert ["Mail 0", "Mail 1"] == [email.subject for email in emails[:2]]
    assert 200 == len(emails)


def test_many_threads_share_a_session(dovecot: Dovecot, user: str) -> None:
    subjects: list[str] = []
    with POP3Session(
        dovecot.host, port=dovecot.pop3_port, user=user, password="secret", security="plaintext"
    ) as session:
        ids = [summary.id for summary in session.messages()]

        def read() -> None:
            subjects.extend(email.subject for email in session.fetch_many(ids))

        threads = [threading.Thread(target=read) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert 8 == subjects.count("dots")
    assert 40 == len(subjects)
