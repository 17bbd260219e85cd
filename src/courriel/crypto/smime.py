"""Sign, verify, encrypt and decrypt messages with S/MIME (RFC 8551).

::

    ada = Identity.from_pkcs12(Path("ada.p12").read_bytes(), passphrase=secret)
    session.send(encrypt(sign(email, ada), [certificate_of_bob, ada.certificate]))

    opened = decrypt(received, bob, roots=[root])
    opened.email.text, opened.signed_by

What was signed or decrypted is an ``Email`` of its own: nothing that stood beside it is in it
(EFAIL). A message that is only encrypted in part is not decrypted as one; ``encrypted_parts``
gives each such part as a message of its own.

Only these operations live here; CMS is in ``signed_data`` and ``enveloped_data``, trust in
``chain``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal

try:
    from cryptography import x509
except ImportError as error:
    from courriel.crypto.extra import missing

    raise missing("S/MIME", "cryptography") from error

from courriel.crypto import chain, enveloped_data, oids, recipients, signatures, signed_data
from courriel.crypto.certificates import (
    UNREADABLE,
    CertificatesLike,
    Identity,
    addresses,
    certificates,
    same_address,
)
from courriel.crypto.entity import (
    Layer,
    authors,
    base64_entity,
    canonical,
    check_plain,
    checked,
    halves,
    multipart,
)
from courriel.crypto.mixture import Protection, encrypted_parts, protection
from courriel.crypto.results import Decrypted, SmimeResult
from courriel.errors import Garbled, Misused
from courriel.model.address import Address
from courriel.model.email import Email

__all__ = [
    "Decrypted",
    "Identity",
    "Protection",
    "SmimeResult",
    "decrypt",
    "encrypt",
    "encrypted_parts",
    "protection",
    "sign",
    "verify",
]

_PROTOCOL = "application/pkcs7-signature"
_NOT_SIGNED = "the message is not signed with S/MIME as a whole"


def sign(
    email: Email,
    identity: Identity,
    *,
    opaque: bool = False,
    pss: bool = False,
    at: datetime | None = None,
) -> Email:
    """Return ``email`` signed by ``identity``.

    The content stays readable to programs without S/MIME (multipart/signed),
    unless ``opaque``, which puts it into the signature and so protects it from
    servers that change messages. ``pss`` signs by RSASSA-PSS where the key is
    RSA. ``at`` is the time to be written into it, now when None. Raises Misused
    when the content is such that servers may change it on its way.
    """
    operation = "smime.sign"
    taken = halves(checked(email, operation))
    if not opaque:
        check_plain(taken.entity, operation, "Sign it with opaque=True.")
    moment = datetime.now(UTC) if at is None else at
    signed, digest = signed_data.write(taken.entity, identity, at=moment, enclosed=opaque, pss=pss)
    if opaque:
        type_ = "application/pkcs7-mime; smime-type=signed-data"
        return taken.around(base64_entity(type_, "smime.p7m", signed))
    parameters = (f'protocol="{_PROTOCOL}"', f"micalg={signatures.MICALG[digest]}")
    signature = base64_entity(_PROTOCOL, "smime.p7s", signed)
    return taken.around(multipart("signed", parameters, (taken.entity, signature)))


def encrypt(
    email: Email,
    to: CertificatesLike,
    *,
    cipher: Literal["aes-256-cbc", "aes-256-gcm"] = "aes-256-cbc",
) -> Email:
    """Return ``email`` encrypted to the holders of the certificates ``to``.

    The names and the subject stay readable, as servers need them. Include your
    own certificate to read it later. ``"aes-256-gcm"`` is better, because a
    change on the way is noticed, but not every program can read it yet. Raises
    Misused when there is nobody to encrypt to, or a key cannot be encrypted to.
    """
    operation = "smime.encrypt"
    taken = halves(checked(email, operation))
    if cipher not in {"aes-256-cbc", "aes-256-gcm"}:
        raise Misused(
            "the cipher is not known",
            operation=operation,
            hint='Use "aes-256-cbc" or "aes-256-gcm".',
        )
    whom = certificates(to, operation=operation)
    if not whom:
        raise Misused(
            "there is nobody to encrypt to", operation=operation, hint="Give certificates."
        )
    if not all(map(recipients.can_receive, whom)):
        raise Misused(
            "a certificate has a key that only signs",
            operation=operation,
            hint="Ask for a certificate with an RSA or elliptic curve key.",
        )
    gcm = cipher == "aes-256-gcm"
    sealed = enveloped_data.write(taken.entity, whom, gcm=gcm)
    kind = "authEnveloped-data" if gcm else "enveloped-data"
    type_ = f"application/pkcs7-mime; smime-type={kind}"
    return taken.around(base64_entity(type_, "smime.p7m", sealed))


def decrypt(
    email: Email,
    identity: Identity,
    *,
    roots: CertificatesLike | None = None,
    at: datetime | None = None,
) -> Decrypted:
    """Return what is encrypted in ``email`` to ``identity``.

    With ``roots`` the signature inside is verified too, at the time ``at``.
    Raises Misused when the message is not encrypted as a whole, or not to this
    identity; Garbled when it is damaged.
    """
    operation = "smime.decrypt"
    layer = Layer.of(checked(email, operation))
    octets = layer.decoded(layer.root) if layer.is_pkcs7() else b""
    if signed_data.kind_of(octets) not in enveloped_data.KINDS:
        raise Misused(
            "the message is not encrypted with S/MIME as a whole",
            operation=operation,
            hint="encrypted_parts gives the parts that are, each as a message of its own.",
        )
    try:
        data = enveloped_data.read(octets)
        content = enveloped_data.decrypt(data, identity)
    except recipients.NotForThis:
        raise Misused(
            "the message is not encrypted to this certificate",
            operation=operation,
            hint="Try the identities that you had when it was sent.",
        ) from None
    except UNREADABLE:
        raise _damaged(operation) from None
    opened = halves(email).revealing(content)
    verified = None
    if roots is not None and (Layer.of(opened).is_signed(_PROTOCOL) or Layer.of(opened).is_pkcs7()):
        verified = verify(opened, roots, at=at)
    return Decrypted(opened, data.authenticated, verified)


def _damaged(operation: str) -> Garbled:
    error = Garbled(
        "the message cannot be decrypted",
        operation=operation,
        hint="It was damaged or changed on its way; ask for it again.",
    )
    # No session is involved.
    error.session_usable = True
    return error


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
    if at is not None and at.tzinfo is None:
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
        moment = datetime.now(UTC) if at is None else at
        results = [
            _judged(email, data, signer, contents, (trusted, helping), moment)
            for signer in data.signers
        ]
    except UNREADABLE:
        return SmimeResult(reason="the signature cannot be read")
    return next((result for result in results if not result.valid), results[0])


def _signature_of(email: Email) -> tuple[bytes, tuple[bytes, ...]]:
    """Return the CMS message, and what it may be the signature of when that stands beside it."""
    layer = Layer.of(email)
    if layer.is_signed(_PROTOCOL):
        content = layer.signed_octets()
        # Some sign lines as they have them, the others as they travel.
        forms = dict.fromkeys((canonical(content), content))
        return layer.decoded(layer.root.parts[1]), tuple(forms)
    if layer.is_pkcs7():
        octets = layer.decoded(layer.root)
        if signed_data.kind_of(octets) == oids.SIGNED_DATA:
            return octets, ()
    return b"", ()


def _judged(
    email: Email,
    data: signed_data.SignedData,
    signer: signed_data.Signer,
    contents: Sequence[bytes],
    known: tuple[Sequence[x509.Certificate], Sequence[x509.Certificate]],
    at: datetime,
) -> SmimeResult:
    roots, helping = known
    along = (*data.certificates, *helping)
    certificate = next((one for one in (*along, *roots) if signer.holder.is_of(one)), None)
    if certificate is None:
        return SmimeResult(reason="the certificate of the signer did not come along")
    for content in contents:
        try:
            signed_at = signed_data.check(signer, data.content_type, content, certificate)
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
    owner, wrong = _owner(email, certificate)
    distrust = chain.distrust(certificate, along, roots, at)
    return SmimeResult(
        valid=not (distrust or wrong),
        reason=distrust or wrong,
        signer=owner,
        signed_at=signed_at,
        intact=True,
        trusted=not distrust,
        email=halves(email).revealing(content),
        certificate=certificate,
    )


def _owner(email: Email, certificate: x509.Certificate) -> tuple[Address | None, str]:
    """Return the signer's address, and why he is not the author, or nothing when he is."""
    owned = addresses(certificate)
    named = authors(email)
    if len(named) != 1:
        return next(iter(owned), None), "From does not name exactly one author"
    for address in owned:
        if same_address(address, named[0]):
            return address, ""
    return next(iter(owned), None), "the certificate is not for the address in From"
