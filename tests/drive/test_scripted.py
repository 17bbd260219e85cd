"""The scripted server that people test with: connections in order, virtual time, honest checks."""

from __future__ import annotations

import asyncio

import pytest

from courriel import Disconnected, InsecureConnection, Misused
from courriel.drive.scripted import PretendedTls, ScriptedServer, virtual_loop
from tests.faces import Face

pytestmark = pytest.mark.virtual

SCRIPT = """
S: 220 mx.example.org ready
C: EHLO me.example.org
S: 250 mx.example.org
C: QUIT
S: 221 bye
"""


@pytest.mark.parametrize("chunk", [None, 1, 3])
async def test_each_connection_has_its_conversation(face: Face, chunk: int | None) -> None:
    server = ScriptedServer(SCRIPT, SCRIPT.replace("mx.", "mx2."), chunk=chunk)
    session = face.scripted(server)
    for greeting in ("mx.example.org ready", "mx2.example.org ready"):
        await session.open()
        assert greeting == session.greeting
        await session.close()
    server.check()
    assert 2 == len(server.conversations)
    assert 4 == server.flights
    assert server.sent.startswith(b"EHLO me.example.org\r\nQUIT\r\n")


async def test_a_connection_too_many_is_an_error(face: Face) -> None:
    server = ScriptedServer()
    with pytest.raises(Disconnected, match="no further connection"):
        await face.scripted(server).open()


async def test_what_has_not_happened_is_told(face: Face) -> None:
    server = ScriptedServer(SCRIPT)
    with pytest.raises(AssertionError):
        server.check()
    session = face.scripted(server)
    await session.open()
    with pytest.raises(AssertionError, match="QUIT"):
        server.check()
    await session.close()
    server.check()


async def test_a_handshake_is_pretended(face: Face) -> None:
    server = ScriptedServer("C: <tls>" + SCRIPT)
    async with face.scripted(server, security="tls") as session:
        assert session.secured
        assert "mx.example.org ready" == session.greeting
    server.check()


async def test_octets_that_are_no_handshake_are_refused(face: Face) -> None:
    server = ScriptedServer("S: 220 mx.example.org ready\n-- stall")
    with pytest.raises(InsecureConnection):
        await face.scripted(server, security="tls").open()


def test_pretended_tls_waits_for_the_whole_hello() -> None:
    layer, peer = PretendedTls(None, "mx"), PretendedTls(None, "mx")
    hello = peer.take()
    assert b"" == peer.take()
    layer.feed(hello[:5])
    assert layer.shake() is None
    layer.feed(hello[5:] + b"220 mx\r\n")
    assert layer.shake() is not None
    assert b"220 mx\r\n" == layer.decrypt()


def test_only_a_session_can_be_attached() -> None:
    with pytest.raises(Misused, match="no session"):
        ScriptedServer().attach(object())


def test_an_hour_passes_at_once() -> None:
    async def nap() -> float:
        start = asyncio.get_running_loop().time()
        await asyncio.gather(asyncio.sleep(3600), asyncio.sleep(1800))
        return asyncio.get_running_loop().time() - start

    with asyncio.Runner(loop_factory=virtual_loop) as runner:
        assert 3600 == runner.run(nap())
