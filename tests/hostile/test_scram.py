"""Attacks on SCRAM (security.md, 1.4, A02 to A07), through whole sessions.

What a server must prove, and what it may not ask of us; the honest server beside it is computed.
"""

from __future__ import annotations

import base64
from typing import Any

import pytest

from courriel import CourrielError, Garbled, InsecureConnection, Limits, Unauthorised
from tests.faces import Face
from tests.hostile.signing import STRONG, Change, Scram, always, refused, signs_in, sink_of, tried

pytestmark = pytest.mark.virtual


@pytest.mark.parametrize("chunk", [None, 1])
@pytest.mark.parametrize(("mechanism", "digest"), [(STRONG[0], "sha256"), (STRONG[1], "sha1")])
async def test_an_honest_server_is_believed(
    face: Face, mechanism: str, digest: str, chunk: int | None
) -> None:
    await signs_in(face, sink_of(mechanism, server=Scram(digest=digest)), chunk=chunk)


async def stopped_after_server_first(face: Face, scram: Scram) -> CourrielError:
    """Expect that server-first is not believed: no proof is sent, the exchange is cancelled."""
    sink = sink_of("SCRAM-SHA-256", "PLAIN", server=scram)
    error = await refused(face, sink)
    assert 1 == len(scram.heard)
    assert ["SCRAM-SHA-256"] == tried(sink)
    return error


@pytest.mark.parametrize(
    "nonce", ["foreign", "ours alone", "ours cut", "empty"], ids=lambda name: name
)
async def test_a02_the_nonce_must_continue_ours(face: Face, nonce: str) -> None:
    def change(said: bytes) -> bytes:
        ours = scram.client_nonce
        nonces = {
            "foreign": b"x" * 30,
            "ours alone": ours,
            "ours cut": ours[:-1] + b"%",
            "empty": b"",
        }
        return b"r=" + nonces[nonce] + said[said.index(b",s=") :]

    scram = Scram(change)
    error = await stopped_after_server_first(face, scram)
    assert isinstance(error, InsecureConnection)


@pytest.mark.parametrize(
    "final",
    [
        always(b"v=" + base64.b64encode(b"x" * 32)),
        always(b"v="),
        always(b""),
        lambda said: said[:-4],
        lambda said: said[2:],
        lambda said: said.swapcase(),
        lambda said: b"x=1," + said,
        "235 2.7.0 welcome",
        "250 ok",
    ],
    ids=["other", "empty v", "empty", "cut", "bare", "case", "late", "235", "250"],
)
async def test_a03_the_servers_signature_must_be_right(face: Face, final: Any) -> None:
    scram = Scram(final=final)
    sink = sink_of("SCRAM-SHA-256", "PLAIN", server=scram)
    error = await refused(face, sink)
    assert isinstance(error, InsecureConnection)
    assert ["SCRAM-SHA-256"] == tried(sink)


async def test_a03_success_before_the_exchange_proves_nothing(face: Face) -> None:
    error = await refused(face, sink_of("SCRAM-SHA-256", server=always("235 2.7.0 welcome")))
    assert isinstance(error, InsecureConnection)


async def test_a03_the_servers_signature_may_come_with_the_success(face: Face) -> None:
    # RFC 5802, 5, leaves it to the protocol; in SMTP only a challenge can carry it (RFC 4954, 4).
    scram = Scram()
    sink = sink_of("SCRAM-SHA-256", server=scram)
    await signs_in(face, sink)
    assert b"" == scram.heard[-1]


@pytest.mark.parametrize(
    "value", ["invalid-proof", "unknown-user", "other-error", "something-new", "no-resources"]
)
async def test_a04_an_error_of_the_server_is_a_refusal(face: Face, value: str) -> None:
    scram = Scram(final=lambda _: b"e=" + value.encode())
    error = await refused(face, sink_of("SCRAM-SHA-256", server=scram))
    assert isinstance(error, Unauthorised)
    assert error.hint


async def test_a04_a_wrong_password_is_a_refusal(face: Face) -> None:
    error = await refused(face, sink_of("SCRAM-SHA-256", server=Scram(password="other")))
    assert isinstance(error, Unauthorised)
    assert "password" in str(error)


def iterations(count: bytes) -> Change:
    return lambda said: said[: said.index(b",i=")] + b",i=" + count


@pytest.mark.parametrize("count", [b"2147483647", b"1000001", b"10000000", b"9" * 2000], ids=len)
async def test_a05_too_many_iterations_are_not_computed(face: Face, count: bytes) -> None:
    error = await stopped_after_server_first(face, Scram(iterations(count)))
    assert isinstance(error, InsecureConnection)
    assert "scram_iterations_maximum" in error.hint


@pytest.mark.parametrize("count", [b"0", b"1", b"4095", b"-1", b"", b"4096x", b"4e3", b" 4096"])
async def test_a06_too_few_iterations_are_not_computed(face: Face, count: bytes) -> None:
    error = await stopped_after_server_first(face, Scram(iterations(count)))
    expected = InsecureConnection if count.isdigit() else Garbled
    assert isinstance(error, expected)


async def test_a06_no_iterations_at_all(face: Face) -> None:
    error = await stopped_after_server_first(face, Scram(lambda said: said[: said.index(b",i=")]))
    assert isinstance(error, Garbled)


async def test_a06_the_bounds_are_the_callers_to_move(face: Face) -> None:
    limits = Limits(scram_iterations_minimum=4)
    await signs_in(face, sink_of("SCRAM-SHA-256", server=Scram(iterations=4)), limits=limits)


async def test_a07_an_extension_that_must_be_known_is_not(face: Face) -> None:
    error = await stopped_after_server_first(face, Scram(lambda said: b"m=new," + said))
    assert isinstance(error, InsecureConnection)
