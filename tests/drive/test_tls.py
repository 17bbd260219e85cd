"""The TLS layer against a TLS server in memory: what is trusted, what is told, what is an end."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import trustme

from courriel.drive.tls import TlsLayer, default_context
from courriel.errors import Disconnected, InsecureConnection
from courriel.flows.effects import Secured

HOST = "mx.example.org"


class TlsServer:
    """The other side, of any version and with any certificate."""

    def __init__(
        self, certificate: trustme.LeafCert, adjust: Callable[[ssl.SSLContext], None] | None = None
    ) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(context)
        if adjust is not None:
            adjust(context)
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_side=True)
        self.shaken = False

    def answer(self, data: bytes) -> bytes:
        """Take what the client says and return what comes back."""
        self.incoming.write(data)
        if not self.shaken:
            try:
                self.tls.do_handshake()
                self.shaken = True
            except ssl.SSLWantReadError:
                pass
        return self.outgoing.read()

    def hear(self, data: bytes) -> bytes:
        """Decrypt what the client says."""
        self.incoming.write(data)
        return self.tls.read(1 << 20)

    def say(self, text: bytes) -> bytes:
        """Encrypt what the server says."""
        self.tls.write(text)
        return self.outgoing.read()


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def context(authority: trustme.CA) -> ssl.SSLContext:
    context = default_context()
    authority.configure_trust(context)
    return context


def shake(client: TlsLayer, server: TlsServer, size: int = 1 << 20) -> Secured:
    """Shake hands, the server's octets cut into pieces of that size."""
    for _ in range(20):
        secured = client.shake()
        answer = server.answer(client.take())
        if secured is not None:
            client.feed(answer)
            return secured
        for place in range(0, len(answer), size):
            client.feed(answer[place : place + size])
            if place + size < len(answer):
                assert client.shake() is None
    raise AssertionError("the handshake does not end")


@pytest.mark.parametrize("size", [1, 100, 1 << 20])
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_handshake(
    authority: trustme.CA, context: ssl.SSLContext, version: ssl.TLSVersion, size: int
) -> None:
    def only(server_context: ssl.SSLContext) -> None:
        server_context.maximum_version = version

    server = TlsServer(authority.issue_cert(HOST), only)
    client = TlsLayer(context, HOST)
    secured = shake(client, server, size)
    assert version.name.replace("_", ".") == secured.version
    assert secured.certificate is not None
    assert b"NOOP\r\n" == server.hear(client.encrypt(b"NOOP\r\n"))
    client.feed(server.say(b"250 ok\r\n"))
    assert b"250 ok\r\n" == client.decrypt()
    assert b"" == client.decrypt()
    assert not client.ended


def test_a_word_that_comes_with_the_last_of_the_handshake_is_kept(
    authority: trustme.CA, context: ssl.SSLContext
) -> None:
    def only(server_context: ssl.SSLContext) -> None:
        server_context.maximum_version = ssl.TLSVersion.TLSv1_2

    server = TlsServer(authority.issue_cert(HOST), only)
    client = TlsLayer(context, HOST)
    answer = b""
    while not server.shaken:
        client.feed(answer)
        assert client.shake() is None
        answer = server.answer(client.take())
    client.feed(answer + server.say(b"220 hello\r\n"))
    assert client.shake() is not None
    assert b"220 hello\r\n" == client.decrypt()


def test_large_things_come_whole(authority: trustme.CA, context: ssl.SSLContext) -> None:
    server, client = TlsServer(authority.issue_cert(HOST)), TlsLayer(context, HOST)
    shake(client, server)
    text = bytes(range(256)) * 4096
    said = server.say(text)
    heard = b""
    for place in range(0, len(said), 1000):
        client.feed(said[place : place + 1000])
        heard += client.decrypt()
    assert text == heard
    said = client.encrypt(text)
    server.incoming.write(said)
    heard = b""
    while len(heard) < len(text):
        heard += server.tls.read(1 << 20)
    assert text == heard


class TestDistrust:
    def _refused(self, client: TlsLayer, server: TlsServer, words: str) -> None:
        with pytest.raises(InsecureConnection, match=words) as caught:
            shake(client, server)
        assert caught.value.hint
        # The server is told by an alert.
        assert client.take()

    def test_an_unknown_authority(self, context: ssl.SSLContext) -> None:
        server = TlsServer(trustme.CA().issue_cert(HOST))
        self._refused(TlsLayer(context, HOST), server, f"{HOST} is not trusted.*issuer")

    def test_the_default_context_trusts_no_stranger(self, authority: trustme.CA) -> None:
        server = TlsServer(authority.issue_cert(HOST))
        self._refused(TlsLayer(None, HOST), server, "not trusted")

    @pytest.mark.parametrize("host", ["evil.example.org", "example.org", "192.0.2.1", "::1"])
    def test_a_wrong_host(self, authority: trustme.CA, context: ssl.SSLContext, host: str) -> None:
        server = TlsServer(authority.issue_cert(HOST))
        self._refused(TlsLayer(context, host), server, "not trusted.*mismatch")

    def test_an_expired_certificate(self, authority: trustme.CA, context: ssl.SSLContext) -> None:
        past = datetime.now(UTC) - timedelta(days=1)
        server = TlsServer(authority.issue_cert(HOST, not_after=past))
        self._refused(TlsLayer(context, HOST), server, "expired")

    @pytest.mark.parametrize(
        "said", [b"220 mx.example.org ready\r\n", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\0" * 100]
    )
    def test_a_server_that_speaks_no_tls(self, context: ssl.SSLContext, said: bytes) -> None:
        client = TlsLayer(context, HOST)
        assert client.shake() is None
        client.feed(said)
        with pytest.raises(InsecureConnection, match="does not speak TLS") as caught:
            client.shake()
        # The session knows which ports its protocol has.
        assert "" == caught.value.hint

    def test_a_server_that_wants_a_certificate(
        self, authority: trustme.CA, context: ssl.SSLContext
    ) -> None:
        def demand(server_context: ssl.SSLContext) -> None:
            server_context.verify_mode = ssl.CERT_REQUIRED
            server_context.maximum_version = ssl.TLSVersion.TLSv1_2

        server = TlsServer(authority.issue_cert(HOST), demand)
        client = TlsLayer(context, HOST)
        assert client.shake() is None
        client.feed(server.answer(client.take()))
        assert client.shake() is None
        with pytest.raises(ssl.SSLError):
            server.answer(client.take())
        client.feed(server.outgoing.read())
        with pytest.raises(InsecureConnection, match="handshake failed"):
            client.shake()

    @pytest.mark.parametrize("host", ["", ".", "a" * 300, "b" * 70 + ".example.org"])
    def test_a_host_that_no_certificate_can_name(self, context: ssl.SSLContext, host: str) -> None:
        with pytest.raises(InsecureConnection, match="cannot be a name"):
            TlsLayer(context, host)

    def test_old_versions_are_not_spoken(self) -> None:
        context = default_context()
        assert ssl.TLSVersion.TLSv1_2 <= context.minimum_version
        assert ssl.CERT_REQUIRED == context.verify_mode
        assert context.check_hostname


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "[::1]", "mx.example.org."])
def test_a_host_may_be_written_in_many_ways(
    authority: trustme.CA, context: ssl.SSLContext, host: str
) -> None:
    server = TlsServer(authority.issue_cert(host.strip("[]").rstrip(".")))
    assert shake(TlsLayer(context, host), server).certificate


class TestTheEnd:
    @pytest.fixture
    def pair(self, authority: trustme.CA, context: ssl.SSLContext) -> tuple[TlsLayer, TlsServer]:
        server, client = TlsServer(authority.issue_cert(HOST)), TlsLayer(context, HOST)
        shake(client, server)
        client.decrypt()
        return client, server

    def _closed(self, server: TlsServer) -> bytes:
        with pytest.raises(ssl.SSLWantReadError):
            server.tls.unwrap()
        return server.outgoing.read()

    def test_the_server_closes(self, pair: tuple[TlsLayer, TlsServer]) -> None:
        client, server = pair
        client.feed(self._closed(server))
        assert b"" == client.decrypt()
        assert client.ended

    def test_what_it_said_before_is_heard(self, pair: tuple[TlsLayer, TlsServer]) -> None:
        client, server = pair
        client.feed(server.say(b"421 ") + server.say(b"bye\r\n") + self._closed(server))
        assert b"421 bye\r\n" == client.decrypt()
        assert client.ended

    def test_we_close(self, pair: tuple[TlsLayer, TlsServer]) -> None:
        client, server = pair
        farewell = client.farewell()
        assert farewell
        assert b"" == server.hear(farewell)

    def test_we_close_before_the_handshake(self, context: ssl.SSLContext) -> None:
        assert isinstance(TlsLayer(context, HOST).farewell(), bytes)

    def test_garbage_ends_it(self, pair: tuple[TlsLayer, TlsServer]) -> None:
        client, _ = pair
        client.feed(b"250 ok, in clear\r\n")
        with pytest.raises(Disconnected, match="TLS failed"):
            client.decrypt()

    def test_so_does_a_record_that_somebody_changed(self, pair: tuple[TlsLayer, TlsServer]) -> None:
        client, server = pair
        said = bytearray(server.say(b"250 ok\r\n"))
        said[-1] ^= 1
        client.feed(bytes(said))
        with pytest.raises(Disconnected, match="TLS failed"):
            client.decrypt()

    def test_half_a_record_is_waited_for(self, pair: tuple[TlsLayer, TlsServer]) -> None:
        client, server = pair
        said = server.say(b"250 ok\r\n")
        client.feed(said[:-1])
        assert b"" == client.decrypt()
        client.feed(said[-1:])
        assert b"250 ok\r\n" == client.decrypt()


def test_what_is_good_before_a_broken_record_is_not_lost(
    authority: trustme.CA, context: ssl.SSLContext
) -> None:
    server = TlsServer(authority.issue_cert(HOST))
    client = TlsLayer(context, HOST)
    shake(client, server)
    assert b"" == client.decrypt()
    good, bad = server.say(b"250 taken\r\n"), bytearray(server.say(b"221 bye\r\n"))
    bad[-1] ^= 1
    client.feed(good + bytes(bad))
    assert b"250 taken\r\n" == client.decrypt()
    with pytest.raises(Disconnected, match="TLS failed"):
        client.decrypt()
