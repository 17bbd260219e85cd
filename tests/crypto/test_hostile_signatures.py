"""Signatures and ciphertext that nobody made: no octets are too much, and nothing is valid."""

from __future__ import annotations

from functools import cache

import pytest
from cryptography import x509
from hypothesis import example, given
from hypothesis import strategies as st

from courriel import Email, Garbled, Misused
from courriel.crypto import der, enveloped_data, oids, signatures, signed_data, smime
from courriel.crypto.certificates import Identity
from courriel.crypto.entity import base64_entity, halves
from courriel.crypto.mixture import encrypted_parts, protection
from tests.crypto.people import ENTITY, KINDS, LETTER, NOW, ada, bob, carried, named, root
from tests.toil import linear

ROOTS = [root().certificate]

# A certificate with a strange number is warned about when it is read.
pytestmark = pytest.mark.filterwarnings("ignore")


@cache
def made(kind: str, enclosed: bool = False) -> bytes:
    return signed_data.write(ENTITY, ada(kind), at=NOW, enclosed=enclosed, pss=False)[0]


def test_the_signatures_are_good_before_they_are_changed() -> None:
    for kind in KINDS:
        assert smime.verify(carried(made(kind)), ROOTS, at=NOW).valid
        assert smime.verify(carried(made(kind, True), None), ROOTS, at=NOW).valid


@given(octets=st.binary(max_size=300))
@example(octets=b"\x30\x80" * 50_000)
@example(octets=b"\x30\x84\xff\xff\xff\xff")
@example(octets=b"")
def test_random_octets_are_no_signature(octets: bytes) -> None:
    assert not smime.verify(carried(octets), ROOTS, at=NOW)
    assert not smime.verify(carried(octets, None), ROOTS, at=NOW)
    protection(carried(octets, None))


@given(source=st.binary(max_size=2_000))
def test_random_octets_are_no_signed_message(source: bytes) -> None:
    email = Email.from_source(source)
    assert not smime.verify(email, ROOTS, at=NOW)
    protection(email)
    encrypted_parts(email)
    smime.unwrap(email)


SIGNED = {
    opaque: smime.sign(LETTER, ada(), opaque=opaque, at=NOW).source for opaque in (False, True)
}
BOUNDARY = SIGNED[False].rsplit(b"\r\n--", 1)[1].removesuffix(b"--\r\n")
PIECES = st.sampled_from(
    [
        *(b"\r\n", b"\n", b"\r", b" ", b"--", b"\r\n--" + BOUNDARY, b"\r\n--" + BOUNDARY + b"--"),
        *(b"\r\n\r\n", b"Content-Type: text/html\r\n", b"From: eve@example.org\r\n", b"\0"),
        b"\r\n--" + BOUNDARY + b"\r\nContent-Type: text/plain\r\n\r\nPay Eve.\r\n",
        b"Content-Type: multipart/mixed; boundary=eve\r\n",
        b"Content-Transfer-Encoding: base64\r\n",
    ]
)


@given(
    opaque=st.booleans(),
    changes=st.lists(
        st.tuples(st.floats(0, 1), st.integers(0, 30), PIECES | st.binary(max_size=4)), max_size=4
    ),
)
def test_law_what_is_called_signed_was_signed(
    opaque: bool, changes: list[tuple[float, int, bytes]]
) -> None:
    source = SIGNED[opaque]
    for place, cut, piece in changes:
        at = int(place * len(source))
        source = source[:at] + piece + source[at + cut :]
    result = smime.verify(Email.from_source(source), ROOTS, at=NOW)
    assert result.valid or result.reason
    if result.intact:
        assert result.email is not None
        assert (LETTER.text, LETTER.html) == (result.email.text, result.email.html)
    smime.unwrap(Email.from_source(source))


@given(
    kind=st.sampled_from(KINDS),
    enclosed=st.booleans(),
    place=st.floats(0, 1, exclude_max=True),
    value=st.integers(0, 255),
)
def test_one_octet_changed_says_nothing_else(
    kind: str, enclosed: bool, place: float, value: int
) -> None:
    octets = bytearray(made(kind, enclosed))
    octets[int(place * len(octets))] = value
    result = smime.verify(carried(bytes(octets), None if enclosed else ENTITY), ROOTS, at=NOW)
    # Some octets are not signed (versions, the encoding around it): then all is as it was.
    if result.valid:
        assert result.email is not None
        assert (LETTER.text, LETTER.html) == (result.email.text, result.email.html)
        assert ada(kind).certificate == result.certificate


@given(kind=st.sampled_from(KINDS), data=st.data())
def test_a_mutated_signature_value_never_verifies(kind: str, data: st.DataObject) -> None:
    octets = made(kind)
    (signer,) = signed_data.read(octets).signers
    at = octets.rindex(signer.signature)
    place = at + data.draw(st.integers(0, len(signer.signature) - 1))
    flip = data.draw(st.integers(1, 255))
    changed = octets[:place] + bytes((octets[place] ^ flip,)) + octets[place + 1 :]
    assert not smime.verify(carried(changed), ROOTS, at=NOW)


@given(cut=st.integers(0, 2_000))
def test_a_signature_that_is_cut_off_is_none(cut: int) -> None:
    octets = made("rsa")
    assert not smime.verify(carried(octets[: min(cut, len(octets) - 1)]), ROOTS, at=NOW)


def test_attributes_are_not_content() -> None:
    """Signed attributes, taken for the content of a signature without any (RFC 5652, 11.2)."""
    (signer,) = signed_data.read(made("rsa")).signers
    assert signer.attributes is not None
    fake = bytes((der.SET,)) + signer.attributes.raw[1:]
    bare = signed_data.Signer(
        signer.holder, signer.digest, None, signer.algorithm, signer.signature
    )
    with pytest.raises(signatures.Unaccepted):
        signed_data.check(bare, oids.DATA, fake, ada("rsa").certificate)


@pytest.mark.parametrize("missing", [oids.CONTENT_TYPE, oids.MESSAGE_DIGEST])
def test_attributes_without_the_digest_bind_nothing(missing: str) -> None:
    (signer,) = signed_data.read(made("p256")).signers
    assert signer.attributes is not None
    kept = [one.raw for one in signer.attributes.children()]
    name = der.object_identifier(missing)
    for changed in (
        [one for one in kept if name not in one],
        [*kept, next(one for one in kept if name in one)],
    ):
        attributes = der.read(der.set_of(changed, der.context(0)))
        wrong = signed_data.Signer(
            signer.holder, signer.digest, attributes, signer.algorithm, signer.signature
        )
        with pytest.raises(der.Unreadable):
            signed_data.check(wrong, oids.DATA, ENTITY, ada("p256").certificate)


def test_nobody_signs_with_the_certificate_of_another() -> None:
    forger = Identity(root().person("ada@example.org", kind="p384").certificate, ada("p384").key)
    other, _ = signed_data.write(ENTITY, bob("p384"), at=NOW, enclosed=False, pss=False)
    (mine,) = signed_data.read(other).signers
    with pytest.raises(signatures.InvalidSignature):
        signed_data.check(mine, oids.DATA, ENTITY, forger.certificate)


def test_every_signer_must_be_right() -> None:
    good, bad = made("p256"), made("rsa")
    fields = der.Fields(der.read(good))
    fields.take()
    inside = der.Fields(der.Fields(fields.take(), der.context(0)).take())
    version, digests, content, certificates, signers = inside.rest()
    (other,) = (
        der.Fields(der.Fields(der.Fields(der.read(bad)).rest()[1], der.context(0)).take())
        .rest()[4]
        .children()
    )
    changed = other.raw[:-1] + bytes((other.raw[-1] ^ 1,))
    both = der.set_of([child.raw for child in signers.children()] + [changed])
    parts = (version.raw, digests.raw, content.raw, certificates.raw, both)
    two = signed_data.content_info(oids.SIGNED_DATA, der.sequence(*parts))
    result = smime.verify(carried(two), ROOTS, intermediates=[ada("rsa").certificate], at=NOW)
    assert not result and not result.intact


@cache
def sealed(kind: str, gcm: bool) -> bytes:
    return enveloped_data.write(ENTITY, (bob(kind).certificate,), gcm=gcm)


@given(
    kind=st.sampled_from(["rsa", "p256"]),
    gcm=st.booleans(),
    place=st.floats(0, 1, exclude_max=True),
    piece=st.binary(max_size=3),
)
def test_changed_ciphertext_raises_what_is_promised(
    kind: str, gcm: bool, place: float, piece: bytes
) -> None:
    octets = sealed(kind, gcm)
    at = int(place * len(octets))
    changed = octets[:at] + piece + octets[at + len(piece) :]
    type_ = "application/pkcs7-mime; smime-type=enveloped-data"
    email = halves(LETTER).around(base64_entity(type_, "smime.p7m", changed))
    encrypted_parts(email)
    try:
        opened = smime.decrypt(email, bob(kind), roots=ROOTS)
    except (Garbled, Misused):
        return
    if opened.authenticated:
        assert LETTER.text == opened.email.text


def test_certificates_without_end_take_bounded_time() -> None:
    """Ten signers, and a hundred certificates that all issue each other, for each."""
    circle = root("Circle")
    constraints = x509.BasicConstraints(ca=True, path_length=None)
    along = tuple(
        circle.issue(named("Circle", circle.identity.key).add_extension(constraints, True))
        for _ in range(95)
    )
    ada_of_circle = circle.person()
    signer = Identity(ada_of_circle.certificate, ada_of_circle.key, along)
    octets = signed_data.write(ENTITY, signer, at=NOW, enclosed=False, pss=False)[0]
    with linear():
        for times in (1, 10):
            result = smime.verify(carried(signed_by_many(octets, times)), ROOTS, at=NOW)
            assert (True, False) == (result.intact, result.valid)
            assert "too many ways" in result.reason
        # One too many is not looked at.
        eleven = smime.verify(carried(signed_by_many(octets, 11)), ROOTS, at=NOW)
        assert "the signature cannot be read" == eleven.reason


def signed_by_many(octets: bytes, times: int) -> bytes:
    """Return a signed message with its signer that many times."""
    fields = der.Fields(der.read(octets))
    fields.take()
    inside = der.Fields(der.Fields(fields.take(), der.context(0)).take())
    *others, signers = (part.raw for part in inside.rest())
    (signer,) = der.read(signers).children()
    whole = der.sequence(*others, der.set_of([signer.raw] * times))
    return signed_data.content_info(oids.SIGNED_DATA, whole)
