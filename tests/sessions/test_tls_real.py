"""TLS with a real Postfix: what is trusted, what is refused, and that no secret went before."""

from __future__ import annotations

import ssl

import pytest

from courriel import InsecureConnection, SessionState, TimedOut, Timeout
from courriel.drive.tls import default_context
from tests.faces import Face
from tests.servers.authority import Fault
from tests.servers.postfix import Postfix
from tests.sessions.doors import DOORS, through
from tests.sessions.letters import ADA, SENDER, letter

pytestmark = pytest.mark.server

REASONS = {
    Fault.EXPIRED: "expired",
    Fault.NOT_YET_VALID: "not yet valid",
    Fault.WRONG_HOST: "mismatch|not valid for",
    Fault.UNKNOWN_AUTHORITY: "issuer",
    Fault.SELF_SIGNED: "self.signed",
}


def faulty(postfix: Postfix, fault: Fault, security: str) -> int:
    port = postfix.faulty_smtps_port if security == "tls" else postfix.faulty_starttls_port
    return port(fault)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
@pytest.mark.parametrize("security", ["tls", "starttls"])
@pytest.mark.parametrize("fault", Fault)
async def test_a_bad_certificate_ends_it_before_anything_secret(
    face: Face, postfix: Postfix, fault: Fault, security: str, host: str
) -> None:
    session = face.smtp(
        host,
        port=faulty(postfix, fault, security),
        security=security,
        # The servers would log her, had anything been sent.
        user="eve-was-here",
        password="not-hers",
        tls=postfix.ssl_context,
    )
    with pytest.raises(InsecureConnection, match=f"(?i){REASONS[fault]}") as caught:
        await session.open()
    assert host in str(caught.value)
    assert not caught.value.retryable
    assert SessionState.CLOSED is session.state
    assert not session.secured
    assert frozenset() == session.capabilities
    assert "not-hers" not in str(caught.value)
    assert "eve-was-here" not in postfix.log()


@pytest.mark.parametrize("door", ["starttls", "implicit TLS", "submission"])
async def test_an_authority_that_nobody_named_is_not_trusted(
    face: Face, postfix: Postfix, door: str
) -> None:
    session = face.smtp(**through(postfix, door, tls=None))
    with pytest.raises(InsecureConnection, match=r"tls=ssl\.create_default_context"):
        await session.open()


@pytest.mark.parametrize("fault", Fault)
async def test_the_context_of_the_caller_decides(
    face: Face, postfix: Postfix, fault: Fault
) -> None:
    careless = ssl.create_default_context()
    careless.check_hostname, careless.verify_mode = False, ssl.CERT_NONE
    for security in ("tls", "starttls"):
        async with face.smtp(
            port=faulty(postfix, fault, security), security=security, tls=careless
        ) as session:
            assert session.secured
            assert 250 == (await session.noop()).code


def test_the_default_context_verifies_and_wants_tls_of_today() -> None:
    context = default_context()
    assert ssl.CERT_REQUIRED is context.verify_mode
    assert context.check_hostname
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2


@pytest.mark.parametrize("door", [door for door, (_, kind) in DOORS.items() if kind != "plaintext"])
async def test_tls_covers_a_whole_session(face: Face, postfix: Postfix, door: str) -> None:
    async with face.smtp("localhost", **through(postfix, door)) as session:
        assert session.secured
        for n in range(3):
            receipt = await session.send(letter(n), sender=SENDER, recipients=[ADA])
            assert (ADA,) == receipt.accepted
    assert not session.secured


async def test_capabilities_are_asked_again_under_tls(face: Face, postfix: Postfix) -> None:
    # Before TLS this door offers no sign-in at all; under TLS it offers no more STARTTLS.
    async with face.smtp(**through(postfix, "submission")) as session:
        assert any(word.startswith("AUTH") for word in session.capabilities)
        assert "STARTTLS" not in session.capabilities


@pytest.mark.parametrize("door", ["no TLS", "no extension"])
async def test_starttls_is_required_where_it_was_asked_for(
    face: Face, postfix: Postfix, door: str
) -> None:
    session = face.smtp(
        **through(postfix, door, security="starttls", tls=postfix.ssl_context), user="ada"
    )
    with pytest.raises(InsecureConnection, match=r"STARTTLS|TLS cannot be started"):
        await session.open()
    assert SessionState.CLOSED is session.state


async def test_tls_on_a_port_without_is_told(face: Face, postfix: Postfix) -> None:
    session = face.smtp(**through(postfix, security="tls"))
    with pytest.raises(InsecureConnection, match="starttls"):
        await session.open()


async def test_no_tls_on_a_port_with_it_is_told(face: Face, postfix: Postfix) -> None:
    session = face.smtp(port=postfix.smtps_port, security="plaintext", timeout=Timeout(connect=0.2))
    with pytest.raises(TimedOut, match="security='tls'"):
        await session.open()
    assert SessionState.CLOSED is session.state
