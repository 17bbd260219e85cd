"""Read, check and write the signed messages of CMS.

::

    ContentInfo ::= SEQUENCE { contentType, [0] EXPLICIT content }
    SignedData  ::= SEQUENCE { version, digestAlgorithms SET, encapContentInfo,
        [0] certificates OPTIONAL, [1] crls OPTIONAL, signerInfos SET }
    EncapsulatedContentInfo ::= SEQUENCE { eContentType, [0] EXPLICIT OCTET STRING OPTIONAL }
    SignerInfo  ::= SEQUENCE { version, sid, digestAlgorithm, [0] signedAttrs OPTIONAL,
        signatureAlgorithm, signature OCTET STRING, [1] unsignedAttrs OPTIONAL }
                                                                 RFC 5652, 3 and 5

What is signed is the content, or else the signed attributes, which then hold its digest. The two
must not be mistaken for each other: content that could be read as attributes is not accepted
without any.

Only CMS lives here: no MIME, and nobody is believed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from courriel.crypto import der, oids, signatures, signing_certificate
from courriel.crypto.algorithm import Algorithm, Holder, written_holder
from courriel.crypto.certificates import Identity, foreign
from courriel.model.limits import DEFAULT

_KINDS = {
    kind: der.object_identifier(kind)
    for kind in (oids.SIGNED_DATA, oids.ENVELOPED_DATA, oids.AUTH_ENVELOPED_DATA)
}
_START = 24
"""Octets in which the kind of a message has been told."""
_SIGNED_ATTRIBUTES = der.context(0)
_YEAR_OF_GENERALIZED_TIME = 2050
_SINGLE = frozenset(
    {
        *(oids.CONTENT_TYPE, oids.MESSAGE_DIGEST, oids.SIGNING_TIME),
        *(oids.SIGNING_CERTIFICATE, oids.SIGNING_CERTIFICATE_V2),
    }
)
"""Attributes of one value (RFC 5652, 11; RFC 5035, 3)."""


@dataclass(frozen=True, slots=True)
class Signer:
    """One SignerInfo, read but not checked."""

    holder: Holder
    digest: str
    attributes: der.Element | None
    algorithm: Algorithm
    signature: bytes


@dataclass(frozen=True, slots=True)
class SignedData:
    """A signed message, read but not checked; ``content`` is None when it is elsewhere."""

    content_type: str
    content: bytes | None
    certificates: tuple[x509.Certificate, ...]
    signers: tuple[Signer, ...]


def read(octets: bytes) -> SignedData:
    """Return the signed message in ``octets``. Raises der.Unreadable."""
    fields = content_of(octets, oids.SIGNED_DATA)
    fields.take(der.INTEGER)
    fields.take(der.SET)
    inside = der.Fields(fields.take())
    content_type = inside.take().identifier()
    wrapped = inside.maybe(der.context(0))
    content = None
    if wrapped is not None:
        content = der.Fields(wrapped, wrapped.tag).octets()
    held_certificates = fields.maybe(der.context(0))
    fields.maybe(der.context(1))
    signers = fields.take(der.SET).children()
    if len(signers) > DEFAULT.cms_signers:
        raise der.Unreadable("too many signers")
    return SignedData(
        content_type,
        content,
        _certificates(held_certificates),
        tuple(_signer(item) for item in signers),
    )


def content_of(octets: bytes, *kinds: str) -> der.Fields:
    """Return the fields of the content of a ContentInfo that is of one of ``kinds``."""
    fields = der.Fields(der.read(octets))
    if fields.take().identifier() not in kinds:
        raise der.Unreadable("another kind of CMS message")
    wrapped = fields.take(der.context(0))
    return der.Fields(der.Fields(wrapped, wrapped.tag).take())


def kind_of(octets: bytes) -> str:
    """Return which kind of CMS message it begins like, or nothing when it is like none."""
    return next((kind for kind, written in _KINDS.items() if written in octets[:_START]), "")


def _certificates(element: der.Element | None) -> tuple[x509.Certificate, ...]:
    if element is None:
        return ()
    held = [item.raw for item in element.children() if item.tag == der.SEQUENCE]
    if len(held) > DEFAULT.cms_certificates:
        raise der.Unreadable("too many certificates")
    found = (foreign(raw) for raw in held)
    return tuple(certificate for certificate in found if certificate is not None)


def _signer(element: der.Element) -> Signer:
    fields = der.Fields(element)
    fields.take(der.INTEGER)
    key = fields.maybe(der.context(0, constructed=False))
    holder = Holder(key=key.contents) if key else Holder.read(fields.take())
    digest = Algorithm.read(fields.take()).name
    attributes = fields.maybe(_SIGNED_ATTRIBUTES)
    algorithm = Algorithm.read(fields.take())
    return Signer(holder, digest, attributes, algorithm, fields.octets())


def check(
    signer: Signer, content_type: str, content: bytes, certificate: x509.Certificate
) -> datetime | None:
    """Return when the signer says to have signed ``content``, None when he does not say.

    Raises InvalidSignature, signatures.Unaccepted or der.Unreadable when it is
    not his signature of that content.
    """
    signed_at = None
    message = content
    if content_type != oids.DATA:
        # The same key may sign time stamps and other things, which are not to be taken for mail.
        raise signatures.Unaccepted("it is not of mail, but of another kind of content")
    if signer.attributes is None:
        if content[:1] == bytes((der.SET,)):
            raise signatures.Unaccepted("it has no signed attributes, and needs them")
    else:
        if not signer.attributes.definite:
            raise der.Unreadable("signed attributes that are not DER")
        # They are signed as the SET that they are, not by the tag they have here (5.4).
        message = bytes((der.SET,)) + signer.attributes.raw[1:]
        values = _attributes(signer.attributes)
        if values[oids.CONTENT_TYPE].identifier() != content_type:
            raise signatures.Unaccepted("it is for another type of content")
        digest = values[oids.MESSAGE_DIGEST].expect(der.OCTET_STRING).contents
        if signatures.digest_of(signer.digest, content) != digest:
            raise signatures.InvalidSignature
        signing_certificate.check(values, certificate)
        if oids.SIGNING_TIME in values:
            signed_at = _time(values[oids.SIGNING_TIME])
    signatures.check(
        certificate.public_key(), signer.digest, signer.algorithm, signer.signature, message
    )
    return signed_at


def _attributes(element: der.Element) -> dict[str, der.Element]:
    """Return the first value of every attribute; the two that there must be are there.

    ::

        Attribute ::= SEQUENCE { attrType, attrValues SET }      RFC 5652, 5.3 and 11
    """
    found: dict[str, der.Element] = {}
    for item in element.children():
        fields = der.Fields(item)
        name = fields.take().identifier()
        values = fields.take(der.SET).children()
        if name in found or not values or (name in _SINGLE and len(values) != 1):
            raise der.Unreadable("an attribute that is there twice, or empty")
        found[name] = values[0]
    if not found.keys() >= {oids.CONTENT_TYPE, oids.MESSAGE_DIGEST}:
        raise der.Unreadable("signed attributes without the content's type or digest")
    return found


def _time(element: der.Element) -> datetime | None:
    """Return a Time in UTC (RFC 5652, 11.3), or None when it is none."""
    text = element.contents.decode("ascii", "replace")
    form = "%y%m%d%H%M%SZ" if element.tag == der.UTC_TIME else "%Y%m%d%H%M%SZ"
    try:
        found = datetime.strptime(text, form).replace(tzinfo=UTC)
    except ValueError:
        return None
    if element.tag == der.UTC_TIME and found.year >= _YEAR_OF_GENERALIZED_TIME:
        found = found.replace(year=found.year - 100)
    return found


def write(
    content: bytes, identity: Identity, *, at: datetime, enclosed: bool, pss: bool
) -> tuple[bytes, str]:
    """Return the signed message, and the digest it uses; ``enclosed`` puts the content in it."""
    digest = signatures.best_digest(identity.key)
    attributes = [
        _attribute(oids.CONTENT_TYPE, der.object_identifier(oids.DATA)),
        _attribute(oids.SIGNING_TIME, _written_time(at)),
        _attribute(oids.MESSAGE_DIGEST, der.octet_string(signatures.digest_of(digest, content))),
        _attribute(oids.SMIME_CAPABILITIES, _capabilities()),
        _attribute(oids.SIGNING_CERTIFICATE_V2, signing_certificate.written(identity.certificate)),
    ]
    algorithm, signature = signatures.sign(identity.key, digest, der.set_of(attributes), pss=pss)
    signer = der.sequence(
        der.integer(1),
        written_holder(identity.certificate),
        der.algorithm(digest),
        der.set_of(attributes, _SIGNED_ATTRIBUTES),
        algorithm,
        der.octet_string(signature),
    )
    held = [der.element(der.context(0), der.octet_string(content))] if enclosed else []
    along = dict.fromkeys((identity.certificate, *identity.chain))
    certificates = [one.public_bytes(serialization.Encoding.DER) for one in along]
    signed = der.sequence(
        der.integer(1),
        der.set_of([der.algorithm(digest)]),
        der.sequence(der.object_identifier(oids.DATA), *held),
        der.set_of(certificates, der.context(0)),
        der.set_of([signer]),
    )
    return content_info(oids.SIGNED_DATA, signed), digest


def content_info(kind: str, content: bytes) -> bytes:
    """Return a ContentInfo."""
    return der.sequence(der.object_identifier(kind), der.element(der.context(0), content))


def _attribute(name: str, value: bytes) -> bytes:
    return der.sequence(der.object_identifier(name), der.set_of([value]))


def _written_time(at: datetime) -> bytes:
    moment = at.astimezone(UTC)
    if moment.year < _YEAR_OF_GENERALIZED_TIME:
        return der.element(der.UTC_TIME, moment.strftime("%y%m%d%H%M%SZ").encode())
    return der.element(der.GENERALIZED_TIME, moment.strftime("%Y%m%d%H%M%SZ").encode())


def _capabilities() -> bytes:
    """Return what we can decrypt, the best first (RFC 8551, 2.5.2)."""
    return der.sequence(*map(der.algorithm, (oids.AES_256_GCM, oids.AES_256_CBC)))
