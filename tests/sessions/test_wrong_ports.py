"""A port where no TLS is spoken: what is tried instead are the ports of that very protocol."""

from __future__ import annotations

import pytest

from courriel import InsecureConnection
from courriel.drive.scripted import ScriptedServer
from tests.faces import Face

pytestmark = pytest.mark.virtual

GREETINGS = {
    "SMTPSession": ("220 mx.example.org ESMTP", (587, 465)),
    "POP3Session": ("+OK ready", (110, 995)),
    "IMAPSession": ("* OK ready", (143, 993)),
}


@pytest.mark.parametrize("kind", GREETINGS)
async def test_implicit_tls_on_the_plain_port(face: Face, kind: str) -> None:
    greeting, (later, at_once) = GREETINGS[kind]
    session = face.scripted(ScriptedServer(f"S: {greeting}"), kind, security="tls", port=2)
    with pytest.raises(InsecureConnection) as caught:
        await session.open()
    assert "open" == caught.value.operation
    assert (
        f"Try security='starttls' (port {later}), or the port for implicit TLS ({at_once})."
        == caught.value.hint
    )


async def test_lmtp_has_one_port_for_all(face: Face) -> None:
    server = ScriptedServer("S: 220 mx.example.org LMTP")
    session = face.scripted(server, "LMTPSession", security="tls", port=2)
    with pytest.raises(InsecureConnection) as caught:
        await session.open()
    assert "Try security='starttls' (port 24)." == caught.value.hint
