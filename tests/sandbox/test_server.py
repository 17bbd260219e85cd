"""The running server, as the standard library's clients see it."""

from __future__ import annotations

import asyncio
import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from email.message import EmailMessage
from typing import Any

import pytest

from courriel.errors import Misused, Refused
from courriel.sandbox import CAPABILITIES, Authority, Server, connection, hub

HELLO = b"Subject: hello\r\n\r\n.dot\r\nbye\r\n"


@pytest.fixture
def server(authority: Authority) -> Iterator[Server]:
    with make(authority) as running:
        yield running


def make(authority: Authority, **options: Any) -> Server:
    return Server({"ada": "secret", "bob": "hunter2"}, authority=authority, **options)


def plain(server: Server) -> smtplib.SMTP:
    return smtplib.SMTP(server.host, server.smtp_port, "client.example", timeout=10)


def under_tls(server: Server) -> smtplib.SMTP_SSL:
    return smtplib.SMTP_SSL(
        server.host,
        server.smtp_tls_port,
        "client.example",
        timeout=10,
        context=server.ssl_context,
    )


def test_sending_in_clear(server: Server) -> None:
    with plain(server) as client:
        client.login("ada", "secret")
        assert {} == client.sendmail("ada@example.org", ["bob@example.org"], HELLO)
    (message,) = server.mailbox("bob")
    assert HELLO == message.content
    assert ("ada@example.org", ("bob@example.org",)) == (message.sender, message.recipients)
    assert ("ESMTPA", "ada") == (message.envelope.protocol, message.envelope.user)


def test_sending_under_starttls(server: Server) -> None:
    with plain(server) as client:
        client.starttls(context=server.ssl_context)
        client.login("ada", "secret")
        client.sendmail("ada@example.org", ["bob@example.org"], HELLO)
    (message,) = server.mailbox("bob")
    assert (HELLO, "ESMTPSA") == (message.content, message.envelope.protocol)


def test_sending_under_tls(server: Server) -> None:
    with under_tls(server) as client:
        client.login("ada", "secret")
        client.sendmail("ada@example.org", ["bob@example.org"], HELLO)
    (message,) = server.mailbox("bob")
    assert (HELLO, "ESMTPSA") == (message.content, message.envelope.protocol)


def test_sending_a_message_object(server: Server) -> None:
    email = EmailMessage()
    email["From"] = "ada@example.org"
    email["To"] = "bob@example.org"
    email["Bcc"] = "ada@example.org"
    email["Subject"] = "hello"
    email.set_content("text")
    email.add_attachment(bytes(range(256)) * 4_096, maintype="image", subtype="png")
    with under_tls(server) as client:
        client.login("ada", "secret")
        client.send_message(email)
    assert [1, 1] == [len(server.mailbox("ada")), len(server.mailbox("bob"))]
    assert len(server.mailbox("bob")[0].content) > 1_048_576


def test_lmtp(server: Server) -> None:
    # The standard library reads one reply only, so there is one recipient.
    with smtplib.LMTP(server.host, server.lmtp_port, "client.example", timeout=10) as client:
        assert {} == client.sendmail("eve@example.com", ["ada@example.org"], HELLO)
    assert ["LMTP"] == [message.envelope.protocol for message in server.mailbox("ada")]


def test_some_recipients_are_refused(server: Server) -> None:
    with plain(server) as client:
        client.login("ada", "secret")
        refused = client.sendmail("ada@example.org", ["bob@example.org", "eve@example.org"], HELLO)
    assert {"eve@example.org": (550, b"5.1.1 There is no such user")} == refused
    assert 1 == len(server.mailbox("bob"))


def test_a_wrong_password(server: Server) -> None:
    with plain(server) as client, pytest.raises(smtplib.SMTPAuthenticationError, match=r"5\.7\.8"):
        client.login("ada", "wrong")


@pytest.mark.parametrize("mechanism", ["CRAM-MD5", "PLAIN", "LOGIN"])
def test_each_mechanism_that_smtplib_knows(authority: Authority, mechanism: str) -> None:
    with make(authority, mechanisms=[mechanism]) as server, plain(server) as client:
        assert (235, b"2.7.0 You are signed in") == client.login("bob", "hunter2")


def test_without_a_sign_in(authority: Authority) -> None:
    refused = pytest.raises(smtplib.SMTPSenderRefused, match="AUTH comes first")
    with make(authority) as server, plain(server) as client, refused:
        client.sendmail("ada@example.org", ["bob@example.org"], HELLO)
    with make(authority, require_auth=False) as server, plain(server) as client:
        client.sendmail("ada@example.org", ["bob@example.org"], HELLO)


def test_what_is_offered_can_be_chosen(authority: Authority) -> None:
    capabilities = CAPABILITIES - {"CHUNKING"}
    with make(authority, capabilities=capabilities) as server, plain(server) as client:
        client.ehlo()
        assert not client.has_extn("chunking")
        assert client.has_extn("pipelining")


def test_refusals_can_be_chosen(authority: Authority) -> None:
    options = {
        "require_auth": False,
        "refuse": {"Eve@example.com": "554 5.7.1 Go away"},
        "refuse_message": {"bob@example.org": "552 5.2.2 The mailbox is full"},
    }
    with make(authority, **options) as server, plain(server) as client:
        with pytest.raises(smtplib.SMTPSenderRefused, match="Go away"):
            client.sendmail("eve@example.com", ["ada@example.org"], HELLO)
        with pytest.raises(smtplib.SMTPDataError, match="The mailbox is full"):
            client.sendmail("ada@example.org", ["ada@example.org", "bob@example.org"], HELLO)
        client.sendmail("ada@example.org", ["ada@example.org"], HELLO)
    assert [1, 0] == [len(server.mailbox("ada")), len(server.mailbox("bob"))]


def test_a_client_that_does_not_trust_it_is_dropped(server: Server) -> None:
    context = ssl.create_default_context()
    for _ in range(2):
        with pytest.raises(ssl.SSLCertVerificationError):
            smtplib.SMTP_SSL(server.host, server.smtp_tls_port, timeout=10, context=context)
    with plain(server) as client:
        with pytest.raises(ssl.SSLCertVerificationError):
            client.starttls(context=context)
        client.close()
    with under_tls(server) as client:
        assert 250 == client.noop()[0]


def test_a_client_that_speaks_no_tls_is_dropped(server: Server) -> None:
    with socket.create_connection((server.host, server.smtp_tls_port), timeout=10) as client:
        client.sendall(b"EHLO client.example\r\n" * 10)
        assert b"250" not in received(client)


def test_octets_behind_starttls_are_not_obeyed(server: Server) -> None:
    with socket.create_connection((server.host, server.smtp_port), timeout=10) as client:
        client.sendall(b"EHLO client.example\r\nSTARTTLS\r\nNOOP\r\n")
        heard = received(client)
    assert b"\r\n521 5.5.1 " in heard
    assert b"\r\n220 " not in heard


def test_the_reason_reaches_a_client_that_goes_on_talking(server: Server) -> None:
    with socket.create_connection((server.host, server.smtp_port), timeout=10) as client:
        client.sendall(b"NOOP\n" + b"x" * 1_000_000)
        assert b"\r\n521 5.5.2 " in received(client)


def test_many_messages_in_flight(server: Server) -> None:
    content = b"x" * 70 + b"\r\n"
    group = (
        b"MAIL FROM:<bob@example.org>\r\nRCPT TO:<ada@example.org>\r\nBDAT %d LAST\r\n"
        % len(content)
    ) + content
    with socket.create_connection((server.host, server.lmtp_port), timeout=10) as client:
        client.sendall(b"LHLO client.example\r\n" + group * 500 + b"QUIT\r\n")
        heard = received(client)
    assert 1_000 == heard.count(b"250 2.1.")
    assert 500 == heard.count(b"250 2.0.0 Kept as ")
    assert [content] * 500 == [message.content for message in server.mailbox("ada")]


def test_a_client_that_reads_late_gets_everything(server: Server) -> None:
    words = b"HELP\r\n" * 100_000 + b"QUIT\r\n"
    with socket.create_connection((server.host, server.smtp_port), timeout=10) as client:
        sender = threading.Thread(target=client.sendall, args=(words,))
        sender.start()
        heard = received(client)
        sender.join()
    assert 100_000 == heard.count(b"\r\n214 ")
    assert heard.endswith(b"closes the connection\r\n")


async def test_many_clients_at_once(server: Server) -> None:
    async def client(number: int) -> bytes:
        tls = server.ssl_context if number % 2 else None
        port = server.smtp_tls_port if tls else server.smtp_port
        reader, writer = await asyncio.open_connection(server.host, port, ssl=tls)
        writer.write(b"EHLO client.example\r\nQUIT\r\n")
        heard = await reader.read()
        writer.close()
        await writer.wait_closed()
        return heard

    answers = await asyncio.gather(*[client(number) for number in range(40)])
    assert all(answer.endswith(b"closes the connection\r\n") for answer in answers)


def test_stopping_ends_every_connection(authority: Authority) -> None:
    before = threading.active_count()
    server = make(authority).start()
    with closing(plain(server)) as idle, closing(under_tls(server)) as secured:
        shaking = socket.create_connection((server.host, server.smtp_tls_port), timeout=10)
        sending = socket.create_connection((server.host, server.lmtp_port), timeout=10)
        sending.sendall(b"LHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<ada@example.org>\r\nDATA\r\nhalf")
        idle.ehlo()
        server.stop()
        assert (421, b"4.3.2 The sandbox is closing") == idle.noop()
        assert (421, b"4.3.2 The sandbox is closing") == secured.noop()
        assert b"" == received(shaking)
        assert received(sending).endswith(b"421 4.3.2 The sandbox is closing\r\n")
        shaking.close()
        sending.close()
    assert before == threading.active_count()
    assert not server.running
    assert 0 == len(server.mailbox("ada"))


def test_starting_and_stopping_twice(authority: Authority) -> None:
    server = make(authority)
    with pytest.raises(Misused, match="does not run"):
        _ = server.smtp_port
    assert "<Server on 127.0.0.1: not running>" == repr(server)
    server.stop()
    assert server is server.start()
    port = server.smtp_port
    assert server.start().smtp_port == port
    assert f"smtp {port}, " in repr(server)
    server.deliver("ada", HELLO)
    server.stop()
    server.stop()
    with server, plain(server) as client:
        assert 250 == client.noop()[0]
        assert 1 == len(server.mailbox("ada"))


def test_delivering_past_all_protocols(server: Server) -> None:
    stored = server.deliver("ada", HELLO)
    assert (stored,) == server.mailbox("ada").wait()
    assert ("", ()) == (stored.sender, stored.recipients)
    with pytest.raises(Misused, match="no user 'eve'"):
        server.deliver("eve", HELLO)
    with pytest.raises(Misused, match="no user 'eve'"):
        server.mailbox("eve")


def test_the_capacity_is_kept(authority: Authority) -> None:
    server = make(authority, capacity=10, require_auth=False)
    server.deliver("ada", b"1234567890")
    with pytest.raises(Refused, match="Clear a mailbox"):
        server.deliver("ada", b"1")
    full = pytest.raises(smtplib.SMTPDataError, match="Insufficient system storage")
    with server, plain(server) as client, full:
        client.sendmail("bob@example.org", ["ada@example.org"], HELLO)


def test_addresses(authority: Authority) -> None:
    server = Server(
        {"ada": "x", "bob@example.com": "y"}, domain="here.example", authority=authority
    )
    assert ("ada", "bob@example.com") == server.users
    assert "ada@here.example" == server.address("ada")
    assert "bob@example.com" == server.address("bob@example.com")
    with pytest.raises(Misused):
        server.address("eve")


def test_without_users_there_is_ada() -> None:
    with Server() as server, under_tls(server) as client:
        assert 235 == client.login("ada", "secret")[0]
        assert "BEGIN CERTIFICATE" in server.ca_pem


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "8.8.8.8"])
def test_it_binds_to_loopback_unless_told_otherwise(authority: Authority, host: str) -> None:
    with pytest.raises(Misused, match="allow_remote=True"):
        Server(host=host, authority=authority)
    assert host == Server(host=host, authority=authority, allow_remote=True).host


def test_localhost_is_an_address(authority: Authority) -> None:
    assert "127.0.0.1" == Server(host="localhost", authority=authority).host


def test_other_hosts_are_none(authority: Authority) -> None:
    with pytest.raises(Misused, match="no IP address"):
        Server(host="mail.example.org", authority=authority)


def test_a_certain_port(authority: Authority, server: Server) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
    with make(authority, ports={"smtp": port}) as other:
        assert port == other.smtp_port
        with pytest.raises(Misused, match="cannot listen"):
            make(authority, ports={"smtp": port}).start()
    with pytest.raises(Misused, match="no service 'gopher'"):
        make(authority, ports={"gopher": 70})


def test_silence_is_bounded(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "_IDLE", 0.01)
    monkeypatch.setattr(hub, "_SWEEP", 0.01)
    with make(authority) as server:
        with socket.create_connection((server.host, server.smtp_port), timeout=10) as client:
            assert received(client).endswith(b"421 4.4.2 Nothing was heard for too long\r\n")
        with socket.create_connection((server.host, server.smtp_tls_port), timeout=10) as client:
            assert b"" == received(client)


def test_connections_are_bounded(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "_CONNECTIONS", 1)
    with make(authority) as server, plain(server) as client:
        with pytest.raises(smtplib.SMTPConnectError, match="Too many connections"):
            plain(server)
        with socket.create_connection((server.host, server.smtp_tls_port), timeout=10) as other:
            assert b"" == received(other)
        assert 250 == client.noop()[0]


def test_a_handshake_is_bounded(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "_HANDSHAKE", 0.05)
    with make(authority) as server:
        begun = time.monotonic()
        with socket.create_connection((server.host, server.smtp_tls_port), timeout=10) as client:
            assert b"" == received(client)
        assert time.monotonic() - begun < 5


def received(client: socket.socket) -> bytes:
    """Read to the end, however the other side makes it."""
    heard = bytearray()
    try:
        while octets := client.recv(65_536):
            heard += octets
    except ConnectionResetError:
        pass
    return bytes(heard)
