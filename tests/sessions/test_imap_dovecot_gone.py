"""What a real Dovecot says of messages that another client has expunged, and of broken parts."""

from __future__ import annotations

import imaplib
from base64 import encodebytes
from pathlib import Path
from typing import Any

import pytest

from courriel import Refused
from tests.faces import Face
from tests.servers.dovecot import Dovecot
from tests.servers.stock import small_mail

pytestmark = pytest.mark.server

CORPUS = Path(__file__).parent.parent / "corpus"
TEXT = b"A line of an attachment. " * 10
ENCODED = encodebytes(TEXT).replace(b"\n", b"\r\n")


def session_of(face: Face, dovecot: Dovecot, user: str, *, bare: bool = False) -> Any:
    session = face.kind("IMAPSession")(
        dovecot.bare_host if bare else dovecot.host,
        port=dovecot.imap_port,
        user=user,
        password="secret",
        security="plaintext",
    )
    return face.tame(session)


def expunge(dovecot: Dovecot, user: str, ids: str) -> None:
    """Expunge messages as another client does."""
    other = imaplib.IMAP4(dovecot.host, dovecot.imap_port)
    other.login(user, "secret")
    other.select()
    other.uid("STORE", ids, "+FLAGS", "\\Deleted")
    other.expunge()
    other.logout()


@pytest.fixture
def user(dovecot: Dovecot) -> str:
    """A user with eight mails."""
    name = dovecot.reader()
    dovecot.stock.fill(name, [small_mail(number) for number in range(8)])
    return name


@pytest.mark.parametrize("bare", [False, True])
@pytest.mark.parametrize("call", ["fetch", "source", "headers", "part"])
async def test_one_that_is_gone(
    face: Face, dovecot: Dovecot, user: str, call: str, bare: bool
) -> None:
    async with session_of(face, dovecot, user, bare=bare) as session:
        ids = [summary.id async for summary in session.messages()]
        expunge(dovecot, user, f"{ids[4]}")
        more = ("1",) if call == "part" else ()
        with pytest.raises(Refused) as caught:
            await getattr(session, call)(ids[4], *more)
        assert (call, "NONEXISTENT") == (caught.value.operation, caught.value.condition)
        assert "Mail 5" == (await session.fetch(ids[5])).subject


@pytest.mark.parametrize("bare", [False, True])
async def test_some_that_are_gone(face: Face, dovecot: Dovecot, user: str, bare: bool) -> None:
    async with session_of(face, dovecot, user, bare=bare) as session:
        ids = [summary.id async for summary in session.messages()]
        expunge(dovecot, user, f"{ids[2]},{ids[5]}")
        stream = session.fetch_many(ids)
        found = [(await anext(stream)).subject for _ in range(6)]
        assert [f"Mail {number}" for number in (0, 1, 3, 4, 6, 7)] == found
        with pytest.raises(Refused, match=f"{ids[2]},{ids[5]}"):
            await anext(stream)


async def test_a_listing_leaves_out_what_goes_while_it_lasts(face: Face, dovecot: Dovecot) -> None:
    user = dovecot.reader()
    dovecot.stock.fill(user, (small_mail(number, 512) for number in range(1000)))
    async with session_of(face, dovecot, user) as session:
        for arguments in ({}, {"limit": 900}, {"limit": 600, "newest_first": True}):
            stream = session.messages(**arguments)
            first = await anext(stream)
            expunge(dovecot, user, "700:750" if not arguments else "300:310,751:760")
            rest = [summary async for summary in stream]
            # Of some Dovecot still knows the envelope; none is made up.
            assert all(each.envelope.subject for each in (first, *rest))
            assert arguments.get("limit", 949) <= 1 + len(rest)


BROKEN = {
    "cut base64": ("base64", ENCODED[:100], TEXT[:73]),
    "no padding": ("base64", ENCODED.rstrip(b"=\r\n"), TEXT),
    "cut quoted-printable": ("quoted-printable", b"abc=C3=", b"abc\xc3"),
    "sound base64": ("base64", ENCODED, TEXT),
}


@pytest.mark.parametrize("bare", [False, True])
@pytest.mark.parametrize("name", BROKEN)
async def test_a_part_in_a_broken_encoding(
    face: Face, dovecot: Dovecot, name: str, bare: bool
) -> None:
    encoding, body, content = BROKEN[name]
    user = dovecot.reader()
    dovecot.stock.fill(
        user,
        [
            b"From: a@example.org\r\nMIME-Version: 1.0\r\n"
            b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nSee below.\r\n"
            b"--b\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: "
            + encoding.encode()
            + b"\r\n\r\n"
            + body
            + b"\r\n--b--\r\n"
        ],
    )
    async with session_of(face, dovecot, user, bare=bare) as session:
        (summary,) = [each async for each in session.messages()]
        assert content == await session.part(summary, summary.parts[1])
        assert b"See below." == await session.part(summary, summary.parts[0])


async def test_every_part_of_the_corpus(face: Face, dovecot: Dovecot) -> None:
    user = dovecot.reader()
    names = ("encoding-base64-no-padding", "encoding-qp-soft-breaks")
    dovecot.stock.fill(user, [(CORPUS / f"{name}.eml").read_bytes() for name in names])
    async with session_of(face, dovecot, user) as session:
        for summary in [each async for each in session.messages()]:
            for part in summary.parts:
                await session.part(summary, part)
        assert session.usable
