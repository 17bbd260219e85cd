"""Certificates that must not be believed (security.md, 1.3), by IMAP sessions on real TLS.

What is tried is the library's own context, told by the environment which authority to trust; under
implicit TLS and after STARTTLS, in both colours. The certificates are those of SMTP's tests.
"""

from __future__ import annotations

import socket
import ssl
import warnings
from pathlib import Path
from typing import Any

import pytest

from courriel import InsecureConnection, SessionState
from tests.faces import Face
from tests.hostile.imap_sink import ImapSink
from tests.hostile.issuer import Issuer
from tests.hostile.loopback import Loopback
from tests.hostile.test_certificates import BELIEVED, DISBELIEVED, FAULTS, IDN, SECURITY, trust
from tests.servers.authority import Authority, Fault

PASSWORD = "correct horse"


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Issuer:
    return Issuer(tmp_path_factory.mktemp("issuer"))


@pytest.fixture
def trusted(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> Issuer:
    """The issuer, trusted as if the system did."""
    trust(issuer.ca_file, monkeypatch)
    return issuer


@pytest.fixture(autouse=True)
def every_name_is_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every host name lead to this machine."""

    def here(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", here)


class ImapTlsDialogue:
    """An IMAP server under TLS; ``sink`` is what it could read, ``names`` who was asked for."""

    def __init__(self, context: ssl.SSLContext, security: str) -> None:
        self._context = context
        self._starttls = security == "starttls"
        offer = ["STARTTLS"] if self._starttls else []
        self.sink = ImapSink("AUTH=PLAIN", "SASL-IR", *offer, sasl={"PLAIN": lambda _: "OK hi"})
        self.names: list[str | None] = []
        context.sni_callback = self._asked

    def _asked(self, _: ssl.SSLObject, name: str | None, __: ssl.SSLContext) -> None:
        self.names.append(name)

    def __call__(self, connection: socket.socket) -> None:
        """Play the server's side."""
        if self._starttls:
            self._converse(connection)
        with self._context.wrap_socket(connection, server_side=True) as secured:
            self._converse(secured)

    def _converse(self, connection: socket.socket) -> None:
        """Go on until the client leaves, or wants TLS."""
        connection.sendall(self.sink(b""))
        while data := connection.recv(65536):
            connection.sendall(self.sink(data))
            if data.endswith(b" STARTTLS\r\n"):
                return


async def open_at(
    face: Face, dialogue: ImapTlsDialogue, security: str, host: str, **more: Any
) -> None:
    """Open a session with a password, and close it."""
    with Loopback(dialogue) as server:
        session = face.tame(
            face.kind("IMAPSession")(
                host,
                port=server.port,
                security=security,
                user="ada",
                password=PASSWORD,
                timeout=5,
                **more,
            )
        )
        try:
            async with session:
                assert session.secured
        finally:
            assert SessionState.CLOSED is session.state


async def accepted(
    face: Face, context: ssl.SSLContext, security: str, host: str
) -> ImapTlsDialogue:
    """Expect that a server is believed."""
    dialogue = ImapTlsDialogue(context, security)
    await open_at(face, dialogue, security, host)
    assert ["PLAIN"] == dialogue.sink.tried()
    return dialogue


async def refused(
    face: Face, context: ssl.SSLContext, security: str, host: str
) -> InsecureConnection:
    """Expect that a server is not believed, and is told nothing but that we want TLS."""
    dialogue = ImapTlsDialogue(context, security)
    with pytest.raises(InsecureConnection) as caught:
        await open_at(face, dialogue, security, host)
    assert (["STARTTLS"] if security == "starttls" else []) == dialogue.sink.commands
    assert not caught.value.session_usable
    assert not caught.value.retryable
    assert caught.value.hint
    return caught.value


@SECURITY
async def test_a_good_certificate_is_believed(
    face: Face, security: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = Authority(tmp_path)
    trust(authority.ca_file, monkeypatch)
    context = authority.certificate().server_context()
    assert ["localhost"] == (await accepted(face, context, security, "localhost")).names


@SECURITY
@pytest.mark.parametrize("fault", list(Fault), ids=lambda fault: fault.value)
async def test_a_certificate_with_a_fault_is_refused(
    face: Face, security: str, fault: Fault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = Authority(tmp_path)
    trust(authority.ca_file, monkeypatch)
    context = authority.certificate(fault).server_context()
    error = await refused(face, context, security, "localhost")
    assert any(words in str(error) for words in FAULTS[fault].split("|"))


@SECURITY
async def test_an_authority_that_the_system_does_not_know_is_refused(
    face: Face, security: str, issuer: Issuer
) -> None:
    error = await refused(face, issuer.server_context("localhost"), security, "localhost")
    assert "cafile" in error.hint


@SECURITY
async def test_a_signature_with_sha_1_is_refused(
    face: Face, security: str, trusted: Issuer
) -> None:
    context = trusted.server_context("localhost", sha_1=True)
    assert "too weak" in str(await refused(face, context, security, "localhost"))


@SECURITY
async def test_tls_before_1_2_is_refused(face: Face, security: str, trusted: Issuer) -> None:
    context = trusted.server_context("localhost")
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    assert "1.2" in str(await refused(face, context, security, "localhost"))


@SECURITY
@pytest.mark.parametrize(("host", "names"), BELIEVED)
async def test_a_name_that_matches_is_believed(
    face: Face, security: str, host: str, names: list[str], trusted: Issuer
) -> None:
    dialogue = await accepted(face, trusted.server_context(*names), security, host)
    asked = {IDN: "xn--bcher-kva.example", "127.0.0.1": None}.get(host, host.rstrip("."))
    assert [asked and asked.lower()] == [name and name.lower() for name in dialogue.names]


@SECURITY
@pytest.mark.parametrize(("host", "names"), DISBELIEVED)
async def test_a_name_that_does_not_match_is_refused(
    face: Face, security: str, host: str, names: list[str], trusted: Issuer
) -> None:
    error = await refused(face, trusted.server_context(*names), security, host)
    assert "not valid for" in str(error)


@SECURITY
@pytest.mark.parametrize(
    ("host", "common_name"),
    [
        ("mx.example.org", "mx.example.org"),
        ("mx.example.org", "*.example.org"),
        ("mx.example.org", "mx.example.org\0.evil.example"),
        ("127.0.0.1", "127.0.0.1"),
    ],
    ids=["exact", "wildcard", "NUL", "address"],
)
async def test_a_common_name_counts_for_nothing(
    face: Face, security: str, host: str, common_name: str, trusted: Issuer
) -> None:
    # RFC 9525, 2: names of servers are in the extension, the subject is for people.
    context = trusted.server_context(common_name=common_name)
    assert "not valid for" in str(await refused(face, context, security, host))
