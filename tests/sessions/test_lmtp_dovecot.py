"""LMTP into a real Dovecot: each recipient gets an answer of his own (RFC 2033, 4.2)."""

from __future__ import annotations

import io
from typing import Any

import pytest

from courriel import Refused, SendRefused, SessionState
from tests.faces import Face
from tests.servers.dovecot import BROKEN_USER, Dovecot
from tests.servers.maildir import Maildirs
from tests.sessions.letters import ADA, SENDER, as_sent, expect_once, letter, message_id

pytestmark = pytest.mark.server

BOB, NOBODY = "bob@example.org", "nobody@example.org"
BROKEN = f"{BROKEN_USER}@example.org"
BIG = letter("big", b".a line of a large message\r\n" * 60_000)


def session_of(face: Face, dovecot: Dovecot, **more: Any) -> Any:
    return face.lmtp(port=dovecot.lmtp_port, **more)


@pytest.fixture
def small() -> bytes:
    return letter("small", b".\r\n..\r\nHello.\r\n")


@pytest.fixture(params=["bytes", "a small file", "a large file"])
def source(request: pytest.FixtureRequest, small: bytes) -> Any:
    """A message in each of the forms that are sent in different ways."""
    return {
        "bytes": small,
        "a small file": io.BytesIO(small),
        "a large file": io.BytesIO(BIG),
    }[request.param]


def content_of(source: Any) -> bytes:
    return source if isinstance(source, bytes) else bytes(source.getvalue())


async def test_each_recipient_is_told_apart(
    face: Face, dovecot: Dovecot, mail: Maildirs, source: Any
) -> None:
    content = content_of(source)
    async with session_of(face, dovecot) as session:
        receipt = await session.send_source(
            source, sender=SENDER, recipients=[BROKEN, ADA, NOBODY, BOB]
        )
        assert SessionState.OPEN is session.state
        assert 250 == (await session.noop()).code
    assert (ADA, BOB) == receipt.accepted
    assert {NOBODY: "RCPT", BROKEN: "DATA"} == {
        recipient: refusal.command for recipient, refusal in receipt.refused.items()
    }
    assert (550, "5.1.1") == (receipt.refused[NOBODY].code, receipt.refused[NOBODY].enhanced)
    assert receipt.refused[BROKEN].retryable
    assert [content] == [as_sent(stored) for stored in mail.wait_for("ada", 1)]
    assert [content] == [as_sent(stored) for stored in mail.wait_for("bob", 1)]


async def test_nobody_gets_it(face: Face, dovecot: Dovecot, mail: Maildirs, source: Any) -> None:
    async with session_of(face, dovecot) as session:
        for recipients in ([NOBODY], [BROKEN], [NOBODY, BROKEN]):
            with pytest.raises(SendRefused) as caught:
                await session.send_source(source, sender=SENDER, recipients=recipients)
            assert recipients == sorted(caught.value.refused, key=recipients.index)
            assert caught.value.session_usable
            if not isinstance(source, bytes):
                source.seek(0)
        receipt = await session.send_source(source, sender=SENDER, recipients=[ADA])
    assert (ADA,) == receipt.accepted
    assert 1 == len(mail.inbox("ada"))


async def test_many_messages_keep_their_answers_apart(
    face: Face, dovecot: Dovecot, mail: Maildirs
) -> None:
    # Each gets as many answers as it has recipients that were not refused at once.
    plans = [[ADA], [ADA, BROKEN], [BROKEN, NOBODY, ADA], [NOBODY], [BROKEN], [BOB, ADA]]
    expected = [(ADA,), (ADA,), (ADA,), (), (), (BOB, ADA)]
    plans, expected = plans * 10, expected * 10

    def messages() -> Any:
        for n, recipients in enumerate(plans):
            yield letter(n, header=f"To: {', '.join(recipients)}\r\n".encode())

    async with session_of(face, dovecot) as session:
        receipts = [receipt async for receipt in session.send_many(messages())]
        assert session.usable
    assert [message_id(n) for n in range(60)] == [receipt.message_id for receipt in receipts]
    assert expected == [receipt.accepted for receipt in receipts]
    for recipients, receipt in zip(plans, receipts, strict=True):
        refused = receipt.error.refused if receipt.error else receipt.refused
        assert sorted(recipients) == sorted((*receipt.accepted, *refused))
    for user, address in (("ada", ADA), ("bob", BOB)):
        wanted = [n for n, accepted in enumerate(expected) if address in accepted]
        expect_once(wanted, mail.wait_for(user, len(wanted)))


async def test_starttls_protects_lmtp_too(face: Face, dovecot: Dovecot, mail: Maildirs) -> None:
    arguments = {"security": "starttls", "tls": dovecot.ssl_context}
    async with session_of(face, dovecot, **arguments) as session:
        assert session.secured
        await session.send(letter(1), sender=SENDER, recipients=[ADA])
    expect_once([1], mail.inbox("ada"))


async def test_an_lmtp_session_needs_an_lmtp_server(face: Face, dovecot: Dovecot) -> None:
    session = face.smtp(port=dovecot.lmtp_port, security="plaintext")
    with pytest.raises(Refused, match="refused HELO"):
        await session.open()
    assert SessionState.CLOSED is session.state


async def test_it_says_what_it_is(face: Face, dovecot: Dovecot) -> None:
    async with session_of(face, dovecot) as session:
        assert "Dovecot" in session.greeting
        assert "PIPELINING" in session.capabilities
        assert 250 == (await session.reset()).code
