"""Verify the S/MIME signatures of a message, and take it out of them.

What is signed is one part, whole, and it is the only thing that the result is about. A message may
say of itself that it is signed in many ways that prove nothing: with the signature of another part,
by nobody, by several of whom one is a stranger, with a certificate for another address, around
something that is no mail. So every check must hold, for every signer.

Only the order of the checks lives here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from cryptography import x509

from courriel.crypto import chain, oids, signatures, signed_data
from courriel.crypto.certificates import (
    UNREADABLE,
    CertificatesLike,
    addresses,
    certificates,
    same_address,
)
from courriel.crypto.entity import Layer, author, canonical, checked, halves
from courriel.crypto.results import SmimeResult
from courriel.crypto.signed_data import SignedData, Signer
from courriel.model.address import Address
from courriel.model.email import Email

__all__ = ["PROTOCOL", "is_signed", "unwrap", "verify"]

PROTOCOL = "application/pkcs7-signature"
_NOT_SIGNED = "the message is not signed with S/MIME as a whole"
_NAMESAKES = 3
"""Certificates that are tried for one signer: a renewed one has the key of the one before."""


def verify(
    email: Email,
    roots: CertificatesLike,
    *,
    intermediates: CertificatesLike = (),
    at: datetime | None = None,
) -> SmimeResult:
    """Return what the S/MIME signature of ``email`` is worth.

    ``roots`` are the certificates that the caller trusts, those of authorities
    or of signers themselves; ``intermediates`` help to find the way to them.
    ``at`` is the time for which certificates must be valid, now when None: for
    an old message give the time when it arrived. Every signer must be right,
    and the author (From) must be one of the addresses in the certificate.
    Nothing that the message holds raises.
    """
    operation = "smime.verify"
    checked(email, operation)
    trusted = certificates(roots, operation=operation)
    helping = certificates(intermediates, operation=operation)
    if at is None:
        at = datetime.now(UTC)
    elif at.tzinfo is None:
        at = at.astimezone()
    try:
        octets, contents = _signature_of(email)
        if not octets:
            return SmimeResult(reason=_NOT_SIGNED)
        data = signed_data.read(octets)
        if data.content is not None:
            if contents:
                return SmimeResult(reason="the signature holds another content")
            contents = (data.content,)
        if not contents or not data.signers:
            return SmimeResult(reason="nothing is signed, or nobody has signed it")
        judge = _Judge(email, data, contents, trusted, helping, at)
        results = [judge.result(signer) for signer in data.signers]
    except UNREADABLE:
        return SmimeResult(reason="the signature cannot be read")
    return next((result for result in results if not result.valid), results[0])


def is_signed(layer: Layer) -> bool:
    """Whether a message is signed with S/MIME as a whole, in either form."""
    if layer.is_signed(PROTOCOL):
        return True
    return layer.is_pkcs7() and (signed_data.kind_of(layer.decoded(layer.root)) == oids.SIGNED_DATA)


def unwrap(email: Email) -> Email:
    """Return what is signed in ``email``, whatever its signature is worth.

    For reading what nobody has to answer for, such as a message in an opaque
    signature by a stranger; ``verify`` tells who has signed. A message that is
    not signed, or whose signature cannot be read, is returned as it is.
    """
    layer = Layer.of(checked(email, "smime.unwrap"))
    if layer.is_signed(PROTOCOL):
        return halves(email).revealing(layer.signed_octets())
    if not is_signed(layer):
        return email
    try:
        content = signed_data.read(layer.decoded(layer.root)).content
    except UNREADABLE:
        return email
    return email if content is None else halves(email).revealing(content)


def _signature_of(email: Email) -> tuple[bytes, tuple[bytes, ...]]:
    """Return the CMS message, and what it may be the signature of when that stands beside it."""
    layer = Layer.of(email)
    if layer.is_signed(PROTOCOL):
        content = layer.signed_octets()
        # Some sign lines as they have them, the others as they travel.
        forms = dict.fromkeys((canonical(content), content))
        return layer.decoded(layer.root.parts[1]), tuple(forms)
    return (layer.decoded(layer.root) if is_signed(layer) else b""), ()


@dataclass(frozen=True, slots=True)
class _Judge:
    """What is judged, and what is known for it."""

    email: Email
    data: SignedData
    contents: Sequence[bytes]
    roots: Sequence[x509.Certificate]
    helping: Sequence[x509.Certificate]
    at: datetime
    checks: Iterator[int] = field(default_factory=lambda: iter(range(chain.CHECKS)))
    """What the searches of all signers may cost together."""

    def result(self, signer: Signer) -> SmimeResult:
        """Return what the signature of one signer is worth, by the best certificate there is."""
        known = dict.fromkeys((*self.data.certificates, *self.helping, *self.roots))
        meant = [one for one in known if signer.holder.is_of(one)][:_NAMESAKES]
        if not meant:
            return SmimeResult(reason="the certificate of the signer did not come along")
        results = [self._by(certificate, signer) for certificate in meant]
        return max(results, key=lambda result: (result.valid, result.trusted, result.intact))

    def _by(self, certificate: x509.Certificate, signer: Signer) -> SmimeResult:
        for content in self.contents:
            try:
                signed_at = signed_data.check(signer, self.data.content_type, content, certificate)
                break
            except signatures.InvalidSignature:
                continue
            except signatures.Unaccepted as error:
                reason = f"the signature is not accepted: {error}"
                return SmimeResult(reason=reason, certificate=certificate)
        else:
            return SmimeResult(
                reason="the content is not what was signed, or another key has signed it",
                certificate=certificate,
            )
        owner, wrong = self._owner(certificate)
        along = (*self.data.certificates, *self.helping)
        distrust = chain.distrust(certificate, along, self.roots, self.at, checks=self.checks)
        return SmimeResult(
            valid=not (distrust or wrong),
            reason=distrust or wrong,
            signer=owner,
            signed_at=signed_at,
            intact=True,
            trusted=not distrust,
            email=halves(self.email).revealing(content),
            certificate=certificate,
        )

    def _owner(self, certificate: x509.Certificate) -> tuple[Address | None, str]:
        """Return the signer's address, and why he is not the author, or nothing when he is."""
        owned = addresses(certificate)
        named, wrong = author(self.email)
        if named is None:
            return next(iter(owned), None), wrong
        for address in owned:
            if same_address(address, named):
                return address, ""
        return next(iter(owned), None), "the certificate is not for the address in From"
