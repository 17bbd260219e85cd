"""Sign, verify, encrypt and decrypt messages with S/MIME (RFC 8551).

::

    ada = Identity.from_pkcs12(Path("ada.p12").read_bytes(), passphrase=secret)
    session.send(encrypt(sign(email, ada), [certificate_of_bob, ada.certificate]))

    opened = decrypt(received, bob, roots=[root])
    opened.email.text, opened.signed_by

What was signed or decrypted is an ``Email`` of its own: nothing that stood beside it is in it
(EFAIL). A message that is only encrypted in part is not decrypted as one; ``encrypted_parts``
gives each such part as a message of its own.

Only these operations live here; what a signature is worth is ``smime_verification``'s business,
CMS is in ``signed_data`` and ``enveloped_data``, trust in ``chain``.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

try:
    from courriel.crypto.certificates import UNREADABLE, CertificatesLike, Identity, certificates
except ImportError as error:
    from courriel.crypto.extra import missing

    raise missing("S/MIME", "cryptography") from error

from courriel.crypto import enveloped_data, recipients, signatures, signed_data
from courriel.crypto.entity import Layer, base64_entity, check_plain, checked, halves, multipart
from courriel.crypto.mixture import Protection, encrypted_parts, protection
from courriel.crypto.results import Decrypted, SmimeResult
from courriel.crypto.smime_verification import PROTOCOL, is_signed, unwrap, verify
from courriel.errors import Garbled, Misused
from courriel.model.email import Email
from courriel.model.transfer import Transfer

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
    "unwrap",
    "verify",
]


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
    form = Transfer.EIGHT_BIT if opaque else Transfer.SEVEN_BIT
    taken = halves(checked(email, operation), form)
    if not opaque:
        check_plain(taken.entity, operation, "Sign it with opaque=True.")
    moment = datetime.now(UTC) if at is None else at
    whose = _checked_identity(identity, operation)
    signed, digest = signed_data.write(taken.entity, whose, at=moment, enclosed=opaque, pss=pss)
    if opaque:
        type_ = "application/pkcs7-mime; smime-type=signed-data"
        return taken.around(base64_entity(type_, "smime.p7m", signed))
    parameters = (f'protocol="{PROTOCOL}"', f"micalg={signatures.MICALG[digest]}")
    signature = base64_entity(PROTOCOL, "smime.p7s", signed)
    return taken.around(multipart("signed", parameters, (taken.entity, signature)))


def encrypt(
    email: Email,
    to: CertificatesLike,
    *,
    cipher: Literal["aes-256-cbc", "aes-256-gcm"] = "aes-256-cbc",
    oaep: bool = False,
) -> Email:
    """Return ``email`` encrypted to the holders of the certificates ``to``.

    The names and the subject stay readable, as servers need them. Include your
    own certificate to read it later. ``"aes-256-gcm"`` is better, because a
    change on the way is noticed, but not every program can read it yet. The
    same is true of ``oaep``: RSAES-OAEP for those whose keys are RSA. Raises
    Misused when there is nobody to encrypt to, or a key cannot be encrypted to.
    """
    operation = "smime.encrypt"
    taken = halves(checked(email, operation), Transfer.EIGHT_BIT)
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
            hint="Ask for a certificate for encryption, with an RSA or elliptic curve key.",
        )
    gcm = cipher == "aes-256-gcm"
    sealed = enveloped_data.write(taken.entity, whom, gcm=gcm, oaep=oaep)
    kind = "authEnveloped-data" if gcm else "enveloped-data"
    type_ = f"application/pkcs7-mime; smime-type={kind}"
    return taken.around(base64_entity(type_, "smime.p7m", sealed))


def decrypt(
    email: Email,
    identity: Identity,
    *,
    roots: CertificatesLike | None = None,
    at: datetime | None = None,
) -> Decrypted[SmimeResult]:
    """Return what is encrypted in ``email`` to ``identity``.

    With ``roots`` the signatures are verified too, at the time ``at``: the one
    inside, which is the author's, and the one around the encryption of a
    message that was signed again (triple wrapped; RFC 2634, 1.1). Raises
    Misused when the message is not encrypted as a whole, not to this identity,
    or in a way that is not known; Garbled when it is damaged.
    """
    operation = "smime.decrypt"
    sealed = unwrap(checked(email, operation))
    _checked_identity(identity, operation)
    layer = Layer.of(sealed)
    octets = layer.decoded(layer.root) if layer.is_pkcs7() else b""
    if signed_data.kind_of(octets) not in enveloped_data.KINDS:
        raise Misused(
            "the message is not encrypted with S/MIME as a whole",
            operation=operation,
            hint="encrypted_parts gives the parts that are, each as a message of its own.",
        )
    data, content = _opened(octets, identity, operation)
    opened = halves(sealed).revealing(content)
    if roots is None:
        return Decrypted(opened, data.authenticated)
    outer = None if sealed is email else verify(email, roots, at=at)
    if not is_signed(Layer.of(opened)):
        return Decrypted(opened, data.authenticated, None, outer)
    inner = verify(opened, roots, at=at)
    return Decrypted(inner.email or unwrap(opened), data.authenticated, inner, outer)


def _opened(
    octets: bytes, identity: Identity, operation: str
) -> tuple[enveloped_data.EncryptedData, bytes]:
    """Return an encrypted message and its content. Raises Misused and Garbled."""
    try:
        data = enveloped_data.read(octets)
        return data, enveloped_data.decrypt(data, identity)
    except enveloped_data.Unknown as unknown:
        raise Misused(
            f"the message is encrypted in a way that is not known here ({unknown})",
            operation=operation,
            hint="AES is known, in CBC and in GCM; ask for the message to be encrypted so.",
        ) from None
    except recipients.NotForThis:
        raise Misused(
            "the message is not encrypted to this certificate",
            operation=operation,
            hint="Try the identities that you had when it was sent.",
        ) from None
    except UNREADABLE:
        raise _damaged(operation) from None


def _checked_identity(identity: object, operation: str) -> Identity:
    """Return ``identity`` when it is one, else raise Misused."""
    if not isinstance(identity, Identity):
        raise Misused(
            f"{operation} takes an Identity, not {type(identity).__name__}",
            operation=operation,
            hint="Use Identity.from_pkcs12, Identity.from_pem, or Identity(certificate, key).",
        )
    return identity


def _damaged(operation: str) -> Garbled:
    error = Garbled(
        "the message cannot be decrypted",
        operation=operation,
        hint="It was damaged or changed on its way; ask for it again.",
    )
    # No session is involved.
    error.session_usable = True
    return error
