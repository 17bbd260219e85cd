"""Secrets in the errors of sockets and proxies (security.md, 1.9), on loopback."""

from __future__ import annotations

import logging
import socket
import ssl

import pytest

from courriel import CourrielError, Disconnected, Misused, SMTPSession
from courriel.drive.link import SocketLink
from courriel.drive.tls import TlsLayer
from tests.faces import Face
from tests.hostile.canary import PASSWORD, TOKEN, hide_nothing, told
from tests.hostile.loopback import Loopback


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG)
    return caplog


async def test_a_socket_that_fails_shows_nothing(
    log: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = SocketLink.send

    def fail(self: SocketLink, data: bytes | memoryview) -> int:
        if bytes(data).startswith(b"AUTH"):
            # The real call, so that the error has passed through the frames that it would.
            self._socket.shutdown(socket.SHUT_WR)
        return send(self, data)

    monkeypatch.setattr(SocketLink, "send", fail)

    def greet(connection: socket.socket) -> None:
        connection.sendall(b"220 mx\r\n")
        connection.recv(65536)
        connection.sendall(b"250-mx\r\n250 AUTH PLAIN\r\n")
        server.stall()

    with Loopback(greet) as server:
        session = SMTPSession(
            "127.0.0.1",
            port=server.port,
            security="plaintext",
            user="ada",
            password=PASSWORD,
            timeout=5,
        )
        with pytest.raises(Disconnected) as caught:
            session.open()
    assert isinstance(caught.value.__cause__, OSError)
    hide_nothing(log.text + told(caught.value), [b"\0ada\0" + PASSWORD.encode()])


PROXIES = {
    f"ftp://ada:{PASSWORD}@127.0.0.1:1": Misused,
    f"socks5://ada:{PASSWORD}@": Misused,
    f"socks5://ada:{PASSWORD}@127.0.0.1": Misused,
    f"socks5://ada:{PASSWORD}@127.0.0.1:x": Misused,
    f"socks5://ada:{PASSWORD}@[::1": Misused,
    f"{PASSWORD}": Misused,
    f"socks5://ada:{PASSWORD}@127.0.0.1:%d": Disconnected,
    f"socks4://{PASSWORD}@127.0.0.1:%d": Disconnected,
    f"http://ada:{PASSWORD}@127.0.0.1:%d": Disconnected,
}


@pytest.mark.parametrize(("url", "expected"), list(PROXIES.items()), ids=range(len(PROXIES)))
async def test_a_proxy_shows_nothing(
    face: Face, url: str, expected: type[CourrielError], log: pytest.LogCaptureFixture
) -> None:
    def refuse(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"\x05\xff")

    with Loopback(refuse) as server:
        proxy = url.replace("%d", str(server.port))
        session = face.smtp("mx.example.org", proxy=proxy, user="ada", password=TOKEN, timeout=5)
        with pytest.raises(expected) as caught:
            await session.open()
    hide_nothing(log.text + told(caught.value), [])


def test_tls_that_fails_keeps_nothing_in_its_cause() -> None:
    layer = TlsLayer(None, "mx.example.org")
    # Before the handshake nothing can be encrypted.
    with pytest.raises(Disconnected) as caught:
        layer.encrypt(PASSWORD.encode())
    # The error itself is copied for every ticket, without its frames; its cause is not.
    cause = caught.value.__cause__
    assert isinstance(cause, ssl.SSLError)
    hide_nothing(told(cause), [])
