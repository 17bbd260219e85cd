"""Certificates that must not be believed (security.md, 1.3), on real TLS over loopback.

The client has no context of the caller's: what is tried is the library's own, told by the
environment which authority to trust. Under implicit TLS and after STARTTLS, in both colours.
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
from tests.hostile.issuer import Issuer
from tests.hostile.loopback import Loopback, TlsDialogue
from tests.servers.authority import Authority, Fault

PASSWORD = "correct horse"
SECURITY = pytest.mark.parametrize("security", ["tls", "starttls"])


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Issuer:
    return Issuer(tmp_path_factory.mktemp("issuer"))


@pytest.fixture
def trusted(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> Issuer:
    """The issuer, trusted as if the system did."""
    trust(issuer.ca_file, monkeypatch)
    return issuer


def trust(ca_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(ca_file))


@pytest.fixture(autouse=True)
def every_name_is_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every host name lead to this machine."""

    def here(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", here)


async def open_at(face: Face, dialogue: TlsDialogue, security: str, host: str, **more: Any) -> None:
    """Open a session with a password, and close it."""
    with Loopback(dialogue) as server:
        session = face.smtp(
            host,
            port=server.port,
            security=security,
            user="ada",
            password=PASSWORD,
            timeout=5,
            **more,
        )
        try:
            async with session:
                assert session.secured
        finally:
            assert SessionState.CLOSED is session.state


async def accepted(face: Face, context: ssl.SSLContext, security: str, host: str) -> TlsDialogue:
    """Expect that a server is believed."""
    dialogue = TlsDialogue(context, starttls=security == "starttls")
    await open_at(face, dialogue, security, host)
    assert "AUTH" in dialogue.commands
    return dialogue


async def refused(
    face: Face, context: ssl.SSLContext, security: str, host: str, **more: Any
) -> InsecureConnection:
    """Expect that a server is not believed, and is told nothing but that we want TLS."""
    dialogue = TlsDialogue(context, starttls=security == "starttls")
    with pytest.raises(InsecureConnection) as caught:
        await open_at(face, dialogue, security, host, **more)
    assert (["EHLO", "STARTTLS"] if security == "starttls" else []) == dialogue.commands
    assert b"AUTH" not in dialogue.heard
    assert not caught.value.session_usable
    assert not caught.value.retryable
    assert caught.value.hint
    return caught.value


FAULTS = {
    Fault.EXPIRED: "expired",
    Fault.NOT_YET_VALID: "not yet valid",
    Fault.WRONG_HOST: "not valid for 'localhost'",
    Fault.UNKNOWN_AUTHORITY: "local issuer",
    Fault.SELF_SIGNED: "self-signed|self signed",
}


@SECURITY
async def test_a_good_certificate_is_believed(
    face: Face, security: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = Authority(tmp_path)
    trust(authority.ca_file, monkeypatch)
    dialogue = await accepted(face, authority.certificate().server_context(), security, "localhost")
    assert ["localhost"] == dialogue.names


@SECURITY
@pytest.mark.parametrize("fault", list(Fault), ids=lambda fault: fault.value)
async def test_a_certificate_with_a_fault_is_refused(
    face: Face, security: str, fault: Fault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = Authority(tmp_path)
    trust(authority.ca_file, monkeypatch)
    error = await refused(
        face, authority.certificate(fault).server_context(), security, "localhost"
    )
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
    error = await refused(face, context, security, "localhost")
    assert "too weak" in str(error)


@SECURITY
async def test_tls_before_1_2_is_refused(face: Face, security: str, trusted: Issuer) -> None:
    context = trusted.server_context("localhost")
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    error = await refused(face, context, security, "localhost")
    assert "1.2" in str(error)


IDN = "bücher.example"

# What is connected to, and what the certificate says: alternative names, else only a common name.
BELIEVED = [
    ("mx.example.org", ["*.example.org"]),
    ("MX.Example.ORG", ["mx.example.org"]),
    ("mx.example.org.", ["mx.example.org"]),
    ("127.0.0.1", ["127.0.0.1"]),
    (IDN, ["xn--bcher-kva.example"]),
]
DISBELIEVED = [
    ("example.org", ["*.example.org"]),
    ("a.mx.example.org", ["*.example.org"]),
    ("mx.example.org", ["m*.example.org"]),
    ("mx.example.org", ["mx.*.org"]),
    ("example.org", ["*.org"]),
    ("localhost", ["*"]),
    ("mx.example.org", ["example.org"]),
    ("mx.example.org", ["mx.example.org.evil.example"]),
    ("127.0.0.1", ["127.0.0.2"]),
    ("127.0.0.1", ["localhost"]),
    ("127.0.0.1", ["*.0.0.1"]),
    (IDN, ["bucher.example"]),
    (IDN, ["*.example"]),
    ("mx.example.org", ["mx.example.org\0.evil.example"]),
    ("mx.example.org", ["evil.example", "mx.example.org\0"]),
]


@SECURITY
@pytest.mark.parametrize(("host", "names"), BELIEVED)
async def test_a_name_that_matches_is_believed(
    face: Face, security: str, host: str, names: list[str], trusted: Issuer
) -> None:
    await accepted(face, trusted.server_context(*names), security, host)


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


@SECURITY
@pytest.mark.parametrize(
    ("host", "expected"),
    [("mx.example.org", "mx.example.org"), (IDN, "xn--bcher-kva.example"), ("127.0.0.1", None)],
)
async def test_the_server_is_told_which_name_is_meant(
    face: Face, security: str, host: str, expected: str | None, trusted: Issuer
) -> None:
    names = ["mx.example.org", "xn--bcher-kva.example", "127.0.0.1"]
    dialogue = await accepted(face, trusted.server_context(*names), security, host)
    assert [expected] == dialogue.names


@SECURITY
async def test_a_context_of_the_callers_decides_by_itself(
    face: Face, security: str, issuer: Issuer
) -> None:
    careless = ssl.create_default_context()
    careless.check_hostname = False
    careless.verify_mode = ssl.CERT_NONE
    dialogue = TlsDialogue(issuer.server_context("elsewhere"), starttls=security == "starttls")
    await open_at(face, dialogue, security, "localhost", tls=careless)
    assert "AUTH" in dialogue.commands
