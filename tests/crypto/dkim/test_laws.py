"""No octets raise, and time is linear."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives import serialization as form
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as curve
from hypothesis import given, settings
from hypothesis import strategies as st

from courriel import Misused
from courriel.crypto.dkim import verify
from tests.crypto.dkim.keyring import LETTER, ed25519, published, record, rsa, signer
from tests.toil import linear

RESOLVER = published(record(ed25519()))
SIGNED = signer().sign(LETTER, now=1_500_000_000).source
SIGNED_BY_RSA = signer("rsa").sign(LETTER, now=1_500_000_000).source
DER = [
    private.public_key().public_bytes(form.Encoding.DER, form.PublicFormat.SubjectPublicKeyInfo)
    for private in (rsa(), rsa(1024), ed25519(), curve(SECP256R1()))
]
FRAGMENTS = st.sampled_from(
    [
        b"DKIM-Signature:",
        b"DKIM-Signature: v=1; a=ed25519-sha256; d=example.org; s=spring; h=from; bh=AAAA; b=AAAA",
        *(b"v=1;", b"a=rsa-sha256;", b"d=example.org;", b"s=spring;", b"h=from:to;", b"bh=AAAA;"),
        *(
            b"b=AAAA;",
            b"l=99999999999;",
            b"x=0;",
            b"t=x;",
            b"i=@;",
            b"c=relaxed/;",
            b"q=;",
            b"d=\xff;",
        ),
        *(
            b"From: a@example.org\r\n",
            b"From:",
            b"\r\n",
            b"\n",
            b"\r",
            b" ",
            b"\t",
            b";",
            b"=",
            b":",
        ),
        *(b"\0", b"\xff", b"\xc3\xa9", b"x"),
    ]
)


@given(st.lists(FRAGMENTS | st.binary(max_size=6), max_size=30).map(b"".join))
@settings(deadline=None, max_examples=500)
def test_law_no_octets_raise(source: bytes) -> None:
    for result in verify(source, resolver=RESOLVER):
        assert not result.passed
        assert result.reason


@given(st.data())
@settings(deadline=None, max_examples=500)
def test_law_no_changed_signature_raises(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(SIGNED)))
    cut = data.draw(st.integers(0, 5))
    put = data.draw(FRAGMENTS | st.binary(max_size=6))
    for result in verify(SIGNED[:at] + put + SIGNED[at + cut :], resolver=RESOLVER):
        assert result.passed == (not result.reason)


@given(st.lists(st.binary(max_size=40) | st.just(record(ed25519())), max_size=3))
@settings(deadline=None)
def test_law_no_record_raises(texts: list[bytes]) -> None:
    (result,) = verify(SIGNED, resolver=lambda name: texts)
    assert result.passed <= (record(ed25519()) in texts)


@given(st.data(), st.sampled_from(["rsa", "ed25519"]), st.sampled_from(DER))
@settings(deadline=None, max_examples=500)
def test_law_no_key_raises(data: st.DataObject, kind: str, octets: bytes) -> None:
    at = data.draw(st.integers(0, len(octets)))
    cut = data.draw(st.integers(0, 5))
    changed = octets[:at] + data.draw(st.binary(max_size=5)) + octets[at + cut :]
    text = b"k=" + kind.encode() + b"; p=" + b64encode(changed)
    for source in (SIGNED, SIGNED_BY_RSA):
        (result,) = verify(source, resolver=lambda name: [text])
        assert result.passed == (not result.reason)


@given(st.lists(FRAGMENTS | st.binary(max_size=6), max_size=12).map(b"".join))
@settings(deadline=None)
def test_law_what_can_be_signed_passes(body: bytes) -> None:
    letter = b"From: a@example.org\r\n\r\n" + body
    try:
        signed = signer().sign(letter)
    except Misused:
        assert b"\r" in body.replace(b"\r\n", b"")
        return
    assert signed.source.endswith(letter)
    assert [True] == [result.passed for result in verify(signed, resolver=RESOLVER)]


@pytest.mark.parametrize(
    "make",
    [
        lambda n: SIGNED + b" " * n,
        lambda n: SIGNED + b"\r\n" * n,
        lambda n: SIGNED + b"\r" * n,
        lambda n: SIGNED + b"\n" * n,
        lambda n: SIGNED + b" \r\n" * n,
        lambda n: b"X: 1\r\n" * (n // 40) + SIGNED,
        lambda n: b"x" * (n // 8) + b"\r\n" + SIGNED,
        lambda n: b"X: " + b"\r\n " * (n // 40) + b"\r\n" + SIGNED,
        lambda n: b"DKIM-Signature: " + b"a=;" * (n // 60) + b"\r\n" + SIGNED,
        lambda n: SIGNED.replace(b"h=from:", b"h=" + b"from:" * (n // 100)),
        lambda n: b"DKIM-Signature: x\r\n" * (n // 100) + SIGNED,
    ],
    ids=range(11),
)
def test_time_is_linear(make: Callable[[int], bytes]) -> None:
    source = make(1_600_000)
    with linear():
        verify(source, resolver=RESOLVER)
