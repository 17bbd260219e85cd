"""Secrets in clear (security.md, 1.4, A12): they go over a line that nobody protects by name only.

A URL with the scheme ``smtp`` names no protection, but it does not ask for none by name either.
"""

from __future__ import annotations

import pytest

from courriel import InsecureConnection
from courriel.drive.scripted import ScriptedServer
from tests.faces import Face
from tests.hostile.signing import PASSWORD, TOKEN, Scram, always, tried
from tests.sink import Sink

pytestmark = pytest.mark.virtual

FOREIGN = [
    "mx.example.org",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "127.evil.example",
    "evil.localhost.example",
    "192.0.2.1",
    "128.0.0.1",
    "2130706433",
    "0x7f.0.0.1x",
]


@pytest.mark.parametrize("secret", [{"password": PASSWORD}, {"token": TOKEN}], ids=["pw", "token"])
@pytest.mark.parametrize("host", FOREIGN)
async def test_a12_no_secret_in_clear_beyond_this_machine(
    face: Face, host: str, secret: dict[str, str]
) -> None:
    sink = Sink("AUTH PLAIN LOGIN XOAUTH2 OAUTHBEARER")
    session = ScriptedServer(sink).attach(
        face.kind("SMTPSession").from_url(f"smtp://ada@{host}", local_name="me", **secret)
    )
    with pytest.raises(InsecureConnection):
        await face.tame(session).open()
    assert ["EHLO me"] == sink.commands


@pytest.mark.parametrize("auth", ["required", "optional"])
async def test_a12_going_on_without_is_no_way_out_either(face: Face, auth: str) -> None:
    # The server does offer a mechanism that we know: it must not be that nobody notices.
    sink = Sink("AUTH PLAIN LOGIN")
    session = ScriptedServer(sink).attach(
        face.kind("SMTPSession").from_url(
            "smtp://ada@mx.example.org", password=PASSWORD, auth=auth, local_name="me"
        )
    )
    with pytest.raises(InsecureConnection):
        await face.tame(session).open()
    assert ["EHLO me"] == sink.commands


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.1.2.3", "[::1]", "LOCALHOST"])
async def test_a12_this_machine_may_hear_it(face: Face, host: str) -> None:
    sink = Sink("AUTH PLAIN", sasl={"PLAIN": always("235 welcome")})
    session = ScriptedServer(sink).attach(
        face.kind("SMTPSession").from_url(f"smtp://ada:secret@{host}", local_name="me")
    )
    async with face.tame(session):
        assert ["PLAIN"] == tried(sink)


async def test_a12_who_asks_for_it_by_name_gets_it(face: Face) -> None:
    sink = Sink("AUTH PLAIN", sasl={"PLAIN": always("235 welcome")})
    async with face.scripted(ScriptedServer(sink), user="ada", password=PASSWORD):
        assert ["PLAIN"] == tried(sink)


async def test_a12_what_shows_no_secret_may_be_used_in_clear(face: Face) -> None:
    sink = Sink("AUTH PLAIN LOGIN SCRAM-SHA-256", sasl={"SCRAM-SHA-256": Scram()})
    session = ScriptedServer(sink).attach(
        face.kind("SMTPSession").from_url("smtp://ada@mx.example.org", password=PASSWORD)
    )
    async with face.tame(session):
        assert ["SCRAM-SHA-256"] == tried(sink)
