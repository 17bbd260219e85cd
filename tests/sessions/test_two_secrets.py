"""A password and a token for one user: which of them signs in, by what the server offers."""

from __future__ import annotations

import ssl
from base64 import b64encode
from typing import Any

import pytest

from courriel import InsecureConnection, NotSupported, Unauthorised
from courriel.drive.scripted import ScriptedServer
from tests.faces import Face
from tests.hostile.signing import PASSWORD, PASSWORDS, TOKEN, Scram, Tokens, always, tried
from tests.sessions.imap_talk import bye
from tests.sink import Sink
from tests.transcripts import POP3_BYE

pytestmark = pytest.mark.virtual

BOTH: dict[str, Any] = {"user": "ada", "password": PASSWORD, "token": TOKEN}
PLAIN = b64encode(f"\0ada\0{PASSWORD}".encode()).decode()
BEARER = b64encode(f"user=ada\x01auth=Bearer {TOKEN}\x01\x01".encode()).decode()
AUTH = pytest.mark.parametrize("auth", ["required", "optional"])


def unnamed(face: Face, sink: Sink, **secrets: str) -> Any:
    """Return a session whose URL asks for no plaintext by name."""
    session = face.kind("SMTPSession").from_url(
        "smtp://ada@mx.example.org", local_name="me", **secrets
    )
    return face.tame(ScriptedServer(sink).attach(session))


@AUTH
@pytest.mark.parametrize("security", ["tls", "plaintext"])
@pytest.mark.parametrize("mechanism", [name for name in PASSWORDS if name[0] in "SP"])
async def test_the_password_where_nothing_takes_a_token(
    face: Face, mechanism: str, security: str, auth: str
) -> None:
    digest = "sha1" if mechanism.endswith("-1") else "sha256"
    answer = always("235 welcome") if mechanism == "PLAIN" else Scram(digest=digest)
    sink = Sink(f"AUTH {mechanism}", sasl={mechanism: answer}, implicit=security == "tls")
    session = face.scripted(ScriptedServer(sink), security=security, auth=auth, **BOTH)
    async with session:
        assert [mechanism] == tried(sink)


async def test_the_token_where_it_can_be_used(face: Face) -> None:
    sink = Sink("AUTH SCRAM-SHA-256 PLAIN XOAUTH2", sasl={"XOAUTH2": Tokens("XOAUTH2", TOKEN)})
    async with face.scripted(ScriptedServer(sink), **BOTH):
        assert ["XOAUTH2"] == tried(sink)


@pytest.mark.parametrize("refusal", ["535 5.7.8 no", "504 5.5.4 no such mechanism"])
async def test_a_refused_token_is_followed_by_no_password(face: Face, refusal: str) -> None:
    sink = Sink("AUTH PLAIN XOAUTH2", sasl={"XOAUTH2": Tokens("XOAUTH2", refusal=refusal)})
    with pytest.raises(Unauthorised):
        await face.scripted(ScriptedServer(sink), **BOTH).open()
    assert ["XOAUTH2"] == tried(sink)


@AUTH
async def test_neither_goes_in_clear_unasked(face: Face, auth: str) -> None:
    sink = Sink("AUTH PLAIN XOAUTH2")
    session = unnamed(face, sink, password=PASSWORD, token=TOKEN, auth=auth)
    with pytest.raises(InsecureConnection):
        await session.open()
    assert ["EHLO me"] == sink.commands


async def test_what_shows_no_secret_may_be_used_where_the_token_may_not(face: Face) -> None:
    sink = Sink("AUTH SCRAM-SHA-256 XOAUTH2", sasl={"SCRAM-SHA-256": Scram()})
    async with unnamed(face, sink, password=PASSWORD, token=TOKEN):
        assert ["SCRAM-SHA-256"] == tried(sink)


@pytest.mark.parametrize("secrets", [BOTH, {"user": "ada", "token": TOKEN}], ids=["both", "token"])
async def test_what_no_secret_is_for(face: Face, secrets: dict[str, Any]) -> None:
    sink = Sink("AUTH GSSAPI")
    with pytest.raises(NotSupported, match="GSSAPI"):
        await face.scripted(ScriptedServer(sink), **secrets).open()
    async with face.scripted(ScriptedServer(Sink("AUTH GSSAPI")), auth="optional", **secrets) as on:
        assert on.usable


async def test_a_token_alone_offers_no_certificate(face: Face) -> None:
    sink = Sink("AUTH EXTERNAL", implicit=True)
    secured: dict[str, Any] = {"security": "tls", "tls": ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)}
    alone = {"user": "ada", "token": TOKEN, "auth": "optional"}
    async with face.scripted(ScriptedServer(sink), **secured, **alone):
        assert [] == tried(sink)


@AUTH
@pytest.mark.parametrize(
    ("offered", "said"),
    [
        ("AUTH=PLAIN SASL-IR", f"AUTHENTICATE PLAIN {PLAIN}"),
        ("SASL-IR", f'LOGIN ada "{PASSWORD}"'),
        ("AUTH=PLAIN AUTH=XOAUTH2 SASL-IR", f"AUTHENTICATE XOAUTH2 {BEARER}"),
    ],
)
async def test_imap(face: Face, offered: str, said: str, auth: str) -> None:
    server = ScriptedServer(
        f"S: * OK [CAPABILITY IMAP4rev1 {offered}] ready\nC: A1 {said}\n"
        "S: A1 OK [CAPABILITY IMAP4rev1] welcome" + bye(2)
    )
    async with face.scripted(server, "IMAPSession", auth=auth, **BOTH):
        pass
    server.check()


@AUTH
@pytest.mark.parametrize(
    ("offered", "said"),
    [
        ("SASL PLAIN", f"C: AUTH PLAIN {PLAIN}"),
        ("USER", f"C: USER ada\nS: +OK\nC: PASS {PASSWORD}"),
        ("USER\nS: SASL PLAIN XOAUTH2", f"C: AUTH XOAUTH2\nS: + \nC: {BEARER}"),
    ],
)
async def test_pop3(face: Face, offered: str, said: str, auth: str) -> None:
    capable = f"\nC: CAPA\nS: +OK\nS: {offered}\nS: .\n"
    server = ScriptedServer("S: +OK ready" + capable + said + "\nS: +OK in" + capable + POP3_BYE)
    async with face.scripted(server, "POP3Session", auth=auth, **BOTH):
        pass
    server.check()
