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

from collections.abc import Sequence
from datetime import datetime
from typing import TypeAlias, TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.x509.oid import ExtendedKeyUsageOID

from courriel.crypto.algorithm import names
from courriel.crypto.certificates import UNREADABLE, addresses
from courriel.model.address import Address
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

Path: TypeAlias = "tuple[x509.Certificate, ...]"
T = TypeVar("T", bound=x509.ExtensionType)


def distrust(
    leaf: x509.Certificate,
    between: Sequence[x509.Certificate],
    roots: Sequence[x509.Certificate],
    at: datetime,
) -> str:
    """Return why ``leaf`` is not to be believed at that time, or nothing when it is.

    ``between`` are certificates that may lie on the way; they are believed for
    nothing but their signatures.
    """
    try:
        return _wrong_with_leaf(leaf, at) or _search(leaf, between, roots, at)
    except UNREADABLE:
        return "a certificate on the way to the root cannot be read"


def _search(
    leaf: x509.Certificate,
    between: Sequence[x509.Certificate],
    roots: Sequence[x509.Certificate],
    at: datetime,
) -> str:
    reason = "no given root has issued the certificate"
    # Roots come last, so that they are tried first.
    issuers: dict[bytes, list[x509.Certificate]] = {}
    for certificate in dict.fromkeys((*between, *roots)):
        issuers.setdefault(names(certificate)[1], []).append(certificate)
    ways: list[Path] = [(leaf,)]
    checks = 0
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
            checks += 1
            if checks > CHECKS:
                return "the certificates lead too many ways"
            wrong = _wrong_with_issuer(issuer, way, at)
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
    for certificate in way:
        mailboxes = addresses(certificate)
        held = [tree.value for tree in permitted if isinstance(tree, x509.RFC822Name)]
        barred = [tree.value for tree in excluded if isinstance(tree, x509.RFC822Name)]
        subject = certificate.subject.rdns
        fits = [tree for tree in permitted if isinstance(tree, x509.DirectoryName)]
        denied = [tree for tree in excluded if isinstance(tree, x509.DirectoryName)]
        if (
            any(held and not _among(mailbox, held) for mailbox in mailboxes)
            or any(_among(mailbox, barred) for mailbox in mailboxes)
            or (fits and not any(_begins(subject, tree) for tree in fits))
            or any(_begins(subject, tree) for tree in denied)
        ):
            return "a certificate names somebody its issuer may not name"
    return ""


def _among(mailbox: Address, trees: Sequence[str]) -> bool:
    """Whether a mailbox lies in one of the trees: an address, a host, or ``.domain``."""
    address, domain = mailbox.address.lower(), mailbox.domain.lower()
    for tree in map(str.lower, trees):
        if "@" in tree:
            inside = address == tree
        else:
            inside = domain.endswith(tree) if tree.startswith(".") else domain == tree
        if inside:
            return True
    return False


def _begins(subject: Sequence[object], tree: x509.DirectoryName) -> bool:
    return list(subject[: len(tree.value.rdns)]) == list(tree.value.rdns)
