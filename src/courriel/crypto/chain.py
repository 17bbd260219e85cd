"""Find out whether a signer's certificate leads to a root that the caller trusts.

From the signer's certificate one step up at a time: the issuer's name and signature, that it may
issue (basicConstraints, keyUsage, pathLenConstraint), the time, the purpose, the names it is
limited to (RFC 5280, 6.1, without policies; RFC 8550, 4). A critical extension that is not
understood ends the way. The verifier of ``cryptography`` checks servers and TLS clients, and knows
no Ed25519, so that it cannot be asked.

The search is bounded: a mail may carry certificates that all issue each other.

Revocation is not looked up; whoever keeps a list takes the certificate from the result.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import TypeAlias, TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from courriel.crypto.algorithm import names
from courriel.crypto.certificates import UNREADABLE, addresses
from courriel.crypto.signatures import RSA_BITS
from courriel.errors import Misused
from courriel.model.address import Address
from courriel.model.addrspec import wire_addr_spec
from courriel.model.limits import DEFAULT

LONGEST = DEFAULT.certificate_path
CHECKS = DEFAULT.certificate_checks

_PURPOSES = frozenset(
    {ExtendedKeyUsageOID.EMAIL_PROTECTION, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE}
)
_UNDERSTOOD = frozenset(
    {
        x509.BasicConstraints.oid,
        x509.KeyUsage.oid,
        x509.ExtendedKeyUsage.oid,
        x509.SubjectAlternativeName.oid,
        x509.NameConstraints.oid,
        x509.CertificatePolicies.oid,
    }
)
_WEAK = frozenset({"md5", "sha1"})
_UNREADABLE = "a certificate on the way to the root cannot be read"

Path: TypeAlias = "tuple[x509.Certificate, ...]"
Names: TypeAlias = "list[frozenset[tuple[str, str | bytes]]]"
T = TypeVar("T", bound=x509.ExtensionType)


def distrust(
    leaf: x509.Certificate,
    between: Sequence[x509.Certificate],
    roots: Sequence[x509.Certificate],
    at: datetime,
    *,
    checks: Iterator[int] | None = None,
) -> str:
    """Return why ``leaf`` is not to be believed at that time, or nothing when it is.

    ``between`` are certificates that may lie on the way; they are believed for
    nothing but their signatures. Of ``checks``, one is taken for each signature
    that is looked at; several searches may share them.
    """
    left = iter(range(CHECKS)) if checks is None else checks
    try:
        return _wrong_with_leaf(leaf, at) or _search(leaf, between, roots, at, left)
    except UNREADABLE:
        return _UNREADABLE


def _search(
    leaf: x509.Certificate,
    between: Sequence[x509.Certificate],
    roots: Sequence[x509.Certificate],
    at: datetime,
    checks: Iterator[int],
) -> str:
    reason = "no given root has issued the certificate"
    # Roots come last, so that they are tried first.
    issuers: dict[bytes, list[x509.Certificate]] = {}
    for certificate in dict.fromkeys((*between, *roots)):
        issuers.setdefault(names(certificate)[1], []).append(certificate)
    ways: list[Path] = [(leaf,)]
    while ways:
        way = ways.pop()
        if way[-1] in roots:
            return ""
        if len(way) >= LONGEST:
            reason = f"the way to a root is longer than {LONGEST} certificates"
            continue
        for issuer in issuers.get(names(way[-1])[0], ()):
            if issuer in way:
                continue
            if next(checks, None) is None:
                return "the certificates lead too many ways"
            try:
                wrong = _wrong_with_issuer(issuer, way, at)
            except UNREADABLE:
                # Another way may do without it.
                wrong = _UNREADABLE
            if wrong:
                reason = wrong
            else:
                ways.append((*way, issuer))
    return reason


def _wrong_with_leaf(leaf: x509.Certificate, at: datetime) -> str:
    usage = _extension(leaf, x509.KeyUsage)
    if usage is not None and not (usage.digital_signature or usage.content_commitment):
        return "the certificate is not for signing"
    return _wrong_with(leaf, at)


def _wrong_with_issuer(issuer: x509.Certificate, way: Path, at: datetime) -> str:
    constraints = _extension(issuer, x509.BasicConstraints)
    if constraints is None or not constraints.ca:
        return "a certificate is issued by one that may not issue any"
    usage = _extension(issuer, x509.KeyUsage)
    if usage is not None and not usage.key_cert_sign:
        return "a certificate is issued by one that may not issue any"
    below = sum(1 for certificate in way[1:] if certificate.subject != certificate.issuer)
    if constraints.path_length is not None and below > constraints.path_length:
        return "there are more certificates on the way than an issuer allows"
    issued = way[-1]
    hash_ = issued.signature_hash_algorithm
    if hash_ is not None and hash_.name in _WEAK:
        return "a certificate is signed with a digest that is weak"
    key = issuer.public_key()
    if isinstance(key, rsa.RSAPublicKey) and key.key_size not in RSA_BITS:
        return f"a certificate is signed with an RSA key of {key.key_size} bits"
    try:
        issued.verify_directly_issued_by(issuer)
    except (InvalidSignature, *UNREADABLE):
        return "a certificate is not signed by its issuer"
    return _wrong_with(issuer, at) or _outside(issuer, way)


def _wrong_with(certificate: x509.Certificate, at: datetime) -> str:
    """Return what is wrong with a certificate, wherever on the way it is."""
    if at < certificate.not_valid_before_utc:
        return f"a certificate is not valid before {certificate.not_valid_before_utc:%Y-%m-%d}"
    if at > certificate.not_valid_after_utc:
        return f"a certificate is not valid after {certificate.not_valid_after_utc:%Y-%m-%d}"
    purposes = _extension(certificate, x509.ExtendedKeyUsage)
    if purposes is not None and _PURPOSES.isdisjoint(purposes):
        return "a certificate is not for mail"
    for extension in certificate.extensions:
        if extension.critical and extension.oid not in _UNDERSTOOD:
            return "a certificate demands what is not understood"
    return ""


def _extension(certificate: x509.Certificate, kind: type[T]) -> T | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def _outside(issuer: x509.Certificate, way: Path) -> str:
    """Return a reason when a name on the way is not one that the issuer may name."""
    constraints = _extension(issuer, x509.NameConstraints)
    if constraints is None:
        return ""
    permitted, excluded = constraints.permitted_subtrees or (), constraints.excluded_subtrees or ()
    held, barred = (_mailboxes(trees) for trees in (permitted, excluded))
    fits, denied = (_directories(trees) for trees in (permitted, excluded))
    for certificate in way:
        subject = _plain(certificate.subject)
        if (
            any(_is_outside(mailbox, held, barred) for mailbox in addresses(certificate))
            or (subject and fits and not any(_begins(subject, tree) for tree in fits))
            or any(_begins(subject, tree) for tree in denied)
        ):
            return "a certificate names somebody its issuer may not name"
    return ""


def _mailboxes(trees: Iterable[x509.GeneralName]) -> list[str]:
    return [tree.value.lower() for tree in trees if isinstance(tree, x509.RFC822Name)]


def _directories(trees: Iterable[x509.GeneralName]) -> list[Names]:
    return [_plain(tree.value) for tree in trees if isinstance(tree, x509.DirectoryName)]


def _is_outside(mailbox: Address, held: Sequence[str], barred: Sequence[str]) -> bool:
    """Whether an address is not one of those permitted, or one of those excluded."""
    if not (held or barred):
        return False
    try:
        address = wire_addr_spec(mailbox.address).lower()
    except Misused:
        # What is no address cannot be said to be inside anything.
        return True
    return bool(held and not _among(address, held)) or _among(address, barred)


def _among(address: str, trees: Sequence[str]) -> bool:
    """Whether an address lies in one of the trees: an address, a host, or ``.domain``."""
    domain = address.rpartition("@")[2]
    for tree in trees:
        if "@" in tree:
            inside = address == tree
        else:
            inside = domain.endswith(tree) if tree.startswith(".") else domain == tree
        if inside:
            return True
    return False


def _plain(name: x509.Name) -> Names:
    """Return a name in the form in which it is compared, case and spaces aside (5280, 7.1)."""
    return [
        frozenset(
            (one.oid.dotted_string, " ".join(one.value.casefold().split()))
            if isinstance(one.value, str)
            else (one.oid.dotted_string, one.value)
            for one in part
        )
        for part in name.rdns
    ]


def _begins(subject: Names, tree: Names) -> bool:
    return subject[: len(tree)] == tree
