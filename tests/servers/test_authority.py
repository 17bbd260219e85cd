"""The certificates: the good one is trusted, each bad one is refused for its own reason."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from tests.servers.authority import HOSTS, Authority, Certificate, Fault

REASONS = {
    Fault.EXPIRED: "certificate has expired",
    Fault.NOT_YET_VALID: "certificate is not yet valid",
    Fault.WRONG_HOST: "Hostname mismatch",
    Fault.UNKNOWN_AUTHORITY: "unable to get local issuer certificate",
    Fault.SELF_SIGNED: "self-signed certificate",
}


def handshake(client: ssl.SSLContext, certificate: Certificate, host: str) -> None:
    """Let a client and a server with ``certificate`` agree, in memory."""
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    here = client.wrap_bio(down, up, server_hostname=host)
    there = certificate.server_context().wrap_bio(up, down, server_side=True)
    waiting = [here, there]
    while waiting:
        side = waiting.pop(0)
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            waiting.append(side)


@pytest.mark.parametrize("host", HOSTS)
def test_the_good_certificate_is_trusted(certificate_authority: Authority, host: str) -> None:
    handshake(certificate_authority.client_context(), certificate_authority.certificate(), host)


@pytest.mark.parametrize("fault", Fault)
def test_a_bad_certificate_is_refused_for_its_fault(
    certificate_authority: Authority, fault: Fault
) -> None:
    client = certificate_authority.client_context()
    with pytest.raises(ssl.SSLCertVerificationError, match=REASONS[fault]):
        handshake(client, certificate_authority.certificate(fault), "localhost")


def test_a_client_of_nobody_trusts_nothing(certificate_authority: Authority) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(ssl.create_default_context(), certificate_authority.certificate(), "localhost")


def test_a_certificate_is_issued_once(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    first = authority.certificate(Fault.EXPIRED).chain.read_bytes()
    assert first == authority.certificate(Fault.EXPIRED).chain.read_bytes()
