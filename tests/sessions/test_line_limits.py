"""What a command line may hold, 512 octets of ASCII, and what becomes of more (RFC 4954, 6531)."""

from __future__ import annotations

from base64 import b64encode

import pytest

from courriel import Garbled, InsecureConnection, Misused, NotSupported
from courriel.drive.scripted import ScriptedServer
from tests.faces import Face
from tests.transcripts import BYE, GREETED, OPEN

pytestmark = pytest.mark.virtual

TOKEN = "ya29." + "x" * 2_000
INITIAL = b64encode(f"user=ada\1auth=Bearer {TOKEN}\1\1".encode()).decode()
PASSWORD = "p" * 400
PLAIN = b64encode(f"\0ada\0{PASSWORD}".encode()).decode()


def signing_in(mechanism: str, *lines: str) -> ScriptedServer:
    offer = f"S: 250-mx.example.org\nS: 250 AUTH {mechanism}\n"
    return ScriptedServer("\n".join([GREETED + offer, *lines]) + BYE)


@pytest.mark.parametrize("challenge", ["334", "334 ", "334 go on"])
async def test_a_long_token_waits_for_its_challenge(face: Face, challenge: str) -> None:
    server = signing_in(
        "XOAUTH2", "C: AUTH XOAUTH2", f"S: {challenge}", f"C: {INITIAL}", "S: 235 2.7.0 welcome"
    )
    async with face.scripted(server, user="ada", token=TOKEN) as session:
        assert session.usable
    server.check()


async def test_a_long_password_waits_for_its_challenge(face: Face) -> None:
    server = signing_in("PLAIN", "C: AUTH PLAIN", "S: 334 ", f"C: {PLAIN}", "S: 235 welcome")
    async with face.scripted(server, user="ada", password=PASSWORD):
        pass
    server.check()


async def test_what_fits_goes_with_the_command(face: Face) -> None:
    server = signing_in("PLAIN", "C: AUTH PLAIN AGFkYQBzZWNyZXQ=", "S: 235 welcome")
    async with face.scripted(server, user="ada", password="secret"):
        pass
    server.check()


async def test_success_before_the_token_was_sent_is_not_believed(face: Face) -> None:
    server = signing_in("XOAUTH2", "C: AUTH XOAUTH2", "S: 235 welcome")
    with pytest.raises(InsecureConnection):
        await face.scripted(server, user="ada", token=TOKEN).open()
    assert INITIAL.encode() not in server.sent


async def test_a_challenge_behind_a_long_password_is_out_of_place(face: Face) -> None:
    server = signing_in(
        "PLAIN", "C: AUTH PLAIN", "S: 334 ", f"C: {PLAIN}", "S: 334 ", "C: ?", "S: 501 well"
    )
    with pytest.raises(Garbled):
        await face.scripted(server, user="ada", password=PASSWORD).open()


# Octets above 127.


async def test_our_name_goes_out_in_a_labels(face: Face) -> None:
    server = ScriptedServer(
        "S: 220 mx.example.org\nC: EHLO xn--mnchen-3ya.example\nS: 250 mx.example.org" + BYE
    )
    async with face.scripted(server, local_name="münchen.example"):
        pass
    server.check()


async def test_verify_says_smtputf8_where_it_needs_it(face: Face) -> None:
    server = ScriptedServer(
        GREETED
        + """
        S: 250-mx.example.org
        S: 250 SMTPUTF8
        C: VRFY josé@example.org SMTPUTF8
        S: 252 perhaps
        C: VRFY bob@example.org
        S: 250 <bob@example.org>
        """
        + BYE
    )
    async with face.scripted(server) as session:
        assert 252 == (await session.verify("josé@example.org")).code
        assert 250 == (await session.verify("bob@example.org")).code
    server.check()


async def test_verify_without_smtputf8_is_ascii(face: Face) -> None:
    server = ScriptedServer(OPEN + BYE)
    async with face.scripted(server) as session:
        with pytest.raises(NotSupported) as caught:
            await session.verify("josé@example.org")
        assert "SMTPUTF8" == caught.value.capability
        assert session.usable
    server.check()


@pytest.mark.parametrize("offer", ["HELP", "SMTPUTF8"])
async def test_help_is_ascii_whatever_is_offered(face: Face, offer: str) -> None:
    server = ScriptedServer(GREETED + f"S: 250-mx.example.org\nS: 250 {offer}" + BYE)
    async with face.scripted(server) as session:
        with pytest.raises(Misused, match="ASCII"):
            await session.help("é")
        assert session.usable
    server.check()
