"""Signing in to a real Postfix, whose passwords and tokens a real Dovecot judges."""

from __future__ import annotations

from typing import Any

import pytest

from courriel import (
    Auth,
    CourrielError,
    InsecureConnection,
    Misused,
    NotSupported,
    Secret,
    SessionState,
    Unauthorised,
)
from courriel.drive.scripted import ScriptedServer
from tests.faces import Face
from tests.servers.dovecot import PASSWORDS, Dovecot
from tests.servers.maildir import Maildirs
from tests.servers.postfix import Postfix
from tests.servers.refusals import DISCARD_DOMAIN
from tests.sessions.doors import through
from tests.sessions.letters import SENDER, letter

server = pytest.mark.server

WITH_PASSWORD = ("PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256")
WITH_TOKEN = ("XOAUTH2", "OAUTHBEARER")


def by(postfix: Postfix, mechanism: str, security: str = "starttls", **more: Any) -> dict[str, Any]:
    """Give the arguments of a session at the port that knows this mechanism only."""
    tls = postfix.ssl_context if security == "starttls" else None
    port = postfix.mechanism_port(mechanism)
    return {"port": port, "security": security, "tls": tls, "user": "ada"} | more


async def expect_signed_in(session: Any) -> None:
    """Check that the server takes mail for abroad, which it does only for those it knows."""
    abroad = f"someone@{DISCARD_DOMAIN}", "someone@elsewhere.example"
    receipt = await session.send(letter(1), sender=SENDER, recipients=abroad)
    assert abroad == receipt.accepted


@server
@pytest.mark.parametrize("user", PASSWORDS)
@pytest.mark.parametrize("security", ["starttls", "plaintext"])
@pytest.mark.parametrize("mechanism", WITH_PASSWORD)
async def test_a_password_opens_by_every_mechanism(
    face: Face, postfix: Postfix, mechanism: str, security: str, user: str
) -> None:
    arguments = by(postfix, mechanism, security, user=user, password=PASSWORDS[user])
    async with face.smtp(**arguments) as session:
        assert f"AUTH={mechanism}" in session.capabilities
        await expect_signed_in(session)


@server
@pytest.mark.parametrize("mechanism", WITH_PASSWORD)
async def test_a_wrong_password_is_refused(face: Face, postfix: Postfix, mechanism: str) -> None:
    session = face.smtp(**by(postfix, mechanism, password="s3cret-but-wrong"))
    with pytest.raises(Unauthorised) as caught:
        await session.open()
    error = caught.value
    assert (535, "AUTH") == (error.code, error.command)
    assert str(error).startswith("sign in: ")
    assert not error.retryable
    assert SessionState.CLOSED is session.state
    assert not any("s3cret" in text for text in (str(error), repr(error), repr(session)))


@server
@pytest.mark.parametrize("security", ["starttls", "plaintext"])
@pytest.mark.parametrize("mechanism", WITH_TOKEN)
async def test_a_token_opens(
    face: Face, postfix: Postfix, dovecot: Dovecot, mechanism: str, security: str
) -> None:
    token = dovecot.token("ada")
    for form in (token, Secret(token), lambda: token, lambda: Secret(token)):
        async with face.smtp(**by(postfix, mechanism, security, token=form)) as session:
            await expect_signed_in(session)


@server
@pytest.mark.parametrize("mechanism", WITH_TOKEN)
async def test_a_token_that_must_be_awaited_opens(
    postfix: Postfix, dovecot: Dovecot, mechanism: str
) -> None:
    async def fetch() -> str:
        return dovecot.token("ada")

    face = Face("asyncio")
    for form in (fetch, lambda: fetch()):
        async with face.smtp(**by(postfix, mechanism, token=form)) as session:
            await expect_signed_in(session)


@server
def test_a_blocking_session_awaits_no_token(postfix: Postfix, dovecot: Dovecot) -> None:
    async def fetch() -> str:
        return dovecot.token("ada")

    session = Face("blocking").kind("SMTPSession")(
        "127.0.0.1", **by(postfix, "XOAUTH2", token=fetch)
    )
    with pytest.raises(Misused, match="asynchronous"):
        session.open()
    assert SessionState.CLOSED is session.state


@server
@pytest.mark.parametrize("mechanism", WITH_TOKEN)
async def test_an_expired_token_is_refused_after_one_renewal(
    face: Face, postfix: Postfix, dovecot: Dovecot, mechanism: str
) -> None:
    given: list[str] = []

    def fetch() -> str:
        given.append(dovecot.token("ada", lifetime=-60 - len(given)))
        return given[-1]

    for token in (dovecot.token("ada", lifetime=-60), fetch):
        session = face.smtp(**by(postfix, mechanism, token=token))
        with pytest.raises(Unauthorised, match="token may have expired") as caught:
            await session.open()
        assert 535 == caught.value.code
        assert not any(secret in str(caught.value) for secret in given)
        assert SessionState.CLOSED is session.state
    assert 2 == len(given)


@server
@pytest.mark.parametrize("mechanism", WITH_TOKEN)
async def test_a_token_is_fetched_again_when_it_has_expired(
    face: Face, postfix: Postfix, dovecot: Dovecot, mechanism: str
) -> None:
    tokens = [dovecot.token("ada"), dovecot.token("ada", lifetime=-60)]
    async with face.smtp(**by(postfix, mechanism, token=tokens.pop)) as session:
        await expect_signed_in(session)
    assert [] == tokens


@server
@pytest.mark.parametrize("mechanism", WITH_TOKEN)
async def test_the_token_of_somebody_else_is_refused(
    face: Face, postfix: Postfix, dovecot: Dovecot, mechanism: str
) -> None:
    session = face.smtp(**by(postfix, mechanism, token=dovecot.token("bob")))
    with pytest.raises(Unauthorised):
        await session.open()


@server
async def test_a_refused_token_is_not_followed_by_the_password(
    face: Face, postfix: Postfix, dovecot: Dovecot
) -> None:
    expired = dovecot.token("ada", lifetime=-60)
    session = face.smtp(**through(postfix, "submission", token=expired))
    with pytest.raises(Unauthorised):
        await session.open()


@server
async def test_what_the_token_callable_raises_reaches_the_caller(
    face: Face, postfix: Postfix
) -> None:
    def fetch() -> str:
        raise LookupError("no token today")

    session = face.smtp(**by(postfix, "XOAUTH2", token=fetch))
    with pytest.raises(LookupError, match="no token today"):
        await session.open()
    assert SessionState.CLOSED is session.state


@server
@pytest.mark.parametrize("door", ["open", "no extension"])
async def test_a_server_without_sign_in_is_an_error_unless_it_is_optional(
    face: Face, postfix: Postfix, mail: Maildirs, door: str
) -> None:
    arguments = through(postfix, door, user="ada", password="secret")
    session = face.smtp(**arguments)
    with pytest.raises(NotSupported, match="no way to sign in") as caught:
        await session.open()
    assert "AUTH" == caught.value.capability
    assert SessionState.CLOSED is session.state
    async with face.smtp(**arguments, auth=Auth.OPTIONAL) as session:
        await session.send(letter(1), sender=SENDER, recipients=["ada@example.org"])
    assert 1 == len(mail.wait_for("ada", 1))


@server
async def test_optional_does_not_forgive_a_wrong_password(face: Face, postfix: Postfix) -> None:
    session = face.smtp(**by(postfix, "PLAIN", password="wrong", auth="optional"))
    with pytest.raises(Unauthorised):
        await session.open()


@server
async def test_a_password_does_not_fit_a_server_that_wants_a_token(
    face: Face, postfix: Postfix, dovecot: Dovecot
) -> None:
    for mechanism, secret in (
        ("XOAUTH2", {"password": "secret"}),
        ("PLAIN", {"token": dovecot.token("ada")}),
    ):
        session = face.smtp(**by(postfix, mechanism, **secret))
        with pytest.raises(NotSupported, match=mechanism):
            await session.open()


@server
async def test_who_gives_no_secret_does_not_sign_in(face: Face, postfix: Postfix) -> None:
    async with face.smtp(**by(postfix, "PLAIN")) as session:
        assert "ada" == session.user
        assert 250 == (await session.noop()).code


HELLO = """
S: 220 mx.example.org
C: EHLO me.example.org
S: 250-mx.example.org
S: 250 AUTH PLAIN LOGIN
"""


@pytest.mark.virtual
async def test_a_url_without_tls_sends_no_secret_abroad(face: Face) -> None:
    server = ScriptedServer(HELLO)
    kind = face.kind("SMTPSession")
    url = "smtp://ada:secret@mx.example.org/"
    session = face.tame(server.attach(kind.from_url(url, local_name="me.example.org")))
    with pytest.raises(InsecureConnection, match="by name"):
        await session.open()
    assert b"AUTH" not in server.sent


@pytest.mark.virtual
async def test_plaintext_by_name_does(face: Face) -> None:
    server = ScriptedServer(HELLO + "C: AUTH PLAIN *\nS: 235 welcome\nC: QUIT\nS: 221 bye\n")
    kind = face.kind("SMTPSession")
    session = kind.from_url(
        "smtp://ada:secret@mx.example.org/", security="plaintext", local_name="me.example.org"
    )
    async with face.tame(server.attach(session)) as session:
        assert not session.secured
    server.check()


@pytest.mark.virtual
async def test_a_secret_needs_a_user(face: Face) -> None:
    session = face.scripted(ScriptedServer(HELLO), password="secret")
    with pytest.raises(CourrielError, match="user"):
        await session.open()
